# A locked record is refused at the proxy, in the vendor's words, and the
# backend hears nothing of it. Fails when a lock is missed or over-stretched.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
use Test::Nginx::Socket 'no_plan';

our $Locked = <<'YAML';
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
name: Ina Inactive
profile: Administrator
status: inactive
---
kind: record_locking
module: Deals
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: Stage, comparator: in, value: [Closed Won, Closed Lost] }
locked_for: all_profiles_except_excluded_profiles
lock_excluded_profiles: [Administrator]
excluded_fields: [Description]
restricted_actions: [update, delete]
YAML

our $ByMark = <<'YAML';
kind: record_locking
module: Deals
lock_type: automatic
locking_rules:
  - name: closed
    criteria: { field: Stage, comparator: equal, value: Closed Won }
YAML

no_long_string();
run_tests();

__DATA__

=== TEST 1: a stored record that matches the lock refuses an update
--- crm_rules eval: $::Locked
--- crm_seed
Deals/5843104000000123456 {"Deal_Name":"Big","Stage":"Closed Won","Amount":5}
--- request
PUT /crm/v8/Deals/5843104000000123456
{"data":[{"Amount":6}]}
--- error_code: 400
--- response_headers
Content-Type: application/json
CRM-Rule: closed
--- response_body_like: ^\{"data":\[\{"code":"RECORD_LOCKED","details":\{"api_name":"id","json_path":"\$\.data\[0\]\.id","action":"record_locking".*"rule":"closed","event":"[0-9A-Z]{26}".*"message":"Sorry, you cannot perform this operation as the record is locked\.","status":"error"\}\]\}
--- backend_writes: 0



=== TEST 2: the same value is no change and passes
--- crm_rules eval: $::Locked
--- crm_seed
Deals/1 {"Stage":"Closed Won","Amount":5.0}
--- request
PUT /crm/v8/Deals/1
{"data":[{"Amount":5.00,"Stage":"Closed Won"}]}
--- error_code: 200
--- backend_writes: 1



=== TEST 3: an excluded field alone passes
--- crm_rules eval: $::Locked
--- crm_seed
Deals/1 {"Stage":"Closed Won","Amount":5}
--- request
PUT /crm/v8/Deals/1
{"data":[{"Description":"signed"}]}
--- error_code: 200
--- backend_writes: 1



=== TEST 4: an excluded field with another one is refused as a whole
--- crm_rules eval: $::Locked
--- crm_seed
Deals/1 {"Stage":"Closed Won","Amount":5}
--- request
PUT /crm/v8/Deals/1
{"data":[{"Description":"signed","Amount":7}]}
--- error_code: 400
--- response_body_like: RECORD_LOCKED
--- backend_writes: 0



=== TEST 5: T17: an excluded profile passes
--- crm_rules eval: $::Locked
--- crm_seed
Deals/1 {"Stage":"Closed Won","Amount":5}
--- more_headers
X-CRM-User: 1001
--- request
PUT /crm/v8/Deals/1
{"data":[{"Amount":7}]}
--- error_code: 200
--- backend_writes: 1



=== TEST 6: another profile, an inactive user and an unknown one do not
--- crm_rules eval: $::Locked
--- crm_seed
Deals/1 {"Stage":"Closed Won","Amount":5}
--- more_headers eval: ["X-CRM-User: 1002", "X-CRM-User: 1003", "X-CRM-User: nobody"]
--- request eval
["PUT /crm/v8/Deals/1\n{\"data\":[{\"Amount\":7}]}",
"PUT /crm/v8/Deals/1\n{\"data\":[{\"Amount\":7}]}",
"PUT /crm/v8/Deals/1\n{\"data\":[{\"Amount\":7}]}"]
--- error_code eval: [400, 400, 400]
--- backend_writes: 0



=== TEST 7: a restricted delete is refused
--- crm_rules eval: $::Locked
--- crm_seed
Deals/42 {"Stage":"Closed Lost"}
--- request
DELETE /crm/v8/Deals/42
--- error_code: 400
--- response_body_like: "code":"RECORD_LOCKED","details":\{"action":"record_locking","id":"42".*"message":"You cannot perform this operation as the record is locked\."
--- backend_writes: 0



=== TEST 8: a delete that is not restricted passes
--- crm_rules eval: $::ByMark
--- crm_seed
Deals/42 {"Stage":"Closed Won"}
--- request
DELETE /crm/v8/Deals/42
--- error_code: 200
--- backend_writes: 1



=== TEST 9: a field that the stored record does not show may lock it
--- crm_rules eval: $::Locked
--- crm_seed
Deals/1 {"Amount":5}
--- request
PUT /crm/v8/Deals/1
{"data":[{"Amount":6}]}
--- error_code: 400
--- response_body_like: RECORD_LOCKED
--- backend_writes: 0



=== TEST 10: without lock_existing_records a stored record is not judged
--- crm_rules eval: $::ByMark
--- crm_seed
Deals/1 {"Stage":"Closed Won","Amount":5}
--- request
PUT /crm/v8/Deals/1
{"data":[{"Amount":6}]}
--- error_code: 200
--- backend_writes: 1
--- redis_check
HGET crm:{acme}:record:Deals/1 lock => ["closed"]



=== TEST 11: T18: the save that makes the lock true passes, the next is refused
--- crm_rules eval: $::ByMark
--- crm_seed
Deals/1 {"Stage":"Proposal","Amount":5}
--- request eval
["PUT /crm/v8/Deals/1\n{\"data\":[{\"Stage\":\"closed won\"}]}",
"PUT /crm/v8/Deals/1\n{\"data\":[{\"Amount\":6}]}"]
--- error_code eval: [200, 400]
--- response_body_like eval: ["SUCCESS", "RECORD_LOCKED"]
--- backend_writes eval: [1, 1]



=== TEST 12: a created record that matches is marked, and locked from then on
--- crm_rules eval: $::ByMark
--- request
POST /crm/v8/Deals
{"data":[{"Stage":"Closed Won"}]}
--- error_code: 201
--- backend_writes: 1
--- response_headers_like
CRM-Event: ^[0-9A-Z]{26}$



=== TEST 13: what is left behind: no lease, no intent
--- crm_rules eval: $::Locked
--- crm_seed
Deals/1 {"Stage":"Closed Won","Amount":5}
--- request
PUT /crm/v8/Deals/1
{"data":[{"Amount":6}]}
--- error_code: 400
--- redis_check
EXISTS crm:{acme}:busy:Deals/1 => 0
ZCARD crm:{acme}:intents => 0



=== TEST 14: a module without rules passes untouched
--- crm_rules eval: $::Locked
--- crm_seed
Leads/1 {"Stage":"Closed Won"}
--- request
PUT /crm/v8/Leads/1
not even json
--- backend_writes: 1
--- error_code: 400
--- response_body_unlike: RECORD_LOCKED



=== TEST 15: a save that ends the match takes the mark away
--- crm_rules eval: $::ByMark =~ s/^(?=lock_type)/locked_for: all_profiles_except_excluded_profiles\nlock_excluded_profiles: [Administrator]\n/mr . "---\n" . $::Locked =~ s/---\nkind: record_locking.*//sr
--- crm_seed
Deals/1 {"Stage":"Closed Won","Amount":5}
--- redis_before
HSET crm:{acme}:record:Deals/1 lock '["closed"]'
--- more_headers eval: ['X-CRM-User: 1002', 'X-CRM-User: 1001', 'X-CRM-User: 1002']
--- request eval
["PUT /crm/v8/Deals/1\n{\"data\":[{\"Amount\":6}]}",
"PUT /crm/v8/Deals/1\n{\"data\":[{\"Stage\":\"Open\"}]}",
"PUT /crm/v8/Deals/1\n{\"data\":[{\"Amount\":7}]}"]
--- error_code eval: [400, 200, 200]
--- backend_writes: 2
--- redis_check
HEXISTS crm:{acme}:record:Deals/1 lock => 0



=== TEST 16: the mark alone never locks
--- crm_rules eval: $::ByMark
--- crm_seed
Deals/1 {"Stage":"Open","Amount":5}
--- redis_before
HSET crm:{acme}:record:Deals/1 lock '["closed"]'
--- request
PUT /crm/v8/Deals/1
{"data":[{"Amount":6}]}
--- error_code: 200
--- backend_writes: 1
--- redis_check
HEXISTS crm:{acme}:record:Deals/1 lock => 0



=== TEST 17: a record that is deleted is forgotten
--- crm_rules eval: $::ByMark
--- crm_seed
Deals/1 {"Stage":"Closed Won","Amount":5}
--- redis_before
HSET crm:{acme}:record:Deals/1 lock '["closed"]' once:rule 1
--- request
DELETE /crm/v8/Deals/1
--- error_code: 200
--- redis_check
EXISTS crm:{acme}:record:Deals/1 => 0



=== TEST 18: a write that the backend refuses marks nothing
--- crm_rules eval: $::ByMark
--- crm_seed
Deals/1 {"Stage":"Open","Amount":5}
--- crm_fail: fault=status status=400 method=PUT
--- request
PUT /crm/v8/Deals/1
{"data":[{"Stage":"Closed Won"}]}
--- error_code: 400
--- redis_check
EXISTS crm:{acme}:record:Deals/1 => 0



=== TEST 19: an object with an id stands for what a lookup holds, and for no text
--- crm_rules eval
$::Locked . <<'YAML'
---
kind: module
name: Deals
fields:
  - { api_name: Deal_Name, data_type: text }
  - { api_name: Description, data_type: textarea }
  - { api_name: Account, data_type: lookup }
  - { api_name: Stage, data_type: picklist }
YAML
--- crm_seed
Deals/1 {"Deal_Name":"Big","Stage":"Closed Won","Account":"7","Partner":{"id":"8"},"Memo":"x","Amount":5}
--- request eval
[map { "PUT /crm/v8/Deals/1\n{\"data\":[$_]}" } '{"Account":{"id":"7"}}', '{"Partner":"8"}', '{"Deal_Name":{"id":"Big"}}', '{"Stage":{"id":"Closed Won"}}', '{"Memo":{"id":"x"}}', '{"Amount":{"id":5}}']
--- error_code eval: [200, 200, (400) x 4]
--- backend_writes eval: [1, (2) x 5]
