# Bad input gets an answer that says what is wrong and where, and the backend
# hears nothing of it. Fails when something that a backend might read in
# another way than we do slips through, or when the answer is a crash.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
use Test::Nginx::Socket 'no_plan';

our $Rules = <<'YAML';
kind: workflow_rule
name: rate
module: Leads
execute_when: { type: create_or_edit }
conditions:
  - criteria: null
    instant_actions: [ { type: field_updates, field: Rating, value: Hot } ]
---
kind: record_locking
module: Leads
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: Lead_Status, comparator: equal, value: Closed }
YAML

# What each request answers, as one regular expression.
sub refusal {
    my ($code, %o) = @_;

    my $at = join ',', map { "\"$_\":" . ($_ eq 'offset' ? $o{$_} : "\"$o{$_}\"") }
             grep { defined $o{$_} } qw(json_path offset reason);

    $at = "(?:\"json_path\":\"[^\"]+\",)?$at" unless $o{json_path};

    return "^\\{\"code\":\"$code\",\"details\":\\{$at,\"event\":\"[0-9A-Z]{26}\"\\},"
           . "\"message\":\"[^\"]+\",\"status\":\"error\"\\}\$";
}

sub create  { return "POST /crm/v8/Leads\n$_[0]" }
sub chunked {
    my ($body, $size) = @_;

    return join('', map { sprintf "%x\r\n%s\r\n", length, $_ }
                    unpack "(a$size)*", $body) . "0\r\n\r\n";
}

sub utf16   { return join "\0", split //, $_[0] }
sub keys_of { return '{"data":[{' . join(',', map { "\"$_\":0" } 1 .. $_[0]) . '}]}' }

# [body, offset, reason]
our @Malformed = (
    ['{"data":[{"A":1}]',        17, 'expected .*, but the text ends'],
    ['{"data":[{"A":}]}',        14, 'expected a value, not \}'],
    ['{"data":[{"A":1,}]}',      16, 'expected a name in double quotes, not \}'],
    ['{"data":[{A:1}]}',         10, 'expected a name in double quotes, not A'],
    ["{'data':[{}]}",             1, 'expected a name in double quotes, not .'],
    ['{"data":[{"A":"x}]}',      19, 'a string is not closed'],
    ['{"data":[{"A":01}]}',      14, 'a number must not begin with a zero'],
    ['{"data":[{"A":+1}]}',      14, 'expected a value, not \+'],
    ['{"data":[{"A":1.}]}',      16, 'a number needs a digit here'],
    ['{"data":[{"A":1e}]}',      16, 'an exponent needs a digit here'],
    ['{"data":[{"A":NaN}]}',     14, 'expected a value, not N'],
    ['{"data":[{"A":TRUE}]}',    14, 'expected a value, not T'],
    ['{"data":[{"A":1}] /* */}', 18, 'expected .*, not /'],
    ['{"data":[{"A":"a\x01"}]}', 16, 'a control character in a string must be escaped',
                                     "\x01"],
    ['{"data":[{"A":"\q"}]}',    15, 'a backslash must begin one of .*'],
    ['{"data":[{"A":"\u12"}]}',  15, '\\\\\\\\u needs four hexadecimal digits'],
    ['{"data":[{"A":1}]} {}',    19, 'expected the end of the text, not \{'],
    ['{"data":[{"A":1}]}{}',     18, 'expected the end of the text, not \{'],
    ['{"data":[{"A":1}]}x',      18, 'expected the end of the text, not x'],
);
$_->[0] =~ s/\\x01/\x01/ for @Malformed;

our @Envelope = (
    ['{}',                               '\$',            0,  'the body must have .*data.*'],
    ['[{"A":1}]',                        '\$',            0,  'the body must be an object .*'],
    ['"data"',                           '\$',            0,  'the body must be an object .*'],
    ['{"Data":[{"A":1}]}',               '\$',            0,  'the body must have .*data.*'],
    ['{"data":{"A":1}}',                 '\$\.data',      8,  'data must be an array .*'],
    ['{"data":null}',                    '\$\.data',      8,  'data must be an array .*'],
    ['{"data":[]}',                      '\$\.data',      8,  'data must hold a record.*'],
    ['{"data":[1]}',                     '\$\.data\[0\]', 9,  'a record must be an object'],
    ['{"data":[[{"A":1}]]}',             '\$\.data\[0\]', 9,  'a record must be an object'],
    ['{"data":[{"A":1}],"data":[{}]}',   '\$\.data',      18, 'duplicate key .*data.*'],
    ['{"data":[{"A":1}],"d\u0061ta":1}', '\$\.data',      18, 'duplicate key .*data.*'],
    ['{"data":[{"data":[{"A":1}]}]}',    '\$\.data\[0\]\.data', 17, '.*must not hold records.*'],
    ['{"data":[{"A":1}],"trigger":"workflow"}', '\$\.trigger', 28, 'trigger must be an array .*'],
    ['{"data":[{"A":1}],"trigger":[1]}', '\$\.trigger',   29, 'trigger must be an array .*'],
    ['{"data":[{"id":"1","A":1}]}',      '\$\.data\[0\]\.id', 15, '.*must not name an id'],
    ['',                                 undef,           0,  'expected .*, but the text ends'],
);

our @Twice = (
    ['{"data":[{"Stage":1,"Stage":2}]}',                     20, 'Stage'],
    ['{"data":[{"St\u0061ge":1,"Stage":2}]}',                25, 'Stage'],
    ['{"data":[{"Stage":1,"\u0053\u0074\u0061\u0067\u0065":2}]}', 20, '[^"]*'],
    ['{"data":[{"A":{"B":{"x":1,"\u0078":2}}}]}',            26, '[^"]*'],
    ['{"data":[{"A":1}],"x":1,"x":2}',                       24, 'x'],
    ['{"data":[{"A":1}],"x":[{"y":1,"y":1}]}',               30, 'y'],
    ['{"data":[{"a\/b":1,"a/b":2}]}',                        19, 'a/b'],
    ['{"data":[{"\ud83d\ude00":1,"' . "\xf0\x9f\x98\x80" . '":2}]}', 27, '[^"]*'],
);

our @Bytes = (
    ["{\"data\":[{\"A\":\"\xff\"}]}",         15, 'the text is not UTF-8'],
    ["{\"data\":[{\"A\":\"\xc0\xaf\"}]}",     15, 'the text is not UTF-8'],
    ["{\"data\":[{\"A\":\"\xed\xa0\x80\"}]}", 15, 'the text is not UTF-8'],
    ["{\"data\":[{\"A\":\"caf\xe9\"}]}",      18, 'the text is not UTF-8'],
    ["{\"data\":[{\"\xf4\x90\x80\x80\":1}]}", 11, 'the text is not UTF-8'],
    ["{\"data\":[{\"A\":\"\xe2\x82\"}]}",     15, 'the text is not UTF-8'],
    ['{"data":[{"A":"\ud800"}]}',             15, 'a surrogate stands alone'],
    ['{"data":[{"A":"\udc00\ud800"}]}',       15, 'a surrogate stands alone'],
    ['{"data":[{"\ud83d":1}]}',               11, 'a surrogate stands alone'],
    ['{"data":[{"A":"a\u0000"}]}',            16, '\\\\\\\\u0000 is not allowed'],
    ['{"data":[{"a\u0000":1}]}',              12, '\\\\\\\\u0000 is not allowed'],
    ["{\"data\":[{\"A\":\"\0\"}]}",           15, 'a control character .*'],
);

our @Types = (
    'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x',
    'text/plain', 'text/json', 'application/json; charset=utf-16',
    'application/json; charset=iso-8859-1', 'application/merge-patch+json',
    'application/json-patch+json', 'application/xml', 'application/json, text/plain',
);

our @GoodTypes = (
    'application/json', 'Application/JSON', 'application/json;charset=utf-8',
    'application/json; charset="UTF-8"', 'application/json ; charset=UTF-8;',
);

# [method, path, body]: the id in the body is not the one in the path.
our @Ids = (
    '"2"', '2', '"01"', '1.0', '1e0', '"1 "', '" 1"', 'null', 'true', '["1"]',
    '{"id":"1"}', '"\u0032"',
);

no_long_string();
run_tests();

__DATA__

=== TEST 1: what is no JSON is refused with what and where
--- crm_rules eval: $::Rules
--- request eval: [map { main::create($_->[0]) } @::Malformed]
--- error_code eval: [(400) x @::Malformed]
--- response_body_like eval
[map { main::refusal('INVALID_DATA', offset => $_->[1], reason => $_->[2]) } @::Malformed]
--- response_headers_like eval
[("Content-Type: application/json\nCRM-Event: [0-9A-Z]{26}\n") x @::Malformed]
--- backend_requests: 0
--- redis_check
ZCARD crm:{acme}:intents => 0



=== TEST 2: another envelope than records in data is refused
--- crm_rules eval: $::Rules
--- request eval: [map { main::create($_->[0]) } @::Envelope]
--- error_code eval: [(400) x @::Envelope]
--- response_body_like eval
[map { main::refusal('INVALID_DATA', json_path => $_->[1], offset => $_->[2], reason => $_->[3]) } @::Envelope]
--- backend_requests: 0



=== TEST 3: a key given twice is refused, however it is written
--- crm_rules eval: $::Rules
--- request eval: [map { main::create($_->[0]) } @::Twice]
--- error_code eval: [(400) x @::Twice]
--- response_body_like eval
[map { qq("code":"INVALID_DATA".*"offset":$_->[1],"reason":"duplicate key \\\\"$_->[2]\\\\"") } @::Twice]
--- backend_requests: 0



=== TEST 4: bytes that are no text are refused
--- crm_rules eval: $::Rules
--- request eval: [map { main::create($_->[0]) } @::Bytes]
--- error_code eval: [(400) x @::Bytes]
--- response_body_like eval
[map { qq("code":"INVALID_DATA".*"offset":$_->[1],"reason":"$_->[2]") } @::Bytes]
--- backend_requests: 0



=== TEST 5: a byte order mark is refused
--- crm_rules eval: $::Rules
--- request eval: "POST /crm/v8/Leads\n\xef\xbb\xbf{\"data\":[{\"A\":1}]}"
--- error_code: 400
--- response_body_like: "code":"INVALID_DATA".*"offset":0,"reason":
--- backend_requests: 0



=== TEST 6: UTF-16 is refused
--- crm_rules eval: $::Rules
--- request eval: main::create(main::utf16('{"data":[{"A":1}]}'))
--- error_code: 400
--- response_body_like: "code":"INVALID_DATA"
--- backend_requests: 0



=== TEST 7: the wrong id is refused on update, digit for digit
--- crm_rules eval: $::Rules
--- crm_seed
Leads/1 {"Lead_Status":"Open"}
--- request eval: [map { "PUT /crm/v8/Leads/1\n{\"data\":[{\"id\":$_,\"A\":1}]}" } @::Ids]
--- error_code eval: [(400) x @::Ids]
--- response_body_like eval
[(main::refusal('INVALID_DATA', json_path => '\$\.data\[0\]\.id', offset => 15, reason => 'the id must be the one in the path, digit for digit')) x @::Ids]
--- backend_requests: 0



=== TEST 8: an id of 19 digits above 2^53 is not rounded
--- crm_rules eval: $::Rules
--- crm_seed
Leads/4150868000000624033 {"Lead_Status":"Open"}
--- request eval
["PUT /crm/v8/Leads/4150868000000624033\n{\"data\":[{\"id\":4150868000000624034,\"A\":1}]}",
"PUT /crm/v8/Leads/4150868000000624033\n{\"data\":[{\"id\":4150868000000624033,\"A\":1}]}",
"PUT /crm/v8/Leads/4150868000000624033\n{\"data\":[{\"id\":\"4150868000000624033\",\"A\":2}]}"]
--- error_code eval: [400, 200, 200]
--- backend_writes: 2



=== TEST 9: a DELETE with a body is refused
--- crm_rules eval: $::Rules
--- crm_seed
Leads/1 {"Lead_Status":"Open"}
--- request
DELETE /crm/v8/Leads/1
{"data":[{"id":"2"}]}
--- error_code: 400
--- response_body_like: "code":"INVALID_DATA".*"reason":"this request must have no body"
--- backend_requests: 0



=== TEST 10: nesting above 64 is refused at the bracket that is too deep
--- crm_rules eval: $::Rules
--- request eval: main::create('{"data":[{"A":' . '[' x 62 . ']' x 62 . '}]}')
--- error_code: 400
--- response_body_like eval: main::refusal('INVALID_DATA', offset => 75, reason => 'objects and arrays may be nested 64 deep')
--- backend_requests: 0



=== TEST 11: nesting of 64 passes
--- crm_rules eval: $::Rules
--- request eval: main::create('{"data":[{"A":' . '[' x 61 . ']' x 61 . '}]}')
--- error_code: 201
--- backend_writes: 1



=== TEST 12: a depth bomb of half a megabyte is refused
--- crm_rules eval: $::Rules
--- request eval: [main::create('[' x 500000), main::create('{"data":[{"A":' . '{"a":' x 100000)]
--- error_code eval: [400, 400]
--- response_body_like eval: [('"code":"INVALID_DATA"') x 2]
--- backend_requests: 0



=== TEST 13: a node bomb is refused by the node budget
--- crm_rules eval: $::Rules
--- request eval: main::create('{"data":[{"A":[' . '{},' x 300000 . '1]}]}')
--- error_code: 400
--- response_body_like: "code":"INVALID_DATA".*"reason":"at most 65536 values are allowed"
--- backend_requests: 0



=== TEST 14: a hundred thousand keys are refused by the node budget
--- crm_rules eval: $::Rules
--- request eval: main::create(main::keys_of(70000))
--- error_code: 400
--- response_body_like: "code":"INVALID_DATA".*"reason":"at most 65536 values are allowed"
--- backend_requests: 0



=== TEST 15: a number of many digits is passed as it stands
--- crm_rules eval: $::Rules
--- request eval: main::create('{"data":[{"A":' . '9' x 100000 . ',"B":1e400,"C":1e-400,"D":9223372036854775808}]}')
--- error_code: 201
--- backend_body eval: '{"data":[{"A":' . '9' x 100000 . ',"B":1e400,"C":1e-400,"D":9223372036854775808,"Rating":"Hot"}]}'



=== TEST 16: a body of one byte above crm_max_body is refused, with length and chunked
--- crm_rules eval: $::Rules
--- crm_extra
crm_max_body 1k;
--- more_headers eval: ["Content-Type: application/json", "Transfer-Encoding: chunked"]
--- request eval
[main::create('{"data":[{"A":"' . 'x' x 1006 . '"}]}'),
main::create(main::chunked('{"data":[{"A":"' . 'x' x 1006 . '"}]}', 100))]
--- error_code eval: [413, 413]
--- response_body_like eval
[('^\{"code":"INVALID_DATA","details":\{"reason":"the body is above crm_max_body","event":"[0-9A-Z]{26}"\},"message":"the body is too large","status":"error"\}$') x 2]
--- backend_requests: 0



=== TEST 17: a body of crm_max_body passes, with length and chunked
--- crm_rules eval: $::Rules
--- crm_extra
crm_max_body 1k;
--- more_headers eval: ["Content-Type: application/json", "Transfer-Encoding: chunked"]
--- request eval
[main::create('{"data":[{"A":"' . 'x' x 1005 . '"}]}'),
main::create(main::chunked('{"data":[{"A":"' . 'x' x 1005 . '"}]}', 100))]
--- error_code eval: [201, 201]
--- backend_writes: 2



=== TEST 18: two megabytes are above the default limit
--- crm_rules eval: $::Rules
--- request eval: main::create('{"data":[{"A":"' . 'x' x 2000000 . '"}]}')
--- error_code: 413
--- response_body_like: "code":"INVALID_DATA"
--- backend_requests: 0



=== TEST 19: a compressed body is refused
--- crm_rules eval: $::Rules
--- more_headers eval
[map { "Content-Encoding: $_" } 'gzip', 'deflate', 'br', 'identity, gzip', 'x-gzip']
--- request eval: [(main::create('{"data":[{"A":1}]}')) x 5]
--- error_code eval: [(415) x 5]
--- response_body_like eval
[('^\{"code":"INVALID_REQUEST","details":\{"reason":"the body must come without Content-Encoding","event"') x 5]
--- backend_requests: 0



=== TEST 20: Content-Encoding identity is none
--- crm_rules eval: $::Rules
--- more_headers
Content-Encoding: identity
--- request
POST /crm/v8/Leads
{"data":[{"A":1}]}
--- error_code: 201
--- backend_writes: 1



=== TEST 21: another type or charset than JSON in UTF-8 is refused
--- crm_rules eval: $::Rules
--- more_headers eval: [map { "Content-Type: $_" } @::Types]
--- request eval: [(main::create('{"data":[{"A":1}]}')) x @::Types]
--- error_code eval: [(415) x @::Types]
--- response_body_like eval
[('^\{"code":"INVALID_REQUEST","details":\{"reason":"the Content-Type must be application/json in UTF-8","event"') x @::Types]
--- backend_requests: 0



=== TEST 22: JSON is accepted as its types are written, and no type is JSON
--- crm_rules eval: $::Rules
--- more_headers eval: [(map { "Content-Type: $_" } @::GoodTypes), '']
--- request eval: [(main::create('{"data":[{"A":1}]}')) x (@::GoodTypes + 1)]
--- error_code eval: [(201) x (@::GoodTypes + 1)]
--- backend_writes eval: scalar @::GoodTypes + 1



=== TEST 23: two Content-Type headers are refused
--- crm_rules eval: $::Rules
--- more_headers
Content-Type: application/json
Content-Type: application/json
--- request
POST /crm/v8/Leads
{"data":[{"A":1}]}
--- error_code: 415
--- response_body_like: "code":"INVALID_REQUEST"
--- backend_requests: 0



=== TEST 24: two Content-Encoding headers are refused
--- crm_rules eval: $::Rules
--- more_headers
Content-Encoding: identity
Content-Encoding: gzip
--- request
POST /crm/v8/Leads
{"data":[{"A":1}]}
--- error_code: 415
--- backend_requests: 0



=== TEST 25: crm_max_depth sets the depth
--- crm_rules eval: $::Rules
--- crm_extra
crm_max_depth 4;
--- request eval: [main::create('{"data":[{"A":[[]]}]}'), main::create('{"data":[{"A":[1]}]}')]
--- error_code eval: [400, 201]
--- response_body_like eval: ['"offset":15,"reason":"objects and arrays may be nested 4 deep"', 'SUCCESS']
--- backend_writes: 1



=== TEST 26: crm_max_nodes sets the number of values
--- crm_rules eval: $::Rules
--- crm_extra
crm_max_nodes 5;
--- request eval: [main::create('{"data":[{"A":1,"B":2,"C":3}]}'), main::create('{"data":[{"A":1,"B":2}]}')]
--- error_code eval: [400, 201]
--- response_body_like eval: ['"offset":\d+,"reason":"at most 5 values are allowed"', 'SUCCESS']
--- backend_writes: 1



=== TEST 27: more records than crm_max_records are over the limit
--- crm_rules eval: $::Rules
--- crm_extra
crm_max_records 2;
--- request eval: [main::create('{"data":[{},{},{}]}'), main::create('{"data":[{},{}]}')]
--- error_code eval: [400, 201]
--- response_body_like eval: ['^\{"code":"LIMIT_EXCEEDED","details":\{"limit":2,"maximum_length":2,"json_path":"\$\.data"', 'SUCCESS.*SUCCESS']
--- backend_writes eval: [0, 1]



=== TEST 28: 101 records are over the default limit
--- crm_rules eval: $::Rules
--- request eval: main::create('{"data":[' . '{},' x 100 . '{}]}')
--- error_code: 400
--- response_body_like: "code":"LIMIT_EXCEEDED"
--- backend_requests: 0



=== TEST 29: bad input in one byte chunks is refused like any other
--- crm_rules eval: $::Rules
--- more_headers
Transfer-Encoding: chunked
--- request eval: main::create(main::chunked('{"data":[{"St\u0061ge":1,"Stage":2}]}', 1))
--- error_code: 400
--- response_body_like: "code":"INVALID_DATA".*"offset":25,"reason":"duplicate key
--- backend_requests: 0



=== TEST 30: bad input in a temporary file is refused at its byte
--- crm_rules eval: $::Rules
--- crm_extra
client_body_buffer_size 1k;
--- request eval: main::create('{"data":[{"A":"' . 'x' x 100000 . '",]}')
--- error_code: 400
--- response_body_like: "offset":100017,"reason":"expected a name in double quotes
--- backend_requests: 0



=== TEST 31: an update with a broken body takes no lease
--- crm_rules eval: $::Rules
--- crm_seed
Leads/1 {"Lead_Status":"Open"}
--- request
PUT /crm/v8/Leads/1
{"data":[{"A":1]}
--- error_code: 400
--- backend_requests: 0
--- redis_check
EXISTS crm:{acme}:busy:Leads/1 => 0
ZCARD crm:{acme}:intents => 0



=== TEST 32: after bad input the connection serves on
--- crm_rules eval: $::Rules
--- pipelined_requests eval
[main::create('{"data":[{"A":1]}'), main::create('{"data":[{"A":1}]}')]
--- error_code eval: [400, 201]
--- backend_writes: 1

