# Functions: a rule starts a script, which reads and writes records through the
# guarded location as automation, and asks others by invokeurl. It would fail by
# a script that did more than its process may, by an effect that was made twice,
# or by a job that was neither done nor dead.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Chain;
use Test::CRM::Jobs qw(key dead lease_over worker_log);

plan skip_all => 'a function is /proc/self/exe, which is memcheck here' if $ENV{CRM_TEST_VALGRIND};

redis_start();
crm_start();
receiver_start();

# Rule NAME runs function NAME when Stage is NAME.
sub rule {
    my ($name, $source, $parameters, $arguments) = @_;

    $parameters ||= '[ { name: id, type: text } ]';
    $arguments ||= '{ id: "${!Deals.id}" }';

    return ($source, <<"EOT");
kind: function
name: $name
file: $name.dg
arguments: $parameters
---
kind: workflow_rule
name: $name
module: Deals
execute_when: { type: edit }
conditions:
  - criteria: { field: Stage, comparator: equal, value: $name }
    instant_actions: [ { type: functions, name: $name, arguments: $arguments } ]
EOT
}

my %script = (
    total => [ <<'EOT' ],
deal = zoho.crm.getRecordById("Deals", id);
account = zoho.crm.getRecordById("Accounts", deal.get("Account"));
total = account.get("Total") + deal.get("Amount");
info "total " + total;
class = "C";
if (total >= 1000) { class = "A"; }
answer = zoho.crm.updateRecord("Accounts", deal.get("Account"), {"Total": total, "Class": class});
if (answer.get("id") != deal.get("Account")) { throw "not written: " + answer; }
EOT
    creates => [ <<'EOT' ],
made = zoho.crm.createRecord("Tasks", {"Subject": "call " + id});
zoho.crm.updateRecord("Deals", id, {"Task": made.get("id")});
EOT
    fires => [ 'zoho.crm.updateRecord("Deals", id, {"Stage": "creates"}, {"trigger": {"workflow"}});' ],
    quiet => [ 'zoho.crm.updateRecord("Deals", id, {"Stage": "creates"});' ],
    asks => [ <<'EOT' ],
answer = invokeurl
[
    url: base + "/asked"
    type: POST
    parameters: {"a b": "c&d"}
    headers: {"X-Of": "deal"}
];
zoho.crm.updateRecord("Deals", id, {"Answer": answer.toString()});
EOT
    typed => [ 'zoho.crm.updateRecord("Deals", id, {"Typed": (n + 1) + " " + day.addDay(1) + " " + flag + " " + half});' ],
    locked => [ <<'EOT' ],
answer = zoho.crm.updateRecord("Closed", "9", {"x": 1});
zoho.crm.updateRecord("Deals", id, {"Code": answer.get("code")});
EOT
    catches => [ <<'EOT' ],
try { zoho.crm.getRecordById("Broken", "1"); }
catch (e) { zoho.crm.updateRecord("Deals", id, {"Caught": e.lineNo + ": " + e.message}); }
EOT
    breaks => [ 'zoho.crm.getRecordById("Broken", "1");' ],
    throws => [ "info id;\nx = 1;\nthrow \"no \" + x;" ],
    unknown => [ 'zoho.crm.mergeEverything("Deals");' ],
    loops => [ 'l = {1}; for each x in l { l.add(x + 1); }' ],
    many => [ 'l = List(); for each index i in "a,".repeat(30).toList(",") { zoho.crm.getRecordById("Deals", id); }' ],
    floods => [ <<'EOT' ],
for each x in "a,".repeat(30).toList(",") { invokeurl [ url: base headers: {"X-Of": x} ]; }
EOT
    busy => [ 'zoho.crm.updateRecord("Deals", id, {"Done": "yes"});' ],
);

my $base = receiver_url();

$script{asks}[1] = '[ { name: id, type: text }, { name: base, type: text } ]';
$script{asks}[2] = "{ id: \"\${!Deals.id}\", base: \"$base\" }";
@{ $script{floods} }[1, 2] = @{ $script{asks} }[1, 2];
$script{typed}[1] = '[ { name: id, type: text }, { name: n, type: integer }, { name: day, type: date }, { name: flag, type: boolean }, { name: half, type: float } ]';
$script{typed}[2] = '{ id: "${!Deals.id}", n: "${!Deals.Count}", day: "${!Deals.Day}", flag: true, half: 0.5 }';

my $files = '';
my $rules = <<'EOT';
kind: organization
time_zone: Europe/Berlin
---
kind: record_locking
module: Closed
lock_type: automatic
locking_rules:
  - name: all
    lock_existing_records: true
    criteria: { field: x, comparator: not_equal, value: "${EMPTY}" }
EOT

for my $name (sort keys %script) {
    my ($source, $yaml) = rule($name, @{ $script{$name} });

    $files .= ">>> $name.dg\n$source\n";
    $rules .= "---\n$yaml";
}

crm_rules(">>> rules.yaml\n$rules$files");

my $key = chain_key_file();

nginx_start(extra => "crm_chain_key_file $key;");

my @worker = ('--backend', guarded_url(), '--chain-key-file', $key,
              '--allow-private', '127.0.0.0/8');

sub deal { return json_decode(crm_record('Deals', $_[0])) }
sub queued { return redis('LLEN', key('queue:functions')) }
sub start { return http(PUT => "/crm/v8/Deals/$_[0]", body => qq({"data":[{"Stage":"$_[1]"}]}))->{status} }

sub drain {
    wait_for {
        my $r = worker_once(@worker);

        die "crm-worker: exit $r->{rc}\n$r->{err}" if $r->{rc};
        queued() + redis('ZCARD', key('delayed')) + redis('ZCARD', key('lease')) == 0;
    } 'the functions have their end', 30;
}

# Deal N at stage NAME, and the functions that follow.
sub run {
    my ($n, $name, $record) = @_;

    crm_seed('Deals', $n, $record || '{"Amount":600,"Account":"7"}');
    is(start($n, $name), 200, "$name: the rule fires");
    drain();

    return deal($n);
}

crm_seed('Accounts', 7, '{"Total":500}');
crm_seed('Closed', 9, '{"x":"1"}');

run(1, 'total');
is_deeply([ @{ json_decode(crm_record('Accounts', 7)) }{qw(Total Class)} ], [ 1100, 'A' ],
          'records are read and written');
is(redis("LLEN", key('dead')), 0, "nothing is dead") or diag explain [dead()];

{
    my $d = run(2, 'creates');

    is(json_decode(crm_record('Tasks', $d->{Task}))->{Subject}, 'call 2', 'a record is made, its id is told');
}

is(run(3, 'quiet')->{Task}, undef, 'its writes start no rules');
ok(run(4, 'fires')->{Task}, 'but where it says so');

hooks_answer(body => 'hello');
{
    my $d = run(5, 'asks');
    my ($hook) = grep { $_->{target} eq '/asked' } hooks();

    is($hook->{body}, 'a%20b=c%26d', 'invokeurl sends a form');
    is($hook->{header}{'x-of'}, 'deal', 'with its headers');
    like($hook->{header}{'idempotency-key'}, qr/^[a-z2-7]{26}:1\z/, 'and the id of the effect');
    ok(defined $d->{Answer}, 'and hears the answer');
}

is(run(6, 'typed', '{"Count":"41","Day":"2026-03-28"}')->{Typed}, '42 2026-03-29 true 0.5',
   'arguments are of their types');
is(run(7, 'locked')->{Code}, 'RECORD_LOCKED', 'a lock is an answer');

crm_seed('Deals', 8, '{}');
start(8, 'catches');
crm_fail(fault => 'status', status => 500, method => 'GET', times => 1);
drain();
like(deal(8)->{Caught}, qr/^1: the CRM answered 500/, 'a CRM that fails can be caught');

# Of each: why it is dead. One that takes too much CPU stands in schedule.t.
for (
    [ throws => qr/^function_error: line 3: no 1\z/ ],
    [ unknown => qr/^function_error: line 1: there is no task/ ],
    [ loops => qr/^function_limit: line 1: .*200000 statements/ ],
    [ floods => qr/^function_limit: line 1: more than 20 requests/ ],
    [ many => qr/^function_limit: line 1: more than 20 requests/ ],
) {
    my ($name, $why) = @$_;

    redis('DEL', key('dead'));
    run(20, $name);

    my ($dead) = dead();

    is($dead->{job}{action}{name}, $name, "$name: dead");
    like($dead->{reason}, $why, "$name: and says why");
}

# A worker that dies while its function writes: before the answer came, and
# after it was told. Whatever it was, the sum is right in the end.
{
    my $total = json_decode(crm_record('Accounts', 7))->{Total};

    for my $n (40 .. 45) {
        crm_seed('Deals', $n, '{"Amount":600,"Account":"7"}');
        start($n, 'total');
        crm_delay(ms => 60 * ($n - 40), method => 'PUT');
        crm_clear_log();

        my $pid = spawn(name => "worker$n", cmd => worker_command(@worker, '--lease', '3s'));

        wait_for { $n % 2 ? grep { $_->{method} eq 'PUT' } crm_log() : crm_log() } 'the function at work';
        kill_process($pid);
        lease_over();
        crm_delay();
        drain();
        $total += 600;
        is(json_decode(crm_record('Accounts', 7))->{Total}, $total, 'killed at work: counted once');
    }
}

redis('DEL', key('dead'));
crm_seed('Deals', 30, '{}');
start(30, 'breaks');
crm_fail(fault => 'status', status => 500, method => 'GET', times => 1);
worker_once(@worker);
is(redis('ZCARD', key('delayed')), 1, 'a failure that may pass is tried again');
is(redis('LLEN', key('dead')), 0, 'and not dead');
redis('DEL', redis('ZRANGE', key('delayed'), 0, -1)->[0], key('delayed'));

# A worker that is told to end at once.
{
    crm_seed('Deals', 31, '{}');
    start(31, 'asks');
    hooks_reset();
    hooks_answer(fault => 'silent', times => 1);

    my $pid = worker_start(@worker, '--lease', '2s');

    wait_for { hooks() == 1 } 'a function that waits for an answer';

    my @children = split ' ', slurp("/proc/$pid/task/$pid/children");

    is(scalar @children, 1, 'it has a process of its own');
    kill 'TERM', $pid;
    wait_for { worker_log() =~ /draining/ } 'the drain';
    is(worker_stop(), 0, 'a second signal ends the worker');
    wait_for { !-e "/proc/$children[0]" || slurp("/proc/$children[0]/stat") =~ /\) Z/ }
        'the end of its process';
    is(redis('ZCARD', key('lease')), 1, 'whose job is settled by nobody');
    lease_over();
    drain();
    ok(defined deal(31)->{Answer}, 'another worker runs it');
}

done_testing();
