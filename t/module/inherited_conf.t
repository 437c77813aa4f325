# What is right is inherited as nginx users expect: http, server, location, a
# location in it, if, limit_except, map; and who acts is who nginx says. Fails
# when a place below a guarded one is open.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
use Test::More;
use Test::Nginx::Socket 'no_plan';

our $Lock = <<'YAML';
kind: profile
name: Boss
---
kind: user
id: "1001"
name: Ada
profile: Boss
---
kind: record_locking
module: Leads
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: x, comparator: equal, value: 1 }
locked_for: all_profiles_except_excluded_profiles
lock_excluded_profiles: [Boss]
YAML

our $Seed = 'Leads/1 {"x":1}';
our $Put = "PUT /crm/v8/Leads/1\n{\"data\":[{\"y\":2}]}";

no_long_string();
run_tests();

__DATA__

=== TEST 1: http and server say it once, for every location
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Seed
--- http_config
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
crm_org acme;
crm_automation on;
crm_dialect zoho;
crm_max_body 20;
--- config
crm_record_location /_crm_record;
crm_max_body 1k;
location /crm/ { proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT; }
location /_crm_record/ { internal; crm_automation off; proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT/; }
location /free/ { crm_automation off; proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT/crm/; }
location /small/ { crm_max_body 10; proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT/crm/; }
--- request eval: [$::Put, $::Put =~ s/crm/free/r, $::Put =~ s/crm/small/r]
--- error_code eval: [400, 200, 413]
--- response_body_like eval: ['RECORD_LOCKED', 'SUCCESS', 'INVALID_DATA']
--- backend_writes: 1



=== TEST 2: a location in a location inherits, prefix and all
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Seed
--- http_config
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
crm_org acme;
--- config
location /crm/ {
    crm_automation on;
    crm_dialect zoho;
    crm_record_source none;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT;

    location /crm/v8/ { proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT; }
    location /crm/v2/ { crm_automation off; proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT; }
}
--- request eval: [$::Put, $::Put =~ s/v8/v3/r, $::Put =~ s/v8/v2/r]
--- error_code eval: [400, 400, 200]
--- response_body_like eval: ['RECORD_LOCKED', 'RECORD_LOCKED', 'SUCCESS']
--- backend_writes: 1



=== TEST 3: an if in the location is guarded too
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Seed
--- crm_extra
set $always 1;
if ($always) { set $x y; }
--- request eval: $::Put
--- error_code: 400
--- response_body_like: RECORD_LOCKED
--- backend_writes: 0



=== TEST 4: limit_except does not open the guard
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Seed
--- crm_extra: limit_except GET { allow all; }
--- request eval: $::Put
--- error_code: 400
--- response_body_like: RECORD_LOCKED
--- backend_writes: 0



=== TEST 5: a map switches the guard, and what it says wrong is on
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Seed
--- http_config
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
crm_org acme;
map $http_x_mode $mode { default on; off off; shadow shadow; nonsense nonsense; empty ""; }
--- config
location /crm/ {
    crm_automation $mode;
    crm_dialect zoho;
    crm_record_source none;
    add_header X-Decision "$crm_decision." always;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT;
}
--- more_headers eval: [map { "X-Mode: $_" } qw(on off shadow nonsense empty)]
--- request eval: [($::Put) x 5]
--- error_code eval: [400, 200, 200, 400, 400]
--- response_headers eval: [map { "X-Decision: $_." } 'refused_lock', '', 'shadow', 'refused_lock', 'refused_lock']
--- backend_writes: 2



=== TEST 6: the user that a trusted peer names counts
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Seed
--- more_headers eval: ['X-CRM-User: 1001', 'X-CRM-User: 1002', '']
--- request eval: [$::Put, ($::Put =~ s/2\}/3}/r) x 2]
--- error_code eval: [200, 400, 400]
--- backend_writes: 1



=== TEST 7: from any other peer it does not
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Seed
--- http_config
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
crm_org acme;
--- config
location /crm/ {
    crm_automation on;
    crm_dialect zoho;
    crm_record_source none;
    crm_user $http_x_crm_user trusted=10.0.0.0/8 trusted=192.168.0.0/16;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT;
}
--- more_headers
X-CRM-User: 1001
--- request eval: $::Put
--- error_code: 400
--- response_body_like: RECORD_LOCKED
--- backend_writes: 0



=== TEST 8: an organisation by variable must be listed, and has its own rules
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Seed
--- http_config
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
map $http_x_org $org { default acme; other other; bad "a/b"; }
--- config
location /crm/ {
    crm_automation on;
    crm_org $org;
    crm_dialect zoho;
    crm_record_source none;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT;
}
--- more_headers eval: ['', 'X-Org: other', 'X-Org: bad']
--- request eval: [($::Put) x 3]
--- error_code eval: [400, 404, 404]
--- response_body_like eval: ['RECORD_LOCKED', ('"code":"INVALID_URL_PATTERN","details":\{"reason":"there is no such organisation"') x 2]
--- backend_writes: 0



=== TEST 9: without record_source a lock on existing records takes all of them
--- crm_rules eval: $::Lock
--- crm_seed
Leads/1 {"x":2}
--- crm_extra: crm_record_source none;
--- request eval: $::Put
--- error_code: 400
--- response_body_like: RECORD_LOCKED
--- backend_requests: 0



=== TEST 10: who may not come in is not judged
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Seed
--- crm_extra: deny all;
--- request eval: $::Put
--- error_code: 403
--- response_headers
!CRM-Event
--- backend_requests: 0



=== TEST 11: what authenticates the users says who acts
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Seed
--- http_config
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
crm_org acme;
--- config
location /crm/ {
    auth_request /auth;
    auth_request_set $who $upstream_http_x_user;
    crm_automation on;
    crm_dialect zoho;
    crm_user $who;
    crm_record_location /_crm_record;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT;
}
location /_crm_record/ { internal; proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT/; }
location = /auth {
    internal;
    proxy_pass http://127.0.0.1:$TEST_NGINX_PORT/who;
    proxy_pass_request_body off;
    proxy_set_header Content-Length "";
}
location = /who {
    if ($http_x_token = "") { return 401; }
    add_header X-User $http_x_token;
    return 204;
}
--- more_headers eval: ["X-Token: 1002\nX-CRM-User: 1001", 'X-Token: 1001', '']
--- request eval: [($::Put) x 3]
--- error_code eval: [400, 200, 401]
--- response_body_like eval: ['RECORD_LOCKED', 'SUCCESS', '401']
--- backend_writes: 1
