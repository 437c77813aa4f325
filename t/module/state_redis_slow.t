# Redis answers late: by less than crm_redis' timeout nothing changes but the
# time; by more, what a rule could match is 503 with Retry-After, what none could
# match passes, and what the backend has done is enqueued once.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
use Test::CRM::Rude;
use Test::More;
use Test::Nginx::Socket 'no_plan';

rude_start();

our $Rules = <<'YAML';
kind: workflow_rule
name: told
module: Leads
execute_when: { type: create_or_edit }
conditions: [ { criteria: null, instant_actions: [ { type: webhooks, name: hook } ] } ]
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

our $Seed = "Leads/1 {\"x\":\"closed\"}\nLeads/2 {\"x\":\"open\"}\n";

sub slow_http {
    return 'crm_redis unix:' . rude_sock() . " $_[0];\ncrm_org acme;\n"
        . 'upstream crm_backend { server 127.0.0.1:$TEST_NGINX_CRM_PORT; }';
}

sub create { return http(POST => '/crm/v8/' . ($_[0] || 'Leads'), body => '{"data":[{"x":1}]}') }
sub jobs   { return redis('LLEN', 'crm:{acme}:queue:webhooks') }
sub none_under_way { return redis('ZCARD', 'crm:{acme}:intents') == 0 }

our @Writes = ("POST /crm/v8/Leads\n{\"data\":[{\"x\":1}]}", "PUT /crm/v8/Leads/1\n{\"data\":[{\"y\":1}]}",
    "PUT /crm/v8/Leads/2\n{\"data\":[{\"y\":1}]}", 'DELETE /crm/v8/Leads/1', "POST /crm/v8/Deals\n{\"data\":[{\"x\":1}]}",
    'GET /crm/v8/Leads/1');

no_long_string();
run_tests();

__DATA__

=== TEST 1: 50 ms: everything is judged, and done
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- http_config eval: main::slow_http('')
--- init
is(create()->{status}, 201, 'before');
rude({ on => '*', delay => 0.05 });
--- request eval: \@::Writes
--- error_code eval: [201, 400, 200, 400, 201, 200]
--- response_headers eval: [("!CRM-Event-State") x 6]
--- backend_writes: 4
--- redis_check
LLEN crm:{acme}:queue:webhooks => 3
ZCARD crm:{acme}:intents => 0
--- check
rude();



=== TEST 2: 50 ms are too much for who says so
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- http_config eval: main::slow_http('timeout=30ms')
--- init
wait_for { create()->{status} == 201 } 'before';
rude({ on => '*', delay => 0.05 });
crm_clear_log();
--- request eval: \@::Writes
--- error_code eval: [503, 503, 503, 503, 201, 200]
--- response_headers_like eval: [("Retry-After: \\d+") x 4, ("Retry-After: ") x 2]
--- backend_writes: 1
--- check
rude();
wait_for { create()->{status} == 201 } 'the recovery';
wait_for { none_under_way() } 'the last abort';
pass('nothing is left of what was refused');



=== TEST 3: 500 ms
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- http_config eval: main::slow_http('timeout=200ms')
--- init
wait_for { create()->{status} == 201 } 'before';
rude({ on => '*', delay => 0.5 });
crm_clear_log();
--- request eval: \@::Writes
--- error_code eval: [503, 503, 503, 503, 201, 200]
--- response_headers_like eval: [("Retry-After: \\d+") x 4, ("Retry-After: ") x 2]
--- backend_writes: 1
--- check
rude();
wait_for { create()->{status} == 201 } 'the recovery';
wait_for { none_under_way() } 'the last abort';
pass('nothing is left of what was refused');



=== TEST 4: 5 s, with the default of crm_redis
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- http_config eval: main::slow_http('')
--- init
is(create()->{status}, 201, 'before');
rude({ on => '*', delay => 5 });
crm_clear_log();
--- request eval: \@::Writes
--- error_code eval: [503, 503, 503, 503, 201, 200]
--- response_headers_like eval: [("Retry-After: \\d+") x 4, ("Retry-After: ") x 2]
--- backend_writes: 1
--- check
rude();
wait_for { create()->{status} == 201 } 'the recovery';
wait_for { none_under_way() } 'the last abort';
pass('nothing is left of what was refused');



=== TEST 5: a commit whose answer is late has been done, and is done once
--- crm_rules eval: $::Rules
--- http_config eval: main::slow_http('timeout=100ms')
--- crm_extra: crm_commit_wait 50ms;
--- init
wait_for { create()->{status} == 201 } 'before';
rude({ on => 'commit', delay => 0.5, times => 2 });
my $r = create();
is($r->{status}, 201, "the backend's answer");
is($r->{headers}{'crm-event-state'}, 'pending', 'pending');
wait_for { none_under_way() } 'the commit';
rude();
wait_for { create()->{status} == 201 } 'the recovery';
--- request
GET /crm_status
--- error_code: 200
--- backend_writes: 3
--- redis_check
LLEN crm:{acme}:queue:webhooks => 3
ZCARD crm:{acme}:intents => 0



=== TEST 6: one that is late by less holds the answer back, and no more
--- crm_rules eval: $::Rules
--- http_config eval: main::slow_http('timeout=5s')
--- init
is(create()->{status}, 201, 'before');
rude({ on => 'commit', delay => 0.3 });
--- request eval: $::Writes[0]
--- error_code: 201
--- response_headers: !CRM-Event-State
--- redis_check
LLEN crm:{acme}:queue:webhooks => 2
--- check
rude();
