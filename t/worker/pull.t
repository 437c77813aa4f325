# Webhooks of a long entrance are pulled out of it by plain commands, and only
# then taken. Were it broken, those between the two would be lost with their
# worker, come twice when it comes back, or stay in Redis for good.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use IO::Socket::INET;
use Test::More;
use Test::CRM;
use Test::CRM::Jobs;
use Test::CRM::Rude;

redis_start();
receiver_start();
rude_start();

my @room = ('--concurrency', 50, '--endpoint-limit', 50, '--endpoint-rate', 0, '--lease', '5s');
my $count = 0;


# Jobs of ours; more of them than a first take gets, which pulls nothing.
sub push_own {
    my ($mark, $n, $url) = @_;

    my @ids = map { "$mark$_" } 1 .. $n;

    redis('SADD', key('own'), @ids);
    redis('RPUSH', key('queue:webhooks'), map { commit_json(id => $_, url => $url || receiver_url('/hook')) } @ids);

    return @ids;
}

sub came {
    my %came;

    $came{$_->{header}{'webhook-id'}}++ for hooks();

    return \%came;
}

sub rude_worker {
    return spawn(name => 'rude-worker' . ++$count,
                 cmd => worker_command('--redis', 'unix:' . rude_sock(), @room));
}

# The elements of the pulls that nobody has taken.
sub pulled {
    return map { @{ redis('LRANGE', key("batch:$_->[1][1]"), 0, -1) } } @{ redis('XRANGE', key('pulls'), '-', '+') };
}

sub ids { return map { /"id":"(\w+)"/ } @_ }

sub nothing_left {
    my ($what) = @_;

    is_deeply([ redis('XLEN', key('pulls')), redis('EXISTS', key('batches'), key('fresh'), key('lease'), key('inflight')),
                @{ redis('KEYS', key('batch:*')) } ], [ 0, 0 ], "$what: nothing is left behind");
}

sub each_once {
    my ($what, @ids) = @_;

    wait_for { settled() } $what;

    my $came = came();

    is_deeply([ grep { ($came->{$_} || 0) != 1 } @ids ], [], "$what: each comes, once");
    nothing_left($what);
}


# --- a long entrance

my @ids = push_own('many', 500);

redis('CONFIG', 'RESETSTAT');
worker_start(@room);
each_once('many', @ids);
like(redis('INFO', 'commandstats'), qr/cmdstat_sort:calls=\d/, 'they were pulled');


# --- one that is known, one that others pushed, one that is none, one to be read

@ids = push_own('mixed', 200);
redis('RPUSH', key('queue:webhooks'), 'nonsense', map { commit_json(id => $_, url => receiver_url('/hook')) } qw(mixed7 foreign));
push @ids, push_own('behind', 200), 'foreign';
each_once('mixed', @ids);
is(scalar(grep { $_->{reason} =~ /^not JSON/ } dead()), 1, 'what is none is dead');
worker_stop();


# --- Redis is full

@ids = push_own('full', 200);
redis('CONFIG', 'SET', 'maxmemory', 1);
worker_start(@room);
each_once('full', @ids);
redis('CONFIG', 'SET', 'maxmemory', 0);
worker_stop();


# --- killed before it knows what it pulled, what that is, and what it took

for ([ 'pull', 'pulled' ], [ 'LRANGE', 'read' ], [ 'take', 'taken' ]) {
    my ($on, $what) = @$_;

    push_own($what, 100);
    rude($on eq 'take' ? { on => 'take', times => 1 } : (), { on => $on, mute => 1 });

    my $pid = rude_worker();
    my @held;

    wait_for {
        @held = $on ne 'take' ? ids(pulled())
                              : ids(map { @{ redis('LRANGE', $_, 0, -1) } } @{ redis('KEYS', key('batch:*')) });
        @held && ($on ne 'take' || redis('EXISTS', key('batches')));
    } "some that are $what";
    kill_process($pid);
    rude();

    cmp_ok(scalar @held, '>', 0, "killed when some were $what");
    worker_start(@room);
    each_once($what, @held);
    my $came = came();

    is(scalar(grep { !$came->{"$what$_"} } 1 .. 100), 0, "$what: the others come as well");
    worker_stop();
}


# --- it hangs, and comes back when others have what it pulled

@ids = push_own('back', 100);
rude({ on => 'pull', delay => 3, times => 1 });

my $pid = rude_worker();
my @held;

wait_for { @held = pulled() } 'a pull';

my ($pull) = @{ redis('XRANGE', key('pulls'), '-', '+') };

for (@held) {
    redis('LMOVE', key("batch:$pull->[1][1]"), key('queue:webhooks'), 'RIGHT', 'LEFT');
}

redis('XDEL', key('pulls'), $pull->[0]);

my ($others) = ids(redis('LPOP', key('queue:webhooks')));

is($others, (ids(@held))[0], 'they go back in their order');
each_once('back', grep { $_ ne $others } @ids);
ok(!came()->{$others}, 'and what somebody else has taken is not delivered');
is(stop_process($pid), 0, 'the worker goes on');


# --- crmctl sees them

my $deaf = IO::Socket::INET->new(Listen => 128, LocalAddr => '127.0.0.1') or die "listen: $!";

push_own('slow', 40, 'http://127.0.0.1:' . $deaf->sockport . '/');
worker_start(@room);
wait_for { redis('EXISTS', key('batches')) } 'a batch';

my ($field) = grep { redis('HGET', key('fresh'), $_) =~ / b\w{24} / } @{ redis('HKEYS', key('fresh')) };
my $r = crmctl('jobs', 'show', '-o', 'json', $field);

is($r->{rc}, 0, 'one that was pulled is shown') or diag($r->{err});
like($r->{out}, qr/"state"\s*:\s*"leased"/, 'as leased');
wait_for {
    my $ls = json_decode(crmctl('jobs', 'ls', '-o', 'json', '--state', 'leased')->{out});
    my %ids = map { $_->{id} => 1 } @{ $ls->{jobs} };

    $ls->{matched} == 40 && keys %ids == 40;
} 'all of them listed, each once';

done_testing();
