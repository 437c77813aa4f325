# A Redis that becomes a replica: it answers on, and takes no writes. Fails when the
# connection stays, so that nobody finds the one that has taken its place, or when a
# locked record gets through meanwhile.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;

redis_start();
crm_start();
crm_rules(<<'YAML');
kind: record_locking
module: Deals
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: Stage, comparator: equal, value: Won }
YAML

crm_seed('Deals', 1, '{"Stage":"Won"}');
crm_seed('Deals', 2, '{"Stage":"New"}');
nginx_start(http => crm_http_config("timeout=@{[at_most(300)]}ms"));

sub change { return http(PUT => "/crm/v8/Deals/$_[0]", body => '{"data":[{"Note":"x"}]}')->{status} }
sub logged { return nginx()->error_log =~ $_[0] }

wait_for { change(2) == 200 } 'the rules';
is(change(1), 400, 'a locked record is refused');

redis('REPLICAOF', '127.0.0.1', 1);
crm_clear_log();
is(change(2), 503, 'a Redis that takes no writes: closed');
wait_for { logged(qr/no connection to \S+: it takes no writes any more/) } 'the end of the connection';
is(change(1), 503, 'also for a locked record');

# It is looked for again and again, and found when there is one that takes writes.
is(change(2), 503, 'it stays closed');
is(scalar crm_writes(), 0, 'nothing is forwarded');

redis('REPLICAOF', 'NO', 'ONE');
wait_for { change(2) == 200 } 'another one in its place';
is(change(1), 400, 'which judges as before');
ok(logged(qr/connected to /), 'by a connection of its own');


# --- one that is a replica from the start ---------------------------------------------------

is(nginx_stop(), undef, 'nginx has ended well');
redis('REPLICAOF', '127.0.0.1', 1);
unlink work_dir() . '/nginx/logs/error.log';
nginx_start(http => crm_http_config("timeout=@{[at_most(300)]}ms"), extra => 'crm_rules_wait 300ms;');
wait_for { logged(qr/it is a replica, which takes no writes/) } 'a replica is not used';
is(change(1), 503, 'closed');
redis('REPLICAOF', 'NO', 'ONE');
wait_for { change(2) == 200 } 'and then it is';
is(change(1), 400, 'judged');

done_testing();
