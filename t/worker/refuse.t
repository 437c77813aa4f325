# Addresses that must not be called are not, however they are written, and
# jobs that make no sense are dead with a reason. Were it broken, whoever
# writes rules could reach what only the worker's machine can.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs;

redis_start();
receiver_start();

my $port = receiver_port();
my @bare = ('--redis', redis_url(), '--org', crm_org(), '--retry-schedule', '1h');
my $worker = worker_command()->[0];


# Runs the jobs with no private range allowed, unless @options says so.
sub run_once {
    my @options = @_;

    my $r = run_command([ $worker, @bare, '--once', @options ], timeout => 60);

    is($r->{rc}, 0, 'the worker exits with 0') or diag $r->{err};

    return $r;
}


# --- addresses: our own receiver listens at the port, yet sees nothing

my @blocked = map { sprintf $_, $port } (
    'http://127.0.0.1:%d/', 'http://127.1:%d/', 'http://127.0.0.2:%d/',
    'http://2130706433:%d/', 'http://0x7f.1:%d/', 'http://0x7f000001:%d/',
    'http://0177.0.0.1:%d/', 'http://0:%d/', 'http://0.0.0.0:%d/',
    'http://[::1]:%d/', 'http://[::]:%d/', 'http://[::ffff:127.0.0.1]:%d/',
    'http://[::ffff:7f00:1]:%d/', 'http://[::127.0.0.1]:%d/',
    'http://localhost:%d/', 'http://LOCALHOST:%d/', 'http://localhost.:%d/',
    'http://a.localhost:%d/', 'http://[fe80::1%%25lo]:%d/',
    'https://127.0.0.1:%d/', 'http:///127.0.0.1:%d/');

push @blocked, 'http://169.254.169.254/latest/', 'http://10.0.0.1/',
    'http://172.16.0.1/', 'http://192.168.1.1/', 'http://100.64.0.1/',
    'http://192.0.0.1/', 'http://192.0.2.1/', 'http://192.88.99.1/',
    'http://198.18.0.1/', 'http://198.51.100.1/', 'http://203.0.113.1/',
    'http://224.0.0.1/', 'http://240.0.0.1/', 'http://255.255.255.255/',
    'http://[64:ff9b::a9fe:a9fe]/', 'http://[64:ff9b:1::1]/', 'http://[::ffff:0:a9fe:a9fe]/',
    'http://[2002:7f00:1::]/', 'http://[2001::1]/', 'http://[2001:db8::1]/',
    'http://[fc00::1]/', 'http://[fd00::1]/', 'http://[fec0::1]/',
    'http://[ff02::1]/', 'http://[100::1]/', 'http://[3fff::1]/',
    'http://[5f00::1]/';

my %case = map { push_job(url => $_, allow_http => JSON::PP::true) => $_ } @blocked;

run_once();

for my $id (sort keys %case) {
    like(dead_reason($id) || '', qr/^(?:blocked_address$|malformed_job: the URL)/,
         "$case{$id} is refused");
}

is(scalar hooks(), 0, 'and nothing has arrived');

# Letters that look like others: some become 127.0.0.1 or localhost, some no
# name at all. Which does not matter here, as long as none gets through.

push_job(url => "http://$_:$port/", allow_http => JSON::PP::true)
    for "\x{24db}ocalhost", "127\x{3002}0\x{3002}0\x{3002}1",
        "\x{2460}\x{2461}\x{2466}.0.0.1", "\x{ff11}27.0.0.1",
        "l\x{43e}calhost", "loc\x{ad}alhost", '127.0.0.1%2f@evil',
        "127.0.0.1\\\@evil", "127.0.0.1#\@evil", '127.0.0.1%00', '%31%32%37.0.0.1';
run_once();
is(scalar hooks(), 0, 'letters that look like others lead nowhere');

# --- URLs

%case = map { push_job(url => $_) => $_ } (
    "http://evil\@127.0.0.1:$port/", "http://a:b\@example.com/",
    "http://127.0.0.1:$port\@example.com/", 'gopher://example.com/',
    'file:///etc/passwd', 'dict://example.com/', 'ftp://example.com/',
    "http://127.0.0.1:$port/\r\nX: y", "http://example.com/ x",
    "http://exa\tmple.com/", 'example.com', '//example.com/', '',
    'http:127.0.0.1', 'http://', 'http://example.com:0/',
    'http://example.com:99999/', 'https://' . 'a' x 300 . '.com/',
    'https://example.com/' . 'a' x 2048);

run_once();

for my $id (sort keys %case) {
    (my $shown = substr $case{$id}, 0, 60) =~ s/[\r\n\t]/?/g;
    like(dead_reason($id) || '', qr/^malformed_job: the URL/,
         "\"$shown\" is no URL to call");
}

%case = map { push_job(url => $_, allow_http => JSON::PP::true) => $_ }
    map { "http://93.184.215.14:$_/" } 22, 25, 6379, 5432;
run_once();
is(dead_reason($_), 'blocked_port', "$case{$_} is refused for its port")
    for sort keys %case;

my $id = push_job(url => 'http://93.184.215.14/');
run_once();
is(dead_reason($id), 'plain_http', 'plain http needs allow_http');

$id = push_job(url => 'https://does-not-exist.invalid/');
run_once();
is(job_hash($id)->{error}, 'dns_error', 'an unknown name is tried again later');

# --- what --allow-private lets through

for my $case (
    ['127.0.0.0/8', 1], ['127.0.0.1', 1], ["127.0.0.1/32:$port", 1],
    ["127.0.0.1:$port", 1], ['0.0.0.0/0', 1], ['127.0.0.1/32:1', 0],
    ['127.0.0.2/32', 0], ['10.0.0.0/8', 0], ['::1', 0])
{
    my ($range, $allowed) = @$case;

    hooks_reset();
    push_job(url => "http://127.0.0.1:$port/");
    run_once('--allow-private', $range);
    is(scalar hooks(), $allowed, "--allow-private $range "
       . ($allowed ? 'lets it through' : 'does not'));
}

hooks_reset();
push_job(url => "http://localhost:$port/");
run_once('--allow-private', '127.0.0.1');
is(scalar hooks(), 1, 'localhost is 127.0.0.1');

hooks_reset();
$id = push_job(url => "http://127.0.0.1:$port/");
run_once('--allow-private', '127.0.0.0/8', '--backend',
         "http://127.0.0.1:$port/crm/v8");
is(scalar hooks(), 0, 'the backend is our own side: no webhook may call it');
is(dead_reason($id), 'blocked_address', 'and the job is dead');

hooks_reset();
push_job(url => "http://127.0.0.1:$port/");
{
    local $ENV{http_proxy} = 'http://127.0.0.1:9';
    local $ENV{ALL_PROXY} = 'http://127.0.0.1:9';
    run_once('--allow-private', '127.0.0.0/8');
}
is(scalar hooks(), 1, 'proxies of the environment are not used');

# --- jobs that make no sense

hooks_reset();

my $ok = "http://127.0.0.1:$port/";

%case = (
    push_job(without => ['url']) => qr/action\.url is missing/,
    push_job(url => 42) => qr/action\.url must be a text/,
    push_job(url => $ok, method => 'TRACE') => qr/action\.method must be POST/,
    push_job(url => $ok, method => 'post') => qr/action\.method must be POST/,
    push_job(url => $ok, method => "GET / HTTP/1.1\r\nX: y") =>
        qr/action\.method must be/,
    push_job(url => $ok, body => {}) => qr/action\.body must be a text/,
    push_job(url => $ok, body => 'x' x 262145) =>
        qr/action\.body is larger than 262144 bytes/,
    push_job(url => $ok, body => undef, refused => 'the body is above 256 KiB') =>
        qr/the body is above 256 KiB/,
    push_job(url => $ok, headers => []) => qr/action\.headers must be an object/,
    push_job(url => $ok, headers => { A => 1 }) => qr/is no text/,
    push_job(url => $ok, headers => { "A\r\nB" => 'x' }) => qr/no header name/,
    push_job(url => $ok, headers => { 'A B' => 'x' }) => qr/no header name/,
    push_job(url => $ok, headers => { '' => 'x' }) => qr/no header name/,
    push_job(url => $ok, headers => { A => "x\r\nB: y" }) =>
        qr/holds a control character/,
    push_job(url => $ok, headers => { A => 'x' x 4097 }) =>
        qr/more than 4096 bytes/,
    push_job(url => $ok, secret => 1, foreign => 0) =>
        qr/action\.secret must be a text/);

my $mail = push_job(type => 'email_notifications', url => $ok);

run_once('--allow-private', '127.0.0.0/8');

for my $id (sort keys %case) {
    my $reason = dead_reason($id) || '';

    like($reason, qr/^malformed_job: /, "$id is dead");
    like($reason, $case{$id}, "since $case{$id}");
}

like(dead_reason($mail), qr/^unsupported_type/, 'so is a type of another queue');
is(scalar hooks(), 0, 'nothing of it was sent');

done_testing();
