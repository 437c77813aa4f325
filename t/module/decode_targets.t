# A record has one address. Every other way to write a target, a method or a
# parameter that some backend could take for a write of a locked record is
# refused, or judged as that write. Fails when a locked record can be reached
# by a path that nginx, we and the backend read differently.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
use Test::Nginx::Socket 'no_plan';

our $Lock = <<'YAML';
kind: record_locking
module: Leads
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: Lead_Status, comparator: equal, value: Closed }
restricted_actions: [update, delete]
YAML

# 1 is locked, 2 is not.
our $Records = <<'EOT';
Leads/1 {"Lead_Status":"Closed"}
Leads/2 {"Lead_Status":"Open"}
EOT

our $Body = '{"data":[{"Amount":1}]}';

sub put    { return "PUT $_[0]\n$Body" }
sub remove { return "DELETE $_[0]" }
sub raw    { return "$_[0]\r\nHost: x\r\nConnection: close\r\nContent-Length: 23\r\n\r\n$Body" }

# Written as no write may be: 400, whatever stands behind.
our @NotCanonical = (
    '//crm//v8//Leads//1', '/crm//v8/Leads/1', '/crm/v8//Leads/1',
    '/crm/./v8/Leads/1', '/crm/v8/./Leads/1', '/x/../crm/v8/Leads/1',
    '/crm/v8/x/../Leads/1', '/x/%2e%2e/crm/v8/Leads/1', '/crm/v8/%2e/Leads/1',
    '/crm%2fv8%2fLeads%2f1', '/crm/v8/Leads%2F1', '/%63rm/v8/Leads/%31',
    '/crm/v8/Leads/%31', '/crm/v8/L%65ads/1', '/crm/v8/Leads/1/',
    '/crm/v8/Leads/1//', '/crm/v8/Leads/', '/crm/v8/Leads/1;x=1',
    '/crm/v8/Leads;x/1', '/crm/v8;x/Leads/1', '/crm/v8\Leads\1',
    '/crm/v8/Leads\1', '/crm/v8%5cLeads%5c1', '/crm/v8/Leads/1%3fids=2',
    '/crm/v8/Leads/1%23', '/crm/v8%c0%afLeads/1', '/crm/v8/Leads%ff/1',
    '/crm/v8/Leads/1%0d%0a', '/crm/v8/Leads/1%09', '/crm/v8/Leads/1%20',
    '/crm/v8/Leads/%201', '/crm/v8/Leads/+1', '/crm/v8/Leads/01',
    '/crm/v8/Leads/1.0', '/crm/v8/Leads/1e0', '/crm/v8/Leads/-1',
    '/crm/v8/Leads/%ef%bc%91', '/crm/v8/Leads/1*', "/crm/v8/Leads/1'",
    '/crm/v8/Leads/1:1', '/crm/v8/Leads/1,2', '/crm/v8/Leads/(1)',
    '/crm/v8/Leads/' . '1' x 65,
);

# Refused by nginx itself, or not the guarded location at all.
our @Elsewhere = (
    '/crm%252fv8/Leads/1', '/CRM/V8/leads/1', '/crm;x/v8/Leads/1',
    '/crm\v8\Leads\1', '/crm%5cv8%5cLeads%5c1', '/crm/v8/Leads/1%00x',
    '/../../crm/v8/Leads/1',
);

# Nothing that can be written: 404.
our @Unknown = (
    '/crm/', '/crm/v8', '/crm/Leads/1', '/crm/v08/Leads/1', '/crm/v1/Leads/1',
    '/crm/v1.1/Leads/1', '/crm/v/Leads/1', '/crm/V8/Leads/1', '/crm/8/Leads/1',
    '/crm/v8.x/Leads/1', '/crm/v8.1.1/Leads/1', '/crm/v2./Leads/1',
    '/crm/v8/Leads/1/Notes/2/3', '/crm/v8/Leads/1/actions/convert',
    '/crm/v8/Leads/upsert', '/crm/v8/Leads/UPSERT', '/crm/v8/Leads/actions',
    '/crm/v8/settings/fields', '/crm/v8/Settings/fields', '/crm/v8/users/1',
    '/crm/v8/org/1', '/crm/v8/coql/1',
    '/crm/v8/1/2', '/crm/v8/_Leads/1', '/crm/v8/Le-ads/1',
);

our @UnknownPosts = (
    '/crm/v8/Leads/1', '/crm/v8/Leads/Upsert', '/crm/v8/Leads/actions/unheard_of',
    '/crm/v8/Leads/actions/convert', '/crm/v8/Leads/1/actions/mass_update',
    '/crm/v8/Leads/1/actions/Convert', '/crm/v8/Leads/1/Actions/convert',
    '/crm/v8/Leads/1/actions', '/crm/v8/Leads/1/photo/2', '/crm/v8/settings/modules',
    '/crm/v8/users', '/crm/bulk/write', '/crm/v8/bulk/write', '/crm/v8/notifications',
    '/crm/v8/upload', '/crm/v8', '/crm/',
);

our @Versions = map { "/crm/$_/Leads/1" } qw(v8 v2 v2.1 v3 v9 v10 v8.1);

our @Parameters = (
    '?a', '?ids=1', '?x=1;ids=1', '?IDS=1', '?wf_trigger=1', '?wf_trigger',
    '?wf_trigger=true&wf_trigger=false', '?%77f_trigger=true', '?ids[]=1',
    '?ids=2%2C1', '?&&',
);

our @Bulk = (
    '?ids=2&ids=1', '?%69ds=1', '?IDS=1', '?ids[]=1', '?x=1;ids=1',
    '?ids=2%2C1', '?ids=%201', '', '?',
);

no_long_string();
run_tests();

__DATA__

=== TEST 1: a locked record is refused at its own address
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- request eval: [main::put('/crm/v8/Leads/1'), main::remove('/crm/v8/Leads/1')]
--- error_code eval: [400, 400]
--- response_body_like eval: [('"code":"RECORD_LOCKED"') x 2]
--- backend_writes: 0



=== TEST 2: a write whose target is not canonical is refused
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- request eval: [map { main::put($_) } @::NotCanonical]
--- error_code eval: [(400) x @::NotCanonical]
--- response_body_like eval
[('^\{"code":"INVALID_URL_PATTERN","details":\{"reason":"[^"]+","event":"[0-9A-Z]{26}"\},"message":"Please check if the URL trying to access is a correct one","status":"error"\}$') x @::NotCanonical]
--- backend_requests: 0



=== TEST 3: so is a delete
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- request eval: [map { main::remove($_) } @::NotCanonical]
--- error_code eval: [(400) x @::NotCanonical]
--- backend_requests: 0



=== TEST 4: so is a create, in a module with rules or without
--- crm_rules eval: $::Lock
--- request eval
["POST /crm/v8//Leads\n$::Body", "POST /crm/v8/Leads/\n$::Body", "POST /crm/v8/Lea%64s\n$::Body",
"POST //crm/v8/Deals\n$::Body", "POST /crm/v8/Deals/.\n$::Body"]
--- error_code eval: [(400) x 5]
--- response_body_like eval: [('"code":"INVALID_URL_PATTERN"') x 5]
--- backend_requests: 0



=== TEST 5: what does not match the location never gets to the backend
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- request eval: [map { main::put($_) } @::Elsewhere]
--- error_code eval: [405, 405, 405, 405, 405, 400, 400]
--- backend_requests: 0



=== TEST 6: an unknown write route is refused
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- request eval: [map { main::put($_) } @::Unknown]
--- error_code eval: [(404) x @::Unknown]
--- response_body_like eval: [('"code":"INVALID_URL_PATTERN","details":\{"reason":') x @::Unknown]
--- backend_requests: 0



=== TEST 7: so is a POST to what stands in no table
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- request eval: [map { "POST $_\n$::Body" } @::UnknownPosts]
--- error_code eval: [(404) x @::UnknownPosts]
--- response_body_like eval: [('"code":"INVALID_URL_PATTERN"') x @::UnknownPosts]
--- backend_requests: 0



=== TEST 8: every version of the API meets the lock
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- request eval: [map { main::put($_) } @::Versions]
--- error_code eval: [(400) x @::Versions]
--- response_body_like eval: [('RECORD_LOCKED') x @::Versions]
--- backend_writes: 0



=== TEST 9: PATCH is an update, and other methods are writes that nobody knows
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- request eval
[map { "$_ /crm/v8/Leads/1\n$::Body" } qw(PATCH MOVE COPY LOCK PROPFIND MKCOL FOO POST)]
--- error_code eval: [400, (404) x 7]
--- response_body_like eval: ['RECORD_LOCKED', ('INVALID_URL_PATTERN') x 7]
--- backend_writes: 0



=== TEST 10: methods that nginx refuses
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- request eval: [map { "$_ /crm/v8/Leads/1\n$::Body" } qw(put PuT TRACE CONNECT)]
--- error_code eval: [400, 400, 405, 405]
--- backend_requests: 0



=== TEST 11: reads pass, however they are written
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- request eval
['GET /crm/v8/Leads/1', 'GET /crm/v8/Leads?ids=1,2&fields=Lead_Status', 'HEAD /crm/v8/Leads/1',
'GET /crm//v8/Leads/1', 'GET /crm/v8/settings/fields', 'OPTIONS /crm/v8/Leads', 'GET /crm/v8/Leads/%31']
--- error_code eval: [200, 200, 404, 404, 204, 404, 404]
--- backend_requests: 7



=== TEST 12: queries that are POSTed pass, their bodies unseen
--- crm_rules eval: $::Lock
--- request eval
['POST /crm/v8/coql
{"select_query":"select"', 'POST /crm/v8/Leads/search
x']
--- error_code eval: [400, 404]
--- backend_requests: 2
--- backend_body: x



=== TEST 13: unknown query parameters are refused
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- request eval: [map { main::remove("/crm/v8/Leads/2$_") } @::Parameters]
--- error_code eval: [(400) x @::Parameters]
--- response_body_like eval: [('^\{"code":"INVALID_URL_PATTERN","details":\{("param":"[^"]+",)?"reason":"[^"]*query') x @::Parameters]
--- backend_requests: 0



=== TEST 14: an empty query is none
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- request eval: [main::put('/crm/v8/Leads/1?'), main::put('/crm/v8/Leads/2?')]
--- error_code eval: [400, 200]
--- response_body_like eval: ['RECORD_LOCKED', 'SUCCESS']
--- backend_writes: 1



=== TEST 15: wf_trigger is known on delete alone
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- request eval
[main::remove('/crm/v8/Leads/1?wf_trigger=false'), main::put('/crm/v8/Leads/2?wf_trigger=false'),
main::remove('/crm/v8/Leads/2?wf_trigger=false')]
--- error_code eval: [400, 400, 200]
--- response_body_like eval: ['RECORD_LOCKED', '"param":"wf_trigger"', 'SUCCESS']
--- backend_writes: 1



=== TEST 16: a delete of a list that can be read otherwise, or of none, is refused
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- request eval: [map { main::remove("/crm/v8/Leads$_") } @::Bulk]
--- error_code eval: [(400) x (@::Bulk - 2), 404, 404]
--- response_body_like eval: [('INVALID_URL_PATTERN') x @::Bulk]
--- backend_requests: 0



=== TEST 17: a method override is refused, on reads too
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- more_headers eval
['X-HTTP-Method-Override: PUT', 'X-HTTP-Method: PUT', 'X-Method-Override: PUT',
"X-HTTP-Method-Override: DELETE\nX-HTTP-Method-Override: PUT", 'X-HTTP-Method-Override: DELETE',
'x-http-method-override: GET', '', '', '', '']
--- request eval
["POST /crm/v8/Leads\n$::Body", "POST /crm/v8/Leads\n$::Body", "POST /crm/v8/Leads\n$::Body",
"POST /crm/v8/Leads\n$::Body", "GET /crm/v8/Leads/1\n$::Body", 'GET /crm/v8/Leads/1',
"POST /crm/v8/Leads?_method=PUT\n$::Body", 'GET /crm/v8/Leads/1?_method=DELETE',
'GET /crm/v8/Leads/1?a=b&_METHOD=DELETE', 'GET /crm/v8/Leads/1?%5fmethod=DELETE']
--- error_code eval: [(400) x 10]
--- response_body_like eval: [('"code":"INVALID_URL_PATTERN","details":\{("param":"_method",)?"reason":"[^"]*method') x 10]
--- backend_requests: 0



=== TEST 18: a method in a form is no JSON
--- crm_rules eval: $::Lock
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- crm_seed eval: $::Records
--- request
PUT /crm/v8/Leads/2
_method=DELETE
--- error_code: 415
--- backend_requests: 0



=== TEST 19: an override in underscores does not reach the backend
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- more_headers
X_HTTP_Method_Override: DELETE
--- request
GET /crm/v8/Leads/1
--- error_code: 200
--- backend_requests: 1
--- backend_writes: 0



=== TEST 20: where underscores are allowed it is refused
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- http_config
underscores_in_headers on;
--- more_headers
X_HTTP_Method_Override: DELETE
--- request
POST /crm/v8/Leads
{"data":[{"Amount":1}]}
--- error_code: 400
--- response_body_like: INVALID_URL_PATTERN
--- backend_requests: 0



=== TEST 21: a target in absolute form is judged like any other
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- raw_request eval: main::raw('PUT http://other/crm/v8/Leads/1 HTTP/1.1')
--- error_code: 400
--- response_body_like: RECORD_LOCKED
--- backend_writes: 0



=== TEST 22: a fragment is refused
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- raw_request eval: main::raw('PUT /crm/v8/Leads/1#x HTTP/1.1')
--- error_code: 400
--- response_body_like: INVALID_URL_PATTERN
--- backend_requests: 0



=== TEST 23: HTTP/1.0 without a host meets the lock
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- raw_request eval: "PUT /crm/v8/Leads/1 HTTP/1.0\r\nContent-Length: 23\r\n\r\n$::Body"
--- error_code: 400
--- response_body_like: RECORD_LOCKED
--- backend_writes: 0



=== TEST 24: bare line feeds change nothing
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- raw_request eval: "PUT /crm/v8/Leads/1 HTTP/1.1\nHost: x\nConnection: close\nContent-Length: 23\n\n$::Body"
--- error_code: 400
--- response_body_like: RECORD_LOCKED
--- backend_writes: 0



=== TEST 25: HTTP/0.9 writes nothing
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- raw_request eval: "DELETE /crm/v8/Leads/1\r\n"
--- ignore_response
--- backend_writes: 0



=== TEST 26: the second of two pipelined requests meets the lock
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- pipelined_requests eval: [main::put('/crm/v8/Leads/2'), main::put('/crm/v8/Leads/1')]
--- error_code eval: [200, 400]
--- response_body_like eval: ['SUCCESS', 'RECORD_LOCKED']
--- backend_writes: 1



=== TEST 27: chunk extensions change nothing
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- raw_request eval
"PUT /crm/v8/Leads/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n17;a=b\r\n$::Body\r\n0\r\n\r\n"
--- error_code: 400
--- response_body_like: RECORD_LOCKED
--- backend_writes: 0



=== TEST 28: crm_prefix says where the API begins in a regex location
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- http_config
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
crm_org acme;
--- config
location ~* ^/crm/v\d {
    crm_automation on;
    crm_dialect zoho;
    crm_prefix /crm/;
    crm_record_location /_crm_record;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT;
}
location /_crm_record/ {
    internal;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT/;
}
--- request eval: [main::put('/crm/v8/Leads/1'), main::put('/CRM/v8/Leads/1'), main::put('/crm/v8/Leads/2')]
--- error_code eval: [400, 400, 200]
--- response_body_like eval: ['RECORD_LOCKED', 'INVALID_URL_PATTERN', 'SUCCESS']
--- backend_writes: 1
--- backend_body eval: $::Body



=== TEST 29: a location without a slash guards what begins with one
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- http_config
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
crm_org acme;
--- config
location /crm {
    crm_automation on;
    crm_dialect zoho;
    crm_record_location /_crm_record;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT;
}
location /_crm_record/ {
    internal;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT/;
}
--- request eval: [main::put('/crm/v8/Leads/1'), main::put('/crmx/v8/Leads/1'), main::put('/crm')]
--- error_code eval: [400, 400, 400]
--- response_body_like eval: ['RECORD_LOCKED', 'INVALID_URL_PATTERN', 'INVALID_URL_PATTERN']
--- backend_writes: 0



=== TEST 30: an external id that no record has is not written
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Records
--- more_headers
X-EXTERNAL: Leads.Ext
--- request eval: main::put('/crm/v8/Leads/2')
--- error_code: 400
--- response_body_like: INVALID_DATA
--- backend_requests: 1
--- backend_writes: 0



=== TEST 31: what an external id names is what is written, where proxy_pass has a path of its own
--- crm_rules eval: $::Lock
--- crm_seed
Leads/1 {"Lead_Status":"Closed"}
Leads/3000 {"Lead_Status":"Open","Ext":"1"}
Leads/4 {"Lead_Status":"Open","Ext":"four-and-more"}
--- http_config
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
crm_org acme;
--- config
location /crm/ {
    crm_automation on;
    crm_dialect zoho;
    crm_record_location /_crm_record;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT/crm/;
}
location /_crm_record/ {
    internal;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT/;
}
--- more_headers
X-EXTERNAL: Leads.Ext
--- request eval: [main::put('/crm/v8/Leads/1'), main::remove('/crm/v8/Leads?wf_trigger=true&ids=1,four-and-more')]
--- error_code eval: [200, 200]
--- check
is(join(' ', map { "$_->{method} $_->{target}" } crm_writes()),
   'PUT /crm/v8/Leads/3000 DELETE /crm/v8/Leads?wf_trigger=true&ids=3000,4', 'the records that were found');
