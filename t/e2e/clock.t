# F31: clocks that step by a day, or a second, of nginx, of crm-worker, of Redis, forward and
# back, between two writes and within one. Leases and due times are Redis' own,
# waits run on a clock that does not step: nothing is lost or sent twice, no
# lock is bypassed, and everything goes on.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Clock;

plan skip_all => 'the sanitizers are preloaded' if $ENV{CRM_TEST_ASAN};

my $day = 86400;
with_clock(redis => sub { redis_start() });
crm_start();
receiver_start();
crm_rules(<<'EOT');
kind: workflow_rule
name: told
module: Deals
execute_when: { type: create_or_edit }
conditions: [ { criteria: null, instant_actions: [ { type: webhooks, name: hook } ] } ]
---
kind: webhook
name: hook
module: Deals
url: $HOOK/deals
http_method: POST
---
kind: record_locking
module: Deals
lock_type: automatic
locking_rules:
  - name: won
    lock_existing_records: true
    criteria: { field: Stage, comparator: equal, value: Won }
EOT

with_clock(nginx => sub { nginx_start(extra => 'crm_commit_wait 20s;') });
with_clock(worker => sub { worker_start('--backend', guarded_url()) });

my $hooks = 0;
my $id = 100;

sub put {
    my ($n, $body) = @_;

    return http(PUT => "/crm/v8/Deals/$n", body => "{\"data\":[$body]}", timeout => 30);
}

# A write is done, its webhook arrives; a locked record stays locked.
sub all_is_well {
    my ($what) = @_;

    my $n = ++$id;

    crm_seed('Deals', $n, '{"Stage":"New"}');
    is(put($n, '{"Stage":"Won"}')->{status}, 200, "$what: a write is done");
    is(put($n, '{"Stage":"New"}')->{status}, 400, "$what: the lock holds");
    $hooks++;
    wait_for { hooks() >= $hooks } "the webhook, $what";
    is(scalar hooks(), $hooks, "$what: its webhook, once");
    is(redis('ZCARD', 'crm:{acme}:intents'), 0, "$what: nothing is in doubt");
    is(redis('EXISTS', "crm:{acme}:busy:Deals/$n"), 0, "$what: nothing is busy");
}

# One under way while a clock steps.
sub within {
    my ($clock, $by, $delayed, $n) = @_;

    crm_seed('Deals', $n, '{"Stage":"New"}');
    crm_clear_log();
    crm_hold(method => $delayed, times => 1);

    my ($r) = in_parallel(2, sub {
        my ($i) = @_;

        return put($n, '{"Stage":"Won"}') if $i == 0;
        wait_for { grep { $_->{method} eq $delayed } crm_log() } "the $delayed";
        set_clock($clock, $by);
        crm_release();
        return {};
    });

    return $r;
}

all_is_well('no step');

for my $clock (qw(nginx worker redis)) {
    for my $by ($day, -$day, 1, 0) {
        set_clock($clock, $by);
        all_is_well("F31: $clock at $by s");
    }
}

# Within a write, nginx' own: nobody notices.
for my $by ($day, 0) {
    my $r = within('nginx', $by, 'PUT', ++$id);

    is($r->{status}, 200, "nginx steps to $by s within a write: done");
    is($r->{headers}{'crm-event-state'}, undef, 'and committed');
    $hooks++;
    wait_for { hooks() >= $hooks } 'the webhook';
}

# Redis', back: leases last longer, and are given back nevertheless.
my $r = within('redis', -$day, 'PUT', ++$id);

is($r->{status}, 200, 'Redis steps back within a write: done');
is($r->{headers}{'crm-event-state'}, undef, 'and committed');
is(redis('EXISTS', "crm:{acme}:busy:Deals/$id"), 0, 'its lease is given back');
is(put($id, '{"Stage":"New"}')->{status}, 400, 'the lock holds');
$hooks++;
wait_for { hooks() >= $hooks } 'the webhook';

# Forward, before the intent is complete: the lease is gone, so is the write.
$r = within('redis', $day, 'GET', ++$id);
is($r->{status}, 503, 'Redis steps forward before prepare: closed');
is(scalar crm_writes(), 0, 'and the backend has seen nothing');
wait_for { redis('ZCARD', 'crm:{acme}:intents') == 0 } 'the abort';
all_is_well('behind that');

# Forward, while the backend works: jobs are pushed, though the lease is gone.
$r = within('redis', 2 * $day, 'PUT', ++$id);
is($r->{status}, 200, 'Redis steps forward within a write: done');
$hooks++;
wait_for { hooks() >= $hooks } 'the webhook';
is(put($id, '{"Stage":"New"}')->{status}, 400, 'the lock holds');
is(redis('EXISTS', "crm:{acme}:busy:Deals/$id"), 0, 'nothing is busy');
all_is_well('behind that');

# Forward, while a receiver thinks, longer than it takes until leases are looked
# at: the worker renews its own instead of taking it for another's.
hooks_answer(delay_ms => 7000, times => 1);
crm_seed('Deals', ++$id, '{"Stage":"New"}');
put($id, '{"Stage":"Won"}');
$hooks++;
wait_for { hooks() >= $hooks } 'the webhook';
set_clock('redis', 3 * $day);
wait_for { !@{ redis('KEYS', 'crm:{acme}:job:*') } } 'its end', 20;
is(scalar hooks(), $hooks, 'Redis steps forward within a delivery: it is not sent again');
all_is_well('behind that');

is(scalar hooks(), $hooks, 'no webhook too many in the end');
is(worker_stop(), 0, 'the worker ends well');
is(nginx_stop(), undef, 'nginx ends well');

done_testing();
