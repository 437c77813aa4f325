# Calls on scores: events bring their points once, to the record that they
# happened to, in its own fields or in Redis, and start rules; what is refused
# counts nothing. Fails when an event counts twice, or is lost though it was
# answered, or scores what no rule counts.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
use Test::More;
use Test::Nginx::Socket 'no_plan';

our $People = <<'YAML';
kind: user
id: "11"
name: Ann
email: ann@example.test
profile: Standard
role: Sales
---
kind: profile
name: Standard
---
kind: role
name: Sales
---
YAML

our $Fit = $People . <<'YAML';
kind: scoring_rule
name: Fit
module: Leads
write_to: { score: Score, touch_point: Touch }
field_rules: [ { score: 10, criteria: { field: Rating, comparator: equal, value: Hot } } ]
touch_point_rules: [ { event: email_opened, score: 3 }, { event: email_bounced, score: -8 }, { event: email_opened, score: 1 } ]
---
kind: workflow_rule
name: up
module: Leads
execute_when: { type: score_increase }
conditions: [ { criteria: { field: Rating, comparator: equal, value: Hot }, instant_actions: [ { type: webhooks, name: up } ] } ]
---
kind: webhook
name: up
module: Leads
url: https://e.example.test/up
http_method: POST
body: { type: raw, format: JSON, content: '{"score":"${!Leads.Score}"}' }
YAML

(our $Kept = $Fit) =~ s/write_to.*\n//;

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
location /tells/ { crm_api auth=none guarded=/crm/v8; }
CONF

our $Headers = "X-CRM-User: 11\nContent-Type: application/json\n";

sub event { my ($name, $id, $record) = @_; return 'POST /crm_api/scores/Leads/' . ($record || 1) . "/events\n"
                . ($id ? qq({"event":"$name","id":"$id"}) : qq({"event":"$name"})) }
sub traces { return map { json_decode($_->[1][1]) } @{ redis('XRANGE', 'crm:{acme}:trace', '-', '+') } }
sub bodies { return map { $_->{body} } crm_writes() }
sub record { return { @{ redis('HGETALL', "crm:{acme}:record:Leads/$_[0]") } } }
sub jobs { return map { json_decode($_) } @{ redis('LRANGE', 'crm:{acme}:queue:webhooks', 0, -1) } }

no_long_string();
run_tests();

__DATA__

=== TEST 1: an event brings its points into the fields of the record, and starts the rule that waits for them
--- crm_rules eval: $::Fit
--- http_config eval: $::Http
--- config eval: $::Api
--- more_headers eval: $::Headers
--- crm_seed
Leads/1 {"Rating":"Hot","Score":10,"Touch":0}
--- pipelined_requests eval
[ main::event('email_opened', 'm-1'), main::event('email_bounced', 'm-2'), 'GET /crm_api/scores/Leads/1' ]
--- error_code eval: [200, 200, 200]
--- response_body_like eval
[ '^\{"module":"Leads","id":"1","event":"email_opened","counted":true,"scores":\[\{"rule_id":"Fit","was":10,"score":14,"positive":14,"negative":0,"touch_points":4,"matched":\[1\]\}\]\}',
  '"was":14,"score":6,"positive":14,"negative":-8,"touch_points":-4',
  '^\{"module":"Leads","id":"1","scores":\[\{"rule_id":"Fit","was":6,"score":6,' ]
--- check
is_deeply([ bodies() ], ['{"data":[{"Score":14,"Touch":4}]}', '{"data":[{"Score":6,"Touch":-4}]}'], 'written by updates of their own');
my $r = record(1);
is("$r->{'touch+Fit'} $r->{'touch-Fit'}", '4 -8', 'what events have brought is kept');
is_deeply([ map { $_->{action}{body} } jobs() ], ['{"score":"14"}'], 'the rule was started once, by the increase');



=== TEST 2: an event with an id counts once, whoever repeats it; one without counts each time
--- crm_rules eval: $::Fit
--- http_config eval: $::Http
--- config eval: $::Api
--- more_headers eval: $::Headers
--- crm_seed
Leads/1 {"Rating":"Cold","Score":0,"Touch":0}
--- pipelined_requests eval
[ main::event('email_opened', 'm-1'), main::event('email_opened', 'm-1'), main::event('email_opened', 'm-2'), main::event('email_opened'), main::event('email_opened') ]
--- error_code eval: [ (200) x 5 ]
--- response_body_like eval
[ '"counted":true', '"counted":false\}', '"counted":true', '"counted":true', '"score":16' ]
--- check
is(record(1)->{'touch+Fit'}, 16, 'four of five');
is(length record(1)->{events}, 26, 'two ids are remembered');



=== TEST 3: without fields all of it is kept in Redis, the record is not written, and rules start all the same
--- crm_rules eval: $::Kept
--- http_config eval: $::Http
--- config eval: $::Api
--- more_headers eval: $::Headers
--- crm_seed
Leads/1 {"Rating":"Hot","Score":"none"}
--- pipelined_requests eval
[ main::event('email_opened', 'm-1'), 'GET /crm_api/scores/Leads/1', 'PUT /crm_api/scores/Leads/1' . "\n{}" ]
--- error_code eval: [200, 200, 200]
--- response_body_like eval
[ '"was":0,"score":14', '"was":14,"score":14', '"was":14,"score":14' ]
--- backend_writes: 0
--- check
is(record(1)->{score}, '{"Fit":[14,0]}', 'the sum');
is_deeply([ map { $_->{action}{body} } jobs() ], ['{"score":"none"}'], 'started once, with the record');
is((traces())[0]{scores}[0]{score}, 14, 'the trace tells the score');
is((traces())[0]{rules}[0]{name}, 'up', 'and the rule');



=== TEST 4: the points of events stay in what later writes make of the score
--- crm_rules eval: $::Fit
--- http_config eval: $::Http
--- config eval: $::Api
--- more_headers eval: $::Headers
--- crm_seed
Leads/1 {"Rating":"Cold","Score":0,"Touch":0}
--- pipelined_requests eval
[ main::event('email_opened', 'm-1'), qq(PUT /crm/v8/Leads/1\n{"data":[{"Rating":"Hot"}]}) ]
--- error_code eval: [200, 200]
--- check
is((bodies())[-1], '{"data":[{"Rating":"Hot","Score":14}]}', 'ten for what it is, four for what happened');



=== TEST 5: what no rule counts, what is no event, and records that there are not, are refused, and count nothing
--- crm_rules eval: $::Fit
--- http_config eval: $::Http
--- config eval: $::Api
--- more_headers eval: $::Headers
--- crm_seed
Leads/1 {"Rating":"Cold","Score":0,"Touch":0}
Deals/1 {}
--- pipelined_requests eval
[ main::event('sneezed'), qq(POST /crm_api/scores/Leads/1/events\n{}), qq(POST /crm_api/scores/Leads/1/events\n[1]),
  qq(POST /crm_api/scores/Leads/1/events\n{"event":7}), main::event('email_opened', 'x' x 101), main::event('email_opened', 'm', 99),
  qq(POST /crm_api/scores/Deals/1/events\n{"event":"email_opened"}), qq(POST /crm_api/scores/Leads/1/others\n{"event":"email_opened"}),
  qq(POST /crm_api/scores/Leads/1\n{"event":"email_opened"}), qq(POST /tells/scores/Leads/1/events\n{"event":"email_opened"}) ]
--- error_code eval: [400, 400, 400, 400, 400, 404, 400, 404, 405, 403]
--- response_body_like eval
[ 'counts an event of that name', 'must say what has happened', 'must be a JSON object', 'must be a text', '100 bytes', 'no record of that id',
  'no scoring rule', 'INVALID_URL_PATTERN', 'INVALID_REQUEST_METHOD', 'write=on' ]
--- backend_writes: 0
--- redis_check
EXISTS crm:{acme}:record:Leads/1 => 0



=== TEST 6: who is not known counts nothing
--- crm_rules eval: $::Fit
--- http_config eval: $::Http
--- config eval: $::Api
--- more_headers
Content-Type: application/json
--- crm_seed
Leads/1 {"Rating":"Cold","Score":0,"Touch":0}
--- request eval: main::event('email_opened')
--- error_code: 403
--- backend_writes: 0



=== TEST 7: an event whose write the CRM refuses is answered as refused, counts nothing, and may come again
--- crm_rules eval: $::Fit
--- http_config eval: $::Http
--- config eval: $::Api
--- more_headers eval: $::Headers
--- crm_seed
Leads/1 {"Rating":"Cold","Score":0,"Touch":0}
--- crm_fail: fault=status status=400 method=PUT times=1
--- pipelined_requests eval
[ main::event('email_opened', 'm-1'), main::event('email_opened', 'm-1') ]
--- error_code eval: [400, 200]
--- check
is(record(1)->{'touch+Fit'}, 4, 'once');



=== TEST 8: a record that is locked for others takes no event, and says so
--- crm_rules eval
$::Fit . "---\nkind: record_locking\nmodule: Leads\nlock_type: automatic\nlocking_rules: [ { name: cold, lock_existing_records: true, criteria: { field: Rating, comparator: equal, value: Cold } } ]\nlocked_for: all_profiles\n"
--- http_config eval: $::Http
--- config eval: $::Api
--- more_headers eval: $::Headers
--- crm_seed
Leads/1 {"Rating":"Cold","Score":0,"Touch":0}
--- request eval: main::event('email_opened', 'm-1')
--- error_code: 423
--- response_body_like: RECORD_LOCKED
--- redis_check
HGET crm:{acme}:record:Leads/1 touch+Fit => nil



=== TEST 9: more ids than are remembered push out the oldest
--- crm_rules eval: $::Kept
--- http_config eval: $::Http
--- config eval: $::Api
--- more_headers eval: $::Headers
--- crm_seed
Leads/1 {"Rating":"Cold"}
--- redis_before eval: 'HSET crm:{acme}:record:Leads/1 events ' . ('a' x 13) . ('b' x (13 * 255))
--- request eval: main::event('email_opened', 'm-1')
--- error_code: 200
--- check
is(length record(1)->{events}, 13 * 256, 'as many as before');
unlike(record(1)->{events}, qr/a{13}/, 'the first one went');
