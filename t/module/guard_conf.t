# What a guarded location must have, and what its proxying must keep to, as
# `nginx -t` says. Fails when a server starts whose guard could be passed by, or
# one does not that is right.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
use Test::CRM::Guarded;
use Test::CRM::Process qw(run_command);
use Test::More;
use Test::Nginx::Socket 'no_plan';

sub nginx_test {
    return run_command([ $ENV{TEST_NGINX_BINARY}, '-t', '-p', "$ENV{TEST_NGINX_SERVROOT}/",
                         '-c', 'conf/nginx.conf', '-e', 'logs/test.log' ],
                       env => Test::CRM::Nginx::environment(leaks => 0));
}

no_long_string();
run_tests();

__DATA__

=== TEST 1: a guard needs crm_redis
--- http_config
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
crm_automation needs crm_redis; write crm_redis unix:/run/redis/redis.sock in http



=== TEST 2: a guard needs crm_org
--- http_config eval: $::Http
--- config eval: main::guarded(org => undef)
--- must_die
--- error_log
crm_automation needs crm_org in location "/crm/"; write crm_org acme



=== TEST 3: a guard needs crm_dialect
--- http_config eval: $::Http
--- config eval: main::guarded(dialect => undef)
--- must_die
--- error_log
crm_automation needs crm_dialect in location "/crm/"; write crm_dialect zoho



=== TEST 4: a guard needs crm_record_location
--- http_config eval: $::Http
--- config eval: main::guarded(record_location => undef)
--- must_die
--- error_log
crm_automation needs crm_record_location in location "/crm/", an internal location where the current record is read



=== TEST 5: a guard in a regex location needs crm_prefix
--- http_config eval: $::Http
--- config eval: main::guarded(place => '~ ^/crm/')
--- must_die
--- error_log
crm_automation needs crm_prefix in location "^/crm/", which is no literal prefix: the path in front of the API's own



=== TEST 6: a guard in a named location needs crm_prefix
--- http_config eval: $::Http
--- config eval: main::guarded(place => '@crm')
--- must_die
--- error_log
crm_automation needs crm_prefix in location "@crm"



=== TEST 7: crm_commit_wait is below send_timeout
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'send_timeout 5s;')
--- must_die
--- error_log
crm_commit_wait (5000ms) must be below send_timeout (5000ms) in location "/crm/"



=== TEST 8: proxy_read_timeout is not above crm_backend_max_time
--- http_config eval: $::Http
--- config eval: main::guarded(backend_max_time => '30s')
--- must_die
--- error_log
proxy_read_timeout (60000ms) must not be above crm_backend_max_time (30000ms) in location "/crm/"



=== TEST 9: a write is never sent twice
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'proxy_next_upstream error non_idempotent;')
--- must_die
--- error_log
proxy_next_upstream non_idempotent would send a write twice in location "/crm/", which crm_automation guards



=== TEST 10: the judged body goes to the backend
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'proxy_pass_request_body off;')
--- must_die
--- error_log
proxy_pass_request_body off keeps the judged body from the backend in location "/crm/"



=== TEST 11: a good configuration needs no Redis to be tested, nor to start
--- http_config eval: $::Http
--- config eval: main::guarded(user => '$remote_user') . 'location /crm_status { crm_status; }'
--- init
is(nginx_test()->{rc}, 0, 'nginx -t');
--- request
GET /crm_status
--- error_code: 200
--- response_body_like: "redis":\{"up":false



=== TEST 12: off needs none of what a guard needs
--- config
crm_automation off;
location /crm/ {
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT;
}
--- request
POST /crm/v8/Leads
{"data":[{}]}
--- error_code: 201
--- response_headers
!CRM-Event



=== TEST 13: fastcgi_pass takes no longer than a lease
--- http_config eval: $::Http
--- config eval: main::guarded(pass => 'fastcgi_pass crm_backend', more => 'fastcgi_read_timeout 3m;')
--- must_die
--- error_log
fastcgi_read_timeout (180000ms) must not be above crm_backend_max_time



=== TEST 14: fastcgi_pass never sends a write twice
--- http_config eval: $::Http
--- config eval: main::guarded(pass => 'fastcgi_pass crm_backend', more => 'fastcgi_next_upstream error non_idempotent;')
--- must_die
--- error_log
fastcgi_next_upstream non_idempotent would send a write twice in location "/crm/", which crm_automation guards



=== TEST 15: uwsgi_pass takes no longer than a lease
--- http_config eval: $::Http
--- config eval: main::guarded(pass => 'uwsgi_pass crm_backend', more => 'uwsgi_read_timeout 3m;')
--- must_die
--- error_log
uwsgi_read_timeout (180000ms) must not be above crm_backend_max_time



=== TEST 16: uwsgi_pass never sends a write twice
--- http_config eval: $::Http
--- config eval: main::guarded(pass => 'uwsgi_pass crm_backend', more => 'uwsgi_next_upstream error non_idempotent;')
--- must_die
--- error_log
uwsgi_next_upstream non_idempotent would send a write twice in location "/crm/", which crm_automation guards



=== TEST 17: scgi_pass takes no longer than a lease
--- http_config eval: $::Http
--- config eval: main::guarded(pass => 'scgi_pass crm_backend', more => 'scgi_read_timeout 3m;')
--- must_die
--- error_log
scgi_read_timeout (180000ms) must not be above crm_backend_max_time



=== TEST 18: scgi_pass never sends a write twice
--- http_config eval: $::Http
--- config eval: main::guarded(pass => 'scgi_pass crm_backend', more => 'scgi_next_upstream error non_idempotent;')
--- must_die
--- error_log
scgi_next_upstream non_idempotent would send a write twice in location "/crm/", which crm_automation guards



=== TEST 19: grpc_pass takes no longer than a lease
--- http_config eval: $::Http
--- config eval: main::guarded(pass => 'grpc_pass crm_backend', more => 'grpc_read_timeout 3m;')
--- must_die
--- error_log
grpc_read_timeout (180000ms) must not be above crm_backend_max_time



=== TEST 20: grpc_pass never sends a write twice
--- http_config eval: $::Http
--- config eval: main::guarded(pass => 'grpc_pass crm_backend', more => 'grpc_next_upstream error non_idempotent;')
--- must_die
--- error_log
grpc_next_upstream non_idempotent would send a write twice in location "/crm/", which crm_automation guards



=== TEST 21: the judged body goes by fastcgi_pass, too
--- http_config eval: $::Http
--- config eval: main::guarded(pass => 'fastcgi_pass crm_backend', more => 'fastcgi_pass_request_body off;')
--- must_die
--- error_log
fastcgi_pass_request_body off keeps the judged body from the backend in location "/crm/"



=== TEST 22: the judged body goes by uwsgi_pass, too
--- http_config eval: $::Http
--- config eval: main::guarded(pass => 'uwsgi_pass crm_backend', more => 'uwsgi_pass_request_body off;')
--- must_die
--- error_log
uwsgi_pass_request_body off keeps the judged body from the backend in location "/crm/"



=== TEST 23: the judged body goes by scgi_pass, too
--- http_config eval: $::Http
--- config eval: main::guarded(pass => 'scgi_pass crm_backend', more => 'scgi_pass_request_body off;')
--- must_die
--- error_log
scgi_pass_request_body off keeps the judged body from the backend in location "/crm/"



=== TEST 24: what another pass may take does not matter without it
--- http_config eval: $::Http . 'fastcgi_read_timeout 10m;'
--- config eval: main::guarded(user => '$remote_user') . 'location /crm_status { crm_status; }'
--- request
GET /crm_status
--- error_code: 200
--- response_body_like: "redis":\{"up":false



=== TEST 25: no write is answered out of a cache, and none is read back from one
--- http_config eval: $::Http . "proxy_cache_path $ENV{TEST_NGINX_SERVROOT}/cache keys_zone=z:1m;"
--- config eval: main::guarded(more => 'proxy_cache z;')
--- must_die
--- error_log
proxy_cache would answer with what was, writes and recovery's reads too, in location "/crm/", which crm_automation guards; write proxy_cache off there



=== TEST 26: nor out of the cache of another pass
--- http_config eval: $::Http . "fastcgi_cache_path $ENV{TEST_NGINX_SERVROOT}/cache keys_zone=z:1m; fastcgi_cache_key x;"
--- config eval: main::guarded(pass => 'fastcgi_pass crm_backend', more => 'fastcgi_cache z;')
--- must_die
--- error_log
fastcgi_cache would answer with what was
