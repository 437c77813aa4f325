# An escalation whose worker is killed, or whose Redis is rude, at each of its
# steps: the level is done, once. It would fail by two mails to the manager, or
# by a case that nobody hears of any more.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use POSIX qw(strftime);
use Test::More;
use Test::CRM;
use Test::CRM::Chain;
use Test::CRM::Jobs;
use Test::CRM::People;
use Test::CRM::Recovery;
use Test::CRM::Rude;

redis_start();
crm_start();
receiver_start();
rude_start();
crm_rules(people(roles => [qw(Boss Rep)], users => [ { id => 1, role => 'Rep' }, { id => 2, role => 'Boss' } ])
          . <<'EOR');
kind: organization
mail_from: crm@example.test
---
kind: escalation_rule
name: Cases
module: Cases
entries:
  - criteria: { field: Status, comparator: equal, value: Open }
    levels:
      - { after: { unit: 4, period: hours }, to: { type: manager }, actions: [ { type: webhooks, name: overdue } ] }
      - { after: { unit: 400, period: days }, to: { type: manager } }
---
kind: webhook
name: overdue
module: Cases
url: $HOOK/overdue
http_method: POST
EOR

my $key = chain_key_file();

nginx_start(extra => "crm_chain_key_file $key;");


my $serial = 0;
my $created = strftime('%Y-%m-%dT%H:%M:%SZ', gmtime(time - 5 * 3600));

# A case that is five hours old, and its timer.
sub overdue {
    my $id = ++$serial;

    crm_seed('Cases', $id, qq({"Status":"Open","Owner":{"id":"1"},"Created_Time":"$created"}));
    redis('DEL', key('delayed'));
    is(http(PUT => "/crm/v8/Cases/$id", body => '{"data":[{"A":1}]}')->{status}, 200, "case $id");
    wait_for { redis('ZCARD', key('intents')) == 0 && redis('ZCARD', key('delayed')) == 1 } 'its timer';
    hooks_reset();

    return $id;
}

sub by_rude { return ('--redis', 'unix:' . rude_sock(), '--backend', guarded_url(), '--chain-key-file', $key, @_) }

# What has come of it, when all that is left is done.
sub is_done {
    my ($id, $what) = @_;

    rude();
    lease_over();

    for (1 .. 3) {
        my $r = worker_once('--backend', guarded_url(), '--chain-key-file', $key);

        is($r->{rc}, 0, 'a worker') or diag $r->{err};
        redis('ZADD', key('delayed'), 'XX', 1, $_)
            for grep { !/^escalation:/ || redis('ZSCORE', key('delayed'), $_) < (time + 86_400) * 1000 }
                @{ redis('ZRANGE', key('delayed'), 0, -1) };
    }

    my ($done) = (redis('HGET', key("record:Cases/$id"), 'escalation') // '') =~ /"done":(\d+)/;


    # a worker that is killed as it delivers leaves that to another, under the same id

    my %ids = map { $_->{header}{'webhook-id'} => 1 } hooks();

    is(scalar(keys %ids), 1, "$what: the level is done, once");
    is(json_decode(crm_record('Cases', $id))->{Owner}{id}, '2', 'the case is the manager\'s');
    is($done, 1, 'that is known');
    is(redis('ZCARD', key('delayed')), 1, 'and the next level waits');
    is(redis('ZCARD', key('lease')), 0, 'nothing is held any more');
}

# --- killed -------------------------------------------------------------------------

my $id = overdue();

crm_freeze();

my $pid = spawn(name => 'worker', env => Test::CRM::worker_env(), cmd => worker_command(by_rude()));

wait_for { redis('ZCARD', key('lease')) } 'a worker that has it', 20;
kill 'KILL', $pid;
wait_for { !is_alive($pid) } 'its end';
crm_thaw();
is_done($id, 'killed as it reads the record');

for (['HGET', 0, 'before it knows what was done'], ['commit', 0, 'before the commit'], ['commit', 1, 'behind the commit'],
     ['timer', 0, 'before the timer is set'], ['timer', 1, 'behind it'])
{
    my ($on, $after, $what) = @$_;

    $id = overdue();

    my $talks = rude_talks();

    rude({ on => $on, close => 1, after => $after });
    $pid = spawn(name => 'worker', env => Test::CRM::worker_env(), cmd => worker_command(by_rude()));
    wait_for { rude_talks() > $talks + 1 } "$on", 20;
    kill 'KILL', $pid;
    wait_for { !is_alive($pid) } 'its end';
    is_done($id, "killed $what");
}

# --- a Redis that says what it should not ----------------------------------------------

for my $on (qw(HGET commit timer)) {
    for my $lie ('ERR', 'READONLY', 'a list of lists', 'an unknown word', 'an integer') {
        $id = overdue();
        rude({ on => $on, reply => $Lies{ $lie eq 'ERR' || $lie eq 'READONLY' ? "-$lie" : $lie }, times => 1 });

        my $r = worker_once(by_rude());

        is($r->{rc}, 0, "$on: $lie") or diag $r->{err};
        is_done($id, "$on answers $lie");
    }
}

# --- a Redis that is gone for a while --------------------------------------------------

$id = overdue();
crm_freeze();
$pid = spawn(name => 'worker', env => Test::CRM::worker_env(),
             cmd => worker_command('--backend', guarded_url(), '--chain-key-file', $key));
wait_for { redis('ZCARD', key('lease')) } 'a worker that has it', 20;
redis_stop();
crm_thaw();
redis_start();
wait_for { hooks() } 'the level, when Redis is back', 60;
kill 'TERM', $pid;
wait_for { !is_alive($pid) } 'the end of the worker', 60;
is_done($id, 'without Redis for a while');
is(join(' ', map { $_->{reason} } grep { $_->{reason} !~ /no email/ } dead()), '', 'nothing is dead but the mail to who has no address');

done_testing();
