use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
use Test::Nginx::Socket 'no_plan';

our $people = <<'YAML';
kind: user
id: "11"
name: Ann
email: ann@example.test
profile: Standard
role: Sales
---
kind: user
id: "12"
name: Bob
email: bob@example.test
profile: Standard
role: Sales
---
kind: user
id: "13"
name: Cho
email: cho@example.test
profile: Standard
role: Sales
---
kind: user
id: "14"
name: Dan
email: dan@example.test
profile: Standard
role: Sales
status: inactive
---
kind: profile
name: Standard
---
kind: role
name: Sales
---
kind: group
name: EMEA
members: ["11", "12", "14", "13"]
YAML

our $rule = <<'YAML';
---
kind: task
name: follow-up
module: Leads
subject: "Call ${!Leads.Last_Name}"
---
kind: assignment_rule
name: By country
id: "lar-1"
module: Leads
entries:
  - criteria: { field: Country, comparator: in, value: [DE, AT] }
    assign_to: { type: round_robin, group: EMEA }
    task: follow-up
  - criteria: { field: Country, comparator: equal, value: FR }
    assign_to: { type: user, id: "12" }
  - criteria: { field: Country, comparator: equal, value: IT }
    assign_to: { type: user, id: "14" }
default_assignee: "13"
---
kind: workflow_rule
name: tell
module: Leads
execute_when: { type: create }
conditions:
  - criteria: { field: Owner, comparator: equal, value: "12" }
    instant_actions: [ { type: field_updates, field: Rating, value: "Bob's" } ]
YAML

our $rules = "$people$rule";

# Owners of what the CRM was sent, in order.
sub owners {
    return join ' ', map { join(',', $_->{body} =~ /"Owner":\{"id":"(\d+)"\}/g) || '-' } crm_writes();
}

our $Http = <<'CONF';
crm_redis unix:$TEST_NGINX_REDIS_SOCK volatile;
crm_org acme;
upstream crm_backend { server 127.0.0.1:$TEST_NGINX_CRM_PORT; }
CONF

our $Api = <<'CONF';
location /crm/ {
    crm_automation on;
    crm_dialect zoho;
    crm_user $http_x_crm_user trusted=127.0.0.1;
    crm_record_location /_crm_record;
    proxy_pass http://crm_backend;
}
location /_crm_record/ { internal; proxy_pass http://crm_backend/; }
location /crm_api/ { crm_api auth=none write=on guarded=/crm/v8; }
CONF

run_tests();

__DATA__

=== TEST 1: a lead that asks by lar_id is given to who is next, inactive users are passed over
--- crm_rules eval: $::rules
--- pipelined_requests eval
[ map { "POST /crm/v8/Leads\n{\"data\":[{\"Last_Name\":\"L$_\",\"Country\":\"DE\"}],\"lar_id\":\"lar-1\"}" } 1 .. 4 ]
--- error_code eval: [ (201) x 4 ]
--- check
is(owners(), '11 12 13 11', 'members in turn');



=== TEST 2: one that asks for no rule keeps the owner that the CRM gives it
--- keep_state
--- request
POST /crm/v8/Leads
{"data":[{"Last_Name":"L","Country":"DE"}]}
--- error_code: 201
--- backend_body: {"data":[{"Last_Name":"L","Country":"DE"}]}



=== TEST 3: apply_feature_execution asks for the module's rule, the second entry names one user, whom all rules see
--- crm_rules eval: $::rules
--- request
POST /crm/v8/Leads
{"data":[{"Last_Name":"L","Country":"FR"}],"apply_feature_execution":[{"name":"assignment_rules"}]}
--- error_code: 201
--- backend_body_like: "Owner":\{"id":"12"\}.*"Rating":"Bob's"



=== TEST 4: a user who is inactive is passed over for the default assignee, and the trace says why
--- crm_rules eval: $::rules
--- request
POST /crm/v8/Leads
{"data":[{"Last_Name":"L","Country":"IT"}],"lar_id":"lar-1"}
--- error_code: 201
--- check
is(owners(), '13', 'the default assignee');
my ($trace) = map { json_decode($_) } map { $_->[1][1] } @{ redis('XRANGE', 'crm:{acme}:trace', '-', '+') };
is_deeply($trace->{assignment}, { rule_id => 'lar-1', entry => 3, owner => '13', reason => 'user_inactive' }, 'told');



=== TEST 5: where no entry matches the default assignee gets it
--- crm_rules eval: $::rules
--- request
POST /crm/v8/Leads
{"data":[{"Last_Name":"L","Country":"XX"}],"lar_id":"lar-1"}
--- error_code: 201
--- check
is(owners(), '13', 'the default assignee');



=== TEST 6: who names the owner is obeyed
--- crm_rules eval: $::rules
--- request
POST /crm/v8/Leads
{"data":[{"Last_Name":"L","Country":"DE","Owner":{"id":"99"}}],"lar_id":"lar-1"}
--- error_code: 201
--- check
is(owners(), '99', 'the owner that was given');
is(redis('HGET', 'crm:{acme}:turns', 'assignment:By country:1'), undef, 'no turn is taken');



=== TEST 7: an id that no rule has is the backend's business
--- crm_rules eval: $::rules
--- request
POST /crm/v8/Leads
{"data":[{"Last_Name":"L","Country":"DE"}],"lar_id":"other"}
--- error_code: 201
--- backend_body: {"data":[{"Last_Name":"L","Country":"DE"}],"lar_id":"other"}



=== TEST 8: of many records each has its turn in the order of the request
--- crm_rules eval: $::rules
--- request
POST /crm/v8/Leads
{"data":[{"Last_Name":"A","Country":"DE"},{"Last_Name":"B","Country":"FR"},{"Last_Name":"C","Country":"AT"},{"Last_Name":"D","Country":"DE"},{"Last_Name":"E","Country":"DE"}],"lar_id":"lar-1"}
--- error_code: 201
--- check
is(owners(), '11,12,12,13,11', 'in order');
is(redis('LLEN', 'crm:{acme}:queue:records'), 4, 'each of the first entry has its task');
my $task = json_decode(redis('LINDEX', 'crm:{acme}:queue:records', 0));
is($task->{type}, 'tasks', 'a task');
is($task->{action}{fields}{Subject}, 'Call A', 'about it');
is_deeply($task->{action}{fields}{Owner}, { id => '11' }, 'for the new owner');



=== TEST 9: a write that the backend refuses gives its turn back, and the next taker gets it first
--- crm_rules eval: $::rules
--- crm_fail: fault=status status=400 times=1
--- pipelined_requests eval
[ map { "POST /crm/v8/Leads\n{\"data\":[{\"Last_Name\":\"L$_\",\"Country\":\"DE\"}],\"lar_id\":\"lar-1\"}" } 1 .. 4 ]
--- error_code eval: [400, 201, 201, 201]
--- check
is(owners(), '11 11 12 13', 'the first turn is used by the second');
is(redis('HGET', 'crm:{acme}:turns', 'assignment:By country:1'), 3, 'three turns');
is(redis('EXISTS', 'crm:{acme}:returned:assignment:By country:1'), 0, 'none is left over');



=== TEST 10: of a request that the backend takes in part, the turns of the others come back
--- crm_rules eval: "$::people$::rule---\nkind: validation_rule\nname: Named\nmodule: Leads\nrun: always\ncriteria: { field: Last_Name, comparator: equal, value: \"\${EMPTY}\" }\nfield: Last_Name\nmessage: A name.\n"
--- pipelined_requests eval
[ "POST /crm/v8/Leads\n{\"data\":[{\"Last_Name\":\"A\",\"Country\":\"DE\"},{\"Country\":\"DE\"},{\"Last_Name\":\"C\",\"Country\":\"DE\"}],\"lar_id\":\"lar-1\"}",
  "POST /crm/v8/Leads\n{\"data\":[{\"Last_Name\":\"D\",\"Country\":\"DE\"},{\"Last_Name\":\"E\",\"Country\":\"DE\"}],\"lar_id\":\"lar-1\"}" ]
--- error_code eval: [207, 201]
--- check
is(owners(), '11,13 12,11', 'the second turn is given again');



=== TEST 11: a rule that always runs needs nobody to ask, unless the client asks for none
--- crm_rules eval: (my $r = $::rules) =~ s/entries:/run: always\nentries:/; $r
--- pipelined_requests eval
[ "POST /crm/v8/Leads\n{\"data\":[{\"Last_Name\":\"A\",\"Country\":\"DE\"}]}",
  "POST /crm/v8/Leads\n{\"data\":[{\"Last_Name\":\"B\",\"Country\":\"DE\"}],\"skip_feature_execution\":[{\"name\":\"assignment_rules\"}]}",
  "POST /crm/v8/Leads\n{\"data\":[{\"Last_Name\":\"C\",\"Country\":\"DE\"}],\"trigger\":[]}" ]
--- error_code eval: [201, 201, 201]
--- check
is(owners(), '11 - 12', 'the first and the third');



=== TEST 12: those who are offline, and those who have got enough for today, are passed over
--- crm_rules eval: (my $r = $::rules) =~ s/group: EMEA \}/group: EMEA, availability: online, threshold: 2 }/; $r
--- redis_before
HSET crm:{acme}:presence 12 0
--- pipelined_requests eval
[ map { "POST /crm/v8/Leads\n{\"data\":[{\"Last_Name\":\"L$_\",\"Country\":\"DE\"}],\"lar_id\":\"lar-1\"}" } 1 .. 5 ]
--- error_code eval: [ (201) x 5 ]
--- check
is(owners(), '11 13 13 11 13', 'two each of those who are there, then the default assignee');
my @traces = map { json_decode($_) } map { $_->[1][1] } @{ redis('XRANGE', 'crm:{acme}:trace', '-', '+') };
is($traces[-1]{assignment}{reason}, 'nobody_available', 'told');



=== TEST 13: who says that he is offline gets nothing until he is back; others need the right
--- crm_rules eval: (my $r = $::rules) =~ s/group: EMEA \}/group: EMEA, availability: online }/; $r
--- http_config eval: $::Http
--- config eval: $::Api
--- pipelined_requests eval
my $lead = qq({"data":[{"Last_Name":"L","Country":"DE"}],"lar_id":"lar-1"});
[ qq(PUT /crm_api/users/11/presence\n{"online":false}), 'GET /crm_api/users/11/presence', "POST /crm/v8/Leads\n$lead",
  qq(PUT /crm_api/users/12/presence\n{"online":false}), qq(PUT /crm_api/users/11/presence\n{"online":"yes"}),
  qq(PUT /crm_api/users/99/presence\n{"online":false}), 'GET /crm_api/users/11/absence',
  qq(PUT /crm_api/users/11/presence\n{"online":true}), "POST /crm/v8/Leads\n$lead", "POST /crm/v8/Leads\n$lead" ]
--- more_headers
X-CRM-User: 11
Content-Type: application/json
--- error_code eval: [200, 200, 201, 403, 400, 404, 404, 200, 201, 201]
--- response_body_like eval
[ '^\{"user":"11","online":false\}', '^\{"user":"11","online":false\}', 'SUCCESS', 'NO_PERMISSION', 'send ', 'no active user',
  'presence', '^\{"user":"11","online":true\}', 'SUCCESS', 'SUCCESS' ]
--- check
is(owners(), '12 12 13', 'the first passed over, the turns go on, then he is back');



=== TEST 14: requests of a composite ask each for itself
--- crm_rules eval: (my $r = $::rules) =~ s/entries:/run: always\nentries:/; $r
--- request eval
my $lead = sub { qq({"method":"POST","uri":"/crm/v8/Leads","body":{"data":[{"Last_Name":"$_[0]","Country":"DE"}]$_[1]}}) };
qq(POST /crm/v8/__composite_requests\n{"__composite_requests":[) . CORE::join(',', $lead->('A', ''),
    $lead->('B', ',"skip_feature_execution":[{"name":"assignment_rules"}]'), $lead->('C', ',"lar_id":"lar-1"'),
    $lead->('D', ',"lar_id":"of the CRM"')) . ']}'
--- more_headers
Content-Type: application/json
--- error_code: 200
--- check
my ($sent) = crm_writes();
my %owner = map { ($_->{Last_Name} => $_->{Owner}{id}) }
    map { @{ $_->{body}{data} } } @{ json_decode($sent->{body})->{__composite_requests} };
is(join(' ', map { $owner{$_} // '-' } qw(A B C D)), '11 - 12 -', 'of four the first and the third are assigned');



=== TEST 15: a group whose members have all left gives the record to the default assignee, and the trace says why
--- crm_rules eval: (my $r = $::rules) =~ s/members: \[.*?\]/members: ["14"]/; $r
--- request
POST /crm/v8/Leads
{"data":[{"Last_Name":"L","Country":"DE"}],"lar_id":"lar-1"}
--- error_code: 201
--- check
is(owners(), '13', 'the default assignee');
my ($trace) = map { json_decode($_) } map { $_->[1][1] } @{ redis('XRANGE', 'crm:{acme}:trace', '-', '+') };
is($trace->{assignment}{reason}, 'nobody_active', 'told');



=== TEST 16: a threshold of zero is nobody's share, and the trace says so
--- crm_rules eval: (my $r = $::rules) =~ s/group: EMEA \}/group: EMEA, threshold: 0 }/; $r
--- request
POST /crm/v8/Leads
{"data":[{"Last_Name":"L","Country":"DE"}],"lar_id":"lar-1"}
--- error_code: 201
--- check
is(owners(), '13', 'the default assignee');
my ($trace) = map { json_decode($_) } map { $_->[1][1] } @{ redis('XRANGE', 'crm:{acme}:trace', '-', '+') };
is($trace->{assignment}{reason}, 'nobody_available', 'told');
