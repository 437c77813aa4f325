# Two who change the rules at the same time, a Redis that goes away in between,
# a crmctl that is killed: what is stored is one's or the other's, whole. Were it
# broken, the change of one would vanish without a word.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Rude;

my $n = 0;
my $plan = work_dir() . '/p.plan';

redis_start();


# --- many at once ---------------------------------------------------------------------

{
    my @dirs = map { folder("r$_.yaml" => role("R$_")) } 0 .. 19;
    my @r = in_parallel(20, sub { crmctl('apply', $dirs[ $_[0] ], '--managed-by', "m$_[0]") });

    is_deeply([ map { $_->{rc} } @r ], [ (0) x 20 ], 'twenty folders applied at once');
    is_deeply(owners(), { map { ("R$_" => "m$_") } 0 .. 19 }, 'are all live');
    is(redis('GET', 'crm:{acme}:revision'), '20', 'in twenty revisions');

    my $j = json_decode(crmctl('history', '-o', 'json')->{out});

    is_deeply([ map { "$_->{revision}: +$_->{added} ~$_->{changed} -$_->{removed} $_->{objects}" }
                @{ $j->{revisions} } ],
              [ map { "$_: +1 ~0 -0 $_" } reverse 1 .. 20 ], 'each of which added one');
}

# The same object in all of them: one wins last, and nothing is in between.
{
    my @dirs = map { folder('r.yaml' => role('S') . "description: d$_\n") } 0 .. 9;

    in_parallel(10, sub { crmctl('apply', $dirs[ $_[0] ])->{rc} });

    my $rev = redis('GET', 'crm:{acme}:revision');
    my %seen;

    for (21 .. $rev) {
        my ($s) = grep { $_->{object}{name} eq 'S' } @{ bundle($_)->{objects} };
        $seen{ $s->{object}{description} }++;
    }

    is_deeply(\%seen, { map { ("d$_" => 1) } 0 .. 9 },
              'ten changes of one object are ten revisions, each of which was live');
}


# --- one behind the other, for certain ---------------------------------------------------

# All read, then Redis lets them store in the order in which they came.

{
    redis('FLUSHALL');
    crmctl('apply', folder('a.yaml' => role('A') . "---\n" . role('B')), '--managed-by', 'm');

    my @r = overtaken(
        [ 'apply', folder('c.yaml' => role('C')), '--managed-by', 'other' ],
        [ 'apply', folder('a.yaml' => role('A')), '--managed-by', 'm', '--prune' ]);

    is_deeply([ map { $_->{rc} } @r ], [ 0, 0 ], 'two folders, of which one comes second');
    like($r[1]{err}, qr/^crmctl: removes role B\ncrmctl: revision 2 came in between: laid over it again\ncrmctl: removes role B\n$/,
         'it is laid over what the first has made');
    like($r[1]{out}, qr/^revision 3 is live: 0 added, 0 replaced, 1 removed, 2 unchanged$/m,
         'and counts from there');
    is_deeply(owners(), { A => 'm', C => 'other' }, 'both are live');
}

{
    crmctl('plan', folder('d.yaml' => role('D')), '--out', $plan);

    my @r = overtaken([ 'apply', folder('e.yaml' => role('E')) ], [ 'apply', $plan ]);

    is($r[0]{rc}, 0, 'a folder before a plan');
    is($r[1]{rc}, 1, 'makes the plan stale in the last moment');
    like($r[1]{err}, qr/was made at revision 3, live is 4: nothing was applied, make the plan again$/m,
         'which names both revisions');
    ok(!owners()->{D}, 'and stores nothing');
}

{
    my @r = overtaken([ 'apply', folder('f.yaml' => role('F')) ], [ 'rollback', '1' ]);

    is($r[0]{rc}, 0, 'a folder before a rollback');
    is($r[1]{rc}, 1, 'stops it: it would undo what nobody has looked at');
    like($r[1]{err}, qr/^crmctl: revision 4 was live when the rollback began, now it is 5: nothing was changed, look at it and try again$/m,
         'which is said');
    ok(owners()->{F}, 'what was applied is live');
}

{
    crmctl('plan', folder('g.yaml' => role('G')), '--out', $plan);

    my @r = overtaken([ 'apply', $plan ], [ 'apply', $plan ]);

    is_deeply([ map { $_->{rc} } @r ], [ 0, 0 ], 'one plan twice is what both wanted');
    is(redis('GET', 'crm:{acme}:revision'), '6', 'in one revision');
}


# --- Redis goes away ---------------------------------------------------------------------

rude_start();

my @rude = ('--redis', 'unix:' . rude_sock());

# Redis has stored it, and its answer is lost.
{
    my $dir = folder('h.yaml' => role('H'));

    crmctl('apply', folder('x.yaml' => role('X')));
    rude({ on => 'publish', close => 1 });

    my $r = crmctl('apply', $dir, @rude);

    is($r->{rc}, 1, 'an answer that is lost is a failure');
    like($r->{err}, qr/^crmctl: whether revision 8 is stored is not known, Redis has not answered: crmctl history will tell$/m,
         'that does not pretend to know');
    is(redis('GET', 'crm:{acme}:revision'), '8', 'it was stored');

    rude();
    like(crmctl('apply', $dir, @rude)->{out}, qr/^no change: revision 8 is live$/m,
         'the same command again finds it done');
}

for my $case (
    [ 'a refusal', { reply => "-OOM command not allowed when used memory > 'maxmemory'.\r\n" },
      qr/^crmctl: the rules could not be stored\ncrmctl: .*OOM/m ],
    [ 'nonsense', { reply => "*1\r\n+maybe\r\n" }, qr/^crmctl: the rules could not be stored$/m ],
    [ 'another number', { reply => "*3\r\n\$2\r\nok\r\n\$2\r\n77\r\n\$1\r\nE\r\n" },
      qr/^crmctl: the rules could not be stored\ncrmctl: Redis says that it has stored revision 77, and was told to store 9$/m ],
    [ 'silence', { reply => '', mute => 1 }, qr/^crmctl: whether revision 9 is stored is not known/m ],
    [ 'half an answer', { reply => "*3\r\n\$2\r\nok\r\n", cut => 8 },
      qr/^crmctl: whether revision 9 is stored is not known/m ],
) {
    my ($what, $rule, $why) = @$case;

    rude({ on => 'publish', %$rule });

    for my $command ([ 'apply', folder('i.yaml' => role('I')) ], [ 'rollback', '1' ]) {
        my $r = crmctl(@$command, @rude, '--timeout', '500ms');

        is($r->{rc}, 1, "$what to $command->[0] is a failure");
        like($r->{err}, $why, 'that says what is known');
        is($r->{out}, '', 'and shows no result');
    }

    is(redis('GET', 'crm:{acme}:revision'), '8', 'nothing is stored');
}

# It is stored, and then the processes cannot be asked.
{
    rude({ on => 'HGETALL', close => 1 });

    my $r = crmctl('apply', folder('j.yaml' => role('J')), @rude);

    is($r->{rc}, 1, 'a Redis that goes away behind it is a failure');
    like($r->{err}, qr/^crmctl: revision 9 is stored, but what became of it could not be read$/m,
         'that says that it is stored');
    rude();
}

# A full Redis takes nothing, and what is there stays.
{
    my $before = state();

    redis('CONFIG', 'SET', 'maxmemory', '1');

    my $r = crmctl('apply', folder('k.yaml' => role('K')), '--managed-by', 'm', '--prune');

    redis('CONFIG', 'SET', 'maxmemory', '0');

    is($r->{rc}, 1, 'a full Redis');
    like($r->{err}, qr/^crmctl: removes role A\ncrmctl: the rules could not be stored\n.*OOM/m,
         'refuses, after what would go was listed');
    is_deeply(state(), $before, 'nothing has changed');
}


# --- a crmctl that dies --------------------------------------------------------------------

# Killed while Redis holds its command back: it may be done or not, but not half.
{
    my $before = redis('GET', 'crm:{acme}:revision');

    redis('CLIENT', 'PAUSE', '20000', 'WRITE');

    my $pid = started([ 'apply', folder('l.yaml' => role('L') . "---\n" . role('M')) ], 'dies');

    waiting(1);
    kill 'KILL', -$pid;
    waitpid $pid, 0;
    redis('CLIENT', 'UNPAUSE');

    my $rev = redis('GET', 'crm:{acme}:revision');
    my $j = json_decode(crmctl('history', '-o', 'json')->{out});

    is($j->{revisions}[0]{revision}, $rev, 'the history ends with what is live');
    is(scalar @{ bundle($rev)->{objects} }, $j->{revisions}[0]{objects}, 'whose rules are whole');
    is(grep({ /^[LM]$/ } keys %{ owners() }) % 2, 0, 'both roles or none');
    is(crmctl('apply', folder('l.yaml' => role('L') . "---\n" . role('M')))->{rc}, 0,
       'and the next one goes through');
    ok($rev - $before <= 1, 'nothing was stored twice');
}

done_testing();


# Runs two commands that have both read before either may store; the first stores
# first. Their results.

sub overtaken {
    my (@commands) = @_;
    my @pids;

    redis('CLIENT', 'PAUSE', '20000', 'WRITE');

    for my $i (0 .. $#commands) {
        push @pids, started($commands[$i], $i);
        waiting($i + 1);
    }

    redis('CLIENT', 'UNPAUSE');

    waitpid $_, 0 for @pids;

    return map { json_decode(slurp(work_dir() . "/result.$_")) } 0 .. $#commands;
}


# A command in a process of its own; its result goes into a file of that name.

sub started {
    my ($command, $name) = @_;
    my $pid = fork_child('crmctl');

    if ($pid == 0) {
        setpgrp 0, 0;
        spew(work_dir() . "/result.$name", json_encode(crmctl(@$command)));
        POSIX::_exit(0);
    }

    return $pid;
}


# Until count commands stand still in Redis.

sub waiting {
    my ($count) = @_;

    wait_for {
        my ($blocked) = redis('INFO', 'clients') =~ /^blocked_clients:(\d+)/m;
        $blocked == $count;
    } "$count stores to wait", 10;
}


sub role { return "kind: role\nname: $_[0]\n" }


sub folder {
    my (%files) = @_;
    my $dir = work_dir() . '/f' . ++$n;

    spew("$dir/$_", $files{$_}) for keys %files;

    return $dir;
}


sub bundle { return json_decode(redis('GET', "crm:{acme}:rules:$_[0]")) }


sub owners {
    my $b = bundle(redis('GET', 'crm:{acme}:revision'));

    return { map { $_->{object}{name} => $_->{managed_by} } @{ $b->{objects} } };
}


sub state {
    my %read = (string => 'GET', hash => 'HGETALL', set => 'SMEMBERS');

    return { map { my $v = redis($read{ redis('TYPE', $_) }, $_);
                   $_ => ref $v ? [ sort @$v ] : $v } @{ redis('KEYS', '*') } };
}
