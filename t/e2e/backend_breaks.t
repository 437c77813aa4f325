# A backend that breaks off, falls silent or fails at any point of its answer
# leaves the write in doubt, and says so: the intent stays, whole, the record
# stays leased, no webhook is made up, nobody is asked a second time. Fails when
# doubt is taken for success or for failure.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Socket qw(SOL_SOCKET SO_LINGER);
use Test::More;
use Test::CRM;
use Test::CRM::Process;

redis_start();
crm_start();

crm_rules(<<'EOT');
kind: workflow_rule
name: tell
module: Leads
execute_when: { type: create_or_edit }
conditions:
  - criteria: null
    instant_actions:
      - { type: field_updates, field: Rating, value: Hot }
      - { type: webhooks, name: hook }
---
kind: workflow_rule
name: gone
module: Leads
execute_when: { type: delete }
conditions: [ { criteria: null, instant_actions: [ { type: webhooks, name: hook } ] } ]
---
kind: webhook
name: hook
module: Leads
url: https://hooks.example.test/leads
http_method: POST
body: { type: raw, format: JSON, content: '{}' }
EOT


# A backend that answers each record as its case says: bytes, and then how it
# ends: closed, reset, or silent.

my $item = '{"data":[{"code":"SUCCESS","details":{},"message":"m","status":"success"}]}';
my $headers = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
my $length = $headers . "Content-Length: 300\r\n\r\n";
my $chunked = $headers . "Transfer-Encoding: chunked\r\n\r\n";
my $size = sprintf '%x', length $item;

# what, the bytes, the end, the answer of nginx; 0: it closes the connection
my @cases = (
    [ 'before its answer',            '', 'closed', 502 ],
    [ 'before its answer',            '', 'reset', 502 ],
    [ 'before its answer',            '', 'silent', 504 ],
    [ 'in its first line',            'HTTP/1.1 2', 'closed', 502 ],
    [ 'in its first line',            'HTTP/1.1 2', 'reset', 502 ],
    [ 'in its first line',            'HTTP/1.1 2', 'silent', 504 ],
    [ 'in its header',                "${headers}Content-Le", 'closed', 502 ],
    [ 'in its header',                "${headers}Content-Le", 'reset', 502 ],
    [ 'in its header',                "${headers}Content-Le", 'silent', 504 ],
    [ 'before its body',              $length, 'closed', 502 ],
    [ 'before its body',              $length, 'reset', 502 ],
    [ 'before its body',              $length, 'silent', 502 ],
    [ 'in its body',                  $length . $item, 'closed', 502 ],
    [ 'in its body',                  $length . $item, 'reset', 502 ],
    [ 'in its body',                  $length . $item, 'silent', 502 ],
    [ 'between chunks',               "$chunked$size\r\n$item\r\n", 'closed', 502 ],
    [ 'between chunks',               "$chunked$size\r\n$item\r\n", 'silent', 502 ],
    [ 'with chunks that are none',    "${chunked}zz\r\n$item\r\n", 'closed', 0 ],
    [ 'with a header that is none',   "${headers}: x\r\nno header\r\n\r\n$item", 'closed', 502 ],
    [ 'with no length, cut off',      "$headers\r\n" . substr($item, 0, 60), 'closed', 200 ],
);

my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 50,
                                   ReuseAddr => 1) or die "listen: $!\n";
my $port = $listen->sockport;
my $count = work_dir() . '/asked';
my $pid = fork_child('backend');

if ($pid == 0) {
    my $all = IO::Select->new($listen);
    my %got;

    while (my @ready = $all->can_read) {
        for my $h (@ready) {
            if ($h == $listen) {
                my $client = $listen->accept or next;

                $all->add($client);
                $got{$client} = '';
                next;
            }

            if (!sysread $h, $got{$h}, 65536, length $got{$h}) {
                $all->remove($h);
                close $h;
                next;
            }

            my ($head, $body) = $got{$h} =~ /\A(.*?\r\n\r\n)(.*)\z/s or next;
            my ($n) = $head =~ /^Content-Length: (\d+)/mi;
            my ($id) = $head =~ m{Leads/(\d+)};

            next if length $body < ($n || 0);

            my (undef, $bytes, $end) = @{ $cases[ $id % 1000 ] };

            spew("$count.$id", slurp("$count.$id") . 'x');
            syswrite $h, $bytes if length $bytes;

            next if $end eq 'silent';

            # what is reset before it is read would be lost altogether
            select undef, undef, undef, 0.02 if $end eq 'reset';
            setsockopt $h, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0 if $end eq 'reset';
            $all->remove($h);
            close $h;
        }
    }

    POSIX::_exit(0);
}

close $listen;

sub asked  { return length slurp("$count.$_[0]") }
sub jobs   { return redis(LLEN => 'crm:{acme}:queue:webhooks') }
sub status { return json_decode(http(GET => '/crm_status')->{body}) }

# The intent of an event: what recovery has in hand.
sub intent {
    my ($event) = @_;

    my %is = @{ redis(HGETALL => "crm:{acme}:intent:$event") };

    $is{listed} = defined redis(ZSCORE => 'crm:{acme}:intents', $event);

    return \%is;
}

# That a write is in doubt, and all that this means.
sub in_doubt {
    my ($name, $r, $want, $record) = @_;

    my $event = $r->{headers}{'crm-event'} || '';
    my @bad;

    push @bad, "answered $r->{status}, not $want" if $r->{status} != $want;
    push @bad, "no event: $r->{raw_headers}" if $want && $event !~ /^[0-9A-Z]{26}$/;

    $event = redis(GET => "crm:{acme}:busy:Leads/$record") || '' unless $want;

    my $is = intent($event);

    push @bad, 'the state of its event: ' . ($r->{headers}{'crm-event-state'} || 'none')
        if ($r->{headers}{'crm-event-state'} || '') ne ($want && $want < 300 ? 'pending' : '');
    push @bad, 'no intent' unless $is->{listed} && ($is->{state} || '') eq 'prepared';
    push @bad, "an intent that is not whole: $is->{doc}"
        unless eval { json_decode($is->{doc})->{event} eq $event };
    push @bad, 'the record is free'
        if $record && (redis(GET => "crm:{acme}:busy:Leads/$record") || '') ne $event;
    push @bad, 'its lease ends: ' . redis(PTTL => "crm:{acme}:busy:Leads/$record")
        if $record && redis(PTTL => "crm:{acme}:busy:Leads/$record") < 5000;
    push @bad, 'a job' if jobs() > 0;

    is(join('; ', @bad), '', $name);
}

sub guarded {
    my ($text, $to, %o) = @_;

    my $server = crm_server_config($text);

    $server =~ s{proxy_pass http://crm_backend;}{proxy_pass $to;} if $to;
    nginx_stop() if nginx() && nginx()->is_running;
    nginx_start(server => $server, %o);
}


# Each case, with nginx's buffering and without, over HTTP/1.0 and 1.1.

my $round = 0;

for my $how ('', 'proxy_buffering off;', 'proxy_http_version 1.1;') {
    guarded("crm_record_source none; proxy_read_timeout 2s; $how", "http://127.0.0.1:$port");

    my $unknown = status()->{unknown};
    my @ids = map { ++$round * 1000 + $_ } 0 .. $#cases;

    my @r = in_parallel(scalar @cases, sub {
        return http(PUT => "/crm/v8/Leads/$ids[$_[0]]", body => '{"data":[{"a":1}]}');
    });

    for my $i (0 .. $#cases) {
        my ($what, undef, $end, $want) = @{ $cases[$i] };

        in_doubt("$end $what" . ($how && " ($how)"), $r[$i], $want, $ids[$i]);
        unlike($r[$i]{body}, qr/SUCCESS/, 'and nothing of it is passed off as an answer')
            if $want != 200;
        is(asked($ids[$i]), 1, 'and asked once');
    }

    is(status()->{unknown}, $unknown + @cases, 'each is counted as unknown');
    $round = $ids[-1] - $ids[-1] % 1000;
    $round /= 1000;
}


# The status says that it failed, and it was done.

guarded('');
crm_seed('Leads', 7, '{"a":0}');
crm_fail(fault => 'status', status => 500, commit => 1, method => 'PUT', times => 1);
in_doubt('500 behind a write that was done',
         http(PUT => '/crm/v8/Leads/7', body => '{"data":[{"a":1}]}'), 500, 7);
like(crm_record('Leads', 7), qr/"a":1,"Rating":"Hot"/, 'it was done');

crm_fail(fault => 'status', status => 503, commit => 1, method => 'POST', times => 1);
in_doubt('503 behind a create that was done',
         http(POST => '/crm/v8/Leads', body => '{"data":[{"a":1}]}'), 503);

crm_seed('Leads', 8, '{"a":0}');
crm_fail(fault => 'status', status => 502, commit => 1, method => 'DELETE', times => 1);
in_doubt('502 behind a delete that was done', http(DELETE => '/crm/v8/Leads/8'), 502, 8);
is(crm_record('Leads', 8), undef, 'it is gone');

is(http(PUT => '/crm/v8/Leads/7', body => '{"data":[{"a":2}]}')->{status}, 409,
   'another write to a record in doubt is told that it is busy');


# Two servers, the first of which times out.

my $text = crm_http_config();
my $silent = 60_000 + 2;
my @two = ("server 127.0.0.1:$port;", "server 127.0.0.1:@{[crm_port()]};");

for my $method (qw(PUT DELETE)) {
    $silent += 1000;
    crm_clear_log();
    guarded('crm_record_source none; proxy_read_timeout 300ms;'
            . ' proxy_next_upstream error timeout invalid_header http_500 http_502 http_504;',
            'http://two', http => "$text upstream two { @two }");
    in_doubt("$method: the first of two servers times out",
             http($method => "/crm/v8/Leads/$silent",
                  $method eq 'PUT' ? (body => '{"data":[{"a":1}]}') : ()), 504, $silent);
    is(scalar(() = crm_writes()), 0, "$method: the second is not asked");
}

is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();
