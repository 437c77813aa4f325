# T32: four workers of which one is killed again and again: each job is done, and
# comes twice only if it was under way when its worker died, under the same id.
# Were it broken, a crash would lose webhooks, or send them over and over.
#
# The long run: CRM_KILLED_JOBS=10000 CRM_KILLED_EVERY=1 CRM_KILLED_DELAY=100
# (seconds between kills; ms that a receiver thinks). CRM_SEED repeats a run.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs;
use Time::HiRes qw(sleep time);

my $n = $ENV{CRM_KILLED_JOBS} || 1000;
my $every = $ENV{CRM_KILLED_EVERY} || 0.4;
my $room = 8;
my $seed = $ENV{CRM_SEED} || int rand 1_000_000;

srand $seed;
diag "CRM_SEED=$seed";
redis_start();

# names of one receiver: each is an endpoint of its own
my $log = work_dir() . '/hooks';
my $port = free_port();

spawn(name => 'receiver', cmd => [ $^X, top_dir() . '/t/demo/receiver.pl',
                                   '--port', $port, '--log', $log ]);
wait_for { IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port") } 'the receiver';

run_command([ 'curl', '-s', '-X', 'POST',
    "http://127.0.0.1:$port/__answer?delay_ms=$ENV{CRM_KILLED_DELAY}" ])
    if $ENV{CRM_KILLED_DELAY};

my @ids = map { "killed$_" } 1 .. $n;

for (my $at = 0; $at < $n; $at += 1000) {
    my @some = grep { defined } @ids[$at .. $at + 999];

    redis('SADD', key('own'), @some);
    redis('RPUSH', key('queue:webhooks'),
          map { commit_json(id => $_, url => 'http://n' . int(rand 12)
                                          . ".localhost:$port/") } @some);
}

my ($serial, %worker, @dead) = (0);

sub another {
    my $pid = spawn(name => 'worker' . ++$serial, cmd => worker_command(
        '--lease', '3s', '--concurrency', $room, '--endpoint-limit', 4));

    $worker{$pid} = $serial;
}

# How often each id has come.
sub seen {
    my (%count);

    my $text = -e $log ? slurp($log) : '';
    $count{$1}++ while $text =~ /"webhook-id","([^"]+)"/gi;

    return \%count;
}

another() for 1 .. 4;

my $kills = 0;

# The short form kills each time another eighth is done, however fast that is.
while (my $open = waiting()) {
    if ($ENV{CRM_KILLED_JOBS}) {
        sleep $every;

    } elsif ($kills >= 6 || $open > $n - $n * ($kills + 1) / 8) {
        sleep 0.005;
        next;
    }

    my @pids = sort { $a <=> $b } keys %worker;
    my $victim = $pids[int rand @pids];

    kill_process($victim);
    push @dead, delete $worker{$victim};
    $kills++;
    another();
}

my $count = seen();
my @twice = grep { $count->{$_} > 1 } keys %$count;
my $more = 0;

$more += $count->{$_} - 1 for @twice;

is(scalar(grep { $count->{$_} } @ids), $n, "each of $n jobs was delivered");
is(scalar keys %$count, $n, 'T32: under its own id and no other');
cmp_ok($kills, '>=', 3, "while workers were killed: $kills times");
cmp_ok($more, '<=', $kills * $room,
       "$more came again, no more than were under way at the kills");
is(scalar dead(), 0, 'none is dead');

my %known;

for my $day (@{ redis('KEYS', key('done:*')) }) {
    $known{$_} = 1 for @{ redis('SMEMBERS', $day) };
}

is(scalar(grep { $known{$_} } @ids), $n, 'all are known as done');
is(redis('ZCARD', key('lease')), 0, 'nothing is leased');
is(redis('EXISTS', key('inflight')), 0, 'nothing counts as under way');
is(scalar(grep { !is_alive($_) } keys %worker), 0, 'the living live');

# One that has just begun does not know the signal yet.
for my $pid (keys %worker) {
    wait_for { hex((slurp("/proc/$pid/status") =~ /^SigCgt:\s+\S*(\S{8})$/m)[0]) & 1 << 14 } 'the worker to take SIGTERM';
    is(stop_process($pid), 0, 'and stop well');
}

done_testing();
