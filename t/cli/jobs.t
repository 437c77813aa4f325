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
