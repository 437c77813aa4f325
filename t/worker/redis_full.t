# A Redis whose memory or disk is full while a timer has come, and while a
# function sends a mail with attachments: where it takes nothing more (its disk)
# what was to be done waits, where it takes what ends (its memory) it is done; in
# either case once, and whole. It would fail by a level or a mail that is lost,
# or that comes twice.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use MIME::Base64;
use POSIX qw(strftime);
use Test::More;
use Test::CRM;
use Test::CRM::Chain;
use Test::CRM::Jobs;
use Test::CRM::Mail;
use Test::CRM::Rude;

plan skip_all => 'a function is /proc/self/exe, which is memcheck here' if $ENV{CRM_TEST_VALGRIND};

redis_start();
crm_start();
receiver_start();
relay_start();
rude_start();

crm_rules(">>> rules.yaml\n" . <<'EOT' . <<'EOT');
kind: organization
mail_from: crm@x.test
---
kind: profile
name: P
---
kind: user
id: "2"
profile: P
email: boss@x.test
---
kind: escalation_rule
name: Old
module: Cases
entries:
  - criteria: { field: Status, comparator: equal, value: Open }
    levels: [ { after: { unit: 4, period: hours }, to: { type: user, id: "2" }, actions: [ { type: webhooks, name: hook } ] } ]
---
kind: workflow_rule
name: Due
module: Deals
execute_when: { type: date_or_datetime, details: { field: Due } }
conditions: [ { criteria: null, instant_actions: [ { type: webhooks, name: told } ] } ]
---
kind: webhook
name: hook
module: Cases
url: $HOOK/case
http_method: POST
---
kind: webhook
name: told
module: Deals
url: $HOOK/deal
http_method: POST
---
kind: function
name: bill
file: bill.dg
arguments: [ { name: id, type: text } ]
---
kind: workflow_rule
name: Bill
module: Orders
execute_when: { type: edit }
conditions: [ { criteria: null, instant_actions: [ { type: functions, name: bill, arguments: { id: "${!Orders.id}" } } ] } ]
EOT
>>> bill.dg
sendmail [ from: "crm@x.test" to: "a@x.test" subject: "bill " + id message: "see there"
           attachments: file: "x".repeat(5000).toFile("bill.txt"), file: "note".toFile("note.txt") ]
EOT

my $key = chain_key_file();

nginx_start(extra => "crm_chain_key_file $key;");

my @worker = ('--backend', guarded_url(), '--chain-key-file', $key,
              '--smtp', relay_url(), '--smtp-tls', 'none');
my %full = (memory => "-OOM command not allowed when used memory > 'maxmemory'.\r\n",
            disk => "-MISCONF Errors writing to the AOF file: No space left on device\r\n");
my $n = 0;

sub writes { is(http(PUT => "/crm/v8/$_[0]", body => "{\"data\":[$_[1]]}")->{status}, 200, "$_[0] is written") }

sub settles {
    wait_for { redis('ZCARD', key('intents')) == 0 } 'the end of the write';
    hooks_reset();
    mails_reset();
}

# Each begins something that a worker is to end.
my %begin = (
    'a level' => sub {
        my $created = strftime('%Y-%m-%dT%H:%M:%SZ', gmtime(time - 5 * 3600));

        crm_seed('Cases', ++$n, qq({"Status":"Open","Owner":{"id":"1"},"Created_Time":"$created"}));
        writes("Cases/$n", '{"A":1}');
    },
    'a date' => sub {
        my $day = strftime('%Y-%m-%d', gmtime(time + 86_400));
        my $today = strftime('%Y-%m-%d', gmtime(time));

        crm_seed('Deals', ++$n, '{"Due":null}');
        writes("Deals/$n", qq({"Due":"$day"}));
        wait_for { redis('ZCARD', key('delayed')) == 1 } 'its timer';
        crm_seed('Deals', $n, qq({"Due":"$today"}));
        redis('ZADD', key('delayed'), 'XX', 1, $_) for @{ redis('ZRANGE', key('delayed'), 0, -1) };
    },
    'a mail' => sub {
        crm_seed('Orders', ++$n, '{}');
        writes("Orders/$n", '{"A":1}');
    },
);

# By Redis itself, or by one that says that it is full.
sub once {
    my ($how) = @_;
    my $r = worker_once($how ? ('--redis', 'unix:' . rude_sock()) : (), @worker);

    is($r->{rc}, 0, 'a worker') or diag $r->{err};
}

sub done_once {
    my ($what, $how) = @_;

    rude();
    wait_for {
        lease_over();
        redis('ZADD', key('delayed'), 'XX', 1, $_) for @{ redis('ZRANGE', key('delayed'), 0, -1) };
        once();
        !redis('ZCARD', key('delayed')) && !redis('ZCARD', key('lease'))
            && !grep { redis('LLEN', key("queue:$_")) || redis('LLEN', key("ready:$_")) } qw(functions webhooks emails records);
    } 'the end', 60;

    my %hooks = map { $_->{header}{'webhook-id'} => 1 } hooks();
    my %mails = map { $_->{headers}{'message-id'} => $_ } mails();

    if ($what eq 'a mail') {
        my ($mail) = values %mails;

        is(scalar(keys %mails), 1, "$how: the mail goes, once");
        is_deeply([ map { [ @$_{qw(file base64)} ] } grep { $_->{file} } @{ $mail->{parts} } ],
                  [ [ 'bill.txt', encode_base64('x' x 5000, '') ], [ 'note.txt', encode_base64('note', '') ] ],
                  "$how: its attachments are whole") or diag explain $mail;
        return;
    }

    is(scalar(keys %hooks), 1, "$how: $what is done, once");
    is(json_decode(crm_record('Cases', $n))->{Owner}{id}, '2', "$how: the case has its new owner") if $what eq 'a level';
}

for my $what (sort keys %begin) {
    for my $on ($what eq 'a mail' ? qw(remember done) : $what eq 'a level' ? qw(HGET commit timer) : qw(commit timer)) {
        for my $why (sort keys %full) {
            settles();
            $begin{$what}->();
            hooks_reset();
            rude({ on => $on, reply => $full{$why}, times => 1 });
            once('rude');
            done_once($what, "$what, its $why is full at $on");
        }
    }

    # Redis itself, whose memory is full meanwhile
    settles();
    $begin{$what}->();
    hooks_reset();
    wait_for { redis('ZCARD', key('intents')) == 0 } 'the end of the write';
    redis('CONFIG', 'SET', 'maxmemory', '1mb');
    eval { redis('SET', 'filler', 'x' x 100) };
    like($@, qr/OOM/, "$what: Redis takes no more");
    ok(eval { wait_for { once(); hooks() + mails() } 'what ends', 20 }, "$what, in a full Redis: what ends is done") or diag $@;
    redis('CONFIG', 'SET', 'maxmemory', 0);
    done_once($what, "$what, in a Redis that was full");
}

is(join(' ', map { $_->{reason} } dead()), '', 'nothing is dead');

done_testing();
