# Schedules: a clock calls functions. It would fail by a run that two workers
# make, by one that is lost while no worker is there, by one beside another that
# goes on, or by a failure that nobody can see.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs qw(key dead);

redis_start();
receiver_start();

my $base = receiver_url();
my $day = 86400;
my $t0 = time;
my @now = gmtime($t0 - 3 * $day);
my $start = sprintf('%04d-%02d-%02dT%02d:%02d:%02d', $now[5] + 1900, $now[4] + 1, @now[3, 2, 1, 0]);
my $tomorrow = $t0 + $day;

sub schedule {
    my ($name, $function, $more) = @_;

    return "---\nkind: schedule\nname: $name\nfunction: $function\n"
           . "start: $start\nfrequency: daily\narguments: { base: \"$base\", n: \"\${!Variables.batch}\" }\n$more\n";
}

my %more = (
    plain   => '',
    skips   => 'misfire: skip',
    all     => 'misfire: run_all',
    limited => "misfire: run_all\nend: { after_runs: 2 }",
    queues  => 'overlap: queue',
);
my @race = map { "race$_" } 1 .. 6;

my $functions = <<"EOT";
kind: variable
api_name: batch
type: integer
value: 7
---
kind: function
name: hook
file: hook.dg
arguments: [ { name: base, type: text }, { name: n, type: integer } ]
---
kind: function
name: breaks
file: breaks.dg
arguments: [ { name: base, type: text }, { name: n, type: integer } ]
---
kind: function
name: spins
file: spins.dg
arguments: [ { name: base, type: text }, { name: n, type: integer } ]
EOT
my $files = <<'EOT';
>>> hook.dg
info "batch " + (n + 1);
invokeurl [ url: base + "/run" type: POST parameters: {"n": n} ];
>>> breaks.dg
info "before";
throw "no more";
>>> spins.dg
s = "x".repeat(1000000);
for each i in "a,".repeat(1000).toList(",") {
    for each j in "a,".repeat(1000).toList(",") {
        n = s.indexOf("y") + s.lastIndexOf("y") + s.indexOf("z") + s.lastIndexOf("z") + s.indexOf("xy") + s.lastIndexOf("xy") + s.indexOf("xz") + s.lastIndexOf("xz");
    }
}
EOT

sub rules {
    my (@names) = @_;

    return ">>> rules.yaml\n$functions"
           . join('', map { schedule($_, /^(?:breaks|spins)\z/ ? $_ : 'hook', $more{$_} // '') } @names) . $files;
}

sub apply {
    my @names = @_;

    crm_rules(rules(@names));
    drain();
}

sub drain {
    my $r = worker_once('--allow-private', '127.0.0.0/8');

    is($r->{rc}, 0, 'crm-worker ends') or diag $r->{err};
}

sub id_of {
    my ($name) = @_;
    my %ids = @{ redis('HGETALL', key('schedules')) };

    for my $id (keys %ids) {
        return $id if $ids{$id} eq $name;
    }

    die "no schedule $name";
}

# Its tick was due so many seconds before the next, and is found now.
sub overdue {
    my ($name, $ago) = @_;

    return due_at($name, due_of($name) - $ago);
}

sub due_at {
    my ($name, $due) = @_;
    my $id = id_of($name);
    my $body = redis('HGET', key("job:$id"), 'body');

    $body =~ s/"due":\d+/"due":${due}000/ or die "no due in $body";
    redis('HSET', key("job:$id"), 'body', $body);
    redis('ZADD', key('delayed'), 'XX', 1, $id);

    return;
}

sub audit { return map { json_decode($_->[1][1]) } @{ redis('XRANGE', key('scheduled'), '-', '+') } }
sub told { return map { json_decode($_->[1][1]) } @{ redis('XRANGE', key('runs'), '-', '+') } }
sub due_of { return redis('ZSCORE', key('delayed'), id_of($_[0])) / 1000 }
sub ran { return scalar grep { $_->{target} eq '/run' } hooks() }

# A run of the same second would live through what the last one has seen.
sub fresh {
    hooks_reset();
    redis('DEL', key('scheduled'), key('runs'), @{ redis('KEYS', key('effects:*')) });
    return;
}

apply(sort keys %more);

is(due_of('plain'), $tomorrow, 'a daily schedule that began three days ago is due tomorrow');
is(redis('ZCARD', key('delayed')), 5, 'each has a tick') or diag explain redis('ZRANGE', key('delayed'), 0, -1);
is(ran(), 0, 'and nothing has run yet');

# On time.
overdue('plain', $day);
drain();
is(ran(), 1, 'a tick that is due runs its function');
is((hooks())[0]{body}, 'n=7', 'with variables as arguments');
is(due_of('plain'), $tomorrow, 'and waits for the next');

{
    my ($run) = audit();
    my ($told) = told();

    is_deeply([ @$run{qw(schedule function status by due attempt)} ],
              [ 'plain', 'hook', 'done', 'clock', ($tomorrow - $day) * 1000, 1 ], 'the run is audited');
    is($told->{log}, "batch 8\n", 'what it told is kept');
    is($told->{job}, $run->{job}, 'with the run');
}

# The worker was down.
fresh();
overdue('plain', 3 * $day);
drain();
is(ran(), 1, 'run_once: one run for three that were missed');
is_deeply([ map { "$_->{status} " . ($_->{count} // '') } audit() ], [ 'missed 2', 'done ' ], 'and the audit says so');
is(due_of('plain'), $tomorrow, 'the next is the next');

fresh();
overdue('skips', 3 * $day);
drain();
is(ran(), 0, 'skip: none');
is_deeply([ map { "$_->{status} $_->{count}" } audit() ], ['missed 3'], 'and the audit says how many');

fresh();
overdue('all', 3 * $day);
drain();
is(ran(), 3, 'run_all: each');
is_deeply([ map { $_->{due} / 1000 } audit() ], [ map { $tomorrow - $_ * $day } 3, 2, 1 ], 'in their order');

fresh();
overdue('limited', 3 * $day);
drain();
is(ran(), 2, 'after_runs: no more than these');
is(redis('ZSCORE', key('delayed'), id_of('limited')), undef, 'then it is over');
apply(sort keys %more);
is(redis('ZSCORE', key('delayed'), id_of('limited')), undef, 'and stays over with the same rules');

# One that goes on: its job is still there.
sub begun {
    my ($name) = @_;
    my $id = id_of($name);

    redis('HSET', key("job:$id:1"), 'state', 'leased', 'class', 'functions', 'endpoint', '', 'order', $id,
          'body', '{}', 'fence', 1);
    redis('ZADD', key('lease'), (time + 600) * 1000, "$id:1");
    redis('RPUSH', key("order:$id"), "$id:1");
    return;
}

sub ended {
    my ($name) = @_;
    my $id = id_of($name);

    redis('DEL', key("job:$id:1"));
    redis('ZREM', key('lease'), "$id:1");
    return;
}

fresh();
begun('plain');
overdue('plain', $day);
drain();
is(ran(), 0, 'overlap skip: it is left out while one goes on');
is_deeply([ map { $_->{status} } audit() ], ['overlap'], 'and listed');
is(due_of('plain'), $tomorrow, 'the next is the next');
like(crmctl('schedules', 'run', 'plain')->{err}, qr/"plain" is running/, 'a hand is told');
ended('plain');

fresh();
begun('queues');
overdue('queues', $day);
drain();
is(ran(), 0, 'overlap queue: it waits');
ended('queues');
overdue('queues', $day - 1);
drain();
is(ran(), 2, 'until that one has ended');

# Failures.
apply('breaks', 'plain');
fresh();
overdue('breaks', $day);
drain();
is((dead())[-1]{reason}, 'function_error: line 2: no more', 'a run that throws is dead');
{
    my ($run) = audit();

    is_deeply([ @$run{qw(status line)} ], [ 'dead', 2 ], 'and audited');
    is_deeply([ map { @$_{qw(schedule reason)} } @{ json_decode(crmctl(qw(schedules failed -o json))->{out})->{failed} } ],
              [ 'breaks', 'function_error: line 2: no more' ], 'crmctl schedules failed lists it');
    is((told())[0]{log}, "before\n", 'with what it told');
    like(crmctl(qw(function log breaks))->{out}, qr/breaks  dead, function_error: line 2.*\n    before\n/,
         'crmctl function log shows it');
    is(crmctl(qw(function log hook))->{out}, "no run is noted\n", 'and nothing of others');
}
like(crmctl(qw(schedules failed))->{out}, qr/^breaks .* dead .* no more/m, 'for people, too');

# One that does not end by itself gets five seconds of CPU. It stands here and
# not in function.t because a rule's function has thirty seconds by the clock,
# which on a busy machine may be less than that.
apply('spins', 'plain');
fresh();
redis('DEL', key('dead'));
overdue('spins', $day);
worker_start('--allow-private', '127.0.0.0/8');
wait_for { dead() } 'the end of a script that spins', 200;
is((dead())[0]{reason}, 'function_limit: it took more than 5 s of CPU', 'a run that spins is dead');
worker_stop();

# By hand.
apply('breaks', 'plain');
fresh();
for my $n (1, 2) {
    like(crmctl(qw(schedules run plain))->{out}, qr/plain begins; the $n\. time/, "a hand runs it: $n");
    drain();
}
is(ran(), 2, 'twice a day');
like(crmctl(qw(schedules run plain))->{err}, qr/2 times a day/, 'not more often');
is(due_of('plain'), $tomorrow, 'its clock goes on as before');
is((audit())[0]{by}, 'hand', 'the audit tells');
like(crmctl(qw(schedules run nobody))->{err}, qr/no worker has seen/, 'one that is unknown is said');
{
    my $list = json_decode(crmctl(qw(schedules ls -o json))->{out})->{schedules};
    my ($plain) = grep { $_->{name} eq 'plain' } @$list;

    is_deeply([ @$plain{qw(due last_status)} ], [ $tomorrow * 1000, 'done' ], 'ls tells the next, and the last');
}

# Other rules.
{
    my $id = id_of('breaks');

    apply('plain');
    is(redis('EXISTS', key("job:$id")) + redis('HEXISTS', key('schedules'), $id), 0, 'one that is gone has no tick');
    $more{plain} = 'status: off';
    $id = id_of('plain');
    apply('plain');
    is(redis('EXISTS', key("job:$id")), 0, 'nor one that is off');
}

# Two workers for the same ticks.
$more{$_} = '' for @race;
apply(@race);
fresh();
worker_start('--allow-private', '127.0.0.0/8');
worker_start('--allow-private', '127.0.0.0/8');
for my $round (1 .. 3) {
    due_at($_, $tomorrow - $day + $round) for @race;
    wait_for { (() = audit()) == @race * $round } "all have run, round $round";
}

# Redis comes back without one of the ticks.
{
    my $id = id_of('race1');

    redis('DEL', key("job:$id"));
    redis('ZREM', key('delayed'), $id);
    redis_stop();
    redis_start();
    ok(wait_for(sub { redis('ZSCORE', key('delayed'), $id) }, 'the tick'), 'a tick that is gone is set again');
}
worker_stop();
is(ran(), 3 * @race, 'two workers run each once');
is_deeply([ grep { $_->{status} ne 'done' } audit() ], [], 'and well');

done_testing();
