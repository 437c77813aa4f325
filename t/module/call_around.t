# Calls, where nginx' own configuration or protocol stands around them: a proxy_pass
# of variables, a body over HTTP/2 that nobody has asked for, users whose ids are
# mail addresses. Fails when a transition reaches the backend at another target than
# the one that was judged, when a client cannot read why it was refused, or when
# somebody cannot be named.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use IO::Socket::INET;
use Test::More;
use Test::CRM;
use Test::CRM::Http2 qw(h2_frame h2_headers);

redis_start();
crm_start();
crm_rules(<<'YAML');
kind: profile
name: Administrator
permissions: [manage_workflow]
---
kind: user
id: "ann@example.com"
profile: Administrator
---
kind: user
id: "Zoë/ B%"
profile: Administrator
---
kind: blueprint
name: Ring
module: Orders
field: Status
transitions:
  - id: go
    name: On
    from: [A]
    to: B
    during: { fields: [ { field: Seq, required: true } ] }
YAML

my $spare = free_port();
my $around = sub { my ($where, $pass) = @_; return "location $where { crm_automation on; crm_dialect zoho; crm_prefix /crm/;"
    . " crm_user \$http_x_crm_user trusted=127.0.0.1; crm_record_location /_crm_record; $pass }" };

nginx_start(http => crm_http_config() . 'map $host $backend { default crm_backend; }',
            server => crm_server_config()
                . "listen 127.0.0.1:$spare http2;"
                . $around->('~ ^/crm/(v7/.*)$', 'proxy_pass http://crm_backend/crm/$1;')
                . $around->('~ ^/crm/v6/', 'proxy_pass http://$backend;')
                . join('', map { "location /api$_/ { crm_api write=on guarded=/crm/v$_ auth=none; }" } 6 .. 8)
                . 'location /limits/ { crm_api write=on guarded=/crm/v8 auth=none; limit_except GET { allow 127.0.0.1; deny all; } }'
                . 'location /ifs/ { crm_api write=on guarded=/crm/v8 auth=none; if ($http_x_if) { set $seen 1; } }'
                . 'location /told/ { crm_api guarded=/crm/v8 auth=none; }');

sub call {
    my ($method, $path, $body) = @_;

    return http($method => $path, defined $body ? (body => $body) : (),
                headers => [ 'X-CRM-User' => 'ann@example.com', 'Content-Type' => 'application/json' ]);
}

wait_for { call(GET => '/api8/processes')->{status} == 200 } 'the rules';


# --- the target of a transition's update ------------------------------------------------

my $n = 100;

sub seeded {
    crm_seed('Orders', ++$n, '{"Status":"A"}');
    is(call(PUT => "/crm/v8/Orders/$n", '{"data":[{"Memo":"x"}]}')->{status}, 200, "$n enters");
    crm_clear_log();

    return $n;
}

sub targets { return join ' ', map { "$_->{method} $_->{target}" } crm_writes() }

for my $version (6 .. 8) {
    my $id = seeded();
    my $r = call(PUT => "/api$version/blueprint/Orders/$id", '{"transition":"go","data":{"Seq":"1"}}');

    is($r->{status}, 200, "crm_api, v$version: made") or diag $r->{body};
    like(targets(), qr{^PUT \S*/v$version/Orders/$id$}, 'by an update of the record');
}

for my $case ([ 8, 200 ], [ 7, 400 ], [ 6, 400 ]) {
    my ($version, $status) = @$case;
    my $id = seeded();
    my $r = call(PUT => "/crm/v$version/Orders/$id/actions/blueprint", '{"blueprint":[{"transition_id":"go","data":{"Seq":"1"}}]}');

    is($r->{status}, $status, "by the vendor's path, v$version: $status") or diag $r->{body};

    if ($status == 200) {
        like(targets(), qr{^PUT \S*/v$version/Orders/$id$}, 'made by an update of the record');
    } else {
        is(targets(), '', 'nothing is forwarded');
        like($r->{body}, qr/proxy_pass of the guarded location has variables/, 'and why is said');
        is(call(PUT => "/crm/v8/Orders/$id", '{"data":[{"Memo":"y"}]}')->{status}, 200, 'the record is free');
    }
}


# --- blocks in the location of crm_api ---------------------------------------------------

for my $path ('/limits', '/ifs') {
    my @if = ('X-If' => 1);
    my $r = http(PUT => "$path/users/ann\@example.com/presence", body => '{"online":true}',
                 headers => [ 'X-CRM-User' => 'ann@example.com', 'Content-Type' => 'application/json', @if ]);

    is($r->{status}, 200, "$path: a call that changes something") or diag explain $r;
    is(http(GET => "$path/processes", headers => [ 'X-CRM-User' => 'ann@example.com', @if ])->{status}, 200, 'and one that asks');
    is(http(POST => "$path/nothing", body => '{}', headers => \@if)->{status}, 404, 'and none');
}


# --- who is online ---------------------------------------------------------------------

for my $case ([ 'ann@example.com' => 'ann@example.com' ], [ 'ann%40example.com' => 'ann@example.com' ],
              [ 'Zo%c3%ab%2F%20B%25' => "Zo\xc3\xab/ B%" ]) {
    my ($path, $id) = @$case;

    is(call(PUT => "/api8/users/$path/presence", '{"online":false}')->{status}, 200, "$path is named");
    is(redis('HGET', 'crm:{acme}:presence', $id), 0, 'and not online any more');
    is(json_decode(call(GET => "/api8/users/$path/presence")->{body})->{online}, json_decode('false'), 'which is told');
    redis('DEL', 'crm:{acme}:presence');
}

for my $path ('', 'ann%2540example.com', 'ann@example.com%01', 'x' x 1201, '%78' x 401, 'ann%40example.com/more') {
    is(call(PUT => "/api8/users/$path/presence", '{"online":false}')->{status}, 404, substr("\"$path\"", 0, 30) . ': nobody');
}

is(call(PUT => "/api8/users/$_/presence", '{"online":false}')->{status}, 400, "$_: nginx itself refuses it") for '%', '%4', '%zz', 'a%00';
is(redis('EXISTS', 'crm:{acme}:presence'), 0, 'and nothing is kept');


# --- a call that is refused before its body is there ---------------------------------------

# Frames of stream 1, until it has ended and a PING behind the request is answered:
# what resets the stream comes before that.
sub frames {
    my ($path) = @_;

    my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $spare) or die "connect: $!\n";
    my ($in, %seen, %r) = ('');

    syswrite $s, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" . h2_frame(4, 0, 0, '')
        . h2_headers(1, [ ':method' => 'POST', ':scheme' => 'http', ':path' => $path, ':authority' => 'x',
                          'content-type' => 'application/json' ])
        . h2_frame(0, 0, 1, '{"reason":') . h2_frame(0, 1, 1, '"x"}') . h2_frame(6, 0, 0, 'whatever');

    while (!$seen{end} || !$seen{pong}) {
        sysread $s, $in, 65536, length $in or last;

        while (length $in >= 9 && length $in >= 9 + (my $n = unpack 'N', "\0$in")) {
            my ($type, $flags, $stream) = unpack 'x3CCN', $in;
            my $payload = substr $in, 9, $n;

            substr $in, 0, 9 + $n, '';
            $seen{pong} = 1 if $type == 6 && $flags & 1;
            $r{body} .= $payload if $type == 0;
            $r{reset} = 1 if $type == 3 && $stream == 1;
            $seen{end} = 1 if $stream == 1 && $flags & 1;
        }
    }

    return \%r;
}

for my $case ([ 'write=on is missing', 403, '/told/locks/Orders/1' ], [ 'no such call', 404, '/api8/nothing/Orders/1' ],
              [ 'no such method', 405, '/api8/why/Orders/1' ]) {
    my ($name, $status, $path) = @$case;
    my $r = frames($path);

    like($r->{body}, qr/"status":$status/, "HTTP/2, $name: $status");
    is($r->{reset}, undef, 'and the stream is not reset');
}

is(call(GET => '/api8/processes')->{status}, 200, 'nginx lives');
is(nginx_stop(), undef, 'and ends well');

done_testing();
