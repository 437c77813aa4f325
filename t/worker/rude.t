# Endpoints that misbehave cost one delivery, never the worker: redirects,
# endless, slow, cut and false answers. Were it broken, one endpoint could lead
# the worker elsewhere, fill its memory or hold it for good.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs;

redis_start();
receiver_start();

my $rude_port = free_port();
my $tls_port = free_port();


# A server whose answers are bytes, then more bytes for as long as they are
# taken: the path says which.

my $rude = <<'EOP';
use strict; use warnings; use IO::Socket::INET; use Time::HiRes 'sleep';
$SIG{CHLD} = 'IGNORE'; $SIG{PIPE} = 'IGNORE';
my $l = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ARGV[0],
                              Listen => 50, ReuseAddr => 1) or die $!;
my $head = "HTTP/1.1 %d X\r\nContent-Type: text/plain\r\n";
while (my $c = $l->accept) {
    next if fork;
    my $in = '';
    sysread $c, $in, 65536;
    my ($what, $status) = $in =~ m{^\w+ /(\w+)/?(\d*)};
    $what ||= '';
    $status ||= 200;
    my $begin = sprintf $head, $status;
    if ($what eq 'endless') {
        syswrite $c, "$begin\r\n";
        1 while syswrite $c, 'x' x 65536;
    } elsif ($what eq 'chunks') {
        syswrite $c, "${begin}Transfer-Encoding: chunked\r\n\r\n";
        1 while syswrite $c, "1000\r\n" . 'x' x 4096 . "\r\n";
    } elsif ($what eq 'headers') {
        syswrite $c, $begin;
        1 while syswrite $c, "X-More: " . 'x' x 1000 . "\r\n";
    } elsif ($what eq 'header') {
        syswrite $c, "${begin}X-Long: ";
        1 while syswrite $c, 'x' x 65536;
    } elsif ($what eq 'trickle') {
        syswrite $c, "${begin}Content-Length: 100000\r\n\r\n";
        sleep 0.05 while syswrite $c, 'x';
    } elsif ($what eq 'slowly') {
        for (split //, "${begin}Content-Length: 2\r\n\r\nok") {
            syswrite $c, $_;
            sleep 0.002;
        }
    } elsif ($what eq 'continue') {
        syswrite $c, "HTTP/1.1 100 Continue\r\n\r\n" x 3;
        syswrite $c, "${begin}Content-Length: 0\r\n\r\n";
    } elsif ($what eq 'only100') {
        syswrite $c, "HTTP/1.1 100 Continue\r\n\r\n";
    } elsif ($what eq 'gzip') {
        syswrite $c, "${begin}Content-Encoding: gzip\r\n"
                   . "Content-Length: 5\r\n\r\nno gz";
    } elsif ($what eq 'old') {
        syswrite $c, "what is HTTP?";
    }
    exit;
}
EOP

spawn(name => 'rude', cmd => [ $^X, '-e', $rude, $rude_port ]);
wait_for { IO::Socket::INET->new(PeerAddr => "127.0.0.1:$rude_port") } 'rude';


# Delivers to the rude path; gives the job's id and the seconds it took.
sub deliver {
    my ($url, @options) = @_;

    my $id = push_job(url => $url);
    my $r = worker_once('--retry-schedule', '1h', @options);

    is($r->{rc}, 0, 'the worker exits with 0') or diag $r->{err};

    return $id;
}

sub failed {
    my ($id, $why, $what) = @_;

    is(job_hash($id)->{error}, $why, $what);
}


# --- redirects

for my $status (301, 302, 303, 307, 308) {
    hooks_reset();
    hooks_answer(status => $status, path => '/from',
                 location => receiver_url('/to'));

    my $id = deliver(receiver_url('/from'));

    failed($id, "status_$status", "a $status is a failure");
    is(join(' ', map { $_->{target} } hooks()), '/from', 'that leads nowhere');
}

# --- bodies that do not end: what was said before counts

my $rude_url = "http://127.0.0.1:$rude_port";

for my $path (qw(endless chunks trickle slowly gzip continue)) {
    my $id = deliver("$rude_url/$path", '--timeout', '3s');

    ok(job_gone($id) && !defined dead_reason($id),
       "an answer 200 is a success, $path or not");
}

failed(deliver("$rude_url/endless/500"), 'status_500',
       'an endless 500 is a 500');

# --- no answer

failed(deliver("$rude_url/headers"), 'bad_answer',
       'headers without an end are no answer');
failed(deliver("$rude_url/header"), 'bad_answer', 'nor is one endless header');
failed(deliver("$rude_url/old"), 'bad_answer', 'nor what is not HTTP');
like(job_hash(deliver("$rude_url/only100"))->{error},
     qr/^(?:connection_lost|bad_answer)$/, 'nor a 100 alone');
failed(deliver("$rude_url/"), 'connection_lost', 'nor a closed connection');

hooks_answer(fault => 'silent', path => '/silent');
failed(deliver(receiver_url('/silent'), '--timeout', '1s'), 'timeout',
       'silence is a timeout');

hooks_answer(fault => 'reset', path => '/reset');
failed(deliver(receiver_url('/reset')), 'connection_lost', 'a reset is a loss');

hooks_answer(delay_ms => 700, path => '/slow');
ok(job_gone(deliver(receiver_url('/slow'), '--timeout', '10s')),
   'a slow answer in time is a success');

# --- one that is slow holds nobody else up

hooks_reset();
hooks_answer(fault => 'silent', path => '/silent');
push_job(url => receiver_url('/silent')) for 1 .. 30;
worker_start('--concurrency', 40, '--timeout', '10s', '--drain', '0');
wait_for { hooks() >= 4 } 'the first of the silent';

my @fast = map { push_job(url => "$rude_url/slowly") } 1 .. 8;

wait_for { !grep { !job_gone($_) } @fast } 'the fast ones';
is(scalar hooks(), 4, 'a silent endpoint holds four deliveries, no more');
is(worker_stop(), 0, 'the worker stops in spite of it');

# of a small worker it has no more than a tenth

redis('FLUSHALL');
hooks_reset();
hooks_answer(fault => 'silent', path => '/silent');
push_job(url => receiver_url('/silent')) for 1 .. 30;
worker_start('--concurrency', 8, '--timeout', '10s', '--drain', '0');
wait_for { hooks() >= 1 } 'the first of the silent';
@fast = map { push_job(url => "$rude_url/slowly") } 1 .. 4;
wait_for { !grep { !job_gone($_) } @fast } 'the fast ones';
is(scalar hooks(), 1, 'of a small worker it holds one');
is(worker_stop(), 0, 'and it stops');

redis('FLUSHALL');

# --- TLS

failed(deliver("https://127.0.0.1:$rude_port/"), 'tls_error',
       'https to a port that does not speak it is an error of TLS');

SKIP: {
    skip 'no openssl', 3
        if system('command -v openssl >/dev/null 2>&1') != 0;

    my $pem = work_dir() . '/tls.pem';

    run_command([ qw(openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj
                     /CN=localhost -addext subjectAltName=DNS:localhost
                     -keyout), "$pem.key", '-out', $pem ]);
    spawn(name => 'tls', cmd => [ qw(openssl s_server -quiet -www -accept),
                                  "127.0.0.1:$tls_port", '-cert', $pem,
                                  '-key', "$pem.key" ]);
    wait_for { IO::Socket::INET->new(PeerAddr => "127.0.0.1:$tls_port") } 'tls';

    failed(deliver("https://localhost:$tls_port/"), 'tls_error',
           'a certificate that nobody vouches for is refused');

    my $id = push_job(url => "https://localhost:$tls_port/", method => 'GET',
                      body => undef);

    worker_once('--ca-file', $pem);
    ok(job_gone($id), 'one that --ca-file vouches for is taken');

    failed(deliver("https://127.0.0.1:$tls_port/", '--ca-file', $pem),
           'tls_error', 'but for its own name only');
}

done_testing();
