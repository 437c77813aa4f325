# Triggers as a client meets them: what it says in its request, what it changes,
# and what the record remembers. Fails when a rule speaks unasked, stays silent,
# or speaks twice.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
use Test::More;
use Test::Nginx::Socket 'no_plan';

our $Hooks = join '', map { <<"YAML" } qw(one two three);
kind: webhook
name: $_
module: Deals
url: http://127.0.0.1:9/$_
http_method: POST
---
YAML

# A rule that calls a webhook for each of its conditions.
sub rule {
    my ($name, $when, @conditions) = @_;
    my %o = ref $conditions[-1] ? %{ pop @conditions } : ();

    return "kind: workflow_rule\nname: $name\nmodule: Deals\nexecute_when: { $when }\n"
        . join('', map { "$_: $o{$_}\n" } sort keys %o) . "conditions:\n"
        . join('', map { "  - criteria: $_->[0]\n    instant_actions: [ { type: webhooks, name: $_->[1] } ]\n" }
                   map { [ split / => / ] } @conditions)
        . "---\n";
}

sub leaf { return qq({ field: $_[0], comparator: equal, value: "$_[1]" }) }

sub watch {
    my ($more, @leaves) = @_;

    return "type: field_update, details: { $more criteria: "
        . (@leaves == 1 ? $leaves[0] : '{ group_operator: AND, group: [ ' . join(', ', @leaves) . ' ] }') . ' }';
}

# The webhooks that were queued, in order: "one two".
sub called {
    my $jobs = redis('LRANGE', 'crm:{acme}:queue:webhooks', 0, -1);

    return join ' ', map { json_decode($_)->{action}{name} } @$jobs;
}

# The last trace.
sub trace {
    my $last = redis('XREVRANGE', 'crm:{acme}:trace', '+', '-', 'COUNT', 1);

    return json_decode($last->[0][1][1]);
}

sub create { return "POST /crm/v8/Deals\n" . ($_[0] || '{"data":[{"Stage":"Open"}]}') }
sub update { return "PUT /crm/v8/Deals/" . ($_[1] || 1) . qq(\n{"data":[{$_[0]}]}) }

our $Created = $Hooks . rule('created', 'type: create', 'null => one');

our $Three = $Hooks . rule('three', 'type: create_or_edit',
    leaf('Stage', 'Open') . ' => one', leaf('Stage', 'Won') . ' => two', leaf('Type', 'New') . ' => three');

our $Watch = $Hooks . rule('watch', watch('', leaf('Stage', '${ANYVALUE}')), 'null => one');

our $Becomes = $Hooks . rule('becomes', watch('', leaf('Stage', 'Won')), 'null => one');

our $Both = $Hooks . rule('both', watch('match_all: true,', leaf('Stage', '${ANYVALUE}'), leaf('Amount', '${ANYVALUE}')),
    'null => one');

our $Once = $Hooks . rule('once', 'type: edit, details: { repeat: false }', leaf('Stage', 'Won') . ' => one');

our $Declared = <<'YAML';
kind: module
name: Deals
fields:
  - { api_name: Amount, data_type: currency }
  - { api_name: Closing, data_type: datetime }
  - { api_name: Tags, data_type: multiselectpicklist }
  - { api_name: Stage, data_type: picklist }
---
YAML

no_long_string();
run_tests();

__DATA__

=== TEST 1: T1, a create without trigger fires
--- crm_rules eval: $::Created
--- request eval: main::create()
--- error_code: 201
--- check
is(called(), 'one', 'the webhook');
is(trace()->{trigger_param}, undef, 'nothing was said');
ok(!exists trace()->{reason}, 'and nothing suppressed');



=== TEST 2: T2, an empty trigger suppresses; the record is saved, the trace says so
--- crm_rules eval: $::Created
--- request eval: main::create('{"data":[{"Stage":"Open"}],"trigger":[]}')
--- error_code: 201
--- backend_writes: 1
--- check
is(called(), '', 'no webhook');
is_deeply(trace()->{trigger_param}, [], 'what was said');
is(trace()->{reason}, 'suppressed_by_trigger_param', 'and why none fired');
is_deeply(trace()->{rules}, [], 'none');



=== TEST 3: T3, a trigger of other names suppresses workflows; unknown names are the backend's to judge
--- crm_rules eval: $::Created
--- request eval
[map { main::create(qq({"data":[{"Stage":"Open"}],"trigger":[$_]})) } '"approval"', '"approval","blueprint"',
 '"nonsense"', '"nonsense","workflow"']
--- error_code eval: [(201) x 4]
--- check
is(called(), 'one', 'the last alone');
is_deeply(trace()->{trigger_param}, ['workflow'], 'what is known of it');
is_deeply(trace()->{trigger_unknown}, ['nonsense'], 'and what is not');
like((crm_writes())[-1]{body}, qr/"trigger":\["nonsense","workflow"\]/, 'the backend sees all');



=== TEST 4: T4, of conditions two and three only two acts
--- crm_rules eval: $::Three
--- request eval: main::create('{"data":[{"Stage":"Won","Type":"New"}]}')
--- error_code: 201
--- check
is(called(), 'two', 'the first that matches');
is(trace()->{rules}[0]{chosen}, 2, 'as the trace says');



=== TEST 5: T6, the same stage again fires nothing; T7, a changed one fires once
--- crm_rules eval: $::Watch
--- crm_seed
Deals/1 {"Stage":"Open"}
--- request eval: [main::update('"Stage":"Open","Note":"x"'), main::update('"Stage":"Won"'), main::update('"Note":"y"')]
--- error_code eval: [200, 200, 200]
--- check
is(called(), 'one', 'one of three');



=== TEST 6: T8, match_all wants every field in one save
--- crm_rules eval: $::Both
--- crm_seed
Deals/1 {"Stage":"Open","Amount":1}
--- request eval
[main::update('"Stage":"Won"'), main::update('"Amount":2'), main::update('"Stage":"Lost","Amount":2.0'),
main::update('"Stage":"Open","Amount":3')]
--- error_code eval: [(200) x 4]
--- check
is(called(), 'one', 'the last');



=== TEST 7: a field that becomes a value must become it now
--- crm_rules eval: $::Becomes
--- crm_seed
Deals/1 {"Stage":"Won"}
Deals/2 {"Stage":"Open"}
--- request eval
[main::update('"Stage":"Won"'), main::update('"Note":"x"'), main::update('"Stage":"Lost"'), main::update('"Stage":"Won"', 2)]
--- error_code eval: [(200) x 4]
--- check
is(called(), 'one', 'the one that became it');
is(trace()->{record_id}, '2', 'the second record');



=== TEST 8: T9, without repeat two matching edits fire once
--- crm_rules eval: $::Once
--- crm_seed
Deals/1 {"Stage":"Open"}
--- request eval
[main::update('"Stage":"Lost"'), main::update('"Stage":"Won"'), main::update('"Stage":"Open"'), main::update('"Stage":"Won"')]
--- error_code eval: [(200) x 4]
--- check
is(called(), 'one', 'counted from the first match');
--- redis_check
HGET crm:{acme}:record:Deals/1 once:once => 1



=== TEST 9: T28, wf_trigger=false on a delete suppresses, and the trace says so
--- crm_rules eval: $::Hooks . main::rule('gone', 'type: delete', 'null => one')
--- crm_seed
Deals/1 {"Stage":"Open"}
--- request: DELETE /crm/v8/Deals/1?wf_trigger=false
--- error_code: 200
--- check
is(called(), '', 'no webhook');
is_deeply(trace()->{trigger_param}, { wf_trigger => JSON::PP::false() }, 'what was said');
is(trace()->{reason}, 'suppressed_by_trigger_param', 'and why');



=== TEST 10: an import starts only rules that ask for it
--- crm_rules eval
$::Hooks . main::rule('deaf', 'type: create_or_edit', 'null => one')
. main::rule('ready', 'type: create_or_edit', 'null => two', { run_on_import => 'true' })
--- more_headers
X-Automation-Source: Import
--- request eval: [main::create(), main::update('"Stage":"Won"', '4150868000624000001')]
--- error_code eval: [201, 200]
--- check
is(called(), 'two two', 'the one that does');
is(trace()->{source}, 'import', 'as the trace says');



=== TEST 11: any other source is nobody's business, and the header goes on
--- crm_rules eval: $::Created
--- more_headers
X-Automation-Source: import-wizard
--- request eval: main::create()
--- error_code: 201
--- backend_headers
X-Automation-Source: import-wizard
--- check
is(called(), 'one', 'the webhook');
is(trace()->{source}, 'crm_api', 'an ordinary write');



=== TEST 12: a write that repeats what is stored starts nothing, by the fields' types
--- crm_rules eval: $::Hooks . $::Declared . main::rule('edit', 'type: edit', 'null => one')
--- crm_seed
Deals/1 {"Amount":19.90,"Closing":"2026-03-27T16:30:00+01:00","Tags":["a","b"],"Stage":"Open"}
--- request eval
[map { main::update($_) } '"Amount":"19.9"', '"Closing":"2026-03-27T15:30:00Z"', '"Tags":["b","a"]', '"Stage":"Open"',
'"Tags":["a"]', '"Stage":"open"']
--- error_code eval: [(200) x 6]
--- backend_writes: 6
--- check
is(called(), 'one one', 'the last two');



=== TEST 13: of two rules that set one field the last wins, and the trace names both
--- crm_rules
kind: workflow_rule
name: a
module: Deals
sequence: 2
execute_when: { type: create }
conditions: [ { instant_actions: [ { type: field_updates, field: Stage, value: Second } ] } ]
---
kind: workflow_rule
name: b
module: Deals
sequence: 1
execute_when: { type: create }
conditions: [ { instant_actions: [ { type: field_updates, field: Stage, value: First } ] } ]
--- request eval: main::create('{"data":[{"Amount":1}]}')
--- error_code: 201
--- backend_body
{"data":[{"Amount":1,"Stage":"Second"}]}
--- check
is_deeply(trace()->{changed}, [ { field => 'Stage', old => undef, new => 'Second', rule_id => 'a', conflict => ['b'] } ],
          'both');



=== TEST 14: a rule that sets back what another set leaves the body as it was sent
--- crm_rules
kind: workflow_rule
name: a
module: Deals
execute_when: { type: edit }
conditions: [ { instant_actions: [ { type: field_updates, field: Stage, value: Won } ] } ]
---
kind: workflow_rule
name: b
module: Deals
execute_when: { type: edit }
conditions: [ { instant_actions: [ { type: field_updates, field: Stage, value: Open } ] } ]
--- crm_seed
Deals/1 {"Stage":"Open"}
--- request
PUT /crm/v8/Deals/1
{"data":[ {"Amount":1.50 } ]}
--- error_code: 200
--- backend_body
{"data":[ {"Amount":1.50 } ]}
--- check
is_deeply(trace()->{changed}[1]{conflict}, ['a'], 'the conflict is told');
