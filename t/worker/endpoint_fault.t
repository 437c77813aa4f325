# F40: endpoints as they are: down for days, slow, gone, overrun, without end,
# with a certificate of last year, without a name, a byte at a time. Each job has
# the state that it must have, a good one beside it arrives, and no room is lost.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use IO::Socket::INET;
use POSIX ();
use Socket qw(IPPROTO_TCP TCP_NODELAY);
use Test::More;
use Test::CRM;
use Test::CRM::Jobs;
use Test::CRM::Process;

redis_start();
receiver_start();

# A server that reads a request, whole, and then does as it likes.
sub server {
    my ($answer) = @_;

    my $listen = IO::Socket::INET->new(Listen => 8, LocalAddr => '127.0.0.1') or die "listen: $!";
    my $pid = Test::CRM::Process::fork_child('endpoint');

    if ($pid == 0) {
        $SIG{PIPE} = 'DEFAULT';
        $SIG{CHLD} = 'IGNORE';

        while (my $c = $listen->accept) {
            next if fork();
            $c->autoflush(1);
            setsockopt $c, IPPROTO_TCP, TCP_NODELAY, 1;

            my $text = '';
            $text .= readline($c) // last until $text =~ /\r\n\r\n\z/;
            read $c, my $body, $1 if $text =~ /^content-length: (\d+)/mi;
            $answer->($c);
            POSIX::_exit(0);
        }
        POSIX::_exit(0);
    }

    return 'http://127.0.0.1:' . $listen->sockport . '/';
}

# One that shows a certificate of ten days ago that was good for two.
sub expired {
    my $dir = work_dir();
    my $shim = "$dir/clock.so";
    my $port = free_port();
    my $cc = run_command([ 'cc', '-shared', '-fPIC', '-O1', '-o', $shim,
                           top_dir() . '/t/lib/clock.c', '-ldl' ]);

    die "cc: $cc->{err}" if $cc->{rc};
    spew("$dir/past.clock", pack 'q', -10 * 86400);

    my $r = run_command([ qw(openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes
        -days 2 -subj /CN=past -addext subjectAltName=IP:127.0.0.1 -out), "$dir/past.crt", '-keyout', "$dir/past.key" ],
        env => { LD_PRELOAD => $shim, CRM_CLOCK_FILE => "$dir/past.clock" });

    die $r->{err} if $r->{rc};
    spawn(name => 'past', cmd => [ qw(openssl s_server -quiet -www -cert), "$dir/past.crt", '-key', "$dir/past.key",
                                   '-accept', "127.0.0.1:$port" ]);
    wait_for { IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port") } 'the server of the past';

    return "https://127.0.0.1:$port/";
}

my $ok = "HTTP/1.1 200 OK\r\n";
my @trust;
my $hour = 3_600_000;

# What it is; its URL; the state its job must have: done, dead or delayed; the
# reason; ms that it waits at least.
my @rows = (
    [ 'no answer within the time' => server(sub { readline $_[0] }), 'delayed', qr/^timeout$/, 0 ],
    [ 'an answer a byte at a time' => server(sub {
        my ($c) = @_;
        syswrite $c, $_ for split //, "${ok}Content-Length: 2\r\n\r\nok";
    }), 'done' ],
    [ 'a body without end, and 200' => server(sub {
        my ($c) = @_;
        print $c "$ok\r\n";
        1 while print $c 'x' x 65536;
    }), 'done' ],
    [ 'a body without end, and 500' => server(sub {
        my ($c) = @_;
        print $c "HTTP/1.1 500 No\r\n\r\n";
        1 while print $c 'x' x 65536;
    }), 'delayed', qr/^status_500$/, 0 ],
    [ 'headers without end' => server(sub {
        my ($c) = @_;
        print $c $ok;
        1 while print $c 'X-More: ' . 'x' x 1000 . "\r\n";
    }), 'delayed', qr/^bad_answer/, 0 ],
    [ 'nothing, and good-bye' => server(sub { }), 'delayed', qr/^connection_lost$/, 0 ],
    [ 'what is not HTTP' => server(sub { print { $_[0] } "SSH-2.0-x\r\n" x 9 }), 'delayed', qr/^bad_answer/, 0 ],
    [ '429 and an hour' => server(sub {
        print { $_[0] } "HTTP/1.1 429 Slowly\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n";
    }), 'delayed', qr/^status_429$/, $hour - 10_000 ],
    [ '410' => server(sub { print { $_[0] } "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n" }),
      'dead', qr/^status_410$/ ],
    [ 'a name that there is not' => 'https://does-not-exist.invalid/', 'delayed', qr/^dns_error$/, 0 ],
    [ 'nobody at the port' => 'http://127.0.0.1:' . free_port() . '/', 'delayed', qr/^connection_refused$/, 0 ],
);

unless ($ENV{CRM_TEST_ASAN}) {      # its library would be preloaded, too
    push @rows, [ 'a certificate that has expired' => expired(), 'delayed', qr/^tls_error$/, 0 ];
    @trust = ('--ca-file', work_dir() . '/past.crt');
}

my (%id, @good);

for my $row (@rows) {
    $id{ $row->[0] } = push_job(url => $row->[1], name => "webhook of $row->[1]");
    push @good, push_job(url => receiver_url('/good'));
}

my ($s) = @{ redis('TIME') };
my $r = worker_once('--timeout', '2s', '--retry-schedule', '60s', @trust);

is($r->{rc}, 0, 'F40: the worker goes on') or diag $r->{err};

for my $row (@rows) {
    my ($what, undef, $state, $reason, $least) = @$row;
    my $id = $id{$what};
    my $job = job_hash($id);

    if ($state eq 'delayed') {
        is($job->{state}, 'delayed', "F40: $what is tried again");
        like($job->{error}, $reason, "F40: $what, by that name");
        cmp_ok($job->{due} - $s * 1000, '>=', $least || 20_000, "F40: $what, not at once");
        next;
    }

    ok(job_gone($id), "F40: $what ends it");
    like(dead_reason($id) || '', $reason || qr/^\z/, "F40: $what, $state");
}

is(scalar(grep { job_gone($_) && !dead_reason($_) } @good), scalar @good, 'F40: what was beside them has arrived');
is(redis('ZCARD', key('lease')), 0, 'F40: nothing is leased');
is(redis('EXISTS', key('inflight')), 0, 'F40: no room is lost');

# --- down for three days: each step of the schedule, a fifth less or more, and the end

redis('FLUSHALL');

my $down = push_job(url => 'http://127.0.0.1:' . free_port() . '/');
my @steps = map { $_ * 1000 } 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400;

for my $n (1 .. 10) {
    endpoints_well();
    worker_once();

    my ($now) = @{ redis('TIME') };

    last if $n == 10;

    my $wait = job_hash($down)->{due} - $now * 1000;

    cmp_ok($wait, '>', $steps[$n - 1] * 0.8 - 60_000, "F40: down, attempt $n: the next is not early");
    cmp_ok($wait, '<=', $steps[$n - 1] * 1.2 + 1000, "F40: down, attempt $n: nor late");
    is(job_hash($down)->{attempts}, $n, "F40: down, attempt $n is counted");
    redis('ZADD', key('delayed'), 1, $down);
}

is(dead_reason($down), 'connection_refused', 'F40: down for three days and more, it is dead in the end');
is((dead())[0]{attempts}, 10, 'F40: after ten attempts');

done_testing();
