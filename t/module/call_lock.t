# A record is locked, unlocked and looked at by hand: by the vendor's paths in
# the vendor's words, and by crm_api in ours. Fails when a lock by hand does not
# stop a write, when somebody takes away what he may not, or when a call is
# taken for a write of the backend's.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
use Test::Nginx::Socket 'no_plan';

our $People = <<'YAML';
kind: profile
name: Administrator
---
kind: profile
name: Standard
---
kind: user
id: "1001"
name: Ada Admin
profile: Administrator
---
kind: user
id: "1002"
name: Sam Sales
profile: Standard
---
kind: user
id: "1003"
name: Eve Else
profile: Standard
---
YAML

our $Both = $People . <<'YAML';
kind: record_locking
module: Deals
lock_type: both
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: Stage, comparator: equal, value: Closed Won }
locked_for: all_profiles_except_excluded_profiles
lock_excluded_profiles: [Administrator]
excluded_fields: [Description]
restricted_actions: [update, delete, tags]
YAML

(our $Automatic = $Both) =~ s/lock_type: both/lock_type: automatic/;

our $Tokens = work_dir() . '/tokens';
spew($Tokens, "sam:0123456789abcdef-sam:1002\neve:0123456789abcdef-eve:1003\n");
chmod 0600, $Tokens;

our $Reason = '{"data":[{"Locked_Reason__s":"a dispute"}]}';
our $Locked = '{"id":"L1","by":"1002","name":"Sam Sales","reason":"a dispute",'
              . '"at":1763800000000,"event":"01E","confirmed":true}';

sub lock_by_hand { "HSET crm:{acme}:record:Deals/1 manual '$Locked'\n" }

our $Http = 'crm_redis unix:$TEST_NGINX_REDIS_SOCK volatile; crm_org acme;'
            . ' upstream crm_backend { server 127.0.0.1:$TEST_NGINX_CRM_PORT; }';

our $Api = <<'CONF';
location /crm/ {
    crm_automation on;
    crm_dialect zoho;
    crm_user $http_x_crm_user trusted=127.0.0.1;
    crm_record_location /_crm_record;
    proxy_pass http://crm_backend;
}
location /_crm_record/ { internal; proxy_pass http://crm_backend/; }
CONF

sub api { my ($options) = @_; "$Api location /crm_api/ { $options }" }

our $Tokened = api("crm_api write=on guarded=/crm/v8; crm_api_token_file $Tokens;");

no_long_string();
run_tests();

__DATA__

=== TEST 1: who locks a record is told the lock, and the next update is refused
--- crm_rules eval: $::Both
--- crm_seed
Deals/1 {"Stage":"Proposal","Amount":1}
--- request eval
["POST /crm/v8/Deals/1/Locking_Information__s\n$::Reason",
 "PUT /crm/v8/Deals/1\n{\"data\":[{\"Amount\":2}]}",
 "PUT /crm/v8/Deals/1\n{\"data\":[{\"Description\":\"d\"}]}",
 "DELETE /crm/v8/Deals/1",
 "GET /crm/v8/Deals/1/Locking_Information__s"]
--- more_headers
X-CRM-User: 1002
--- error_code eval: [201, 400, 200, 400, 200]
--- response_body_like eval
[qr/^\{"data":\[\{"code":"SUCCESS","details":\{"Modified_Time":"[-0-9T:+]{25}","Modified_By":\{"name":"Sam Sales","id":"1002"\},"Created_Time":"[-0-9T:+]{25}","id":"L\w{26}","Created_By":\{"name":"Sam Sales","id":"1002"\}\},"message":"record added","status":"success"\}\]\}$/,
 qr/^\{"data":\[\{"code":"RECORD_LOCKED","details":\{"api_name":"id","json_path":"\$\.data\[0\]\.id","action":"record_locking","reason":"the record is locked by hand, by Sam Sales: a dispute","event":"\w{26}"\},"message":"Sorry, you cannot perform this operation as the record is locked\.","status":"error"\}\]\}$/,
 qr/SUCCESS/,
 qr/^\{"data":\[\{"code":"RECORD_LOCKED","details":\{"action":"record_locking","id":"1","reason":"[^"]+","event":"\w{26}"\},"message":"You cannot perform this operation as the record is locked\.","status":"error"\}\]\}$/,
 qr/^\{"data":\[\{"id":"L\w{26}","Lock_Source__s":"Manual","Locked_For__s":"all_profiles_except_excluded_profiles","Locked_By__s":\{"name":"Sam Sales","id":"1002"\},"Locked_Reason__s":"a dispute","Locked_Time__s":"[-0-9T:+]{25}","Record_Locking_Configuration_Id__s":"Deals","Record_Locking_Rule_Id__s":null,"Feature_Type__s":"record_locking"\}\],"info":/]
--- backend_writes: 1



=== TEST 2: whoever is excluded from locks writes past one by hand
--- crm_rules eval: $::Both
--- crm_seed
Deals/1 {"Stage":"Proposal","Amount":1}
--- redis_before eval: ::lock_by_hand()
--- request
PUT /crm/v8/Deals/1
{"data":[{"Amount":2}]}
--- more_headers
X-CRM-User: 1001
--- error_code: 200
--- backend_writes: 1
--- redis_check
HEXISTS crm:{acme}:record:Deals/1 manual => 1



=== TEST 3: T16, a lock without a reason, or with one that is none, is refused
--- crm_rules eval: $::Both
--- crm_seed
Deals/1 {"Stage":"Proposal"}
--- request eval
["POST /crm/v8/Deals/1/Locking_Information__s\n{\"data\":[{}]}",
 "POST /crm/v8/Deals/1/Locking_Information__s\n{\"data\":[{\"Locked_Reason__s\":\"  \"}]}",
 "POST /crm/v8/Deals/1/Locking_Information__s\n{\"data\":[{\"Locked_Reason__s\":\"" . ('x' x 3001) . "\"}]}",
 "POST /crm/v8/Deals/1/Locking_Information__s\n{\"data\":[{\"Locked_Reason__s\":7}]}",
 "POST /crm/v8/Deals/1/Locking_Information__s\n{\"data\":[]}",
 "POST /crm/v8/Deals/1/Locking_Information__s\n[",
 "POST /crm/v8/Deals/1/Locking_Information__s\n{\"data\":[{\"Locked_Reason__s\":\"" . ('x' x 3000) . "\"}]}"]
--- more_headers
X-CRM-User: 1002
--- error_code eval: [400, 400, 400, 400, 400, 400, 201]
--- response_body_like eval
[qr/^\{"data":\[\{"code":"MANDATORY_NOT_FOUND","details":\{"api_name":"Locked_Reason__s","json_path":"\$\.data\[0\]\.Locked_Reason__s","reason":"say why the record is locked","event":"\w{26}"\},"message":"required field not found","status":"error"\}\]\}$/,
 qr/MANDATORY_NOT_FOUND/,
 qr/^\{"data":\[\{"code":"INVALID_DATA","details":\{"api_name":"Locked_Reason__s","json_path":"[^"]+","maximum_length":3000,/,
 qr/INVALID_DATA/, qr/INVALID_DATA/, qr/INVALID_DATA/, qr/SUCCESS/]
--- backend_writes: 0



=== TEST 4: T15, a lock by rules is nobody's to take away or to lay another on
--- crm_rules eval: $::Both
--- crm_seed
Deals/1 {"Stage":"Closed Won"}
--- request eval
["DELETE /crm/v8/Deals/1/Locking_Information__s/automatic",
 "POST /crm/v8/Deals/1/Locking_Information__s\n$::Reason",
 "GET /crm/v8/Deals/1/Locking_Information__s"]
--- more_headers
X-CRM-User: 1001
--- error_code eval: [403, 403, 200]
--- response_body_like eval
[qr/^\{"data":\[\{"code":"NOT_ALLOWED","details":\{"reason":"a lock by rules cannot be taken away by hand","rule":"closed","event":"\w{26}"\},"message":"not allowed","status":"error"\}\]\}$/,
 qr/"code":"NOT_ALLOWED"/,
 qr/"Lock_Source__s":"Automatic".*"Locked_By__s":null.*"Record_Locking_Rule_Id__s":"closed"/]
--- backend_writes: 0
--- redis_check
HEXISTS crm:{acme}:record:Deals/1 manual => 0



=== TEST 5: row 61, a lock goes by its author or one whom locks do not stop, by its own id
--- crm_rules eval: $::Both
--- crm_seed
Deals/1 {"Stage":"Proposal"}
--- redis_before eval: ::lock_by_hand()
--- request eval
["DELETE /crm/v8/Deals/1/Locking_Information__s/L1",
 "PUT /crm/v8/Deals/1/Locking_Information__s/L1\n$::Reason",
 "DELETE /crm/v8/Deals/1/Locking_Information__s/L1",
 "PUT /crm/v8/Deals/1/Locking_Information__s/L1\n{\"data\":[{\"Locked_Reason__s\":\"settled\"}]}",
 "DELETE /crm/v8/Deals/1/Locking_Information__s/9",
 "DELETE /crm/v8/Deals/1/Locking_Information__s/L1",
 "DELETE /crm/v8/Deals/1/Locking_Information__s/L1",
 "GET /crm/v8/Deals/1/Locking_Information__s"]
--- more_headers eval
["X-CRM-User: 1003", "X-CRM-User: 1003", "", "X-CRM-User: 1002", "X-CRM-User: 1002", "X-CRM-User: 1002",
 "X-CRM-User: 1002", "X-CRM-User: 1002"]
--- error_code eval: [403, 403, 403, 200, 400, 200, 400, 204]
--- response_body_like eval
[qr/^\{"code":"NO_PERMISSION"/, qr/NO_PERMISSION/, qr/NO_PERMISSION/, qr/record updated/,
 qr/the related id given seems to be invalid/, qr/^\{"data":\[\{"code":"SUCCESS","details":\{"id":"L1"\},"message":"relation removed","status":"success"\}\]\}$/,
 qr/the related id/, qr/^$/]
--- backend_writes: 0



=== TEST 6: of a module whose records rules alone lock, nobody locks one
--- crm_rules eval: $::Automatic
--- crm_seed
Deals/1 {"Stage":"Proposal"}
--- request eval
["POST /crm/v8/Deals/1/Locking_Information__s\n$::Reason",
 "POST /crm/v8/Deals/2/Locking_Information__s\n$::Reason"]
--- more_headers
X-CRM-User: 1002
--- error_code eval: [400, 400]
--- response_body_like eval
[qr/^\{"data":\[\{"code":"NOT_ALLOWED"/, qr/the id given seems to be invalid/]
--- backend_writes: 0



=== TEST 7: by crm_api the same lock is laid, told, and taken away
--- http_config eval: $::Http
--- config eval: $::Tokened
--- crm_rules eval: $::Both
--- crm_seed
Deals/1 {"Stage":"Proposal"}
--- request eval
["GET /crm_api/locks/Deals/1",
 "POST /crm_api/locks/Deals/1\n{\"reason\":\"a dispute\"}",
 "POST /crm_api/locks/Deals/1\n{\"reason\":\"again\"}",
 "GET /crm_api/locks/Deals/1",
 "DELETE /crm_api/locks/Deals/1",
 "GET /crm_api/locks/Deals/1"]
--- more_headers
Authorization: Bearer 0123456789abcdef-sam
Content-Type: application/json
--- error_code eval: [200, 201, 403, 200, 204, 200]
--- response_body_like eval
[qr/^\{"locked":false\}$/,
 qr/^\{"locked":true,"source":"manual","rule":null,"reason":"a dispute","by":"1002","at":"[-0-9T:.]+Z","event":"\w{26}"\}$/,
 qr/^\{"type":"about:blank","status":403,"title":"Not allowed","detail":"the record is locked already, by hand","code":"NOT_ALLOWED","event":"\w{26}","module":"Deals","id":"1","rule":"","fields":\[\]\}$/,
 qr/^\{"locked":true,"source":"manual","rule":null,"reason":"a dispute","by":"1002"/,
 qr/^$/, qr/^\{"locked":false\}$/]
--- backend_writes: 0



=== TEST 8: crm_api asks who calls, by what method, with what
--- http_config eval: $::Http
--- config eval: $::Tokened
--- crm_rules eval: $::Both
--- crm_seed
Deals/1 {"Stage":"Proposal"}
--- request eval
["GET /crm_api/locks/Deals/1", "GET /crm_api/locks/Deals/1?token=0123456789abcdef-sam",
 "GET /crm_api/locks/Deals/1", "PUT /crm_api/locks/Deals/1\n{}", "POST /crm_api/locks/Deals/1\n{\"reason\":\"x\"}",
 "GET /crm_api/locks/Deals", "GET /crm_api/locks/Deals/..%2f1", "GET /crm_api/nothing/Deals/1",
 "GET /crm_api/locks/Deals/9", "POST /crm_api/locks/Deals/1\n{\"reason\":\"x\",\"reason\":\"y\"}",
 "POST /crm_api/locks/Deals/1\n{}"]
--- more_headers eval
["", "", "Authorization: Bearer 0123456789abcdef-saM", map { $_ } ("Authorization: Bearer 0123456789abcdef-sam") x 6,
 ("Authorization: Bearer 0123456789abcdef-sam\nContent-Type: application/json") x 2]
--- error_code eval: [401, 401, 401, 405, 415, 404, 404, 404, 404, 400, 400]
--- response_body_like eval
[(qr/"code":"INVALID_TOKEN"/) x 3, qr/INVALID_REQUEST_METHOD/, qr/INVALID_REQUEST/, (qr/INVALID_URL_PATTERN/) x 3,
 qr/there is no record of that id/, qr/INVALID_DATA/, qr/MANDATORY_NOT_FOUND.*"fields":\["reason"\]/]
--- backend_writes: 0



=== TEST 9: without write=on crm_api only tells
--- http_config eval: $::Http
--- config eval: ::api("crm_api guarded=/crm/v8 auth=none;")
--- crm_rules eval: $::Both
--- crm_seed
Deals/1 {"Stage":"Proposal"}
--- request eval
["GET /crm_api/locks/Deals/1", "DELETE /crm_api/locks/Deals/1"]
--- error_code eval: [200, 403]
--- response_body_like eval: [qr/"locked":false/, qr/NO_PERMISSION/]



=== TEST 10: with auth=none the guarded location's crm_user says who acts; nobody locks nothing
--- http_config eval: $::Http
--- config eval: ::api("crm_api write=on guarded=/crm/v8 auth=none;")
--- crm_rules eval: $::Both
--- crm_seed
Deals/1 {"Stage":"Proposal"}
--- request eval
["POST /crm_api/locks/Deals/1\n{\"reason\":\"x\"}", "POST /crm_api/locks/Deals/1\n{\"reason\":\"x\"}"]
--- more_headers eval
["Content-Type: application/json", "Content-Type: application/json\nX-CRM-User: 1002"]
--- error_code eval: [403, 201]
--- response_body_like eval: [qr/NO_PERMISSION/, qr/"by":"1002"/]



=== TEST 11: a call never goes where nothing guards
--- http_config eval: $::Http
--- config eval
::api("crm_api write=on guarded=/open/v8 auth=none;") . ' location /open/ { proxy_pass http://crm_backend; }'
--- crm_rules eval: $::Both
--- request
DELETE /crm_api/locks/Deals/1
--- error_code: 404
--- backend_requests: 0



=== TEST 12: a module that has no locks answers as the vendor does; ours knows none
--- crm_rules eval: $::Both
--- crm_seed
Leads/1 {"Company":"x"}
--- request eval
["POST /crm/v8/Leads/1/Locking_Information__s\n$::Reason", "GET /crm/v8/Leads/1/Locking_Information__s"]
--- more_headers
X-CRM-User: 1002
--- error_code eval: [404, 404]
--- response_body_like eval: [qr/"details":\{\}/, qr/"details":\{\}/]
--- backend_requests: 2



=== TEST 13: delete takes the lock along; what cannot be read locks
--- crm_rules eval: $::Both
--- crm_seed
Deals/1 {"Stage":"Proposal"}
Deals/2 {"Stage":"Proposal"}
--- redis_before eval
::lock_by_hand() . "HSET crm:{acme}:record:Deals/2 manual nonsense\n"
--- request eval
["DELETE /crm/v8/Deals/1", "PUT /crm/v8/Deals/2\n{\"data\":[{\"Stage\":\"x\"}]}",
 "DELETE /crm/v8/Deals/2/Locking_Information__s"]
--- more_headers eval
["X-CRM-User: 1001", "X-CRM-User: 1002", "X-CRM-User: 1001"]
--- error_code eval: [200, 400, 200]
--- redis_check
EXISTS crm:{acme}:record:Deals/1 => 0
HEXISTS crm:{acme}:record:Deals/2 manual => 0
