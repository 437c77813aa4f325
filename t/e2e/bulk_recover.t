# Many records in one request whose outcome nobody could tell: the client is told
# so where records were refused, the intent stays, and recovery finds out of each
# record what became of it. Fails when actions of written records are lost, when
# one that was not written has any, when a created one is taken for another, or
# when a busy record, a Redis that is away or an answer that makes no sense lets
# half of a request through.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs qw(key settled);
use Test::CRM::Recovery;

redis_start();
crm_start();
receiver_start();

crm_rules(<<'EOT');
kind: record_locking
module: Deals
lock_type: automatic
restricted_actions: [update, delete]
locking_rules:
  - name: won
    lock_existing_records: true
    criteria: { field: Stage, comparator: equal, value: Won }
---
kind: workflow_rule
name: edited
module: Deals
execute_when: { type: create_or_edit }
conditions:
  - criteria: null
    instant_actions: [ { type: webhooks, name: tell } ]
---
kind: workflow_rule
name: gone
module: Deals
execute_when: { type: delete }
conditions:
  - criteria: null
    instant_actions: [ { type: webhooks, name: tell } ]
---
kind: webhook
name: tell
module: Deals
url: $HOOK/deal
http_method: POST
body: { type: raw, format: JSON, content: '{"n":"${!Deals.N}"}' }
EOT

nginx_start(extra => 'crm_backend_max_time 1s; proxy_read_timeout 1s; crm_lease_wait 100ms; crm_max_answer 8k;',
            http => crm_http_config('timeout=3s'));

my @json = (headers => ['Content-Type' => 'application/json']);
my ($open, $won, $other) = map { 4150868000000800000 + $_ } 1 .. 3;

crm_seed('Deals', $open, '{"N":"1","Stage":"Open"}');
crm_seed('Deals', $won, '{"N":"2","Stage":"Won"}');
crm_seed('Deals', $other, '{"N":"3","Stage":"Open"}');

sub put {
    my ($n, @ids) = @_;
    return http('PUT', '/crm/v8/Deals', @json, timeout => 20,
                body => '{"data":[' . join(',', map { "{\"id\":\"$_\",\"N\":\"$n\"}" } @ids) . ']}');
}

worker_start('--backend', backend_url());


sub recovered {
    my ($what, $as, $count) = @_;

    my ($event) = intents();
    ok($event, "$what: the intent stays");
    due_now($event);
    ok(eval { wait_for { !intents() && !undetermined() } 'recovery', 60 }, "$what: is settled") or diag($@);
    is(settled_as($event), $as, "$what: as $as");
    wait_for { !leases() } 'the leases';
    wait_for { hooks() >= $count } 'the webhooks', 20 if $count;
    return $event;
}

sub bodies { join ' ', sort map { json_decode($_->{body})->{n} } hooks() }


# Records were refused, and the answer to the others says nothing.

for my $how (qw(gzip truncate)) {
    hooks_reset();
    crm_fail(fault => $how, commit => 1, method => 'PUT', times => 1);

    my $r = put($how, $open, $won, $other);

    is($r->{status}, 502, "$how after a cut");
    like($r->{body}, qr/^\{"code":"INTERNAL_ERROR","details":\{"reason":.*"status":"error"\}$/, 'in the words of the dialect');
    like($r->{headers}{'crm-event'} || '', qr/^[0-9A-Z]{26}$/, 'with its event');

    recovered($how, 'committed', 2);
    is(bodies(), "$how $how", 'both have their actions, the locked one has none');
    is(json_decode(crm_record('Deals', $won))->{N}, '2', 'and is what it was');
}

# Without a cut the answer is the backend's own.

hooks_reset();
crm_fail(fault => 'html', commit => 1, method => 'PUT', times => 1);
my $r = put('whole', $open, $other);
is($r->{status}, 200, 'nothing was cut: what the backend said');
like($r->{body}, qr/All is well/, 'as it said it');
is($r->{headers}{'crm-event-state'}, 'pending', 'and that it is pending');
recovered('whole', 'committed', 2);
is(bodies(), 'whole whole', 'both have their actions');

# Not done.

hooks_reset();
crm_fail(fault => 'reset', method => 'PUT', times => 1);
is(put('not', $open, $won, $other)->{status}, 502, 'reset');
recovered('not done', 'aborted', 0);
is(scalar(hooks()), 0, 'nothing follows');


# Some were written, some not: each is judged for itself.

hooks_reset();
crm_fail(fault => 'reset', method => 'PUT', times => 1);
put('some', $open, $other);
crm_seed('Deals', $other, '{"N":"some","Stage":"Open"}');
recovered('of two', 'committed', 1);
is(bodies(), 'some', 'the one that was written has its action');


# Deletes and creates.

crm_seed('Deals', $open + 10, '{"N":"gone","Stage":"Open"}');
crm_seed('Deals', $open + 11, '{"N":"gone","Stage":"Open"}');
hooks_reset();
crm_fail(fault => 'half', commit => 1, method => 'DELETE', times => 1);
$r = http('DELETE', '/crm/v8/Deals?ids=' . join(',', $open + 10, $won, $open + 11), @json);
is($r->{status}, 502, 'a delete with a locked one');
recovered('delete', 'committed', 2);
is(bodies(), 'gone gone', 'what was deleted has its actions');

for my $knows (1, 0) {
    hooks_reset();
    crm_lookup($knows);
    crm_fail(fault => 'reset', commit => 1, method => 'POST', times => 1);
    http('POST', '/crm/v8/Deals', @json, timeout => 20, body => "{\"data\":[{\"N\":\"a$knows\"},{\"N\":\"b$knows\"},{\"N\":\"a$knows\"}]}");
    recovered($knows ? 'created, by event' : 'created, by what they hold', 'committed', 3);
    is(bodies(), "a$knows a$knows b$knows", 'each has its action');
    is(scalar(keys %{ { map { ($_->{header}{'webhook-id'} => 1) } hooks() } }), 3, 'under an id of its own');
}
crm_lookup(1);


# One busy record of many keeps all of them back; none is leased.

redis('SET', key("busy:Deals/$other"), 'somebody', 'PX', 60000);
crm_clear_log();
$r = put('busy', $open, $other);
is($r->{status}, 409, 'one record is busy');
like($r->{body}, qr/"RECORD_BUSY"/, 'and says so');
is(scalar(crm_writes()), 0, 'nothing is forwarded');
is(redis('EXISTS', key("busy:Deals/$open")), 0, 'the other is free');
redis('DEL', key("busy:Deals/$other"));

# An answer above crm_max_answer after a cut: nothing of it is passed on.

hooks_reset();
my @many = map { $won + 100 + $_ } 1 .. 40;
crm_seed('Deals', $_, '{"N":"0","Stage":"Open"}') for @many;
$r = put('large', @many, $won);
is($r->{status}, 502, 'an answer above crm_max_answer, and a locked record');
like($r->{body}, qr/^\{"code":"INTERNAL_ERROR"[^}]*\},"message":"[^"]*","status":"error"\}$/, 'is ours, whole');
recovered('large', 'committed', 40);
is(scalar(hooks()), 40, 'each has its action');


# Redis goes away.

redis_pause();
my $write = begin_write('PUT', 'Deals', "{\"data\":[{\"id\":\"$open\",\"N\":\"late\"},{\"id\":\"$won\",\"N\":\"late\"}]}");
redis_resume();
is(scalar(answer_of($write) =~ /207/), 1, 'a Redis that comes back is waited for');

worker_stop();
redis_stop();
is(put('down', $open, $other)->{status}, 503, 'without Redis nothing is forwarded');

done_testing();
