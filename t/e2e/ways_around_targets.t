# The table of ways around a lock, rows 1 to 45: targets, methods, parameters,
# ids; and 84, the same over HTTP/2. Record 1 is locked, 2 is not. Each row says what the request is answered
# and what the backend then has in its log, to the last line. Fails when a
# locked record can be reached by a request that we and the backend read
# differently.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Rows;

my $big = '5843104000000123456';        # 19 digits, above 2^53

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
restricted_actions: [update, delete]
EOT

crm_seed('Leads', $_, '{"Lead_Status":"Closed"}') for 1, $big;
crm_seed('Leads', $_, '{"Lead_Status":"Open"}') for 2, 3;

my ($h2, $whole) = (free_port(), free_port());

nginx_start(
    server => "listen 127.0.0.1:$h2 http2;\n" . crm_server_config(),
    http => crm_http_config() . "server { listen 127.0.0.1:$whole;\n"
            . "underscores_in_headers on;\n" . crm_server_config('crm_bulk reject;') . '}',
);
wait_for { http(PUT => '/crm/v8/Leads/1', body => $Put)->{status} == 400 } 'the rules';


# Targets.

deny(1, 'PUT of the record', put('/crm/v8/Leads/1'));

my @paths = (
    [2, 'slashes', '//crm//v8//Leads//1'],
    [3, 'a dot segment', '/crm/./v8/Leads/1'],
    [4, 'two dots', '/x/../crm/v8/Leads/1'],
    [4, 'two dots behind the prefix', '/crm/v8/x/../Leads/1'],
    [4, 'two dots behind a free record', '/crm/v8/Leads/2/../1'],
    [4, 'two dots behind the route', '/crm/v8/Leads/2/Notes/7/../../../1'],
    [5, 'escaped dots', '/x/%2e%2e/crm/v8/Leads/1'],
    [6, 'escaped slashes', '/crm%2fv8%2fLeads%2f1'],
    [7, 'an escaped slash', '/crm/v8/Leads%2F1'],
    [9, 'escaped letters', '/%63rm/v8/Leads/%31'],
    [10, 'the module in the other case', '/crm/v8/leads/1'],
    [11, 'a slash at the end', '/crm/v8/Leads/1/'],
    [12, 'a path parameter', '/crm/v8/Leads/1;x=1'],
    [14, 'backslashes behind the prefix', '/crm/v8\Leads\1'],
    [14, 'escaped backslashes behind the prefix', '/crm/v8%5cLeads%5c1'],
    [16, 'a fragment', '/crm/v8/Leads/1#x'],
    [17, 'an escaped question mark', '/crm/v8/Leads/1%3fids=2'],
    [18, 'an escaped hash', '/crm/v8/Leads/1%23'],
    [19, 'invalid UTF-8', '/crm/v8%c0%afLeads/1'],
    [19, 'an overlong dot', '/crm/v8/Leads/%c0%ae/1'],
    [19, 'a lone byte', '/crm/v8/Leads/1%ff'],
    [19, 'a raw byte', "/crm/v8/Leads/1\xff"],
    [23, 'a parameter without value', '/crm/v8/Leads/1?a'],
    [24, 'a leading zero', '/crm/v8/Leads/01'],
    [24, 'a decimal', '/crm/v8/Leads/1.0'],
    [24, 'a sign', '/crm/v8/Leads/+1'],
    [24, 'a blank', '/crm/v8/Leads/%201'],
    [24, 'a full-width digit', '/crm/v8/Leads/%ef%bc%91'],
);

refuse($_->[0], "$_->[1]: $_->[2]", put($_->[2])) for @paths;

# Not the guarded location, in front of which stands nothing but files; or no
# request at all to nginx.

my @elsewhere = (
    [8, 'escaped twice', '/crm%252fv8/Leads/1', 405],
    [10, 'all in the other case', '/CRM/V8/leads/1', 405],
    [13, 'a path parameter of the prefix', '/crm;x/v8/Leads/1', 405],
    [14, 'backslashes', '/crm\v8\Leads\1', 405],
    [14, 'escaped backslashes', '/crm%5cv8%5cLeads%5c1', 405],
    [15, 'an escaped zero', '/crm/v8/Leads/1%00x', 400],
    [15, 'a tab', "/crm/v8/Leads/1\tx", 400],
    [15, 'a blank', '/crm/v8/Leads/1 x', 400],
    [15, 'a zero', "/crm/v8/Leads/1\0", 400],
    [21, 'above the root', '/../../crm/v8/Leads/1', 400],
);

refuse($_->[0], "$_->[1]: " . $_->[2] =~ s/[\t\0]/?/gr, put($_->[2]), $_->[3]) for @elsewhere;

deny(20, 'a target in absolute form', put('http://other/crm/v8/Leads/1'));
deny(22, "version $_", put("/crm/$_/Leads/1"), "GET /crm/$_/Leads/1")
    for qw(v2 v2.1 v3 v7 v9 v10);
refuse(22, 'a version written in another way', put('/crm/v08/Leads/1'),
       '404 INVALID_URL_PATTERN');
deny(23, 'an empty query', put('/crm/v8/Leads/1?'));


# Methods.

refuse(25, 'X-HTTP-Method-Override on a POST',
       bytes('POST /crm/v8/Leads/1', ['X-HTTP-Method-Override' => 'PUT'], $Put));
refuse(26, "$_ on a POST", bytes('POST /crm/v8/Leads', [$_ => 'PUT'], $Put))
    for qw(X-HTTP-Method X-Method-Override x-http-METHOD-override);
refuse(26, "a parameter $_", bytes("POST /crm/v8/Leads?$_=PUT", [], $Put))
    for qw(_method _METHOD %5fmethod);
refuse(26, '_method in a form', bytes('POST /crm/v8/Leads',
       ['Content-Type' => 'application/x-www-form-urlencoded'], '_method=PUT'),
       '415 INVALID_REQUEST');
refuse(26, "_method in a form, to $_", bytes("POST /crm/v8/Leads/2/$_",
       ['Content-Type' => 'Application/X-WWW-Form-URLencoded; charset=utf-8'], '_method=DELETE'),
       '415 INVALID_REQUEST') for qw(photo Notes actions/share);
refuse(27, 'the override twice', bytes('POST /crm/v8/Leads/1',
       ['X-HTTP-Method-Override' => 'DELETE', 'X-HTTP-Method-Override' => 'PUT'], $Put));

passes(28, 'an override in underscores is nobody\'s',
             bytes('POST /crm/v8/Leads', ['X_HTTP_Method_Override' => 'DELETE'], $Put),
             201, 'POST /crm/v8/Leads');

ok(!grep({ /override/ } keys %{ (crm_writes())[-1]{header} }),
   'row 28: the backend does not see it');

{
    local $Test::CRM::Rows::Port = $whole;

    refuse(28, "$_, which nginx lets through when it is told to", bytes('POST /crm/v8/Leads', [$_ => 'DELETE'], $Put))
        for qw(X_HTTP_Method_Override X_HTTP-Method x-method_override);
    refuse(45, 'X_EXTERNAL', bytes('PUT /crm/v8/Leads/EXT9', [X_EXTERNAL => 'Leads.Ext'], $Put));
}

refuse(29, 'a read with an override', bytes('GET /crm/v8/Leads/1',
       ['X-HTTP-Method-Override' => 'DELETE'], $Put));
refuse(29, 'a read with an override in the query', bytes("GET /crm/v8/Leads/1?$_=DELETE"))
    for qw(_method %5Fmethod _Method);
refuse(29, 'the same behind an escaped prefix', bytes('GET /%63rm/v8/Leads/1?_method=DELETE'));
passes(29, 'a read behind one, without it', bytes('GET /%63rm/v8/Leads/1?a=_method'), 404,
       'GET /%63rm/v8/Leads/1?a=_method');
deny(30, 'PATCH', bytes('PATCH /crm/v8/Leads/1', [], $Put));
refuse(30, $_, bytes("$_ /crm/v8/Leads/1", [], $Put), '404 INVALID_URL_PATTERN')
    for qw(MOVE COPY PROPPATCH FOO);
refuse(31, $_->[0], bytes("$_->[0] /crm/v8/Leads/1", [], $Put), $_->[1])
    for [put => 400], [PuT => 400], [TRACE => 405], [CONNECT => 405];
deny(32, 'HTTP/1.0 without a host', bytes('PUT /crm/v8/Leads/1', [Host => undef],
     $Put, version => 'HTTP/1.0'));

crm_clear_log();
http_raw("DELETE /crm/v8/Leads/1\r\n", timeout => 5);
is(scalar(() = crm_writes()), 0, 'row 32: HTTP/0.9 writes nothing');


# Lists of ids, in the query.

sub remove { return bytes("DELETE /crm/v8/Leads$_[0]") }

sub some {
    my ($number, $what, $request, $status, $codes, @log) = @_;

    my ($r) = row($number, $what, $request, $status, @log);

    is(join(' ', map { ($_->{details}{id} || $_->{details}{json_path}) . ":$_->{code}" } @{ json_decode($r->{body})->{data} }),
       $codes, "row $number: $what, one by one");
}

deny(33, 'one that is locked', remove('?ids=1'), $Read);
deny(33, 'all that are named are locked', remove("?ids=1,$big"), "GET /crm/v8/Leads?ids=1,$big");
some(33, 'one of two is locked', remove('?ids=3,1'), 207, '3:SUCCESS 1:RECORD_LOCKED',
     'GET /crm/v8/Leads?ids=3,1', 'DELETE /crm/v8/Leads?ids=3');
refuse($_->[0], "$_->[1]: $_->[2]" =~ s/\0/?/gr, remove($_->[2])) for (
    [34, 'ids twice', '?ids=2&ids=1'], [34, 'the same ids twice', '?ids=2&ids=2'],
    [35, 'ids escaped', '?%69ds=1'], [35, 'ids, and escaped once more', '?ids=2&%69ds=1'],
    [36, 'ids in the other case', '?IDS=1'], [36, 'both cases', '?ids=2&IDS=1'],
    [37, 'ids[]', '?ids[]=1'], [37, 'behind a semicolon', '?x=1;ids=1'],
    [37, 'behind another list', '?ids=2;ids=1'], [37, 'an escaped comma', '?ids=2%2C1'],
    [37, 'an escaped blank', '?ids=%201'], [37, 'a plus', '?ids=+1'],
    [37, 'an escaped zero', '?ids=1%00'], [37, 'a list in a value', '?ids=[2,1]'],
    [37, 'an empty one', '?ids=2,,1'], [37, 'a leading zero', '?ids=2,01'],
    [38, 'an empty list', '?ids='], [38, 'a name alone', '?ids'],
);
refuse(38, "no ids: $_->[0]", remove($_->[0]), $_->[1])
    for ['', '404 INVALID_URL_PATTERN'], ['?', '404 INVALID_URL_PATTERN'],
        ['?wf_trigger=true', '404 INVALID_URL_PATTERN'];
refuse(37, 'a list in the path', bytes('DELETE /crm/v8/Leads/2,1'));
refuse(37, 'ids of a record beside its path', remove('/2?ids=1'));
refuse(37, 'a list in a body', bytes('DELETE /crm/v8/Leads?ids=2', [], '{"ids":["1"]}'),
       '400 INVALID_DATA');


# Lists of ids, in the body.

my $two = '{"data":[{"id":"2","Amount":1},{"id":"1","Amount":2}]}';

some(39, 'one of two is locked', put('/crm/v8/Leads', [], $two), 207,
     '2:SUCCESS 1:RECORD_LOCKED', 'GET /crm/v8/Leads?ids=2,1', 'PUT /crm/v8/Leads');
is((crm_writes())[-1]{body}, '{"data":[{"id":"2","Amount":1}]}', 'row 39: what is forwarded has no other');

{
    local $Test::CRM::Rows::Port = $whole;

    deny(39, 'crm_bulk reject: the whole', put('/crm/v8/Leads', [], $two), 'GET /crm/v8/Leads?ids=2,1');
    deny(33, 'crm_bulk reject: the whole', remove('?ids=2,1'), 'GET /crm/v8/Leads?ids=2,1');
}


# Ids.

sub named { return "{\"data\":[{\"id\":$_[0],\"Amount\":1}]}" }

for my $id ('1.0', '1e0', '"1.0"', '"01"', 'null', '[1]', '{"id":1}', '"1 "') {
    refuse(40, "path 1, body $id", put('/crm/v8/Leads/1', [], named($id)),
           '400 INVALID_DATA');
}

deny(40, "path and body $_", put('/crm/v8/Leads/1', [], named($_)))
    for 1, '"1"', '"\u0031"';
deny(40, 'an id of 19 digits', put("/crm/v8/Leads/$big", [], named($big)),
     "GET /crm/v8/Leads/$big");
refuse(40, 'its neighbour, the same as a double',
       put("/crm/v8/Leads/$big", [], named('5843104000000123457')),
       '400 INVALID_DATA');

refuse($_->[0], $_->[1], put('/crm/v8/Leads/2', [], $_->[2]), '400 INVALID_DATA') for (
    [41, 'the id twice', '{"data":[{"id":"2","id":"1"}]}'],
    [42, 'the id twice, once escaped', '{"data":[{"id":"2","\u0069d":"1"}]}'],
    [43, 'data twice', '{"data":[{"A":1}],"data":[{"id":"1"}]}'],
    [43, 'data twice, once escaped', '{"data":[{"A":1}],"d\u0061ta":[{"id":"1"}]}'],
    [43, 'data an object', '{"data":{"id":"1","A":1}}'],
    [43, 'data in data', '{"data":[{"data":[{"id":"1"}]}]}'],
    [43, 'data a list of lists', '{"data":[[{"id":"1"}]]}'],
    [44, 'path 2, body 1', '{"data":[{"id":"1","A":1}]}'],
);

refuse(45, "an external id, $_", bytes("$_ /crm/v8/Leads/EXT9",
       ['X-EXTERNAL' => 'Leads.Ext'], $_ eq 'PUT' ? $Put : undef)) for qw(PUT DELETE);

# All of that over HTTP/2. What nginx refuses itself it answers or resets; its
# client may be told of the guarded location's refusal or of nginx' own.

sub fields {
    my ($method, $path, @more) = @_;

    return [':method' => $method, ':scheme' => 'http', ':path' => $path, ':authority' => 'x', @more];
}

sub h2 {
    my ($what, $fields, $answer, @log) = @_;

    return row_h2(84, $what, $h2, $fields, $answer, \@log);
}

h2('DELETE of the record', fields(DELETE => '/crm/v8/Leads/1'), '400 RECORD_LOCKED', $Read);
h2("$_->[1]: $_->[2]" =~ s/[^ -~]/?/gr, fields(DELETE => $_->[2]),
   $_->[0] == 38 ? '404 INVALID_URL_PATTERN' : '400 INVALID_URL_PATTERN')
    for @paths, [34, 'ids twice', '/crm/v8/Leads?ids=2&ids=1'], [35, 'ids escaped', '/crm/v8/Leads?%69ds=1'],
        [38, 'no ids', '/crm/v8/Leads'];
h2("$_->[1]: $_->[2]" =~ s/[^ -~]/?/gr, fields(DELETE => $_->[2]), $_->[3] == 400 ? 'refused' : $_->[3])
    for @elsewhere;
h2("version $_", fields(DELETE => "/crm/$_/Leads/1"), '400 RECORD_LOCKED', "GET /crm/$_/Leads/1")
    for qw(v2 v2.1 v10);

my @json = ('content-type' => 'application/json');

h2($_->[0], $_->[1], $_->[2]) for (
    ['a target in absolute form', fields(DELETE => 'http://other/crm/v8/Leads/1'), 'refused'],
    ['two paths', fields(DELETE => '/crm/v8/Leads/2', ':path' => '/crm/v8/Leads/1'), 'refused'],
    ['two methods', fields(GET => '/crm/v8/Leads/1', ':method' => 'DELETE'), 'refused'],
    ['no path', [':method' => 'DELETE', ':scheme' => 'http', ':authority' => 'x'], 'refused'],
    ['an empty path', fields(DELETE => ''), 'refused'],
    ['a path without a slash', fields(DELETE => 'crm/v8/Leads/1'), 'refused'],
    ['an unknown pseudo-header', fields(DELETE => '/crm/v8/Leads/1', ':id' => '2'), 'refused'],
    ['a name in capitals', fields(DELETE => '/crm/v8/Leads/1', 'X-A' => '1'), 'refused'],
    ['a name with a line in it', fields(DELETE => '/crm/v8/Leads/1', "x-a\r\nx-b" => '1'), 'refused'],
    ['a value with a line in it', fields(DELETE => '/crm/v8/Leads/1', 'x-a' => "1\r\nx-b: 2"), 'refused'],
    ['a method in small letters', fields(delete => '/crm/v8/Leads/1'), 'refused'],
    ['a method of two words', fields('DELETE /crm/v8/Leads/1 HTTP/1.1' => '/crm/v8/Leads/2'), 'refused'],
    ['an override', fields(POST => '/crm/v8/Leads/1', 'x-http-method-override' => 'PUT'),
     '400 INVALID_URL_PATTERN'],
);
h2('a host beside the authority', fields(DELETE => '/crm/v8/Leads/1', host => 'y'), 'refused');

# A body that is longer or shorter than it says, that comes behind the end, or in
# pieces.
row_h2(84, $_->[0], $h2, fields(PUT => '/crm/v8/Leads/' . $_->[1], @json, @{ $_->[2] }), $_->[3], $_->[4], @{ $_->[5] })
    for (
        ['a body', 1, [], '400 RECORD_LOCKED', [$Read], [body => $Put]],
        ['in pieces', 1, [], '400 RECORD_LOCKED', [$Read], [body => [split //, $Put]]],
        ['longer than it says', 2, ['content-length' => 5], 'refused', [], [body => $Put]],
        ['shorter than it says', 2, ['content-length' => 99], 'refused', [], [body => $Put]],
        ['behind the end', 2, [], '400 INVALID_DATA', [], [late => $Put]],
        ['two lengths', 2, ['content-length' => length $Put, 'content-length' => 5], 'refused', [],
         [body => $Put]],
    );


is(crm_record('Leads', 1) =~ /Amount/, '', 'in the end the locked record is as it was');
is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();
