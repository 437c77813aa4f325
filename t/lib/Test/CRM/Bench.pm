package Test::CRM::Bench;

# What the benchmarks measure by:
#
#   bench_set_apart();        the first CPU is for what is measured, before all
#                             else is started
#   bench_alone($pid);        which gets it
#   cpu_us($pid);             CPU time that it has used
#   option('ROUNDS', 7);      of the environment: BENCH_ROUNDS
#   median(\@n); range(\@n);
#   bench_machine();          date, machine, load
#   wrk($url, script => FILE, connections => N, seconds => S);
#                             how many requests were answered, each with success
#
# With one CPU, or BENCH_PIN=0, nothing is set apart. A virtual CPU that has
# nothing to do is given back to the host, and to wake it is work that is charged
# to whoever does: so CPUs are kept awake, unless BENCH_AWAKE=0. Best the kernel
# itself polls as long as it has nothing to do, as with idle=poll: it does while
# somebody asks it to answer within 0 us (Linux, Documentation/power/
# pm_qos_interface.rst). Where it can't, or we may not ask, a process of the idle
# class runs on each, which costs a change of processes where a CPU wakes up.

use strict;
use warnings;

use Exporter qw(import);
use POSIX qw(strftime);

use Test::CRM;
use Test::CRM::Process;

our @EXPORT = qw(option median range cpu_us bench_set_apart bench_alone
    bench_machine wrk);

my $cpus = () = slurp('/proc/cpuinfo') =~ /^processor\s*:/mg;
my $latency;                # held open: what was asked for holds until it closes


sub option {
    my ($name, $default) = @_;

    return defined $ENV{"BENCH_$name"} ? $ENV{"BENCH_$name"} : $default;
}


sub bench_apart { return option('PIN', 1) && $cpus > 1 }


sub bench_set_apart {
    stay_awake() if option('AWAKE', 1);
    affinity('1-' . ($cpus - 1), $$) if bench_apart();
}


# All its threads, and what it starts from here on.

sub bench_alone {
    my ($pid) = @_;

    affinity('0', $pid) if bench_apart();
}


sub affinity {
    my ($list, $pid) = @_;

    my $r = run_command([ 'taskset', '-acp', $list, $pid ]);

    die "taskset: $r->{err}" if $r->{rc};
}


sub stay_awake {
    return if kernel_polls();

    for my $cpu (0 .. $cpus - 1) {
        spawn(name => "awake-$cpu", cmd => [ qw(chrt --idle 0 taskset -c), $cpu,
                                             $^X, '-e', '1 while 1' ]);
    }
}


# Can every CPU poll, and will the kernel let them?

sub kernel_polls {
    my $can = () = grep { slurp($_) eq "POLL\n" }
        glob '/sys/devices/system/cpu/cpu*/cpuidle/state0/name';
    my $asked = $can >= $cpus && open($latency, '+>', '/dev/cpu_dma_latency')
                && syswrite $latency, pack 'l', 0;

    undef $latency unless $asked;

    return $asked;
}


sub awake_how {
    return 'CPUs may sleep' unless option('AWAKE', 1);

    return $latency ? 'the kernel polls on idle CPUs'
                    : 'idle CPUs are kept awake by processes';
}


# All threads of a process, from what the scheduler counts.

sub cpu_us {
    my ($pid) = @_;

    my $ns = 0;

    for my $file (glob "/proc/$pid/task/*/schedstat") {
        $ns += $1 if slurp($file) =~ /^(\d+)/;
    }

    die "process $pid does not run\n" unless $ns;

    return $ns / 1000;
}


# About one in a hundred has told all it has to tell and does not end.

sub wrk {
    my ($url, %o) = @_;

    my $r = run_command([ qw(timeout -s KILL), $o{seconds} + 5, 'wrk', '-t1',
        "-c$o{connections}", "-d$o{seconds}s", '-s', $o{script}, $url ],
        timeout => $o{seconds} + 30);
    my ($count) = $r->{out} =~ /^ +(\d+) requests in.*^Transfer/ms;

    die "wrk ended with $r->{rc}: $r->{out}$r->{err}" unless $count;
    die "$url: not every answer was a success\n$r->{out}"
        if $r->{out} =~ /Non-2xx|Socket errors/;

    return $count;
}


# Of none there is none.

sub median {
    my @s = sort { $a <=> $b } @{ $_[0] || [] };

    return $s[ $#s / 2 ];
}


sub range {
    my @s = sort { $a <=> $b } @{ $_[0] || [] };

    return @s ? sprintf '%.2f-%.2f', $s[0], $s[-1] : '-';
}


# What a figure is worth: when, on what, beside what else.

sub bench_machine {
    my ($cpu) = slurp('/proc/cpuinfo') =~ /^model name\s*:\s*(.*)/m;
    my ($os) = slurp('/etc/os-release') =~ /^PRETTY_NAME="(.*)"/m;
    my ($nginx) = run_command([ Test::CRM::Nginx::binary(), '-v' ])->{err}
        =~ m{nginx/(\S+)};
    my ($redis) = redis('INFO', 'server') =~ /redis_version:(\S+)/;

    return strftime('%Y-%m-%d %H:%M UTC', gmtime) . ", $cpus CPUs ("
        . ($cpu || 'unknown') . '), ' . ($os || 'unknown') . ', nginx '
        . ($nginx || 'unknown') . ", Redis $redis\n"
        . 'load when done: ' . slurp('/proc/loadavg') =~ s/ \d+\/.*\n//r
        . (bench_apart() ? '; what is measured alone on CPU 0; '
                         : '; no CPU set apart; ') . awake_how() . "\n";
}

1;
