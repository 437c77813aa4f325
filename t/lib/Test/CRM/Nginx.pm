package Test::CRM::Nginx;

# One nginx in a folder of its own: started, reloaded, stopped, and asked how
# it ended. With CRM_TEST_ASAN the sanitizers' libraries are loaded first, as a
# module built with them needs in a plain nginx; with CRM_TEST_ASAN=whole nginx
# was built with them itself.

use strict;
use warnings;

use File::Path qw(make_path remove_tree);
use IO::Socket::INET;

use Test::CRM::Process;


sub binary {
    return $ENV{TEST_NGINX_BINARY}
        || (grep { -x } '/usr/sbin/nginx', '/usr/local/sbin/nginx')[0]
        || 'nginx';
}


sub module {
    return $ENV{TEST_NGINX_CRM_MODULE}
        || build_dir() . '/ngx_http_crm_automation_module.so';
}


# The line that loads it; nothing where it is linked into nginx.

sub load_module {
    return module() eq 'static' ? '' : 'load_module ' . module() . ";\n";
}


# new(root => DIR, port => N, fresh => 1)

sub new {
    my ($class, %o) = @_;

    my $self = bless { name => 'nginx', %o }, $class;

    remove_tree($o{root}) if $o{fresh};
    make_path(map { "$o{root}/$_" } qw(logs conf html tmp));

    return $self;
}


sub write_config {
    my ($self, $text) = @_;

    spew("$self->{root}/conf/nginx.conf", $text);
}


sub command {
    my ($self, @more) = @_;

    return (binary(), '-p', "$self->{root}/", '-c', 'conf/nginx.conf',
            '-e', "$self->{root}/logs/error.log", @more);
}


# environment(leaks => 0): for "nginx -t", which never frees what it has read.

sub environment {
    my (%o) = (leaks => 1, @_);

    return {} unless $ENV{CRM_TEST_ASAN};

    my $top = top_dir();
    my @libs = $ENV{CRM_TEST_ASAN} eq 'whole' ? ()
        : map { my $f = `gcc -print-file-name=$_`; chomp $f; $f }
          qw(libasan.so libubsan.so);

    return {
        (@libs ? (LD_PRELOAD => join(' ', @libs)) : ()),
        ASAN_OPTIONS => 'exitcode=99:detect_odr_violation=0:abort_on_error=0'
            . ":fast_unwind_on_malloc=0:detect_leaks=$o{leaks}",
        UBSAN_OPTIONS => 'print_stacktrace=1:halt_on_error=1',
        LSAN_OPTIONS => "suppressions=$top/t/lsan.suppress:print_suppressions=0",
    };
}


# Starts nginx and waits for its port. Returns nothing, or why it failed.

sub start {
    my ($self) = @_;

    $self->{out} = "$self->{root}/logs/stderr.log";
    $self->{pid} = spawn(name => $self->{name}, cmd => [ $self->command ],
        env => environment(), out => $self->{out}, death_signal => 'TERM');

    my $up = eval {
        wait_for {
            !is_alive($self->{pid}) || $self->answers;
        } 'nginx', 20;
    };

    return if $up && is_alive($self->{pid});

    my $why = "nginx did not come up\n" . slurp($self->{out})
              . $self->errors_logged;

    kill_process($self->{pid});

    return $why;
}


sub answers {
    my ($self) = @_;

    return -s "$self->{root}/logs/nginx.pid" unless $self->{port};

    my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                  PeerPort => $self->{port}) or return 0;
    close $s;

    return 1;
}


# For a configuration that must be refused: (true when it was, what it said).

sub start_must_fail {
    my ($self) = @_;

    my $r = $self->test_config;

    return ($r->{rc} != 0, $r->{err});
}


# nginx -t; the messages go to error.log as well.

sub test_config {
    my ($self) = @_;

    return run_command([ $self->command('-t') ],
                       env => environment(leaks => 0));
}


sub is_running { return is_alive($_[0]{pid}) }
sub pid        { return $_[0]{pid} }


# Graceful by default, and nginx must end by itself with 0. Returns nothing, or
# what was wrong.

sub stop {
    my ($self, $signal) = @_;

    my $pid = delete $self->{pid} or return;
    my $status = stop_process($pid, $signal || 'QUIT', 10);
    my $err = slurp($self->{out});

    # once it runs, its standard error is the error log
    my $report = sanitizer_report($err . $self->error_log);

    return "nginx did not stop when asked\n$err" unless defined $status;
    return "the sanitizer has something to say\n$report" if $report ne '';

    # 99 without a report: leaks of nginx alone
    return "nginx ended with status $status\n$err" . $self->errors_logged
        if $status && !($ENV{CRM_TEST_ASAN} && $status == 99 << 8);

    my @exits = grep { /exited (?:on signal|with fatal|with code (?!99\b)[1-9])/ }
                split /\n/, $self->error_log;

    return "a worker died: @exits\n$err" if @exits && !$self->{expect_kill};
    return;
}


# What sanitizers have said, but for leaks whose stack shows none of our code:
# nginx leaves a few tables to the end of the process, and whether the leak
# checker still finds an address of them is chance.

sub sanitizer_report {
    my ($text) = @_;

    my ($out, $ours) = ('', top_dir());

    for my $part (split /\n\s*\n/, $text) {
        next unless $part =~ /^(?:Direct|Indirect)\ leak\ of|runtime\ error:
                              |AddressSanitizer:(?!\ \d+\ byte)/mx;
        next if $part =~ /leak of/
            && $part !~ m{\Q$ours\E/(?:ngx_crm_automation|src)/};

        $out .= "$part\n\n";
    }

    return $out;
}


sub reload { kill 'HUP', $_[0]{pid} }


# The processes below the master.

sub worker_pids {
    my ($self) = @_;

    my @pids;

    for my $f (glob '/proc/[0-9]*/stat') {
        my ($pid, $ppid) = slurp($f) =~ /^(\d+) \(.*\) \S (\d+)/ or next;
        push @pids, $pid if $ppid == $self->{pid};
    }

    return @pids;
}


sub error_log { return slurp("$_[0]{root}/logs/error.log") }


sub errors_logged {
    my ($self) = @_;

    my @lines = grep { !/\[(?:debug|notice|info)\]/ } split /\n/, $self->error_log;

    return join "\n", @lines > 20 ? @lines[-20 .. -1] : @lines;
}

1;
