#!/usr/bin/perl
#
# Runs groups of tests and sums them up:   run.pl GROUP...   or   run.pl FILE...
#
#   unit style module worker cli e2e      on the plain build
#   asan-unit asan-module asan-worker asan-cli    on build/asan
#   second-module second-e2e              with another nginx, which loads it
#   static-module                         with that nginx and it linked in
#   debug-pool-module debug-pool-e2e      the same, all with ASan, UBSan and
#                                         each pool allocation by itself
#   coverage                              unit and module on build/coverage
#   fuzz                                  each fuzz target FUZZ_SECONDS long
#
# The last line is "N passed, M failed". A file that dies, or whose count is
# not its plan, is a failure of its own. So is a process that a test left
# behind: started below `tini -s`, orphans become our siblings, and are seen.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use TAP::Harness;
use TAP::Parser::Aggregator;

my $top = abs_path(dirname(__FILE__) . '/..');
chdir $top or die "chdir $top: $!\n";

# What src/tools/build-nginx.sh has built of the second nginx.
my $second = "$top/build/second-nginx";

my %env = (
    plain    => {},
    asan     => { CRM_TEST_BUILD => "$top/build/asan", CRM_TEST_ASAN => 1 },
    coverage => { CRM_TEST_BUILD => "$top/build/coverage" },
    second   => {
        TEST_NGINX_BINARY => "$second/dynamic/nginx",
        TEST_NGINX_CRM_MODULE =>
            "$second/dynamic/ngx_http_crm_automation_module.so",
    },
    static   => {
        TEST_NGINX_BINARY => "$second/static/nginx",
        TEST_NGINX_CRM_MODULE => 'static',
    },
    'debug-pool' => {
        CRM_TEST_BUILD => "$top/build/asan",
        CRM_TEST_ASAN => 'whole',
        TEST_NGINX_BINARY => "$second/debug-pool/nginx",
        TEST_NGINX_CRM_MODULE => 'static',
    },
);

# With Debian's nginx only: long ones, and those that look at our other programs
# or bring an nginx of their own making.
my %once = map { ("t/e2e/$_.t" => 1) } qw(kills lock_race no_memory clock
    recover_answers recover_killed recover_dialects bulk_recover readme examples
    slow_clients dates scheduled nightly notices loops escalation
    escalation_faults function_stories execute_late demo_process);

# These run longest, with the lease of a write or the time of a call to wait
# for: first.
my %first = map { ("t/e2e/$_.t" => 1) } qw(recover_answers recover_dialects
    bulk_recover composite_recover escalation_faults execute_late loops clock
    approval_kills chain);

my ($passed, $failed, $skipped, @bad) = (0, 0, 0);

# What each test file says to stderr: shown when its group is over, of one that has
# failed the end, below the sum.
my $said = "$top/build/said";

$SIG{INT} = $SIG{TERM} = sub { exit 130 };

for my $name (@ARGV) {
    if ($name eq 'coverage') {
        group('coverage', 'unit');
        group('coverage', 'module');

    } elsif ($name eq 'fuzz') {
        fuzz();

    } elsif (-e $name) {
        my ($build) = ($ENV{CRM_TEST_ASAN} ? 'asan' : 'plain');
        harness($build, $name, $name);

    } else {
        group($name =~ /^(.+)-(\w+)$/ && $env{$1} ? ($1, $2)
                                                  : ('plain', $name));
    }
}

leftovers();

print "\n";
print "  $_\n" for @bad;

# Once more without what they said: the end is all that some show.
print "\n", map { "$_\n" } grep { !/^ / } @bad if @bad;

print "$passed passed, $failed failed", ($skipped ? ", $skipped skipped" : ''),
      "\n";

exit($failed ? 1 : 0);


sub group {
    my ($build, $group) = @_;

    my $dir = $env{$build}{CRM_TEST_BUILD} || "$top/build";
    $dir =~ s{^\Q$top\E/}{};

    my @files = $group eq 'unit'
        ? map { s{.*/}{}r =~ s{\.c$}{}r } glob('t/unit/*_test.c')
        : glob("t/$group/*.t");

    @files = map { "$dir/unit/$_" } @files if $group eq 'unit';

    my $nginx = $env{$build}{TEST_NGINX_BINARY};

    @files = grep { !$once{$_} } @files if $nginx;

    return unless @files;

    if ($nginx && ($ENV{NGINX_SECOND} || '') eq 'skip') {
        print "\n--- $group ($build) skipped: NGINX_SECOND=skip\n";
        $skipped += @files;
        return;
    }

    if ($nginx && !-x $nginx) {
        $failed++;
        push @bad, "$nginx is not there: src/tools/build-nginx.sh --"
            . ($build eq 'second' ? 'second' : $build);
        return;
    }

    print "\n--- $group", ($build eq 'plain' ? '' : " ($build)"), "\n";
    harness($build, $group, @files);
}


sub harness {
    my ($build, $group, @files) = @_;

    local %ENV = (%ENV, %{ $env{$build} });

    $ENV{CRM_TEST_BUILD} ||= "$top/build";
    $ENV{CMOCKA_MESSAGE_OUTPUT} = 'TAP';

    # A test that found memory errors must not pass for its other checks.
    $ENV{ASAN_OPTIONS} ||= 'abort_on_error=0:exitcode=99:detect_odr_violation=0';
    $ENV{UBSAN_OPTIONS} ||= 'print_stacktrace=1:halt_on_error=1';

    # What was not built has failed.
    for my $f (grep { !-e } @files) {
        $failed++;
        push @bad, "$f is not there";
    }

    # Then the longest text: it is likely to run longest, and none waits for it.
    @files = sort { ($first{$b} || 0) <=> ($first{$a} || 0) || -s $b <=> -s $a || $a cmp $b } grep { -e } @files
        or return;

    my $h = TAP::Harness->new({
        verbosity => $ENV{CRM_TEST_VERBOSE} ? 1 : 0,
        timer     => 1,
        jobs      => $ENV{CRM_TEST_JOBS} || 6,

        # Of two pipes, one of which has ended, the harness waits for a whole
        # line of the other, and keeps all other tests waiting.
        merge     => 1,
        exec      => sub { [ 'sh', '-c', 'said=$1; shift; exec "$@" 2>"$said"', 'sh', said($build, $_[1]),
                             $_[1] =~ /\.t$/ ? $^X : (), $_[1] ] },
    });

    system('mkdir', '-p', $said);

    # One file that gives up has no plan, which counts; the others go on.
    no warnings 'redefine';
    local *TAP::Harness::_bailout = sub { };

    my $sum = $h->runtests(@files);
    my $wrong = scalar $sum->failed;

    for my $file ($sum->descriptions) {
        my ($p) = $sum->parsers($file);

        if (!$p->has_problems) {
            print STDERR "# $file:\n", words($build, $file) if -s said($build, $file);
            next;
        }

        my @no = $p->failed;
        my $s = "$file:";

        $s .= ' not ok ' . join(',', @no) if @no;
        $s .= ' exit ' . $p->exit if $p->exit && !@no;
        $s .= ' ' . join('; ', $p->parse_errors) if $p->parse_errors;

        $wrong++ unless @no;
        push @bad, $s . ($build eq 'plain' ? '' : " ($build)");
        push @bad, map { "    $_" =~ s/\s+\z//r } words($build, $file, 40);
    }

    $passed += scalar $sum->passed;
    $failed += $wrong;
    $skipped += scalar $sum->skipped;
    $passed -= scalar $sum->skipped;
}


# The file of what a test says, and its last lines.

sub said { return "$said/" . join('-', $_[0], $_[1] =~ s{^\Q$top\E/}{}r =~ s{/}{-}gr) }

sub words {
    my ($build, $file, $most) = @_;

    open my $fh, '<', said($build, $file) or return;

    my @lines = <$fh>;
    splice @lines, 0, @lines - $most if $most && @lines > $most;

    return @lines;
}


# One test a target: it ran its time and found nothing. As many at once as there
# are CPUs.

sub fuzz {
    my $seconds = $ENV{FUZZ_SECONDS} || 10;
    my @targets = map { s{.*/}{}r =~ s{\.c$}{}r } glob('t/fuzz/*_fuzz.c');

    return unless @targets;

    print "\n--- fuzz, $seconds s each\n";

    my $cpus = () = glob '/sys/devices/system/cpu/cpu[0-9]*';
    my %under_way;

    while (@targets || %under_way) {
        if (@targets && keys %under_way < ($cpus || 1)) {
            my $t = shift @targets;
            my $pid = fork // die "fork: $!\n";

            fuzz_target($t, $seconds) unless $pid;
            $under_way{$pid} = $t;
            next;
        }

        my $t = delete $under_way{ waitpid -1, 0 } // next;
        my $log = "build/fuzz/$t.log";

        if ($? == 0) {
            my ($runs) = `tail -n 20 $log` =~ /^Done (\d+) runs/m;

            $passed++;
            print "$t .. ok, $runs runs\n";
            next;
        }

        $failed++;
        push @bad, "fuzz $t: see $log", map { "    $_" =~ s/\s+\z//r } `tail -n 40 $log`;
        print "$t .. FAILED\n";
    }
}


sub fuzz_target {
    my ($t, $seconds) = @_;

    my $corpus = "build/fuzz/corpus/$t";
    my @seeds = grep { -d } "t/fuzz/seeds/$t";
    my @words = map { "-dict=$_" } grep { -f } "t/fuzz/$t.dict";

    system('mkdir', '-p', $corpus);

    local $ENV{ASAN_OPTIONS} = 'detect_leaks=1';

    exec "exec build/fuzz/fuzz/$t -max_total_time=$seconds -timeout=10"
         . " -rss_limit_mb=1024 -print_funcs=0 -artifact_prefix=build/fuzz/$t-"
         . " @words $corpus @seeds >build/fuzz/$t.log 2>&1"
        or exit 127;
}


# What a test forgot. A helper of a process that has just ended (a sanitizer's
# symbolizer reads to the end of its pipe first) is given the time to end too.

sub leftovers {
    my $parent = getppid();

    open my $fh, '<', "/proc/$parent/comm" or return;
    chomp(my $comm = <$fh>);
    return unless $comm eq 'tini';

    my %left;

    for (1 .. 50) {
        %left = orphans($parent) or return;
        select undef, undef, undef, 0.1;
    }

    for my $pid (sort { $a <=> $b } keys %left) {
        $failed++;
        push @bad, "left running: $pid $left{$pid}";
        kill 'KILL', $pid;
    }
}


# Processes that the subreaper has been given: pid => command line.

sub orphans {
    my ($parent) = @_;
    my %left;

    for my $stat (glob('/proc/[0-9]*/stat')) {
        open my $f, '<', $stat or next;
        my ($pid, $name, $state, $ppid) =
            (<$f> // '') =~ /^(\d+) \((.*)\) (\S) (\d+)/ or next;

        next if $ppid != $parent || $pid == $$ || $state eq 'Z';

        open my $c, '<', "/proc/$pid/cmdline" or next;
        $left{$pid} = join ' ', split /\0/, (<$c> // $name);
    }

    return %left;
}
