# What scoring rules make of a write on its way: the sums stand in its own
# fields, or are kept in Redis, are made again once workflow rules have changed
# what they come from, and start rules when they move. Fails when a score is
# counted of the record as it was, when points stay that nothing stands for any
# more, or when a write that moves no score is touched.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
use Test::More;
use Test::Nginx::Socket 'no_plan';

our $Fit = <<'YAML';
kind: scoring_rule
name: Fit
module: Leads
write_to: { score: Score, positive: Plus, negative: Minus }
field_rules:
  - { score: 10, criteria: { field: Revenue, comparator: greater_equal, value: 1000000 } }
  - { score: 7, criteria: { field: Rating, comparator: equal, value: Hot } }
  - { score: -5, criteria: { field: Email, comparator: equal, value: "${EMPTY}" } }
YAML

(our $Kept = $Fit) =~ s/write_to.*\n//;

sub on_score {
    my ($name, $type, %o) = @_;

    return "---\nkind: workflow_rule\nname: $name\nmodule: Leads\nexecute_when: { type: $type"
        . ($o{details} ? ", details: $o{details}" : '') . " }\n" . ($o{more} || '')
        . "conditions:\n  - criteria: " . ($o{criteria} || 'null')
        . "\n    instant_actions: [ { type: webhooks, name: $name } ]\n"
        . "---\nkind: webhook\nname: $name\nmodule: Leads\nurl: https://e.example.test/$name\nhttp_method: POST\n";
}

our $Moves = join '', on_score('up', 'score_increase'), on_score('down', 'score_decrease'), on_score('moved', 'score_update');

# A rule that makes hot whom a company of that name employs.
our $Hot = <<'YAML';
---
kind: workflow_rule
name: hot
module: Leads
execute_when: { type: create_or_edit }
conditions:
  - criteria: { field: Company, comparator: equal, value: ACME }
    instant_actions: [ { type: field_updates, field: Rating, value: Hot } ]
YAML

sub traces { return map { json_decode($_->[1][1]) } @{ redis('XRANGE', 'crm:{acme}:trace', '-', '+') } }
sub trace { return (traces())[-1] }
sub create { return "POST /crm/v8/Leads\n{\"data\":[" . join(',', @_) . ']}' }
sub update { my ($fields, $id) = @_; return 'PUT /crm/v8/Leads/' . ($id || 1) . "\n{\"data\":[{$fields}]}" }
sub bodies { return map { $_->{body} } crm_writes() }
sub kept { return json_decode(redis('HGET', "crm:{acme}:record:Leads/$_[0]", 'score') // 'null') }
sub called { return join ' ', sort map { json_decode($_)->{action}{name} } @{ redis('LRANGE', 'crm:{acme}:queue:webhooks', 0, -1) } }

no_long_string();
run_tests();

__DATA__

=== TEST 1: a lead that is created has its score in the write, and the trace says what it comes from
--- crm_rules eval: $::Fit
--- request eval: main::create('{"Name":"A","Revenue":2000000,"Rating":"Hot"}')
--- error_code: 201
--- backend_body: {"data":[{"Name":"A","Revenue":2000000,"Rating":"Hot","Score":12,"Plus":17,"Minus":-5}]}
--- check
is_deeply(trace()->{scores}, [{ rule_id => 'Fit', was => 0, score => 12, positive => 17, negative => -5, matched => [1, 2, 3] }], 'told');
is_deeply([ map { "$_->{field} $_->{rule_id}" } @{ trace()->{changed} } ], ['Score Fit', 'Plus Fit', 'Minus Fit'], 'who set them');



=== TEST 2: an edit counts the whole record anew, and what does not match any more is worth nothing
--- crm_rules eval: $::Fit
--- crm_seed
Leads/1 {"Name":"A","Revenue":2000000,"Rating":"Hot","Email":"a@b","Score":17,"Plus":17,"Minus":0,"Company":null}
--- request eval: [ main::update('"Rating":"Cold"'), main::update('"Email":null,"Revenue":1'), main::update('"Email":"x@y"') ]
--- error_code eval: [200, 200, 200]
--- check
is((bodies())[0], '{"data":[{"Rating":"Cold","Score":10,"Plus":10}]}', 'the sums that changed');
is((bodies())[1], '{"data":[{"Email":null,"Revenue":1,"Score":-5,"Plus":0,"Minus":-5}]}', 'all of them');
is((bodies())[2], '{"data":[{"Email":"x@y","Score":0,"Minus":0}]}', 'back to nothing');
is(trace()->{scores}[0]{was}, -5, 'from what the record showed');



=== TEST 3: a write that moves no score goes on byte for byte, whatever is empty is as good as 0
--- crm_rules eval: $::Fit
--- crm_seed
Leads/1 {"Name":"A","Email":"a@b","Revenue":null,"Rating":null,"Company":null,"Score":null,"Plus":null,"Minus":null}
--- request eval: main::update('"Name" : "B"')
--- error_code: 200
--- backend_body: {"data":[{"Name" : "B"}]}



=== TEST 4: a score that a client sends is overruled
--- crm_rules eval: $::Fit
--- crm_seed
Leads/1 {"Name":"A","Email":"a@b","Revenue":null,"Rating":null,"Company":null,"Score":null,"Plus":null,"Minus":null}
--- request eval: [ main::update('"Score":99,"Rating":"Hot"'), main::update('"Score":99') ]
--- error_code eval: [200, 200]
--- check
is((bodies())[0], '{"data":[{"Score":7,"Rating":"Hot","Plus":7}]}', 'by the rule');
is((bodies())[1], '{"data":[{"Score":7}]}', 'again');



=== TEST 5: what a workflow rule sets counts, in a second pass
--- crm_rules eval: $::Fit . $::Hot
--- request eval: main::create('{"Company":"ACME","Email":"a@b"}', '{"Company":"Other","Email":"a@b"}')
--- error_code: 201
--- backend_body: {"data":[{"Company":"ACME","Email":"a@b","Rating":"Hot","Score":7,"Plus":7},{"Company":"Other","Email":"a@b"}]}
--- check
is((traces())[0]{scores}[0]{pass}, 2, 'the trace tells which');
ok(!exists((traces())[1]{scores}[0]{pass}), 'and of the other, that it is the first');



=== TEST 6: a second pass takes back what the first has laid into the write
--- crm_rules eval: $::Fit =~ s/value: Hot/value: Warm/r . $::Hot
--- crm_seed
Leads/1 {"Company":"ACME","Email":"a@b","Score":0,"Plus":0,"Name":null,"Revenue":null,"Rating":null,"Minus":null}
--- request eval: main::update('"Rating":"Warm"')
--- error_code: 200
--- backend_body: {"data":[{"Rating":"Hot","Score":0,"Plus":0}]}
--- check
is(trace()->{scores}[0]{score}, 0, 'nothing');
is(json_decode(crm_record('Leads', 1))->{Score}, 0, 'in the CRM');



=== TEST 7: workflow rules see the score of the record that is written
--- crm_rules eval
$::Fit . "---\nkind: workflow_rule\nname: good\nmodule: Leads\nexecute_when: { type: field_update, details: { criteria: { field: Score, comparator: greater_than, value: 9 } } }\nconditions:\n  - criteria: { field: Plus, comparator: equal, value: 10 }\n    instant_actions: [ { type: field_updates, field: Grade, value: A } ]\n"
--- crm_seed
Leads/1 {"Email":"a@b","Score":0,"Plus":0,"Minus":0,"Name":null,"Revenue":null,"Rating":null,"Company":null}
--- request eval: main::update('"Revenue":5e6')
--- error_code: 200
--- backend_body: {"data":[{"Revenue":5e6,"Score":10,"Plus":10,"Grade":"A"}]}



=== TEST 8: a rule without fields keeps its score in Redis, and leaves the write alone
--- crm_rules eval: $::Kept
--- crm_seed
Leads/1 {"Email":"a@b","Name":null,"Revenue":null,"Rating":null,"Company":null,"Score":null,"Plus":null,"Minus":null}
--- request eval: [ main::update('"Rating":"Hot"'), main::update('"Email":null') , main::update('"Name":"B"'), main::create('{"Rating":"Hot"}') ]
--- error_code eval: [200, 200, 200, 201]
--- check
is((bodies())[0], '{"data":[{"Rating":"Hot"}]}', 'byte for byte');
is_deeply(kept(1), { Fit => [7, -5] }, 'above and below 0');
is_deeply([ map { [ $_->{scores}[0]{was}, $_->{scores}[0]{score} ] } traces() ], [[0, 7], [7, 2], [2, 2], [0, 2]], 'from what was kept');
is_deeply(kept(trace()->{record_id}), { Fit => [7, -5] }, 'of a new record, under the id that it got');



=== TEST 9: a deleted record's score goes
--- crm_rules eval: $::Kept
--- crm_seed
Leads/1 {"Email":"a@b","Name":null,"Revenue":null,"Rating":null,"Company":null,"Score":null,"Plus":null,"Minus":null}
--- request eval: [ main::update('"Rating":"Hot"'), 'DELETE /crm/v8/Leads/1' ]
--- error_code eval: [200, 200]
--- redis_check
EXISTS crm:{acme}:record:Leads/1 => 0



=== TEST 10: a write that the backend refuses leaves the score that was kept
--- crm_rules eval: $::Kept . $::Moves
--- crm_seed
Leads/1 {"Email":"a@b","Name":null,"Revenue":null,"Rating":null,"Company":null,"Score":null,"Plus":null,"Minus":null}
--- crm_fail: fault=status status=400 method=PUT times=1
--- request eval: main::update('"Rating":"Hot"')
--- error_code: 400
--- check
is(kept(1), undef, 'nothing is kept');
is(called(), '', 'and nothing started');



=== TEST 11: what moves starts the rules that wait for it, what does not starts none
--- crm_rules eval: $::Kept . $::Moves
--- crm_seed
Leads/1 {"Email":"a@b","Rating":"Hot","Name":null,"Revenue":null,"Company":null,"Score":null,"Plus":null,"Minus":null}
--- request eval: [ main::update('"Name":"B"'), main::update('"Name":"C"'), main::update('"Rating":"Cold"') ]
--- error_code eval: [200, 200, 200]
--- check
is(called(), 'down moved moved up', 'the first counts from nothing, the second moves nothing, the third goes down');
is_deeply([ map { join ' ', map { $_->{name} } @{ $_->{rules} } } traces() ], ['moved up', '', 'down moved'], 'as the traces say');



=== TEST 12: a rule may wait for scores of some rules alone, and its criteria see the record
--- crm_rules eval
$::Fit . "---\n" . ($::Kept =~ s/name: Fit/name: Other/r =~ s/value: Hot/value: Cold/r)
. main::on_score('fit', 'score_update', details => '{ type: Selective_Rules, rules: [Fit] }')
. main::on_score('high', 'score_increase', criteria => '{ field: Score, comparator: greater_than, value: 5 }')
--- crm_seed
Leads/1 {"Email":"a@b","Score":0,"Name":null,"Revenue":null,"Rating":null,"Company":null,"Plus":null,"Minus":null}
--- request eval: [ main::update('"Rating":"Cold"'), main::update('"Rating":"Hot"') ]
--- error_code eval: [200, 200]
--- check
is(called(), 'fit high', 'each once, by the second');



=== TEST 13: what a second pass moves starts rules, which see the record that it was counted of
--- crm_rules eval: $::Fit . $::Hot . main::on_score('hot-now', 'score_increase', criteria => '{ field: Rating, comparator: equal, value: Hot }')
--- request eval: main::create('{"Company":"ACME","Email":"a@b"}')
--- error_code: 201
--- check
is(called(), 'hot-now', 'started');



=== TEST 14: trigger:[] starts no rule, and the score is counted all the same
--- crm_rules eval: $::Fit . $::Moves
--- request
POST /crm/v8/Leads
{"data":[{"Rating":"Hot","Email":"a"}],"trigger":[]}
--- error_code: 201
--- backend_body: {"data":[{"Rating":"Hot","Email":"a","Score":7,"Plus":7}],"trigger":[]}
--- check
is(called(), '', 'no rule');



=== TEST 15: an import is scored, and starts the rules that say so
--- crm_rules eval: $::Fit . $::Moves . main::on_score('imported', 'score_increase', more => "run_on_import: true\n")
--- request eval: main::create('{"Rating":"Hot","Email":"b"}')
--- more_headers
X-Automation-Source: import
--- error_code: 201
--- backend_body: {"data":[{"Rating":"Hot","Email":"b","Score":7,"Plus":7}]}
--- check
is(called(), 'imported', 'it alone');



=== TEST 16: of a rule whose criteria nobody can tell the score stays, and the trace says why
--- crm_rules eval: $::Fit . $::Moves
--- crm_seed
Leads/1 {"Email":"a@b","Rating":"Cold","Score":3,"Plus":0,"Minus":0}
--- request eval: main::update('"Rating":"Hot"')
--- error_code: 200
--- backend_body: {"data":[{"Rating":"Hot"}]}
--- check
is_deeply(trace()->{scores}, [{ rule_id => 'Fit', was => 3, reason => 'unknown_field' }], 'told');
is(called(), '', 'nothing started');



=== TEST 17: an upsert scores what it finds as it is, and what it does not as new
--- crm_rules eval: $::Fit
--- crm_seed
Leads/1 {"Email":"a@b.example","Revenue":1000000,"Name":null,"Rating":null,"Company":null,"Score":null,"Plus":null,"Minus":null}
--- request
POST /crm/v8/Leads/upsert
{"data":[{"Email":"a@b.example","Rating":"Hot"},{"Email":"c@d.example","Rating":"Hot"}],"duplicate_check_fields":["Email"]}
--- error_code: 200
--- check
my @scores = (bodies())[-1] =~ /"Score":(-?\d+)/g;
is("@scores", '17 7', 'each its own');
