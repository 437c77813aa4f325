# What became of our own mails and webhooks counts for the record that they were
# of: once for each job, whatever dies between the delivery and the count, and
# nothing where no scoring rule asks. It would fail by a mail that is counted
# twice, by one that is not, or by a chain of webhooks that feeds itself.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Chain;
use Test::CRM::Jobs;
use Test::CRM::Mail;

my $base = 4150868000000000000;
my ($lead, $deal, $contact, $locked) = map { '' . ($base + $_) } 1 .. 4;

redis_start();
crm_start();
receiver_start();
relay_start();

my $rules = <<'EOR';
kind: scoring_rule
name: Fit
module: Leads
write_to: { score: Score, touch_point: Touched }
touch_point_rules:
  - { event: email_sent, score: 3 }
  - { event: email_bounced, score: -20 }
  - { event: webhook_delivered, score: 1 }
  - { event: webhook_failed, score: -4 }
---
kind: scoring_rule
name: Kept
module: Deals
touch_point_rules: [ { event: webhook_delivered, score: 2 } ]
---
kind: workflow_rule
name: up
module: Deals
execute_when: { type: score_increase }
conditions: [ { criteria: null, instant_actions: [ { type: webhooks, name: tell } ] } ]
---
kind: webhook
name: tell
module: Deals
url: $HOOK/up
http_method: POST
body: { type: raw, format: JSON, content: '{"id":"${!Deals.id}"}' }
---
kind: record_locking
module: Leads
lock_type: automatic
locking_rules: [ { name: closed, lock_existing_records: true, criteria: { field: Stage, comparator: equal, value: Closed } } ]
locked_for: all_profiles
EOR

$rules =~ s/\$HOOK/receiver_url()/e;
crm_rules($rules);

my $key = chain_key_file();

nginx_start(extra => "crm_chain_key_file $key;");

my @worker = ('--lease', '1s', '--chain-key-file', $key, '--smtp', relay_url(), '--smtp-tls', 'none', '--retry-schedule', '1s',
              '--backend', guarded_url());

sub once {
    my $r = worker_once(@worker);

    is($r->{rc}, 0, 'the worker') or diag $r->{err};
    unlike($r->{err}, qr/not_counted/, 'counts what there is to count');
}

sub stored { return json_decode(crm_record('Leads', $_[0])) }
sub webhook { return push_job(module => 'Leads', record_id => $lead, url => receiver_url('/hook'), @_) }
sub mail    { return push_mail(module => 'Leads', record_id => $lead, @_) }

sub fresh {
    crm_seed('Leads', $lead, '{"Last_Name":"Lee","Stage":"Open"}');
    redis('DEL', key("record:Leads/$lead"));
    crm_clear_log();
    hooks_reset();
    mails_reset();
    redis('DEL', key('dead'));
}

crm_seed('Deals', $deal, '{"Deal_Name":"Big"}');
crm_seed('Contacts', $contact, '{"Last_Name":"Lee"}');
crm_seed('Leads', $locked, '{"Last_Name":"Lee","Stage":"Closed"}');


# --- each outcome ---------------------------------------------------------------------

fresh();
webhook();
once();
is(stored($lead)->{Score}, 1, 'a webhook that was delivered');
is(stored($lead)->{Touched}, 1, 'is an event, not a trait');

fresh();
webhook(ordered => JSON::PP::true) for 1, 2;
once();
is(stored($lead)->{Score}, 2, 'those that keep an order do not hold one another up');

fresh();
mail();
once();
is(stored($lead)->{Score}, 3, 'a mail that was sent');

fresh();
mail(to => [ map { "$_\@example.test" } qw(a b) ]);
once();
is(stored($lead)->{Score}, 6, 'to two, each counts');

fresh();
relay_answers({ at => 'RCPT', say => '550 5.1.1 no such user' });
mail();
once();
is(stored($lead)->{Score}, -20, 'one that the relay refuses');
is(scalar(dead()), 1, 'which is dead');

fresh();
hooks_answer(status => 410);
webhook(name => 'gone');
once();
is(stored($lead)->{Score}, -4, 'a webhook whose receiver is gone');
endpoints_well();

fresh();
hooks_answer(status => 500, times => 2);
webhook(name => 'late', retry_schedule => '1s');
once();
is(stored($lead)->{Score}, undef, 'one that failed and is tried again is no event yet');
wait_for { redis('ZCOUNT', key('delayed'), '-inf', time * 1000) } 'its next attempt';
once();
is(stored($lead)->{Score}, -4, 'one that failed for the last time is');
webhook(name => 'late');
once();
is(stored($lead)->{Score}, -3, 'and one that is delivered behind it');
is_deeply([ grep { redis('HGET', key("health:$_"), 'kind') eq 'webhook' } @{ redis('ZRANGE', key('health'), 0, -1) } ], [],
          'after which nothing is held against the webhook');

fresh();
webhook(url => 'http://10.1.1.1/');
once();
is(stored($lead)->{Score}, undef, 'one that nobody was asked to take is none');


# --- nothing more than that -----------------------------------------------------------

fresh();
webhook(foreign => 1);
push_job(module => 'Contacts', record_id => $contact, url => receiver_url('/hook'));
push_mail(module => 'Deals', record_id => $deal);
once();
is(scalar(crm_log()), 0, 'a job of others, and what no rule counts, ask nobody');
is_deeply(redis('KEYS', key('job:*')), [], 'and leave nothing behind');

fresh();
my $same = webhook();
once();
redis('DEL', @{ redis('KEYS', key('done:*')) }, @{ redis('KEYS', key('chain:*')) });
webhook(id => $same);
once();
is(scalar(hooks()), 2, 'a job that comes a second time');
is(stored($lead)->{Score}, 1, 'counts once');

webhook(record_id => '' . ($base + 77));
my $r = worker_once(@worker);
is($r->{rc}, 0, 'of a record that is gone') or diag $r->{err};
like($r->{err}, qr/delivered, [^\n]*type:"score_events"[^\n]*reason:"not_counted: there is no such record"/, 'nothing is counted, and that is told');
is_deeply([ dead() ], [], 'nothing is dead');

webhook(record_id => $locked);
once();
is(stored($locked)->{Score}, 1, 'a lock does not stop what has happened');


# --- kept in Redis, and what that starts ----------------------------------------------

hooks_reset();
my $chained = job_json(id => 'chained', module => 'Deals', record_id => $deal, url => receiver_url('/first'));
redis('SADD', key('own'), 'chained');
redis('RPUSH', key('queue:webhooks'), $chained);
once();
is(redis('HGET', key("record:Deals/$deal"), 'touch+Kept'), 4, 'where Redis keeps the score, it has it');
is(redis('HGET', key("record:Deals/$deal"), 'score'), '{"Kept":[4,0]}', 'in the sum as well');
is_deeply([ map { $_->{target} } hooks() ], [ '/first', '/up' ], 'a rule that waits for it starts, and its own webhook does not start it again');


# --- whatever dies --------------------------------------------------------------------

fresh();
redis('CONFIG', 'SET', 'maxmemory', '1');       # what is not allowed to grow is refused
my $pid = worker_start(@worker);
webhook_full();
wait_for { scalar(hooks()) } 'the delivery';
wait_for { redis('LLEN', key('ready:records')) + grep { /score_events/ } map { job_hash($_)->{body} || '' } jobs_known() }
    'what follows from it';
is(stored($lead)->{Score}, undef, 'while Redis is full nothing is counted');
kill 'KILL', $pid;
worker_stop();
redis('CONFIG', 'SET', 'maxmemory', '0');
lease_over();
worker_start(@worker);
wait_for { settled() } 'the end of all jobs', 60;
is(stored($lead)->{Score}, 1, 'nothing is lost with the worker that died, or counted twice');
is(worker_stop(), 0, 'the worker stops');

# A full Redis takes no push: the job is there before.
sub webhook_full {
    redis('CONFIG', 'SET', 'maxmemory', '0');
    webhook();
    redis('CONFIG', 'SET', 'maxmemory', '1');
}

for my $delay (0, 0.05, 0.15) {
    fresh();
    crm_hold(method => 'PUT', times => 1);
    $pid = worker_start(@worker);
    webhook();
    wait_for { scalar(hooks()) } 'the delivery';
    select undef, undef, undef, $delay;
    kill 'KILL', $pid;
    worker_stop();
    crm_release();
    lease_over();
    worker_start(@worker);
    wait_for { settled() && (stored($lead)->{Score} || 0) } 'the end of all jobs', 60;
    is(stored($lead)->{Score}, 1, "counted once, by who comes after one that was killed $delay s behind the delivery");
    is(scalar(dead()), 0, 'and no job is dead');
    worker_stop();
}

is(nginx_stop(), undef, 'nginx stops, clean');
done_testing();
