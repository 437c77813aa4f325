# A job belongs to the worker that holds its lease. Workers that die or hang
# leave their jobs to others; who comes back late changes nothing. Were it
# broken, webhooks would be lost with a worker or counted twice.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use IO::Socket::INET;
use Test::More;
use Test::CRM;
use Test::CRM::Jobs;

redis_start();
receiver_start();

my $url = receiver_url('/hook');
my $count = 0;


# A worker beside the one that worker_start knows; its log is its own.
sub another {
    my @options = @_;

    my $name = 'worker' . ++$count;
    my $pid = spawn(name => $name, cmd => worker_command(@options));

    return ($pid, sub { slurp(work_dir() . "/$name.log") });
}

sub deadly { return grep { $_->{target} eq '/hook' } hooks() }
sub job_ids { return map { $_->{header}{'webhook-id'} } hooks() }


# --- kill -9 before anything was sent: the endpoint takes the connection and reads
# nothing of it

my $deaf = IO::Socket::INET->new(Listen => 8, LocalAddr => '127.0.0.1') or die "listen: $!";
my $port = $deaf->sockport;
my $early = push_job(url => "http://127.0.0.1:$port/");
my ($killed) = another('--lease', '2s');

wait_for { (job_hash($early)->{state} || '') eq 'leased' } 'the lease';
kill_process($killed);
close $deaf;
spawn(name => 'late', cmd => [ $^X, top_dir() . '/t/demo/receiver.pl', '--port', $port,
                               '--log', work_dir() . '/late.hooks' ]);
wait_for { IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port") } 'a receiver at that port';
lease_over($early);

my ($heir) = another('--lease', '2s');

wait_for { job_gone($early) } 'the delivery', 20;
is(scalar(() = slurp(work_dir() . '/late.hooks') =~ /"webhook-id"/gi), 1,
   'F26: killed before the effect, another one runs it, once');
is(stop_process($heir), 0, 'and stops well');

# --- kill -9 in mid-delivery

hooks_answer(fault => 'silent', times => 1);

my $id = push_job(url => $url);
my ($first) = another('--lease', '2s');

wait_for { hooks() == 1 } 'the first delivery';
kill_process($first);
is(job_hash($id)->{state}, 'leased', 'a killed worker leaves a lease behind');

lease_over($id);

my ($second) = another('--lease', '2s');

wait_for { job_gone($id) } 'the second delivery', 20;
is(join(' ', job_ids()), "$id $id", 'F27, T31: killed behind the effect, another one sends it again under the same id');
is(stop_process($second), 0, 'and stops well');

# --- a worker that hung and comes back

hooks_reset();
hooks_hold(status => 500, times => 1);
hooks_hold(times => 1);
$id = push_job(url => $url);

my ($zombie, $zombie_log) = another('--lease', '1s');

wait_for { hooks() == 1 } 'the first delivery';
kill 'STOP', $zombie;
lease_over($id);

($second) = another('--lease', '10s');
wait_for { hooks() == 2 } 'the second delivery', 20;
is(job_hash($id)->{fence}, 2, 'a job taken again has another fence');

# what it does with the answer has to wait
kill 'STOP', $second;
hooks_release();
kill 'CONT', $zombie;
wait_for { $zombie_log->() =~ /lease lost|stale/ } 'the zombie';
like($zombie_log->(), qr/(?:lease lost|stale).*job:$id/,
     'F28: a worker that comes back late is told so');
is(job_hash($id)->{state}, 'leased', 'F28: and changes nothing');
kill 'CONT', $second;

wait_for { job_gone($id) } 'the second answer';
is(redis('SCARD', redis('KEYS', key('done:*'))->[0]), 3,
   'the job is done once');
is(redis('ZCARD', key('lease')), 0, 'nothing is leased');
is(redis('EXISTS', key('inflight')), 0, 'nothing counts as under way');

# --- and one that comes back before anybody took the job

stop_process($second);
hooks_reset();
hooks_answer(status => 500, delay_ms => 500, times => 1);
$id = push_job(url => $url);
wait_for { hooks() == 1 } 'the delivery';
is(join(' ', job_ids()), $id, 'the zombie goes on working');
wait_for { job_hash($id)->{state} eq 'delayed' } 'its outcome';
is(stop_process($zombie), 0, 'and stops well');
redis('FLUSHALL');

# --- leases outlive slow deliveries

hooks_reset();
hooks_answer(delay_ms => 2500, times => 1);
$id = push_job(url => $url);
($first, my $first_log) = another('--lease', '1s', '--timeout', '10s');
wait_for { hooks() == 1 } 'the delivery';

my $until = redis('ZSCORE', key('lease'), $id);

wait_for {
    my ($s) = @{ redis('TIME') };

    $s * 1000 > $until || job_gone($id);
} 'the end that its lease had at first';

# who starts looks for leases that are over
($second) = another('--lease', '1s');
wait_for { job_gone($id) } 'the slow answer';
is(join(' ', job_ids()), $id, 'a lease is renewed while the endpoint thinks');
stop_process($second);

# --- SIGTERM

hooks_reset();
hooks_hold();
push_job(url => $url) for 1 .. 10;
wait_for { hooks() == 4 } 'four deliveries';
kill 'TERM', $first;
wait_for { $first_log->() =~ /draining/ } 'the drain';
hooks_release();
wait_for { !is_alive($first) } 'its end';
is(exit_status($first), 0, 'SIGTERM ends with 0');
is(scalar hooks(), 4, 'no more than those under way were finished');
is(waiting(), 6, 'the rest is left');
is(redis('ZCARD', key('lease')), 0, 'and leased by nobody');

hooks_reset();
hooks_answer(fault => 'silent');
($first, my $log) = another('--drain', '1s');
wait_for { hooks() == 4 } 'silent deliveries';
is(stop_process($first, 'INT', 8), 0, 'a drain ends when its time is up');
like($log->(), qr/drain: time is up/, 'and says what it leaves');

hooks_reset();
redis('FLUSHALL');
hooks_answer(fault => 'silent');
push_job(url => $url);
($first, $log) = another('--drain', '600s');
wait_for { hooks() == 1 } 'a silent delivery';
kill 'TERM', $first;
wait_for { $log->() =~ /draining/ } 'the drain';
is(stop_process($first), 0, 'a second signal ends it at once');

# --- a job that kills its worker

redis('FLUSHALL');
hooks_reset();
hooks_answer(fault => 'silent', path => '/hook') for 1 .. 10;
$id = push_job(url => $url);

my @beside = map { push_job(url => receiver_url('/beside')) } 1 .. 20;

for my $n (1 .. 6) {
    ($first) = another('--lease', '1s');
    wait_for { deadly() >= $n || defined dead_reason($id) } "delivery $n", 20;
    last if defined dead_reason($id);
    kill_process($first);
    lease_over();
}

($first) = another('--lease', '1s') unless is_alive($first);
wait_for { defined dead_reason($id) && !grep { !job_gone($_) } @beside } 'the end of the crash loop', 20;
like(dead_reason($id), qr/^crash_loop/, 'F30: a job that takes its worker along is dead in the end');
is(scalar(grep { defined dead_reason($_) } @beside), 0, 'F30: and what lay beside it is done');
is(stop_process($first), 0, 'the last worker lives');

done_testing();
