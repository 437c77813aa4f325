# One write of a record at a time: the second waits for the first, and is told
# so when it takes too long. Fails when two writes of one record are under way
# together, when a lease is left behind, or when a stranger's is taken.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
use Test::More;
use Test::Nginx::Socket 'no_plan';

our $Rules = <<'YAML';
kind: workflow_rule
name: rate
module: Leads
execute_when: { type: create_or_edit }
conditions: [ { criteria: null, instant_actions: [ { type: field_updates, field: Rating, value: Hot } ] } ]
---
kind: workflow_rule
name: gone
module: Leads
execute_when: { type: delete }
conditions: [ { criteria: null, instant_actions: [ { type: webhooks, name: hook } ] } ]
---
kind: webhook
name: hook
module: Leads
url: http://127.0.0.1:9/
http_method: POST
YAML

# A mark and a job in one write.
our $Marked = "---\n$Rules" =~ s/field_updates, field: Rating, value: Hot/webhooks, name: hook/r
    . <<'YAML';
---
kind: record_locking
module: Leads
lock_type: automatic
locking_rules:
  - name: closed
    criteria: { field: x, comparator: equal, value: 2 }
YAML

our $Seed = <<'EOT';
Leads/1 {"x":1}
Leads/2 {"x":1}
EOT

sub put { return "PUT /crm/v8/Leads/$_[0]\n{\"data\":[{\"x\":2}]}" }

no_long_string();
run_tests();

__DATA__

=== TEST 1: a record that another write holds is busy, in the end
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- crm_extra: crm_lease_wait 200ms;
--- redis_before
SET crm:{acme}:busy:Leads/1 01SOMEBODYELSE PX 60000
--- request eval: [main::put(1), 'DELETE /crm/v8/Leads/1']
--- error_code eval: [409, 409]
--- response_headers_like eval: [("Content-Type: application/json\nCRM-Event: [0-9A-Z]{26}") x 2]
--- response_body_like eval
[('^\{"code":"RECORD_BUSY","details":\{"id":"1","reason":"[^"]+","event":"[0-9A-Z]{26}"\},"message":"[^"]+","status":"error"\}$') x 2]
--- backend_requests: 0
--- redis_check
GET crm:{acme}:busy:Leads/1 => 01SOMEBODYELSE
ZCARD crm:{acme}:intents => 0



=== TEST 2: other records are not
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- crm_extra: crm_lease_wait 200ms;
--- redis_before
SET crm:{acme}:busy:Leads/1 01SOMEBODYELSE PX 60000
SET crm:{acme}:busy:Deals/2 01SOMEBODYELSE PX 60000
SET crm:{other}:busy:Leads/2 01SOMEBODYELSE PX 60000
--- request eval: main::put(2)
--- error_code: 200
--- backend_writes: 1
--- redis_check
EXISTS crm:{acme}:busy:Leads/2 => 0



=== TEST 3: a create holds no record and waits for none
--- crm_rules eval: $::Rules
--- crm_extra: crm_lease_wait 200ms;
--- redis_before
SET crm:{acme}:busy:Leads/ 01SOMEBODYELSE PX 60000
--- request
POST /crm/v8/Leads
{"data":[{"x":2}]}
--- error_code: 201
--- backend_writes: 1



=== TEST 4: a lease that ends is taken
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- redis_before
SET crm:{acme}:busy:Leads/1 01SOMEBODYELSE PX 300
--- request eval: main::put(1)
--- error_code: 200
--- backend_writes: 1
--- redis_check
EXISTS crm:{acme}:busy:Leads/1 => 0



=== TEST 5: a lease that is released is taken
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- redis_before
SET crm:{acme}:busy:Leads/1 01SOMEBODYELSE PX 60000
--- init
my ($r) = in_parallel(2, sub {
    my ($i) = @_;
    return http(PUT => '/crm/v8/Leads/1', body => '{"data":[{"x":2}]}') if $i == 0;
    wait_for { (http(GET => '/crm_status', timeout => 5)->{body} || '') =~ /"revision":1/ } 'nginx';
    redis('DEL', 'crm:{acme}:busy:Leads/1');
    return 1;
});
is($r->{status}, 200, 'it waited, and went through');
--- request
GET /crm/v8/Leads/1
--- error_code: 200
--- response_body_like: "x":2



=== TEST 6: the second of two writes waits for the first and sees what it did
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- crm_delay: ms=150 method=PUT
--- crm_extra: crm_lease_wait 30s;
--- init
my @r = in_parallel(4, sub {
    return http(PUT => '/crm/v8/Leads/1', body => "{\"data\":[{\"x\":\"$_[0]\"}]}");
});
is_deeply([map { $_->{status} } @r], [200, 200, 200, 200], 'all of them, in turn');
my @log = crm_log();
is(join(' ', map { $_->{method} } @log), 'GET PUT GET PUT GET PUT GET PUT', 'never two at a time');
--- request
GET /crm/v8/Leads/1
--- error_code: 200
--- redis_check
EXISTS crm:{acme}:busy:Leads/1 => 0
ZCARD crm:{acme}:intents => 0



=== TEST 7: a lease lasts longer than the backend may take
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- crm_extra
crm_backend_max_time 70s;
--- init
crm_hold(method => 'PUT');
my ($r, $ttl) = in_parallel(2, sub {
    my ($i) = @_;
    return http(PUT => '/crm/v8/Leads/1', body => '{"data":[{"x":2}]}') if $i == 0;
    wait_for { crm_writes() } 'the write';
    my $ms = redis('PTTL', 'crm:{acme}:busy:Leads/1');
    crm_release();
    return $ms;
});
is($r->{status}, 200, 'done');
cmp_ok($ttl, '>', 70_000, 'longer than crm_backend_max_time');
cmp_ok($ttl, '<=', 80_000, 'by ten seconds');
--- request
GET /crm/v8/Leads/1
--- error_code: 200



=== TEST 8: a client that goes away while it waits leaves nothing behind
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- redis_before
SET crm:{acme}:busy:Leads/1 01SOMEBODYELSE PX 60000
--- init
http(PUT => '/crm/v8/Leads/1', body => '{"data":[{"x":2}]}', timeout => 0.2);
redis('DEL', 'crm:{acme}:busy:Leads/1');
--- request eval: main::put(1)
--- error_code: 200
--- backend_writes: 1
--- redis_check
EXISTS crm:{acme}:busy:Leads/1 => 0
ZCARD crm:{acme}:intents => 0



=== TEST 9: a refused write lets the record go for the next
--- crm_rules
kind: record_locking
module: Leads
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: x, comparator: equal, value: 1 }
--- crm_seed eval: $::Seed
--- request eval: [(main::put(1)) x 3]
--- error_code eval: [400, 400, 400]
--- redis_check
EXISTS crm:{acme}:busy:Leads/1 => 0
ZCARD crm:{acme}:intents => 0



=== TEST 10: a lease that is lost while the record is read closes the gate
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- init
crm_hold(method => 'GET');
my ($r) = in_parallel(2, sub {
    my ($i) = @_;
    return http(PUT => '/crm/v8/Leads/1', body => '{"data":[{"x":2}]}') if $i == 0;
    wait_for { crm_log() } 'the record to be read';
    redis('SET', 'crm:{acme}:busy:Leads/1', '01SOMEBODYELSE');
    crm_release();
    return 1;
});
is($r->{status}, 503, 'nothing is forwarded without it');
is(scalar(() = crm_writes()), 0, 'nothing was');
--- request
GET /crm/v8/Leads/1
--- error_code: 200
--- redis_check
GET crm:{acme}:busy:Leads/1 => 01SOMEBODYELSE



=== TEST 11: a lease that is lost at the backend leaves the mark in doubt, and the jobs as they are
--- crm_rules eval: $::Marked
--- crm_seed eval: $::Seed
--- init
crm_hold(method => 'PUT');
my ($r) = in_parallel(2, sub {
    my ($i) = @_;
    return http(PUT => '/crm/v8/Leads/1', body => '{"data":[{"x":2}]}') if $i == 0;
    wait_for { crm_writes() } 'the write at the backend';
    redis('SET', 'crm:{acme}:busy:Leads/1', '01SOMEBODYELSE');
    crm_release();
    return 1;
});
is($r->{status}, 200, 'the backend has done it');
--- request
GET /crm/v8/Leads/1
--- error_code: 200
--- error_log: the lease was lost
--- redis_check
LLEN crm:{acme}:queue:webhooks => 1
HEXISTS crm:{acme}:record:Leads/1 lock => 0
HLEN crm:{acme}:record:Leads/1 => 1
GET crm:{acme}:busy:Leads/1 => 01SOMEBODYELSE
ZCARD crm:{acme}:intents => 0
