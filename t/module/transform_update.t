# Field updates are laid into the forwarded body, and every other byte of it
# arrives as it was sent: numbers digit for digit, escapes, order, white space.
# Rules fire when they should, and only then. Fails when a body is rewritten
# instead of spliced, or when a trigger, a condition or an order is misjudged.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
use Test::More;
use Test::Nginx::Socket 'no_plan';

# One rule of the Leads that does what is given whatever the record.
sub rule {
    my ($name, $actions, %o) = @_;

    my $when = $o{when} || 'type: create_or_edit';
    my $criteria = $o{criteria} || 'null';

    return "kind: workflow_rule\nname: $name\nmodule: Leads\nstatus: "
        . ($o{status} || 'on') . "\nsequence: " . ($o{sequence} || 1000)
        . "\nexecute_when: { $when }\nconditions:\n  - criteria: $criteria\n"
        . "    instant_actions:\n"
        . join('', map { "      - { type: field_updates, $_ }\n" }
                   ref $actions ? @$actions : $actions)
        . "---\n";
}

sub set { return rule('set', [map { "field: $_->[0], value: $_->[1]" } @_]) }

our $Hot = set(['Rating', 'Hot']);

our $Never = rule('never', 'field: Rating, value: Hot',
    criteria => '{ field: Company, comparator: equal, value: Nobody }');

our $Merge = rule('merge', [
    'field: Title, value: { merge: "${!Leads.First}-${!Leads.Last|nobody} (${!Leads.Amount}) \"${!Leads.Quote}\"" }',
    'field: Copy, value: { field: Amount }',
    'field: Gone, value: { field: Missing }' ]);

our $Triggers =
    rule('a', 'field: Created, value: 1', when => 'type: create')
  . rule('b', 'field: Edited, value: 1', when => 'type: edit')
  . rule('c', 'field: Either, value: 1', when => 'type: create_or_edit')
  . rule('d', 'field: Moved, value: 1', when => 'type: field_update, details: '
      . '{ criteria: { field: Stage, comparator: equal, value: "${ANYVALUE}" } }')
  . rule('e', 'field: Won, value: 1', when => 'type: field_update, details: '
      . '{ criteria: { field: Stage, comparator: equal, value: Won } }')
  . rule('f', 'field: Both, value: 1', when => 'type: field_update, details: { match_all: true, '
      . 'criteria: { group_operator: AND, group: [ { field: Stage, comparator: equal, value: "${ANYVALUE}" },'
      . ' { field: Amount, comparator: equal, value: "${ANYVALUE}" } ] } }')
  . rule('g', 'field: One, value: 1', when => 'type: field_update, details: { match_all: false, '
      . 'criteria: { group_operator: OR, group: [ { field: Phone, comparator: equal, value: "${ANYVALUE}" },'
      . ' { field: Amount, comparator: equal, value: "${ANYVALUE}" } ] } }');

our $OnDelete = <<'YAML';
kind: workflow_rule
name: gone
module: Leads
execute_when: { type: delete }
conditions: [ { criteria: null, instant_actions: [ { type: webhooks, name: tell } ] } ]
---
kind: webhook
name: tell
module: Leads
url: http://127.0.0.1:9/gone
http_method: POST
body: { type: raw, format: JSON, content: '{"name":"${!Leads.Last}"}' }
YAML

sub create { return "POST /crm/v8/Leads\n$_[0]" }
sub update { return "PUT /crm/v8/Leads/1\n$_[0]" }
sub chunked {
    my ($body, $size) = @_;

    return join('', map { sprintf "%x\r\n%s\r\n", length, $_ }
                    unpack "(a$size)*", $body) . "0\r\n\r\n";
}

sub raw {
    my ($body, @headers) = @_;

    return join("\r\n", 'POST /crm/v8/Leads HTTP/1.1', 'Host: x', 'Connection: close',
                'Content-Type: application/json', @headers, '', '') . $body;
}

# As odd as JSON may be, and not a byte of it for us to touch.
our $Odd = "\r\n { \"x\\/y\" : [ ] ,\t\"data\"\n:\n[ {\"Last\" :\"\\u00e9\xc3\xa9\\ud83d\\ude00\","
    . "\"n\":19.99,\"e\":1E5,\"z\":0.10,\"m\":-0.0e-0,\"id19\":4150868000000624033,"
    . "\"big\":123456789012345678901234567890.000,\"o\":{\"b\":1,\"a\":[1,\t2]},\"t\" : true ,"
    . "\"u\":null,\"q\":\"\\\"\\\\\\/\\b\" } ] }\n\n ";

our $Long = '{"data":[{"Last":"' . join('', map { sprintf '%07d,', $_ } 1 .. 75000) . '"}]}';

no_long_string();
run_tests();

__DATA__

=== TEST 1: the field update is spliced in behind the last field
--- crm_rules eval: $::Hot
--- request
POST /crm/v8/Leads
{"data":[{"Last":"Doe"}]}
--- error_code: 201
--- response_headers_like
CRM-Event: [0-9A-Z]{26}
--- backend_body
{"data":[{"Last":"Doe","Rating":"Hot"}]}



=== TEST 2: every other byte arrives as it was sent
--- crm_rules eval: $::Hot
--- raw_request eval: main::raw($::Odd, 'Content-Length: ' . length $::Odd)
--- error_code: 201
--- backend_body eval: $::Odd =~ s/( \} \] \}\s+)\z/,"Rating":"Hot"$1/r
--- backend_headers eval: 'Content-Length: ' . (15 + length $::Odd)



=== TEST 3: numbers stay digit for digit
--- crm_rules eval: $::Hot
--- request
POST /crm/v8/Leads
{"data":[{"a":19.99,"b":1E5,"c":0.10,"d":4150868000000624033,"e":-0,"f":1e-7,"g":100000000000000000000.5}]}
--- error_code: 201
--- backend_body
{"data":[{"a":19.99,"b":1E5,"c":0.10,"d":4150868000000624033,"e":-0,"f":1e-7,"g":100000000000000000000.5,"Rating":"Hot"}]}



=== TEST 4: an existing field is replaced in its place
--- crm_rules eval: $::Hot
--- request
POST /crm/v8/Leads
{"data":[{"a":1, "Rating" : [ "Cold", {} ] , "b":2}]}
--- error_code: 201
--- backend_body
{"data":[{"a":1, "Rating" : "Hot" , "b":2}]}



=== TEST 5: a key in escapes is the same key, and keeps its escapes
--- crm_rules eval: $::Hot
--- request
POST /crm/v8/Leads
{"data":[{"a":1,"R\u0061t\u0069ng":"Cold","b":2}]}
--- error_code: 201
--- backend_body
{"data":[{"a":1,"R\u0061t\u0069ng":"Hot","b":2}]}



=== TEST 6: an empty record gets its field, with and without white space
--- crm_rules eval: $::Hot
--- request eval: [map { main::create($_) } '{"data":[{}]}', '{"data":[{ }]}', "{\"data\":[\n{\n}\n]}"]
--- error_code eval: [201, 201, 201]
--- check
my @got = map { $_->{body} } crm_writes();
is($got[0], '{"data":[{"Rating":"Hot"}]}', 'nothing else');
is_deeply([map { json_decode($_) } @got[1, 2]], [({ data => [{ Rating => 'Hot' }] }) x 2], 'JSON as well');



=== TEST 7: values of every type
--- crm_rules eval: main::set(['N', 'null'], ['T', 'true'], ['I', '19'], ['D', '19.99'], ['L', '[a, 2]'], ['O', '{ id: "7" }'], ['S', '"q\"\\\\é"'])
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 201
--- backend_body_like: ^\{"data":\[\{"x":1,"N":null,"T":true,"I":19,"D":19\.99,"L":\["a", ?2\],"O":\{"id": ?"7"\},"S":"q\\"\\\\(?:é|\\u00[eE]9)"\}\]\}$



=== TEST 8: a field is emptied
--- crm_rules eval: main::set(['Rating', 'null'])
--- request
POST /crm/v8/Leads
{"data":[{"Rating":"Cold"}]}
--- error_code: 201
--- backend_body
{"data":[{"Rating":null}]}



=== TEST 9: merge fields and copied fields take what the client sends
--- crm_rules eval: $::Merge
--- request
POST /crm/v8/Leads
{"data":[{"First":"Jo\u00e9","Amount":19.990,"Quote":"\"\\\n"}]}
--- error_code: 201
--- backend_body eval
'{"data":[{"First":"Jo\u00e9","Amount":19.990,"Quote":"\"\\\\\n","Title":"Jo' . "\xc3\xa9" . '-nobody (19.990) \"\"\\\\\n\"","Copy":19.990,"Gone":null}]}'



=== TEST 10: and on update what the stored record shows; what it does not is left alone
--- crm_rules eval: $::Merge
--- crm_seed
Leads/1 {"First":"Ann","Last":"Lee","Amount":1.50,"Gone":"here"}
--- request
PUT /crm/v8/Leads/1
{"data":[{"Last":"Doe"}]}
--- error_code: 200
--- backend_body
{"data":[{"Last":"Doe","Title":"Ann-Doe (1.50) \"\"","Copy":1.50}]}



=== TEST 11: of several rules on one field the last in sequence wins
--- crm_rules eval
main::rule('z', 'field: Rating, value: first', sequence => 1) . main::rule('a', 'field: Rating, value: last', sequence => 20) . main::rule('m', 'field: Rating, value: middle', sequence => 10)
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 201
--- backend_body
{"data":[{"x":1,"Rating":"last"}]}



=== TEST 12: of one sequence the last by name
--- crm_rules eval
main::rule('b', 'field: Rating, value: b') . main::rule('B', 'field: Rating, value: capital') . main::rule('a', 'field: Rating, value: a')
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 201
--- backend_body
{"data":[{"x":1,"Rating":"b"}]}



=== TEST 13: rules do not see one another's updates
--- crm_rules eval
main::rule('one', 'field: Rating, value: Hot', sequence => 1) . main::rule('two', 'field: Seen, value: true', sequence => 2, criteria => '{ field: Rating, comparator: equal, value: Hot }') . main::rule('three', 'field: Copy, value: { field: Rating }', sequence => 3)
--- request
POST /crm/v8/Leads
{"data":[{"Rating":"Cold"}]}
--- error_code: 201
--- backend_body
{"data":[{"Rating":"Hot","Copy":"Cold"}]}



=== TEST 14: a value that the record has anyway is no change
--- crm_rules eval: main::set(['Amount', '5'], ['Rating', 'Hot'])
--- crm_seed
Leads/1 {"Amount":5.0,"Rating":"Hot"}
--- request eval: [main::update('{"data":[{"x":1}]}'), main::create('{"data":[{"Rating":"Hot","Amount":5.00}]}')]
--- error_code eval: [200, 201]
--- check
is_deeply([map { $_->{body} } crm_writes()], ['{"data":[{"x":1}]}', '{"data":[{"Rating":"Hot","Amount":5.00}]}'], 'as sent');



=== TEST 15: a rule in shadow changes nothing
--- crm_rules eval: main::rule('dark', 'field: Rating, value: Hot', status => 'shadow')
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 201
--- backend_body
{"data":[{"x":1}]}
--- check
my $trace = redis('XRANGE', 'crm:{acme}:trace', '-', '+');
like($trace->[0][1][1], qr/dark/, 'but it is traced');



=== TEST 16: a rule that is off does not run
--- crm_rules eval: main::rule('off', 'field: Rating, value: Hot', status => '"off"') . main::rule('on', 'field: On, value: 1')
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 201
--- backend_body
{"data":[{"x":1,"On":1}]}



=== TEST 17: the first condition that matches counts, and no other
--- crm_rules
kind: workflow_rule
name: sizes
module: Leads
execute_when: { type: create_or_edit }
conditions:
  - criteria: { field: Amount, comparator: greater_than, value: 100 }
    instant_actions: [ { type: field_updates, field: Size, value: big } ]
  - criteria: { field: Amount, comparator: greater_than, value: 10 }
    instant_actions: [ { type: field_updates, field: Size, value: middle }, { type: field_updates, field: Two, value: 2 } ]
  - criteria: null
    instant_actions: [ { type: field_updates, field: Size, value: small } ]
--- request eval: [map { main::create("{\"data\":[{\"Amount\":$_}]}") } '100.01', 100, '"11"', 10, 'null']
--- error_code eval: [(201) x 5]
--- check
is_deeply([map { /"Amount":[^,]+,(.*)\}\]\}/ } map { $_->{body} } crm_writes()],
    ['"Size":"big"', '"Size":"middle","Two":2', '"Size":"middle","Two":2', '"Size":"small"', '"Size":"small"'], 'by size');



=== TEST 18: create fires what runs on create
--- crm_rules eval: $::Triggers
--- request
POST /crm/v8/Leads
{"data":[{"Stage":"Won","Amount":1}]}
--- error_code: 201
--- backend_body
{"data":[{"Stage":"Won","Amount":1,"Created":1,"Either":1}]}



=== TEST 19: an edit fires what runs on edit
--- crm_rules eval: $::Triggers
--- crm_seed
Leads/1 {"Stage":"New","Amount":1}
--- request
PUT /crm/v8/Leads/1
{"data":[{"Other":1}]}
--- error_code: 200
--- backend_body
{"data":[{"Other":1,"Edited":1,"Either":1}]}



=== TEST 20: a watched field that changes fires, one that does not change does not
--- crm_rules eval: $::Triggers
--- crm_seed
Leads/1 {"Stage":"New","Amount":1}
--- request
PUT /crm/v8/Leads/1
{"data":[{"Stage":"Open","Amount":1.0}]}
--- error_code: 200
--- backend_body
{"data":[{"Stage":"Open","Amount":1.0,"Edited":1,"Either":1,"Moved":1}]}



=== TEST 21: a watched value fires when it is reached
--- crm_rules eval: $::Triggers
--- crm_seed
Leads/1 {"Stage":"New","Amount":1}
--- request
PUT /crm/v8/Leads/1
{"data":[{"Stage":"Won"}]}
--- error_code: 200
--- backend_body
{"data":[{"Stage":"Won","Edited":1,"Either":1,"Moved":1,"Won":1}]}



=== TEST 22: match_all wants all of them to change, else one is enough
--- crm_rules eval: $::Triggers
--- crm_seed
Leads/1 {"Stage":"New","Amount":1}
--- request
PUT /crm/v8/Leads/1
{"data":[{"Stage":"Open","Amount":2}]}
--- error_code: 200
--- backend_body
{"data":[{"Stage":"Open","Amount":2,"Edited":1,"Either":1,"Moved":1,"Both":1,"One":1}]}



=== TEST 23: an edit that changes nothing fires nothing
--- crm_rules eval: $::Triggers
--- crm_seed
Leads/1 {"Stage":"New","Amount":1,"Empty":null}
--- request
PUT /crm/v8/Leads/1
{"data":[{"Stage":"New","Amount":1.00,"Empty":null}]}
--- error_code: 200
--- backend_body
{"data":[{"Stage":"New","Amount":1.00,"Empty":null}]}



=== TEST 24: a delete fires what runs on delete, with the record as it was
--- crm_rules eval: $::OnDelete
--- crm_seed
Leads/1 {"Last":"Doe"}
--- request
DELETE /crm/v8/Leads/1
--- error_code: 200
--- redis_check
LLEN crm:{acme}:queue:webhooks => 1
--- check
my $job = json_decode(redis('LINDEX', 'crm:{acme}:queue:webhooks', 0));
is($job->{action}{body}, '{"name":"Doe"}', 'rendered from the before-image');
is($job->{record_id}, '1', 'of that record');



=== TEST 25: wf_trigger=false keeps rules from running, true does not
--- crm_rules eval: $::OnDelete
--- crm_seed
Leads/1 {"Last":"Doe"}
Leads/2 {"Last":"Lee"}
--- request eval: ['DELETE /crm/v8/Leads/1?wf_trigger=false', 'DELETE /crm/v8/Leads/2?wf_trigger=true']
--- error_code eval: [200, 200]
--- check
is(redis('LLEN', 'crm:{acme}:queue:webhooks'), 1, 'one job');
is(json_decode(redis('LINDEX', 'crm:{acme}:queue:webhooks', 0))->{record_id}, '2', 'of the second');



=== TEST 26: trigger says whether workflow rules run
--- crm_rules eval: $::Hot
--- request eval
[map { main::create("{\"data\":[{\"x\":1}]$_}") } '', ',"trigger":null', ',"trigger":["workflow"]',
',"trigger":["approval","workflow"]', ',"trigger":["w\u006frkflow"]', ',"trigger":[]', ',"trigger":["approval"]',
',"trigger":["blueprint"]']
--- error_code eval: [(201) x 8]
--- check
is(join(' ', map { $_->{body} =~ /Hot/ ? 1 : 0 } crm_writes()), '1 1 1 1 1 0 0 0', 'as asked');



=== TEST 27: trigger in front of data counts as well
--- crm_rules eval: $::Hot
--- request
POST /crm/v8/Leads
{"trigger":[],"data":[{"x":1}]}
--- error_code: 201
--- backend_body
{"trigger":[],"data":[{"x":1}]}



=== TEST 28: a rule without repeat runs once a record
--- crm_rules eval: main::rule('once', 'field: Rating, value: Hot', when => 'type: create_or_edit, details: { repeat: false }')
--- crm_seed
Leads/1 {"Rating":"Cold"}
Leads/2 {"Rating":"Cold"}
--- request eval
[main::update('{"data":[{"x":1}]}'), main::update('{"data":[{"x":2,"Rating":"Cold"}]}'),
"PUT /crm/v8/Leads/2\n{\"data\":[{\"x\":3}]}"]
--- error_code eval: [200, 200, 200]
--- check
is(join(' ', map { $_->{body} =~ /Hot/ ? 1 : 0 } crm_writes()), '1 0 1', 'once for each record');
--- redis_check
HGET crm:{acme}:record:Leads/1 once:once => 1
HGET crm:{acme}:record:Leads/2 once:once => 1



=== TEST 29: a create counts as the one run
--- crm_rules eval: main::rule('once', 'field: Rating, value: Hot', when => 'type: create_or_edit, details: { repeat: false }')
--- request eval
[main::create('{"data":[{"x":1}]}'), "PUT /crm/v8/Leads/4150868000624000001\n{\"data\":[{\"Rating\":\"Cold\"}]}"]
--- error_code eval: [201, 200]
--- check
is(join(' ', map { $_->{body} =~ /Hot/ ? 1 : 0 } crm_writes()), '1 0', 'once');



=== TEST 30: a write that the backend refuses does not count as the one run
--- crm_rules eval: main::rule('once', 'field: Rating, value: Hot', when => 'type: create_or_edit, details: { repeat: false }')
--- crm_seed
Leads/1 {"Rating":"Cold"}
--- crm_fail: fault=status status=400 method=PUT times=1
--- request eval: [main::update('{"data":[{"x":1}]}'), main::update('{"data":[{"x":2}]}')]
--- error_code eval: [400, 200]
--- check
is(join(' ', map { $_->{body} =~ /Hot/ ? 1 : 0 } crm_writes()), '1 1', 'it runs again');



=== TEST 31: a body that no rule changes arrives byte for byte
--- crm_rules eval: $::Never
--- raw_request eval: main::raw($::Odd, 'Content-Length: ' . length $::Odd)
--- error_code: 201
--- backend_body eval: $::Odd
--- backend_headers eval: 'Content-Length: ' . length $::Odd



=== TEST 32: also in chunks of one byte
--- crm_rules eval: $::Never
--- raw_request eval: main::raw(main::chunked($::Odd, 1), 'Transfer-Encoding: chunked')
--- error_code: 201
--- backend_body eval: $::Odd



=== TEST 33: also 600 KB with a length
--- crm_rules eval: $::Never
--- raw_request eval: main::raw($::Long, 'Content-Length: ' . length $::Long)
--- error_code: 201
--- backend_body eval: $::Long



=== TEST 34: also 600 KB in chunks, spooled to a temporary file
--- crm_rules eval: $::Never
--- raw_request eval: main::raw(main::chunked($::Long, 7001), 'Transfer-Encoding: chunked')
--- error_code: 201
--- error_log: a client request body is buffered to a temporary file
--- backend_body eval: $::Long



=== TEST 35: also 600 KB in memory
--- crm_rules eval: $::Never
--- crm_extra
client_body_buffer_size 1m;
--- raw_request eval: main::raw(main::chunked($::Long, 70001), 'Transfer-Encoding: chunked')
--- error_code: 201
--- no_error_log: a client request body is buffered to a temporary file
--- backend_body eval: $::Long



=== TEST 36: also with proxy_request_buffering off
--- crm_rules eval: $::Never
--- crm_extra
proxy_http_version 1.1;
proxy_request_buffering off;
--- raw_request eval: main::raw(main::chunked($::Long, 7001), 'Transfer-Encoding: chunked')
--- error_code: 201
--- backend_body eval: $::Long



=== TEST 37: also behind Expect: 100-continue
--- crm_rules eval: $::Never
--- raw_request eval
[main::raw('', 'Expect: 100-continue', 'Content-Length: ' . length $::Long), { value => $::Long, delay_before => 0.05 }]
--- error_code: 201
--- backend_body eval: $::Long
--- backend_headers
!Expect



=== TEST 38: a changed body is 600 KB in chunks all the same
--- crm_rules eval: $::Hot
--- raw_request eval: main::raw(main::chunked($::Long, 7001), 'Transfer-Encoding: chunked')
--- error_code: 201
--- backend_body eval: $::Long =~ s/\}\]\}$/,"Rating":"Hot"}]}/r
--- backend_headers eval: "!Transfer-Encoding\nContent-Length: " . (15 + length $::Long)



=== TEST 39: a changed body goes out whole with proxy_request_buffering off
--- crm_rules eval: $::Hot
--- crm_extra
proxy_http_version 1.1;
proxy_request_buffering off;
--- raw_request eval: main::raw(main::chunked($::Long, 7001), 'Transfer-Encoding: chunked')
--- error_code: 201
--- backend_body eval: $::Long =~ s/\}\]\}$/,"Rating":"Hot"}]}/r



=== TEST 40: digests of a body that is changed are dropped
--- crm_rules eval: $::Hot
--- more_headers
Content-MD5: a
Digest: b
Content-Digest: c
Repr-Digest: d
X-Other: e
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 201
--- backend_headers
!Content-MD5
!Digest
!Content-Digest
!Repr-Digest
X-Other: e



=== TEST 41: digests of a body that is not changed stay
--- crm_rules eval: $::Never
--- more_headers
Content-MD5: a
Digest: b
Content-Digest: c
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 201
--- backend_headers
Content-MD5: a
Digest: b
Content-Digest: c



=== TEST 42: the event's id goes to the backend, as a key against doing it twice too
--- crm_rules eval: $::Never
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 201
--- backend_headers_like
CRM-Event: [0-9A-Z]{26}
Idempotency-Key: [0-9A-Z]{26}
Accept-Encoding: identity
--- check
my $h = (crm_writes())[-1]{header};
is($h->{'crm-event'}, $h->{'idempotency-key'}, 'one id');



=== TEST 43: a client's own Idempotency-Key stays
--- crm_rules eval: $::Never
--- more_headers
Idempotency-Key: mine
Accept-Encoding: gzip, br
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 201
--- backend_headers
Idempotency-Key: mine
Accept-Encoding: identity



=== TEST 44: the client's own CRM headers are stripped
--- crm_rules eval: $::Never
--- http_config
underscores_in_headers on;
--- more_headers
CRM-Event: 01AAAAAAAAAAAAAAAAAAAAAAAA
CRM-Anything: x
CRM_Any: x
CRMX: stays
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 201
--- backend_headers
!CRM-Anything
!CRM_Any
CRMX: stays
--- check
my $h = (crm_writes())[-1];
is(scalar(grep { lc $_->[0] eq 'crm-event' } @{ $h->{headers} }), 1, 'one CRM-Event');
isnt($h->{header}{'crm-event'}, '01AAAAAAAAAAAAAAAAAAAAAAAA', 'and it is ours');



=== TEST 45: stripped too where nothing is judged
--- crm_rules eval: $::Never
--- more_headers
CRM-Anything: forged
CRM-Event: forged
--- request eval: ["POST /crm/v8/Deals\n{\"data\":[{}]}", 'GET /crm/v8/Leads']
--- error_code eval: [201, 204]
--- check
is(scalar(grep { $_->{header}{'crm-anything'} || $_->{header}{'crm-event'} } crm_log()), 0, 'none');



=== TEST 46: many headers survive the stripping, in order
--- crm_rules eval: $::Never
--- more_headers eval
"CRM-A: 1\n" . CORE::join('', map { "X-H$_: $_\nCRM-$_: $_\n" } 1 .. 50)
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 201
--- check
my @h = grep { $_->[0] =~ /^X-H|^CRM-\d/i } @{ (crm_writes())[-1]{headers} };
is(join(' ', map { $_->[1] } @h), join(' ', 1 .. 50), 'all fifty');



=== TEST 47: updates of a stored record go through a GET that carries nothing of the write
--- crm_rules eval: $::Hot
--- crm_seed
Leads/1 {"Rating":"Cold"}
--- more_headers
Authorization: Bearer x
If-None-Match: "1"
Accept-Encoding: gzip
Content-Type: application/json
Cookie: a=b
CRM-Event: x
--- request
PUT /crm/v8/Leads/1
{"data":[{"x":1}]}
--- error_code: 200
--- check
my ($get) = grep { $_->{method} eq 'GET' } crm_log();
is($get->{target}, '/crm/v8/Leads/1', 'the record itself');
is($get->{header}{authorization}, 'Bearer x', 'as who asks');
is($get->{header}{cookie}, 'a=b', 'as who asks');
is_deeply([grep { exists $get->{header}{$_} } qw(if-none-match range accept-encoding content-type content-length transfer-encoding crm-event)], [], 'nothing else');
