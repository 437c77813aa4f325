# What `nginx -t` says to each wrong value of a directive, and where one may not
# stand. No Redis and no network is asked. Fails when a mistake starts a server
# that does not guard, or when its message does not help.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
use Test::CRM::Guarded;
use Test::CRM::Process qw(spew work_dir);
use Test::More;
use Test::Nginx::Socket 'no_plan';

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

no_long_string();
run_tests();

__DATA__

=== TEST 1: crm_automation is given twice
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_automation on;')
--- must_die
--- error_log
"crm_automation" directive is duplicate



=== TEST 2: crm_automation knows three words
--- http_config eval: $::Http
--- config eval: main::guarded(automation => 'yes')
--- must_die
--- error_log
crm_automation: "yes" is none of on, off, shadow or a variable



=== TEST 3: crm_automation is not for the client to say: $http_x_mode
--- http_config eval: $::Http
--- config eval: main::guarded(automation => '"$http_x_mode"')
--- must_die
--- error_log
crm_automation: "$http_x_mode" is what the client says (a header); a client must not switch its own guard off



=== TEST 4: crm_automation is not for the client to say: $arg_mode
--- http_config eval: $::Http
--- config eval: main::guarded(automation => '"$arg_mode"')
--- must_die
--- error_log
crm_automation: "$arg_mode" is what the client says (a query argument); a client must not switch its own guard off



=== TEST 5: crm_automation is not for the client to say: $cookie_mode
--- http_config eval: $::Http
--- config eval: main::guarded(automation => '"$cookie_mode"')
--- must_die
--- error_log
crm_automation: "$cookie_mode" is what the client says (a cookie); a client must not switch its own guard off



=== TEST 6: crm_automation is not for the client to say: ${http_x_mode}
--- http_config eval: $::Http
--- config eval: main::guarded(automation => '"${http_x_mode}"')
--- must_die
--- error_log
crm_automation: "${http_x_mode}" is what the client says (a header); a client must not switch its own guard off



=== TEST 7: crm_automation is not for the client to say: a$HTTP_MODE
--- http_config eval: $::Http
--- config eval: main::guarded(automation => '"a$HTTP_MODE"')
--- must_die
--- error_log
crm_automation: "a$HTTP_MODE" is what the client says (a header); a client must not switch its own guard off



=== TEST 8: crm_org is given twice
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_org acme;')
--- must_die
--- error_log
"crm_org" directive is duplicate



=== TEST 9: crm_org is a name
--- http_config eval: $::Http
--- config eval: main::guarded(org => 'a/b')
--- must_die
--- error_log
crm_org: "a/b" is no name; it has 1 to 64 letters, digits, "_", "." and "-"



=== TEST 10: crm_org is not for the client to say
--- http_config eval: $::Http
--- config eval: main::guarded(org => '$http_x_org')
--- must_die
--- error_log
crm_org: "$http_x_org" is what the client says (a header); set it from what authenticates your users



=== TEST 11: crm_org is not empty
--- http_config eval: $::Http
--- config eval: main::guarded(org => '""')
--- must_die
--- error_log
crm_org: "" is no name



=== TEST 12: crm_user is given twice
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_user a; crm_user b;')
--- must_die
--- error_log
"crm_user" directive is duplicate



=== TEST 13: crm_user is not for the client to say
--- http_config eval: $::Http
--- config eval: main::guarded(user => '$http_x_crm_user')
--- must_die
--- error_log
crm_user: "$http_x_crm_user" is what the client says (a header); name the peers that may say it with trusted=CIDR, or set it from what authenticates your users



=== TEST 14: nor as a query argument
--- http_config eval: $::Http
--- config eval: main::guarded(user => '$arg_user')
--- must_die
--- error_log
crm_user: "$arg_user" is what the client says (a query argument)



=== TEST 15: nor as a cookie
--- http_config eval: $::Http
--- config eval: main::guarded(user => 'u-$cookie_user')
--- must_die
--- error_log
crm_user: "u-$cookie_user" is what the client says (a cookie)



=== TEST 16: crm_user trusts a range
--- http_config eval: $::Http
--- config eval: main::guarded(user => '$http_x trusted=everyone')
--- must_die
--- error_log
crm_user: "trusted=everyone" is no address range; write trusted=127.0.0.1 or trusted=10.0.0.0/8



=== TEST 17: crm_user has no other parameter
--- http_config eval: $::Http
--- config eval: main::guarded(user => '$http_x from=10.0.0.0/8')
--- must_die
--- error_log
crm_user: unknown parameter "from=10.0.0.0/8"; it takes trusted=CIDR



=== TEST 18: crm_dialect is given twice
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_dialect zoho;')
--- must_die
--- error_log
"crm_dialect" directive is duplicate



=== TEST 19: crm_dialect is one that there is
--- http_config eval: $::Http
--- config eval: main::guarded(dialect => 'soap')
--- must_die
--- error_log
crm_dialect: there is no dialect "soap"; it is one of zoho, rest, espocrm, directus, json-server



=== TEST 20: crm_prefix is given twice
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_prefix /crm/; crm_prefix /crm/;')
--- must_die
--- error_log
"crm_prefix" directive is duplicate



=== TEST 21: crm_prefix is a path
--- http_config eval: $::Http
--- config eval: main::guarded(prefix => 'crm/')
--- must_die
--- error_log
crm_prefix: "crm/" is no path; it begins with "/" and has no query



=== TEST 22: crm_prefix has no query
--- http_config eval: $::Http
--- config eval: main::guarded(prefix => '/crm/?x/')
--- must_die
--- error_log
crm_prefix: "/crm/?x/" is no path



=== TEST 23: crm_prefix ends with a slash
--- http_config eval: $::Http
--- config eval: main::guarded(prefix => '/crm')
--- must_die
--- error_log
crm_prefix: "/crm" must end with "/"



=== TEST 24: crm_record_location is a path
--- http_config eval: $::Http
--- config eval: main::guarded(record_location => '@record')
--- must_die
--- error_log
crm_record_location: "@record" is no path



=== TEST 25: crm_record_source is given twice
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_record_source none; crm_record_source none;')
--- must_die
--- error_log
"crm_record_source" directive is duplicate



=== TEST 26: crm_record_source is one of three
--- http_config eval: $::Http
--- config eval: main::guarded(record_source => 'memory')
--- must_die
--- error_log
crm_record_source: "memory" is none of backend, snapshot, none



=== TEST 27: a snapshot is kept for a time
--- http_config eval: $::Http
--- config eval: main::guarded(record_source => 'snapshot ttl=31d')
--- must_die
--- error_log
crm_record_source: "ttl=31d" is no time from 1s to 30d



=== TEST 28: only a snapshot is
--- http_config eval: $::Http
--- config eval: main::guarded(record_source => 'backend ttl=1h')
--- must_die
--- error_log
crm_record_source: "ttl=1h" is not known here; only snapshot takes ttl=TIME



=== TEST 29: snapshots do not go with writes that pass unseen
--- http_config eval: $::Http
--- config eval: main::guarded(record_source => 'snapshot', more => 'crm_on_error rules=open;')
--- must_die
--- error_log
crm_on_error open lets writes pass that crm_record_source snapshot would not see in location "/crm/"; use one of them



=== TEST 30: crm_bulk is given twice
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_bulk reject; crm_bulk partial;')
--- must_die
--- error_log
"crm_bulk" directive is duplicate



=== TEST 31: crm_bulk is one of two
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_bulk none;')
--- must_die
--- error_log
crm_bulk: "none" is neither partial nor reject



=== TEST 32: crm_on_error is given twice
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_on_error open; crm_on_error closed;')
--- must_die
--- error_log
"crm_on_error" directive is duplicate



=== TEST 33: crm_on_error is open or closed
--- http_config eval: $::Http
--- config eval: main::guarded(on_error => 'rules=ajar')
--- must_die
--- error_log
crm_on_error: "rules=ajar" is neither open nor closed, nor lock= or rules= with one of them



=== TEST 34: crm_max_records is given twice
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_max_records 5; crm_max_records 5;')
--- must_die
--- error_log
"crm_max_records" directive is duplicate



=== TEST 35: crm_max_records is a number
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_max_records many;')
--- must_die
--- error_log
crm_max_records: "many" is no number from 1 to 10000000



=== TEST 36: crm_max_records is above zero
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_max_records 0;')
--- must_die
--- error_log
crm_max_records: "0" is no number from 1 to 10000000



=== TEST 37: crm_max_depth is given twice
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_max_depth 5; crm_max_depth 5;')
--- must_die
--- error_log
"crm_max_depth" directive is duplicate



=== TEST 38: crm_max_depth is a number
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_max_depth many;')
--- must_die
--- error_log
crm_max_depth: "many" is no number from 1 to 1000



=== TEST 39: crm_max_depth is above zero
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_max_depth 0;')
--- must_die
--- error_log
crm_max_depth: "0" is no number from 1 to 1000



=== TEST 40: crm_max_nodes is given twice
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_max_nodes 5; crm_max_nodes 5;')
--- must_die
--- error_log
"crm_max_nodes" directive is duplicate



=== TEST 41: crm_max_nodes is a number
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_max_nodes many;')
--- must_die
--- error_log
crm_max_nodes: "many" is no number from 1 to 10000000



=== TEST 42: crm_max_nodes is above zero
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_max_nodes 0;')
--- must_die
--- error_log
crm_max_nodes: "0" is no number from 1 to 10000000



=== TEST 43: crm_lease_wait is a time
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_lease_wait soon;')
--- must_die
--- error_log
"crm_lease_wait" directive invalid value



=== TEST 44: crm_commit_wait is a time
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_commit_wait soon;')
--- must_die
--- error_log
"crm_commit_wait" directive invalid value



=== TEST 45: crm_backend_max_time is a time
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_backend_max_time soon;')
--- must_die
--- error_log
"crm_backend_max_time" directive invalid value



=== TEST 46: crm_rules_wait is a time
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_rules_wait soon;')
--- must_die
--- error_log
"crm_rules_wait" directive invalid value



=== TEST 47: crm_max_body is a size
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_max_body big;')
--- must_die
--- error_log
"crm_max_body" directive invalid value



=== TEST 48: crm_max_answer is a size
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_max_answer big;')
--- must_die
--- error_log
"crm_max_answer" directive invalid value



=== TEST 49: crm_status has two formats
--- http_config eval: $::Http
--- config eval: 'location /s { crm_status format=xml; }'
--- must_die
--- error_log
crm_status: "format=xml" is neither format=json nor format=prometheus



=== TEST 50: crm_status stands in a location
--- http_config eval: $::Http
--- config eval: 'crm_status;'
--- must_die
--- error_log
"crm_status" directive is not allowed here



=== TEST 51: low bits of a range are warned of
--- http_config eval: $::Http
--- config eval: main::guarded(user => '$http_x trusted=10.1.2.3/8') . 'location /ok { return 204; }'
--- request
GET /ok
--- error_code: 204
--- error_log
crm_user: low address bits of "trusted=10.1.2.3/8" are meaningless



=== TEST 52: a key that a dialect file does not have
--- http_config eval: $::Http
--- config eval: main::guarded(dialect => $::Dialect)
--- must_die
--- error_log
our-crm.json:2:3: unknown key "nmae"



=== TEST 53: a route that no request reaches
--- http_config eval: $::Http
--- config eval: main::guarded(dialect => $::Shadowed)
--- must_die
--- error_log
shadowed.json:5:5:



=== TEST 54: crm_max_depth goes no further than what can be compared and read again
--- http_config eval: $::Http
--- config eval: main::guarded(more => 'crm_max_depth 1001;')
--- must_die
--- error_log
crm_max_depth: "1001" is no number from 1 to 1000
