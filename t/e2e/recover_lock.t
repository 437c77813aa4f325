# A write that locks its record, whose outcome nobody told, while recovery cannot
# read the record back: until the mark is there the record takes no other write.
# Were it free meanwhile, a crash at the wrong moment would open a lock.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;

my $id = '4150868000000624033';

redis_start();
crm_start();

crm_rules(<<'EOT');
kind: record_locking
module: Deals
lock_type: automatic
locking_rules:
  - name: closed
    criteria: { field: Stage, comparator: equal, value: Closed }
EOT

nginx_start(extra => 'crm_backend_max_time 2s; proxy_read_timeout 1s; crm_lease_wait 50ms;');

sub put { return http(PUT => "/crm/v8/Deals/$id", body => "{\"data\":[{$_[0]}]}", timeout => 20) }
sub intents { return @{ redis(ZRANGE => 'crm:{acme}:intents', 0, -1) } }

crm_seed('Deals', $id, '{"Stage":"Open","Amount":1}');
crm_fail(fault => 'reset', commit => 1, method => 'PUT', times => 1);

is(put('"Stage":"Closed"')->{status}, 502, 'the write that closes the deal has no outcome');
like(crm_record('Deals', $id), qr/"Stage":"Closed"/, 'but was done');

my ($event) = intents();

worker_start('--backend', 'http://127.0.0.1:' . free_port() . '/crm/v8');
wait_for { (redis(HGET => "crm:{acme}:intent:$event", 'fence') || 0) >= 3 }
    'recovery to try and try again', 30;

my $writes = () = crm_writes();

is(put('"Amount":2')->{status}, 409, 'the deal is busy as long as it cannot be read back');
is(scalar(() = crm_writes()), $writes, 'and is not written');

worker_stop();
worker_start('--backend', 'http://127.0.0.1:' . nginx_port() . '/crm/v8');

ok(eval { wait_for { !intents() } 'recovery', 60 }, 'it is settled when it can be')
    or diag($@);
like(put('"Amount":2')->{body}, qr/RECORD_LOCKED/, 'and the deal is locked then');
is(scalar(() = crm_writes()), $writes, 'nothing has come in between');

is(worker_stop(), 0, 'the worker stops when asked');
is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();
