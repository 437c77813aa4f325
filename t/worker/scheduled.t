# Scheduled actions: stored with the write that fired their rule, let out at
# their time, and done only if the record and the rules still say so. Were it
# broken, customers would be called about deals that are long closed, or never.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use POSIX qw(strftime);
use Test::More;
use Test::CRM;
use Test::CRM::Jobs;
use Test::CRM::Recovery;

redis_start();
crm_start();
receiver_start();

my $rules = <<'EOT';
kind: workflow_rule
name: chase
module: Deals
execute_when: { type: create_or_edit }
conditions:
  - criteria: { field: Stage, comparator: equal, value: Open }
    instant_actions:
      - { type: webhooks, name: deal }
    scheduled_actions:
      - execute_after: { unit: 5, period: minutes }
        actions: [ { type: webhooks, name: deal } ]
      - execute_after: { unit: 2, period: days }
        recheck: false
        actions: [ { type: webhooks, name: deal }, { type: webhooks, name: other } ]
---
kind: workflow_rule
name: gone
module: Deals
execute_when: { type: delete }
conditions:
  - criteria: null
    scheduled_actions:
      - { execute_after: { unit: 1, period: minutes }, actions: [ { type: webhooks, name: deal } ] }
---
kind: webhook
name: deal
module: Deals
url: $HOOK/deal
http_method: POST
body: { type: raw, format: JSON, content: '{"id":"${!Deals.id}","stage":"${!Deals.Stage}","amount":"${!Deals.Amount}","was":"${OLD!Deals.Stage}"}' }
---
kind: webhook
name: other
module: Deals
url: $HOOK/other/${!Deals.Amount}
http_method: POST
EOT

crm_rules($rules);

my $at = time * 1000;                # when the writes were judged
my $next = 4150868000000624100;
my $day_ms = 86_400_000;


# A deal that a write has opened, whose rule fired: its id and the event's.

sub open_deal {
    my (%o) = @_;

    my $id = ++$next;

    crm_seed('Deals', $id, '{"Stage":"Open","Amount":19.90}');

    my $event = plant(id => $id, at => $at, before => '{"Stage":"New"}',
                      request => '{"Stage":"Open","Amount":19.90}',
                      rules => '[{"rule":"chase","condition":1}]', %o);

    once();

    return ($id, $event);
}

sub once {
    my $r = worker_once('--backend', backend_url(), '--retry-schedule', '1h', @_);

    is($r->{rc}, 0, '--once exits well') or diag($r->{err});

    return $r->{err};
}

# The ids of the blocks' actions, in their order.
sub job_ids { my ($id, $event) = @_; return map { job_id($event, 'chase', 1, 1, $_, $id) } '1.1', '2.1', '2.2' }

sub let_out { redis('ZADD', key('delayed'), 'XX', 1, $_) for @_ }
sub delayed { return join ' ', sort @{ redis('ZRANGE', key('delayed'), 0, -1) } }
sub reasons { return map { /"state":"(skipped\([^"]*)"/ } traces() }
sub traces  { return map { $_->[1][1] } @{ redis('XRANGE', key('trace'), '-', '+') } }
sub bodies  { return join ' ', sort map { $_->{body} } hooks() }
sub clean_hooks { hooks_reset(); crm_clear_log() }

sub stage { my ($id, $fields) = @_; crm_seed('Deals', $id, $fields) }


# --- stored with the write

my ($id, $event) = open_deal();
my @ids = job_ids($id, $event);

my $due = strftime('%Y-%m-%dT%H:%M:%S.000Z', gmtime($at / 1000 + 300));

is(scalar(hooks()), 1, 'what is instant is delivered');
is(delayed(), join(' ', sort @ids), 'what is scheduled waits, under ids of its own');
is(redis('ZSCORE', key('delayed'), $ids[0]), $at + 300_000, 'as long as its block says');
is(redis('ZSCORE', key('delayed'), $ids[1]), $at + 2 * $day_ms, 'each block for itself');
is(redis('SCARD', key('own')), 0, 'none is announced to the entrance');

my $job = json_decode(job_hash($ids[0])->{body});

is_deeply($job->{waits}, { condition => 1, block => 1, action => 1, due => $at + 300_000, recheck => JSON::PP::true(),
                           operation => 'update', dialect => 'zoho' }, 'a waiting job says what it waits for');
is($job->{record}, undef, 'and holds no record, which will be another by then');

my ($trace) = traces();

like($trace, qr/"scheduled":\[\{"seq":1,"due":"\Q$due\E","recheck":true,"actions":\[\{"seq":1,"type":"webhooks","name":"deal","idem_key":"$ids[0]","state":"queued"\}\]\}/,
     'the trace tells when it is due');
is(redis('ZCARD', key('delayed')), 3, 'nothing is let out before its time');

# --- the record is looked at again

clean_hooks();

stage($id, '{"Stage":"Open","Amount":7}');
let_out($ids[0]);
once();

is(bodies(), qq({"id":"$id","stage":"Open","amount":"7","was":"New"}), 'it tells of the record as it is now');
is((hooks())[0]{header}{'webhook-id'}, $ids[0], 'under the id that it waited with');
is(join(' ', map { $_->{path} || $_->{target} } crm_log()), "/crm/v8/Deals/$id", 'the record was read once');
ok(job_gone($ids[0]), 'and it is done');

clean_hooks();
stage($id, '{"Stage":"Lost","Amount":8}');
let_out(@ids[1, 2]);
once();
is(scalar(hooks()), 2, 'without recheck the criteria are not asked');
is(join(' ', sort map { $_->{target} || $_->{path} } hooks()), '/deal /other/8', 'but the record is as it is now');

($id, $event) = open_deal();
@ids = job_ids($id, $event);
clean_hooks();
redis('DEL', key('trace'));
stage($id, '{"Stage":"Lost"}');
let_out($ids[0]);

my $err = once();

is(scalar(hooks()), 0, 'what does not match any more is not done');
is(join(' ', reasons()), 'skipped(criteria_no_longer_met)', 'and the stream tells why');
like((traces())[0], qr/"event_id":"$event".*"source":"scheduled".*"left":"Lost"/, 'with what was compared');
like($err, qr/dispatch: cancelled, org:acme job:$ids[0] .*reason:"criteria_no_longer_met"/, 'so does the log');
ok(job_gone($ids[0]), 'it is gone');

# --- the record is gone

redis('DEL', key('trace'));
crm_reset();
let_out(@ids[1, 2]);
once();
is(scalar(hooks()), 0, 'of a deleted record nothing is told');
is(join(' ', reasons()), 'skipped(record_deleted) skipped(record_deleted)', 'each action says so');

# --- unless its deletion is what was waited for

$id = ++$next;
$event = plant(operation => 'delete', id => $id, at => $at, rules => '[{"rule":"gone","condition":1}]',
               before => "{\"id\":\"$id\",\"Stage\":\"Open\",\"Amount\":19.90}");
once();
crm_clear_log();
let_out(job_id($event, 'gone', 1, 1, '1.1', $id));
once();
is(bodies(), qq({"id":"$id","stage":"Open","amount":"19.90","was":"Open"}), 'a deleted record is told of as it was last');
is(scalar(crm_log()), 0, 'nobody looks for it');

# --- the CRM cannot be asked

($id, $event) = open_deal();
@ids = job_ids($id, $event);
hooks_reset();
crm_fail(fault => 'status', code => 500, method => 'GET', times => 1);
let_out($ids[0]);
$err = once();
like($err, qr/dispatch: failed, .*job:$ids[0] .*reason:"backend_error: [^"]*" retry_in_ms:\d+/, 'a CRM that fails is asked again');
is(job_hash($ids[0])->{state}, 'delayed', 'the job waits');
let_out($ids[0]);
once();
is(scalar(hooks()), 1, 'and is done when it answers');

my ($id2, $event2) = open_deal();

let_out((job_ids($id2, $event2))[0]);

my $r = worker_once('--retry-schedule', '1h');

like($r->{err}, qr/reason:"no_backend: [^"]*give --backend/, 'without a backend it is said what is missing');

# --- the rule goes off, or away: waiting actions are cancelled

($id, $event) = open_deal();
@ids = job_ids($id, $event);
hooks_reset();
redis('DEL', key('trace'));
crm_rules($rules =~ s/name: chase\n/name: chase\nstatus: off\n/r);
let_out($ids[0]);
once();
is(join(' ', reasons()), 'skipped(inactive)', 'a rule that was switched off cancels what waits');

redis('DEL', key('trace'));
crm_rules($rules =~ s/name: chase\n/name: chase\nstatus: shadow\n/r);
let_out($ids[1]);
once();
is(join(' ', reasons()), 'skipped(inactive)', 'so does one that is only watched');

redis('DEL', key('trace'));
crm_rules($rules =~ s/name: chase\n/name: pursue\n/r);
let_out($ids[2]);
once();
is(join(' ', reasons()), 'skipped(rule_deleted)', 'and one that there is no more');
is(scalar(hooks()), 0, 'nothing of it was told');

# --- what the rule says is that of the revision that queued it

crm_rules($rules);

my $revision = redis('GET', key('revision'));

($id, $event) = open_deal();
hooks_reset();
crm_rules($rules =~ s/value: Open/value: Never/r =~ s/"stage":/"level":/r);
let_out(job_id($event, 'chase', $revision, 1, '1.1', $id));
once();
like(bodies(), qr/^\{"id":"$id","stage":"Open"/, 'a waiting action is that of the revision that queued it');

crm_rules($rules);
($id, $event) = open_deal();
hooks_reset();
$revision = redis('GET', key('revision'));
crm_rules($rules . "---\nkind: variable\napi_name: x\ntype: text\nvalue: y\n");
redis('DEL', key("rules:$revision"));
my $waiting = job_id($event, 'chase', $revision, 1, '1.1', $id);
let_out($waiting);
once();
like(dead_reason($waiting), qr/^no_rules: /, 'without its rules it is dead, and says so');

# --- nobody else's job may wait

push_text(qq({"v":1,"id":"forged","type":"webhooks","org":"acme","action":{},"event":"E","module":"Deals","record_id":"$id","rule":"chase","revision":1,"before":null,"actor":{"id":""},"chain":{"id":"E","depth":0,"fired":["chase"],"cascade":false,"ignore_lock":false},"waits":{"condition":1,"block":1,"action":1,"due":1,"recheck":false,"operation":"update","dialect":"zoho"}}));
once();
like(dead_reason('forged'), qr/^malformed_job: only what a rule has scheduled may wait/, 'a forged one is dead');

done_testing();
