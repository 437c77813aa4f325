# A rule that fires once in the life of a record, in a write whose outcome nobody
# told: recovery finds that the write was done, and from then on the rule has had
# its run, for a record that the write created too. It would fail by a second run,
# or by a run that was counted though the write was not done.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Recovery;

redis_start();
crm_start();
receiver_start();

crm_rules(<<'EOT');
kind: workflow_rule
name: greet
id: r-1
module: Deals
execute_when: { type: create_or_edit, details: { repeat: false } }
conditions:
  - criteria: { field: Stage, comparator: equal, value: Won }
    instant_actions: [ { type: webhooks, name: tell } ]
---
kind: webhook
name: tell
module: Deals
url: $HOOK
http_method: POST
EOT

nginx_start(extra => 'crm_backend_max_time 2s; proxy_read_timeout 1s; crm_lease_wait 50ms;');
worker_start('--backend', guarded_url());

sub put { return http(PUT => "/crm/v8/Deals/$_[0]", body => "{\"data\":[{$_[1]}]}", timeout => 20) }
sub once { return redis(HGET => "crm:{acme}:record:Deals/$_[0]", 'once:r-1') }

sub settled {
    ok(eval { wait_for { !intents() } 'recovery', 60 }, $_[0]) or diag($@);
}


# --- an update

my $id = '4150868000000624033';
crm_seed('Deals', $id, '{"Stage":"Open","Amount":1}');

crm_fail(fault => 'reset', method => 'PUT', times => 1);
is(put($id, '"Stage":"Won"')->{status}, 502, 'an update without an outcome that was not done');
settled('is settled');
is(once($id), undef, 'and counts for nothing');
is(scalar hooks(), 0, 'nobody was told');

crm_fail(fault => 'reset', commit => 1, method => 'PUT', times => 1);
is(put($id, '"Stage":"Won"')->{status}, 502, 'an update without an outcome that was done');
settled('is settled');
is(once($id), 1, 'and was the one run');
wait_for { hooks() == 1 } 'the webhook', 20;

is(put($id, '"Stage":"Open"')->{status}, 200, 'the deal goes back');
is(put($id, '"Stage":"Won"')->{status}, 200, 'and is won again');


# --- a create

crm_fail(fault => 'reset', commit => 1, method => 'POST', times => 1);
is(http(POST => '/crm/v8/Deals', body => '{"data":[{"Deal_Name":"Acme, once","Stage":"Won","Amount":7}]}',
        timeout => 20)->{status}, 502, 'a create without an outcome that was done');
settled('is settled');

my ($new) = grep { $_ ne $id } map { m{/([^/]+)\z} } @{ redis('KEYS', 'crm:{acme}:record:Deals/*') };
ok($new, 'under the id that the backend gave');
is(once($new), 1, 'it was the one run');
wait_for { hooks() == 2 } 'its webhook', 20;

is(put($new, '"Amount":8')->{status}, 200, 'an edit that matches');
is(put($id, '"Amount":8')->{status}, 200, 'and one of the other deal');
is(redis('LLEN', 'crm:{acme}:queue:webhooks'), 0, 'say nothing more');
is(scalar hooks(), 2, 'two runs, one for each record');


# --- the record goes, its memory with it

is(http(DELETE => "/crm/v8/Deals/$id")->{status}, 200, 'the deal is deleted');
is(once($id), undef, 'and forgotten');

is(worker_stop(), 0, 'the worker stops when asked');
is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();
