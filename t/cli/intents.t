# crmctl intents: a write whose outcome nobody could tell is ended by a person
# who has looked. Fails when such a write cannot be found, when settling it
# does not give what its request would have given, or gives it twice.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;

my $id = '4150868000000624033';
my $queue = 'crm:{acme}:queue:webhooks';

redis_start();
crm_start();

crm_rules(<<'EOT');
kind: workflow_rule
name: tell
module: Deals
execute_when: { type: create_or_edit }
conditions:
  - criteria: { field: Amount, comparator: greater_than, value: 1 }
    instant_actions: [ { type: webhooks, name: deal } ]
---
kind: webhook
name: deal
module: Deals
url: https://hooks.example.test/deals
http_method: POST
body: { type: raw, format: JSON, content: '{"id":"${!Deals.id}","amount":"${!Deals.Amount}"}' }
---
kind: record_locking
module: Deals
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: false
    criteria: { field: Amount, comparator: greater_than, value: 100 }
locked_for: all_profiles
restricted_actions: [update, delete]
EOT

nginx_start();


# --- nothing yet -------------------------------------------------------------------

is(listed()->{undetermined}, 0, 'nothing is undetermined');
like(crmctl('intents', 'ls')->{out}, qr/^0 undetermined, 0 pending$/m,
     'and that is said');


# --- an update ---------------------------------------------------------------------

crm_seed('Deals', $id, '{"Amount":1}');

my $event = lost_write(PUT => "Deals/$id");
my $l = listed();

is($l->{pending}, 1, 'a write that has not ended is pending');
is($l->{intents}[0]{state}, 'prepared', 'in the state that it is in');

my $r = crmctl('intents', 'settle', $event, 'dropped');

is(maybe($event), '["closed"]', 'the lock that it closes, if it was done, is marked');
is($r->{rc}, 1, 'which is not for people to settle');
like($r->{err}, qr/is prepared, not undetermined/, 'and that is said');

give_up($event, 'its record has another owner');
$l = listed();

is($l->{undetermined}, 1, 'what recovery gave up is undetermined');
is_deeply([ @{ $l->{intents}[0] }{qw(event state operation record reason)} ],
          [ $event, 'undetermined', 'update', "Deals/$id",
            'its record has another owner' ], 'with what it is about, and why');
cmp_ok($l->{intents}[0]{age_ms}, '>=', 0, 'and its age');
like(crmctl('intents', 'ls')->{out},
     qr{^\Q$event\E +undetermined +update +Deals/$id +\d+ s +its record has}m,
     'as a table, too');

$r = crmctl('doctor');
is($r->{rc}, 0, 'doctor warns of it');
like($r->{out}, qr{^warn  intents     1 writes are undetermined; look into the CRM, then: crmctl intents settle}m,
     'says what to do');
like($r->{out}, qr{^warn  intents     \Q$event\E: update Deals/$id, since \d+ s: its record has another owner$}m,
     'and names it');
is(json_decode(crmctl('status', '-o', 'json')->{out})->{undetermined}, 1,
   'status counts it');

$r = crmctl('intents', 'settle', $event, 'committed', '--id', '77');
is($r->{rc}, 64, 'its record is known: another one is wrong use');

$r = crmctl('intents', 'settle', $event, 'committed');
is($r->{rc}, 0, 'it is settled as committed') or diag($r->{err});
is($r->{out}, "event $event is settled: committed, 1 job\n", 'and that is said');
is(jobs(), 1, 'its job is in the queue');

my $job = json_decode(redis(LINDEX => $queue, 0));

is($job->{event}, $event, 'of that event');
is($job->{record_id}, $id, 'and that record');
is($job->{action}{body}, qq({"id":"$id","amount":"200"}),
   'rendered as the request would have rendered it');
is(redis(SISMEMBER => 'crm:{acme}:own', $job->{id}), 1, 'as one of ours');
is(redis(HGET => "crm:{acme}:record:Deals/$id", 'lock'), undef,
   'no mark is set: others may have written since');
is(maybe($event), '["closed"]', 'but the one that it left is not lost');
is(redis(XLEN => 'crm:{acme}:trace'), 1, 'the trace tells of it');
gone($event, 'committed');

$r = crmctl('intents', 'settle', $event, 'committed');
is($r->{rc}, 1, 'a second time is refused');
like($r->{err}, qr/has ended: committed/, 'because it has ended');
is(jobs(), 1, 'and nothing follows again');


# --- a create: which record? ----------------------------------------------------------

$event = lost_write(POST => 'Deals');
give_up($event, 'nobody knows');

$r = crmctl('intents', 'settle', $event, 'committed');
is($r->{rc}, 64, 'who says that a record was created says which');
like($r->{err}, qr/--id ID/, 'and is told how');

$r = crmctl('intents', 'settle', $event, 'committed', '--id', '9001', '-o', 'json');
is_deeply(json_decode($r->{out}), { event => $event, settled => 'committed', jobs => 1 },
          'then it is settled');
is(json_decode(redis(LINDEX => $queue, 1))->{record_id}, '9001',
   'its job is about that record');
gone($event, 'committed');


# --- dropped ---------------------------------------------------------------------------

$event = lost_write(PUT => "Deals/$id");
give_up($event, 'nobody knows');

$r = crmctl('intents', 'settle', $event, 'dropped', '--id', '1');
is($r->{rc}, 64, 'what was dropped has no id');

$r = crmctl('intents', 'settle', $event, 'dropped');
is($r->{out}, "event $event is settled: dropped, 0 jobs\n", 'it is settled as dropped');
is(jobs(), 2, 'nothing follows');
is(maybe($event), undef, 'and its mark is taken back');
gone($event, undef);


# --- what cannot be settled --------------------------------------------------------------

$event = lost_write(PUT => "Deals/$id");
give_up($event, 'nobody knows');
redis(RENAME => 'crm:{acme}:rules:1', 'x');
$r = crmctl('intents', 'settle', $event, 'committed');
is($r->{rc}, 1, 'without the rules that judged it');
like($r->{err}, qr/revision 1, are not in Redis any more/, 'nobody knows what follows');
redis(RENAME => 'x', 'crm:{acme}:rules:1');

redis(HSET => "crm:{acme}:intent:$event", 'doc', '{"v":1}');
$r = crmctl('intents', 'settle', $event, 'committed');
is($r->{rc}, 1, 'nor from an intent that cannot be read');
like($r->{err}, qr/it can only be dropped/, 'which can be dropped');
is(listed()->{intents}[0]{operation}, '', 'and is listed all the same');
is(jobs(), 2, 'nothing has followed');
is(crmctl('intents', 'settle', $event, 'dropped')->{rc}, 0, 'it is dropped');

$r = crmctl('intents', 'settle', 'NOSUCH', 'dropped');
is($r->{rc}, 1, 'an event that does not exist');
like($r->{err}, qr/there is no event NOSUCH/, 'is named');

for my $wrong ([qw(intents)], [qw(intents lst)], [qw(intents settle)],
               [qw(intents settle E lost)], [qw(intents ls E)],
               [qw(intents ls --nginx /x)])
{
    $r = crmctl(@$wrong);
    is($r->{rc}, 64, "@$wrong: wrong use");
    isnt($r->{err}, '', 'and a sentence about it');
}

is(nginx_stop(), undef, 'nginx ends well');
done_testing();


# A write whose answer the CRM never gave: its event. Alone in intents.

sub lost_write {
    my ($method, $path) = @_;

    crm_fail(fault => 'reset', method => $method, times => 1);
    http($method => "/crm/v8/$path", body => '{"data":[{"Amount":200}]}');

    return redis(ZRANGE => 'crm:{acme}:intents', 0, -1)->[0];
}


# What recovery does with a write of which it can tell nothing.

sub give_up {
    my ($e, $reason) = @_;

    my ($s) = @{ redis('TIME') };

    redis(HSET => "crm:{acme}:intent:$e", 'state', 'undetermined', 'reason', $reason);
    redis(ZREM => 'crm:{acme}:intents', $e);
    redis(ZADD => 'crm:{acme}:undetermined', $s * 1000, $e);
    redis(DEL => @{ redis(KEYS => 'crm:{acme}:busy:*') })
        if @{ redis(KEYS => 'crm:{acme}:busy:*') };
}


sub gone {
    my ($e, $settled) = @_;

    is(redis(EXISTS => "crm:{acme}:intent:$e"), 0, 'its intent is gone');
    is(redis(ZSCORE => 'crm:{acme}:undetermined', $e), undef, 'from the list, too');
    is(redis(GET => "crm:{acme}:settled:$e"), $settled, 'what became of it is kept')
        if defined $settled;
}


sub maybe  { return redis(HGET => "crm:{acme}:record:Deals/$id", "maybe:$_[0]") }
sub jobs   { return redis(LLEN => $queue) }
sub listed { return json_decode(crmctl('intents', 'ls', '-o', 'json')->{out}) }
