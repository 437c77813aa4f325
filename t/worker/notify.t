# systemd is told when the worker is ready, what it does, that it lives, and
# that it stops. Broken, a unit of Type=notify never starts, or a worker that
# hangs is left alone.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use IO::Socket::UNIX;
use Socket qw(SOCK_DGRAM);
use Test::More;
use Test::CRM;
use Test::CRM::Process;

my $path = work_dir() . '/notify.sock';
my $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $path)
    or die "$path: $!";
my @said;

$socket->blocking(0);

# What came so far; true when a datagram matches.
sub heard {
    my ($want) = @_;

    while (defined $socket->recv(my $text, 4096)) {
        push @said, $text;
    }

    return scalar grep { $_ =~ $want } @said;
}


redis_start();
redis_pause();

my $pid = worker_start({ NOTIFY_SOCKET => $path, WATCHDOG_USEC => 400_000 });

wait_for { heard(qr/^WATCHDOG=1$/) } 'the watchdog';
ok(1, 'a worker that waits for Redis lives');
ok(heard(qr/^STATUS=waiting for redis/), 'and says what it waits for');
ok(!heard(qr/^READY=1$/), 'but is not ready');

redis_resume();
wait_for { heard(qr/^READY=1$/) } 'readiness';
ok(1, 'with Redis it is');
wait_for { heard(qr/^STATUS=connected to redis, under way: 0$/) } 'its status';
ok(1, 'and says so');

my $alive = heard(qr/^WATCHDOG=1$/);
wait_for { heard(qr/^WATCHDOG=1$/) > $alive + 2 } 'a living worker';
ok(1, 'it goes on to tell that it lives');

kill 'STOP', $pid;
heard(qr/./);
my $before = heard(qr/^WATCHDOG=1$/);
kill 'CONT', $pid;
wait_for { heard(qr/^WATCHDOG=1$/) > $before } 'it again';
ok(1, 'from its loop');

redis_stop();
wait_for { heard(qr/^STATUS=waiting for redis/) >= 2 } 'Redis missed';
ok(1, 'without Redis the status changes');
is(heard(qr/^READY=1$/), 1, 'readiness is told once');

worker_stop();
ok(heard(qr/^STOPPING=1$/), 'it says that it stops');
is(scalar(grep { !/^[A-Z]+=[^\n]+$/ } @said), 0,
   'each datagram is one assignment');

# A socket that is none, or nobody's, disturbs nothing.
redis_start();
for my $bad ('', 'relative', '@', '/' . 'x' x 200, work_dir() . '/nobody') {
    my $r = worker_once({ NOTIFY_SOCKET => $bad });

    is($r->{rc}, 0, 'NOTIFY_SOCKET "' . substr($bad, 0, 12) . '" is no harm');
}

done_testing();
