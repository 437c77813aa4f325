#!/usr/bin/perl
#
# A webhook receiver: notes every request to the byte, answers as it is told.
#
#   receiver.pl [--port N] [--port-file F] [--log F]
#
#   GET  /__log      the requests so far, one JSON object a line
#   POST /__reset    forgets them, and the answers below
#   POST /__answer?status=500[&delay_ms=N][&times=N][&fault=reset]
#        [&retry_after=S][&location=URL][&path=/hook]    many make a queue;
#        when all are used up, 200
#   POST /__release  forgets the answers; what is delayed is answered now

use strict;
use warnings;

use File::Basename qw(dirname);
use Getopt::Long;

use lib dirname(__FILE__) . '/../lib';
use Test::CRM::Httpd;

my ($port, $port_file, $log_file) = (0);

GetOptions('port=i' => \$port, 'port-file=s' => \$port_file,
           'log=s' => \$log_file) or exit 64;

my (@log, @answers);

serve(listen => $port, handler => \&handle, ready => sub {
    my ($p) = @_;

    return print "listening on 127.0.0.1:$p\n" unless $port_file;

    open my $fh, '>', "$port_file.new" or die "$port_file: $!\n";
    print $fh "$p\n";
    close $fh;
    rename "$port_file.new", $port_file;
});


sub handle {
    my ($req) = @_;

    if ($req->{path} eq '/__log') {
        return { body => join '', map { "$_\n" } @log };
    }

    if ($req->{path} eq '/__reset') {
        (@log, @answers) = ();
        return { body => "ok\n" };
    }

    if ($req->{path} eq '/__release') {
        @answers = ();
        return { body => "ok\n", release => 1 };
    }

    if ($req->{path} eq '/__answer') {
        push @answers, { %{ $req->{query} } };
        return { body => "ok\n" };
    }

    push @log, log_entry($req);

    if ($log_file && open my $fh, '>>', $log_file) {
        print $fh "$log[-1]\n";
    }

    for my $i (0 .. $#answers) {
        my $a = $answers[$i];

        next if $a->{path} && $a->{path} ne $req->{path};

        splice @answers, $i, 1 if defined $a->{times} && --$a->{times} <= 0;

        return {
            status => $a->{status} || 200, delay_ms => $a->{delay_ms},
            fault => $a->{fault}, body => $a->{body} || '',
            headers => [
                defined $a->{retry_after} ? ('Retry-After' => $a->{retry_after}) : (),
                defined $a->{location} ? (Location => $a->{location}) : (),
            ],
        };
    }

    return { status => 200, body => '' };
}
