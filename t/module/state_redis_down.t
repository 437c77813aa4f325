# Redis away, stalled, full, forgetful or a stranger: a write that rules concern
# is answered 503 and not forwarded, one that they do not concern passes, and
# what the backend has done is enqueued in the end. Fails when a write slips
# through unjudged, or when an effect is lost because Redis hiccuped.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
use Test::More;
use Test::Nginx::Socket 'no_plan';
use Time::HiRes qw(sleep);

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
---
kind: record_locking
module: Leads
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: x, comparator: equal, value: closed }
YAML

# crm_redis as the block wants it.
sub http_with {
    return "crm_redis $_[0];\ncrm_org acme;\n"
        . 'upstream crm_backend { server 127.0.0.1:$TEST_NGINX_CRM_PORT; }';
}

sub create { return http(POST => '/crm/v8/' . ($_[0] || 'Leads'), body => '{"data":[{"x":1}]}') }

# While a write is at the backend, do this.
sub meanwhile {
    my ($sub) = @_;

    crm_hold(method => 'POST', times => 1);

    my ($r, $did) = in_parallel(2, sub {
        my ($i) = @_;

        return create() if $i == 0;
        wait_for { crm_writes() } 'the write at the backend';
        $sub->();
        crm_release();
        return 'done';
    });

    die $did->{error} if ref $did;

    return $r;
}

# What is closed says so, in the vendor's shape.
our $Closed = '^\{"code":"INTERNAL_ERROR","details":\{"reason":"[^"]+","event":"[0-9A-Z]{26}"\},'
    . '"message":"[^"]+","status":"error"\}$';

our $Post = "POST /crm/v8/Leads\n{\"data\":[{\"x\":1}]}";
our $Other = "POST /crm/v8/Deals\n{\"data\":[{\"x\":1}]}";

no_long_string();
run_tests();

__DATA__

=== TEST 1: without any Redis nothing is judged, so nothing is forwarded
--- http_config eval: main::http_with('unix:/nowhere/redis.sock')
--- crm_extra: crm_rules_wait 200ms;
--- request eval: [$::Post, 'DELETE /crm/v8/Leads/1', 'GET /crm/v8/Leads']
--- error_code eval: [503, 503, 204]
--- response_headers_like eval: [("Retry-After: \\d+\nCRM-Event: [0-9A-Z]{26}") x 2, 'CRM-Event: ']
--- response_body_like eval: [($::Closed) x 2, '^$']
--- backend_writes: 0
--- error_log: crm state: no connection to



=== TEST 2: Redis goes away: modules with rules are closed, others are not
--- crm_rules eval: $::Rules
--- crm_seed
Leads/1 {"x":"open"}
--- init
is(create()->{status}, 201, 'before');
redis_kill();
crm_clear_log();
--- request eval: [$::Post, "PUT /crm/v8/Leads/1\n{\"data\":[{\"x\":2}]}", $::Other, 'GET /crm/v8/Leads/1', 'DELETE /crm/v8/Leads/1']
--- error_code eval: [503, 503, 201, 200, 503]
--- response_headers_like eval: [("Retry-After: \\d+") x 2, ("Retry-After: ") x 2, "Retry-After: \\d+"]
--- response_body_like eval: [($::Closed) x 2, 'SUCCESS', 'open', $::Closed]
--- backend_writes: 1
--- check
redis_start();
wait_for { create()->{status} == 201 } 'the recovery';
is(redis('LLEN', 'crm:{acme}:queue:webhooks'), 2, 'Redis is back, and so are we');
wait_for { redis('ZCARD', 'crm:{acme}:intents') == 0 } 'the last abort';
pass('nothing is left of what was refused');



=== TEST 3: a Redis that stalls is one that is away
--- crm_rules eval: $::Rules
--- init
is(create()->{status}, 201, 'before');
redis_pause();
crm_clear_log();
--- request eval: [$::Post, $::Other]
--- error_code eval: [503, 201]
--- backend_writes: 1
--- check
redis_resume();
wait_for { create()->{status} == 201 } 'the recovery';
wait_for { redis('ZCARD', 'crm:{acme}:intents') == 0 } 'the last abort';
pass('nothing is left of what was refused');



=== TEST 4: scripts that Redis has forgotten are loaded again
--- crm_rules eval: $::Rules
--- init
is(create()->{status}, 201, 'before');
redis('SCRIPT', 'FLUSH');
--- request eval: $::Post
--- error_code: 201
--- backend_writes: 2
--- redis_check
LLEN crm:{acme}:queue:webhooks => 2
ZCARD crm:{acme}:intents => 0



=== TEST 5: also between begin and commit
--- crm_rules eval: $::Rules
--- init
my $r = meanwhile(sub { redis('SCRIPT', 'FLUSH') });
is($r->{status}, 201, 'done');
is($r->{headers}{'crm-event-state'}, undef, 'and committed');
--- request
GET /crm/v8/Leads
--- error_code: 200
--- redis_check
LLEN crm:{acme}:queue:webhooks => 1
ZCARD crm:{acme}:intents => 0



=== TEST 6: a wrong password
--- crm_rules eval: $::Rules
--- user_files
>>> password
wrong
--- http_config eval: main::http_with('unix:$TEST_NGINX_REDIS_SOCK password_file=$TEST_NGINX_SERVROOT/html/password')
--- crm_extra: crm_rules_wait 200ms;
--- redis_before
CONFIG SET requirepass right
--- request eval: $::Post
--- error_code: 503
--- response_body_like eval: $::Closed
--- backend_writes: 0
--- error_log: WRONGPASS
--- check
wait_for { slurp("$ENV{TEST_NGINX_SERVROOT}/logs/error.log") =~ /WRONGPASS/ } 'Redis to refuse it';
redis('CONFIG', 'SET', 'requirepass', '');



=== TEST 7: no password where one is asked for
--- crm_rules eval: $::Rules
--- crm_extra: crm_rules_wait 200ms;
--- redis_before
CONFIG SET requirepass right
--- request eval: $::Post
--- error_code: 503
--- backend_writes: 0
--- error_log: NOAUTH
--- check
wait_for { slurp("$ENV{TEST_NGINX_SERVROOT}/logs/error.log") =~ /NOAUTH/ } 'Redis to refuse it';
redis('CONFIG', 'SET', 'requirepass', '');



=== TEST 8: the right password
--- crm_rules eval: $::Rules
--- user_files
>>> password
right
--- http_config eval: main::http_with('unix:$TEST_NGINX_REDIS_SOCK password_file=$TEST_NGINX_SERVROOT/html/password')
--- redis_before
CONFIG SET requirepass right
--- request eval: $::Post
--- error_code: 201
--- backend_writes: 1
--- check
redis('CONFIG', 'SET', 'requirepass', '');



=== TEST 9: a Redis that is full takes nothing new
--- crm_rules eval: $::Rules
--- crm_seed
Leads/1 {"x":"open"}
--- init
is(create()->{status}, 201, 'before');
crm_clear_log();
redis('CONFIG', 'SET', 'maxmemory', 1);
--- request eval: [$::Post, "PUT /crm/v8/Leads/1\n{\"data\":[{\"x\":2}]}", $::Other]
--- error_code eval: [503, 503, 201]
--- response_body_like eval: [$::Closed, $::Closed, 'SUCCESS']
--- backend_writes: 1
--- check
redis('CONFIG', 'SET', 'maxmemory', 0);
is(create()->{status}, 201, 'and goes on when there is room');



=== TEST 10: what is under way when it fills up is committed all the same
--- crm_rules eval: $::Rules
--- init
my $r = meanwhile(sub { redis('CONFIG', 'SET', 'maxmemory', 1) });
is($r->{status}, 201, 'done');
is($r->{headers}{'crm-event-state'}, undef, 'and committed');
redis('CONFIG', 'SET', 'maxmemory', 0);
--- request
GET /crm/v8/Leads
--- error_code: 200
--- redis_check
LLEN crm:{acme}:queue:webhooks => 1
ZCARD crm:{acme}:intents => 0



=== TEST 11: a Redis that keeps nothing on disk is not used
--- crm_rules eval: $::Rules
--- crm_extra: crm_rules_wait 200ms;
--- redis_before
CONFIG SET appendonly no
--- request eval: $::Post
--- error_code: 503
--- response_body_like eval: $::Closed
--- backend_writes: 0
--- error_log: it keeps nothing on disk
--- check
redis('CONFIG', 'SET', 'appendonly', 'yes');



=== TEST 12: unless crm_redis says volatile
--- crm_rules eval: $::Rules
--- http_config eval: main::http_with('unix:$TEST_NGINX_REDIS_SOCK volatile')
--- redis_before
CONFIG SET appendonly no
--- request eval: [$::Post, 'GET /crm_status']
--- error_code eval: [201, 200]
--- response_body_like eval: ['SUCCESS', '"durability":"memory"']
--- backend_writes: 1
--- check
redis('CONFIG', 'SET', 'appendonly', 'yes');



=== TEST 13: a Redis that evicts is not used
--- crm_rules eval: $::Rules
--- crm_extra: crm_rules_wait 200ms;
--- redis_before
CONFIG SET maxmemory-policy allkeys-lru
--- request eval: $::Post
--- error_code: 503
--- backend_writes: 0
--- error_log: its maxmemory-policy is not noeviction
--- check
redis('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');



=== TEST 14: what the backend has done is pending while Redis stalls, and there in the end
--- crm_rules eval: $::Rules
--- crm_extra: crm_commit_wait 100ms;
--- init
my $r = meanwhile(\&redis_pause);
is($r->{status}, 201, "the backend's own answer");
like($r->{body}, qr/SUCCESS/, 'whole');
is($r->{headers}{'crm-event-state'}, 'pending', 'said to be pending');
like($r->{headers}{'crm-event'}, qr/^[0-9A-Z]{26}$/, 'with its event');
redis_resume();
wait_for { redis('LLEN', 'crm:{acme}:queue:webhooks') == 1 } 'the job';
is(json_decode(redis('LINDEX', 'crm:{acme}:queue:webhooks', 0))->{event}, $r->{headers}{'crm-event'}, 'the job is there');
--- request
GET /crm/v8/Leads
--- error_code: 200
--- redis_check
LLEN crm:{acme}:queue:webhooks => 1
ZCARD crm:{acme}:intents => 0



=== TEST 15: pending too when Redis dies, and there when it is back
--- crm_rules eval: $::Rules
--- crm_extra: crm_commit_wait 100ms;
--- redis_before
CONFIG SET appendfsync always
--- init
my $r = meanwhile(sub { eval { redis('SHUTDOWN', 'NOSAVE') } });
is($r->{status}, 201, "the backend's own answer");
is($r->{headers}{'crm-event-state'}, 'pending', 'said to be pending');
redis_kill();
redis_start();
wait_for { redis('LLEN', 'crm:{acme}:queue:webhooks') == 1 } 'the job';
pass('the job is there');
--- request
GET /crm/v8/Leads
--- error_code: 200
--- redis_check
LLEN crm:{acme}:queue:webhooks => 1
ZCARD crm:{acme}:intents => 0



=== TEST 16: an answer waits for a short stall
--- crm_rules eval: $::Rules
--- init
my $r = meanwhile(sub { redis('CLIENT', 'PAUSE', 700, 'ALL') });
is($r->{status}, 201, 'done');
is($r->{headers}{'crm-event-state'}, undef, 'and committed');
--- request
GET /crm/v8/Leads
--- error_code: 200
--- redis_check
LLEN crm:{acme}:queue:webhooks => 1
ZCARD crm:{acme}:intents => 0



=== TEST 17: rules=open lets pass what no gate reads, and counts it
--- crm_rules eval: $::Rules
--- crm_seed
Leads/1 {"x":"closed"}
--- crm_extra: crm_on_error rules=open;
--- init
is(create()->{status}, 201, 'before');
redis_kill();
crm_clear_log();
--- request eval: [$::Post, "PUT /crm/v8/Leads/1\n{\"data\":[{\"x\":2}]}", 'GET /crm_status']
--- error_code eval: [201, 503, 200]
--- response_body_like eval: ['SUCCESS', $::Closed, '"unprotected":1,']
--- backend_writes: 1
--- error_log: crm decide: unprotected
--- check
redis_start();



=== TEST 18: lock=open lets pass what a gate reads, and nothing else
--- crm_rules eval: $::Rules
--- crm_seed
Leads/1 {"x":"closed"}
--- crm_extra: crm_on_error lock=open rules=closed;
--- init
is(create()->{status}, 201, 'before');
redis_kill();
crm_clear_log();
--- request eval: [$::Post, "PUT /crm/v8/Leads/1\n{\"data\":[{\"x\":2}]}"]
--- error_code eval: [503, 200]
--- backend_writes: 1
--- check
redis_start();



=== TEST 19: open lets everything pass, before the first rule set too
--- http_config eval: main::http_with('unix:/nowhere/redis.sock')
--- crm_seed
Leads/1 {"x":"closed"}
--- crm_extra
crm_on_error open;
crm_rules_wait 100ms;
--- request eval: [$::Post, "PUT /crm/v8/Leads/1\n{\"data\":[{\"x\":2}]}"]
--- error_code eval: [201, 200]
--- backend_writes: 2



=== TEST 20: a Redis that lost its state closes guarded modules until it has it back
--- crm_rules eval: $::Rules
--- init
is(create()->{status}, 201, 'before');
our $epoch = redis('GET', 'crm:{acme}:epoch');
redis('DEL', 'crm:{acme}:epoch');
crm_clear_log();
--- request eval: [$::Post, $::Post]
--- error_code eval: [503, 503]
--- response_body_like eval: [('Redis is not the one that held our state') x 2]
--- backend_writes: 0
--- error_log: the epoch of organisation "acme" is missing
--- check
redis('SET', 'crm:{acme}:epoch', $main::epoch);
wait_for { create()->{status} == 201 } 'the epoch to be seen';
pass('it goes on with its own epoch');



=== TEST 21: so does another one's
--- crm_rules eval: $::Rules
--- init
is(create()->{status}, 201, 'before');
redis('SET', 'crm:{acme}:epoch', '01ANOTHER');
crm_clear_log();
--- request eval: $::Post
--- error_code: 503
--- response_body_like: "code":"INTERNAL_ERROR"
--- backend_writes: 0
--- check
wait_for { http(GET => '/crm_status')->{body} =~ /"epoch_ok":false/ } 'the poll to see it';
pass('and the status tells');



=== TEST 22: an organisation without rules passes, and is told of
--- request eval: ["PUT /crm/v8/Leads/1\nnot even json", $::Post]
--- error_code eval: [400, 201]
--- response_headers_like eval: [('CRM-Event: ') x 2]
--- backend_writes: 2
--- error_log: organisation "acme" has no rules



=== TEST 23: a bad bundle never replaces a good one
--- crm_rules eval: $::Rules
--- init
is(create()->{status}, 201, 'before');
redis('SET', 'crm:{acme}:rules:2', '{"v":1,"org":"acme","objects":[{"managed_by":"x","object":{"kind":"nonsense"}}]}');
redis('SET', 'crm:{acme}:revision', 2);
wait_for { http(GET => '/crm_status')->{body} =~ /"rejected":\{"revision":2,"error":"[^"]/ } 'the rejection';
--- request eval: [$::Post, 'GET /crm_status']
--- error_code eval: [201, 200]
--- response_body_like eval: ['SUCCESS', '"revision":1,"loaded_at":\d+,"rejected":\{"revision":2,']
--- error_log: refuses revision 2 and keeps 1
--- redis_check
LLEN crm:{acme}:queue:webhooks => 2



=== TEST 24: a bundle that is not there, and one that is no JSON, neither
--- crm_rules eval: $::Rules
--- init
is(create()->{status}, 201, 'before');
redis('SET', 'crm:{acme}:revision', 3);
wait_for { http(GET => '/crm_status')->{body} =~ /"rejected":\{"revision":3,/ } 'the rejection';
redis('SET', 'crm:{acme}:rules:4', '{"v":1,');
redis('SET', 'crm:{acme}:revision', 4);
wait_for { http(GET => '/crm_status')->{body} =~ /"rejected":\{"revision":4,/ } 'the rejection';
--- request eval: $::Post
--- error_code: 201
--- redis_check
LLEN crm:{acme}:queue:webhooks => 2



=== TEST 25: another database is another Redis
--- crm_rules eval: $::Rules
--- http_config eval: main::http_with('unix:$TEST_NGINX_REDIS_SOCK:/3 timeout=1s')
--- request eval: $::Post
--- error_code: 201
--- backend_writes: 1
--- redis_check
LLEN crm:{acme}:queue:webhooks => 0
--- error_log: organisation "acme" has no rules



=== TEST 26: a host, a port and a user
--- crm_rules eval: $::Rules
--- user_files
>>> password
right
--- http_config eval: main::http_with('redis://nginx@localhost:$TEST_NGINX_SPARE_PORT/0 password_file=$TEST_NGINX_SERVROOT/html/password')
--- redis_before eval
"CONFIG SET port $ENV{TEST_NGINX_SPARE_PORT}\nACL SETUSER nginx on >right ~* &* +\@all"
--- request eval: $::Post
--- error_code: 201
--- backend_writes: 1
--- redis_check
LLEN crm:{acme}:queue:webhooks => 1
--- check
redis('CONFIG', 'SET', 'port', 0);
redis('ACL', 'DELUSER', 'nginx');



=== TEST 27: nobody listens at the port
--- http_config eval: main::http_with('redis://127.0.0.1:$TEST_NGINX_SPARE_PORT')
--- crm_extra: crm_rules_wait 100ms;
--- request eval: $::Post
--- error_code: 503
--- backend_writes: 0
--- error_log: crm state: no connection to
