# Stored records are counted anew in the background: each once, whatever dies on
# the way, from where it stood, and to the rules of now. It would fail by a
# record that is passed over or written twice, by progress that nobody can see,
# or by a run that goes on for ever, or ends and says that it was done.
#
# The long run: CRM_SCORES=1000000. CRM_SEED repeats a run.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Chain;
use Test::CRM::Jobs qw(key dead job_json);
use Time::HiRes qw(time);

my $n = $ENV{CRM_SCORES} || 2000;
my $seed = $ENV{CRM_SEED} || int rand 1_000_000;
my $base = 4150868000000000000;

srand $seed;
diag "CRM_SEED=$seed";
redis_start();
crm_start();

my $rules = <<'EOT';
kind: scoring_rule
name: Fit
module: Leads
write_to: { score: Score, negative: Minus }
field_rules:
  - { score: 10, criteria: { field: Rating, comparator: equal, value: Hot } }
  - { score: -5, criteria: { field: Email, comparator: equal, value: "${EMPTY}" } }
touch_point_rules: [ { event: email_opened, score: 3 } ]
---
kind: workflow_rule
name: up
module: Leads
execute_when: { type: score_increase }
conditions: [ { criteria: null, instant_actions: [ { type: add_tags, tags: [better] } ] } ]
---
kind: record_locking
module: Leads
lock_type: automatic
locking_rules: [ { name: closed, lock_existing_records: true, criteria: { field: Stage, comparator: equal, value: Closed } } ]
locked_for: all_profiles
---
kind: scoring_rule
name: Kept
module: Deals
field_rules: [ { score: 4, criteria: { field: Stage, comparator: equal, value: Won } } ]
---
kind: scoring_rule
name: Gone
module: Tasks
field_rules: [ { score: 4, criteria: null } ]
EOT

crm_rules($rules);

my $chain = chain_key_file();

nginx_start(extra => "crm_chain_key_file $chain;");

my @worker = ('--lease', '2s', '--chain-key-file', $chain, '--backend', guarded_url());

sub once {
    my $r = worker_once(@worker);

    is($r->{rc}, 0, 'the worker') or diag $r->{err};
}

sub status {
    my ($module) = @_;
    my $r = crmctl('scores', 'status', '-o', 'json');

    is($r->{rc}, 0, 'crmctl scores status') or diag $r->{err} if $r->{rc};

    return (grep { $_->{module} eq $module } @{ json_decode($r->{out})->{scores} })[0] || {};
}

# Each third has its score already, one is locked, one has had events.
my %want;

for my $i (1 .. $n) {
    my $id = $base + $i;
    my ($hot, $email) = (int rand 2, int rand 2);
    my $score = ($hot ? 10 : 0) - ($email ? 0 : 5) + ($i == 7 ? 6 : 0);

    $want{$id} = $score;
    crm_seed('Leads', $id, '{"Rating":' . ($hot ? '"Hot"' : '"Cold"') . ',"Email":' . ($email ? '"a@b"' : 'null')
             . ',"Stage":"' . ($i == 5 ? 'Closed' : 'Open') . '"'
             . ',"Score":' . ($i % 3 ? ($i == 5 ? 99 : 'null') : $score) . ',"Minus":' . ($email ? 0 : -5) . '}');
}

redis('HSET', key('record:Leads/' . ($base + 7)), 'touch+Fit', 6);
crm_clear_log();


# --- what cannot be counted -------------------------------------------------------

my $r = crmctl('scores', 'run', 'Contacts');
is($r->{rc}, 1, 'a module without scoring rules is not counted');
like($r->{err}, qr/no scoring rule that is live counts what records of "Contacts"/, 'and it is said why');
is(crmctl('scores', 'run')->{rc}, 64, 'a module must be named');
is(crmctl('scores', 'status')->{out}, "none was counted anew\n", 'none was');


# --- killed on the way ------------------------------------------------------------

$r = crmctl('scores', 'run', 'Leads');
is($r->{rc}, 0, 'it begins') or diag $r->{err};
is(status('Leads')->{state}, 'waiting', 'and waits for a worker');
like(crmctl('scores', 'run', 'Leads')->{err}, qr/are being counted/, 'not twice at once');

my $began = time;
my $kills = 0;

for my $part (1 .. 2) {
    my $pid = worker_start(@worker);

    wait_for { (status('Leads')->{seen} || 0) >= $part * $n / 4 } 'a part of it', 60 + $n / 100;
    $kills += kill 'KILL', $pid;
    worker_stop();
}

is($kills, 2, 'two workers are killed on the way');

my $half = status('Leads');
cmp_ok($half->{seen}, '<', $n, 'it was on the way') if $n >= 2000;
is($half->{state}, 'running', 'and is told as running');

worker_start(@worker);
wait_for { status('Leads')->{state} ne 'running' } 'its end', 60 + $n / 50;
wait_for { redis('LLEN', key('queue:records')) + @{ redis('KEYS', key('job:*')) } == 0 } 'all updates', 60 + $n / 50;
diag sprintf '%d records in %.0f s', $n, time - $began;

my $all = status('Leads');
is($all->{state}, 'done', 'it is done');
is($all->{seen}, $n, 'each record was seen, once');
is($all->{restarts}, 0, 'from where it stood');

my %writes;
$writes{ ($_->{target} =~ m{/(\d+)})[0] || ($_->{body} =~ /"id":"(\d+)"/)[0] }++ for crm_writes();

my @wrong = grep {
    my $is = json_decode(crm_record('Leads', $_));
    ($is->{Score} || 0) != $want{$_};
} keys %want;

is("@wrong", '', 'every record has its score, a locked one too, and what events brought');
is(scalar(grep { $_ > 1 } values %writes), 0, 'none was written twice');
is(scalar(keys %writes), $all->{changed}, 'those that were told');
is(scalar(grep { $writes{ $base + 3 * $_ } } 1 .. $n / 3), 0, 'what was right already was left alone');
is_deeply([ dead() ], [], 'no job has failed');
is(scalar(grep { $_->{body} =~ /better/ } crm_writes()), 0, 'and no rule was started');
worker_stop();


# --- again, and by other rules ----------------------------------------------------

crm_clear_log();
is(crmctl('scores', 'run', 'Leads')->{rc}, 0, 'once more');
my $job = json_decode(redis('HGET', key('job:scores:Leads'), 'body'));
@$job{qw(revision cursor seen)} = (77, 'page=3', 200);
redis('HSET', key('job:scores:Leads'), 'body', json_encode($job));
once();
is(scalar(crm_writes()), 0, 'nothing is left to write');
is_deeply([ @{ status('Leads') }{qw(state seen changed restarts)} ], ['done', $n, 0, 1],
          'what other rules had counted is counted from the beginning');


# --- what Redis keeps -------------------------------------------------------------

crm_seed('Deals', $base + $_, '{"Stage":"' . ($_ % 2 ? 'Won' : 'Lost') . '"}') for 1 .. 250;
redis('HSET', key('record:Deals/' . ($base + 1)), 'score', '{"Kept":[4,0]}');
redis('SET', key('busy:Deals/' . ($base + 3)), 'another', 'EX', 60);
crm_clear_log();
is(crmctl('scores', 'run', 'Deals')->{rc}, 0, 'of a rule that writes no field');
once();
is(scalar(crm_writes()), 0, 'no record is written');
is(redis('HGET', key('record:Deals/' . ($base + 1)), 'score'), '{"Kept":[4,0]}', 'one was right');
is(redis('HGET', key('record:Deals/' . ($base + 2)), 'score'), '{"Kept":[0,0]}', 'one is worth nothing');
is(redis('HGET', key('record:Deals/' . ($base + 5)), 'score'), '{"Kept":[4,0]}', 'one is kept now');
is(redis('EXISTS', key('record:Deals/' . ($base + 3))), 0, 'one that is being written is left to that write');
is_deeply([ @{ status('Deals') }{qw(state seen changed)} ], ['done', 250, 249], 'as is told');


# --- updates that do not end ------------------------------------------------------

# A CRM that takes no writes must not fill Redis with a million of them.
for my $i (1 .. 401) {
    redis('HSET', key("job:stuck$i"), 'state', 'delayed');
    redis('SADD', key('scoring:Deals'), "stuck$i");
}

crm_clear_log();
is(crmctl('scores', 'run', 'Deals')->{rc}, 0, 'while too many updates have not ended');
worker_start(@worker);
wait_for { redis('HGET', key('job:scores:Deals'), 'fence') && (redis('HGET', key('job:scores:Deals'), 'state') || '') eq 'delayed' }
    'the worker to have looked';
is(scalar(grep { $_->{target} =~ /Deals/ } crm_log()), 0, 'no page is read');
like(redis('HGET', key('job:scores:Deals'), 'error'), qr/score_waits: updates of records before them/, 'and it is said why');
redis('DEL', map { key("job:stuck$_") } 1 .. 401);
$r = crmctl('scores', 'run', 'Deals', '--follow');
is($r->{rc}, 0, 'until they have: it is followed to its end') or diag $r->{err};
like($r->{out}, qr/^250 counted, \d+ changed\n\z/m, 'which is told');
worker_stop();
is(redis('EXISTS', key('scoring:Deals')), 0, 'and nothing is left of it');


# --- a full Redis -----------------------------------------------------------------

# The CRM knows of half of them something else than is right.
my @spoilt = map { $base + 2 * $_ } 1 .. $n / 2;

for my $id (@spoilt) {
    my $is = json_decode(crm_record('Leads', $id));

    $is->{Score} = 77;
    crm_seed('Leads', $id, json_encode($is));
}

crm_clear_log();
is(crmctl('scores', 'run', 'Leads')->{rc}, 0, 'a run begins');
redis('CONFIG', 'SET', 'maxmemory', '1');
worker_start(@worker, '--retry-schedule', '3s,3s,3s,3s,3s,3s,3s,3s,3s');
wait_for { grep { (redis('HGET', key("job:$_"), 'error') || '') =~ /status_503/ } @{ redis('ZRANGE', key('delayed'), 0, 20) } }
    'updates that are refused while Redis is full', 60;
is(scalar(crm_writes()), 0, 'while Redis is full nothing is written');
is(crmctl('scores', 'run', 'Deals')->{rc}, 1, 'and no other run begins');
redis('CONFIG', 'SET', 'maxmemory', '0');
wait_for { status('Leads')->{state} ne 'running' } 'its end', 60 + $n / 50;
wait_for { @{ redis('KEYS', key('job:*')) } == 0 } 'all updates', 60 + $n / 50;

%writes = ();
$writes{ ($_->{target} =~ m{/(\d+)})[0] || ($_->{body} =~ /"id":"(\d+)"/)[0] }++ for crm_writes();
@wrong = grep { (json_decode(crm_record('Leads', $_))->{Score} || 0) != $want{$_} } keys %want;
is("@wrong", '', 'behind it every record has its score');
is(scalar(keys %writes), scalar(@spoilt), 'what was wrong is written');
is(scalar(grep { $_ > 1 } values %writes), 0, 'once');
is_deeply([ dead() ], [], 'no job has failed');
worker_stop();


# --- what goes wrong --------------------------------------------------------------

is(crmctl('scores', 'run', 'Tasks')->{rc}, 0, 'a module is to be counted');
$rules =~ s/---\nkind: scoring_rule\nname: Gone.*//s;
crm_rules($rules, '--prune');
once();
is(status('Tasks')->{state}, 'stopped', 'whose rule is taken away meanwhile: it has stopped');
like((dead())[0]{reason} || '', qr/no scoring rule any more/, 'and the dead job says why');
$r = crmctl('scores', 'run', 'Tasks', '--follow');
is($r->{rc}, 1, 'it cannot be run again');

# What the worker would refuse is refused at once: nobody has to look for a dead job.
for my $case (
    [ 'a backend without lists', "---\nkind: backend\nurl: http://127.0.0.1:9\ndialect: rest\n",
      qr/records of "Deals" cannot be counted: the backend's dialect has no way to list records/ ],
    [ 'rules that read too many fields',
      join('', map { my $r = $_; "---\nkind: scoring_rule\nname: Wide$r\nmodule: Deals\nfield_rules:\n"
          . join '', map { "  - { score: 1, criteria: { field: F${r}_$_, comparator: equal, value: x } }\n" } 1 .. 20 } 1 .. 3),
      qr/cannot be counted: scoring rules of the module read more fields than a list of records may ask for/ ],
) {
    my ($name, $more, $why) = @$case;

    crm_rules("$rules$more", '--prune');
    $r = crmctl('scores', 'run', 'Deals');
    is($r->{rc}, 1, "$name: no run begins");
    like($r->{err}, $why, "$name: and it is said why");
    is(status('Deals')->{state}, 'done', "$name: the last run is what it was");
}

crm_rules($rules, '--prune');

crm_fail(fault => 'html', method => 'GET', times => 1);
is(crmctl('scores', 'run', 'Deals')->{rc}, 0, 'a page that is none');
worker_start(@worker);
$r = crmctl('scores', 'run', 'Deals', '--follow');
is($r->{rc}, 0, 'until it is one') or diag $r->{err}, explain [ dead() ];
worker_stop();

is(nginx_stop(), undef, 'nginx stops, clean');
done_testing();
