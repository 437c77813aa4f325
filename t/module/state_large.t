# Large records on their way to Redis are sent from where they lie, so their
# memory has to outlast the request: a client that goes away while an intent is
# half written, an answer that is given before its commit is taken. Fails when
# what Redis gets is not what was written, or when nginx reads freed memory.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use IO::Socket::INET;
use Test::CRM 'nginx';
use Test::More;
use Test::Nginx::Socket 'no_plan';

our $Rules = <<'YAML';
kind: workflow_rule
name: told
module: Leads
execute_when: { type: create_or_edit }
conditions: [ { criteria: null, instant_actions: [ { type: webhooks, name: hook } ] } ]
---
kind: webhook
name: hook
module: Leads
url: http://127.0.0.1:9/
http_method: POST
YAML

# Larger than a socket's buffer.
use constant LARGE => 600_000;

sub large { return '{"data":[{"x":"' . ($_[0] x LARGE) . '"}]}' }

sub create { return http(POST => '/crm/v8/Leads', body => $_[0]) }

sub calm { return redis('ZCARD', 'crm:{acme}:intents') == 0 }

sub gone {
    return scalar(() = slurp("$ENV{TEST_NGINX_SERVROOT}/logs/access.log") =~ / 499 /g);
}

# How much of a body nginx has got; the file has no name any more.
sub in_file {
    my $in = "$ENV{TEST_NGINX_SERVROOT}/client_body_temp/";
    my ($fd) = grep { (readlink || '') =~ /^\Q$in/ } glob '/proc/[0-9]*/fd/*';

    return ($fd && -s $fd) || 0;
}

# All of it is sent, and read, and nobody waits for the answer.
sub leaves {
    my ($body) = @_;

    my $n = gone();
    my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => nginx_port()) or die "connect: $!\n";

    $s->autoflush(1);
    print $s "POST /crm/v8/Leads HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
             . 'Content-Length: ' . length($body) . "\r\n\r\n$body";
    wait_for { in_file() == length $body } 'nginx to have read it';
    close $s;
    wait_for { gone() > $n } 'nginx to see that the client has gone';
}

sub jobs {
    return map { json_decode($_) } @{ redis('LRANGE', 'crm:{acme}:queue:webhooks', 0, -1) };
}

sub x_of {
    my ($job) = @_;

    my $x = $job->{record}{x};

    return substr($x, 0, 1) . ' x ' . length($x) . ($x eq substr($x, 0, 1) x length $x ? '' : ', and others');
}

no_long_string();
run_tests();

__DATA__

=== TEST 1: large intents and jobs are whole, many at once
--- crm_rules eval: $::Rules
--- init
my @r = in_parallel(6, sub { return create(large(chr(ord('a') + $_[0])))->{status} });
is("@r", '201 201 201 201 201 201', 'all are created');
is(join(', ', sort map { x_of($_) } jobs()), join(', ', map { "$_ x " . LARGE } 'a' .. 'f'), 'each job has its own record');
--- request
GET /crm/v8/Leads
--- error_code: 200
--- redis_check
ZCARD crm:{acme}:intents => 0



=== TEST 2: clients that go while Redis has not read their intents leave nothing, and others go on
--- crm_rules eval: $::Rules
--- http_config
crm_redis unix:$TEST_NGINX_REDIS_SOCK timeout=20s;
crm_org acme;
upstream crm_backend { server 127.0.0.1:$TEST_NGINX_CRM_PORT; }
--- init
is(create(large('a'))->{status}, 201, 'before');
redis_pause();
leaves(large($_)) for 'b' .. 'e';
redis_resume();
is(create(large('f'))->{status}, 201, 'behind them');
wait_for { calm() } 'the aborts';
is(join(', ', map { x_of($_) } jobs()), join(', ', map { "$_ x " . LARGE } qw(a f)), 'theirs alone');
--- request
GET /crm/v8/Leads
--- error_code: 200
--- backend_writes: 2
--- no_error_log
Bad address
no connection to



=== TEST 3: a large commit that outlives its request is whole
--- crm_rules eval: $::Rules
--- crm_extra: crm_commit_wait 100ms;
--- crm_delay: ms=300 method=POST times=1
--- init
my ($r, $did) = in_parallel(2, sub {
    return create(large('a')) if $_[0] == 0;
    wait_for { crm_writes() } 'the write at the backend';
    redis_pause();
    return 'done';
});
is($r->{status}, 201, "the backend's own answer");
is($r->{headers}{'crm-event-state'}, 'pending', 'said to be pending');
create(large('b'));
redis_resume();
wait_for { my @jobs = jobs(); @jobs == 1 } 'the job';
is(x_of(jobs()), 'a x ' . LARGE, 'the job has its record');
wait_for { calm() } 'the abort of the other';
--- request
GET /crm/v8/Leads
--- error_code: 200
--- backend_writes: 1
