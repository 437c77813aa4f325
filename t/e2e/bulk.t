# Many records in one request: the refused ones are cut out, the rest is
# forwarded byte for byte, the answer holds all of them in their order, and just
# those that were written have their actions. Fails when one locked record gets
# through with the others, when one keeps the others back, or when an action
# follows from a record that was not written. T10 to T39 and F15 are rows of the
# conformance and failure tables.

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

    ok(all_ended(), "$what: no intent is left");
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

my ($traces, $refused) = ([], []);

push @{ $_->[1][1] =~ /"decision":"allowed"/ ? $traces : $refused }, $_ for @{ redis('XRANGE', key('trace'), '-', '+') };
is(@$traces, 60, 'a trace of each');
is(@$refused, 40, 'and of each that was refused');


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


# One of three is locked, all of them are, one is but for an open field.

sub put_deals { return http('PUT', '/crm/v8/Deals', @json, body => "{\"data\":[$_[0]]}") }

sub deal {
    my ($id, $fields) = @_;

    return "{\"id\":\"$id\",$fields}";
}

# What an answer says of each record: its code, and its id or where it stood.
sub told {
    return join ' ', "$_[0]{status}", map { "$_->{code}:" . ($_->{details}{json_path} || $_->{details}{id}) }
           @{ json_decode($_[0]{body})->{data} };
}

# All that the CRM was asked.
sub asked { return join ' | ', map { "$_->{method} " . $_->{target} =~ s{^/crm/v8/}{}r } crm_log() }

crm_seed('Deals', $_, '{"N":"1","Stage":"Open"}') for 1 .. 3;
crm_seed('Deals', $_, '{"N":"1","Stage":"Won","Description":"x"}') for 11 .. 13;

again();
$r = put_deals(join ',', deal(1, '"N":"2"'), deal(11, '"N":"2"'), deal(2, '"N":"2"'));

is(told($r), '207 SUCCESS:1 RECORD_LOCKED:$.data[1].id SUCCESS:2', 'T10: one of three is locked');
is_deeply(json_decode($r->{body})->{data}[1], {
    code => 'RECORD_LOCKED', status => 'error',
    message => 'Sorry, you cannot perform this operation as the record is locked.',
    details => { id => '11', json_path => '$.data[1].id', action => 'record_locking',
                 rule => 'won', event => $r->{headers}{'crm-event'},
                 reason => json_decode($r->{body})->{data}[1]{details}{reason} } },
    'T10: its item says what the vendor\'s does, and which rule it was');
is(join(' ', map { $_->{body} } crm_writes()), '{"data":[{"id":"1","N":"2"},{"id":"2","N":"2"}]}',
   'T10: the others are written');
is(asked(), 'GET Deals?ids=1,11,2 | PUT Deals', 'T10: in one write, behind one read');
is(join(' ', ids_of()), '1 2', 'T10: and they alone have their actions');

again();
$r = put_deals(join ',', map { deal($_, '"N":"3"') } 11 .. 13);

is(told($r), '400 ' . join(' ', map { "RECORD_LOCKED:\$.data[$_].id" } 0 .. 2), 'T11: all of them are locked');
is(asked(), 'GET Deals?ids=11,12,13', 'T11: they are read, not written');
is(join(' ', ids_of()), '', 'T11: and nothing follows');

again();
$r = http('PUT', '/crm/v8/Deals/11', @json, body => '{"data":[{"Description":"y"}]}');
is(told($r), '200 SUCCESS:11', 'T12: a field that the lock leaves open, alone');
is(crm_record('Deals', 11) =~ /"Description":"(.)"/ && $1, 'y', 'T12: is written');
is(asked(), 'GET Deals/11 | PUT Deals/11', 'T12: once');
is(join(' ', ids_of()), '11', 'T12: and has its actions');

again();
$r = http('PUT', '/crm/v8/Deals/11', @json, body => '{"data":[{"Description":"z","N":"4"}]}');
is(told($r), '400 RECORD_LOCKED:$.data[0].id', 'T13: it, and another that changes');
like(crm_record('Deals', 11), qr/"N":"1".*"Description":"y"/, 'T13: neither is written');
is(asked() . join(' ', ids_of()), 'GET Deals/11', 'T13: and nothing follows');

again();
$r = put_deals(join ',', deal(11, '"Description":"p"'), deal(12, '"Description":"p","N":"9"'),
               deal(13, '"Description":"p","N":"1"'));
is(told($r), '207 SUCCESS:11 RECORD_LOCKED:$.data[1].id SUCCESS:13', 'T12, T13: each of many for itself');
is(join(' ', ids_of()), '11 13', 'T12, T13: as are their actions');


# A client may ask that no rules follow a delete.

for (['?wf_trigger=false', 1, ''], ['?wf_trigger=true', 2, 2], ['', 3, 3]) {
    my ($query, $id, $jobs) = @$_;

    again();
    is(told(http('DELETE', "/crm/v8/Deals/$id$query", @json)), "200 SUCCESS:$id", "T28: a delete with '$query'");
    is(asked(), "GET Deals/$id | DELETE Deals/$id$query", 'T28: is sent once, as it came');
    is(join(' ', ids_of()), $jobs, $jobs ? 'T28: fires' : 'T28: does not fire');
}

crm_seed('Deals', $_, '{"Stage":"Open"}') for 1 .. 3;
again();
is(told(http('DELETE', '/crm/v8/Deals?wf_trigger=false&ids=1,11,2', @json)), '207 SUCCESS:1 RECORD_LOCKED:11 SUCCESS:2',
   'T28: the lock holds all the same');
is((crm_writes())[-1]{target} . join(' ', ids_of()), '/crm/v8/Deals?wf_trigger=false&ids=1,2',
   'T28: of those that are not locked nothing follows');


# More than a hundred.

for (['POST', '', '{"data":[' . join(',', ('{"N":"1"}') x 101) . ']}'],
     ['PUT', '', '{"data":[' . join(',', map { deal($_, '"N":"1"') } 1 .. 101) . ']}'],
     ['DELETE', '?ids=' . join(',', 1 .. 101)])
{
    my ($method, $query, $text) = @$_;

    again();
    $r = http($method, "/crm/v8/Deals$query", @json, defined $text ? (body => $text) : ());

    my $said = json_decode($r->{body});

    is("$r->{status} $said->{code} $said->{status}", '400 LIMIT_EXCEEDED error', "T37: $method of 101");
    is("$said->{details}{limit} $said->{details}{maximum_length}", '100 100', 'T37: says how many there may be');
    is(scalar(crm_log()) . join(' ', ids_of()), '0', 'T37: the CRM hears nothing');
}


# An id of 19 digits, above 2^53, wherever it stands; and a body that no rule
# changes, however it is written.

my $big = '5843104000000123456';

crm_seed('Deals', $big, '{"N":"1","Stage":"Open","Account":5843104000000123457}');

for (["/$big", '{"data":[{"id":5843104000000123456,"Parent":5843104000000123459}]}'],
     ["/$big", '{"data":[{"id":"5843104000000123456","N":"2","Parent":5843104000000123459}]}'],
     ['', '{"data":[{"id":5843104000000123456,"N":"3","Parent":5843104000000123459}]}'],
     ['', '{"data":[{"id":11,"N":"7"},{"id":5843104000000123456,"N":"4","Parent":5843104000000123459}]}',
      '{"data":[{"id":5843104000000123456,"N":"4","Parent":5843104000000123459}]}'])
{
    my ($path, $text, $sent) = @$_;

    again();
    $r = http('PUT', "/crm/v8/Deals$path", @json, body => $text);

    my ($job) = @{ redis('LRANGE', key('queue:webhooks'), 0, -1) };

    is((crm_writes())[-1]{body}, $sent // $text, "T38: $text goes out digit for digit");
    like($r->{body}, qr/"SUCCESS","details":\{.*"id":"$big"/, 'T38: comes back so');
    like($job, qr/"record_id":"$big".*\\"id\\":\\"$big\\".*"record":\{.*"Parent":5843104000000123459/,
         'T38: and stands so in a job');
    like($job, qr/"Account":5843104000000123457/, 'T38: as do numbers of the stored record');
}

again();
http('DELETE', "/crm/v8/Deals?ids=11,$big", @json);
is((crm_writes())[-1]{target}, "/crm/v8/Deals?ids=$big", 'T38: a delete as well');

crm_seed('Deals', 1, '{"Stage":"Open"}');

for ("\n{ \"data\" :\t[ {\"N\":\"1\" , \"Amount\":1.10e+02}\r\n] }\n",
     '{"trigger":["workflow"],"data":[{"N":"\u00e9\/\ud83d\ude00","X":[],"Y":{ },"Z":null,"T":true,"E":1E400}]}',
     "{\"data\":[{\"N\":\"\xc3\xa9\xf0\x9f\x98\x80\",\"\":\"\",\"Amount\":0.10000000000000000000001}],\"x\":-0}")
{
    again();
    is(http('PUT', '/crm/v8/Deals/1', @json, body => $_)->{status}, 200, 'T39: an update');
    is((crm_writes())[-1]{body}, $_, 'T39: goes out byte for byte');
    is(http('POST', '/crm/v8/Deals', @json, body => $_)->{status}, 201, 'T39: a create');
    is((crm_writes())[-1]{body}, $_, 'T39: goes out byte for byte');
    is((crm_writes())[-1]{header}{'content-length'}, length $_, 'T39: as long as it was');
}


# 100 of which the CRM itself refuses 40, whatever status it gives the whole.

for my $status (207, 200, 202) {
    my @there = map { $first + 1000 + $_ } grep { $_ % 5 != 1 && $_ % 5 != 3 } 0 .. 99;

    crm_seed('Deals', $_, '{"Stage":"Open"}') for @there;
    again();
    crm_fail(fault => 'status', status => $status, commit => 1, method => 'PUT') if $status != 207;
    $r = put_deals(join ',', map { deal($first + 1000 + $_, '"A":1') } 0 .. 99);
    crm_fail();

    is("$r->{status} " . join('', map { $_->{code} eq 'SUCCESS' ? 1 : 0 } @{ json_decode($r->{body})->{data} }),
       "$status " . '10101' x 20, "F15: 100 rows in a $status, 40 of which fail");
    is(join(' ', ids_of()), join(' ', @there), 'F15: actions for just the 60 others');
    is(asked(), 'GET Deals?ids=' . join(',', map { $first + 1000 + $_ } 0 .. 99) . ' | PUT Deals', 'F15: one read, one write');
    is($r->{headers}{'crm-event-state'}, undef, 'F15: nothing is in doubt');
    quiet("F15, $status");
}

done_testing();
