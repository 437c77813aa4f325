# What else nginx does at a guarded location, it still does: who is turned away
# is not judged, who is let in is, and what nginx makes of a request beside it
# reads or is refused. Fails when authentication, limits, mirrors, subrequests
# or connections that are kept open lead past the guard or are upset by it.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
use Test::More;
use Test::Nginx::Socket 'no_plan';

our $Rules = <<'YAML';
kind: workflow_rule
name: told
module: Leads
execute_when: { type: create_or_edit }
conditions:
  - criteria: null
    instant_actions: [ { type: field_updates, field: Rating, value: Hot }, { type: webhooks, name: hook } ]
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

our $Seed = <<'EOT';
Leads/1 {"x":"closed"}
Leads/2 {"x":"open"}
EOT

our $Http = "crm_redis unix:\$TEST_NGINX_REDIS_SOCK;\ncrm_org acme;\n"
          . "limit_req_zone \$server_name zone=one:1m rate=1r/m;\n";

our $Post = "POST /crm/v8/Leads\n{\"data\":[{\"a\":1}]}";
our $Body = '{"data":[{"a":1}]}';

our $Nothing = <<'EOT';
ZCARD crm:{acme}:intents => 0
LLEN crm:{acme}:queue:webhooks => 0
KEYS crm:{acme}:busy:* => 
EOT

# A guarded location with more in it, and more beside it.
sub guarded {
    my ($in, $beside) = @_;

    return "location /crm/ {\n crm_automation on;\n crm_dialect zoho;\n"
         . " crm_record_location /_crm_record;\n $in\n"
         . " proxy_pass http://127.0.0.1:\$TEST_NGINX_CRM_PORT;\n}\n"
         . "location /_crm_record/ { internal; proxy_pass http://127.0.0.1:\$TEST_NGINX_CRM_PORT/; }\n"
         . "location = /yes { internal; root html; try_files /yes.txt =204; }\n"
         . "location = /no { internal; root html; try_files /no.txt =403; }\n"
         . ($beside || '');
}

# Requests over one connection, each sent when the one before was answered.
sub in_turn {
    my (@requests) = @_;

    my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $ENV{TEST_NGINX_PORT})
        or die "connect: $!\n";
    my @status;

    for (@requests) {
        my ($method, $path, $body) = @$_;
        my $in = '';

        $s->syswrite("$method $path HTTP/1.1\r\nHost: x\r\n"
            . (defined $body ? "Content-Type: application/json\r\nContent-Length: "
                               . length($body) . "\r\n" : '') . "\r\n" . ($body // ''));

        while ($in !~ /\r\n\r\n/ || length($') < ($in =~ /^Content-Length: (\d+)/mi ? $1 : 0)) {
            $s->sysread($in, 65536, length $in) or return (@status, 'closed');
        }

        push @status, $in =~ /^HTTP\/1\.1 (\d+)/;
    }

    return @status;
}

use IO::Socket::INET;

no_long_string();
run_tests();

__DATA__

=== TEST 1: whom auth_request turns away is not judged
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- http_config eval: $::Http
--- config eval: main::guarded('auth_request /no;')
--- request eval: [$::Post, "PUT /crm/v8/Leads/1\n$::Body", "PUT /crm/v8/Leads/2\nno json"]
--- error_code eval: [403, 403, 403]
--- response_headers_like eval: [('CRM-Event: ') x 3]
--- backend_requests: 0
--- redis_check eval: $::Nothing



=== TEST 2: whom it lets in is
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- http_config eval: $::Http
--- config eval: main::guarded('auth_request /yes;')
--- user_files
>>> yes.txt
--- request eval: [$::Post, "PUT /crm/v8/Leads/1\n$::Body", "PUT /crm/v8/Leads/2\n$::Body"]
--- error_code eval: [201, 400, 200]
--- backend_writes: 2
--- backend_body eval: [undef, undef, '{"data":[{"a":1,"Rating":"Hot"}]}']
--- redis_check
ZCARD crm:{acme}:intents => 0
LLEN crm:{acme}:queue:webhooks => 2



=== TEST 3: satisfy any lets in by either, and is no way around the rules
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- http_config eval: $::Http
--- config eval: main::guarded('satisfy any; allow 127.0.0.1; deny all; auth_request /no;')
--- request eval: [$::Post, "PUT /crm/v8/Leads/1\n$::Body"]
--- error_code eval: [201, 400]
--- backend_writes: 1
--- redis_check
ZCARD crm:{acme}:intents => 0
LLEN crm:{acme}:queue:webhooks => 1



=== TEST 4: nor does it let in whom neither wants
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- http_config eval: $::Http
--- config eval: main::guarded('satisfy any; deny all; auth_request /no;')
--- request eval: [$::Post, "DELETE /crm/v8/Leads/1"]
--- error_code eval: [403, 403]
--- backend_requests: 0
--- redis_check eval: $::Nothing



=== TEST 5: whom limit_req turns away is not judged
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- http_config eval: $::Http
--- config eval: main::guarded('limit_req zone=one;')
--- request eval: [$::Post, $::Post, "PUT /crm/v8/Leads/1\n$::Body"]
--- error_code eval: [201, 503, 503]
--- response_headers_like eval: ['CRM-Event: [0-9A-Z]{26}', ('CRM-Event: ') x 2]
--- backend_writes: 1
--- redis_check
ZCARD crm:{acme}:intents => 0
LLEN crm:{acme}:queue:webhooks => 1



=== TEST 6: limit_except keeps out, and the rest is judged
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- http_config eval: $::Http
--- config eval: main::guarded('limit_except POST { deny all; }')
--- request eval: [$::Post, "PUT /crm/v8/Leads/2\n$::Body", 'DELETE /crm/v8/Leads/2']
--- error_code eval: [201, 403, 403]
--- backend_writes: 1



=== TEST 7: reads pass: GET, HEAD, OPTIONS; TRACE is nginx's to refuse
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- request eval: ['GET /crm/v8/Leads/1', 'HEAD /crm/v8/Leads/1', 'OPTIONS /crm/v8/Leads/1', 'TRACE /crm/v8/Leads/1', 'GET /crm/v8/Leads/1;x', 'HEAD //crm/v8/Leads/1']
--- error_code eval: [200, 404, 404, 405, 404, 404]
--- response_headers_like eval: [('CRM-Event: ') x 6]
--- redis_check eval: $::Nothing



=== TEST 8: a read with a body passes with it
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- request eval: "GET /crm/v8/Leads/1\n$::Body"
--- error_code: 200
--- backend_requests: 1
--- redis_check eval: $::Nothing



=== TEST 9: a mirror is sent what the backend is sent
--- crm_rules eval: $::Rules
--- http_config eval: $::Http
--- config eval
main::guarded('mirror /copy;', 'location = /copy { internal; proxy_pass http://127.0.0.1:$TEST_NGINX_SPARE_PORT/copy; }')
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval
sub { main::redis('SET', 'mirrored', $_[0]); "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" }
--- request eval: $::Post
--- error_code: 201
--- backend_body: {"data":[{"a":1,"Rating":"Hot"}]}
--- check
like((wait_for { redis(GET => 'mirrored') } 'the mirror'), qr/^POST \/copy .*\r\n\r\n\{"data":\[\{"a":1,"Rating":"Hot"\}\]\}$/s, 'the changed body');
--- redis_check
ZCARD crm:{acme}:intents => 0
LLEN crm:{acme}:queue:webhooks => 1



=== TEST 10: a mirror into a guarded location writes nothing
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- http_config eval: $::Http
--- config eval
main::guarded('', <<'EOT');
location = /front {
    mirror /crm/v8/Leads/1;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT/crm/v8/Contacts;
}
EOT
--- request eval: ["POST /front\n$::Body", "POST /front\n$::Body"]
--- error_code eval: [201, 201]
--- backend_writes: 2
--- check: unlike(join(' ', map { $_->{target} } crm_writes()), qr/Leads/, 'only what was asked for')
--- redis_check eval: $::Nothing



=== TEST 11: an include into a guarded location reads
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- http_config eval: $::Http
--- config eval
main::guarded('', <<'EOT');
location /pages/ { ssi on; ssi_types *; alias html/; }
EOT
--- user_files
>>> page.html
[<!--#include virtual="/crm/v8/Leads/1" -->]
--- request: GET /pages/page.html
--- error_code: 200
--- response_body_like: ^\[\{"data":\[\{"id":"1","x":"closed"
--- backend_writes: 0
--- redis_check eval: $::Nothing



=== TEST 12: an include in the answer to a write is made behind the commit
--- crm_rules eval: $::Rules
--- http_config
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
crm_org acme;
--- config
location /crm/ {
    ssi on;
    ssi_types *;
    crm_automation on;
    crm_dialect zoho;
    crm_record_source none;
    proxy_pass http://127.0.0.1:$TEST_NGINX_SPARE_PORT;
}
location = /part { internal; root html; try_files /part.txt =404; }
--- user_files
>>> part.txt
part
--- tcp_listen: $TEST_NGINX_SPARE_PORT
--- tcp_reply eval
my $b = '{"data":[{"code":"SUCCESS","message":"<!--# include virtual=\"/part\" -->","details":{"id":"77"},"status":"success"}]}';
my $in = $b =~ s/"\/part"/'\/part'/r =~ s/\\'/'/gr =~ s/\\"/'/gr;
"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: " . length($in) . "\r\nConnection: close\r\n\r\n$in"
--- request eval: $::Post
--- error_code: 201
--- response_body_like: "message":"part
--- redis_check
ZCARD crm:{acme}:intents => 0
LLEN crm:{acme}:queue:webhooks => 1



=== TEST 13: a connection serves one after the other, held answers, refusals and reads
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- init
is(join(' ', in_turn(
    [ POST => '/crm/v8/Leads', $main::Body ], [ GET => '/crm/v8/Leads/2' ],
    [ PUT => '/crm/v8/Leads/1', $main::Body ], [ PUT => '/crm/v8/Leads/2', $main::Body ],
    [ PUT => '/crm/v8/Leads/2', 'no json' ], [ PUT => '/crm/v8/Leads/2', '{"data":[{"a":2}]}' ],
    [ POST => '/crm/v8/Contacts', $main::Body ], [ DELETE => '/crm/v8/Leads/2' ],
    [ PATCH => '/crm/v8/Unknown/route', '' ], [ GET => '/crm_status' ])),
   '201 200 400 200 400 200 201 200 404 200', 'each has its own answer');
--- request
GET /crm/v8/Leads/1
--- error_code: 200
--- redis_check
ZCARD crm:{acme}:intents => 0
LLEN crm:{acme}:queue:webhooks => 3
KEYS crm:{acme}:busy:* => 



=== TEST 14: forty writes in one piece, every other of which is refused
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- pipelined_requests eval: [map { "PUT /crm/v8/Leads/$_\n{\"data\":[{\"a\":1}]}" } (1, 2) x 20]
--- error_code eval: [(400, 200) x 20]
--- backend_writes: 20
--- redis_check
ZCARD crm:{acme}:intents => 0
KEYS crm:{acme}:busy:* => 



=== TEST 15: connections to the backend that are kept open
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- http_config
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
crm_org acme;
upstream crm_backend { server 127.0.0.1:$TEST_NGINX_CRM_PORT; keepalive 4; }
--- crm_extra
proxy_http_version 1.1;
proxy_set_header Connection "";
--- request eval: [("PUT /crm/v8/Leads/1\n{\"data\":[{\"a\":1}]}", "PUT /crm/v8/Leads/2\n{\"data\":[{\"a\":1}]}") x 5]
--- error_code eval: [(400, 200) x 5]
--- backend_writes: 5
--- redis_check
ZCARD crm:{acme}:intents => 0



=== TEST 16: what is refused by auth_request is refused behind a named location too
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- http_config eval: $::Http
--- config eval
main::guarded('auth_request /no; error_page 403 = @why;', <<'EOT');
location @why { return 200 "why\n"; }
EOT
--- request eval: [$::Post, "PUT /crm/v8/Leads/1\n$::Body"]
--- error_code eval: [200, 200]
--- response_body_like eval: ['why', 'why']
--- backend_requests: 0
--- redis_check eval: $::Nothing



=== TEST 17: whom auth_request turns away from crm_api sees the page that the location has for it
--- crm_rules eval: $::Rules
--- http_config eval: $::Http
--- config eval
main::guarded('auth_request /nobody; error_page 401 /who.json;', <<'EOT');
location = /nobody { internal; root html; try_files /no.txt =401; }
location = /who.json { internal; root html; }
location /crm_api/ { crm_api write=on auth=none guarded=/crm/v8; }
EOT
--- user_files
>>> who.json
{"who":"?"}
--- request eval: ['GET /crm_api/locks/Leads/1', "POST /crm_api/locks/Leads/1\n{}", 'GET /crm_api/rules', 'GET /crm/v8/Leads/1']
--- more_headers
Content-Type: application/json
--- error_code eval: [(401) x 4]
--- response_body_like eval: [('"who"') x 4]
--- backend_requests: 0



=== TEST 18: what nginx sends behind the answer is no way into a guarded location
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- http_config eval: $::Http
--- config eval
main::guarded('post_action @again;', <<'EOT');
location @again {
    crm_automation on;
    crm_dialect zoho;
    crm_prefix /crm/;
    crm_record_location /_crm_record;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT;
}
EOT
--- request eval: ["PUT /crm/v8/Leads/1\n$::Body", "PUT /crm/v8/Leads/2\n$::Body"]
--- error_code eval: [400, 200]
--- backend_writes: 1
