# Many records in one request whose outcome nobody could tell, read back from a
# CRM that takes longer for all of them than a claim holds: the claim is renewed
# while they are read. Fails when the worker claims what it is reading already,
# whose end is then refused as stale, and so for ever, with the records busy.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs qw(key settled);
use Test::CRM::Recovery;

my $many = 12;
my $slow_ms = 400;      # below the third of a lease that one read may take

redis_start();
crm_start();
receiver_start();

crm_rules(<<'EOT');
kind: workflow_rule
name: edited
module: Deals
execute_when: { type: edit }
conditions:
  - criteria: null
    instant_actions: [ { type: webhooks, name: tell } ]
---
kind: webhook
name: tell
module: Deals
url: $HOOK/deal
http_method: POST
body: { type: raw, format: JSON, content: '{"n":"${!Deals.N}"}' }
EOT

nginx_start(extra => 'crm_backend_max_time 3s; proxy_read_timeout 3s; crm_lease_wait 100ms;',
            http => crm_http_config('timeout=3s'));

my @ids = map { 4150868000000800000 + $_ } 1 .. $many;

crm_seed('Deals', $_, '{"N":"1"}') for @ids;

# A write of all of them that nobody knows the end of: N is $n then. It is slow
# to be read from the first moment on, lest it be settled before it is seen.
sub write_in_doubt {
    my ($n) = @_;

    crm_delay(ms => $slow_ms, method => 'GET');
    crm_fail(fault => 'truncate', commit => 1, method => 'PUT', times => 1);

    my $r = http(PUT => '/crm/v8/Deals', headers => [ 'Content-Type' => 'application/json' ], timeout => 20,
                 body => '{"data":[' . join(',', map { qq({"id":"$_","N":"$n"}) } @ids) . ']}');
    my ($event) = intents();

    ok($event, 'nobody knows what became of the write') or diag($r->{status});
    hooks_reset();

    return $event;
}

sub told {
    my ($n) = @_;

    ok(eval { wait_for { hooks() >= $many } 'the webhooks', 30 }, 'each record has its webhook') or diag($@);
    is(scalar(grep { json_decode($_->{body})->{n} ne $n } hooks()), 0, 'of what it is now');
}

my $pid = spawn(name => 'slow', cmd => worker_command('--backend', backend_url(), '--lease', '3s'));
my $event = write_in_doubt(2);

ok(eval { wait_for { !intents() } 'recovery', 40 }, 'a claim lasts as long as its records are read') or diag($@);
is(settled_as($event), 'committed', 'and what was done is known to be done');
crm_delay(ms => 0);
wait_for { !leases() } 'the leases';
is(scalar undetermined(), 0, 'by nobody twice');
told(2);

# Another worker has claimed it meanwhile, so it seems: what is read is given up.

$event = write_in_doubt(3);
wait_for { redis('HGET', key("intent:$event"), 'fence') } 'a claim';
redis('HINCRBY', key("intent:$event"), 'fence', 1);
wait_for { slurp(work_dir() . '/slow.log') =~ /claim lost, org:\S+ event:$event/ } 'the claim that is lost';
is(scalar intents(), 1, 'a claim that is lost ends nothing');
due_now($event);
ok(eval { wait_for { !intents() } 'recovery', 40 }, 'whoever claims it next does') or diag($@);
is(settled_as($event), 'committed', 'well');
crm_delay(ms => 0);
told(3);

stop_process($pid);
done_testing();
