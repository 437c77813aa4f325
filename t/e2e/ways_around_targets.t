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

crm_seed('Leads', 1, '{"Lead_Status":"Closed","Ext":"EXT9"}');
crm_seed('Leads', $big, '{"Lead_Status":"Closed"}');
crm_seed('Leads', 2, '{"Lead_Status":"Open","Ext":"007","Twin":"a"}');
crm_seed('Leads', 3, '{"Lead_Status":"Open"}');
crm_seed('Tasks', 7, '{"Ext":"EXT7"}');

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


# Records by the value of a field: looked up, judged and written by their ids.

my @ext = ('X-EXTERNAL' => 'Leads.Ext');

sub look { return 'GET /crm/v8/Leads/search?fields=Ext&criteria=' . ($_[1] ? '(' : '')
                  . join('or', map { "(Ext:equals:$_)" } @_) . ($_[1] ? ')' : '') }
sub external { my $q = shift; return bytes($q, \@ext, @_) }

deny(45, "an external id of the record, $_", external("$_ /crm/v8/Leads/EXT9", $_ eq 'DELETE' ? undef : $Put),
     look('EXT9'), $Read) for qw(PUT DELETE PATCH);
deny(45, 'in another version', external('PUT /crm/v2/Leads/EXT9', $Put), look('EXT9') =~ s/v8/v2/r, $Read =~ s/v8/v2/r);
deny(45, 'among the ids', external('DELETE /crm/v8/Leads?ids=EXT9'), look('EXT9'), $Read);
deny(45, "in the body, $_", external('PUT /crm/v8/Leads', '{"data":[{' . $_ . ',"Amount":1}]}'), look('EXT9'), $Read)
    for '"Ext":"EXT9"', '"id":"EXT9"', '"\u0045xt":"\u0045XT9"';

passes(45, 'a free one is written by its id', external('PUT /crm/v8/Leads/007?', $Put), 200,
       look('007'), 'GET /crm/v8/Leads/2', 'PUT /crm/v8/Leads/2?');
is((crm_writes())[-1]{header}{'x-external'}, undef, 'row 45: and by that alone');
is((crm_writes())[-1]{body}, $Put, 'row 45: with its body as it came');

crm_seed('Leads', 3, '{"Lead_Status":"Open","Ext":"x.y-3","Twin":"a"}');
some(45, 'one of two in the body is locked',
     external('PUT /crm/v8/Leads', '{"data":[ {"Ext":"EXT9","A":1}, {"A":2, "Ext":"x.y-3"},{"id":"007"} ],"trigger":[]}'),
     207, '1:RECORD_LOCKED 3:SUCCESS 2:SUCCESS', look('EXT9', 'x.y-3', '007'), 'GET /crm/v8/Leads?ids=1,3,2', 'PUT /crm/v8/Leads');
is((crm_writes())[-1]{body}, '{"data":[ {"id":"3","A":2, "Ext":"x.y-3"},{"id":"2"} ],"trigger":[]}',
   'row 45: the others go by their ids');

some(45, 'one of two in the query is locked', external('DELETE /crm/v8/Leads?wf_trigger=true&ids=x.y-3,EXT9'),
     207, '3:SUCCESS 1:RECORD_LOCKED', look('x.y-3', 'EXT9'), 'GET /crm/v8/Leads?ids=3,1',
     'DELETE /crm/v8/Leads?wf_trigger=true&ids=3');
crm_seed('Leads', 3, '{"Lead_Status":"Open","Ext":"x.y-3","Twin":"a"}');

passes(45, 'where no rule is, it goes as it came', bytes('PUT /crm/v8/Tasks/EXT7', ['X-EXTERNAL' => 'Tasks.Ext'], $Put), 200,
       'PUT /crm/v8/Tasks/EXT7');
is((crm_writes())[-1]{header}{'x-external'}, 'Tasks.Ext', 'row 45: header and all');
passes(45, 'and a read does', external('GET /crm/v8/Leads/EXT9'), 200, 'GET /crm/v8/Leads/EXT9');

row(45, "of nobody: $_->[0]", external(@{$_}[1 .. $#$_]), '400 INVALID_DATA', $_->[0]) for (
    [look('EXT5'), 'PUT /crm/v8/Leads/EXT5', $Put], [look('ext9'), 'PUT /crm/v8/Leads/ext9', $Put],
    [look('007', 'EXT5'), 'DELETE /crm/v8/Leads?ids=007,EXT5'],
    [look('EXT5'), 'PUT /crm/v8/Leads', '{"data":[{"Ext":"EXT5"}]}'],
);
row(45, 'of an upsert', bytes('POST /crm/v8/Leads/upsert', \@ext, '{"data":[{"Ext":"EXT9","A":1}]}'), '400 RECORD_LOCKED', look('EXT9'), $Read);
row(45, 'of two records', bytes('PUT /crm/v8/Leads/a', ['X-EXTERNAL' => 'Leads.Twin'], $Put), '400 INVALID_DATA',
    'GET /crm/v8/Leads/search?fields=Twin&criteria=(Twin:equals:a)');

refuse(45, $_->[0], bytes($_->[1], $_->[2] || \@ext, $_->[3] // $Put), $_->[4] // '400 INVALID_URL_PATTERN') for (
    ['of a related list', 'PUT /crm/v8/Leads/EXT9/Notes/7', undef, '{}', '400 INVALID_URL_PATTERN'],
    ['a value in the place of an id that is created', 'POST /crm/v8/Leads', undef, '{"data":[{"id":"EXT9"}]}', '400 INVALID_DATA'],
    ['the same of an upsert', 'POST /crm/v8/Leads/upsert', undef, '{"data":[{"id":"EXT9"}]}', '400 INVALID_DATA'],
    ['of another module', 'PUT /crm/v8/Leads/EXT9', ['X-EXTERNAL' => 'Deals.Ext']],
    ['of no field', 'PUT /crm/v8/Leads/EXT9', ['X-EXTERNAL' => 'Leads.']],
    ['of the id', 'PUT /crm/v8/Leads/EXT9', ['X-EXTERNAL' => 'Leads.id']],
    ['of two fields', 'PUT /crm/v8/Leads/EXT9', ['X-EXTERNAL' => 'Leads.Ext,Deals.Ext']],
    ['twice', 'PUT /crm/v8/Leads/EXT9', [@ext, @ext]],
    ['in an escape', 'PUT /crm/v8/Leads/EXT%39'],
    ['an escape among ids', 'DELETE /crm/v8/Leads?ids=EXT%39', undef, ''],
    ['named twice', 'PUT /crm/v8/Leads', undef, '{"data":[{"id":"2","Ext":"EXT9"}]}', '400 INVALID_DATA'],
    ['not named', 'PUT /crm/v8/Leads', undef, '{"data":[{"A":1}]}', '400 INVALID_DATA'],
    ['one record twice', 'PUT /crm/v8/Leads', undef, '{"data":[{"Ext":"EXT9"},{"Ext":"EXT9"}]}', '400 INVALID_DATA'],
    ['not to be asked for', 'PUT /crm/v8/Leads', undef, '{"data":[{"Ext":"a\\\\b"}]}', '400 INVALID_DATA'],
    ['in a form', 'PUT /crm/v8/Leads', [@ext, 'Content-Type' => 'text/plain'], '{"data":[{"Ext":"EXT9"}]}', '415 INVALID_REQUEST'],
    ['no JSON', 'PUT /crm/v8/Leads', undef, '{"data":[{"Ext":"EXT9"}', '400 INVALID_DATA'],
);

crm_seed('Leads', '4150868000000999999', '{"Ext":"other"}');
crm_fail(fault => 'other', commit => 1, method => 'GET', match => '/search', times => 1);
row(45, 'the look-up is behind', external('PUT /crm/v8/Leads/007', $Put), '409 RECORD_BUSY', look('007'),
    'GET /crm/v8/Leads/4150868000000999999');

crm_fail(fault => 'status', method => 'GET', match => '/search', status => 500, times => 1);
row(45, 'nobody can tell whose it is', external('PUT /crm/v8/Leads/007', $Put), '503 INTERNAL_ERROR', look('007'));

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
