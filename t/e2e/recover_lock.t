# A write that locks its record, whose outcome nobody told, while recovery cannot
# read the record back: until the mark is there the record takes no other write.
# Were it free meanwhile, a crash at the wrong moment would open a lock. When
# its lease has ended all the same, the lock that the write may have closed holds.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Recovery;

my $id = '4150868000000624033';

redis_start();
crm_start();

crm_rules(<<'EOT');
kind: record_locking
module: Deals
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: false
    criteria: { field: Stage, comparator: equal, value: Closed }
EOT

nginx_start(extra => 'crm_backend_max_time 2s; proxy_read_timeout 1s; crm_lease_wait 50ms;');

sub put { return http(PUT => "/crm/v8/Deals/$id", body => "{\"data\":[{$_[0]}]}", timeout => 20) }

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
worker_start('--backend', guarded_url());

ok(eval { wait_for { !intents() } 'recovery', 60 }, 'it is settled when it can be')
    or diag($@);
like(put('"Amount":2')->{body}, qr/RECORD_LOCKED/, 'and the deal is locked then');
is(scalar(() = crm_writes()), $writes, 'nothing has come in between');

is(worker_stop(), 0, 'the worker stops when asked');


# --- nobody recovers: nginx dies, and the lease runs out

sub in_doubt {
    my ($deal, $commit) = @_;

    crm_seed('Deals', $deal, '{"Stage":"Open","Amount":1}');
    crm_fail(fault => 'silent', method => 'PUT', times => 1, $commit ? (commit => 1) : ());

    my $before = () = crm_writes();
    my $s = begin_write(PUT => "Deals/$deal", '{"data":[{"Stage":"Closed"}]}');

    wait_for { crm_writes() > $before } 'the CRM';
    nginx_kill();
    crm_fail();

    is(redis(DEL => "crm:{acme}:busy:Deals/$deal"), 1, 'the lease ends before anybody came');
}

$id = '4150868000000624034';
in_doubt($id, 1);
like(crm_record('Deals', $id), qr/"Stage":"Closed"/, 'a write without an outcome closed a deal');

$writes = () = crm_writes();
my $r = put('"Amount":2');
like($r->{body}, qr/RECORD_LOCKED/, 'the deal is locked') or diag("$r->{status}");
is(scalar(() = crm_writes()), $writes, 'and is not written');

$id = '4150868000000624035';
in_doubt($id, 0);
like(crm_record('Deals', $id), qr/"Stage":"Open"/, 'one that was not done left the deal open');
is(put('"Amount":2')->{status}, 200, 'which takes writes as before');

crm_seed('Deals', $id, '{"Stage":"Closed","Amount":2}');
is(put('"Amount":3')->{status}, 200, 'no mark is left of it: what closes it later past nginx locks nothing');

is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();
