# Jobs are found wherever they are, by what is known of them. Broken, nobody
# learns why a mail never came.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs;
use Test::CRM::Mail;

redis_start();
receiver_start();
relay_start();

sub ls {
    my $r = crmctl('jobs', 'ls', '-o', 'json', @_);

    is($r->{rc}, 0, "jobs ls @_") or diag($r->{err});
    return json_decode($r->{out});
}

sub ids { return join ',', sort map { $_->{id} } @{ ls(@_)->{jobs} } }


my $empty = ls();
is_deeply([ $empty->{matched}, @{ $empty->{jobs} } ], [ 0 ], 'none is none');

# One dead, one delayed, one at the entrance; one that is no job at all.
hooks_answer(path => '/410', status => 410);
hooks_answer(path => '/500', status => 500);
relay_answers({ at => 'RCPT', to => 'never@example.test', say => '550 no' });

my $gone = push_job(url => receiver_url('/410'));
my $late = push_job(url => receiver_url('/500'));
my $mail = push_mail(to => [ 'never@example.test' ]);
push_text('no job');
mail_once();
my $new = push_mail();

my $all = ls();
my %job = map { $_->{id} => $_ } @{ $all->{jobs} };

is_deeply($all->{states}, { waiting => 1, ready => 0, leased => 0,
                            delayed => 1, dead => 3 }, 'each is counted');
is($job{$gone}{state}, 'dead', 'one is dead');
like($job{$gone}{error}, qr/^status_410/, 'and says why');
is($job{$late}{state}, 'delayed', 'one is delayed');
is($job{$late}{attempts}, 1, 'after an attempt');
cmp_ok($job{$late}{due}, '>', $job{$late}{at}, 'and knows until when');
is($job{$late}{endpoint}, receiver_url(), 'and whither');
is($job{$mail}{class}, 'emails', 'a dead mail is one of mail');
is($job{$new}{state}, 'waiting', 'one is at the entrance');
ok($job{''}, 'what was no job is listed, too');

is(ids('--state', 'delayed'), $late, 'by state');
is(ids('--class', 'emails', '--state', 'dead'), $mail, 'by class');
is(ids('--endpoint', receiver_url()), join(',', sort $gone, $late),
   'by endpoint');
is(ids('--record', 'Leads/4150868000000624033', '--state', 'dead'),
   join(',', sort $gone, $mail), 'by record');
is(ids('--rule', 'hot'), join(',', sort $gone, $late, $mail, $new),
   'by rule');
is(ids('--rule', 'other'), '', 'by a rule that made none');
is(ids('--since', '1h', '--class', 'webhooks'),
   join(',', sort $gone, $late), 'by age');

# What workers have counted: three attempts, none of them delivered.
my $counts = json_decode(crmctl('status', '-o', 'json')->{out})->{attempts};
my %none = (delivered => 0, failed => 0, busy => 0, dead => 0, age_ms => 0,
            within_ms => { map { $_ => 0 } qw(1000 5000 30000 120000 600000
                           3600000 21600000 86400000 all) });

is_deeply($counts, { webhooks => { %none, failed => 1, dead => 1 },
                     emails => { %none, dead => 1 }, records => \%none,
                     functions => \%none, scores => \%none }, 'attempts are counted');

redis('DEL', key('queue:emails'));
push_mail(id => 'new1');
redis('SADD', key('own'), 'new2');
redis('RPUSH', key('queue:emails'), mail_json(id => 'new2')
      =~ s/"enqueued_at":\d+/'"enqueued_at":' . time . '000'/er);
mail_once();
$counts = json_decode(crmctl('status', '-o', 'json')->{out})->{attempts};
is($counts->{emails}{delivered}, 2, 'so are deliveries');
is($counts->{emails}{within_ms}{all}, 2, 'with their age');
is($counts->{emails}{within_ms}{86400000}, 1, 'the one that is old');
is($counts->{emails}{within_ms}{600000}, 1, 'the one that is not');
cmp_ok($counts->{emails}{age_ms}, '>', 86_400_000, 'and all together');
like(crmctl('status')->{out}, qr/^emails +2 +0 +0 +1 +more$/m,
     'status shows it to people');
push_mail(id => $new);

my $r = crmctl('jobs', 'ls', '--state', 'dead');
like($r->{out}, qr/^$gone +dead +webhooks +hot +Leads\/\d+ +1 +\d+ s +status_410/m,
     'a row for people');
like($r->{out}, qr/^0 waiting, 0 ready, 0 leased, 0 delayed, 3 dead$/m,
     'and the counts');

$r = crmctl('jobs', 'show', $mail);
my $shown = json_decode($r->{out});
is($shown->{job}{action}{to}[0], 'never@example.test', 'show has it whole');
like($shown->{error}, qr/^status_550/, 'with what became of it');

$r = crmctl('jobs', 'show', 'nobody');
is($r->{rc}, 1, 'a job that is not there');
like($r->{err}, qr/no job "nobody"/, 'is said to be none');

for ([ 'jobs', 'lost' ], [ 'jobs', 'show' ], [ 'jobs', 'ls', 'x' ],
     [ 'jobs', 'ls', '--state', 'daed' ], [ 'jobs', 'ls', '--class', 'mail' ],
     [ 'jobs', 'ls', '--since', 'yesterday' ],
     [ 'jobs', 'ls', '--since', '99999999999999999999d' ])
{
    is(crmctl(@$_)->{rc}, 64, "@$_ is wrong use");
}

like(crmctl('jobs', 'ls', '--state', 'daed')->{err},
     qr/did you mean "dead"/, 'the nearest is named');

done_testing();
