# Many records in one request where one refused record refuses all of them, and
# what becomes of them in shadow, behind a rewrite and behind a proxy_pass with
# variables. Fails when a locked record gets through with the others.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
use Test::Nginx::Socket 'no_plan';

our $Lock = <<'YAML';
kind: record_locking
module: Leads
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: Stage, comparator: equal, value: Closed }
restricted_actions: [update, delete]
YAML

our $Records = <<'EOT';
Leads/1 {"Stage":"Closed"}
Leads/2 {"Stage":"Open"}
Leads/3 {"Stage":"Open"}
EOT

our $Three = '{"data":[{"id":"2","A":1},{"id":"1","A":1},{"id":"3","A":1}]}';

sub location {
    my ($proxy, $more) = @_;

    return <<"EOC";
        location /crm/ {
            crm_automation on;
            crm_dialect zoho;
            crm_record_location /_crm_record;
            $more
            proxy_pass $proxy;
        }
        location /_crm_record/ { internal; proxy_pass http://crm_backend/; }
EOC
}

our $Http = <<'EOC';
    crm_redis unix:$TEST_NGINX_REDIS_SOCK;
    crm_org acme;
    upstream crm_backend { server 127.0.0.1:$TEST_NGINX_CRM_PORT; }
EOC

no_long_string();
run_tests();

__DATA__

=== TEST 1: a refused record refuses its request, and says which it was
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- crm_extra: crm_bulk reject;
--- request eval: "PUT /crm/v8/Leads\n$::Three"
--- error_code: 400
--- response_headers
CRM-Rule: closed
--- response_body_like: ^\{"data":\[\{"code":"RECORD_LOCKED","details":\{"action":"record_locking","id":"1","json_path":"\$\.data\[1\]\.id".*\}\]\}$
--- backend_writes: 0
--- redis_check
ZCARD crm:{acme}:intents => 0
EXISTS crm:{acme}:busy:Leads/2 => 0



=== TEST 2: so does one of a delete
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- crm_extra: crm_bulk reject;
--- request: DELETE /crm/v8/Leads?ids=2,1,3
--- error_code: 400
--- response_body_like: RECORD_LOCKED.*"id":"1"
--- backend_writes: 0



=== TEST 3: without a refused record nothing changes
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- crm_extra: crm_bulk reject;
--- request eval: ["PUT /crm/v8/Leads\n" . '{"data":[{"id":"2","A":1},{"id":"3","A":1}]}', 'DELETE /crm/v8/Leads?ids=2,3']
--- error_code eval: [200, 200]
--- response_body_like eval: [('SUCCESS.*SUCCESS') x 2]
--- backend_writes eval: [1, 2]



=== TEST 4: in shadow all of it passes as it came
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- http_config eval: $::Http
--- config eval: main::location('http://crm_backend', '') =~ s/crm_automation on/crm_automation shadow/r
--- request eval: "PUT /crm/v8/Leads\n$::Three"
--- error_code: 200
--- backend_body eval: $::Three
--- error_log
shadow, would be refused
--- redis_check
XLEN crm:{acme}:trace => 3



=== TEST 5: behind a rewrite the ids are cut as well
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- http_config eval: $::Http
--- config eval
main::location('http://crm_backend', 'rewrite ^/api/(.*) /crm/$1 break;') =~ s{/crm/ \{}{/api/ \{}r
=~ s{proxy_pass http://crm_backend/;}{proxy_pass http://crm_backend/crm/;}r =~ s{location /_crm_record/}{location /_crm_record/api/}r
--- request: DELETE /api/v8/Leads?ids=2,1,3
--- error_code: 207
--- check
is((crm_writes())[-1]{target}, '/crm/v8/Leads?ids=2,3', 'two of them are forwarded');



=== TEST 6: where variables make the target, a delete is refused whole
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- http_config eval: $::Http
--- config eval: main::location('http://crm_backend$request_uri', '')
--- request eval: ['DELETE /crm/v8/Leads?ids=2,1,3', "PUT /crm/v8/Leads\n$::Three", 'DELETE /crm/v8/Leads?ids=2,3']
--- error_code eval: [400, 207, 200]
--- response_body_like eval: ['^\{"data":\[\{"code":"RECORD_LOCKED"[^]]*\]\}$', 'SUCCESS.*RECORD_LOCKED.*SUCCESS', 'SUCCESS']
--- backend_writes eval: [0, 1, 2]



=== TEST 7: behind proxy_pass with a path the ids are cut as well
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- http_config eval: $::Http
--- config eval: main::location('http://crm_backend/crm/', '')
--- request: DELETE /crm/v8/Leads?wf_trigger=false&ids=1,2
--- error_code: 207
--- response_body_like: RECORD_LOCKED.*SUCCESS
--- check
is((crm_writes())[-1]{target}, '/crm/v8/Leads?wf_trigger=false&ids=2', 'the other is forwarded');



=== TEST 8: the log and the variables name what was refused
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- http_config eval: $::Http . "log_format crm 'told: \$crm_decision \$crm_rule [\$crm_record_id] \$crm_operation';"
--- config eval: main::location('http://crm_backend', 'access_log logs/error.log crm;')
--- request eval: "PUT /crm/v8/Leads\n$::Three"
--- error_code: 207
--- error_log
told: allowed closed [-] update
refused 1 of 3 records



=== TEST 9: a module name in the wrong case, and one without rules
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- request eval: ["PUT /crm/v8/leads\n$::Three", "PUT /crm/v8/Deals\n" . '{"data":[{"id":"1"},{"id":"1"}]}']
--- error_code eval: [400, 400]
--- response_body_like eval: ['INVALID_URL_PATTERN', 'INVALID_DATA']
--- backend_writes eval: [0, 1]
