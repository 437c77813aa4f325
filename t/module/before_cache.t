# The current record is read from the CRM, whatever caches nginx has: one that
# http sets for all locations does not answer what we ask. Were it asked, a lock
# would be judged by the record as it was an hour ago.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
use Test::More;
use Test::Nginx::Socket 'no_plan';

our $Rules = <<'YAML';
kind: record_locking
module: Leads
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: x, comparator: equal, value: 1 }
YAML

our $Http = <<"EOT" . <<'EOT';
proxy_cache_path $ENV{TEST_NGINX_SERVROOT}/cache keys_zone=z:1m;
EOT
proxy_cache z;
proxy_cache_valid 200 1h;
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
EOT

our $Config = <<'EOT';
location /crm/ {
    crm_automation on;
    crm_org acme;
    crm_dialect zoho;
    crm_record_location /_crm_record;
    proxy_cache off;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT;
}
location /_crm_record/ { internal; proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT/; }
EOT

no_long_string();
run_tests();

__DATA__

=== TEST 1: a record that a write has closed is locked for the next one
--- crm_rules eval: $::Rules
--- crm_seed
Leads/1 {"x":0}
--- http_config eval: $::Http
--- config eval: $::Config
--- request eval
["PUT /crm/v8/Leads/1\n{\"data\":[{\"x\":1}]}", "PUT /crm/v8/Leads/1\n{\"data\":[{\"x\":2}]}"]
--- error_code eval: [200, 400]
--- response_body_like eval: ['SUCCESS', 'RECORD_LOCKED']
--- backend_writes: 1

