# One receiver that answers slowly, or never, takes nothing from the others;
# none gets more than its rate; what must be in order stays so. Were it broken,
# the webhooks of all would wait for the slowest server among them.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use IO::Socket::INET;
use Test::More;
use Test::CRM;
use Test::CRM::Jobs;
use Time::HiRes qw(time);

redis_start();
receiver_start();

my $fast = receiver_url('/fast');
my $serial = 0;


# A receiver that takes connections and answers none.
sub silent_port {
    my $port = free_port();
    my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
        LocalPort => $port, Listen => 100, ReuseAddr => 1) or die "listen: $!";

    return ($port, $listener);
}

# n jobs of one endpoint in as few commands as can be.
sub push_jobs {
    my ($n, %o) = @_;

    my @ids = map { sprintf 'many%06d', ++$serial } 1 .. $n;

    while (my @some = splice @ids, 0, 1000) {
        redis('SADD', key('own'), @some);
        redis('RPUSH', key('queue:webhooks'),
              map { job_json(%o, id => $_) } @some);
    }
}

sub seen { return scalar grep { $_->{target} eq $_[0] } hooks() }


# --- 10,000 jobs of one that never answers beside nine that do

my ($slow_port, $slow) = silent_port();

push_jobs(10_000, url => "http://127.0.0.1:$slow_port/");

my $worker = worker_start('--timeout', '20s');

wait_for { redis('LLEN', key('queue:webhooks')) == 0 } 'the entrance', 60;

# each is an endpoint of its own: the names differ, the receiver is one
my @fast = map { "http://n$_.localhost:" . receiver_port() . '/fast' } 1 .. 9;

push_job(url => $_) for map { @fast } 1 .. 5;
wait_for { seen('/fast') == 45 } 'the fast ones', 15;
pass('all jobs of the nine are delivered while the slow one still thinks');

my @leased = @{ redis('ZRANGE', key('lease'), 0, -1) };

is(scalar @leased, 4, 'it has no more than four at a time');
is(scalar(grep { !job_hash($_)->{attempts} } @leased), 4,
   'none of which had ended meanwhile');
cmp_ok(waiting(), '>=', 9_990, 'all of its others wait');
worker_stop('KILL');
close $slow;

# --- no more than the rate

redis('FLUSHALL');
hooks_reset();
push_jobs(600, url => $fast);

my $began = time;

worker_start('--endpoint-rate', 5);
wait_for { seen('/fast') >= 20 } 'twenty deliveries', 60;

# Ten at once, then five a second: a slow machine only makes them later. A
# worker without a rate has delivered far more than these by then, all too soon.
my @at = sort { $a <=> $b } map { $_->{at} } hooks();
my @early = grep { $at[$_] - $began < ($_ - 9) / 5 - 0.01 } 10 .. $#at;

is("@early", '', 'an endpoint gets no more than its rate');
push_job(url => 'http://other.localhost:' . receiver_port() . '/other');
wait_for { seen('/other') } 'another endpoint', 60;
cmp_ok(seen('/fast'), '<', 600, 'and others do not wait for it');
is(worker_stop(), 0, 'the worker stops');

# --once stays until all are through
hooks_reset();
redis('FLUSHALL');
push_jobs(25, url => $fast);
is(worker_once('--endpoint-rate', 20)->{rc}, 0, '--once ends well');
is(seen('/fast'), 25, 'with all that a rate holds back');

# --- in order

redis('FLUSHALL');
hooks_reset();
hooks_answer(status => 500, path => '/a', times => 1);

sub in_order {
    my ($record, $path, $n) = @_;

    return push_job(url => receiver_url($path), ordered => JSON::PP::true,
                    record_id => $record, body => "$n");
}

in_order('A', '/a', $_) for 1 .. 5;
in_order('B', '/b', $_) for 1 .. 5;
worker_start('--retry-schedule', '1500ms,1s');
wait_for { seen('/b') == 5 } 'the other record';
cmp_ok(seen('/a'), '<=', 2, 'a failure holds up its own record only');
wait_for { settled() } 'all of them', 20;
is(join(' ', map { $_->{body} } grep { $_->{target} eq '/b' } hooks()),
   '1 2 3 4 5', 'webhooks of a record come in order');
is(join(' ', map { $_->{body} } grep { $_->{target} eq '/a' } hooks()),
   '1 1 2 3 4 5', 'also after a failure');

my @sequence = map { $_->{header}{'webhook-sequence'} }
    grep { $_->{target} eq '/b' } hooks();

is(join(' ', sort { $a <=> $b } @sequence), "@sequence",
   'and say so by their sequence');
is((hooks())[0]{header}{'webhook-event-timestamp'}, 1_790_000_000,
   'beside the time of the event');
is(worker_stop(), 0, 'the worker stops');

done_testing();
