# The table of ways around a lock, rows 1 to 45: targets, methods, parameters,
# ids. Record 1 is locked, 2 is not. Each row says what the request is answered
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
crm_seed('Leads', 2, '{"Lead_Status":"Open"}');
nginx_start();
wait_for { http(PUT => '/crm/v8/Leads/1', body => $Put)->{status} == 400 } 'the rules';


# Targets.

deny(1, 'PUT of the record', put('/crm/v8/Leads/1'));

refuse($_->[0], "$_->[1]: $_->[2]", put($_->[2])) for (
    [2, 'slashes', '//crm//v8//Leads//1'],
    [3, 'a dot segment', '/crm/./v8/Leads/1'],
    [4, 'two dots', '/x/../crm/v8/Leads/1'],
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

# Not the guarded location, in front of which stands nothing but files; or no
# request at all to nginx.

refuse($_->[0], "$_->[1]: " . $_->[2] =~ s/[\t\0]/?/gr, put($_->[2]), $_->[3]) for (
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
refuse(27, 'the override twice', bytes('POST /crm/v8/Leads/1',
       ['X-HTTP-Method-Override' => 'DELETE', 'X-HTTP-Method-Override' => 'PUT'], $Put));

passes(28, 'an override in underscores is nobody\'s',
             bytes('POST /crm/v8/Leads', ['X_HTTP_Method_Override' => 'DELETE'], $Put),
             201, 'POST /crm/v8/Leads');

ok(!grep({ /override/ } keys %{ (crm_writes())[-1]{header} }),
   'row 28: the backend does not see it');

refuse(29, 'a read with an override', bytes('GET /crm/v8/Leads/1',
       ['X-HTTP-Method-Override' => 'DELETE'], $Put));
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

is(crm_record('Leads', 1) =~ /Amount/, '', 'in the end the locked record is as it was');
is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();
