# In shadow everything is judged and told, and nothing is touched: neither by a
# rule in shadow beside others, nor by a location in shadow, whatever breaks.
# Were it broken, trying a rule would cost a customer his write.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
use Test::CRM::Rude;
use Test::More;
use Test::Nginx::Socket 'no_plan';

rude_start();
$ENV{TEST_NGINX_RUDE_SOCK} = rude_sock();

our $Rules = <<'YAML';
kind: workflow_rule
name: active
module: Deals
sequence: 10
execute_when: { type: create_or_edit }
conditions:
  - criteria: { field: Amount, comparator: greater_than, value: 100 }
    instant_actions:
      - { type: field_updates, field: Priority, value: High }
      - { type: webhooks, name: hook }
---
kind: workflow_rule
name: next version
module: Deals
status: shadow
sequence: 20
execute_when: { type: create_or_edit, details: { repeat: false } }
conditions:
  - criteria: { field: Amount, comparator: greater_than, value: 10 }
    instant_actions:
      - { type: field_updates, field: Priority, value: Low }
      - { type: field_updates, field: Seen, value: true }
      - { type: webhooks, name: hook }
---
kind: webhook
name: hook
module: Deals
url: http://127.0.0.1:9/
http_method: POST
---
kind: record_locking
module: Deals
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: Stage, comparator: equal, value: Closed }
  - name: marked
    criteria: { field: Marked, comparator: equal, value: true }
restricted_actions: [update, delete]
YAML

our $Seed = qq(Deals/1 {"Stage":"Closed","Amount":1}\nDeals/2 {"Stage":"Open","Marked":false,"Amount":1}\n);

# a body that nobody would write the same way twice
our $Odd = qq({ "data" : [ {"Amount":1.50e2 ,\t"N\\u0061me": "\\u00e9" } ] , "trigger":["workflow"]});

our $Shadow = <<'CONF' =~ s/SOON/at_most(200) . 'ms'/er;
location /crm/ {
    crm_automation shadow;
    crm_org acme;
    crm_dialect zoho;
    crm_record_location /_crm_record;
    crm_rules_wait SOON;
    client_max_body_size 8m;
    client_body_buffer_size 1k;
    add_header X-Decision $crm_decision always;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT;
}
location /_crm_record/ { internal; proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT/; }
location = /crm_status { crm_status; }
CONF

sub http_conf {
    my ($redis, $more) = @_;

    return "crm_redis unix:$redis timeout=@{[at_most(200)]}ms;\n" . ($more || '');
}

# The documents in the stream of traces, oldest first.
sub traces {
    my $list = redis('XRANGE', 'crm:{acme}:trace', '-', '+');

    return map { json_decode($_->[1][1]) } @{ $list || [] };
}

sub put { return http(PUT => "/crm/v8/Deals/$_[0]", body => $_[1]) }

sub status { return json_decode(http(GET => "/crm_status")->{body}) }

# Nothing of a write is in Redis: no lease, intent, job, mark or memory.
sub untouched {
    my ($name) = @_;

    is_deeply([grep { !/:(epoch|revision|revisions|processes|trace)$|:rules:\d+$/ && $_ ne 'crm:orgs' }
               @{ redis('KEYS', '*') }], [], "$name: nothing in Redis");
}

no_long_string();
run_tests();

__DATA__

=== TEST 1: a rule in shadow beside an active one: effects of the active alone
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- request
PUT /crm/v8/Deals/2
{"data":[{"Amount":200}]}
--- error_code: 200
--- backend_body chomp
{"data":[{"Amount":200,"Priority":"High"}]}
--- redis_check
LLEN crm:{acme}:queue:webhooks => 1
HEXISTS crm:{acme}:record:Deals/2 'once:next version' => 0
XLEN crm:{acme}:trace => 1
--- check
my ($t) = traces();
is($t->{decision}, 'allowed', 'allowed');
ok(!exists $t->{mode}, 'the write is not in shadow');
is_deeply([map { [$_->{name}, $_->{mode}] } @{ $t->{rules} }], [['active', undef], ['next version', 'shadow']],
    'the trace tells of both');
is_deeply([map { $_->{state} } @{ $t->{rules}[0]{actions} }], ['done', 'queued'], 'what one did');
is_deeply([map { $_->{state} } @{ $t->{rules}[1]{actions} }], [('dry_run') x 3], 'and what the other would do');
is_deeply([grep { $_->{rule_id} } @{ $t->{changed} }],
    [{ field => 'Priority', old => undef, new => 'High', rule_id => 'active' }], 'changes are those of the one');



=== TEST 2: a rule in shadow alone: the body goes out byte for byte, and it is asked again
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- request eval
["PUT /crm/v8/Deals/2\n{ \"data\" : [ {\"Amount\":20 } ]}", "PUT /crm/v8/Deals/2\n{ \"data\" : [ {\"Amount\":30 } ]}"]
--- error_code eval: [200, 200]
--- redis_check
LLEN crm:{acme}:queue:webhooks => 0
XLEN crm:{acme}:trace => 2
--- check
is_deeply([map { $_->{body} } crm_writes()], ['{ "data" : [ {"Amount":20 } ]}', '{ "data" : [ {"Amount":30 } ]}'],
    'bodies as they came');
is_deeply([map { $_->{rules}[0]{name} } traces()], ['next version', 'next version'],
    'what has no effect is not remembered, repeat or not');



=== TEST 3: a location in shadow tells what it would refuse, and refuses nothing
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- http_config eval: main::http_conf('$TEST_NGINX_REDIS_SOCK')
--- config eval: $::Shadow
--- request eval: ["PUT /crm/v8/Deals/1\n$::Odd", 'DELETE /crm/v8/Deals/1']
--- error_code eval: [200, 200]
--- response_headers eval: [("X-Decision: shadow\n!CRM-Event\n!CRM-Rule\n!CRM-Event-State") x 2]
--- redis_check
XLEN crm:{acme}:trace => 2
--- check
is((crm_writes())[0]{body}, $::Odd, 'the body, byte for byte');
is_deeply([grep { $_->{header}{'crm-event'} || $_->{header}{'idempotency-key'} } crm_writes()], [],
    'no headers of ours');
untouched('refused twice');
my @t = traces();
is_deeply([map { "$_->{mode} $_->{decision} $_->{op}" } @t], ['shadow refused update', 'shadow refused delete'],
    'the traces say what would have been');
is_deeply([map { $_->{gates}[0]{rule_id} } @t], ['closed', 'closed'], 'and by which rule');
is(status()->{requests}{shadow}, 2, 'they are counted');



=== TEST 4: a location in shadow tells what rules would do, and they do nothing
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- http_config eval: main::http_conf('$TEST_NGINX_REDIS_SOCK')
--- config eval: $::Shadow
--- request eval: ["PUT /crm/v8/Deals/2\n$::Odd", "POST /crm/v8/Deals\n{\"data\":[{\"Amount\":500,\"Marked\":true}]}"]
--- error_code eval: [200, 201]
--- redis_check
XLEN crm:{acme}:trace => 2
--- check
is_deeply([map { $_->{body} } crm_writes()], [$::Odd, '{"data":[{"Amount":500,"Marked":true}]}'], 'bodies as they came');
untouched('allowed twice');
is_deeply([map { join ' ', map { $_->{name} } @{ $_->{rules} } } traces()], [('active next version') x 2],
    'rules that would have fired');



=== TEST 5: what it cannot read as a write passes untouched
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- http_config eval: main::http_conf('$TEST_NGINX_REDIS_SOCK')
--- config eval: $::Shadow
--- request eval
["PUT /crm/v8/Deals/2\n{\"data\":[{\"A\":1,\"A\":2}]}", "PUT /crm/v8/Deals/2\nnot JSON at all", "PUT /crm/v8/Deals//2\n{}",
 "PUT /crm/v8/Deals/2\n{\"data\":[{\"N\":\"" . ('x' x 3000000) . "\"}]}"]
--- error_code eval: [200, 400, 404, 200]
--- response_headers eval: [("X-Decision: shadow\n!CRM-Event\n!CRM-Rule") x 4]
--- check
my @bodies = map { $_->{body} } crm_writes();
is_deeply([@bodies[0 .. 2]], ['{"data":[{"A":1,"A":2}]}', 'not JSON at all', '{}'], 'as they came');
is(length $bodies[3], 3000019, 'however long');
untouched('unreadable');



=== TEST 6: Redis dies under a location in shadow
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- http_config eval: main::http_conf('$TEST_NGINX_REDIS_SOCK')
--- config eval: $::Shadow
--- init
is(put(2, $::Odd)->{status}, 200, 'before');
redis_kill();
--- request eval: ["PUT /crm/v8/Deals/1\n$::Odd", "PUT /crm/v8/Deals/2\n$::Odd", 'DELETE /crm/v8/Deals/1']
--- error_code eval: [200, 200, 200]
--- response_headers eval: [("X-Decision: shadow\n!Retry-After\n!CRM-Event") x 3]
--- check
is_deeply([map { $_->{body} } grep { $_->{method} eq 'PUT' } crm_writes()], [($::Odd) x 3], 'byte for byte');
redis_start();



=== TEST 7: Redis was never there
--- http_config: crm_redis unix:$TEST_NGINX_SERVROOT/nobody.sock;
--- crm_seed eval: $::Seed
--- config eval: $::Shadow
--- request eval: ["PUT /crm/v8/Deals/1\n$::Odd", "POST /crm/v8/Deals\n$::Odd"]
--- error_code eval: [200, 201]
--- response_headers eval: [("X-Decision: shadow\n!Retry-After\n!CRM-Event") x 2]
--- check
is_deeply([map { $_->{body} } crm_writes()], [($::Odd) x 2], 'byte for byte');



=== TEST 8: Redis is silent, lies, or hangs up
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- http_config eval: main::http_conf('$TEST_NGINX_RUDE_SOCK')
--- config eval: $::Shadow
--- init
wait_for { status()->{org}{acme}{revision} } 'the rules';
for my $how ({ mute => 1 }, { reply => "-BUSY busy\r\n" }, { reply => "?nonsense\r\n" }, { close => 1 }) {
    rude({ on => 'HGETALL', %$how });
    is(put(1, $::Odd)->{status}, 200, join ' ', %$how);
    is((crm_writes())[-1]{body}, $::Odd, 'byte for byte');
    rude();
}
--- request
GET /crm_status
--- error_code: 200



=== TEST 9: the record cannot be read
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- crm_fail: fault=reset method=GET
--- http_config eval: main::http_conf('$TEST_NGINX_REDIS_SOCK')
--- config eval: $::Shadow
--- request eval: ["PUT /crm/v8/Deals/1\n$::Odd", 'DELETE /crm/v8/Deals/2']
--- error_code eval: [200, 200]
--- response_headers eval: [("X-Decision: shadow\n!Retry-After") x 2]
--- check
is((crm_writes())[0]{body}, $::Odd, 'byte for byte');
untouched('unread');



=== TEST 10: another write holds the record
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- http_config eval: main::http_conf('$TEST_NGINX_REDIS_SOCK')
--- config eval: $::Shadow
--- init
redis('SET', 'crm:{acme}:busy:Deals/1', 'another');
--- request eval
"PUT /crm/v8/Deals/1
$::Odd"
--- error_code: 200
--- redis_check
GET crm:{acme}:busy:Deals/1 => another
--- check
is((crm_writes())[0]{body}, $::Odd, 'nobody waits for it');



=== TEST 11: a lock that only a mark makes, and the mark stays
--- crm_rules eval: $::Rules
--- crm_seed
Deals/3 {"Stage":"Open","Marked":true,"Amount":1}
--- redis_before
HSET crm:{acme}:record:Deals/3 lock '["marked"]'
--- http_config eval: main::http_conf('$TEST_NGINX_REDIS_SOCK')
--- config eval: $::Shadow
--- request
PUT /crm/v8/Deals/3
{"data":[{"Marked":false}]}
--- error_code: 200
--- redis_check
HGET crm:{acme}:record:Deals/3 lock => ["marked"]
XLEN crm:{acme}:trace => 1
--- check
is((traces())[0]{gates}[0]{rule_id}, 'marked', 'would have been refused');
