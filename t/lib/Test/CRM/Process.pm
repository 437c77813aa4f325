package Test::CRM::Process;

# Children of a test or of the demo: started, waited for, and gone at the end,
# however the end comes. Also free ports, a private folder, and wait_for, so
# that nobody sleeps for a fixed time.
#
# Each child is told by the kernel when its parent dies (setpriv --pdeathsig):
# kill -9 on a test leaves nothing behind either.

use strict;
use warnings;

use Cwd qw(abs_path);
use Exporter qw(import);
use File::Basename qw(dirname);
use File::Path qw(make_path remove_tree);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use IO::Socket::UNIX;
use POSIX qw(SIG_BLOCK SIG_SETMASK SIGHUP SIGINT SIGTERM WNOHANG);
use Time::HiRes qw(sleep time);

our @EXPORT = qw(top_dir build_dir work_dir free_port wait_for at_most spawn
    fork_child stop_process kill_process is_alive run_command slurp spew on_exit
    after_exit exit_status);

our $KEEP = $ENV{CRM_TEST_KEEP};

my $top = abs_path(dirname(__FILE__) . '/../../../..');
my ($owner, $dir, $count, %child, %status, %used, @at_exit, @after) = ($$);


sub top_dir   { return $top }
sub build_dir { return $ENV{CRM_TEST_BUILD} || "$top/build" }


# A folder of this process's own, removed at the end. Unix socket paths are
# short (108 bytes), so a deep checkout falls back to TMPDIR.

sub work_dir {
    return $dir if $dir;

    my $parent = $ENV{CRM_WORK_DIR} || "$top/build/t";

    $parent = $ENV{TMPDIR} || '/tmp' if length($parent) > 70;

    make_path($parent);
    $dir = tempdir("crm-XXXXXX", DIR => $parent, CLEANUP => 0);

    return $dir;
}


# Below the range that the kernel hands out to clients, so that no outgoing
# connection takes the port between our look and the server's bind.

sub free_port {
    my $n = 8000;

    for (1 .. 2 * $n) {
        my $port = 20000 + int(rand($n));

        next if exists $used{$port};

        $used{$port} = port_claim($port) or next;

        my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
            LocalPort => $port, Proto => 'tcp', Listen => 1) or next;

        close $s;
        return $port;
    }

    die "no free port on 127.0.0.1\n";
}


# Tests run beside each other, and may listen long after they have asked: a
# name of the kernel's, held until this process ends, keeps the port for it.

sub port_claim {
    my ($port) = @_;

    return IO::Socket::UNIX->new(Local => "\0crm-test-port-$port", Listen => 1);
}


# wait_for { condition } "what", seconds;  Returns what the condition gave;
# dies when the time is up. The time only bounds a failing test.

sub wait_for (&;$$) {
    my ($cond, $what, $seconds) = @_;

    my $end = time() + at_most($seconds || 10);
    my $pause = 0.005;

    while (1) {
        my $v = $cond->();
        return $v if $v;

        die "waited in vain for " . ($what || 'a condition') . "\n"
            if time() > $end;

        sleep $pause;
        $pause *= 1.5 if $pause < 0.1;
    }
}


# A limit, on a machine that may be slow.

sub at_most { return $_[0] * ($ENV{CRM_TEST_SLOW} || 1) }


# spawn(name => 'redis', cmd => [...], env => {...}, out => FILE). Returns the
# process id. Output goes to NAME.log in the private folder.

sub spawn {
    my %o = @_;

    my $log = $o{out} || work_dir() . "/$o{name}.log";
    my $sig = $o{death_signal} || 'KILL';
    my $pid = fork_child($o{name});

    if ($pid == 0) {
        $SIG{PIPE} = 'DEFAULT';
        open STDIN, '<', '/dev/null';
        open STDOUT, '>>', $log or POSIX::_exit(126);
        open STDERR, '>&', \*STDOUT;
        %ENV = (%ENV, %{ $o{env} }) if $o{env};
        delete $ENV{$_} for grep { !defined $ENV{$_} } keys %ENV;
        { no warnings; exec 'setpriv', '--pdeathsig', $sig, @{ $o{cmd} }; }
        POSIX::_exit(127);
    }

    return $pid;
}


# A fork whose child is on the list before a signal can end us, and is ended
# with us: a test that dies leaves nobody who writes on and on.

sub fork_child {
    my ($name) = @_;

    my $old = POSIX::SigSet->new;

    POSIX::sigprocmask(SIG_BLOCK,
        POSIX::SigSet->new(SIGINT, SIGTERM, SIGHUP), $old);

    my $pid = fork();

    if (defined $pid && $pid == 0) {
        $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP CHLD);
    } elsif ($pid) {
        $child{$pid} = $name;
    }

    POSIX::sigprocmask(SIG_SETMASK, $old);
    die "fork: $!\n" unless defined $pid;

    return $pid;
}


sub is_alive {
    my ($pid) = @_;

    return 0 unless $pid && $child{$pid};
    return 1 if waitpid($pid, WNOHANG) == 0;

    $status{$pid} = $?;
    delete $child{$pid};

    return 0;
}


# What waitpid said of a child that has ended, undef while it lives.

sub exit_status { return $status{ $_[0] } }


# stop_process(PID, SIGNAL = TERM, SECONDS = 10): asks, waits, kills in the
# end. Returns the wait status, or undef when it had to be killed.

sub stop_process {
    my ($pid, $signal, $seconds) = @_;

    return exit_status($pid) unless is_alive($pid);

    # CONT first: behind TERM it upsets a leak check that is under way already.
    kill('CONT', $pid);
    kill($signal || 'TERM', $pid);

    my $end = time() + at_most($seconds || 10);

    while (is_alive($pid)) {
        if (time() > $end) {
            kill_process($pid);
            return undef;
        }

        sleep 0.005;
    }

    return exit_status($pid);
}


sub kill_process {
    my ($pid) = @_;

    return unless is_alive($pid);

    kill 'KILL', $pid;
    waitpid $pid, 0;
    $status{$pid} = $?;
    delete $child{$pid};
}


# run_command([cmd], input => '', timeout => 30, env => {}) gives
# { rc, out, err }; rc is the exit code, 128 + signal, or -1 after the timeout.

sub run_command {
    my ($cmd, %o) = @_;

    my $base = work_dir() . '/cmd.' . $$ . '.' . ++$count;

    spew("$base.in", defined $o{input} ? $o{input} : '');

    my $pid = fork_child($cmd->[0]);

    if ($pid == 0) {
        $SIG{PIPE} = 'DEFAULT';
        open STDIN, '<', "$base.in";
        open STDOUT, '>', "$base.out";
        open STDERR, '>', "$base.err";
        %ENV = (%ENV, %{ $o{env} }) if $o{env};
        chdir $o{dir} if $o{dir};
        { no warnings; exec @$cmd; }
        print STDERR "cannot run $cmd->[0]: $!\n";
        POSIX::_exit(127);
    }

    my $end = time() + at_most($o{timeout} || 30);
    my $rc;

    while (is_alive($pid)) {
        if (time() > $end) {
            kill_process($pid);
            $rc = -1;
        }

        sleep 0.002;
    }

    my $st = exit_status($pid) || 0;

    $rc = $st & 127 ? 128 + ($st & 127) : $st >> 8
        unless defined $rc;

    my %r = (rc => $rc, out => slurp("$base.out"), err => slurp("$base.err"));

    unlink "$base.in", "$base.out", "$base.err";

    return \%r;
}


sub slurp {
    my ($file) = @_;

    open my $fh, '<:raw', $file or return '';
    local $/;
    my $s = <$fh>;

    return defined $s ? $s : '';
}


sub spew {
    my ($file, $bytes) = @_;

    make_path(dirname($file));
    open my $fh, '>:raw', $file or die "$file: $!\n";
    print $fh $bytes;
    close $fh or die "$file: $!\n";

    return $file;
}


# Runs before the children are stopped.

sub on_exit { push @at_exit, @_ }


# Runs when they have ended; what gives true fails the test.

sub after_exit { push @after, @_ }


sub cleanup {
    return unless $$ == $owner;

    $SIG{$_} = 'IGNORE' for qw(INT TERM HUP);
    $_->() for splice @at_exit;

    my @pids = grep { is_alive($_) } keys %child;

    kill('CONT', $_), kill('TERM', $_) for @pids;

    my $end = time() + at_most(5);

    for my $pid (@pids) {
        sleep 0.005 while is_alive($pid) && time() < $end;
        kill_process($pid);
    }

    my $failed = grep { $_->() } splice @after;

    if (defined $dir && !$KEEP) {
        remove_tree($dir);
        rmdir dirname($dir);
        undef $dir;
    }

    return $failed;
}


$SIG{$_} ||= sub { exit 130 } for qw(INT TERM HUP);
$SIG{PIPE} ||= 'IGNORE';

END {
    my $status = $?;

    $status ||= 98 if cleanup();
    $? = $status;
}

1;
