# Redis, nginx's workers and crm-worker killed with -9 in turn, in an order that
# the seed decides, while clients create, update and delete: what was answered
# as done is delivered, what was not is delivered or was not done, no lock is
# passed, nothing stays behind.
#
#   CRM_TEST_WRITES=10000 CRM_TEST_SEED=7 prove -v t/e2e/kills.t

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use List::Util qw(shuffle);
use Test::More;
use Time::HiRes qw(sleep time);
use Test::CRM;
use Test::CRM::Jobs qw(key results_come);

my $writes = $ENV{CRM_TEST_WRITES} || 500;
my $seed = $ENV{CRM_TEST_SEED} || 1 + time() % 1_000_000;
my $clients = 4;

diag("seed $seed: CRM_TEST_SEED=$seed CRM_TEST_WRITES=$writes again does the same");
srand($seed);


# --- the world ------------------------------------------------------------------

redis_start(appendfsync => 'always');
crm_start();
receiver_start();

# A rule a kind of write, so that a webhook tells which write it speaks of:
# creates and updates carry a number of their own, a record is deleted once.

crm_rules(join "---\n", <<'EOT', map { rule(@$_) }
kind: record_locking
module: Deals
lock_type: automatic
locking_rules:
  - name: closed
    criteria: { field: Stage, comparator: equal, value: Closed }
  - name: frozen
    lock_existing_records: true
    criteria: { field: Stage, comparator: equal, value: Frozen }
restricted_actions: [update, delete]
EOT
    [create => 'create', 'Seq'], [update => 'edit', 'Seq'],
    [delete => 'delete', 'Tag']);

sub rule {
    my ($op, $when, $field) = @_;

    return <<"EOT";
kind: workflow_rule
name: tell-$op
module: Deals
execute_when: { type: $when }
conditions:
  - criteria: null
    instant_actions: [ { type: webhooks, name: $op } ]
---
kind: webhook
name: $op
module: Deals
url: \$HOOK/$op
http_method: POST
body: { type: raw, format: JSON, content: '{"key":"\${!Deals.$field}"}' }
EOT
}

# Records to be updated, of which some get closed; to be deleted; and frozen.
my @open = map { 1000 + $_ } 1 .. 20 + $writes / 10;
my @doomed = map { 2_000_000 + $_ } 1 .. 5 + $writes / 10;
my @frozen = map { 3_000_000 + $_ } 1 .. 5;

crm_seed('Deals', $_, "{\"Stage\":\"Open\",\"Tag\":\"$_\"}") for @open, @doomed;
crm_seed('Deals', $_, "{\"Stage\":\"Frozen\",\"Tag\":\"$_\"}") for @frozen;

# Long enough for a kill to find writes at the backend.
crm_delay(ms => 20);

nginx_start(workers => 2, http => crm_http_config('timeout=400ms'),
            extra => 'crm_backend_max_time 2s; proxy_read_timeout 1s; crm_commit_wait 500ms;'
                     . ' crm_lease_wait 200ms; crm_rules_wait 1s;');

my $master = nginx()->pid;
my @workers = map { a_worker($_) } 0, 1;

nginx()->{expect_kill} = 1;

sub a_worker {
    my ($i) = @_;

    return spawn(name => "worker$i", env => Test::CRM::worker_env(),
                 cmd => worker_command('--backend', guarded_url(),
                                       '--timeout', '2s', '--lease', '3s', '--drain', '2s'));
}


# --- clients --------------------------------------------------------------------

# Each notes, a line a write: what, its key, the answer's status or 0, "pending"
# when that is what the answer says, "locked" when it is refused for a lock.
# None runs ahead of the kills, of which there is one in 25 writes at least.

sub client {
    my ($i) = @_;

    srand($seed * 100 + $i);
    open my $out, '>', answers_of($i) or die "$!\n";

    for my $n (1 .. $writes / $clients) {
        wait_for { kills() >= int($n * $clients / 25) } 'a kill', 60;
        print $out join(' ', one_write($i * 10_000_000 + $n)), "\n";
    }

    close $out or die "$!\n";
}


sub one_write {
    my ($seq) = @_;

    my $dice = rand;
    my $one = sub { return $_[ int rand @_ ] };

    return $dice < 0.35 ? send_write(create => POST => '', $seq, 'New')
         : $dice < 0.77 ? send_write(update => PUT => $one->(@open), $seq, 'Open')
         : $dice < 0.82 ? send_write(update => PUT => $one->(@open), $seq, 'Closed')
         : $dice < 0.95 ? send_write(delete => DELETE => $one->(@doomed))
         : $dice < 0.98 ? send_write(update => PUT => $one->(@frozen), $seq, 'Open')
         :                send_write(delete => DELETE => $one->(@frozen));
}


sub send_write {
    my ($op, $method, $id, $seq, $stage) = @_;

    my $r = http($method => '/crm/v8/Deals' . ($id && "/$id"), timeout => 20,
        $seq ? (body => "{\"data\":[{\"Seq\":$seq,\"Stage\":\"$stage\"}]}") : ());

    return ($op, $seq || $id, $r->{status},
            $r->{body} =~ /RECORD_LOCKED/ ? 'locked'
            : $r->{headers}{'crm-event-state'} || '-');
}


sub kills      { return -s work_dir() . '/kills' || 0 }
sub answers_of { return work_dir() . "/answers$_[0]" }


# --- kills ----------------------------------------------------------------------

my %killed = map { $_ => 0 } qw(redis nginx worker);
my (@wrong_answers, @died, $probes);

sub kill_redis {
    redis_kill();

    # While it is away nobody can know of locks.
    if (rand() < 0.3) {
        my $seq = 90_000_000 + ++$probes;

        for my $probe ([POST => '', $seq, 'New'], [PUT => $open[0], $seq, 'Open'],
                       [DELETE => $doomed[0]]) {
            my (undef, undef, $status) = send_write(probe => @$probe);

            push @wrong_answers, "@$probe: $status" if $status != 503;
        }
    }

    redis_start();
}


sub kill_nginx {
    my @pids = nginx()->worker_pids;

    kill 'KILL', $pids[ int rand @pids ] if @pids;
}


sub kill_worker {
    my $i = int rand 2;

    results_come();
    push @died, "crm-worker $i" unless is_alive($workers[$i]);
    kill_process($workers[$i]);
    $workers[$i] = a_worker($i);
}


my %kids;

for my $i (1 .. $clients) {
    my $pid = fork_child('client');

    if ($pid == 0) {
        my $ok = eval { client($i); 1 };
        print STDERR $@ unless $ok;
        POSIX::_exit($ok ? 0 : 1);
    }

    $kids{$pid} = $i;
}

my (@turn, $failed);

open my $kills, '>', work_dir() . '/kills' or die "$!\n";
$kills->autoflush(1);

while (%kids) {
    @turn = shuffle(\&kill_redis, \&kill_nginx, \&kill_worker) unless @turn;

    (my $next = pop @turn)->();
    $killed{redis}++ if $next == \&kill_redis;
    $killed{nginx}++ if $next == \&kill_nginx;
    $killed{worker}++ if $next == \&kill_worker;
    print $kills '.';

    sleep 0.02 + rand 0.2;

    while ((my $pid = waitpid -1, POSIX::WNOHANG()) > 0) {
        $failed++ if delete $kids{$pid} && $?;
    }
}

is($failed, undef, 'the clients came through');


# --- it heals -------------------------------------------------------------------

sub keys_like { return @{ redis(KEYS => key($_[0])) } }

sub open_ends {
    my %listed = map { key("intent:$_") => 1 }
                 @{ redis(ZRANGE => key('undetermined'), 0, -1) };
    my @ends = ((grep { !$listed{$_} } keys_like('intent:*')), keys_like('busy:*'),
                @{ redis(ZRANGE => key('intents'), 0, -1) },
                (grep { redis(LLEN => key($_)) } 'queue:webhooks'), keys_like('job:*'));

    return @ends;
}

ok(eval { wait_for { !open_ends() } 'the end', 60 }, 'no intent, no lease and no job remains')
    or diag($@ . join "\n", open_ends());

is(redis(LLEN => key('dead')), 0, 'no job is dead');


# --- what came of it ------------------------------------------------------------

# What clients were told: key => { status, pending, .. }.
my %told;

for my $i (1 .. $clients) {
    for (split /\n/, slurp(answers_of($i))) {
        my ($op, $key, $status, $note) = split;

        push @{ $told{"$op $key"} }, { status => $status, note => $note };
    }
}

# What the CRM did, in its order: a record that is not there is not written.
my (%stored, %done, %event, %closed, @bypassed, @twice);

$stored{$_} = 1 for @open, @doomed, @frozen;

for my $w (crm_writes()) {
    my ($id) = $w->{target} =~ m{/Deals/(\w+)$};
    my ($seq) = $w->{body} =~ /"Seq":(\d+)/;
    my $event = $w->{header}{'crm-event'} || 'none';

    push @twice, $event if $event{$event}++;
    next if $id && !$stored{$id};

    push @bypassed, "$w->{method} $id" if $id && ($closed{$id} || $id > 3_000_000);
    $closed{$id} = 1 if $w->{body} =~ /"Stage":"Closed"/;
    delete $stored{$id} if $w->{method} eq 'DELETE';

    $done{ $w->{method} eq 'POST' ? "create $seq"
           : $w->{method} eq 'PUT' ? "update $seq" : "delete $id" } = $event;
}

# What was delivered, and under which ids.
my %hooks;

for my $h (hooks()) {
    my ($op) = $h->{target} =~ m{^/(\w+)$};
    my ($key) = $h->{body} =~ /"key":"(\w+)"/;

    $hooks{"$op $key"}{ $h->{header}{'webhook-id'} }++;
}

my %undetermined = map { $_ => redis(HGET => key("intent:$_"), 'reason') }
                   @{ redis(ZRANGE => key('undetermined'), 0, -1) };
my (@lost, @unlisted, @untrue);
my %count = (acknowledged => 0, pending => 0, locked => 0, failed => 0, busy => 0,
             'failed but done' => 0);

for my $key (keys %told) {
    for (@{ $told{$key} }) {
        my $acked = $_->{status} =~ /^2/;

        push @untrue, "$key: $_->{status}" if $acked && !$done{$key};
        push @lost, "$key: $_->{status}"
            if $acked && $_->{note} ne 'pending' && !$hooks{$key};

        $count{acknowledged}++      if $acked && $_->{note} ne 'pending';
        $count{pending}++           if $acked && $_->{note} eq 'pending';
        $count{locked}++            if $_->{note} eq 'locked';
        $count{busy}++              if $_->{status} == 409;
        $count{failed}++            if $_->{status} >= 500 || !$_->{status};
        $count{'failed but done'}++ if ($_->{status} >= 500 || !$_->{status}) && $done{$key};
    }
}

for my $key (keys %done) {
    push @unlisted, "$key, event $done{$key}" if !$hooks{$key} && !exists $undetermined{ $done{$key} };
}

my @phantom = grep { !$done{$_} } keys %hooks;
my @renamed = grep { keys %{ $hooks{$_} } != 1 } keys %hooks;
my $again = 0;

$again += $_ - 1 for map { values %$_ } values %hooks;

diag("$writes writes, seed $seed: ", join ', ', map { "$count{$_} $_" } sort keys %count);
my $recovered = () = map { slurp(work_dir() . "/worker$_.log") =~ /recover: committed/g } 0, 1;

diag('killed: ', join(', ', map { "$_ $killed{$_} times" } sort keys %killed),
     "; $recovered recovered, $again webhooks came again");

sub none {
    my ($what, @list) = @_;

    is(scalar @list, 0, $what) or diag(join "\n", @list > 20 ? @list[0 .. 19] : @list);
}

none('each write that was answered as done has its webhook', @lost);
none('and was done', @untrue);
none('each write that was done has its webhook or is listed', @unlisted);
none('the demo CRM can tell of each', map { "$_: $undetermined{$_}, "
     . redis(HGET => key("intent:$_"), 'doc') } sort keys %undetermined);
none('none that was not done has one', @phantom);
none('a webhook that comes again has its id', @renamed);
cmp_ok($again, '<=', $killed{redis} * 50 + $killed{worker} * 50,
       'and comes again for a kill only');
none('no write was sent twice', @twice);
none('no locked record was written', @bypassed);
none('without Redis each answer was 503', @wrong_answers);

cmp_ok($count{acknowledged}, '>', $writes / 10, 'many writes got through');
cmp_ok($count{locked}, '>', 0, 'some met a lock');
cmp_ok((sort { $a <=> $b } values %killed)[0], '>=', int($writes / 80),
       'each was killed now and then');


# --- who is still there ---------------------------------------------------------

ok(nginx()->is_running && nginx()->pid == $master, 'nginx has the same master');

none('nobody died who was not killed', @died);

for my $i (0, 1) {
    is(stop_process($workers[$i], 'TERM', 15), 0, "crm-worker $i stops when asked");
}

is(nginx_stop(), undef, 'nginx stops, clean');

my @alerts = grep { /\[(?:alert|emerg)\]/ && !/exited on signal 9/ }
             split /\n/, nginx()->error_log;

none('and has nothing to complain of', @alerts);

done_testing();
