# Rows 85 and 87 of the table of ways around a lock, and what a client that takes
# its time costs: whoever sends its body slowly, or never, or takes its request
# back as soon as it is sent, holds no lease and little memory, and leaves
# nothing behind. Fails when the records that others write are held up by it, or
# when nginx grows with each of them.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use IO::Select;
use IO::Socket::INET;
use Test::More;
use Test::CRM;
use Test::CRM::Http2 qw(h2_frame h2_headers);
use Test::CRM::Process;
use Test::CRM::Recovery;

my $clients = 1000;

if ((run_command([ 'sh', '-c', 'ulimit -n' ])->{out} + 0 || 1 << 20) < 2 * $clients + 200) {
    exec 'sh', '-c', 'ulimit -n 4096 && exec "$@"', 'sh', $^X, $0;
}

redis_start();
crm_start();
crm_rules(<<'EOT');
kind: record_locking
module: Deals
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: Stage, comparator: equal, value: Closed Won }
---
kind: workflow_rule
name: tell
module: Deals
execute_when: { type: edit }
conditions: [ { criteria: null, instant_actions: [ { type: webhooks, name: hook } ] } ]
---
kind: webhook
name: hook
module: Deals
url: http://127.0.0.1:9/
http_method: POST
EOT

my $h2 = free_port();
my $root = work_dir() . '/nginx';

sub config {
    my ($body_timeout) = @_;

    return Test::CRM::nginx_text(nginx_port(), $root, workers => 1, main => '', log_level => 'warn',
        server => crm_server_config('crm_lease_wait 200ms;')
            . "listen 127.0.0.1:$h2 http2; client_body_timeout $body_timeout; http2_max_concurrent_streams 128;")
        =~ s/worker_connections 1024/worker_connections 8192/r =~ s/^pid/worker_rlimit_nofile 8192;\npid/mr;
}

nginx_start();

my $pid = with(config('60s'));

# The process that has this configuration.
sub with {
    nginx_ready();                              # the first process may not be there yet

    my %old = map { $_ => 1 } nginx()->worker_pids;

    nginx()->write_config($_[0]);
    nginx_reload();

    my $pid = wait_for { my @p = nginx()->worker_pids; @p == 1 && !$old{ $p[0] } && $p[0] } 'the new process alone', 20;

    nginx_ready();

    return $pid;
}

sub rss  { return slurp("/proc/$pid/status") =~ /^VmRSS:\s+(\d+)/m ? $1 : die "no process\n" }     # KB
sub free { return !intents() && !leases() }
sub put  { return http(PUT => "/crm/v8/Deals/$_[0]", body => '{"data":[{"Amount":2}]}') }

crm_seed('Deals', $_, '{"Stage":"Open","Amount":1}') for 1 .. 128;
put(1);


# --- what one write may take: a copy of its body, and what is made of its fields

sub grows {
    my ($id, $body) = @_;

    my $before = rss();
    my $r = http(PUT => "/crm/v8/Deals/$id", body => $body, timeout => 30);

    return ($r->{status}, rss() - $before);
}

crm_seed('Deals', 200, '{"Stage":"Closed Won"}');

my ($status, $grown) = grows(2, '{"data":[{"Text":"' . 'x' x 1_000_000 . '"}]}');

is($status, 200, 'a write of a megabyte is done');
cmp_ok($grown, '<', 12 * 1024, "in $grown KB, not 12 MB");

($status, $grown) = grows(200, '{"data":[{' . join(',', map { qq("f$_":"$_") } 1 .. 32_000) . '}]}');

is($status, 400, 'one of 32,000 fields is refused, since it is locked');
cmp_ok($grown, '<', 24 * 1024, "in $grown KB more, not 24 MB");


# --- row 87: a body that is announced, and never comes

sub slow {
    my ($more, $length, $some) = @_;

    my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => nginx_port()) or die "connect: $!\n";

    print $s "PUT /crm/v8/Deals/1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        . "Content-Length: $length\r\n$more\r\n$some";
    $s->flush;

    return $s;
}

my $s = slow("Expect: 100-continue\r\n", 100, '');

like(scalar <$s>, qr/^HTTP\/1.1 100 /, 'row 87: a client is told to go on, and does not');
ok(free(), 'row 87: nothing is leased for it');
is(put(1)->{status}, 200, 'row 87: the record is written by another');
undef $s;


# --- a thousand slow bodies, of a megabyte each

sub thousand {
    my $piece = '{"data":[{"Text":"' . 'x' x 8000;
    my @all = map { slow('', 1_000_000, $piece) } 1 .. $clients;

    wait_for { rss_still() } 'nginx to read them';

    return @all;
}

# Twice the same.
sub rss_still {
    my ($one, $two);

    for (1 .. 5) {
        $two = rss();
        return 0 if defined $one && $one != $two;
        $one = $two;
        nginx_sees();
    }

    return 1;
}

my $before = rss();
my @slow = thousand();
my $each = (rss() - $before) / $clients;

cmp_ok($each, '<', 64, "a slow body of a megabyte holds $each KB, not 64");
ok(free(), 'and no lease');
is(put(1)->{status}, 200, 'writes go on between a thousand of them');

undef @slow;
wait_for { put(1)->{status} == 200 && free() } 'nothing to be left of them';

my $after = rss();

@slow = thousand();
undef @slow;
wait_for { put(1)->{status} == 200 && free() } 'nothing to be left of them';
cmp_ok(rss() - $after, '<', 8192, 'another thousand find the memory of the first');


# --- row 85: HTTP/2, taken back at once

sub h2_open {
    my $c = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $h2) or die "connect: $!\n";

    binmode $c;
    syswrite $c, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" . h2_frame(4, 0, 0, '');

    return $c;
}

# The n-th stream of a connection: a write of record n, or the end of one.

sub h2_put {
    my ($n) = @_;

    return h2_headers(2 * $n - 1, [ ':method' => 'PUT', ':scheme' => 'http', ':authority' => 'x',
               ':path' => '/crm/v8/Deals/' . (($n - 1) % 120 + 1), 'content-type' => 'application/json' ])
         . h2_frame(0, 1, 2 * $n - 1, '{"data":[{"Amount":3}]}');
}

sub h2_reset { return h2_frame(3, 0, 2 * $_[0] - 1, pack 'N', 8) }

sub send_all {
    my ($c, $bytes) = @_;

    while (length $bytes) {
        my $n = syswrite $c, $bytes, 65536;

        return 0 unless $n;                     # nginx has had enough
        substr $bytes, 0, $n, '';
    }

    return 1;
}

local $SIG{PIPE} = 'IGNORE';

sub held {
    crm_freeze();

    my $c = h2_open();

    send_all($c, join '', map { h2_put($_) } 1 .. 100);
    wait_for { leases() == 100 } 'a hundred leases';

    return $c;
}

my $writes = () = crm_writes();
my $c = held();

send_all($c, join '', map { h2_reset($_) } 1 .. 100);
wait_for { free() } 'the leases to be given back';
pass('row 85: a hundred streams that are reset while they are judged leave no lease');
crm_thaw();

for my $round (1 .. 3) {
    $c = h2_open();
    send_all($c, join '', map { h2_put($_) . h2_reset($_) } 1 .. 1000);
    wait_for { free() } 'what a thousand streams have begun to end';
}

pass('row 85: nor do thousands that are reset as soon as they are sent');
is(scalar(() = crm_writes()), $writes, 'the CRM has seen none of them');

my $many = rss();

for (1 .. 3) {
    $c = held();
    send_all($c, join '', map { h2_reset($_) } 1 .. 100);
    wait_for { free() } 'the leases to be given back';
    crm_thaw();
}

cmp_ok(rss() - $many, '<', 4096, 'row 85: memory comes back');

redis('DEL', 'crm:{acme}:queue:webhooks');
crm_delay(ms => 300, method => 'PUT', times => 20);
$c = h2_open();
send_all($c, join '', map { h2_put($_) } 1 .. 20);
wait_for { crm_writes() >= $writes + 20 } 'the CRM to work at twenty', 20;
send_all($c, join '', map { h2_reset($_) } 1 .. 20);
wait_for { free() } 'their end';
is(redis('LLEN', 'crm:{acme}:queue:webhooks'), 20, 'row 85: those that the CRM has been given go on to their end');

$c = held();
$many = rss();

my $flood = h2_open();

send_all($flood, h2_frame(1, 0, 1, substr h2_headers(1, [ ':method' => 'PUT' ]), 9)
    . h2_frame(9, 0, 1, "\0\1a" . "\x7f\x81\x3f" . 'x' x 8000) x 500);
nginx_sees();
cmp_ok(rss() - $many, '<', 1024, 'row 85: a flood of CONTINUATION takes no memory');
is(scalar(leases()), 100, 'nor a lease');
send_all($c, join '', map { h2_reset($_) } 1 .. 100);
wait_for { free() } 'the leases to be given back';
crm_thaw();


# --- who never goes on is sent away

undef $_ for $s, $c, $flood;
with(config('1s'));
$s = slow("Expect: 100-continue\r\n", 100, '');
$c = h2_open();
send_all($c, h2_headers(1, [ ':method' => 'PUT', ':scheme' => 'http', ':authority' => 'x',
    ':path' => '/crm/v8/Deals/1', 'content-type' => 'application/json', 'content-length' => '100' ]));
like(answer_of($s), qr/^HTTP\/1.1 100 .*(?:\z|HTTP\/1.1 408 )/s, 'row 87: client_body_timeout ends it');
ok(free(), 'row 87: over HTTP/2 too, nothing is leased meanwhile');
is(put(1)->{status}, 200, 'and all goes on');

undef $_ for $s, $c;

my $trouble = nginx_stop();

is($trouble, undef, 'nginx ends well');

done_testing();
