# What `nginx -t` says to each wrong use, and that what is right is inherited as
# nginx users expect. No Redis and no network is asked. Fails when a mistake
# starts a server that does not guard, or when its message does not help.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
use Test::CRM::Process qw(run_command spew work_dir);
use Test::More;
use Test::Nginx::Socket 'no_plan';

# A guarded location that is right, for the block to spoil.
our $Http = <<'EOT';
crm_redis unix:/nowhere/redis.sock;
upstream crm_backend { server 127.0.0.1:9; }
EOT

sub guarded {
    my (%o) = @_;

    my %d = (automation => 'on', org => 'acme', dialect => 'zoho',
             record_location => '/_crm_record', %o);
    my $place = delete $d{place} || '/crm/';
    my $more = delete $d{more} || '';

    return "location $place {\n"
        . join('', map { defined $d{$_} ? "    crm_$_ $d{$_};\n" : '' } sort keys %d)
        . "    $more\n    proxy_pass http://crm_backend;\n}\n";
}

# A dialect file whose mistakes have their places; those of every kind are in
# t/unit/crm_dialect_parse_test.c, which reads with the same code.

our $Dialect = work_dir() . '/our-crm.json';

spew($Dialect, <<'EOT3');
{
  "nmae": "our-crm",
  "name": "our-crm",
  "routes": [
    { "match": { "methods": ["PUT"], "path": "{module}/{id}" },
      "op": "update", "record": "data" },
    { "match": { "methods": ["POST"], "path": "{module}" }, "op": "create" }
  ],
  "get": { "path": "{module}" },
  "errors": { "default": {} }
}
EOT3

our $Shadowed = work_dir() . '/shadowed.json';

spew($Shadowed, <<'EOT3');
{
  "name": "our-crm",
  "routes": [
    { "match": { "path": "{module}/{id}" }, "op": "update", "record": "" },
    { "match": { "methods": ["PUT"], "path": "{module}/{id}" },
      "op": "replace", "record": "" }
  ],
  "get": { "path": "{module}/{id}" },
  "errors": { "default": {} }
}
EOT3

sub nginx_test {
    return run_command([ $ENV{TEST_NGINX_BINARY}, '-t', '-p', "$ENV{TEST_NGINX_SERVROOT}/",
                         '-c', 'conf/nginx.conf', '-e', 'logs/test.log' ],
                       env => Test::CRM::Nginx::environment(leaks => 0));
}

our $Lock = <<'YAML';
kind: profile
name: Boss
---
kind: user
id: "1001"
name: Ada
profile: Boss
---
kind: record_locking
module: Leads
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: x, comparator: equal, value: 1 }
locked_for: all_profiles_except_excluded_profiles
lock_excluded_profiles: [Boss]
YAML

our $Seed = 'Leads/1 {"x":1}';
our $Put = "PUT /crm/v8/Leads/1\n{\"data\":[{\"y\":2}]}";

no_long_string();
run_tests();

__DATA__

=== TEST 1: crm_redis is given twice
--- http_config
crm_redis unix:/a;
crm_redis unix:/b;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
"crm_redis" directive is duplicate



=== TEST 2: crm_redis needs an address
--- http_config
crm_redis;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
invalid number of arguments in "crm_redis" directive



=== TEST 3: crm_redis knows two kinds of address
--- http_config
crm_redis http://127.0.0.1;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
crm_redis: 



=== TEST 4: crm_redis takes a port that is one
--- http_config
crm_redis redis://127.0.0.1:99999;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
crm_redis: 



=== TEST 5: crm_redis takes a database that is a number
--- http_config
crm_redis redis://127.0.0.1/first;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
crm_redis: 



=== TEST 6: a password does not stand in crm_redis
--- http_config
crm_redis redis://user:secret@127.0.0.1;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
crm_redis: 



=== TEST 7: crm_redis has a time
--- http_config
crm_redis unix:/a timeout=soon;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
crm_redis: "timeout=soon" is no time; write timeout=500ms



=== TEST 8: crm_redis has a time above zero
--- http_config
crm_redis unix:/a timeout=0;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
crm_redis: "timeout=0" is no time; write timeout=500ms



=== TEST 9: crm_redis has no other parameter
--- http_config
crm_redis unix:/a db=1;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
crm_redis: unknown parameter "db=1"; it takes timeout=, password_file= and volatile



=== TEST 10: a password file that is not there
--- http_config
crm_redis unix:/a password_file=/nowhere/password;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
cannot be opened (2)



=== TEST 11: an empty password file
--- http_config
crm_redis unix:/a password_file=$TEST_NGINX_SERVROOT/html/empty;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- user_files
>>> empty

--- must_die
--- error_log
must hold one line of at most 1000 bytes



=== TEST 12: a Redis host that nobody knows
--- http_config
crm_redis redis://no-such-host.invalid;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
crm_redis: host "no-such-host.invalid"



=== TEST 13: crm_redis stands in http
--- http_config eval: $::Http
--- config eval: 'crm_redis unix:/b;' . main::guarded()
--- must_die
--- error_log
"crm_redis" directive is not allowed here



=== TEST 14: crm_zone is given twice
--- http_config
crm_redis unix:/a;
crm_zone size=1m;
crm_zone size=1m;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
"crm_zone" directive is duplicate



=== TEST 15: crm_zone has a size
--- http_config
crm_redis unix:/a;
crm_zone 1m;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
crm_zone: unknown parameter "1m"; write size=1m



=== TEST 16: crm_zone has a size that is one
--- http_config
crm_redis unix:/a;
crm_zone size=big;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
crm_zone: "size=big" is no size of at least



=== TEST 17: crm_zone is large enough
--- http_config
crm_redis unix:/a;
crm_zone size=8k;
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
crm_zone: "size=8k" is no size of at least



=== TEST 18: crm_automation is given twice
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_automation on;')
--- must_die
--- error_log
"crm_automation" directive is duplicate



=== TEST 19: crm_automation knows three words
--- http_config eval: $::Http
--- config eval: main::guarded(automation => 'yes')
--- must_die
--- error_log
crm_automation: "yes" is none of on, off, shadow or a variable



=== TEST 20: crm_automation is not for the client to say: $http_x_mode
--- http_config eval: $::Http
--- config eval: main::guarded(automation => '"$http_x_mode"')
--- must_die
--- error_log
crm_automation: "$http_x_mode" is what the client says (a header); a client must not switch its own guard off



=== TEST 21: crm_automation is not for the client to say: $arg_mode
--- http_config eval: $::Http
--- config eval: main::guarded(automation => '"$arg_mode"')
--- must_die
--- error_log
crm_automation: "$arg_mode" is what the client says (a query argument); a client must not switch its own guard off



=== TEST 22: crm_automation is not for the client to say: $cookie_mode
--- http_config eval: $::Http
--- config eval: main::guarded(automation => '"$cookie_mode"')
--- must_die
--- error_log
crm_automation: "$cookie_mode" is what the client says (a cookie); a client must not switch its own guard off



=== TEST 23: crm_automation is not for the client to say: ${http_x_mode}
--- http_config eval: $::Http
--- config eval: main::guarded(automation => '"${http_x_mode}"')
--- must_die
--- error_log
crm_automation: "${http_x_mode}" is what the client says (a header); a client must not switch its own guard off



=== TEST 24: crm_automation is not for the client to say: a$HTTP_MODE
--- http_config eval: $::Http
--- config eval: main::guarded(automation => '"a$HTTP_MODE"')
--- must_die
--- error_log
crm_automation: "a$HTTP_MODE" is what the client says (a header); a client must not switch its own guard off



=== TEST 25: crm_org is given twice
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_org acme;')
--- must_die
--- error_log
"crm_org" directive is duplicate



=== TEST 26: crm_org is a name
--- http_config eval: $::Http
--- config eval: main::guarded(org => 'a/b')
--- must_die
--- error_log
crm_org: "a/b" is no name; it has 1 to 64 letters, digits, "_", "." and "-"



=== TEST 27: crm_org is not for the client to say
--- http_config eval: $::Http
--- config eval: main::guarded(org => '$http_x_org')
--- must_die
--- error_log
crm_org: "$http_x_org" is what the client says (a header); set it from what authenticates your users



=== TEST 28: crm_org is not empty
--- http_config eval: $::Http
--- config eval: main::guarded(org => '""')
--- must_die
--- error_log
crm_org: "" is no name



=== TEST 29: crm_user is given twice
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_user a; crm_user b;')
--- must_die
--- error_log
"crm_user" directive is duplicate



=== TEST 30: crm_user is not for the client to say
--- http_config eval: $::Http
--- config eval: main::guarded(user => '$http_x_crm_user')
--- must_die
--- error_log
crm_user: "$http_x_crm_user" is what the client says (a header); name the peers that may say it with trusted=CIDR, or set it from what authenticates your users



=== TEST 31: nor as a query argument
--- http_config eval: $::Http
--- config eval: main::guarded(user => '$arg_user')
--- must_die
--- error_log
crm_user: "$arg_user" is what the client says (a query argument)



=== TEST 32: nor as a cookie
--- http_config eval: $::Http
--- config eval: main::guarded(user => 'u-$cookie_user')
--- must_die
--- error_log
crm_user: "u-$cookie_user" is what the client says (a cookie)



=== TEST 33: crm_user trusts a range
--- http_config eval: $::Http
--- config eval: main::guarded(user => '$http_x trusted=everyone')
--- must_die
--- error_log
crm_user: "trusted=everyone" is no address range; write trusted=127.0.0.1 or trusted=10.0.0.0/8



=== TEST 34: crm_user has no other parameter
--- http_config eval: $::Http
--- config eval: main::guarded(user => '$http_x from=10.0.0.0/8')
--- must_die
--- error_log
crm_user: unknown parameter "from=10.0.0.0/8"; it takes trusted=CIDR



=== TEST 35: crm_dialect is given twice
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_dialect zoho;')
--- must_die
--- error_log
"crm_dialect" directive is duplicate



=== TEST 36: crm_dialect is one that there is
--- http_config eval: $::Http
--- config eval: main::guarded(dialect => 'soap')
--- must_die
--- error_log
crm_dialect: there is no dialect "soap"; it is one of zoho, rest, espocrm, directus, json-server



=== TEST 37: crm_prefix is given twice
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_prefix /crm/; crm_prefix /crm/;')
--- must_die
--- error_log
"crm_prefix" directive is duplicate



=== TEST 38: crm_prefix is a path
--- http_config eval: $::Http
--- config eval: main::guarded(prefix => 'crm/')
--- must_die
--- error_log
crm_prefix: "crm/" is no path; it begins with "/" and has no query



=== TEST 39: crm_prefix has no query
--- http_config eval: $::Http
--- config eval: main::guarded(prefix => '/crm/?x/')
--- must_die
--- error_log
crm_prefix: "/crm/?x/" is no path



=== TEST 40: crm_prefix ends with a slash
--- http_config eval: $::Http
--- config eval: main::guarded(prefix => '/crm')
--- must_die
--- error_log
crm_prefix: "/crm" must end with "/"



=== TEST 41: crm_record_location is a path
--- http_config eval: $::Http
--- config eval: main::guarded(record_location => '@record')
--- must_die
--- error_log
crm_record_location: "@record" is no path



=== TEST 42: crm_record_source is given twice
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_record_source none; crm_record_source none;')
--- must_die
--- error_log
"crm_record_source" directive is duplicate



=== TEST 43: crm_record_source is one of three
--- http_config eval: $::Http
--- config eval: main::guarded(record_source => 'memory')
--- must_die
--- error_log
crm_record_source: "memory" is none of backend, snapshot, none



=== TEST 43a: a snapshot is kept for a time
--- http_config eval: $::Http
--- config eval: main::guarded(record_source => 'snapshot ttl=31d')
--- must_die
--- error_log
crm_record_source: "ttl=31d" is no time from 1s to 30d



=== TEST 43b: only a snapshot is
--- http_config eval: $::Http
--- config eval: main::guarded(record_source => 'backend ttl=1h')
--- must_die
--- error_log
crm_record_source: "ttl=1h" is not known here; only snapshot takes ttl=TIME



=== TEST 43c: snapshots do not go with writes that pass unseen
--- http_config eval: $::Http
--- config eval: main::guarded(record_source => 'snapshot', more => 'crm_on_error rules=open;')
--- must_die
--- error_log
crm_on_error open lets writes pass that crm_record_source snapshot would not see in location "/crm/"; use one of them



=== TEST 44: crm_bulk is given twice
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_bulk reject; crm_bulk partial;')
--- must_die
--- error_log
"crm_bulk" directive is duplicate



=== TEST 45: crm_bulk is one of two
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_bulk none;')
--- must_die
--- error_log
crm_bulk: "none" is neither partial nor reject



=== TEST 46: crm_on_error is given twice
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_on_error open; crm_on_error closed;')
--- must_die
--- error_log
"crm_on_error" directive is duplicate



=== TEST 47: crm_on_error is open or closed
--- http_config eval: $::Http
--- config eval: main::guarded(on_error => 'rules=ajar')
--- must_die
--- error_log
crm_on_error: "rules=ajar" is neither open nor closed, nor lock= or rules= with one of them



=== TEST 48: crm_max_records is given twice
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_max_records 5; crm_max_records 5;')
--- must_die
--- error_log
"crm_max_records" directive is duplicate



=== TEST 49: crm_max_records is a number
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_max_records many;')
--- must_die
--- error_log
crm_max_records: "many" is no number from 1 to 10000000



=== TEST 50: crm_max_records is above zero
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_max_records 0;')
--- must_die
--- error_log
crm_max_records: "0" is no number from 1 to 10000000



=== TEST 51: crm_max_depth is given twice
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_max_depth 5; crm_max_depth 5;')
--- must_die
--- error_log
"crm_max_depth" directive is duplicate



=== TEST 52: crm_max_depth is a number
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_max_depth many;')
--- must_die
--- error_log
crm_max_depth: "many" is no number from 1 to 10000000



=== TEST 53: crm_max_depth is above zero
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_max_depth 0;')
--- must_die
--- error_log
crm_max_depth: "0" is no number from 1 to 10000000



=== TEST 54: crm_max_nodes is given twice
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_max_nodes 5; crm_max_nodes 5;')
--- must_die
--- error_log
"crm_max_nodes" directive is duplicate



=== TEST 55: crm_max_nodes is a number
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_max_nodes many;')
--- must_die
--- error_log
crm_max_nodes: "many" is no number from 1 to 10000000



=== TEST 56: crm_max_nodes is above zero
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_max_nodes 0;')
--- must_die
--- error_log
crm_max_nodes: "0" is no number from 1 to 10000000



=== TEST 57: crm_lease_wait is a time
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_lease_wait soon;')
--- must_die
--- error_log
"crm_lease_wait" directive invalid value



=== TEST 58: crm_commit_wait is a time
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_commit_wait soon;')
--- must_die
--- error_log
"crm_commit_wait" directive invalid value



=== TEST 59: crm_backend_max_time is a time
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_backend_max_time soon;')
--- must_die
--- error_log
"crm_backend_max_time" directive invalid value



=== TEST 60: crm_rules_wait is a time
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_rules_wait soon;')
--- must_die
--- error_log
"crm_rules_wait" directive invalid value



=== TEST 61: crm_max_body is a size
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_max_body big;')
--- must_die
--- error_log
"crm_max_body" directive invalid value



=== TEST 62: crm_max_answer is a size
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_max_answer big;')
--- must_die
--- error_log
"crm_max_answer" directive invalid value



=== TEST 63: a guard needs crm_redis
--- http_config
upstream crm_backend { server 127.0.0.1:9; }
--- config eval: main::guarded()
--- must_die
--- error_log
crm_automation needs crm_redis; write crm_redis unix:/run/redis/redis.sock in http



=== TEST 64: a guard needs crm_org
--- http_config eval: $::Http
--- config eval: main::guarded(org => undef)
--- must_die
--- error_log
crm_automation needs crm_org in location "/crm/"; write crm_org acme



=== TEST 65: a guard needs crm_dialect
--- http_config eval: $::Http
--- config eval: main::guarded(dialect => undef)
--- must_die
--- error_log
crm_automation needs crm_dialect in location "/crm/"; write crm_dialect zoho



=== TEST 66: a guard needs crm_record_location
--- http_config eval: $::Http
--- config eval: main::guarded(record_location => undef)
--- must_die
--- error_log
crm_automation needs crm_record_location in location "/crm/", an internal location where the current record is read



=== TEST 67: a guard in a regex location needs crm_prefix
--- http_config eval: $::Http
--- config eval: main::guarded(place => '~ ^/crm/')
--- must_die
--- error_log
crm_automation needs crm_prefix in location "^/crm/", which is no literal prefix: the path in front of the API's own



=== TEST 68: a guard in a named location needs crm_prefix
--- http_config eval: $::Http
--- config eval: main::guarded(place => '@crm')
--- must_die
--- error_log
crm_automation needs crm_prefix in location "@crm"



=== TEST 69: crm_commit_wait is below send_timeout
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'send_timeout 5s;')
--- must_die
--- error_log
crm_commit_wait (5000ms) must be below send_timeout (5000ms) in location "/crm/"



=== TEST 70: proxy_read_timeout is not above crm_backend_max_time
--- http_config eval: $::Http
--- config eval: main::guarded(backend_max_time => '30s')
--- must_die
--- error_log
proxy_read_timeout (60000ms) must not be above crm_backend_max_time (30000ms) in location "/crm/"



=== TEST 71: a write is never sent twice
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'proxy_next_upstream error non_idempotent;')
--- must_die
--- error_log
proxy_next_upstream non_idempotent would send a write twice in location "/crm/", which crm_automation guards



=== TEST 72: the judged body goes to the backend
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'proxy_pass_request_body off;')
--- must_die
--- error_log
proxy_pass_request_body off keeps the judged body from the backend in location "/crm/"



=== TEST 73: crm_status has two formats
--- http_config eval: $::Http
--- config eval: 'location /s { crm_status format=xml; }'
--- must_die
--- error_log
crm_status: "format=xml" is neither format=json nor format=prometheus



=== TEST 74: crm_status stands in a location
--- http_config eval: $::Http
--- config eval: 'crm_status;'
--- must_die
--- error_log
"crm_status" directive is not allowed here



=== TEST 75: a good configuration needs no Redis to be tested, nor to start
--- http_config eval: $::Http
--- config eval: main::guarded(user => '$remote_user') . 'location /crm_status { crm_status; }'
--- init
is(nginx_test()->{rc}, 0, 'nginx -t');
--- request
GET /crm_status
--- error_code: 200
--- response_body_like: "redis":\{"up":false



=== TEST 76: off needs none of what a guard needs
--- config
crm_automation off;
location /crm/ {
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT;
}
--- request
POST /crm/v8/Leads
{"data":[{}]}
--- error_code: 201
--- response_headers
!CRM-Event



=== TEST 77: low bits of a range are warned of
--- http_config eval: $::Http
--- config eval: main::guarded(user => '$http_x trusted=10.1.2.3/8') . 'location /ok { return 204; }'
--- request
GET /ok
--- error_code: 204
--- error_log
crm_user: low address bits of "trusted=10.1.2.3/8" are meaningless



=== TEST 78: http and server say it once, for every location
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Seed
--- http_config
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
crm_org acme;
crm_automation on;
crm_dialect zoho;
crm_max_body 20;
--- config
crm_record_location /_crm_record;
crm_max_body 1k;
location /crm/ { proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT; }
location /_crm_record/ { internal; crm_automation off; proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT/; }
location /free/ { crm_automation off; proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT/crm/; }
location /small/ { crm_max_body 10; proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT/crm/; }
--- request eval: [$::Put, $::Put =~ s/crm/free/r, $::Put =~ s/crm/small/r]
--- error_code eval: [400, 200, 413]
--- response_body_like eval: ['RECORD_LOCKED', 'SUCCESS', 'INVALID_DATA']
--- backend_writes: 1



=== TEST 79: a location in a location inherits, prefix and all
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Seed
--- http_config
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
crm_org acme;
--- config
location /crm/ {
    crm_automation on;
    crm_dialect zoho;
    crm_record_source none;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT;

    location /crm/v8/ { proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT; }
    location /crm/v2/ { crm_automation off; proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT; }
}
--- request eval: [$::Put, $::Put =~ s/v8/v3/r, $::Put =~ s/v8/v2/r]
--- error_code eval: [400, 400, 200]
--- response_body_like eval: ['RECORD_LOCKED', 'RECORD_LOCKED', 'SUCCESS']
--- backend_writes: 1



=== TEST 80: an if in the location is guarded too
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Seed
--- crm_extra
set $always 1;
if ($always) { set $x y; }
--- request eval: $::Put
--- error_code: 400
--- response_body_like: RECORD_LOCKED
--- backend_writes: 0



=== TEST 81: limit_except does not open the guard
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Seed
--- crm_extra: limit_except GET { allow all; }
--- request eval: $::Put
--- error_code: 400
--- response_body_like: RECORD_LOCKED
--- backend_writes: 0



=== TEST 82: a map switches the guard, and what it says wrong is on
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Seed
--- http_config
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
crm_org acme;
map $http_x_mode $mode { default on; off off; shadow shadow; nonsense nonsense; empty ""; }
--- config
location /crm/ {
    crm_automation $mode;
    crm_dialect zoho;
    crm_record_source none;
    add_header X-Decision "$crm_decision." always;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT;
}
--- more_headers eval: [map { "X-Mode: $_" } qw(on off shadow nonsense empty)]
--- request eval: [($::Put) x 5]
--- error_code eval: [400, 200, 200, 400, 400]
--- response_headers eval: [map { "X-Decision: $_." } 'refused_lock', '', 'shadow', 'refused_lock', 'refused_lock']
--- backend_writes: 2



=== TEST 83: the user that a trusted peer names counts
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Seed
--- more_headers eval: ['X-CRM-User: 1001', 'X-CRM-User: 1002', '']
--- request eval: [$::Put, ($::Put =~ s/2\}/3}/r) x 2]
--- error_code eval: [200, 400, 400]
--- backend_writes: 1



=== TEST 84: from any other peer it does not
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Seed
--- http_config
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
crm_org acme;
--- config
location /crm/ {
    crm_automation on;
    crm_dialect zoho;
    crm_record_source none;
    crm_user $http_x_crm_user trusted=10.0.0.0/8 trusted=192.168.0.0/16;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT;
}
--- more_headers
X-CRM-User: 1001
--- request eval: $::Put
--- error_code: 400
--- response_body_like: RECORD_LOCKED
--- backend_writes: 0



=== TEST 85: an organisation by variable must be listed, and has its own rules
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Seed
--- http_config
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
map $http_x_org $org { default acme; other other; bad "a/b"; }
--- config
location /crm/ {
    crm_automation on;
    crm_org $org;
    crm_dialect zoho;
    crm_record_source none;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT;
}
--- more_headers eval: ['', 'X-Org: other', 'X-Org: bad']
--- request eval: [($::Put) x 3]
--- error_code eval: [400, 404, 404]
--- response_body_like eval: ['RECORD_LOCKED', ('"code":"INVALID_URL_PATTERN","details":\{"reason":"there is no such organisation"') x 2]
--- backend_writes: 0



=== TEST 86: without record_source a lock on existing records takes all of them
--- crm_rules eval: $::Lock
--- crm_seed
Leads/1 {"x":2}
--- crm_extra: crm_record_source none;
--- request eval: $::Put
--- error_code: 400
--- response_body_like: RECORD_LOCKED
--- backend_requests: 0



=== TEST 87: who may not come in is not judged
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Seed
--- crm_extra: deny all;
--- request eval: $::Put
--- error_code: 403
--- response_headers
!CRM-Event
--- backend_requests: 0



=== TEST 88: what authenticates the users says who acts
--- crm_rules eval: $::Lock
--- crm_seed eval: $::Seed
--- http_config
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
crm_org acme;
--- config
location /crm/ {
    auth_request /auth;
    auth_request_set $who $upstream_http_x_user;
    crm_automation on;
    crm_dialect zoho;
    crm_user $who;
    crm_record_location /_crm_record;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT;
}
location /_crm_record/ { internal; proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT/; }
location = /auth {
    internal;
    proxy_pass http://127.0.0.1:$TEST_NGINX_PORT/who;
    proxy_pass_request_body off;
    proxy_set_header Content-Length "";
}
location = /who {
    if ($http_x_token = "") { return 401; }
    add_header X-User $http_x_token;
    return 204;
}
--- more_headers eval: ["X-Token: 1002\nX-CRM-User: 1001", 'X-Token: 1001', '']
--- request eval: [($::Put) x 3]
--- error_code eval: [400, 200, 401]
--- response_body_like eval: ['RECORD_LOCKED', 'SUCCESS', '401']
--- backend_writes: 1



=== TEST 89: a key that a dialect file does not have
--- http_config eval: $::Http
--- config eval: main::guarded(dialect => $::Dialect)
--- must_die
--- error_log
our-crm.json:2:3: unknown key "nmae"



=== TEST 90: a route that no request reaches
--- http_config eval: $::Http
--- config eval: main::guarded(dialect => $::Shadowed)
--- must_die
--- error_log
shadowed.json:5:5:
