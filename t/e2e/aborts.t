# Clients that leave, stall or read slowly, over HTTP/1.1 and HTTP/2, at each
# step of a write; and rules that change while one is under way. Fails when a
# client that is gone leaves a lease behind, takes a write along that the backend
# has done, or when a write is judged by two rule sets.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use IO::Socket::INET;
use Socket qw(SOL_SOCKET SO_LINGER SO_RCVBUF);
use Test::More;
use Test::CRM;
use Test::CRM::Process;

my $body = '{"data":[{"Amount":2}]}';
my $h2 = free_port();

sub rules {
    my ($hook, $rating) = @_;

    return <<"EOT";
kind: workflow_rule
name: tell
module: Deals
execute_when: { type: create_or_edit }
conditions:
  - criteria: null
    instant_actions:
      - { type: field_updates, field: Rating, value: $rating }
      - { type: webhooks, name: $hook }
---
kind: webhook
name: $hook
module: Deals
url: https://hooks.example.test/$hook
http_method: POST
body: { type: raw, format: JSON, content: '{"rating":"\${!Deals.Rating}"}' }
EOT
}

redis_start();
crm_start();
crm_rules(rules('first', 'Hot'));

sub jobs { return map { json_decode($_) } @{ redis(LRANGE => 'crm:{acme}:queue:webhooks', 0, -1) } }
sub begun { return redis(ZCARD => 'crm:{acme}:intents') }
sub held  { return scalar @{ redis(KEYS => 'crm:{acme}:busy:*') } }
sub free  { return begun() == 0 && held() == 0 }

sub prepared {
    my ($event) = @{ redis(ZRANGE => 'crm:{acme}:intents', 0, 0) };

    return $event && (redis(HGET => "crm:{acme}:intent:$event", 'state') || '') eq 'prepared';
}

sub seen { return scalar grep { $_->{method} eq $_[0] } crm_log() }

nginx_start(server => "listen 127.0.0.1:$h2 http2;\n"
    . crm_server_config('crm_lease_wait 5s; crm_commit_wait 20s; send_timeout 30s;'));


# A write that is cut off when its time has come: by FIN, by RST, by the end of
# an HTTP/2 client.

my @how = (
    [ 'closes', sub {
        my ($method, $path) = @_;
        my $s = sent($method, $path);
        return sub { close $s };
    } ],
    [ 'resets', sub {
        my ($method, $path) = @_;
        my $s = sent($method, $path);
        return sub { setsockopt $s, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0; close $s };
    } ],
    [ 'ends its HTTP/2 connection', sub {
        my ($method, $path) = @_;
        my $pid = spawn(name => 'curl', cmd => [ 'curl', '-sS', '--http2-prior-knowledge',
            '-X', $method, '-H', 'Content-Type: application/json', '-d', $body,
            "http://127.0.0.1:$h2/crm/v8/$path" ]);
        return sub { kill_process($pid) };
    } ],
);

sub sent {
    my ($method, $path) = @_;

    my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => nginx_port())
        or die "connect: $!\n";

    $s->syswrite("$method /crm/v8/$path HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        . 'Content-Length: ' . length($body) . "\r\n\r\n$body");

    return $s;
}

for (@how) {
    my ($how, $begin) = @$_;
    my $id = 4150868000000624033;
    my $jobs = jobs();
    my $leave;

    crm_reset();
    crm_seed('Deals', $id, '{"Stage":"Open","Amount":1}');

    # while its record is another's
    redis(SET => "crm:{acme}:busy:Deals/$id", 'another', 'PX', 60000);
    $leave = $begin->(PUT => "Deals/$id");
    wait_for { (redis(INFO => 'commandstats') =~ /cmdstat_evalsha:calls=(\d+)/)[0] > 0 } 'begin';
    select undef, undef, undef, 0.05;
    $leave->();
    redis(DEL => "crm:{acme}:busy:Deals/$id");

    # while the record is read
    crm_hold(method => 'GET', times => 1);
    $leave = $begin->(PUT => "Deals/$id");
    wait_for { seen('GET') == 1 || held() } 'the lease';
    $leave->();
    ok((wait_for { free() } 'no lease', 10), "$how before the backend is asked: nothing is left");
    crm_release();
    is(scalar(() = crm_writes()), 0, "$how: nothing was written");

    # while Redis is asked to prepare, or to begin a create
    for my $method (qw(PUT POST)) {
        crm_delay();
        crm_clear_log();
        crm_hold(method => 'GET', times => 1) if $method eq 'PUT';
        $leave = $begin->($method => $method eq 'PUT' ? "Deals/$id" : 'Deals');
        wait_for { held() } 'the lease' if $method eq 'PUT';
        redis_pause();
        crm_release();
        select undef, undef, undef, 0.1;
        $leave->();
        redis_resume();
        wait_for { free() } 'an end', 10;

        my $wrote = () = crm_writes();

        is(scalar(jobs()) - $jobs, $wrote, "$how while Redis is asked, $method:"
           . ' what the backend has done has its job, and nothing else');
        $jobs = jobs();
    }

    # while the backend works
    crm_hold(method => 'PUT', times => 1);
    $leave = $begin->(PUT => "Deals/$id");
    wait_for { prepared() } 'the intent';
    select undef, undef, undef, 0.1;
    $leave->();
    crm_release();
    ok((wait_for { jobs() == $jobs + 1 && free() } 'its job', 10),
       "$how while the backend works: done to its end");
    like(crm_record('Deals', $id), qr/"Amount":2,"Rating":"Hot"/, "$how: the write is there");

    # while Redis is asked to commit; it answers us before nginx, so that only
    # the write shows that prepare is over
    crm_clear_log();
    crm_hold(method => 'PUT', times => 1);
    $leave = $begin->(PUT => "Deals/$id");
    wait_for { grep { $_->{method} eq 'PUT' } crm_log() } 'the write';
    redis_pause();
    crm_release();
    select undef, undef, undef, 0.2;
    $leave->();
    redis_resume();
    ok((wait_for { jobs() > $jobs && free() } 'its job', 10),
       "$how while Redis commits: done to its end");
}

like(nginx()->error_log, qr/./, 'there is a log');
unlike(nginx()->error_log, qr/outcome unknown|given up|\[alert\]/, 'nothing is in doubt');


# Who reads slowly gets all of it, and holds nobody.

redis(DEL => 'crm:{acme}:queue:webhooks');
crm_reset();

my $answers = 400;
my $slow = IO::Socket::INET->new(Proto => 'tcp') or die "socket: $!\n";

setsockopt $slow, SOL_SOCKET, SO_RCVBUF, pack 'i', 4096;
connect $slow, Socket::pack_sockaddr_in(nginx_port(), Socket::inet_aton('127.0.0.1'))
    or die "connect: $!\n";

my $one = "POST /crm/v8/Deals HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        . 'Content-Length: ' . length($body) . "\r\n\r\n$body";
my $writer = fork();

if ($writer == 0) {
    $slow->syswrite($one) for 1 .. $answers;
    POSIX::_exit(0);
}

is(http(POST => '/crm/v8/Deals', body => $body)->{status}, 201, 'others are served meanwhile');

my ($in, $done) = ('', 0);

while ($done < $answers) {
    sysread $slow, $in, 700, length $in or last;
    $done += $in =~ s/HTTP\/1\.1 201 .*?"status":"success"\}\]\}//sg;
}

waitpid $writer, 0;
is($done, $answers, 'who reads slowly gets every answer');
ok((wait_for { jobs() == $answers + 1 && free() } 'the jobs', 10), 'each with its job');


# A hundred writes at a time over one HTTP/2 connection; and a hundred of which
# every third is taken back while it is under way.

sub frame {
    my ($type, $flags, $stream, $payload) = @_;

    return substr(pack('N', length $payload), 1) . pack('CCN', $type, $flags, $stream) . $payload;
}

sub stream {
    my ($n, @headers) = @_;

    my $block = '';

    while (my ($name, $value) = splice @headers, 0, 2) {
        $block .= "\0" . pack('C/a C/a', $name, $value);
    }

    return frame(1, 4, $n, $block) . frame(0, 1, $n, $body);
}

for my $back (0, 1) {
    redis(DEL => 'crm:{acme}:queue:webhooks');
    crm_reset();

    my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $h2)
        or die "connect: $!\n";
    my @ids = map { 2 * $_ + 1 } 0 .. 99;
    my %open = map { $_ => 1 } @ids;
    my ($in, $reset) = ('', 0);

    $s->syswrite("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" . frame(4, 0, 0, ''));
    $s->syswrite(join '', map {
        stream($_, ':method' => 'POST', ':scheme' => 'http', ':path' => '/crm/v8/Deals',
               ':authority' => 'x', 'content-type' => 'application/json') } @ids);

    if ($back) {
        my @taken = grep { $_ % 3 == 0 } @ids;

        $s->syswrite(join '', map { frame(3, 0, $_, pack 'N', 8) } @taken);
        delete @open{@taken};
    }

    while (%open && sysread $s, $in, 65536, length $in) {
        while (length $in >= 9) {
            my ($n, $type, $flags, $id) = (unpack('N', "\0" . substr $in, 0, 3),
                                           unpack 'x3 C C N', $in);

            last if length $in < 9 + $n;
            substr $in, 0, 9 + $n, '';
            $s->syswrite(frame(4, 1, 0, '')) if $type == 4 && !($flags & 1);
            $reset++ if $type == 3 && $open{$id};
            delete $open{$id} if $type == 3 || ($type <= 1 && $flags & 1);
        }
    }

    close $s;
    is(join(' ', sort keys %open), '', 'each stream is answered') or next;
    is($reset, 0, 'none is reset');
    wait_for { free() } 'an end', 10;

    my $wrote = () = crm_writes();

    cmp_ok($wrote, '>=', $back ? 66 : 100, 'the backend has done them');
    is(scalar(jobs()), $wrote, 'each that was done has its job');
}


# Rules that change between intent and outcome.

redis(DEL => 'crm:{acme}:queue:webhooks');
crm_hold(method => 'POST', times => 1);

my $under_way = sent(POST => 'Deals');

wait_for { prepared() } 'the intent';
crm_rules(rules('second', 'Cold'));
wait_for { http(GET => '/crm_status')->{body} =~ /"revision":2,/ } 'the new revision';
is(scalar(jobs()), 0, 'the write is still under way');
is(http(POST => '/crm/v8/Deals', body => $body)->{status}, 201, 'another is judged by the new rules');
crm_release();
sysread $under_way, my $answer, 65536;
like($answer, qr/^HTTP\/1\.1 201 /, 'and the first is answered');
is(join(' ', map { "$_->{revision} $_->{action}{name} $_->{action}{body}" } jobs()),
   '2 second {"rating":"Cold"} 1 first {"rating":"Hot"}',
   'each job is that of the rules that judged its write');

is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();
