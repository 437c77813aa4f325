#!/usr/bin/perl
#
# make bench, second part: judging alone, as the number of rules grows.
#
# Rules are those of rule_mix.pl, the record has 1 KB. Instructions a record
# are the difference of two runs under callgrind, so that setting up is not in
# them; beside them the time of a record, of compiling and of parsing, and what
# a rule takes. Of more than 10,000 rules they are left out: callgrind takes
# minutes to load so many.
#
#   BENCH_RULES="10 100 1000 10000 100000"
#
# What is printed is also added to build/bench/result.txt.

use strict;
use warnings;

use File::Basename qw(dirname);
use Time::HiRes ();

use lib dirname(__FILE__) . '/../lib';
use Test::CRM;

my @counts = split ' ', $ENV{BENCH_RULES} || '10 100 1000 10000 100000';
my $program = build_dir() . '/bench/eval_bench';
my $record = spew(work_dir() . '/record.json', record());
my $out = sprintf "\n%7s %9s %10s %10s %11s %10s %11s\n", 'rules', 'judge',
    'read+judge', 'judge us', 'compile ms', 'parse ms', 'bytes/rule';

for my $n (@counts) {
    my $bundle = spew(work_dir() . "/bundle.$n.json",
                      run([ $^X, dirname(__FILE__) . '/rule_mix.pl', $n ]));
    my ($parse, $compile, $bytes) = run([ $program, $bundle ])
        =~ /parsed in ([\d.]+) ms, compiled in ([\d.]+) ms, (\d+) bytes/;

    print STDERR "judge, $n rules\n";

    my @count = $n > 10000 ? ('-', '-')
                : (instructions($bundle), instructions($bundle, 'scan'));

    $out .= sprintf "%7d %9s %10s %10.1f %11.1f %10.1f %11d\n", $n, @count,
        microseconds($bundle), $compile, $parse, $bytes / $n;
}

$out .= <<'EOT';

judge, read+judge: instructions a record without nginx (callgrind); the second
reads it from its bytes. judge us: the same as judge, in time. compile, parse:
CPU time of the thread, user and system, the least of five.
EOT

print $out;
open my $fh, '>>', top_dir() . '/build/bench/result.txt' or die "$!\n";
print $fh $out;
close $fh or die "$!\n";


sub run {
    my $r = run_command([ ref $_[0] ? @{ $_[0] } : @_ ], timeout => 900);

    die "$_[0][0]: $r->{err}$r->{out}" if $r->{rc};

    return $r->{out};
}


# The difference of two counts is free of the set-up.

sub instructions {
    my ($bundle, @mode) = @_;

    my %collected;

    for my $count (10, 60) {
        my $r = run_command([ 'valgrind', '--tool=callgrind',
            '--callgrind-out-file=/dev/null', $program, $bundle, $record,
            $count, @mode ], timeout => 1800);

        die "eval_bench: $r->{err}$r->{out}" if $r->{rc};
        $r->{out} =~ /, (\d+) rules fired/ && $1 == 2 * $count
            or die "eval_bench: two rules should fire: $r->{out}";
        ($collected{$count}) = $r->{err} =~ /Collected\s*:\s*(\d+)/
            or die $r->{err};
    }

    return int(($collected{60} - $collected{10}) / 50);
}


# CPU time of children, the same way.

sub microseconds {
    my ($bundle) = @_;

    my ($few, $many) = (100, 20100);
    my %cpu;

    for my $count ($few, $many) {
        my @before = times;

        run([ $program, $bundle, $record, $count ]);

        my @after = times;

        $cpu{$count} = $after[2] + $after[3] - $before[2] - $before[3];
    }

    return ($cpu{$many} - $cpu{$few}) * 1e6 / ($many - $few);
}


# What the first two rules match, with fields that no rule asks for.

sub record {
    my %f = (Annual_Revenue => '1250000.50', No_of_Employees => 42,
        Score => 77, Discount => '12.5', Company => '"Analytical Engines"',
        Last_Name => '"Lovelace"', City => '"London"',
        Email => '"ada@example.test"', Next_Contact => '"2026-01-10"',
        Phone => '"+44 20 7946 0000"', Rating => '"Cold"',
        Email_Opt_Out => 'false');
    my $i = 0;

    $f{$_} = '"value ' . ++$i . '"' for qw(Lead_Source Industry Country
        Segment Region Product Channel Campaign);
    $f{"Field_$_"} = '"' . substr('lorem ipsum dolor sit amet, ' x 3, 0, 60)
        . '"' for 1 .. 6;

    return '{' . join(',', map { "\"$_\":$f{$_}" } sort keys %f) . '}';
}
