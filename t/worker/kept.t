# A connection that is kept is watched while nobody speaks over it: when the
# receiver ends it, or says what nobody asked, it is closed at once and the next
# webhook goes out by another. Were it not, an answer would be taken for that of
# another request, the worker would turn in circles on a socket that is always
# ready, or it would wait on the socket of somebody else that got its number.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use IO::Socket::INET;
use Test::More;
use Test::CRM;
use Test::CRM::Jobs;

redis_start();

my $port = free_port();
my $said = work_dir() . '/said';

# Answers as the path says, each connection in its own process, and writes down
# which connection each request came by, and when the worker ended one.

my $receiver = <<'EOP';
use strict; use warnings; use IO::Socket::INET;
$SIG{CHLD} = 'IGNORE'; $SIG{PIPE} = 'IGNORE';
my ($port, $said) = @ARGV;
my $l = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port,
                              Listen => 500, ReuseAddr => 1) or die $!;
sub say_so { open my $f, '>>', $said or die $!; syswrite $f, "@_\n" }
my $n = 0;
while (1) {
    my $c = $l->accept or next;
    my $id = ++$n;
    next if fork;
    close $l;
    my ($buf, $k) = ('', 0);
    while (1) {
        until ($buf =~ /\A(.*?\r\n\r\n)/s
               && length($buf) >= length($1) + ($1 =~ /content-length: (\d+)/i ? $1 : 0)) {
            sysread $c, $buf, 65536, length $buf or do { say_so("end $id"); exit };
        }
        $buf =~ s/\A(.*?\r\n\r\n)//s;
        my $head = $1;
        substr $buf, 0, $head =~ /content-length: (\d+)/i ? $1 : 0, '';
        my ($what) = $head =~ m{^\w+ /(\w*)};
        my ($job) = $head =~ /^webhook-id: (\S+)/mi;
        say_so("got $id $job");
        my $ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        if ($what eq 'ends') { syswrite $c, $ok; exit }
        if ($what eq 'resets') {
            syswrite $c, $ok;
            setsockopt $c, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
            exit;
        }
        if ($what eq 'mutters') {
            syswrite $c, $ok;
            select undef, undef, undef, 0.1;
            syswrite $c, "HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n";
        } elsif ($what eq 'more') {
            syswrite $c, $ok . "HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n";
        } elsif ($what eq 'chunks') {
            syswrite $c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            syswrite $c, "1\r\no\r\n1\r\nk\r\n0\r\n\r\n";
        } elsif ($what eq 'old') {
            syswrite $c, "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok";
        } elsif ($what eq 'close') {
            syswrite $c, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";
        } elsif ($what eq 'once' && $k++) {
            exit;               # read it, and leave
        } elsif ($what eq 'never') {
            exit;
        } else {
            syswrite $c, $ok;
        }
    }
}
EOP

spawn(name => 'receiver', cmd => [ $^X, '-MSocket', '-e', $receiver, $port, $said ]);
wait_for { IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port") } 'the receiver';

my @options = ('--endpoint-rate', 0, '--endpoint-limit', 20, '--concurrency', 20,
               '--retry-schedule', '1h');
my $worker = worker_start(@options);


sub said { return -e $said ? split /\n/, slurp($said) : () }


# Delivers one; the number of the connection that it last came by.
sub from {
    my ($what, %o) = @_;

    my $id = push_job(url => "http://127.0.0.1:$port/$what", %o);

    my @got;

    wait_for {
        @got = map { /^got (\d+) \Q$id\E$/ ? $1 : () } said();
        @got && (job_gone($id) || job_hash($id)->{error});
    } "the webhook $id";

    return wantarray ? (@got, job_gone($id) ? '' : job_hash($id)->{error}) : $got[-1];
}


# Sockets of the worker to the receiver.
sub open_ones {
    my $hex = sprintf ':%04X', $port;
    my %mine = map { (readlink($_) // '') =~ /^socket:\[(\d+)\]/ ? ($1 => 1) : () }
        glob "/proc/$worker/fd/*";

    return scalar grep { my @f = split; $f[2] =~ /$hex$/ && $mine{ $f[9] } }
        split /\n/, slurp('/proc/net/tcp');
}


# --- what keeps it

my $first = from('');

is(from(''), $first, 'a connection is used again');
is(from('chunks'), $first, 'for what answers in chunks as well');
is(from(''), $first, 'and after that');
is(from('', body => 'x' x 200_000), $first, 'and for a body that goes out in pieces');

# --- what ends it

for my $what (qw(ends resets)) {
    my $old = from($what);

    wait_for { !open_ones() } "the worker lets go: $what";
    isnt(from(''), $old, "a receiver that $what an idle connection is called by another");
}

for my $what (qw(mutters more old close)) {
    my $old = from($what);

    wait_for { grep { $_ eq "end $old" } said() } "the worker ends it: $what";
    my ($new, $why) = from('');

    isnt($new, $old, "after \"$what\" a connection is not used again");
    is($why, '', 'and nothing is taken for the answer of the next');
}

# --- one that was ended as it was used

my $kept = from('once');
my @got = from('once');

is(pop @got, '', 'a webhook that met the end of a connection is delivered');
is($got[0], $kept, 'it went out by the old one');
is(scalar @got, 2, 'then, once, by a new one');
isnt($got[1], $kept, 'which is another');

@got = from('never');
is(pop @got, 'connection_lost', 'who ends the new one too has not answered');

# --- numbers of sockets come again

my $n = 120;
my @ids = map { push_job(url => "http://127.0.0.1:$port/" . (qw(ends resets close more), '')[$_ % 5]) }
    1 .. $n;

wait_for {
    my %times = map { /^got \d+ (\S+)/ ? ($1 => 1) : () } said();
    waiting() == 1 && $n == grep { $times{$_} } @ids;
} 'all of them';

ok(!dead(), 'many that end, in between others that do not: each is delivered');
ok(!(grep { job_hash($_)->{error} } @ids), 'and none failed');

# --- idle

from('');
wait_for { open_ones() } 'one that is idle';

my $cpu = sub { my @f = split ' ', slurp("/proc/$worker/stat") =~ s/.*\) //r; $f[11] + $f[12] };
my $before = $cpu->();

select undef, undef, undef, 1;
cmp_ok($cpu->() - $before, '<', 50, 'the worker does not turn in circles meanwhile');

from('') for 1 .. 2;
is(worker_stop(), 0, 'and stops well while a connection is idle');

# --- TLS

SKIP: {
    skip 'no openssl, or an nginx without TLS', 5
        if system('command -v openssl >/dev/null 2>&1')
        || run_command([ qw(nginx -V) ])->{err} !~ /http_ssl_module/;

    my $root = work_dir() . '/tls';
    my $tls_port = free_port();
    my $nginx = Test::CRM::Nginx->new(root => $root, port => $tls_port);
    my $user = $> == 0 ? 'user root;' : '';

    run_command([ qw(openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj
                     /CN=localhost -addext subjectAltName=DNS:localhost
                     -keyout), "$root/key", '-out', "$root/pem" ]);
    $nginx->write_config(<<"EOT");
$user
daemon off;
worker_processes 1;
error_log $root/logs/error.log;
pid $root/logs/nginx.pid;
events { worker_connections 100; }
http {
    log_format by '\$connection \$http_webhook_id .';
    access_log $root/logs/by.log by;
    client_max_body_size 10m;
    client_body_temp_path $root/tmp/body;
    proxy_temp_path $root/tmp/proxy;
    fastcgi_temp_path $root/tmp/fastcgi;
    scgi_temp_path $root/tmp/scgi;
    uwsgi_temp_path $root/tmp/uwsgi;
    server {
        listen 127.0.0.1:$tls_port ssl;
        ssl_certificate $root/pem;
        ssl_certificate_key $root/key;
        location / { return 200 'ok'; }
        location /short { keepalive_timeout 0; return 200 'ok'; }
    }
}
EOT

    my $why = $nginx->start;

    die $why if $why;
    worker_start(@options, '--ca-file', "$root/pem");

    my $by = sub {
        my ($path, %o) = @_;

        my $id = push_job(url => "https://localhost:$tls_port$path", %o);
        my $line;

        wait_for { ($line) = grep { / \Q$id\E / } split /\n/, slurp("$root/logs/by.log") }
            "the webhook $id";

        return $line;
    };

    my ($connection) = split ' ', $by->('/');

    is((split ' ', $by->('/', body => 'x' x 250_000))[0], $connection,
       'a connection with TLS is used again');
    is((split ' ', $by->('/'))[0], $connection, 'after a large body, too');

    my ($other) = split ' ', $by->('/short');

    is($other, $connection, 'which the receiver ends then');
    isnt((split ' ', $by->('/'))[0], $connection, 'and the next goes by another');
    is(worker_stop(), 0, 'and the worker stops well');
    $nginx->stop;
}

done_testing();
