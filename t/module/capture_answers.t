# An answer to a write is what the backend sent, whole, whatever it is, through
# whatever nginx does to it; and only one that says what became of this record
# settles the write. Fails when an answer about another record, or about several,
# is taken for ours, or when holding an answer back changes it.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
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

our $Canned = <<'EOT';
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
crm_org acme;
upstream crm_backend { server 127.0.0.1:$TEST_NGINX_SPARE_PORT; }
EOT

our $Committed = <<'EOT';
LLEN crm:{acme}:queue:webhooks => 1
ZCARD crm:{acme}:intents => 0
EXISTS crm:{acme}:busy:Leads/1 => 0
EOT

our $Aborted = $Committed =~ s/=> 1$/=> 0/mr;
our $Unknown = $Aborted =~ s/intents => 0/intents => 1/r;
our $UnknownLeased = $Unknown =~ s/Leads\/1 => 0/Leads\/1 => 1/r;

our $Post = "POST /crm/v8/Leads\n{\"data\":[{\"x\":1}]}";
our $Put = "PUT /crm/v8/Leads/1\n{\"data\":[{\"x\":2}]}";

our $Pending = "CRM-Event: [0-9A-Z]{26}\nCRM-Event-State: pending\n";
our $Settled = "CRM-Event: [0-9A-Z]{26}\nCRM-Event-State: \n";

sub success {
    my ($id) = @_;

    return '{"code":"SUCCESS","details":{"id":"' . $id . '"},"message":"m","status":"success"}';
}

sub list { return '{"data":[' . join(',', map { success($_) } @_) . ']}' }

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

sub unknown { return json_decode(http(GET => '/crm_status')->{body})->{unknown} }

our $Three = large(3_000_000);

no_long_string();
run_tests();

__DATA__

=== TEST 1: an update that is answered with another record's id is in doubt
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- crm_extra: crm_record_source none;
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(200, main::list(2))
--- request eval: $::Put
--- error_code: 200
--- response_headers_like eval: $::Pending
--- response_body eval: main::list(2)
--- redis_check eval: $::UnknownLeased
--- error_log: crm capture: outcome unknown
--- check: is(unknown(), 1, 'counted');



=== TEST 2: so is a delete
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- crm_extra: crm_record_source none;
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(200, main::list(2))
--- request: DELETE /crm/v8/Leads/1
--- error_code: 200
--- response_headers_like eval: $::Pending
--- redis_check eval: $::UnknownLeased



=== TEST 3: its own id settles it
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- crm_extra: crm_record_source none;
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(200, main::list(1))
--- request eval: $::Put
--- error_code: 200
--- response_headers_like eval: $::Settled
--- redis_check eval: $::Committed
--- check: is(unknown(), 0, 'nothing in doubt');



=== TEST 4: and so does a success without any id
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- crm_extra: crm_record_source none;
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(200, '{"data":[{"code":"SUCCESS"}]}')
--- request eval: $::Put
--- error_code: 200
--- redis_check eval: $::Committed



=== TEST 5: a refusal may name another record, the one it would be a duplicate of
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- crm_extra: crm_record_source none;
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(200, '{"data":[{"code":"DUPLICATE_DATA","details":{"id":"2"},"status":"error"}]}')
--- request eval: $::Put
--- error_code: 200
--- redis_check eval: $::Aborted



=== TEST 6: a create that is answered with several records is in doubt
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(201, main::list(77, 78))
--- request eval: $::Post
--- error_code: 201
--- response_headers_like eval: $::Pending
--- redis_check eval: $::Unknown



=== TEST 7: an update that is answered with several, its own among them, as well
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- crm_extra: crm_record_source none;
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(200, main::list(1, 2))
--- request eval: $::Put
--- error_code: 200
--- response_headers_like eval: $::Pending
--- redis_check eval: $::UnknownLeased



=== TEST 8: half a body under its whole length
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(201, substr main::list(77), 0, 40)
--- request eval: $::Post
--- error_code: 201
--- response_headers_like eval: $::Pending
--- response_body eval: substr main::list(77), 0, 40
--- redis_check eval: $::Unknown



=== TEST 9: JSON that is none behind its end, a key given twice, bytes that are no text
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(201, main::list(77) . '}')
--- request eval: $::Post
--- error_code: 201
--- response_headers_like eval: $::Pending
--- redis_check eval: $::Unknown



=== TEST 10: HTML, by its type too
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(200, '<html>' . main::list(77)) =~ s/application.json/text\/html/r
--- request eval: $::Post
--- error_code: 200
--- response_headers_like eval: $::Pending
--- response_headers
Content-Type: text/html
--- redis_check eval: $::Unknown



=== TEST 11: a real gzip of a success is passed, and not believed
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval
use IO::Compress::Gzip; my $in = main::list(77); IO::Compress::Gzip::gzip(\$in, \$::Gzip); main::answer(201, $::Gzip, 'Content-Encoding: gzip')
--- request eval: $::Post
--- error_code: 201
--- response_headers_like eval: $::Pending
--- response_headers
Content-Encoding: gzip
--- response_body eval: $::Gzip
--- redis_check eval: $::Unknown
--- check: is(unknown(), 1, 'counted');



=== TEST 12: 3 MB, above the default of crm_max_answer, are passed whole, in doubt, counted
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(201, $::Three)
--- request eval: $::Post
--- error_code: 201
--- response_headers_like eval: $::Pending
--- response_body eval: $::Three
--- redis_check eval: $::Unknown
--- check: is(unknown(), 1, 'counted');



=== TEST 13: so when nginx does not buffer them
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- crm_extra: proxy_buffering off;
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(201, $::Three)
--- request eval: $::Post
--- error_code: 201
--- response_headers_like eval: $::Pending
--- response_body eval: $::Three
--- redis_check eval: $::Unknown



=== TEST 14: with room for them they settle the write
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- crm_extra
crm_max_answer 4m;
proxy_buffers 2 4k;
proxy_busy_buffers_size 4k;
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(201, $::Three)
--- request eval: $::Post
--- error_code: 201
--- response_headers_like eval: $::Settled
--- response_body eval: $::Three
--- redis_check eval: $::Committed



=== TEST 15: a limit to the rate holds for what was held back
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- crm_extra: limit_rate 200k;
--- timeout: 10
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(201, main::large(300_000))
--- request eval: $::Post
--- error_code: 201
--- response_headers_like eval: $::Settled
--- response_body eval: main::large(300_000)
--- redis_check eval: $::Committed



=== TEST 16: nginx compresses, substitutes and adds to it as to any other
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- crm_extra
gzip on;
gzip_types application/json;
gzip_min_length 1;
gzip_http_version 1.0;
add_header X-Own yes always;
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(201, main::large(10_000))
--- more_headers: Accept-Encoding: gzip
--- request eval: $::Post
--- error_code: 201
--- response_headers
X-Own: yes
!Content-Encoding
--- response_body eval: main::large(10_000)
--- redis_check eval: $::Committed



=== TEST 17: the same for a 200, which nginx does compress
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- crm_extra
crm_record_source none;
gzip on;
gzip_types application/json;
gzip_min_length 1;
gzip_proxied any;
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(200, main::large(10_000) =~ s/77/1/r)
--- more_headers: Accept-Encoding: gzip
--- request eval: $::Put
--- error_code: 200
--- response_headers
Content-Encoding: gzip
--- response_body_like: ^\x1f\x8b
--- redis_check eval: $::Committed



=== TEST 18: whether the client's copy is the current one, the backend judges
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- crm_extra
crm_record_source none;
proxy_force_ranges on;
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(200, main::list(1), 'Accept-Ranges: bytes', 'ETag: "a"', 'Last-Modified: Sun, 22 Nov 2020 00:00:00 GMT')
--- more_headers
If-Match: "b"
--- request eval: $::Put
--- error_code: 200
--- response_body eval: main::list(1)
--- redis_check eval: $::Committed



=== TEST 19: what the backend tells nginx to do with it
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(201, main::list(77), 'X-Accel-Buffering: no', 'X-Accel-Limit-Rate: 100000', 'X-Accel-Charset: utf-8', 'X-Accel-Expires: 60', 'X-Accel-Redirect: @again')
--- request eval: $::Post
--- error_code: 201
--- response_headers_like eval: $::Settled
--- response_body eval: main::list(77)
--- redis_check eval: $::Committed



=== TEST 20: an answer without a body, 200 and 201, is in doubt; 204 to a delete is not
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(201, '', 'Location: /crm/v8/Leads/77')
--- request eval: $::Post
--- error_code: 201
--- response_headers_like eval: $::Pending
--- response_headers
Location: /crm/v8/Leads/77
--- redis_check eval: $::Unknown



=== TEST 21: an HTTP/1.0 answer that ends with its connection
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: "HTTP/1.0 201 Created\r\nContent-Type: application/json\r\n\r\n" . main::list(77)
--- request eval: $::Post
--- error_code: 201
--- response_headers_like eval: $::Settled
--- response_body eval: main::list(77)
--- redis_check eval: $::Committed



=== TEST 22: more bytes than it says are not an answer to anybody
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: main::answer(201, main::list(77)) . main::answer(201, main::list(78))
--- request eval: $::Post
--- error_code: 201
--- response_body eval: main::list(77)
--- redis_check eval: $::Committed



=== TEST 23: an error page of a location's own words does not settle it
--- crm_rules eval: $::Tell
--- http_config
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
crm_org acme;
--- config
location /crm/ {
    crm_automation on;
    crm_dialect zoho;
    crm_record_source none;
    proxy_intercept_errors on;
    error_page 500 = @told;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT;
}
location @told { default_type application/json; return 200 '{"data":[{"code":"SUCCESS","details":{"id":"1"}}]}'; }
--- crm_fail: fault=status status=500 method=PUT
--- request eval: $::Put
--- error_code: 200
--- response_headers_like eval: $::Pending
--- response_body_like: SUCCESS
--- redis_check eval: $::UnknownLeased
--- backend_writes: 1



=== TEST 24: nor does one of a status nginx makes up
--- crm_rules eval: $::Tell
--- crm_extra
crm_record_source none;
proxy_intercept_errors on;
error_page 500 =201 /fine.json;
--- user_files
>>> fine.json
{"data":[{"code":"SUCCESS","details":{"id":"1"}}]}
--- crm_fail: fault=status status=500 method=POST
--- request eval: $::Post
--- error_code: 201
--- response_headers_like eval: $::Pending
--- redis_check eval: $::Unknown



=== TEST 25: nor one that answers what broke off
--- crm_rules eval: $::Tell
--- http_config eval: $::Canned
--- crm_extra
crm_record_source none;
error_page 502 =200 /fine.json;
--- user_files
>>> fine.json
{"data":[{"code":"SUCCESS","details":{"id":"1"}}]}
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: substr main::answer(200, main::list(1)), 0, 140
--- request eval: $::Put
--- error_code: 200
--- response_headers_like eval: $::Pending
--- redis_check eval: $::UnknownLeased



=== TEST 26: and a named location does not send it again
--- crm_rules eval: $::Tell
--- http_config
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
crm_org acme;
--- config
location /crm/ {
    crm_automation on;
    crm_dialect zoho;
    crm_record_source none;
    error_page 502 504 = @again;
    proxy_pass http://127.0.0.1:$TEST_NGINX_SPARE_PORT;
}
location @again { proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT; }
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval: substr main::answer(200, main::list(1)), 0, 140
--- request eval: $::Put
--- error_code: 502
--- backend_writes: 0
--- redis_check eval: $::UnknownLeased
