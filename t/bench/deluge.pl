#!/usr/bin/perl
#
# make bench, the language of functions: statements a second beside Lua 5.4's
# interpreter, and what it takes until a run has begun.
#
# The loops of loops/*.dg and *.lua do the same and must come to the same
# result. Times are CPU time, the median of rounds in one process; a statement
# is one of Deluge's, so that the ratio is that of the times. A run begins when
# its process, spawned as crm-worker spawns it, wall and all, asks for what its
# first statement wants; beside it stands /bin/true, until it has ended. On a busy
# machine the CPU time of both, which does not wait for others, says more.
#
#   BENCH_LOOPS="arithmetic lists strings" BENCH_LOOP_ROUNDS=51
#   BENCH_STARTS=300
#
# What is printed is also added to build/bench/result.txt.

use strict;
use warnings;

use File::Basename qw(dirname);
use POSIX qw(strftime);

use lib dirname(__FILE__) . '/../lib';
use Test::CRM;

my $loops = dirname(__FILE__) . '/loops';
my $program = build_dir() . '/bench/deluge_bench';
my $rounds = $ENV{BENCH_LOOP_ROUNDS} || 51;
my $starts = $ENV{BENCH_STARTS} || 300;
my ($load) = slurp('/proc/loadavg') =~ /^(\S+)/;

my $out = sprintf "\n%s, load %s\n%-12s %10s %9s %9s %12s %12s %6s\n",
    strftime('%Y-%m-%d %H:%M UTC', gmtime), $load, 'loop', 'statements',
    'here us', 'Lua us', 'here st/s', 'Lua st/s', 'ratio';

for my $loop (split ' ', $ENV{BENCH_LOOPS} || 'arithmetic lists strings') {
    print STDERR "deluge, $loop\n";

    my ($here, $count, $result) = split ' ',
        run($program, 'run', "$loops/$loop.dg", $rounds);
    my ($lua, $same) = split ' ',
        run('lua5.4', "$loops/measure.lua", "$loops/$loop.lua", $rounds);

    die "$loop: $result here, $same in Lua\n" if $result ne $same;

    $out .= sprintf "%-12s %10d %9.0f %9.0f %12.0f %12.0f %6.1f\n", $loop,
        $count, $here, $lua, $count / $here * 1e6, $count / $lua * 1e6,
        $here / $lua;
}

print STDERR "deluge, start\n";

my ($first, $first_cpu, $true, $true_cpu) = split ' ', run($program, 'start',
    build_dir() . '/crm-worker', $starts, '--behind-the-wall');

$out .= sprintf <<'EOT', $first, $true, $first / $true, $first_cpu, $true_cpu, $first_cpu / $true_cpu;

spawn to first statement: %.0f us; spawning /bin/true: %.0f us; ratio %.1f
CPU time of the process: %.0f us; of /bin/true: %.0f us; ratio %.1f
EOT

print $out;
mkdir top_dir() . '/build/bench';
open my $fh, '>>', top_dir() . '/build/bench/result.txt' or die "$!\n";
print $fh $out;
close $fh or die "$!\n";


sub run {
    my $r = run_command([ @_ ], timeout => 600);

    die "$_[0]: $r->{err}$r->{out}" if $r->{rc};

    return $r->{out};
}
