# Functions that mean harm, as crm-worker sees them: they wait for ever, crash,
# make system calls, eat memory, again and again. It would fail by a process
# that outlives its limit, one that has more than its pipes, an end under the
# wrong name, or a worker that pays for it with memory, processes or its life.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs qw(key dead dead_reason job_hash job_json);

plan skip_all => 'a function is /proc/self/exe, which is memcheck here' if $ENV{CRM_TEST_VALGRIND};

my $slow = $ENV{CRM_TEST_SLOW} || 1;

redis_start();
receiver_start();

my $base = receiver_url();

crm_rules(<<"EOR");
>>> rules.yaml
kind: function
name: waits
file: waits.dg
arguments: []
---
kind: function
name: asks
file: asks.dg
arguments: []
---
kind: function
name: eats
file: eats.dg
arguments: []
---
kind: function
name: well
file: well.dg
arguments: []
---
kind: function
name: cries
file: cries.dg
arguments: []
---
kind: function
name: chains
file: chains.dg
arguments: []
>>> waits.dg
for each n in {1, 2, 3, 4, 5, 6, 7, 8, 9}
{
    try
    {
        invokeurl [ url: "$base/silence" type: GET ];
    }
    catch (e)
    {
        info e.message;
    }
}
>>> asks.dg
invokeurl [ url: "$base/asked" type: GET ];
>>> eats.dg
all = List();
for each n in "a,".repeat(100).toList(",")
{
    all.add("x".repeat(1000000) + n);
}
>>> well.dg
info "well";
>>> cries.dg
throw "x" + "é".repeat(150);
>>> chains.dg
f();
int f() { return f()${\ ('+1' x 15000) }; }
EOR

my $serial = 0;

sub begin {
    my ($name) = @_;
    my $id = sprintf 'run%06d', ++$serial;
    my $job = json_decode(job_json(id => $id, type => 'functions'));

    $job->{action} = { name => $name, arguments => {} };
    redis('SADD', key('own'), $id);
    redis('RPUSH', key('queue:functions'), json_encode($job));

    return $id;
}

sub ran { return map { json_decode($_->[1][1]) } @{ redis('XRANGE', key('runs'), '-', '+') } }
sub of { return grep { $_->{job} eq $_[0] } ran() }

my $worker = worker_start('--retry-schedule', '1h');

sub children { return split ' ', slurp("/proc/$worker/task/$worker/children") }

sub child { return wait_for { (children())[0] } 'the process of a function' }

# --- what a process has ----------------------------------------------------------------

hooks_answer(fault => 'silent', times => 100);

my $waits = begin('waits');
my $pid = child();

wait_for { hooks() == 1 } 'the function at work';

my %status = slurp("/proc/$pid/status") =~ /^(\w+):\s*(.*)$/mg;

is($status{Seccomp}, 2, 'its system calls are filtered');
is($status{NoNewPrivs}, 1, 'it gains no privileges');
SKIP: {
    skip 'we are not root, who alone may look', 2 if $> != 0;

    is(slurp("/proc/$pid/environ"), '', 'its environment is empty');
    opendir my $fds, "/proc/$pid/fd" or die "$pid: $!\n";
    is(join(' ', sort grep { /\d/ } readdir $fds), '0 1 2', 'it has two pipes, and where to say why it cannot begin');
}

# --- the wall clock ---------------------------------------------------------------------

wait_for { of($waits) } 'the end of a function that waits for ever', 60;
{
    my ($run) = of($waits);

    is($run->{reason}, 'function_limit: it ran longer than 30 s', 'one that waits for ever is ended, by that name');
    cmp_ok($run->{took_ms}, '>=', 30_000, 'not before its time');
    cmp_ok($run->{took_ms}, '<', 30_000 + 2000 * $slow, 'and within two seconds behind it');
    ok(!-e "/proc/$pid", 'its process is gone');
    wait_for { job_hash($waits)->{state} ne 'leased' } 'what becomes of it';
    is(job_hash($waits)->{state}, 'delayed', 'it is tried again, since who was asked may answer then');
}

# --- how a process may end -----------------------------------------------------------------

# The kernel's signal for a call that the filter does not know.
for my $case (
    [ SYS => qr/^function_forbidden: its process made a system call that it may not/, 'dead' ],
    [ XCPU => qr/^function_limit: it took more than 5 s of CPU/, 'dead' ],
    [ ILL => qr/^function_crashed: its process ended by signal 4/, 'delayed' ],
    [ KILL => qr/^function_crashed: its process ended by signal 9/, 'delayed' ],
) {
    my ($signal, $why, $then) = @$case;
    my $seen = () = hooks();
    my $id = begin('asks');

    $pid = child();
    wait_for { hooks() > $seen } 'the function at work';
    kill $signal, $pid;
    wait_for { of($id) } 'its end';
    wait_for { dead_reason($id) || (job_hash($id)->{state} || '') ne 'leased' } 'what becomes of it';

    is($then, defined dead_reason($id) ? 'dead' : job_hash($id)->{state}, "SIG$signal: the job is $then");
    like((of($id))[0]{reason}, $why, 'and says why');
    wait_for { !children() } 'the end of its process';
}

# --- again and again ------------------------------------------------------------------------

hooks_reset();

sub rss { return slurp("/proc/$worker/status") =~ /^VmRSS:\s+(\d+) kB/m ? $1 : die "no VmRSS\n" }

sub many {
    my ($n) = @_;
    my @ids = map { begin('eats') } 1 .. $n;

    wait_for { !grep { !defined dead_reason($_) } @ids } "$n ends", 120;

    return grep { dead_reason($_) !~ /^function_limit: line 4: / } @ids;
}

is(scalar(many(20)), 0, 'twenty that eat memory: each is ended by its limit, in its line');

my $before = rss();

is(scalar(many(40)), 0, 'forty more');

my $after = rss();

diag("the worker has $before kB behind 20, $after kB behind 60");
SKIP: {
    skip 'the sanitizers keep what is freed', 1 if $ENV{CRM_TEST_ASAN};

    cmp_ok($after - $before, '<', 1024, 'the worker has its memory back');
}
is(join(' ', children()), '', 'and no process is left');

# --- what is said of it ----------------------------------------------------------------------

# Two that end by themselves: not as a crash, and not as a process that is not believed.
for my $case (
    [ cries => qr/^function_error: line 1: x\x{e9}{50,60}$/ ],
    [ chains => qr/^function_limit: line 2: blocks, expressions and functions stand in each other more than 4000 deep/ ],
) {
    my ($name, $why) = @$case;
    my $id = begin($name);

    wait_for { of($id) } "the end of $name";
    like((of($id))[0]{reason}, $why, "$name: why it ended");
    wait_for { defined dead_reason($id) } "$name: dead";
}

my $well = begin('well');

wait_for { of($well) } 'one that is well';
is((of($well))[0]{status}, 'done', 'which is done, behind all these');
is(worker_stop(), 0, 'the worker ends as it should');

done_testing();
