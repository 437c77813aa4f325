# crm_status tells how it stands: rules, Redis, counters, processes. And shadow,
# which shows in it alone: it refuses, changes, leases and enqueues nothing.
# Fails when an operator or Prometheus reads something that is not so.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
use Test::CRM::Process qw(wait_for);
use Test::More;
use Test::Nginx::Socket 'no_plan';

our $Rules = <<'YAML';
kind: workflow_rule
name: told
module: Leads
execute_when: { type: create_or_edit }
conditions:
  - criteria: null
    instant_actions: [ { type: field_updates, field: Rating, value: Hot }, { type: webhooks, name: hook } ]
---
kind: webhook
name: hook
module: Leads
url: http://127.0.0.1:9/
http_method: POST
---
kind: record_locking
module: Leads
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: x, comparator: equal, value: closed }
restricted_actions: [update, delete]
YAML

our $Seed = <<'EOT';
Leads/1 {"x":"closed"}
Leads/2 {"x":"open"}
EOT

our $Create = "POST /crm/v8/Leads\n{\"data\":[{\"x\":\"open\"}]}";

sub status { return json_decode(http(GET => '/crm_status')->{body}) }

no_long_string();
run_tests();

__DATA__

=== TEST 1: everything that INTERFACES names, and as it names it
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- request eval
[$::Create, "PUT /crm/v8/Leads/1\n{\"data\":[{\"y\":1}]}", "POST /crm/v8/Leads\n{", 'GET /crm/v8/Leads/1', 'GET /crm_status']
--- error_code eval: [201, 400, 400, 200, 200]
--- response_headers eval: [('') x 4, 'Content-Type: application/json']
--- check
my $s = status();
is(join(' ', sort keys %$s), 'intents late org processes redis requests unjudged unknown unprotected untold version', 'members');
like($s->{version}, qr/^\d+\.\d+\.\d+$/, 'version');
my $org = $s->{org}{acme};
is(join(' ', sort keys %{ $s->{org} }), 'acme', 'one organisation');
is(join(' ', sort keys %$org), 'durability epoch_ok loaded_at rejected revision', 'members of it');
is($org->{revision}, 1, 'revision');
cmp_ok(abs($org->{loaded_at} / 1000 - time), '<', 60, 'loaded_at, in milliseconds');
is($org->{rejected}, undef, 'rejected');
is($org->{durability}, 'standard', 'durability');
ok($org->{epoch_ok}, 'epoch_ok');
ok($s->{redis}{up}, 'redis.up');
is($s->{redis}{errors}, 0, 'redis.errors');
is_deeply($s->{requests}, { pass => 1, allowed => 1, refused_lock => 1, refused_approval => 0, refused_blueprint => 0,
    refused_validation => 0, refused_request => 1, shadow => 0, error => 0 }, 'requests');
is_deeply($s->{intents}, { pending => 0, undetermined => 0 }, 'intents');
is(scalar @{ $s->{processes} }, 1, 'one process');
is($s->{processes}[0]{revision}, 1, 'its revision');
ok(kill(0, $s->{processes}[0]{pid}), 'its pid');



=== TEST 2: the text that Prometheus reads
--- crm_rules eval: $::Rules
--- request eval: [$::Create, $::Create, 'GET /crm_status?format=prometheus']
--- error_code eval: [201, 201, 200]
--- response_headers eval: ['', '', 'Content-Type: text/plain; version=0.0.4; charset=utf-8']
--- check
my $text = http(GET => '/crm_status?format=prometheus')->{body};
my @lines = split /\n/, $text;
is($text, join('', map { "$_\n" } @lines), 'lines, the last one ended');
is_deeply([grep { !/^# (?:HELP crm_\w+ \S.*|TYPE crm_\w+ (?:counter|gauge))$|^crm_\w+(?:\{\w+="[^"]*"(?:,\w+="[^"]*")*\})? \d+$/ } @lines], [], 'in its grammar');
my %type = map { /^# TYPE (\S+) (\S+)/ ? ($1 => $2) : () } @lines;
my %help = map { /^# HELP (\S+)/ ? ($1 => 1) : () } @lines;
my %name = map { /^(crm_\w+)/ ? ($1 => 1) : () } @lines;
is_deeply([sort keys %type], [sort keys %name], 'each has its type');
is_deeply([sort keys %help], [sort keys %name], 'and its help');
is_deeply([grep { /_total$/ xor $type{$_} eq 'counter' } keys %type], [], 'counters are called total');
like($text, qr/^crm_requests_total\{decision="allowed"\} 2$/m, 'requests');
like($text, qr/^crm_config_revision_info\{org="acme",revision="1"\} 1$/m, 'revision');
like($text, qr/^crm_store_errors_total 0$/m, 'errors');
like($text, qr/^crm_store_up 1$/m, 'up');
like($text, qr/^crm_unprotected_total 0$/m, 'unprotected');
like($text, qr/^crm_unknown_total 0$/m, 'unknown');
like($text, qr/^crm_late_total 0$/m, 'late');
like($text, qr/^crm_unjudged_total 0$/m, 'unjudged');
like($text, qr/^crm_untold_total 0$/m, 'untold');
like($text, qr/^crm_intents\{org="acme"\} 0$/m, 'intents');
like($text, qr/^crm_build_info\{version="[^"]+"\} 1$/m, 'version');



=== TEST 3: the directive chooses a format, the query another
--- config
location = /json { crm_status; }
location = /text { crm_status format=prometheus; }
--- request eval: ['GET /json', 'GET /text', 'GET /json?format=prometheus', 'GET /text?format=json', 'GET /text?format=xml', 'GET /json?format=']
--- error_code eval: [200, 200, 200, 200, 400, 400]
--- response_body_like eval: ['^\{"version"', '^# HELP', '^# HELP', '^\{"version"', '400', '400']



=== TEST 4: without crm_redis there is little to tell
--- config
location = /crm_status { crm_status; }
--- request eval: ['GET /crm_status', 'GET /crm_status?format=prometheus']
--- error_code eval: [200, 200]
--- response_body_like eval: ['"org":\{\},"redis":\{"up":false,"errors":0\}', 'crm_store_up 0\n']



=== TEST 5: it is read, and nothing else
--- request eval: ["POST /crm_status\n{}", 'DELETE /crm_status', "PUT /crm_status\n{}", 'HEAD /crm_status']
--- error_code eval: [405, 405, 405, 200]
--- response_body_like eval: ['405', '405', '405', '^$']



=== TEST 6: a Redis that is gone is counted
--- crm_rules eval: $::Rules
--- init
is(http(POST => '/crm/v8/Leads', body => '{"data":[{}]}')->{status}, 201, 'before');
redis_kill();
--- request eval: [$::Create, 'GET /crm_status']
--- error_code eval: [503, 200]
--- check
my $s = status();
ok(!$s->{redis}{up}, 'not up');
cmp_ok($s->{redis}{errors}, '>', 0, 'errors');
is($s->{requests}{error}, 1, 'a decision');
is($s->{org}{acme}{revision}, 1, 'the rules are still known');
redis_start();
wait_for { status()->{redis}{up} } 'Redis';
pass('up again');



=== TEST 7: intents in doubt are counted
--- crm_rules eval: $::Rules
--- crm_fail: fault=status status=500 method=POST
--- request eval: [$::Create, $::Create]
--- error_code eval: [500, 500]
--- check
wait_for { status()->{intents}{pending} == 2 } 'the count';
pass('two of them');



=== TEST 8: durability is what Redis says
--- crm_rules eval: $::Rules
--- redis_before
CONFIG SET appendfsync always
--- request eval: [$::Create, 'GET /crm_status']
--- error_code eval: [201, 200]
--- response_body_like eval: ['', '"durability":"strict"']
--- check
redis('CONFIG', 'SET', 'appendfsync', 'everysec');



=== TEST 9: shadow refuses nothing
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- config
location /crm/ {
    crm_automation shadow;
    crm_org acme;
    crm_dialect zoho;
    crm_record_location /_crm_record;
    add_header X-Decision $crm_decision always;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT;
}
location /_crm_record/ { internal; proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT/; }
location = /crm_status { crm_status; }
--- http_config
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
--- request eval
["PUT /crm/v8/Leads/1\n{\"data\":[{\"y\":1}]}", 'DELETE /crm/v8/Leads/1', "POST /crm/v8/Leads\n{", 'POST /crm//v8/Leads',
"PUT /crm/v8/Leads/2\n{\"data\":[{\"y\":1}]}", $::Create]
--- error_code eval: [200, 200, 400, 404, 200, 201]
--- response_headers eval: [("X-Decision: shadow\n!CRM-Event\n!CRM-Rule") x 6]
--- response_body_unlike eval: [('RECORD_LOCKED|"reason"') x 6]
--- backend_writes: 6
--- error_log: crm decide: shadow, would be refused
--- redis_check
LLEN crm:{acme}:queue:webhooks => 0
ZCARD crm:{acme}:intents => 0
EXISTS crm:{acme}:busy:Leads/1 => 0
EXISTS crm:{acme}:record:Leads/1 => 0
--- check
is_deeply([grep { /Rating/ } map { $_->{body} } crm_writes()], [], 'shadow changes nothing');
is_deeply([grep { $_->{header}{'crm-event'} || $_->{header}{'idempotency-key'} } crm_writes()], [], 'and says nothing');
is(status()->{requests}{shadow}, 6, 'but it is counted');



=== TEST 10: shadow waits for no lease, and lives without Redis
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- http_config
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
--- config
location /crm/ {
    crm_automation shadow;
    crm_org acme;
    crm_dialect zoho;
    crm_record_location /_crm_record;
    crm_rules_wait 1s;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT;
}
location /_crm_record/ { internal; proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT/; }
--- init
redis('SET', 'crm:{acme}:busy:Leads/2', 'X');
is(http(PUT => '/crm/v8/Leads/2', body => '{"data":[{"y":1}]}')->{status}, 200, 'busy or not');
redis_kill();
--- request eval: ["PUT /crm/v8/Leads/2\n{\"data\":[{\"y\":2}]}", $::Create]
--- error_code eval: [200, 201]
--- backend_writes: 3
--- check
redis_start();



=== TEST 11: shadow sees a lock that our mark makes
--- crm_rules
kind: record_locking
module: Leads
lock_type: automatic
locking_rules:
  - name: closed
    criteria: { field: x, comparator: equal, value: closed }
--- crm_seed eval: $::Seed
--- redis_before
HSET crm:{acme}:record:Leads/1 lock '["closed"]'
--- http_config
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
--- config
location /crm/ {
    crm_automation shadow;
    crm_org acme;
    crm_dialect zoho;
    crm_record_location /_crm_record;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT;
}
location /_crm_record/ { internal; proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT/; }
--- request
PUT /crm/v8/Leads/1
{"data":[{"y":1}]}
--- error_code: 200
--- error_log: crm decide: shadow, would be refused
--- redis_check
HGET crm:{acme}:record:Leads/1 lock => ["closed"]
