# The table of ways around a lock, rows 64 to 91 and 101 to 104: types and
# encodings, JSON, lengths and chunks, headers, fields, who acts. Record 1 is
# locked, 2 is not. Each row says what the request is answered and what the
# backend then has in its log, to the last line. Fails when a body that the
# backend could read differently reaches it, or a header opens the lock.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Rows;

redis_start();
crm_start();

crm_rules(<<'EOT');
kind: record_locking
module: Leads
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: Lead_Status, comparator: equal, value: Closed }
excluded_fields: [Description]
locked_for: all_profiles_except_excluded_profiles
lock_excluded_profiles: [Administrator]
restricted_actions: [update, delete]
---
kind: profile
name: Administrator
---
kind: profile
name: Standard
---
kind: user
id: "1001"
name: Ada
email: ada@example.test
profile: Administrator
---
kind: user
id: "1002"
name: Ben
email: ben@example.test
profile: Standard
EOT

crm_seed('Leads', 1, '{"Lead_Status":"Closed","Amount":5,"Items":[{"n":1}]}');
crm_seed('Leads', 2, '{"Lead_Status":"Open"}');

nginx_start(extra => 'lingering_timeout 100ms;');
wait_for { http(PUT => '/crm/v8/Leads/1', body => $Put)->{status} == 400 } 'the rules';

sub post { return bytes('POST /crm/v8/Leads', $_[0], $_[1] // $Put) }
sub typed { return post([map { ('Content-Type' => $_) } @_]) }
sub bad   { return refuse($_[0], $_[1], post([], $_[2]), '400 INVALID_DATA') }
sub fields { return put('/crm/v8/Leads/1', [], "{\"data\":[{$_[0]}]}") }


# Types and encodings.

refuse(64, 'a form', typed('application/x-www-form-urlencoded'), '415 INVALID_REQUEST');
refuse(65, $_, typed($_), '415 INVALID_REQUEST')
    for 'multipart/form-data; boundary=x', 'text/plain', 'application/json; charset=utf-16',
        'application/json; charset=utf-8; charset=utf-16', 'application/xml', ' ,application/json';
refuse(65, 'two Content-Type headers', typed('application/json', 'application/json'),
       '415 INVALID_REQUEST');
deny(65, 'no Content-Type is JSON', put('/crm/v8/Leads/1', ['Content-Type' => undef]));
refuse(66, "Content-Encoding $_", post(['Content-Encoding' => $_]), '415 INVALID_REQUEST')
    for 'gzip', 'deflate', 'br', 'identity, gzip', 'x-gzip';
refuse(66, 'two Content-Encoding headers',
       post(['Content-Encoding' => 'identity', 'Content-Encoding' => 'gzip']),
       '415 INVALID_REQUEST');
bad(67, 'a byte order mark', "\xef\xbb\xbf$Put");
bad(68, "behind the object: $_", "$Put$_") for ' garbage', '{}', ',', ']', "\0";
bad(69, $_->[0], "{\"data\":[{\"Amount\":$_->[1]}]}") for (
    ['a comment', '1/**/'], ['NaN', 'NaN'], ['single quotes', "'1'"],
    ['a trailing comma', '1,'], ['a leading zero', '01'], ['a sign', '+1'],
    ['an infinity', 'Infinity'], ['a hexadecimal', '0x10'], ['a bare point', '.5'],
);
refuse(69, "behind a record of the path: $_", put('/crm/v8/Leads/2', [], "{\"data\":[{\"Amount\":1}$_"),
       '400 INVALID_DATA') for ',]}', ',', ',}', ',{"A":1,"A":2}]}', ',01]}', ',null]}', ']]}', ']';
refuse(70, $_, typed($_), '415 INVALID_REQUEST')
    for 'application/merge-patch+json', 'application/json-patch+json', 'application/vnd.api+json';


# Sizes and shapes.

my $full = '{"data":[{"Text":"' . 'x' x (1048576 - 22) . '"}]}';

is(length $full, 1048576, 'row 71: a body of crm_max_body');
passes(71, 'at the limit', post([], $full), 201, 'POST /crm/v8/Leads');
refuse(71, 'one byte above it', post([], "$full "), '413 INVALID_DATA');
refuse(71, 'one byte above it, chunked',
       post(['Transfer-Encoding' => 'chunked'], chunked("$full ", 80000)), '413 INVALID_DATA');
deny(72, 'in chunks of one byte',
     put('/crm/v8/Leads/1', ['Transfer-Encoding' => 'chunked'], chunked($Put, 1)));
bad(73, "nesting of $_", '{"data":[{"A":' . '[' x $_ . ']' x $_ . '}]}') for 62, 2048, 2049;
bad(74, '1 MiB of {},', '{"data":[{"A":[' . '{},' x 349000 . '{}]}]}');
bad(75, '10,000 keys twice', '{"data":[{' . join(',', map { "\"$_\":0" } 1 .. 5000, 1) . '}]}');

for (['60,000 digits', '9' x 60000], ['1e400', '1e400'], ['1e-400', '1e-400'],
     ['2^63', '9223372036854775808'])
{
    my $sent = "{\"data\":[{\"Amount\":$_->[1]}]}";

    passes(76, "$_->[0] goes out as it is", post([], $sent), 201, 'POST /crm/v8/Leads');
    is((crm_writes())[-1]{body}, $sent, "row 76: $_->[0], to the byte");
}

bad(77, $_->[0], "{\"data\":[{$_->[1]}]}") for (
    ['FF', "\"A\":\"\xff\""], ['C0 AF', "\"A\":\"\xc0\xaf\""],
    ['ED A0 80', "\"A\":\"\xed\xa0\x80\""], ['a lone surrogate', '"A":"\ud800"'],
    ['a zero in a value', '"A":"\u0000"'], ['a zero in a key', '"A\u0000":1'],
);


# Lengths and chunks that nginx judges.

my $n = length $Put;

refuse($_->[0], $_->[1], bytes('PUT /crm/v8/Leads/2', $_->[2], $_->[3] // $Put), $_->[4]) for (
    [78, 'a length beside chunks', ['Content-Length' => $n, 'Transfer-Encoding' => 'chunked'],
     chunked($Put, 99), 400],
    [79, 'an unknown transfer coding', ['Transfer-Encoding' => 'xchunked'], undef, 501],
    [79, 'two codings in one header', ['Transfer-Encoding' => 'gzip, chunked'], undef, 501],
    [79, 'two headers', [map { ('Transfer-Encoding' => 'chunked') } 1, 2], chunked($Put, 99), 400],
    [80, 'two lengths', ['Content-Length' => $n, 'Content-Length' => $n + 1], undef, 400],
    [80, 'a length with a sign', ['Content-Length' => "+$n"], undef, 400],
    [80, 'a blank before the colon', ['Content-Length ' => $n], undef, 400],
    [80, 'a folded header', ['X-A' => "1\r\n 2"], undef, 400],
    [88, 'two hosts', [Host => 'a', Host => 'b'], undef, 400],
);

refuse(79, 'chunks over HTTP/1.0', bytes('PUT /crm/v8/Leads/2', ['Transfer-Encoding' => 'chunked'],
       chunked($Put, 99), version => 'HTTP/1.0'), 400);
deny(81, 'chunk extensions', put('/crm/v8/Leads/1', ['Transfer-Encoding' => 'chunked'],
     sprintf("%x;a=b;c\r\n%s\r\n0\r\n\r\n", $n, $Put)));

row(82, 'the second of two in one piece',
    bytes('PUT /crm/v8/Leads/2', [Connection => 'keep-alive'], $Put) . put('/crm/v8/Leads/1'),
    '200 SUCCESS 400 RECORD_LOCKED', 'GET /crm/v8/Leads/2', 'PUT /crm/v8/Leads/2', $Read);

deny(83, 'bare line feeds', put('/crm/v8/Leads/1') =~ s/\r\n/\n/gr);


# Headers.

passes(86, 'an upgrade to HTTP/2 in clear text', put('/crm/v8/Leads/2',
       [Connection => 'close, Upgrade, HTTP2-Settings', Upgrade => 'h2c', 'HTTP2-Settings' => 'AAMAAABk']),
       200, 'GET /crm/v8/Leads/2', 'PUT /crm/v8/Leads/2');
is(join(' ', grep { /^(?:upgrade|http2-settings)$/ } keys %{ (crm_writes())[-1]{header} }), '',
   'row 86: is not passed on');
refuse(89, $_->[0], put('/crm/v8/Leads/2', $_), '400 INVALID_DATA')
    for ['Content-Range' => 'bytes 0-5/23'], [Range => 'bytes=0-5'];

deny(90, "Connection: $_, and the user stays", put('/crm/v8/Leads/1',
     [Connection => "close, $_", 'X-CRM-User' => '1002'])) for qw(X-CRM-User Content-Length);
passes(90, 'the identity that was kept is the one that counts', put('/crm/v8/Leads/1',
       [Connection => 'close, X-CRM-User', 'X-CRM-User' => '1001'], '{"data":[{"Amount":5}]}'),
       200, $Read, 'PUT /crm/v8/Leads/1');

deny(91, 'headers that say they are ours', put('/crm/v8/Leads/1',
     ['CRM-Event' => 'X', 'CRM-Rule' => 'none', 'CRM-Lock-Bypass' => 1, 'X-Lock-Bypass' => 1]));
passes(91, 'and to the backend they are ours', put('/crm/v8/Leads/2', ['CRM-Event' => 'X',
       'CRM-Lock-Bypass' => 1]), 200, 'GET /crm/v8/Leads/2', 'PUT /crm/v8/Leads/2');

my $seen = (crm_writes())[-1]{header};

like($seen->{'crm-event'}, qr/^[0-9A-Z]{26}$/, 'row 91: CRM-Event is made by us');
ok(!exists $seen->{'crm-lock-bypass'}, 'row 91: the other is gone');


# Fields of a lock that leaves one open.

deny(101, $_->[0], fields($_->[1])) for (
    ['another field', '"Amount":6'], ['an open one and another', '"Description":"x","Amount":6'],
    ['null', '"Amount":null'], ['a field that is not there yet', '"City":"Bern"'],
    ['the open field in the other case', '"description":"x"'],
    ['a row of a subform', '"Items":[{"n":2}]'], ['a row more', '"Items":[{"n":1},{"n":2}]'],
);
passes(101, $_->[0], fields($_->[1]), '200 SUCCESS', $Read, 'PUT /crm/v8/Leads/1') for (
    ['the open field', '"Description":"x"'], ['the same value', '"Amount":5'],
    ['the same number written otherwise', '"Amount":5.0'],
    ['the open field beside the same value', '"Description":"y","Amount":5'],
    ['the same subform', '"Items":[{"n":1}]'], ['nothing', ''],
);


# Who acts.

deny(102, 'a cookie is nobody', put('/crm/v8/Leads/1', [Cookie => 'X-CRM-User=1001; user=1001']));
refuse(102, 'nor is a parameter', put('/crm/v8/Leads/1?user=1001'));
deny(102, 'another user\'s cookie', put('/crm/v8/Leads/1',
     ['X-CRM-User' => '1002', Cookie => 'X-CRM-User=1001']));
deny(102, 'a name of the other case', put('/crm/v8/Leads/1', ['X-CRM-User' => 'ADA']));
passes(102, 'who may', put('/crm/v8/Leads/1', ['X-CRM-User' => '1001',
       Cookie => 'X-CRM-User=1002'], '{"data":[{"Amount":7}]}'),
       '200 SUCCESS', $Read, 'PUT /crm/v8/Leads/1');


# Reads that are POSTed, and what nobody knows.

passes(104, 'CoQL', bytes('POST /crm/v8/coql', [], '{"select_query":"select"}'), 400,
       'POST /crm/v8/coql');
refuse(104, $_, bytes("POST $_", [], '{"query":"mutation { x }"}'), '404 INVALID_URL_PATTERN')
    for '/crm/graphql', '/crm/v8/graphql/1', '/crm/v8/Leads/1/actions/unheard_of',
        '/crm/v8/__schedule_call';

is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();
