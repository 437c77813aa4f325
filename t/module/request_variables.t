# What the module knows of a request, for logs and headers. Fails when a log
# cannot tell what was decided, by which rule, of which record.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
use Test::CRM::Process qw(slurp wait_for);
use Test::More;
use Test::Nginx::Socket 'no_plan';

our $Rules = <<'YAML';
kind: workflow_rule
name: one
module: Leads
execute_when: { type: create_or_edit }
conditions: [ { criteria: null, instant_actions: [ { type: field_updates, field: Rating, value: Hot } ] } ]
---
kind: workflow_rule
name: two
module: Leads
execute_when: { type: create }
conditions: [ { criteria: null, instant_actions: [ { type: field_updates, field: New, value: true } ] } ]
---
kind: record_locking
module: Leads
lock_type: automatic
locking_rules:
  - name: "closed: 100% \"é\""
    lock_existing_records: true
    criteria: { field: x, comparator: equal, value: closed }
YAML

our $Seed = <<'EOT';
Leads/1 {"x":"closed"}
Leads/2 {"x":"open"}
EOT

our $Headers = <<'EOT';
add_header X-Decision "$crm_decision." always;
add_header X-Rule "$crm_rule." always;
add_header X-Matched "$crm_rules_matched." always;
add_header X-Revision "$crm_revision." always;
add_header X-Event "$crm_event_id." always;
add_header X-Module "$crm_module." always;
add_header X-Record "$crm_record_id." always;
add_header X-Operation "$crm_operation." always;
add_header X-Times "$crm_eval_time $crm_store_time" always;
EOT

our $Logged = <<'EOT';
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
crm_org acme;
upstream crm_backend { server 127.0.0.1:$TEST_NGINX_CRM_PORT; }
log_format crm escape=json '{"decision":"$crm_decision","rule":"$crm_rule","matched":"$crm_rules_matched",'
    '"revision":"$crm_revision","event":"$crm_event_id","module":"$crm_module","record":"$crm_record_id",'
    '"operation":"$crm_operation","eval":"$crm_eval_time","store":"$crm_store_time"}';
EOT

# The lines of the log, once there are so many.
sub logged {
    my ($n) = @_;

    my @lines;

    wait_for { (@lines = split /\n/, slurp("$ENV{TEST_NGINX_SERVROOT}/logs/crm.log")) >= $n }
        "$n lines of log";

    return map { json_decode($_) } @lines;
}

no_long_string();
run_tests();

__DATA__

=== TEST 1: a create that passed: two rules, and the record that it became
--- crm_rules eval: $::Rules
--- crm_extra eval: $::Headers
--- request
POST /crm/v8/Leads
{"data":[{"x":"open"}]}
--- error_code: 201
--- response_headers_like
X-Decision: allowed\.
X-Rule: \.
X-Matched: 2\.
X-Revision: 1\.
X-Event: [0-9A-Z]{26}\.
X-Module: Leads\.
X-Record: 4150868000624000001\.
X-Operation: create\.
X-Times: 0\.\d{6} 0\.\d{3}



=== TEST 2: an update that was refused, and by which rule
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- crm_extra eval: $::Headers
--- request
PUT /crm/v8/Leads/1
{"data":[{"y":1}]}
--- error_code: 400
--- response_headers_like
CRM-Rule: closed: 100%25 "%C3%A9"
X-Decision: refused_lock\.
X-Rule: closed: 100% "é"\.
X-Matched: 0\.
X-Revision: 1\.
X-Event: [0-9A-Z]{26}\.
X-Module: Leads\.
X-Record: 1\.
X-Operation: update\.



=== TEST 3: an update and a delete that passed
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- crm_extra eval: $::Headers
--- request eval: ["PUT /crm/v8/Leads/2\n{\"data\":[{\"y\":1}]}", 'DELETE /crm/v8/Leads/2']
--- error_code eval: [200, 200]
--- response_headers_like eval
["X-Decision: allowed\\.\nX-Matched: 1\\.\nX-Record: 2\\.\nX-Operation: update\\.",
"X-Decision: allowed\\.\nX-Matched: 0\\.\nX-Record: 2\\.\nX-Operation: delete\\."]



=== TEST 4: what is none of our business
--- crm_rules eval: $::Rules
--- crm_extra eval: $::Headers
--- request eval: ['GET /crm/v8/Leads/1', "POST /crm/v8/Deals\n{\"data\":[{}]}"]
--- error_code eval: [204, 201]
--- response_headers eval
["X-Decision: pass.\nX-Rule: .\nX-Event: .\nX-Operation: .", "X-Decision: pass.\nX-Rule: .\nX-Event: .\nX-Module: Deals.\nX-Operation: create."]



=== TEST 5: a request that is wrong
--- crm_rules eval: $::Rules
--- crm_extra eval: $::Headers
--- request eval: ["POST /crm/v8/Leads\n{", 'DELETE /crm//v8/Leads/1']
--- error_code eval: [400, 400]
--- response_headers_like eval
["X-Decision: refused_request\\.\nX-Event: [0-9A-Z]{26}\\.\nX-Module: Leads\\.", "X-Decision: refused_request\\.\nX-Event: [0-9A-Z]{26}\\.\nX-Module: \\."]



=== TEST 6: state that is unknown
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- crm_fail: fault=status status=500 method=GET
--- crm_extra eval: $::Headers
--- request
PUT /crm/v8/Leads/2
{"data":[{"y":1}]}
--- error_code: 503
--- response_headers_like
X-Decision: error\.



=== TEST 7: a record that is busy
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- redis_before
SET crm:{acme}:busy:Leads/2 X PX 60000
--- crm_extra eval: "crm_lease_wait 50ms;\n$::Headers"
--- request
PUT /crm/v8/Leads/2
{"data":[{"y":1}]}
--- error_code: 409
--- response_headers_like
X-Decision: refused_request\.
X-Record: 2\.



=== TEST 8: in an access log every line says it all
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- http_config eval: $::Logged
--- crm_extra: access_log $TEST_NGINX_SERVROOT/logs/crm.log crm;
--- request eval
["POST /crm/v8/Leads\n{\"data\":[{\"x\":1}]}", "PUT /crm/v8/Leads/1\n{\"data\":[{\"y\":1}]}", 'GET /crm/v8/Leads/1', "DELETE /crm/v8/Leads/2"]
--- error_code eval: [201, 400, 200, 200]
--- check
my ($create, $locked, $read, $delete) = logged(4);
is(join(' ', map { $_->{decision} } $create, $locked, $read, $delete), 'allowed refused_lock pass allowed', 'decisions');
is(join(' ', map { $_->{matched} } $create, $locked, $read, $delete), '2 0 0 0', 'rules');
is($create->{record}, '4150868000624000001', 'the record that was created');
is($create->{event}, (crm_writes())[0]{header}{'crm-event'}, 'its event');
like($create->{store}, qr{^\d+\.\d{3}$}, 'time of Redis');
cmp_ok($create->{eval}, '<', 60, 'time of evaluation');
is($locked->{rule}, "closed: 100% \"\x{e9}\"", 'a rule, whatever its name');
is($locked->{module} . '/' . $locked->{record}, 'Leads/1', 'a record');
is($read->{event}, '', 'no event for a read');



=== TEST 9: where nothing is guarded there is nothing to tell
--- config
location /crm/ {
    add_header X-Decision "$crm_decision.$crm_event_id." always;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT;
}
--- request
POST /crm/v8/Leads
{"data":[{}]}
--- error_code: 201
--- response_headers
X-Decision: ..
