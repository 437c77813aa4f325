# Requests in one request: each is judged like one of its own. Those that are
# refused are cut out and answered at their places, the others are forwarded
# byte for byte, and actions follow from just what was written. Fails when a
# locked record gets through in a composite, when one refused request keeps the
# others back, or when an answer stands at another's place. T36.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs qw(key);

redis_start();
crm_start();
receiver_start();

crm_rules(<<'EOT');
kind: record_locking
module: Deals
lock_type: automatic
restricted_actions: [update, delete, tags]
excluded_fields: [Description]
locking_rules:
  - name: won
    lock_existing_records: true
    criteria: { field: Stage, comparator: equal, value: Won }
---
kind: workflow_rule
name: edited
module: Deals
execute_when: { type: create_or_edit }
conditions:
  - criteria: null
    instant_actions: [ { type: webhooks, name: tell } ]
---
kind: workflow_rule
name: hot
module: Deals
execute_when: { type: create_or_edit }
conditions:
  - criteria: { field: Amount, comparator: greater_than, value: 1000 }
    instant_actions: [ { type: field_updates, field: Rating, value: Hot } ]
---
kind: workflow_rule
name: gone
module: Deals
execute_when: { type: delete }
conditions:
  - criteria: null
    instant_actions: [ { type: webhooks, name: tell } ]
---
kind: workflow_rule
name: lead
module: Leads
execute_when: { type: create_or_edit }
conditions:
  - criteria: null
    instant_actions:
      - { type: field_updates, field: Rating, value: New }
      - { type: webhooks, name: told }
---
kind: webhook
name: tell
module: Deals
url: $HOOK/deal
http_method: POST
body: { type: raw, format: JSON, content: '{"id":"${!Deals.id}"}' }
---
kind: webhook
name: told
module: Leads
url: $HOOK/lead
http_method: POST
body: { type: raw, format: JSON, content: '{"id":"${!Leads.id}"}' }
EOT

nginx_start(extra => 'crm_max_records 6;');

my @json = (headers => ['Content-Type' => 'application/json', 'X-CRM-User' => 'u1']);
my ($at, @open, @locked) = (4150868000000900000);

sub deal { crm_seed('Deals', ++$at, qq({"Stage":"$_[0]"})); return $at }

sub inner {
    my ($method, $uri, $body, $more) = @_;

    return qq({"method":"$method","uri":"/crm/v8/$uri") . (defined $body ? qq(, "body":$body) : '') . ($more // '') . '}';
}

sub composite {
    my ($list, $more) = @_;

    redis('DEL', key('queue:webhooks'));
    crm_clear_log();

    return http('POST', '/crm/v8/__composite_requests', @json,
                body => '{' . ($more // '') . '"__composite_requests":[' . join(', ', @$list) . ']}');
}

sub jobs { map { "$_->{module}/$_->{record_id}" } map { json_decode($_) } @{ redis('LRANGE', key('queue:webhooks'), 0, -1) } }

sub responses { map { $_->{details}{response} } @{ json_decode($_[0]{body})->{__composite_responses} || [] } }

sub told {
    my ($r) = @_;

    return join ' | ', map {
        my $body = $_->{body} || {};
        join ' ', $_->{status_code}, map { $_->{code} // '-' } ref $body->{data} ? @{ $body->{data} } : $body;
    } responses($r);
}

sub quiet {
    my ($what) = @_;

    ok(all_ended(), "$what: no intent is left");
    is_deeply(redis('KEYS', key('busy:*')), [], "$what: no record is leased");
}


# T36: five, one of them locked.

@open = map { deal('Open') } 1 .. 6;
@locked = map { deal('Won') } 1 .. 3;

my @five = map { inner('PUT', "Deals/$_", '{"data":[ {"N":"1"} ]}') } @open[0, 1], $locked[0], @open[2, 3];
my $r = composite(\@five);

is($r->{status}, 207, 'T36: some were written, one was not');
is(told($r), '200 SUCCESS | 200 SUCCESS | 400 RECORD_LOCKED | 200 SUCCESS | 200 SUCCESS', 'T36: each at its place');
is((responses($r))[2]{body}{data}[0]{details}{json_path}, '$.data[0].id', 'T36: with what it alone would be told');
is((json_decode($r->{body})->{__composite_responses}[2]{code}), 'RECORD_LOCKED', 'T36: its own code says so too');
ok($r->{headers}{'crm-event'}, 'T36: the answer names its event');
is_deeply([ map { $_->{target} } crm_writes() ], ['/crm/v8/__composite_requests'], 'T36: one write is forwarded');
is((crm_writes())[0]{body}, '{"__composite_requests":[' . join(', ', @five[0, 1, 3, 4]) . ']}',
   'T36: of the four others, to the byte');
is_deeply([ jobs() ], [ map { "Deals/$_" } @open[0 .. 3] ], 'T36: whose actions follow');
is_deeply([ map { $_->{target} } grep { $_->{method} eq 'GET' } crm_log() ],
          [ '/crm/v8/Deals?ids=' . join(',', @open[0, 1], $locked[0], @open[2, 3]) ], 'T36: all were read at once');
is(join(' ', sort map { json_decode($_->[1][1])->{decision} } @{ redis('XRANGE', key('trace'), '-', '+') }),
   'allowed allowed allowed allowed refused', 'T36: a trace of each');
quiet('T36');


# Several modules, several records, what passes unjudged.

crm_seed('Leads', 77, '{"Last_Name":"A"}');
crm_seed('Contacts', 5, '{}');

my @mixed = (
    inner('GET', 'Contacts/5'),
    inner('PUT', 'Deals', qq({"data":[{"id":"$open[0]","A":1}, {"id":"$locked[0]","A":1},{"id":"$open[1]","Amount":5000}]}),
          ',"sub_request_id":"a"'),
    inner('DELETE', "Deals/$locked[1]", '{}', ',"sub_request_id":"b"'),
    inner('POST', 'Leads', '{"data":[{"Last_Name":"B"}]}'),
    inner('PUT', 'Leads/77', '{"data":[{"Last_Name":"C"}],"trigger":[]}'),
);
$r = composite(\@mixed);

is($r->{status}, 207, 'requests of several modules');
is(told($r), '200 - | 207 SUCCESS RECORD_LOCKED SUCCESS | 400 RECORD_LOCKED | 201 SUCCESS | 200 SUCCESS',
   'a read, a list with a locked record, a delete, a create, an update');
is((responses($r))[1]{body}{data}[1]{details}{json_path}, '$.data[1].id', 'a place is that in its own list');
is(json_decode($r->{body})->{__composite_responses}[2]{sub_request_id}, 'b', 'a refused one has its name');

my ($cut, $lead) = @mixed[1, 3];
$cut =~ s/ \{"id":"$locked[0]","A":1\},//;
$cut =~ s/"Amount":5000/"Amount":5000,"Rating":"Hot"/;
$lead =~ s/"B"/"B","Rating":"New"/;
is((crm_writes())[0]{body}, '{"__composite_requests":[' . join(', ', $mixed[0], $cut, $lead, $mixed[4]) . ']}',
   'what rules set is laid in, what is refused is not sent, the rest stays');
my ($new) = map { $_->{body}{data}[0]{details}{id} } (responses($r))[3];
is_deeply([ jobs() ], [ "Deals/$open[0]", "Deals/$open[1]", "Leads/$new" ],
          'actions of what was written, but where trigger says none');
is_deeply([ sort map { $_->{target} } grep { $_->{method} eq 'GET' } crm_log() ],
          [ '/crm/v8/Deals?ids=' . join(',', $open[0], $locked[0], $open[1], $locked[1]), '/crm/v8/Leads/77' ],
          'one read of each module');
like(crm_record('Leads', 77), qr/"Last_Name":"C"\}|"Last_Name":"C",(?!"Rating")/, 'and no rule touched that');
quiet('several modules');


# All refused: the CRM is not asked.

$r = composite([ inner('PUT', "Deals/$locked[0]", '{"data":[{"A":1}]}'),
                 inner('DELETE', 'Deals', undef, qq(,"params":{"ids":"$locked[1],$locked[2]"})),
                 inner('PUT', 'Deals/x', '{"data":{}}') ]);
is($r->{status}, 400, 'all refused');
is(told($r), '400 RECORD_LOCKED | 400 RECORD_LOCKED RECORD_LOCKED | 400 INVALID_DATA', 'each as it alone would be');
is(scalar(crm_writes()), 0, 'and the CRM hears nothing');
quiet('all refused');


# What one alone would be refused for is its own.

$r = composite([ inner('PUT', "Deals/$open[0]", '{"data":[{"A":2}]}'),
                 inner('PUT', 'Deals/1', '{"data":[{"id":"2"}]}'), inner('POST', 'Deals', '{"data":[]}'),
                 inner('POST', "Deals/$locked[1]/actions/add_tags", '{"tags":[]}'),
                 inner('PUT', "deals/$open[2]", '{"data":[{"A":2}]}') ]);
is(told($r), '200 SUCCESS | 400 INVALID_DATA | 400 INVALID_DATA | 400 RECORD_LOCKED | 400 INVALID_URL_PATTERN',
   'another id than its path, nothing at all, tags of a locked record, a misspelt module');
is_deeply([ jobs() ], ["Deals/$open[0]"], 'and the others are done');

$r = composite([ inner('GET', 'Contacts/5'), inner('PUT', 'Deals/1', '[]'), inner('PUT', 'Contacts/5', '{"data":[{}]}') ]);
is(told($r), '200 - | 400 INVALID_DATA | 200 SUCCESS', 'even where nothing of it is judged');
is(scalar(crm_writes()), 1, 'they are forwarded');

$r = composite([ inner('GET', 'Contacts/5'), inner('PUT', "Deals/$locked[0]", '{"data":[{"A":1}]}') ]);
is(told($r), '200 - | 400 RECORD_LOCKED', 'a read beside a locked record is answered');
quiet('its own');


# Deletes, by ids in their uri or beside it, in slashes of any writing.

$r = composite([ inner('DELETE', "Deals?ids=$open[5],$locked[0]&wf_trigger=false"),
                 inner('DELETE', 'Deals', undef, qq(,"params":{"ids":"$locked[1],$open[4]"})),
                 qq({"uri":"\\/crm\\/v8\\/Deals\\/$open[3]","method":"\\u0044ELETE"}) ]);
is(told($r), '207 SUCCESS RECORD_LOCKED | 207 RECORD_LOCKED SUCCESS | 200 SUCCESS', 'deletes');
is((crm_writes())[0]{body}, '{"__composite_requests":[' . join(', ',
       inner('DELETE', "Deals?ids=$open[5]&wf_trigger=false"), inner('DELETE', 'Deals', undef, qq(,"params":{"ids":"$open[4]"})),
       qq({"uri":"\\/crm\\/v8\\/Deals\\/$open[3]","method":"\\u0044ELETE"})) . ']}', 'locked ids are cut out');
is_deeply([ jobs() ], [ "Deals/$open[4]", "Deals/$open[3]" ], 'wf_trigger is that of its own request');

$r = composite([ qq({"uri":"\\/crm\\/v8\\/Deals?ids=$open[2],$locked[0]","method":"DELETE"}) ]);
is(told($r), '400 RECORD_LOCKED', 'ids that cannot be cut out where they stand are refused together');
is(scalar(crm_writes()), 0, 'none is deleted');


# One for all.

$r = composite([ @five[0, 2] ], '"rollback_on_fail":true,');
is("$r->{status} " . json_decode($r->{body})->{data}[0]{code}, '400 RECORD_LOCKED', 'rollback_on_fail: one refuses all');
is(scalar(crm_writes()), 0, 'and none is sent');

my $refers = inner('POST', 'Notes', '{"data":[{"Parent":"\u0040{1:$.data[0].id}"}]}');
$r = composite([ $refers, $five[0] ]);
is(told($r), '201 SUCCESS | 200 SUCCESS', 'what refers to another goes on with it');
$r = composite([ $refers, $five[2] ]);
is("$r->{status} " . json_decode($r->{body})->{data}[0]{code}, '400 RECORD_LOCKED', 'and not without it');

for my $case (
    [ 'a reference where rules judge', inner('GET', 'Contacts/5'), inner('POST', 'Deals', '{"data":[{"N":"@{1:$.x}"}]}') ],
    [ 'one record twice', @five[0, 1], inner('PUT', 'Deals', qq({"data":[{"id":"$open[1]"}]})) ],
    [ 'records', inner('PUT', 'Deals', '{"data":[' . join(',', map { qq({"id":"$_"}) } 1 .. 4) . ']}'),
      inner('DELETE', 'Deals?ids=5,6,7') ],
    [ 'a header that says who asks', inner('PUT', "Contacts/5", '{}', ',"headers":{"authorization":"x"}') ],
    [ 'an override with underscores', inner('PUT', "Contacts/5", '{}', ',"headers":{"X_HTTP_METHOD":"DELETE"}') ],
    [ 'a form', inner('PUT', "Contacts/5", '{}', ',"headers":{"Content-Type":"text/plain"}') ],
    [ 'a method in params', inner('GET', 'Contacts/5', undef, ',"params":{"_METHOD":"DELETE"}') ],
    [ 'ids twice', inner('DELETE', 'Contacts?ids=5', undef, ',"params":{"ids":"6"}') ],
) {
    my ($what, @list) = @$case;

    $r = composite(\@list);
    is("$r->{status} " . json_decode($r->{body})->{code},
       $what eq 'records' ? '400 LIMIT_EXCEEDED' : '400 INVALID_DATA', "$what: all of it is refused");
    is(scalar(crm_log()), 0, "$what: the CRM hears nothing");
}

quiet('one for all');
is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();
