# What a write schedules is there once, though the answer of its commit is lost
# or Redis is full, and is done once, though its worker is killed when it has
# just come due. Were it broken, somebody would be called twice, or never.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs;
use Test::CRM::Recovery;
use Test::CRM::Rude;

redis_start();
crm_start();
receiver_start();
rude_start();
crm_rules(<<'EOT');
kind: workflow_rule
name: chase
module: Leads
execute_when: { type: create }
conditions:
  - criteria: { field: Rating, comparator: equal, value: Hot }
    scheduled_actions:
      - execute_after: { unit: 2, period: days }
        actions: [ { type: webhooks, name: call } ]
---
kind: workflow_rule
name: cool
module: Leads
execute_when: { type: edit }
conditions:
  - criteria: { field: Cooled, comparator: equal, value: true }
    instant_actions: [ { type: field_updates, field: Rating, value: Cold } ]
---
kind: webhook
name: call
module: Leads
url: $HOOK/call
http_method: POST
body: { type: raw, format: JSON, content: '{"name":"${!Leads.Last_Name}"}' }
EOT

my ($rude, $plain) = (rude_sock(), redis_sock());
my $http = crm_http_config() =~ s/\Q$plain\E/$rude/r;

nginx_start(http => $http, extra => 'crm_commit_wait 200ms;');

# A hot lead: its id and the answer.
sub lead {
    my ($name) = @_;
    my $r = http(POST => '/crm/v8/Leads', body => qq({"data":[{"Last_Name":"$name","Rating":"Hot"}]}));

    is($r->{status}, 201, "$name: created") or diag $r->{body};

    return ($r->{body} =~ /"id":"(\d+)","Created_By/, $r);
}

sub delayed { return @{ redis('ZRANGE', key('delayed'), 0, -1) } }
sub let_out { redis('ZADD', key('delayed'), 'XX', 1, $_) for delayed() }
sub worker  { return spawn(name => $_[0], env => Test::CRM::worker_env(),
                           cmd => worker_command('--backend', backend_url(), '--lease', '1s')) }
sub once    { return worker_once('--backend', backend_url()) }


# --- a commit whose answer is lost -------------------------------------------------

rude({ on => 'commit', after => 1, close => 1, times => 1 });

my ($id, $r) = lead('Lee');

wait_for { redis('ZCARD', key('intents')) == 0 } 'the end of the write';
wait_for { delayed() } 'what it scheduled';
is(scalar(delayed()), 1, 'twice committed is once scheduled');
is(redis('XLEN', key('trace')), 1, 'and once told');

my $due = redis('ZSCORE', key('delayed'), (delayed())[0]);

my $told = crmctl('explain', $r->{headers}{'crm-event'});

is($told->{rc}, 0, 'crmctl explain knows the event') or diag $told->{err};
like($told->{out}, qr/^scheduled\n  20\S+Z  webhooks call, by chase\n/m, 'and when it is due');
is(crmctl('explain', 'NEVER')->{rc}, 1, 'of another one there is nothing');

ok(abs($due - (time + 2 * 86_400) * 1000) < 60_000, 'in two days');
rude();

# --- a worker is killed between the promotion and the delivery -----------------------

crm_freeze();
let_out();

my $pid = worker('first');

wait_for { redis('ZCARD', key('lease')) } 'a worker that has it', 20;
kill 'KILL', $pid;
wait_for { !is_alive($pid) } 'its end';
is(scalar(hooks()), 0, 'it was about to ask the CRM');
crm_thaw();

$pid = worker('second');
wait_for { hooks() } 'the delivery by another', 30;
wait_for { settled() } 'its end', 20;
is(join(' ', map { $_->{body} } hooks()), '{"name":"Lee"}', 'another worker delivers it, once');
kill 'TERM', $pid;
wait_for { !is_alive($pid) } 'the end of the second';

# --- a full Redis ----------------------------------------------------------------------

hooks_reset();
lead('Poe');
lead('Roe');
wait_for { delayed() == 2 } 'what they scheduled';
let_out();
redis('CONFIG', 'SET', 'maxmemory', '1mb');
is(once()->{rc}, 0, 'a worker works in a full Redis');
is(join(' ', sort map { $_->{body} } hooks()), '{"name":"Poe"} {"name":"Roe"}', 'what was due is done');
redis('CONFIG', 'SET', 'maxmemory', 0);

# --- the record changes, by a client's write, and what waits is not done ----------------

hooks_reset();
redis('DEL', key('trace'));
($id) = lead('Doe');
$r = http(PUT => "/crm/v8/Leads/$id", body => '{"data":[{"Cooled":true}]}');
is($r->{status}, 200, 'it cools down');
wait_for { delayed() == 1 } 'what waits';
let_out();
like(once()->{err}, qr/dispatch: cancelled, .*record:"Leads\/$id" reason:"criteria_no_longer_met"/, 'it is cancelled');
is(scalar(hooks()), 0, 'nobody is called');

my ($last) = redis('XREVRANGE', key('trace'), '+', '-', 'COUNT', 1)->[0][1][1];

my ($event) = $last =~ /"event_id":"(\w+)"/;
my $out = crmctl('explain', $event)->{out};

like($out, qr/^create Leads\/$id.*^scheduled\n.*^cancelled 20.*skipped\(criteria_no_longer_met\)/ms, 'crmctl explain tells both');
like($last, qr/"decision":"cancelled".*"left":"Cold".*skipped\(criteria_no_longer_met\)/, 'the trace shows what it is now');

# --- and again when the record is gone ---------------------------------------------------

($id) = lead('Zoe');
wait_for { delayed() == 1 } 'what waits';
is(http(DELETE => "/crm/v8/Leads/$id")->{status}, 200, 'it is deleted');
let_out();
like(once()->{err}, qr/dispatch: cancelled, .*reason:"record_deleted"/, 'what waited for it is cancelled');
is(scalar(delayed()), 0, 'nothing waits');
is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();
