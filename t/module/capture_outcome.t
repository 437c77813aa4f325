# What the backend says decides what becomes of a write: done is committed
# before the client hears of it, refused leaves nothing behind, and whatever
# is neither stays as an intent, for recovery to find out. Fails when an effect
# is enqueued for a write that did not happen, or lost for one that did, or
# when a write reaches a backend twice.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
use Test::CRM::Recovery qw(begin_write);
use Test::More;
use Test::Nginx::Socket 'no_plan';

our $Tell = <<'YAML';
kind: workflow_rule
name: tell
module: Leads
execute_when: { type: create_or_edit }
conditions: [ { criteria: null, instant_actions: [ { type: webhooks, name: hook } ] } ]
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
url: http://127.0.0.1:9/
http_method: POST
YAML

# The backend is a canned answer on the spare port.
our $Canned = <<'EOT';
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
crm_org acme;
upstream crm_backend { server 127.0.0.1:$TEST_NGINX_SPARE_PORT; }
EOT

# Two servers, the spare port first.
our $Two = $Canned =~ s/\}$/server 127.0.0.1:\$TEST_NGINX_CRM_PORT; }/r;

# What is left in Redis: jobs, intents, and the lease of Leads/1.
our $Committed = <<'EOT';
LLEN crm:{acme}:queue:webhooks => 1
ZCARD crm:{acme}:intents => 0
EXISTS crm:{acme}:busy:Leads/1 => 0
EOT

our $Aborted = $Committed =~ s/=> 1$/=> 0/mr;
our $Unknown = $Aborted =~ s/intents => 0/intents => 1/r;
our $UnknownLeased = $Unknown =~ s/Leads\/1 => 0/Leads\/1 => 1/r;

our $Success = '{"data":[{"code":"SUCCESS","details":{"id":"77"},"message":"record added","status":"success"}]}';

sub answer {
    my ($status, $body, @headers) = @_;

    return join("\r\n", "HTTP/1.1 $status Whatever", 'Content-Type: application/json',
                'Content-Length: ' . length $body, 'Connection: close', @headers, '', '')
           . $body;
}

sub large {
    my ($n) = @_;

    return '{"data":[{"code":"SUCCESS","details":{"x":"' . 'x' x $n
           . '","id":"77"},"message":"record added","status":"success"}]}';
}

no_long_string();
run_tests();

__DATA__

=== TEST 1: 201 to a create commits
--- crm_rules eval: $::Tell
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 201
--- response_headers_like
CRM-Event: [0-9A-Z]{26}
CRM-Event-State: 
--- redis_check eval: $::Committed



=== TEST 2: 200 to an update commits and lets the record go
--- crm_rules eval: $::Tell
--- crm_seed
Leads/1 {"x":1}
--- request
PUT /crm/v8/Leads/1
{"data":[{"x":2}]}
--- error_code: 200
--- response_headers_like
CRM-Event: [0-9A-Z]{26}
--- redis_check eval: $::Committed



=== TEST 3: 200 to a delete commits
--- crm_rules eval: $::Tell
--- crm_seed
Leads/1 {"x":1}
--- request
DELETE /crm/v8/Leads/1
--- error_code: 200
--- redis_check eval: $::Committed



=== TEST 4: 204 to a delete commits
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- crm_extra: crm_record_source none;
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
--- request
DELETE /crm/v8/Leads/1
--- error_code: 204
--- response_headers_like
CRM-Event: [0-9A-Z]{26}
--- response_body:
--- redis_check eval: $::Committed



=== TEST 5: 4xx leaves nothing behind
--- crm_rules eval: $::Tell
--- crm_seed
Leads/1 {"x":1}
--- crm_fail: fault=status status=400 method=PUT
--- request
PUT /crm/v8/Leads/1
{"data":[{"x":2}]}
--- error_code: 400
--- response_headers_like
CRM-Event: [0-9A-Z]{26}
--- redis_check eval: $::Aborted



=== TEST 6: other 4xx neither
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(429, '{"code":"TOO_MANY_REQUESTS"}')
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 429
--- response_body: {"code":"TOO_MANY_REQUESTS"}
--- redis_check eval: $::Aborted



=== TEST 7: an error inside a 200 is an error
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- crm_extra: crm_record_source none;
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(200, '{"data":[{"code":"DUPLICATE_DATA","details":{"id":"1"},"message":"duplicate data","status":"error"}]}')
--- request
PUT /crm/v8/Leads/1
{"data":[{"x":2}]}
--- error_code: 200
--- response_body: {"data":[{"code":"DUPLICATE_DATA","details":{"id":"1"},"message":"duplicate data","status":"error"}]}
--- redis_check eval: $::Aborted



=== TEST 8: 500 says nothing: the intent and the lease stay
--- crm_rules eval: $::Tell
--- crm_seed
Leads/1 {"x":1}
--- crm_fail: fault=status status=500 method=PUT
--- request
PUT /crm/v8/Leads/1
{"data":[{"x":2}]}
--- error_code: 500
--- response_headers_like
CRM-Event: [0-9A-Z]{26}
--- redis_check eval: $::UnknownLeased
--- error_log: crm capture: outcome unknown



=== TEST 9: nor does 503, whatever its body says
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(503, $::Success)
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 503
--- redis_check eval: $::Unknown



=== TEST 10: 202 is not done yet
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(202, $::Success)
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 202
--- response_headers_like
CRM-Event: [0-9A-Z]{26}
CRM-Event-State: pending
--- redis_check eval: $::Unknown



=== TEST 11: a redirect is no outcome
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(302, '', 'Location: http://elsewhere/')
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 302
--- response_headers
Location: http://elsewhere/
--- redis_check eval: $::Unknown



=== TEST 12: a backend that cannot be reached has seen nothing
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- crm_extra: crm_record_source none;
--- request
PUT /crm/v8/Leads/1
{"data":[{"x":2}]}
--- error_code: 502
--- redis_check eval: $::Aborted



=== TEST 13: a reset says nothing
--- crm_rules eval: $::Tell
--- crm_seed
Leads/1 {"x":1}
--- crm_fail: fault=reset method=PUT
--- request
PUT /crm/v8/Leads/1
{"data":[{"x":2}]}
--- error_code: 502
--- redis_check eval: $::UnknownLeased
--- backend_writes: 1



=== TEST 14: a timeout says nothing
--- crm_rules eval: $::Tell
--- crm_seed
Leads/1 {"x":1}
--- crm_fail: fault=silent method=PUT
--- crm_extra: proxy_read_timeout 200ms;
--- request
PUT /crm/v8/Leads/1
{"data":[{"x":2}]}
--- error_code: 504
--- redis_check eval: $::UnknownLeased
--- backend_writes: 1



=== TEST 15: a truncated 2xx says nothing, and the client is told, not cut off
--- crm_rules eval: $::Tell
--- crm_seed
Leads/1 {"x":1}
--- crm_fail: fault=truncate method=PUT commit=1
--- request
PUT /crm/v8/Leads/1
{"data":[{"x":2}]}
--- error_code: 502
--- response_headers_like
CRM-Event: [0-9A-Z]{26}
CRM-Event-State: 
--- response_body_unlike: SUCCESS
--- error_log: the backend's answer broke off
--- redis_check eval: $::UnknownLeased



=== TEST 16: a 200 that is no JSON says nothing, and passes
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(200, '<html>fine</html>')
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 200
--- response_headers_like
CRM-Event-State: pending
CRM-Event: [0-9A-Z]{26}
--- response_body: <html>fine</html>
--- redis_check eval: $::Unknown



=== TEST 17: a 201 that names no record says nothing
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(201, '{"data":[{"code":"SUCCESS","details":{},"status":"success"}]}')
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 201
--- response_headers_like
CRM-Event: [0-9A-Z]{26}
CRM-Event-State: pending
--- redis_check eval: $::Unknown



=== TEST 18: an id that is none says nothing
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(201, $::Success =~ s/77/..\/1/r)
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 201
--- response_headers_like
CRM-Event: [0-9A-Z]{26}
CRM-Event-State: pending
--- redis_check eval: $::Unknown



=== TEST 19: an empty 200 says nothing
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(200, '')
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 200
--- response_headers_like
CRM-Event: [0-9A-Z]{26}
CRM-Event-State: pending
--- redis_check eval: $::Unknown



=== TEST 20: headers of a held answer arrive with it
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(201, $::Success, 'Set-Cookie: a=b', 'Location: /crm/v8/Leads/77', 'X-Own: yes')
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 201
--- response_headers
Set-Cookie: a=b
X-Own: yes
Content-Length: 95
--- response_body eval: $::Success
--- redis_check eval: $::Committed



=== TEST 21: a chunked answer commits
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- crm_extra: proxy_http_version 1.1;
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval
["HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n", (map { "1\r\n$_\r\n" } split //, $::Success), "0\r\n\r\n"]
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 201
--- response_body_like: "id":"77"
--- redis_check eval: $::Committed



=== TEST 22: a chunked answer that breaks off says nothing
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- crm_extra: proxy_http_version 1.1;
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n5f\r\n$::Success\r\n"
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 502
--- redis_check eval: $::Unknown



=== TEST 23: an answer of 600 KB commits and arrives whole
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(201, main::large(600000))
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 201
--- response_body eval: main::large(600000)
--- redis_check eval: $::Committed



=== TEST 24: also when nginx does not buffer it
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- crm_extra: proxy_buffering off;
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(201, main::large(600000))
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 201
--- response_body eval: main::large(600000)
--- redis_check eval: $::Committed



=== TEST 25: also when nginx must spill it to a file
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- crm_extra
proxy_buffers 2 4k;
proxy_buffer_size 4k;
proxy_busy_buffers_size 4k;
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(201, main::large(600000))
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 201
--- response_body eval: main::large(600000)
--- redis_check eval: $::Committed



=== TEST 26: an answer above crm_max_answer passes whole, its intent stays
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- crm_extra: crm_max_answer 1k;
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(201, main::large(600000))
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 201
--- response_headers_like
CRM-Event-State: pending
CRM-Event: [0-9A-Z]{26}
--- response_body eval: main::large(600000)
--- redis_check eval: $::Unknown
--- error_log: the answer is above crm_max_answer



=== TEST 27: also when nginx does not buffer it
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- crm_extra
crm_max_answer 1k;
proxy_buffering off;
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(201, main::large(600000))
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 201
--- response_headers_like
CRM-Event: [0-9A-Z]{26}
CRM-Event-State: pending
--- response_body eval: main::large(600000)
--- redis_check eval: $::Unknown



=== TEST 28: a compressed answer is not guessed at, and passes
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(201, "\x1f\x8b\x08 no matter what", 'Content-Encoding: gzip')
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 201
--- response_headers_like
CRM-Event: [0-9A-Z]{26}
CRM-Event-State: pending
--- response_headers
Content-Encoding: gzip
--- response_body eval: "\x1f\x8b\x08 no matter what"
--- redis_check eval: $::Unknown



=== TEST 29: an error page that fakes a 200 does not commit
--- crm_rules eval: $::Tell
--- crm_seed
Leads/1 {"x":1}
--- crm_fail: fault=status status=500 method=PUT
--- crm_extra
proxy_intercept_errors on;
error_page 500 =200 /fake.json;
--- user_files eval: [['fake.json', $::Success]]
--- request
PUT /crm/v8/Leads/1
{"data":[{"x":2}]}
--- error_code: 200
--- response_headers_like
CRM-Event-State: pending
CRM-Event: [0-9A-Z]{26}
--- response_body eval: $::Success
--- redis_check eval: $::UnknownLeased
--- backend_writes: 1



=== TEST 30: nor does one that stands for a refusal
--- crm_rules eval: $::Tell
--- crm_seed
Leads/1 {"x":1}
--- crm_fail: fault=status status=400 method=PUT
--- crm_extra
proxy_intercept_errors on;
error_page 400 =200 /fake.json;
--- user_files eval: [['fake.json', $::Success]]
--- request
PUT /crm/v8/Leads/1
{"data":[{"x":2}]}
--- error_code: 200
--- response_body eval: $::Success
--- redis_check eval: $::Aborted



=== TEST 31: nor one for a backend that cannot be reached
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- crm_extra
crm_record_source none;
error_page 502 =200 /fake.json;
--- user_files eval: [['fake.json', $::Success]]
--- request
PUT /crm/v8/Leads/1
{"data":[{"x":2}]}
--- error_code: 200
--- response_body eval: $::Success
--- redis_check eval: $::Aborted



=== TEST 32: an error page that asks the backend does not commit by its answer
--- crm_rules eval: $::Tell
--- crm_seed
Leads/1 {"x":1}
--- crm_fail: fault=status status=500 method=PUT
--- crm_extra
proxy_intercept_errors on;
error_page 500 =200 /crm/v8/Leads/1;
--- request
PUT /crm/v8/Leads/1
{"data":[{"x":2}]}
--- error_code: 200
--- response_headers_like
CRM-Event: [0-9A-Z]{26}
CRM-Event-State: pending
--- redis_check eval: $::UnknownLeased
--- backend_writes: 1



=== TEST 33: a named location of an error page does not send the write again
--- crm_rules eval: $::Tell
--- crm_seed
Leads/1 {"x":1}
--- crm_fail: fault=reset method=PUT times=1
--- http_config
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
crm_org acme;
--- config
location /crm/ {
    crm_automation on;
    crm_dialect zoho;
    crm_record_location /_crm_record;
    error_page 502 = @again;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT;
}
location @again {
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT;
}
location /_crm_record/ {
    internal;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT/;
}
--- request
PUT /crm/v8/Leads/1
{"data":[{"x":2}]}
--- error_code: 502
--- redis_check eval: $::UnknownLeased
--- backend_writes: 1



=== TEST 34: X-Accel-Redirect of the backend is ignored
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(201, $::Success, 'X-Accel-Redirect: /secret')
--- user_files
>>> secret
never to be seen
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 201
--- response_body eval: $::Success
--- redis_check eval: $::Committed



=== TEST 35: reads are left alone
--- crm_rules eval: $::Tell
--- crm_seed
Leads/1 {"x":1}
--- more_headers eval: [("Accept-Encoding: gzip\nRange: bytes=0-1\nIf-None-Match: \"x\"") x 2]
--- request eval: ['GET /crm/v8/Leads/1', 'HEAD /crm/v8/Leads/1']
--- error_code eval: [200, 404]
--- response_headers eval: [("!CRM-Event\n!CRM-Rule\n") x 2]
--- response_body_like eval: ['"x":1', '^$']
--- redis_check
ZCARD crm:{acme}:intents => 0
LLEN crm:{acme}:queue:webhooks => 0
XLEN crm:{acme}:trace => 0



=== TEST 36: a connection that is kept alive serves judged writes and reads in turn
--- crm_rules eval: $::Tell
--- crm_seed
Leads/1 {"x":1}
--- pipelined_requests eval
["PUT /crm/v8/Leads/1\n{\"data\":[{\"x\":2}]}", 'GET /crm/v8/Leads/1', "POST /crm/v8/Leads\n{\"data\":[{\"x\":3}]}",
"PUT /crm/v8/Leads/1\n{\"data\":[{\"x\":4}", 'GET /crm/v8/Leads/1', "DELETE /crm/v8/Leads/1"]
--- error_code eval: [200, 200, 201, 400, 200, 200]
--- response_headers_like eval
['CRM-Event: [0-9A-Z]{26}', 'CRM-Event: ', ('CRM-Event: [0-9A-Z]{26}') x 2, 'CRM-Event: ', 'CRM-Event: [0-9A-Z]{26}']
--- redis_check
LLEN crm:{acme}:queue:webhooks => 3
ZCARD crm:{acme}:intents => 0



=== TEST 37: a PUT that was sent is not sent to the next server
--- crm_rules eval: $::Tell
--- http_config eval: $::Two
--- crm_extra: crm_record_source none;
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply:
--- request
PUT /crm/v8/Leads/1
{"data":[{"x":2}]}
--- error_code: 502
--- backend_writes: 0
--- redis_check eval: $::UnknownLeased



=== TEST 38: nor is a DELETE
--- crm_rules eval: $::Tell
--- http_config eval: $::Two
--- crm_extra: crm_record_source none;
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply:
--- request
DELETE /crm/v8/Leads/1
--- error_code: 502
--- backend_writes: 0
--- redis_check eval: $::UnknownLeased



=== TEST 39: nor one that a server answered with an error that nginx may pass on
--- crm_rules eval: $::Tell
--- http_config eval: $::Two
--- crm_extra
crm_record_source none;
proxy_next_upstream error timeout invalid_header http_500 http_503;
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(500, '{"code":"INTERNAL_ERROR"}')
--- request
PUT /crm/v8/Leads/1
{"data":[{"x":2}]}
--- error_code: 500
--- backend_writes: 0
--- redis_check eval: $::UnknownLeased



=== TEST 40: a server that refuses the connection has not seen it: the next one does, once
--- crm_rules eval: $::Tell
--- crm_seed
Leads/1 {"x":1}
--- http_config eval: $::Two
--- crm_extra: crm_record_source none;
--- request
PUT /crm/v8/Leads/1
{"data":[{"x":2}]}
--- error_code: 200
--- backend_writes: 1
--- redis_check eval: $::Committed



=== TEST 41: a client that goes away does not take the write along
--- crm_rules eval: $::Tell
--- crm_seed
Leads/1 {"x":1}
--- init
crm_hold(method => 'PUT');
my $s = begin_write(PUT => 'Leads/1', '{"data":[{"x":2}]}');
wait_for { crm_writes() } 'the write';
close $s;
crm_release();
wait_for { redis('LLEN', 'crm:{acme}:queue:webhooks') == 1 } 'the commit';
--- request
GET /crm/v8/Leads/1
--- error_code: 200
--- response_body_like: "x":2
--- redis_check eval: $::Committed



=== TEST 42: a backend that takes its time is waited for, and others are served meanwhile
--- crm_rules eval: $::Tell
--- crm_seed
Leads/1 {"x":1}
Leads/2 {"x":1}
--- crm_delay: ms=200 times=1 method=PUT
--- request eval: ["PUT /crm/v8/Leads/1\n{\"data\":[{\"x\":2}]}", "PUT /crm/v8/Leads/2\n{\"data\":[{\"x\":2}]}"]
--- error_code eval: [200, 200]
--- redis_check
LLEN crm:{acme}:queue:webhooks => 2
ZCARD crm:{acme}:intents => 0



=== TEST 43: before-images that cannot be read close the gate
--- crm_rules eval: $::Tell
--- crm_seed
Leads/1 {"x":1}
--- crm_fail: fault=status status=500 method=GET
--- request
PUT /crm/v8/Leads/1
{"data":[{"x":2}]}
--- error_code: 503
--- response_headers_like
Retry-After: \d+
--- response_body_like: ^\{"code":"INTERNAL_ERROR","details":\{"reason":"the current record could not be read","event":"[0-9A-Z]{26}"\}
--- backend_writes: 0
--- redis_check eval: $::Aborted



=== TEST 44: a truncated before-image as well
--- crm_rules eval: $::Tell
--- crm_seed
Leads/1 {"x":1}
--- crm_fail: fault=truncate method=GET commit=1
--- request
PUT /crm/v8/Leads/1
{"data":[{"x":2}]}
--- error_code: 503
--- backend_writes: 0
--- redis_check eval: $::Aborted



=== TEST 45: a before-image that is reset as well
--- crm_rules eval: $::Tell
--- crm_seed
Leads/1 {"x":1}
--- crm_fail: fault=reset method=GET
--- request
PUT /crm/v8/Leads/1
{"data":[{"x":2}]}
--- error_code: 503
--- backend_writes: 0
--- redis_check eval: $::Aborted



=== TEST 46: a before-image above crm_max_answer as well
--- crm_rules eval: $::Tell
--- crm_seed eval: 'Leads/1 {"x":"' . 'x' x 20000 . '"}'
--- crm_extra: crm_max_answer 10k;
--- request
PUT /crm/v8/Leads/1
{"data":[{"x":2}]}
--- error_code: 503
--- response_body_like: the current record is above crm_max_answer
--- backend_writes: 0
--- redis_check eval: $::Aborted



=== TEST 47: a record that does not exist is the backend's to refuse
--- crm_rules eval: $::Tell
--- request
PUT /crm/v8/Leads/1
{"data":[{"x":2}]}
--- error_code: 400
--- response_body_like: the id given seems to be invalid
--- backend_writes: 1
--- redis_check eval: $::Aborted



=== TEST 48: a write that try_files sends on is followed all the same
--- crm_rules eval: $::Tell
--- http_config
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
crm_org acme;
--- config
crm_automation on;
crm_dialect zoho;
crm_prefix /crm/;
crm_record_location /_crm_record;
location /crm/ { try_files /nothing @crm; }
location @crm { proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT; }
location /_crm_record/ { internal; crm_automation off; proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT/; }
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 201
--- response_headers_like
CRM-Event: [0-9A-Z]{26}
--- backend_writes: 1
--- redis_check eval: $::Committed



=== TEST 49: an update that try_files sends on is sent once, whatever becomes of it
--- crm_rules eval: $::Tell
--- crm_seed
Leads/1 {"x":1}
--- crm_fail: fault=reset method=PUT
--- http_config
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
crm_org acme;
--- config
crm_automation on;
crm_dialect zoho;
crm_prefix /crm/;
crm_record_location /_crm_record;
location /crm/ { try_files /nothing @crm; }
location @crm { error_page 502 = @again; recursive_error_pages on; proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT; }
location @again { proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT; }
location /_crm_record/ { internal; crm_automation off; proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT/; }
--- request
PUT /crm/v8/Leads/1
{"data":[{"x":2}]}
--- error_code: 502
--- backend_writes: 1
--- redis_check eval: $::UnknownLeased



=== TEST 50: an error of nginx's own, in front of the backend, leaves nothing behind
--- crm_rules eval: $::Tell
--- http_config
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
crm_org acme;
--- config
location /crm/ {
    crm_automation on;
    crm_dialect zoho;
    crm_record_source none;
    set $nowhere "";
    proxy_pass http://$nowhere;
}
--- request
PUT /crm/v8/Leads/1
{"data":[{"x":2}]}
--- error_code: 500
--- redis_check eval: $::Aborted
