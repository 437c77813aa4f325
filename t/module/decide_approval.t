# Approvals at the proxy: T3, T19 and T20 of the conformance table. Fails when
# a record that waits can be changed, when one enters that should not or the
# other way round, when the client is told anything but what the vendor would
# tell it, when an action of a process is lost or has another's id.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs qw(key);

redis_start();
crm_start();

my $rules = <<'EOT';
kind: profile
name: Standard
---
kind: profile
name: Administrator
---
kind: user
id: "1"
name: Sal
profile: Standard
---
kind: user
id: "2"
name: Meg
profile: Standard
---
kind: user
id: "9"
name: Ada
profile: Administrator
---
kind: webhook
name: hook
module: Deals
url: https://h.example.test/
---
kind: workflow_rule
name: Large discount
module: Deals
execute_when: { type: create_or_edit }
conditions:
  - criteria: { field: Vip, comparator: equal, value: "yes" }
    instant_actions:
      - { type: field_updates, field: Discount, value: 50 }
      - { type: webhooks, name: hook }
---
kind: approval_process
name: Large discount
module: Deals
execute_when: create_or_edit
rules:
  - criteria: { field: Discount, comparator: greater_than, value: 20 }
    approvers: [ { type: user, id: "2" } ]
    on_submit: [ { type: webhooks, name: hook } ]
editable_fields: [Description]
---
kind: approval_process
name: Quote
module: Quotes
execute_when: create_or_edit
rules:
  - criteria: { field: Total, comparator: greater_than, value: 20 }
    approvers: [ { type: user, id: "2" } ]
---
kind: blueprint
name: Quoting
module: Quotes
field: Stage
criteria: null
states: [ { name: Draft }, { name: Sent } ]
transitions:
  - { id: send, name: Send, from: [Draft], to: Sent }
EOT

crm_rules($rules);
nginx_start();

sub as { return (headers => ['Content-Type' => 'application/json', 'X-CRM-User' => $_[0]]) }
sub put { return http('PUT', "/crm/v8/Deals/$_[1]", body => "{\"data\":[$_[2]]}", as($_[0])) }
sub state_of { my $text = redis('HGET', key("record:Deals/$_[0]"), 'approval'); $text ? json_decode($text) : {} }
sub quiet { ok(all_ended(), "$_[0]: no intent is left"); crm_clear_log() }


# --- entering ---------------------------------------------------------------------

my $r = http('POST', '/crm/v8/Deals', body => '{"data":[{"Discount":30}]}', as(1));
my $id = json_decode($r->{body})->{data}[0]{details}{id};

is($r->{status}, 201, 'the write that enters passes');
is(state_of($id)->{state}, 'waiting', 'a created record waits');
is_deeply(state_of($id)->{approvers}, [['2']], 'for whom the rule names');
is(state_of($id)->{submitter}, '1', 'submitted by who wrote');
is(redis('ZCARD', key('approvals')), 1, 'and stands in the list');

my $job = json_decode(redis('LPOP', key('queue:webhooks')));
is($job->{rule}, 'Large discount', 'what is done on submission is queued');
is_deeply($job->{chain}{fired}, ['approval:Large discount'], 'as the process\' own');
is($job->{record_id}, $id, 'for that record');

crm_seed('Deals', 1, '{"Discount":5,"Description":"d"}');
is(put(1, 1, '{"Vip":"yes"}')->{status}, 200, 'what rules set counts');
is(state_of(1)->{state}, 'waiting', 'a changed record waits');

my %ids = map { json_decode($_)->{id} => 1 } map { redis('LPOP', key('queue:webhooks')) } 1 .. 2;
is(scalar keys %ids, 2, 'a rule of the same name has a job of its own');

crm_seed('Deals', 2, '{"Discount":5}');
$r = http('PUT', '/crm/v8/Deals/2', body => '{"data":[{"Discount":30}],"trigger":["workflow"]}', as(1));
is($r->{status}, 200, 'without approval among its triggers');
is_deeply(state_of(2), {}, 'nothing enters');

$r = http('PUT', '/crm/v8/Deals/2', body => '{"data":[{"Vip":"yes"}],"trigger":["approval"]}', as(1));
is(redis('LLEN', key('queue:webhooks')), 1, 'T3: with approval alone no rule fires');
is(state_of(2)->{state}, 'waiting', 'and the record enters');
redis('DEL', key('queue:webhooks'));
quiet('who enters');


# --- what waits --------------------------------------------------------------------

$r = put(1, 1, '{"Discount":1}');
is($r->{status}, 400, 'T19: a record that waits is not changed');
like($r->{body}, qr/^\{"code":"NOT_APPROVED","details":\{"resource_path_index":1,"reason":"the\ record\ waits\ for
     \ the\ approval\ \\"Large\ discount\\",\ level\ 1\ of\ 1","rule":"Large\ discount","event":"[0-9A-Z]{26}"\},
     "message":"Cannot\ update\ record\ that\ is\ not\ approved\ yet","status":"error"\}$/x,
     'in the vendor\'s shape, at the top');
is($r->{headers}{'crm-rule'}, 'Large discount', 'the process in a header');

$r = http('DELETE', '/crm/v8/Deals?ids=1', as(1));
is($r->{status}, 400, 'T20: nor deleted');
my $item = json_decode($r->{body})->{data}[0];
is($item->{code}, 'NOT_APPROVED', 'told of the item');
is($item->{details}{id}, '1', 'by its id');
is($item->{message}, 'cannot delete record that is not approved yet', 'in the vendor\'s words');

crm_seed('Deals', 3, '{"Discount":5}');
$r = http('PUT', '/crm/v8/Deals', body => '{"data":[{"id":"1","Discount":1},{"id":"3","Discount":6}]}', as(1));
is($r->{status}, 207, 'of many it is refused');
is_deeply([ map { $_->{code} } @{ json_decode($r->{body})->{data} } ], ['NOT_APPROVED', 'SUCCESS'],
          'at its place');

$r = http('POST', '/crm/v8/Deals/1/actions/add_tags', body => '{"tags":[{"name":"x"}]}', as(1));
is($r->{status}, 400, 'an action is refused, too');
like($r->{body}, qr/"NOT_APPROVED"/, 'likewise');

$r = http('DELETE', '/crm/v8/Deals?ids=1', as(1));
like($r->{body}, qr/^\{"data":\[\{"code":"NOT_APPROVED","details":\{"id":"1",.*"rule":"Large\ discount",
     "event":"[0-9A-Z]{26}"\},"message":"cannot\ delete\ record\ that\ is\ not\ approved\ yet","status":"error"\}\]\}$/x,
     'T20: in the vendor\'s shape, as an item');

for my $what (['convert', '{"data":[{"overwrite":true}]}'], ['change_owner', '{"owner":{"id":"2"}}']) {
    $r = http('POST', "/crm/v8/Deals/1/actions/$what->[0]", body => $what->[1], as(1));
    is($r->{status}, 400, "$what->[0] is refused");
    like($r->{body}, qr/"code":"NOT_APPROVED"/, 'likewise');
}

$r = http('POST', '/crm/v8/Quotes', body => '{"data":[{"Total":30,"Stage":"Draft"}]}', as(1));
my $quote = json_decode($r->{body})->{data}[0]{details}{id};
my ($course, $waits) = map { redis('HGET', key("record:Quotes/$quote"), $_) } qw(blueprint approval);
ok($course && $waits, 'a record may enter both, a blueprint and an approval');
$r = http('PUT', "/crm/v8/Quotes/$quote/actions/blueprint", as(1),
          body => '{"blueprint":[{"transition_id":"send","data":{}}]}');
is($r->{status}, 400, 'row 53: what waits makes no step of its blueprint');
is(json_decode($r->{body})->{code}, 'NOT_APPROVED', 'row 53: for that reason');
is_deeply([ map { redis('HGET', key("record:Quotes/$quote"), $_) } qw(blueprint approval) ], [$course, $waits],
          'row 53: and stands where it stood');
is(http('PUT', "/crm/v8/Quotes/$quote/actions/blueprint", as(2),
        body => '{"blueprint":[{"transition_id":"send","data":{}}]}')->{status}, 200, 'row 53: an approver makes it');

crm_clear_log();
is(put(1, 1, '{"Description":"e"}')->{status}, 200, 'a field that is left open is changed');
is(put(2, 1, '{"Discount":31}')->{status}, 200, 'an approver changes it');
is(put(9, 1, '{"Discount":32}')->{status}, 200, 'and an administrator');
is(put('', 1, '{"Discount":33}')->{status}, 400, 'nobody does not');
is(state_of(1)->{state}, 'waiting', 'it waits all the while');
is(http('DELETE', '/crm/v8/Deals/1', as(9))->{status}, 200, 'an administrator deletes it');
is(redis('ZSCORE', key('approvals'), 'Deals/1'), undef, 'then it is listed no more');
quiet('what waits');


# --- what nobody knows yet -----------------------------------------------------------

$r = http('POST', '/crm/v8/Deals', body => '{"data":[{"Discount":1}]}', as(1));
is($r->{status}, 201, 'a create that is settled');
is(redis('EXISTS', key('creates:Deals')), 0, 'leaves nothing behind');

crm_fail(fault => 'reset', method => 'POST', times => 1);
$r = http('POST', '/crm/v8/Deals', body => '{"data":[{"Discount":40}]}', as(1));
like($r->{status}, qr/^50[24]$/, 'a create of which nobody knows the end');
is(redis('ZCARD', key('creates:Deals')), 1, 'is remembered');

my $now = redis('ZRANGE', key('creates:Deals'), 0, 0, 'WITHSCORES');
crm_seed('Deals', 5, '{"Discount":40}');
crm_seed('Deals', 6, '{"Discount":4}');
crm_seed('Deals', 7, '{"Discount":40,"Created_Time":"2020-01-01T00:00:00+00:00"}');
crm_clear_log();

$r = put(1, 5, '{"Discount":41}');
is($r->{status}, 503, 'a record that may be it, and would wait then, is not written');
ok($r->{headers}{'retry-after'}, 'for now');
is(put(9, 5, '{"Discount":41}')->{status}, 503, 'by nobody');
is(scalar(grep { $_->{method} eq 'PUT' } crm_writes()), 0, 'the backend hears nothing');
is(put(1, 6, '{"Amount":1}')->{status}, 200, 'one that would not wait is');
is(put(1, 7, '{"Amount":1}')->{status}, 200, 'and one that is older');

redis('DEL', map { key("intent:$_") } grep { !/^\d+$/ } @$now);
is(put(1, 5, '{"Amount":1}')->{status}, 200, 'once it is settled that one, too');
is(redis('EXISTS', key('creates:Deals')), 0, 'and nothing is left of it');

done_testing();
