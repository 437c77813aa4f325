# Validation rules at the proxy, always or on request: T24 and T25 of the
# conformance table. Fails when a record that a rule was written against is
# saved, when one that nobody asked to be validated is refused, or when the
# client is told anything but what the rule says.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs qw(key);

redis_start();
crm_start();

crm_rules(<<'EOT');
kind: validation_rule
name: Discount needs a reason
module: Deals
run: always
criteria:
  group_operator: AND
  group:
    - { field: Discount, comparator: greater_than, value: 10 }
    - { field: Reason, comparator: equal, value: "${EMPTY}" }
field: Reason
message: 'Say "why" the discount is above 10 %.'
---
kind: validation_rule
name: Asked
module: Deals
criteria: { field: Amount, comparator: less_than, value: 0 }
field: Amount
message: An amount is not negative.
---
kind: validation_rule
name: Only asked
module: Leads
criteria: { field: City, comparator: equal, value: "${EMPTY}" }
field: City
message: Where?
---
kind: workflow_rule
name: generous
module: Deals
execute_when: { type: create_or_edit }
conditions:
  - criteria: { field: Vip, comparator: equal, value: "yes" }
    instant_actions:
      - { type: field_updates, field: Discount, value: 50 }
---
kind: record_locking
module: Deals
lock_type: automatic
locking_rules:
  - name: won
    lock_existing_records: true
    criteria: { field: Stage, comparator: equal, value: Won }
EOT

nginx_start();

my @json = (headers => ['Content-Type' => 'application/json', 'X-CRM-User' => 'u1']);
my $asks = '"apply_feature_execution":[{"name":"criteria_validation_rule"}]';

sub quiet { ok(all_ended(), "$_[0]: no intent is left"); crm_clear_log() }
sub item { json_decode($_[0]{body})->{data}[$_[1] || 0] }


# --- always --------------------------------------------------------------------

my $r = http('POST', '/crm/v8/Deals', body => '{"data":[{"Discount":20}]}', @json);

is($r->{status}, 400, 'a record that matches is not created');
like($r->{body}, qr/^\{"data":\[\{"code":"INVALID_DATA","details":\{"api_name":"Reason",
     "json_path":"\$\.data\[0\]\.Reason","reason":"Say\ \\"why\\"\ the\ discount\ is\ above\ 10\ %\.",
     "rule":"Discount\ needs\ a\ reason","event":"[0-9A-Z]{26}"\},
     "message":"Say\ \\"why\\"\ the\ discount\ is\ above\ 10\ %\.","status":"error"\}\]\}$/x,
     'in the shape of the vendor, with what the rule has to say');
is($r->{headers}{'crm-rule'}, 'Discount needs a reason', 'the rule in a header');
is(scalar crm_writes(), 0, 'the backend hears nothing');
quiet('a refused create');

crm_seed('Deals', 1, '{"Stage":"Open","Discount":5,"Reason":""}');
crm_seed('Deals', 2, '{"Stage":"Open","Discount":20,"Reason":"r"}');
crm_seed('Deals', 3, '{"Stage":"Won","Discount":5,"Reason":""}');

$r = http('PUT', '/crm/v8/Deals/1', body => '{"data":[{"Discount":10.5}]}', @json);
is(item($r)->{code}, 'INVALID_DATA', 'the stored record counts');

$r = http('PUT', '/crm/v8/Deals/3', body => '{"data":[{"Discount":20}]}', @json);
is(item($r)->{code}, 'RECORD_LOCKED', 'a lock is asked first');

$r = http('PUT', '/crm/v8/Deals/1', body => '{"data":[{"Discount":20,"Reason":"big"}]}', @json);
is($r->{status}, 200, 'what the rule asks for passes');

$r = http('POST', '/crm/v8/Deals', body => '{"data":[{"Vip":"yes"}]}', @json);
is($r->{status}, 201, 'what rules set is not validated');
is(json_decode((grep { $_->{method} eq 'POST' } crm_writes())[-1]{body})->{data}[0]{Discount}, 50,
   'and was set');
quiet('what passed');


# --- many in one request ------------------------------------------------------------

crm_seed('Deals', 1, '{"Stage":"Open","Discount":5,"Reason":""}');

my @items = ('{"id":"1","Discount":30}', '{"id":"2", "Discount":30}', '{"id":"3","Discount":30}');
$r = http('PUT', '/crm/v8/Deals', body => '{"data":[' . join(',', @items) . ']}', @json);

is($r->{status}, 207, 'of many some are refused');
is_deeply([ map { $_->{code} } @{ json_decode($r->{body})->{data} } ],
          ['INVALID_DATA', 'SUCCESS', 'RECORD_LOCKED'], 'each for itself, at its place');
is(item($r)->{details}{json_path}, '$.data[0].Reason', 'which it tells');
is((crm_writes())[0]{body}, "{\"data\":[$items[1]]}", 'the others go on');
quiet('of many');


# --- on request -----------------------------------------------------------------------

$r = http('PUT', '/crm/v8/Deals/2', body => '{"data":[{"Amount":-1}]}', @json);
is($r->{status}, 200, 'T24: a rule that runs on request is not asked by itself');

$r = http('PUT', '/crm/v8/Deals/2', body => "{\"data\":[{\"Amount\":-2}],$asks}", @json);
is($r->{status}, 400, 'T25: it is when a write asks for it');
is(item($r)->{message}, 'An amount is not negative.', 'with its message');

$r = http('PUT', '/crm/v8/Deals/2', body => "{$asks,\"data\":[{\"Amount\":2}]}", @json);
is($r->{status}, 200, 'and lets pass what is right');
quiet('on request');

my $followed = grep { $_->[1][1] =~ /"decision":"allowed"/ } @{ redis('XRANGE', key('trace'), '-', '+') };
my $traces = redis('XLEN', key('trace'));

is($followed, 5, 'so far five writes were followed');

$r = http('POST', '/crm/v8/Leads', body => '{"data":[{"Name":"n"}]}', @json);
is($r->{status}, 201, 'where all rules are on request, nobody follows a write that asks for none');
is(redis('XLEN', key('trace')), $traces, 'nor traces it');

$r = http('POST', '/crm/v8/Leads', body => "{\"data\":[{\"Name\":\"n\"}],$asks}", @json);
is(item($r)->{message}, 'Where?', 'one that asks is judged');


# --- it is counted, and fails closed ---------------------------------------------------

is(json_decode(http('GET', '/crm_status')->{body})->{requests}{refused_validation}, 4, 'refusals are counted');

redis_stop();

$r = http('POST', '/crm/v8/Leads', body => "{\"data\":[{\"City\":\"c\"}],$asks}", @json);
is($r->{status}, 503, 'without Redis nothing that is to be validated passes');

done_testing();
