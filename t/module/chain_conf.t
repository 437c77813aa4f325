# crm_chain_key_file: what `nginx -t` says to a file that is no key, or not for few
# to read. Fails when a server starts that believes anybody, or when its message
# does not help.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
use Test::CRM::Process qw(spew work_dir);
use Test::Nginx::Socket 'no_plan';

our $Http = <<'EOT';
crm_redis unix:/nowhere/redis.sock;
upstream crm_backend { server 127.0.0.1:9; }
EOT

my $serial = 0;

# A file with that text and those rights, as a directive.
sub key {
    my ($text, $mode) = @_;

    my $path = work_dir() . '/key' . ++$serial;

    spew($path, $text);
    chmod $mode || 0600, $path;

    return "crm_chain_key_file $path;";
}

sub guarded {
    return "location /crm/ { crm_automation on; crm_org acme; crm_dialect zoho;"
        . " crm_record_location /_crm_record; $_[0] proxy_pass http://crm_backend; }\n";
}

our $Key = '0123456789abcdef0123456789abcdef';

no_long_string();
run_tests();

__DATA__

=== TEST 1: a file that is not there
--- http_config eval: $main::Http
--- config eval: main::guarded('crm_chain_key_file /nowhere/chain.key;')
--- must_die
--- error_log
crm_chain_key_file: "/nowhere/chain.key" cannot be opened; make one with "openssl rand -hex 32"



=== TEST 2: a key that is too short
--- http_config eval: $main::Http
--- config eval: main::guarded(main::key("0123456789abcdef0123456789abcde\n"))
--- must_die
--- error_log
a key has 32 to 1024 bytes on one line, this one has 31; make one with "openssl rand -hex 32"



=== TEST 3: an empty file
--- http_config eval: $main::Http
--- config eval: main::guarded(main::key("\n"))
--- must_die
--- error_log
there is no key in it



=== TEST 4: three keys
--- http_config eval: $main::Http
--- config eval: main::guarded(main::key("$main::Key\n" x 3))
--- must_die
--- error_log
there are more than 2 keys



=== TEST 5: a file that everybody may read
--- http_config eval: $main::Http
--- config eval: main::guarded(main::key("$main::Key\n", 0644))
--- must_die
--- error_log
may be read or written by everybody, who could then write as automation; chmod 600 it



=== TEST 6: a folder
--- http_config eval: $main::Http
--- config eval: main::guarded('crm_chain_key_file /usr;')
--- must_die
--- error_log
crm_chain_key_file: "/usr"



=== TEST 7: given twice
--- http_config eval: $main::Http
--- config eval: main::guarded(main::key("$main::Key\n") . main::key("$main::Key\n"))
--- must_die
--- error_log
"crm_chain_key_file" directive is duplicate



=== TEST 8: two keys, in http, for all that is below
--- http_config eval: $main::Http . main::key("$main::Key\nfedcba9876543210fedcba9876543210\n")
--- config eval: main::guarded('')
--- request
GET /nothing
--- error_code: 404



=== TEST 9: without a key no chain is believed
--- crm_rules
kind: workflow_rule
name: any
module: Deals
execute_when: { type: edit }
conditions: [ { criteria: null, instant_actions: [ { type: field_updates, field: X, value: 1 } ] } ]
--- crm_seed
Deals/1 {"A":1}
--- request
PUT /crm/v8/Deals/1
{"data":[{"A":2}]}
--- more_headers
CRM-Chain: v1.e30.0000000000000000000000000000000000000000000000000000000000000000
--- error_code: 403
--- response_body_like: NO_PERMISSION.*crm_chain_key_file
--- backend_writes: 0



=== TEST 10: to nginx an underscore may be a hyphen
--- crm_rules
kind: workflow_rule
name: any
module: Deals
execute_when: { type: edit }
conditions: [ { criteria: null, instant_actions: [ { type: field_updates, field: X, value: 1 } ] } ]
--- http_config eval
"underscores_in_headers on;" . Test::CRM::crm_http_config()
--- config eval: Test::CRM::crm_server_config('')
--- request
PUT /crm/v8/Deals/1
{"data":[{"A":2}]}
--- more_headers
crm_chain: x
--- error_code: 403
--- backend_writes: 0
