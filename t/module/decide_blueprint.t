# The field that a blueprint leads changes by its transitions alone, whichever
# way a write comes. Fails when a way around is open, or when a record cannot
# be written any more.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
use Test::Nginx::Socket 'no_plan';

our $People = <<'YAML';
kind: profile
name: Standard
---
kind: profile
name: Over
permissions: [blueprint_override]
---
kind: role
name: Sales Rep
---
kind: user
id: "rep"
profile: Standard
role: Sales Rep
---
kind: user
id: "clerk"
profile: Standard
---
kind: user
id: "over"
profile: Over
---
kind: webhook
name: tell-erp
module: Deals
url: https://erp.example.test/hook
---
YAML

sub blueprint {
    my ($more) = @_;

    return $People . <<"YAML";
kind: blueprint
name: Pipeline
module: Deals
field: Stage
$more
transitions:
  - id: propose
    name: Send the proposal
    from: [New]
    to: Proposal
    before: { owners: [ { type: role, name: Sales Rep } ] }
    during: { fields: [ { field: Amount, required: true } ] }
    after: [ { type: webhooks, name: tell-erp } ]
  - { id: lose, name: Lose, from: ["*"], to: Lost }
YAML
}

our $Plain = blueprint('');
our $Auto = blueprint('blueprint_auto_transition: true');
our $Sets = blueprint('') . <<'YAML';
---
kind: workflow_rule
name: small
module: Deals
execute_when: { type: edit }
conditions:
  - criteria: { field: Amount, comparator: less_than, value: 1 }
    instant_actions: [ { type: field_updates, field: Stage, value: Lost } ]
YAML

our $Two = $People . <<'YAML';
kind: blueprint
name: Pipeline
module: Deals
field: Stage
transitions:
  - id: propose
    name: Send the proposal
    from: [New]
    to: Proposal
    before: { owners: [ { type: role, name: Sales Rep } ] }
    during:
      fields:
        - { field: Amount, required: true, criteria: { field: Amount, comparator: greater_than, value: 0 },
            message: More than nothing. }
        - { field: Note, required: true }
    after: [ { type: webhooks, name: tell-erp } ]
  - { id: win, name: Win, from: [Proposal], to: Won }
YAML

our $Numbers = $People . <<'YAML';
kind: blueprint
name: Codes
module: Deals
field: Code
transitions:
  - { id: close, name: Close, from: ["1"], to: "2" }
YAML

# A transition, run by the vendor's path.
sub run_by {
    my ($id, $transition, $data) = @_;
    my $more = defined $data ? qq(,"data":{$data}) : '';

    return "PUT /crm/v8/Deals/$id/actions/blueprint\n{\"blueprint\":[{\"transition_id\":\"$transition\"$more}]}";
}

# A write by somebody, and what Redis keeps of the record's state then.
sub put { my ($id, $fields) = @_; return "PUT /crm/v8/Deals/$id\n{\"data\":[$fields]}" }
sub state_of {
    my ($id) = @_;
    my $kept = redis('HGET', "crm:{acme}:record:Deals/$id", 'blueprint') // '';
    return join ' ', map { $kept =~ /"$_":"([^"]*)"/ ? $1 : '-' } qw(blueprint state transition);
}

no_long_string();
run_tests();

__DATA__

=== TEST 1: T21: another value is refused, and what is open is told
--- crm_rules eval: $::Plain
--- crm_seed
Deals/1 {"Stage":"New","Amount":5}
--- more_headers eval: ["X-CRM-User: rep", "X-CRM-User: rep"]
--- request eval
[main::put(1, '{"Amount":6}'), main::put(1, '{"Stage":"Lost"}')]
--- error_code eval: [200, 400]
--- response_body_like eval
["SUCCESS", qr/^\{"data":\[\{"code":"RECORD_IN_BLUEPRINT","details":\{"id":"1",.*"transitions":\[\{"id":"propose","name":"Send the proposal","next_field_value":"Proposal"\},\{"id":"lose","name":"Lose","next_field_value":"Lost"\}\].*\},"message":"The record is in blue print","status":"error"\}\]\}$/]
--- backend_writes eval: [1, 1]
--- check
is(state_of(1), 'Pipeline New -', 'the refused write leaves the state alone');



=== TEST 2: T22: the same value is no change
--- crm_rules eval: $::Plain
--- crm_seed
Deals/1 {"Stage":"New","Amount":5}
--- request eval
[main::put(1, '{"Amount":6}'), main::put(1, '{"Stage":"New","Amount":7}')]
--- error_code eval: [200, 200]



=== TEST 3: T23: a rule's field update is applied
--- crm_rules eval: $::Sets
--- crm_seed
Deals/1 {"Stage":"New","Amount":5}
--- request eval
[main::put(1, '{"Amount":6}'), main::put(1, '{"Amount":0}')]
--- error_code eval: [200, 200]
--- backend_body_like: "Stage":"Lost"
--- check
is(state_of(1), 'Pipeline Lost -', 'the record moved');



=== TEST 4: a created record enters, unless the client switches that off
--- crm_rules eval: $::Plain
--- request eval
["POST /crm/v8/Deals\n{\"data\":[{\"Stage\":\"New\"}],\"trigger\":[\"workflow\"]}",
"POST /crm/v8/Deals\n{\"data\":[{\"Stage\":\"Lost\"}]}"]
--- error_code eval: [201, 201]
--- check
my @known = map { m{Deals/(\d+)$} } @{redis('KEYS', 'crm:{acme}:record:Deals/*')};
is(join(',', map { state_of($_) } @known), 'Pipeline Lost -', 'the one that may has entered, the other has not');



=== TEST 5: a write that fits one open transition makes it, with what is behind it
--- crm_rules eval: $::Auto
--- crm_seed
Deals/1 {"Stage":"New","Amount":5}
--- more_headers eval: ["X-CRM-User: rep", "X-CRM-User: clerk", "X-CRM-User: rep"]
--- request eval
[main::put(1, '{"Amount":6}'), main::put(1, '{"Stage":"Proposal"}'), main::put(1, '{"Stage":"Proposal"}')]
--- error_code eval: [200, 400, 200]
--- response_body_like eval: ["SUCCESS", "RECORD_IN_BLUEPRINT", "SUCCESS"]
--- redis_check
LLEN crm:{acme}:queue:webhooks => 1
--- check
is(state_of(1), 'Pipeline Proposal propose', 'the transition is known');



=== TEST 6: who may override writes the field, and leads the record out
--- crm_rules eval: $::Plain
--- crm_seed
Deals/1 {"Stage":"New","Amount":5}
--- more_headers: X-CRM-User: over
--- request eval
[main::put(1, '{"Amount":6}'), main::put(1, '{"Stage":"Lost"}'), main::put(1, '{"Stage":"Elsewhere"}')]
--- error_code eval: [200, 200, 200]
--- check
is(state_of(1), '- - -', 'it is in no blueprint any more');



=== TEST 7: of many the one is cut out, and mass updates are refused
--- crm_rules eval: $::Plain
--- crm_seed
Deals/1 {"Stage":"New","Amount":5}
Deals/2 {"Stage":"New","Amount":5}
--- request eval
[main::put(1, '{"Amount":6}'),
"PUT /crm/v8/Deals\n{\"data\":[{\"id\":\"1\",\"Stage\":\"Lost\"},{\"id\":\"2\",\"Amount\":7}]}",
"POST /crm/v8/Deals/actions/mass_update\n{\"data\":[{\"Stage\":\"Lost\"}],\"ids\":[\"1\"]}",
"POST /crm/v8/Deals/actions/mass_update\n{\"data\":[{\"Stage\":\"Lost\"}],\"cvid\":\"77\"}",
"DELETE /crm/v8/Deals/1"]
--- error_code eval: [200, 207, 400, 400, 200]
--- response_body_like eval
["SUCCESS", qr/"RECORD_IN_BLUEPRINT".*"SUCCESS"/, "RECORD_IN_BLUEPRINT", "RECORD_IN_BLUEPRINT", "SUCCESS"]
--- check
is(state_of(1), '- - -', 'what is deleted is forgotten');
is(state_of(2), 'Pipeline New -', 'the other one entered');



=== TEST 8: a transition by the vendor's path: what is open, partly saved, made
--- crm_rules eval: $::Two
--- crm_seed
Deals/1 {"Stage":"New"}
Deals/2 {"Stage":"New"}
--- request eval
[main::put(1, '{"Memo":"x"}'),
"GET /crm/v8/Deals/1/actions/blueprint",
main::run_by(1, 'win'), main::run_by(1, 'nowhere'),
main::run_by(1, 'propose'),
main::run_by(1, 'propose', '"Amount":0'),
main::run_by(1, 'propose', '"Amount":5,"Other":1'),
main::run_by(1, 'propose', '"Amount":5'),
main::run_by(1, 'propose', '"Note":"n"'),
"GET /crm/v8/Deals/2/actions/blueprint"]
--- more_headers: X-CRM-User: rep
--- error_code eval: [200, 200, 400, 400, 400, 400, 400, 200, 200, 400]
--- response_body_like eval
["SUCCESS",
qr/^\{"blueprint":\{"process_info":\{"field_id":null,"api_name":"Stage","field_value":"New".*"transitions":\[\{"id":"propose","name":"Send the proposal","criteria_matched":true,"criteria_message":null,"next_field_value":"Proposal","next_transitions":\[\{"id":"win","name":"Win"\}\],"fields":\[\{"api_name":"Amount".*"percent_partial_save":0\.0,"type":"manual","sequence":1,"execution_time":null\}\]\}\}$/,
qr/"INVALID_DATA".*"message":"invalid transition"/, qr/"INVALID_DATA".*"message":"invalid transition"/,
qr/"MANDATORY_NOT_FOUND".*"api_name":"Amount"/,
qr/"INVALID_DATA".*"api_name":"Amount".*More than nothing/,
qr/"INVALID_DATA".*"api_name":"Other"/,
qr/^\{"code":"SUCCESS","details":\{"percent_partial_save":50\.0\},"message":"transition saved partially","status":"success"\}$/,
qr/^\{"code":"SUCCESS","details":\{\},"message":"transition updated successfully","status":"success"\}$/,
"RECORD_NOT_IN_PROCESS"]
--- backend_writes eval: [1, 1, 1, 1, 1, 1, 1, 1, 2, 2]
--- redis_check
LLEN crm:{acme}:queue:webhooks => 1
--- check
is(state_of(1), 'Pipeline Proposal propose', 'the state');
like((crm_writes())[-1]{body}, qr/"Amount":5/, 'with what was saved before');



=== TEST 9: not by the wrong person
--- crm_rules eval: $::Two
--- crm_seed
Deals/1 {"Stage":"New"}
--- more_headers eval: ["X-CRM-User: clerk", "X-CRM-User: clerk"]
--- request eval
[main::put(1, '{"Memo":"x"}'), main::run_by(1, 'propose', '"Amount":5,"Note":"n"')]
--- error_code eval: [200, 403]
--- response_body_like eval: ["SUCCESS", "NO_PERMISSION"]
--- backend_writes eval: [1, 1]
--- check
is(state_of(1), 'Pipeline New -', 'the state is as it was');



=== TEST 10: nor by a way of writing the same, after which no blueprint would know the record
--- crm_rules eval: $::Plain
--- crm_seed
Deals/1 {"Stage":"New","Amount":5}
--- request eval
[main::put(1, '{"Amount":6}'), map { main::put(1, qq({"Stage":$_})) } '{"id":"New"}', '{"id":"New","name":"New"}', '["New"]', '"new"']
--- error_code eval: [200, (400) x 4]
--- response_body_like eval: ["SUCCESS", ("RECORD_IN_BLUEPRINT") x 4]
--- backend_writes eval: [(1) x 5]
--- check
is(state_of(1), 'Pipeline New -', 'the state is as it was');



=== TEST 11: states that are numbers
--- crm_rules eval: $::Numbers
--- crm_seed
Deals/1 {"Code":1,"Amount":5}
--- request eval
[main::put(1, '{"Amount":6}'), map { main::put(1, qq({"Code":$_})) } 1, '1.0', '1e0', '{"id":1}', 2]
--- error_code eval: [200, 200, (400) x 4]
--- backend_writes eval: [1, (2) x 5]
--- check
is(state_of(1), 'Codes 1 -', 'the state is as it was');
