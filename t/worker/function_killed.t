# F29: crm-worker killed with -9 in the middle of a function that writes to the
# CRM three times: before it has heard what came of a write, and with the answer
# in its hands and nothing of it remembered. It would fail by a write that the
# next run makes again, by one that is left out, or by one under another key.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Chain;
use Test::CRM::Jobs qw(key dead lease_over);

plan skip_all => 'a function is /proc/self/exe, which is memcheck here' if $ENV{CRM_TEST_VALGRIND};

redis_start();
crm_start();

crm_rules(<<'EOR');
>>> rules.yaml
kind: function
name: three
file: three.dg
arguments: [ { name: id, type: text } ]
---
kind: workflow_rule
name: three
module: Deals
execute_when: { type: edit }
conditions:
  - criteria: { field: Stage, comparator: equal, value: Won }
    instant_actions: [ { type: functions, name: three, arguments: { id: "${!Deals.id}" } } ]
>>> three.dg
account = zoho.crm.getRecordById("Accounts", "7");
zoho.crm.updateRecord("Accounts", "7", {"Total": account.get("Total") + 100});
task = zoho.crm.createRecord("Tasks", {"Subject": "call " + id});
zoho.crm.updateRecord("Deals", id, {"Posted": account.get("Total") + 100});
EOR

my $key = chain_key_file();

nginx_start(extra => "crm_chain_key_file $key; crm_backend_max_time 4s; proxy_read_timeout 3s;");

my @worker = ('--backend', guarded_url(), '--chain-key-file', $key,
              '--lease', '3s');

sub busy { return map { redis('ZCARD', key($_)) } qw(intents lease delayed) }

sub drain {
    wait_for {
        my $r = worker_once(@worker);

        die "crm-worker: exit $r->{rc}\n$r->{err}" if $r->{rc};
        redis('LLEN', key('queue:functions')) == 0 && !grep { $_ } busy();
    } 'the function has its end', 60;
}

# Those of functions: each has the id of its effect for a key.
sub writes { return grep { ($_->{header}{'idempotency-key'} // '') =~ /:\d+\z/ } crm_writes() }

sub reached {
    my ($method, $module) = @_;

    return grep { $_->{method} eq $method && $_->{target} =~ m{/$module\b} } writes();
}

# The three writes, as the CRM sees them.
my @three = ([ PUT => 'Accounts' ], [ POST => 'Tasks' ], [ PUT => 'Deals' ]);

crm_seed('Accounts', 7, '{"Total":0}');

my $n = 0;

sub killed_at {
    my ($method, $module, $how) = @_;
    my $what = "F29: killed at the write of $module, $how";

    $n++;
    crm_seed('Deals', $n, '{}');
    is(http(PUT => "/crm/v8/Deals/$n", body => '{"data":[{"Stage":"Won"}]}')->{status}, 200, "$what: it begins");
    crm_clear_log();
    crm_hold(method => $method, match => "/$module", times => 1);

    my $pid = spawn(name => "worker$n", cmd => worker_command(@worker));

    wait_for { reached($method, $module) } 'the write at the CRM';

    if ($how eq 'with its answer') {
        kill 'STOP', $pid;
        crm_release();
        wait_for { !redis('ZCARD', key('intents')) } 'the end of the write in nginx';
    }

    kill_process($pid);
    crm_release();
    lease_over();
    drain();

    my @writes = writes();
    my %keys = map { $_->{header}{'idempotency-key'} => 1 } @writes;

    is(scalar @writes, 3, "$what: three writes have reached the CRM") or diag explain [ map { $_->{target} } @writes ];
    is(scalar keys %keys, 3, "$what: each under its own key");
    is(json_decode(crm_record('Accounts', 7))->{Total}, 100 * $n, "$what: counted once");
    is(json_decode(crm_record('Deals', $n))->{Posted}, 100 * $n, "$what: and what follows goes by what was read at first");
}

for my $how ('unheard', 'with its answer') {
    killed_at(@$_, $how) for @three;
}

is(scalar(reached(POST => 'Tasks')), 1, 'F29: the last run has made its task once');
is(() = dead(), 0, 'F29: nothing is dead');
is(() = redis('KEYS', key('effects:*'))->@*, $n, 'F29: each run is remembered by itself')
    or diag explain redis('KEYS', key('effects:*'));

done_testing();
