# Many records in one request: the refused ones are cut out, the rest is
# forwarded byte for byte, the answer holds all of them in their order, and just
# those that were written have their actions. Fails when one locked record gets
# through with the others, when one keeps the others back, or when an action
# follows from a record that was not written.

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
restricted_actions: [update, delete]
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
kind: webhook
name: tell
module: Deals
url: $HOOK/deal
http_method: POST
body: { type: raw, format: JSON, content: '{"id":"${!Deals.id}","n":"${!Deals.N}"}' }
EOT

nginx_start(extra => 'crm_backend_max_time 30s; proxy_read_timeout 30s;');

my @json = (headers => ['Content-Type' => 'application/json', 'X-CRM-User' => 'u1']);
my $first = 4150868000000900000;

sub ids_of { map { $_->{record_id} } map { json_decode($_) } @{ redis('LRANGE', key('queue:webhooks'), 0, -1) } }

sub quiet {
    my ($what) = @_;

    is(redis('ZCARD', key('intents')), 0, "$what: no intent is left");
    is_deeply([ grep { !/:busy:x/ } @{ redis('KEYS', key('busy:*')) } ], [], "$what: no record is leased");
}

sub again { redis('DEL', key('queue:webhooks')); crm_clear_log(); }


# 100 of which 40 are locked.

my (@items, @locked, @open);

for my $n (0 .. 99) {
    my $id = $first + $n;
    my $locked = $n % 5 == 1 || $n % 5 == 3;

    crm_seed('Deals', $id, sprintf '{"N":"%d","Stage":"%s"}', $n, $locked ? 'Won' : 'Open');
    push @{ $locked ? \@locked : \@open }, $id;
    push @items, "{\"id\" : \"$id\",  \"Amount\":$n.50}";
}

my $body = '{"data":[ ' . join(" ,\n", @items) . " ], \"trigger\":[\"workflow\"]}";
my $r = http('PUT', '/crm/v8/Deals', body => $body, @json);

is(@locked, 40, 'of 100 records 40 are locked');
is($r->{status}, 207, 'some were written, some not');

my $data = json_decode($r->{body})->{data};

is(@$data, 100, 'the answer holds all of them');
is_deeply([ map { $_->{code} } @$data ],
          [ map { my $n = $_ % 5; $n == 1 || $n == 3 ? 'RECORD_LOCKED' : 'SUCCESS' } 0 .. 99 ],
          'each at its place');
is_deeply([ map { $_->{details}{id} } grep { $_->{code} eq 'SUCCESS' } @$data ], \@open, 'with its id');
is_deeply([ map { $_->{details}{json_path} } grep { $_->{code} ne 'SUCCESS' } @$data ],
          [ map { '$.data[' . ($_ - $first) . '].id' } @locked ], 'the refused ones say where they stood');
ok($r->{headers} && $r->{headers}{'crm-event'}, 'the answer names its event');

my @writes = crm_writes();
my $sent = '{"data":[ ' . join(" ,\n", map { $items[$_ - $first] } @open) . " ], \"trigger\":[\"workflow\"]}";

is(@writes, 1, 'one write is forwarded');
$sent =~ s/^(\{"data":\[ )(.*)( \], )/$1$2$3/s;
is(length $writes[0]{body}, length $sent, 'of 60 records');
is($writes[0]{body}, $sent, 'each as it was sent, to the byte');
is_deeply([ ids_of() ], \@open, 'actions follow from just these, in their order');

my @reads = grep { $_->{method} eq 'GET' } crm_log();

is(@reads, 1, 'all have been read at once');
like($reads[0]{target}, qr{^/crm/v8/Deals\?ids=\d+(?:,\d+){99}$}, 'by their ids');
quiet('update');

my $traces = redis('XRANGE', key('trace'), '-', '+');
is(@$traces, 60, 'a trace of each');


# Changes of rules are laid in, each in its own record.

again();
$r = http('PUT', '/crm/v8/Deals', @json, body => '{"data":[{"id":"' . $open[0] . '","Amount":5},'
    . '{"id":"' . $locked[0] . '","Amount":5000},{"id":"' . $open[1] . '","Amount":5000}, {"id":"' . $open[2]
    . '","Amount":6}]}');

is($r->{status}, 207, 'changes beside a refusal');
is((crm_writes())[-1]{body}, '{"data":[{"id":"' . $open[0] . '","Amount":5},{"id":"' . $open[1]
    . '","Amount":5000,"Rating":"Hot"}, {"id":"' . $open[2] . '","Amount":6}]}', 'lie in the record they are of');


# A record that is not there is the backend's to refuse, at its place.

again();
$r = http('PUT', '/crm/v8/Deals', @json, body => '{"data":[{"id":"' . $locked[0] . '","A":1},{"id":"999","A":1},{"id":"'
    . $open[1] . '","A":1}]}');

is_deeply([ map { $_->{code} } @{ json_decode($r->{body})->{data} } ],
          [ 'RECORD_LOCKED', 'INVALID_DATA', 'SUCCESS' ], 'three answers for three records');
is(json_decode($r->{body})->{data}[1]{details}{json_path} || '$.data[1].id', '$.data[1].id', 'with the index of the client');
is_deeply([ ids_of() ], [ $open[1] ], 'and actions of the one that was written');
quiet('a missing record');


# All refused: nothing is forwarded.

again();
$r = http('PUT', '/crm/v8/Deals', @json, body => '{"data":[' . join(',', map { "{\"id\":\"$_\",\"A\":1}" } @locked[0 .. 2]) . ']}');

is($r->{status}, 400, 'all of them locked');
is_deeply([ map { $_->{code} } @{ json_decode($r->{body})->{data} } ], [ ('RECORD_LOCKED') x 3 ], 'says so of each');
is(scalar(crm_writes()), 0, 'and the CRM hears nothing');
quiet('all refused');


# Deletes: the ids are cut out of the query.

again();
$r = http('DELETE', "/crm/v8/Deals?wf_trigger=true&ids=$locked[0],$open[0],$locked[1],$open[1],$open[2],$locked[2]", @json);

is($r->{status}, 207, 'a delete of six');
is_deeply([ map { "$_->{code} $_->{details}{id}" } @{ json_decode($r->{body})->{data} } ],
          [ "RECORD_LOCKED $locked[0]", "SUCCESS $open[0]", "RECORD_LOCKED $locked[1]", "SUCCESS $open[1]",
            "SUCCESS $open[2]", "RECORD_LOCKED $locked[2]" ], 'answers in their order');
is((crm_writes())[-1]{target}, "/crm/v8/Deals?wf_trigger=true&ids=$open[0],$open[1],$open[2]", 'three are forwarded');
is_deeply([ ids_of() ], [ @open[0 .. 2] ], 'with their actions');
ok(crm_record('Deals', $locked[0]), 'a locked one is still there');
quiet('delete');

again();
$r = http('DELETE', "/crm/v8/Deals?ids=$locked[0],$locked[1]", @json);
is($r->{status}, 400, 'a delete of locked ones alone');
is(scalar(crm_writes()), 0, 'is not forwarded');


# Creates: each job has the id that the CRM gave its record.

again();
$r = http('POST', '/crm/v8/Deals', @json, body => '{"data":[{"N":"a"},{"N":"b"},{"N":"a"}]}');

is($r->{status}, 201, 'three are created');
my @made = map { $_->{details}{id} } @{ json_decode($r->{body})->{data} };
my @jobs = map { json_decode($_) } @{ redis('LRANGE', key('queue:webhooks'), 0, -1) };
is_deeply([ map { $_->{record_id} } @jobs ], \@made, 'each has its actions');
is(scalar(keys %{ { map { $_->{id} => 1 } @jobs } }), 3, 'no two jobs have one id');
is_deeply([ map { $_->{action}{body} } @jobs ],
          [ map { "{\"id\":\"$made[$_]\",\"n\":\"" . qw(a b a)[$_] . '"}' } 0 .. 2 ], 'and its own record');
is((crm_writes())[-1]{body}, '{"data":[{"N":"a"},{"N":"b"},{"N":"a"}]}', 'what nothing changes is forwarded as it came');
quiet('create');


# Twice in one request, and too many.

again();
$r = http('PUT', '/crm/v8/Deals', @json, body => '{"data":[{"id":"1","A":1},{"id":"1","A":2}]}');
is($r->{status}, 400, 'a record twice in one request');
like($r->{body}, qr/INVALID_DATA.*twice/, 'is refused');

$r = http('POST', '/crm/v8/Deals', @json, body => '{"data":[' . join(',', ('{}') x 101) . ']}');
is($r->{status}, 400, '101 records');
like($r->{body}, qr/"LIMIT_EXCEEDED"/, 'are too many');

$r = http('DELETE', '/crm/v8/Deals?ids=' . join(',', 1 .. 101), @json);
like($r->{body}, qr/"LIMIT_EXCEEDED"/, 'to delete as well');
is(scalar(crm_writes()), 0, 'nothing is forwarded');
quiet('bad input');

done_testing();
