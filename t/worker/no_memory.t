# Memory that runs out at any one allocation of a webhook's delivery, over a
# connection that is used again and over a new one: the worker lives, and the
# delivery is made or tried again. Fails when a want of memory passes for a fault
# of the job's, when a delivery never ends, or when a connection stays behind.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs;

plan skip_all => 'sanitizers bring an allocator of their own' if $ENV{CRM_TEST_ASAN};
plan skip_all => 'so does memcheck' if $ENV{CRM_TEST_VALGRIND};

my $lib = work_dir() . '/no_memory.so';
my $cc = run_command([ 'cc', '-O1', '-shared', '-fPIC', '-o', $lib,
                       top_dir() . '/t/lib/no_memory.c', '-ldl' ]);

is($cc->{rc}, 0, 'the allocator is built') or BAIL_OUT($cc->{err});

my $file = spew(work_dir() . '/no_memory', "\0" x 56);

open my $control, '+<:raw', $file or die "$file: $!\n";

# Answers in pieces, over a connection that it keeps, or, to /once, ends.
my $port = free_port();
my $server = <<'EOP';
use strict; use warnings; use IO::Socket::INET; use Socket qw(IPPROTO_TCP TCP_NODELAY);
$SIG{CHLD} = 'IGNORE'; $SIG{PIPE} = 'IGNORE';
my $l = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ARGV[0],
                              Listen => 50, ReuseAddr => 1) or die $!;
while (my $c = $l->accept) {
    next if fork;
    setsockopt $c, IPPROTO_TCP, TCP_NODELAY, 1;
    my $in = '';
    while (sysread $c, $in, 65536, length $in) {
        next if $in !~ /\r\n\r\n/ || $in !~ /\{"a":1\}$/;
        my ($path) = $in =~ m{^POST (\S+)};
        for ("HTTP/1.1 2", "00 OK\r\nContent-Length: 2\r\n\r\n", "ok") {
            syswrite $c, $_;
            select undef, undef, undef, 0.002;
        }
        exit if $path eq '/once';
        $in = '';
    }
    exit;
}
EOP

redis_start();
spawn(name => 'server', cmd => [ $^X, '-e', $server, $port ]);
wait_for { IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port") } 'the server';

my $pid = spawn(name => 'worker', cmd => [ worker_command()->[0], '--redis', redis_url(),
    '--org', crm_org(), '--allow-private', '127.0.0.1/32', '--endpoint-rate', 0,
    '--concurrency', 1, '--timeout', '1s', '--retry-schedule', '1h' ],
    env => { CRM_NO_MEMORY => $file, LD_PRELOAD => $lib });

sub steer {
    my ($n) = @_;

    sysseek $control, 0, 0;
    syswrite $control, pack 'q7', $pid, $n, 0, 0, 0, 0, 1;
}

sub told {
    sysseek $control, 32, 0;
    sysread $control, my $text, 16;

    return unpack 'q2', $text;
}

# How the job has ended, so far; '' where it is under way.
sub ended {
    my ($id) = @_;

    return 'worker died' if !kill 0, $pid;
    return dead_reason($id) if defined dead_reason($id);
    return job_hash($id)->{error} if job_hash($id)->{error};

    return redis('LLEN', key('queue:webhooks')) == 0 && job_gone($id) ? 'done' : '';
}

# A delivery while its n-th allocation fails. What the worker lost on its way
# comes back when the lease has run out; not so often that it is taken for what
# kills workers.
sub deliver {
    my ($path, $n) = @_;
    my ($end, $tries) = ('', 0);

    steer($n);

    my $id = push_job(url => "http://127.0.0.1:$port$path");

    wait_for {
        $end = ended($id);
        lease_over() if !$end && ++$tries % 25 == 0 && $tries <= 75;
        $end;
    } "the end of $id, allocation $n", 30;

    my ($seen, $failed) = told();

    steer(0);

    return ($end, $seen, $failed);
}

sub descriptors { return scalar(() = glob "/proc/$pid/fd/*") }

for my $path ('/', '/once') {
    my ($most, $hit, @bad) = (0, 0);

    for (1 .. 5) {
        my (undef, $seen) = deliver($path, 0);

        $most = $seen if $_ > 1 && ($most == 0 || $seen < $most);
    }

    my $descriptors = descriptors();

    for my $n (1 .. $most) {
        my ($end, undef, $failed) = deliver($path, $n);

        $hit++ if $failed;
        push @bad, "allocation $n: $end" if $end !~ /^(?:done|no_memory|bad_answer|connect_error|timeout)$/;
        last if $end eq 'worker died';
    }

    is(join("\n", @bad), '', "$path: a want of memory is a want of memory");
    cmp_ok($hit, '>', $most / 2, "$path: most of $most allocations have failed once");
    is((deliver($path, 0))[0], 'done', "$path: and then all is well");
    wait_for { descriptors() <= $descriptors } 'connections to be closed', 30;
}

stop_process($pid);
is(exit_status($pid), 0, 'the worker ends well');

done_testing();
