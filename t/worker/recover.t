# Writes whose outcome nobody told are settled by reading the record back: done
# ones get their webhook, once, under the id that the request would have given
# it; others are forgotten; what nobody can know is listed. Were it broken,
# webhooks would be lost with an nginx, or sent for what never happened.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use IO::Socket::INET;
use Test::More;
use Test::CRM;
use Test::CRM::Jobs;
use Test::CRM::Recovery;

redis_start();
crm_start();
receiver_start();

my $rules = <<'EOT';
kind: workflow_rule
name: told
module: Deals
execute_when: { type: create_or_edit }
conditions:
  - criteria: null
    instant_actions:
      - { type: field_updates, field: Priority, value: High }
      - { type: webhooks, name: deal }
---
kind: workflow_rule
name: gone
module: Deals
execute_when: { type: delete }
conditions: [ { criteria: null, instant_actions: [ { type: webhooks, name: deal } ] } ]
---
kind: webhook
name: deal
module: Deals
url: $HOOK/deal
http_method: POST
body: { type: raw, format: JSON, content: '{"id":"${!Deals.id}","name":"${!Deals.Name}","amount":"${!Deals.Amount}"}' }
EOT

crm_rules($rules);

my $old = '"Created_Time":"2026-01-01T00:00:00+00:00","Modified_Time":"2026-01-01T00:00:00+00:00"';
my $told = '[{"rule":"told","condition":1}]';
my $next = 4150868000000624100;
my ($pid, $log, $workers);


# A record of the CRM, and an update of it that nobody knows the end of.

sub update {
    my (%o) = @_;

    my $id = $o{id} || ++$next;
    my $before = "{\"id\":\"$id\",\"Name\":\"Lee\",\"Amount\":1,$old}";

    crm_seed('Deals', $id, defined $o{now} ? $o{now} : $before);

    return ($id, plant(id => $id, before => $before, request => '{"Amount":19.90}',
                       changes => '{"Priority":"High"}', rules => $told, %{ $o{plant} || {} }));
}

my $done = '{"Name":"Lee","Amount":19.90,"Priority":"High"}';

sub worker {
    my @options = @_;

    my $name = 'recover' . ++$workers;

    $pid = spawn(name => $name, cmd => worker_command('--lease', '3s', @options));
    $log = sub { slurp(work_dir() . "/$name.log") };

    return $pid;
}

sub sorted   { return join ' ', sort { $a cmp $b } @_ }
sub hook_ids { return sorted(map { $_->{header}{'webhook-id'} } hooks()) }

sub once {
    my $r = worker_once('--backend', backend_url(), @_);

    is($r->{rc}, 0, '--once exits well') or diag($r->{err});

    return $r->{err};
}

sub clean {
    my ($what) = @_;

    is(join(' ', intents(), leases()), '', "$what: no intent, no lease remains");
    hooks_reset();
}


# --- one of each, in one round

my ($id1, $event1) = update(now => $done);
my ($id2, $event2) = update();
my $id3 = ++$next;
my $event3 = plant(operation => 'delete', id => $id3, rules => '[{"rule":"gone","condition":1}]',
                   before => "{\"id\":\"$id3\",\"Name\":\"Lee\",\"Amount\":1}");
my $id4 = ++$next;

crm_seed('Deals', $id4, "{\"Name\":\"Lee\",$old}");

my $event4 = plant(operation => 'delete', id => $id4, rules => '[{"rule":"gone","condition":1}]',
                   before => "{\"id\":\"$id4\",\"Name\":\"Lee\",$old}");
my $event5 = plant(operation => 'create', request => '{"Name":"New","Amount":5}',
                   changes => '{"Priority":"High"}', rules => $told);
my $event6 = plant(operation => 'create', request => '{"Name":"Lost"}',
                   changes => '{"Priority":"High"}', rules => $told);
my $r = http(POST => '/crm/v8/Deals', port => crm_port(), headers => ['CRM-Event' => $event5],
             body => '{"data":[{"Name":"New","Amount":5,"Priority":"High"}]}');
my ($id5) = $r->{body} =~ /"id":"(\d+)","Created_By/;
my ($id7, $event7) = update(plant => { state => 'begun' });

crm_clear_log();

my $err = once('--log-level', 'info');

is(hook_ids(), sorted(job_id($event1, 'told', 1, 1, 2, $id1), job_id($event3, 'gone', 1, 1, 1, $id3),
                      job_id($event5, 'told', 1, 1, 2, $id5)),
   'what was done is delivered, under the ids of the request; nothing else is');
is_deeply([ sort map { $_->{body} } hooks() ],
          [ sort qq({"id":"$id1","name":"Lee","amount":"19.90"}),
            qq({"id":"$id3","name":"Lee","amount":"1"}),
            qq({"id":"$id5","name":"New","amount":"5"}) ],
   'and says what it would have said');
is(join(' ', map { settled_as($_) } $event1, $event2, $event3, $event4, $event5, $event6),
   'committed aborted committed aborted committed aborted', 'each event has its end');
is(settled_as($event7), 'aborted', 'what was never prepared is dropped');
is(scalar(crm_writes()), 0, 'nothing was written');
is((grep { $_->{header}{'accept-encoding'} ne 'identity' } crm_log()), 0, 'nothing compressed was asked for');
like($err, qr/recover: committed, org:acme event:$event1 operation:update record:"Deals\/$id1" jobs:1 reason:"/,
     'the log names the event and why');
like($err, qr/recover: not committed, org:acme event:$event2 .*reason:"/, 'of what was not done too');
is(redis('XLEN', key('trace')), 3, 'what was done has its trace');
is(redis('HLEN', key("intent:$event1")), 0, 'the intent is gone');
clean('one round');
is(redis('ZCARD', key('undetermined')), 0, 'nothing is undetermined');

# --- what is not due is left alone

my ($id, $event) = update(now => $done, plant => { max_time => 60_000 });

once();
is(join(' ', intents()), $event, 'an intent whose time has not come stays');
is(join(' ', leases()), key("busy:Deals/$id"), 'and so does its lease');
is(scalar hooks(), 0, 'and nobody is told');
due_now($event);
once();
is(hook_ids(), job_id($event, 'told', 1, 1, 2, $id), 'then it is settled');
clean('a due one');

# --- the rules of its revision

crm_rules($rules =~ s/rule\nname: told/rule\nname: renamed/r =~ s/content: '/content: 'new /r);
($id, $event) = update(now => $done, plant => { revision => 1 });
once();
is(hook_ids(), job_id($event, 'told', 1, 1, 2, $id), 'a write is settled by the rules that judged it');
unlike((hooks())[0]{body}, qr/new/, 'with their words');
clean('an old revision');

my (undef, $missing) = update(now => $done, plant => { revision => 77 });

$err = once();
is(join(' ', undetermined()), $missing, 'without its revision a write is undetermined');
like(intent_reason($missing), qr/no rules of revision 77/, 'and the intent says why');
is(intent_state($missing), 'undetermined', 'it is kept');
like($err, qr/\[error\] .*recover: undetermined, org:acme event:$missing/, 'and logged');
clean('a missing revision');

my (undef, $odd) = update(now => $done, plant => { doc => '{"v":1,"event":7}' });

once();
like(intent_reason($odd), qr/the intent cannot be read: /, 'an intent that makes no sense is undetermined');
clean('a broken intent');

my (undef, $other) = update(now => $done, plant => { rules => '[{"rule":"nobody","condition":1}]' });

once();
like(intent_reason($other), qr/nobody|what follows is not known/, 'so is one whose rule is not among the rules');

# --- what nobody can tell

my (undef, $between) = update(now => '{"Name":"Lee","Amount":7}');

once();
is(join(' ', sort(undetermined())), join(' ', sort $missing, $odd, $other, $between),
   'a record that holds neither is undetermined');
is(scalar hooks(), 0, 'and nobody is told');
once();
is(scalar(undetermined()), 4, 'it is asked for once');
clean('undetermined');
redis('DEL', key('undetermined'), map { key("intent:$_") } $missing, $odd, $other, $between);

# --- a created record in a CRM that knows nothing of events

crm_lookup(0);
$event = plant(operation => 'create', request => '{"Name":"Window"}', max_time => 3000,
               changes => '{"Priority":"High"}', rules => $told, revision => 1);
$r = http(POST => '/crm/v8/Deals', port => crm_port(), body => '{"data":[{"Name":"Window","Priority":"High"}]}');
($id) = $r->{body} =~ /"id":"(\d+)","Created_By/;
due_now($event);
once();
is(hook_ids(), job_id($event, 'told', 1, 1, 2, $id),
   'in a CRM that knows nothing of events a created record is found by its time and fields');
clean('a search');

$event = plant(operation => 'create', request => '{"Name":"Window"}', max_time => 3000,
               changes => '{"Priority":"High"}', rules => $told, revision => 1);
http(POST => '/crm/v8/Deals', port => crm_port(), body => '{"data":[{"Name":"Window","Priority":"High"}]}');
due_now($event);
once();
is(join(' ', undetermined()), $event, 'two that look like it are one too many');
clean('two finds');
redis('DEL', key('undetermined'), key("intent:$event"));
crm_lookup(1);

# --- a backend that is away, and comes back

($id, $event) = update(now => $done, plant => { revision => 1 });
worker('--backend', 'http://127.0.0.1:' . (my $port = free_port()) . '/crm/v8');
wait_for { (intent_reason($event) || '') =~ /connection_refused/ } 'a refusal';
is(intent_state($event), 'prepared', 'without a backend the intent waits');
is(join(' ', leases()), key("busy:Deals/$id"), 'and so does its record, for a while');
wait_for { $log->() =~ /retry_in_ms:1000\D.*retry_in_ms:2000\D/s } 'backoff', 20;
like($log->(), qr/recover: unreadable, .*event:$event .*reason:"the backend cannot be read: connection_refused/,
     'the log says what is wrong');
is(stop_process($pid), 0, 'the worker stops when asked');
due_now($event);
once();
is(hook_ids(), job_id($event, 'told', 1, 1, 2, $id), 'when it is back the write is settled');
clean('a backend that was away');

for my $fault (['silent'], ['reset'], ['truncate'], ['half'], ['garbage'], ['html'], ['gzip'],
               ['other'], [status => 503], [status => 401], [status => 302])
{
    my $name = join ' ', @$fault;

    ($id, $event) = update(now => $done, plant => { revision => 1 });
    crm_fail(fault => $fault->[0], $fault->[1] ? (status => $fault->[1]) : (), method => 'GET',
             commit => 1);
    $err = once('--timeout', '1s');
    is(intent_state($event), 'prepared', "$name: it is asked again");
    isnt(intent_reason($event) || '', '', "$name: " . (intent_reason($event) || 'no reason'));
    is(scalar hooks(), 0, "$name: nobody is told");
    crm_fail();
    due_now($event);
    once();
    is(hook_ids(), job_id($event, 'told', 1, 1, 2, $id), "$name: then it is settled");
    clean($name);
}

# --- nobody to ask

my ($id8, $event8) = update(now => $done, plant => { revision => 1 });

worker();
wait_for { $log->() =~ /no backend is configured/ } 'the complaint';
wait_for { redis('INFO', 'commandstats') =~ /cmdstat_get:calls=(\d+)/ } 'commands';

my $gets = redis('INFO', 'commandstats') =~ /cmdstat_get:calls=(\d+)/ ? $1 : 0;

wait_for { (redis('INFO', 'commandstats') =~ /cmdstat_get:calls=(\d+)/)[0] > $gets + 3 } 'more rounds', 20;
is(scalar(() = $log->() =~ /no backend is configured/g), 1, 'without a backend it is said once');
is(join(' ', intents()), $event8, 'and the intent is left alone');

# --- SIGHUP brings one

stop_process($pid);
spew(work_dir() . '/worker.conf', "log-level info\n");
worker('--config', work_dir() . '/worker.conf');
wait_for { $log->() =~ /no backend is configured/ } 'the complaint';
spew(work_dir() . '/worker.conf', 'backend ' . backend_url() . "\n");
kill 'HUP', $pid;
wait_for { hooks() == 1 } 'the webhook';
is(hook_ids(), job_id($event8, 'told', 1, 1, 2, $id8), 'a backend that SIGHUP brings is asked');
stop_process($pid);
clean('SIGHUP');
($id8, $event8) = update(now => $done, plant => { revision => 1 });

# --- kind: backend

$ENV{CRM_AUTH} = 'Bearer a b c';
worker('--secret-env', 'CRM_AUTH');
wait_for { $log->() =~ /no backend is configured/ } 'the complaint';
crm_clear_log();
crm_rules(">>> rules.yaml\n$rules\n>>> backend.yaml\nkind: backend\nurl: " . backend_url()
          . "\ndialect: zoho\nheaders: { Authorization: \"env:CRM_AUTH\" }\n");
wait_for { hooks() == 1 } 'the webhook';
is(hook_ids(), job_id($event8, 'told', 1, 1, 2, $id8), 'the backend of the rules is asked, as soon as it is there');
is((crm_log())[0]{header}{authorization}, 'Bearer a b c', 'with the value of the secret');
unlike($log->(), qr/Bearer/, 'which stands in no log');
stop_process($pid);
clean('kind: backend');

my $foreign = push_job(url => receiver_url('/hook'), secret => 'env:CRM_AUTH');

worker('--secret-env', 'CRM_AUTH');
wait_for { $log->() =~ /job:$foreign .*reason:"secret_error: .*the backend's/ } 'a refusal';
is(scalar hooks(), 0, 'a secret of the backend signs nothing');
stop_process($pid);
redis('DEL', map { key($_) } "job:$foreign", 'delayed', 'lease');

($id, $event) = update(now => $done, plant => { revision => 1 });
worker();
wait_for { (intent_reason($event) || '') =~ /secret_error: env:CRM_AUTH was not given/ } 'the reason';
pass('a secret that cannot be had is a reason');
stop_process($pid);
due_now($event);
once('--secret-env', 'CRM_AUTH');
clean('a secret');
crm_rules($rules);

# --- two workers, one webhook each

my @events = map { [ update(now => $done, plant => { revision => 1, max_time => 500 }) ] } 1 .. 30;
my @workers = map { worker('--backend', backend_url()) } 1, 2;

wait_for { !intents() && settled() } 'all of them', 30;
is(hook_ids(), sorted(map { job_id($_->[1], 'told', 1, 1, 2, $_->[0]) } @events),
   'with two workers each write has one webhook');
is(stop_process($_), 0, 'both stop well') for @workers;
clean('two workers');

# --- a worker that dies while it settles, and one that hangs

($id, $event) = update(now => $done, plant => { revision => 1 });
crm_fail(fault => 'silent', method => 'GET', times => 1, commit => 1);
crm_clear_log();
worker('--backend', backend_url(), '--lease', '2s');
wait_for { crm_log() == 1 } 'the look';
is(join(' ', leases()), key("busy:Deals/$id"), 'the record is held meanwhile');
kill_process($pid);
worker('--backend', backend_url(), '--lease', '2s');
wait_for { hooks() == 1 } 'the webhook', 20;
is(hook_ids(), job_id($event, 'told', 1, 1, 2, $id), 'a worker that dies leaves its claim to the next');
is(stop_process($pid), 0, 'which stops well');
clean('a dead worker');

($id, $event) = update(now => $done, plant => { revision => 1 });
crm_hold(method => 'GET', times => 1);
crm_clear_log();
my $zombie = worker('--backend', backend_url(), '--lease', '2s');
my $zombie_log = $log;

wait_for { crm_log() == 1 } 'the look';
kill 'STOP', $zombie;
crm_release();
worker('--backend', backend_url(), '--lease', '2s');
wait_for { hooks() == 1 } 'the webhook', 20;
crm_seed('Deals', $id, "{\"Name\":\"Lee\",\"Amount\":1,$old}");
kill 'CONT', $zombie;
wait_for { $zombie_log->() =~ /recover: .*event:$event/ } 'the zombie';
like($zombie_log->(), qr/(?:stale|done before), org:acme event:$event/, 'a worker that hung is told so');
is(settled_as($event), 'committed', 'and changes nothing');
is(scalar hooks(), 1, 'there is one webhook');
is(stop_process($_), 0, 'both stop well') for $zombie, $pid;
clean('a zombie');

# --- an organisation whose backend hangs does not hold up another

sub backend_rules { return ">>> rules.yaml\n$rules\n>>> b.yaml\nkind: backend\nurl: $_[0]\ndialect: zoho\n" }

my $mute = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 64) or die "listen: $!\n";

crm_rules(backend_rules('http://127.0.0.1:' . $mute->sockport . '/crm/v8'));
update(now => $done, plant => { revision => 1 }) for 1 .. 20;

my ($beta, $beta_event);

{
    local $ENV{TEST_NGINX_CRM_ORG} = 'beta';

    crm_rules(backend_rules(backend_url()));
    ($beta, $beta_event) = update(now => $done, plant => { revision => 1, event => '01BETA' . 0 x 20 });
}

worker('--org', 'beta', '--lease', '60s');
wait_for { hooks() == 1 } 'the webhook';
is(hook_ids(), job_id($beta_event, 'told', 1, 1, 2, $beta), 'a backend that hangs holds up its own organisation');
is(scalar(grep { redis('HGET', key("intent:$_"), 'fence') } intents()), 8, 'of which some writes are asked for at once');
kill_process($pid);
redis('DEL', key('intents'), leases(), map { key("intent:$_") } intents());
crm_rules($rules);
clean('two organisations');

# --- the record is another writer's

($id, $event) = update(now => $done, plant => { revision => 1 });
redis('SET', key("busy:Deals/$id"), 'another', 'PX', 60_000);
worker('--backend', backend_url());
crm_clear_log();
wait_for { redis('ZSCORE', key('intents'), $event) > redis('HGET', key("intent:$event"), 'begun') + 10 } 'a look';
is(scalar(crm_log()), 0, 'while another write holds the record it is not read');
redis('DEL', key("busy:Deals/$id"));
wait_for { hooks() == 1 } 'the webhook', 20;
is(hook_ids(), job_id($event, 'told', 1, 1, 2, $id), 'afterwards it is settled');

# --- SIGTERM

clean('a busy record');
($id, $event) = update(now => $done, plant => { revision => 1 });
crm_hold(method => 'GET', times => 1);
crm_clear_log();
wait_for { crm_log() == 1 } 'the look';
kill 'TERM', $pid;
wait_for { $log->() =~ /draining/ } 'the drain';
crm_release();
wait_for { !is_alive($pid) } 'its end';
is(exit_status($pid), 0, 'SIGTERM ends with 0');
is(settled_as($event), 'committed', 'after what was under way');
once();
clean('a drain');

($id, $event) = update(now => $done, plant => { revision => 1 });
crm_fail(fault => 'silent', method => 'GET', times => 1, commit => 1);
crm_clear_log();
worker('--backend', backend_url(), '--drain', '300ms', '--lease', '60s');
wait_for { crm_log() == 1 } 'the look';
is(stop_process($pid), 0, 'a drain ends when its time is up');
is(join(' ', intents()), $event, 'and leaves the claim');
due_now($event);
redis('DEL', key("busy:Deals/$id"));
once();
clean('a drain that was cut');

# --- Redis goes away while a write is settled

($id, $event) = update(now => $done, plant => { revision => 1 });
crm_hold(method => 'GET', times => 1);
crm_clear_log();
worker('--backend', backend_url(), '--lease', '1s');
wait_for { crm_log() == 1 } 'the look';
redis_stop();
crm_release();
wait_for { $log->() =~ /recover: redis .*event:$event/ } 'the complaint', 20;
redis_start();
wait_for { hooks() == 1 } 'the webhook', 30;
is(hook_ids(), job_id($event, 'told', 1, 1, 2, $id), 'a Redis that was away gets told again');
is(stop_process($pid), 0, 'the worker lives');
clean('a restart of Redis');

done_testing();
