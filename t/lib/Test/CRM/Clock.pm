package Test::CRM::Clock;

# Wall clocks that a test sets, of what it starts: each has a name.

use strict;
use warnings;

use Exporter qw(import);

use Test::CRM;
use Test::CRM::Process;

our @EXPORT = qw(with_clock set_clock);

my $shim;


# Runs a sub whose processes have the clock of that name.
sub with_clock {
    my ($name, $sub) = @_;

    set_clock($name, 0) unless -e file_of($name);

    local $ENV{LD_PRELOAD} = shim();
    local $ENV{CRM_CLOCK_FILE} = file_of($name);

    return $sub->();
}


# So many seconds ahead of ours. Written in place: it is mapped.
sub set_clock {
    my ($name, $seconds) = @_;

    spew(file_of($name), pack 'q', 0) unless -e file_of($name);
    open my $fh, '+<:raw', file_of($name) or die file_of($name) . ": $!\n";
    syswrite $fh, pack 'q', $seconds;
    close $fh;

    return;
}


sub file_of { return work_dir() . "/$_[0].clock" }


sub shim {
    return $shim if $shim;

    $shim = work_dir() . '/clock.so';

    my $cc = run_command([ 'cc', '-shared', '-fPIC', '-O1', '-o', $shim,
                           top_dir() . '/t/lib/clock.c', '-ldl' ]);

    die "cc: $cc->{err}" if $cc->{rc};

    return $shim;
}

1;
