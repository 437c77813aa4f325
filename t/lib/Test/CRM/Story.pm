package Test::CRM::Story;

# How the demos tell what happens: requests and answers as they were, and an end
# with what is known when something did not happen.

use strict;
use warnings;

use Exporter 'import';
use Test::CRM;

our @EXPORT = qw(chapter say_line first_line request expect json_id);


sub chapter { print "\n== $_[0]\n" }
sub say_line { print $_[0] eq '' ? "\n" : "   $_[0]\n" }
sub first_line { return (split /\n/, $_[0])[0] || '' }


# A request of $user, told with its answer. Without a body there is none.

sub request {
    my ($user, $method, $path, $body) = @_;

    print "\n";
    say_line("> $method $path");
    say_line("> $body") if defined $body;

    my $r = http($method, $path, defined $body ? (body => $body) : (),
                 headers => ['X-CRM-User' => $user]);

    die "no answer from nginx: $r->{error}\n" unless $r->{status};

    say_line("< $r->{status} $r->{reason}");

    for my $h (qw(CRM-Event CRM-Rule)) {
        my $v = $r->{headers}{ lc $h };

        say_line("< $h: $v") if defined $v;
    }

    say_line("< $_") for split /\n/, $r->{body};

    return $r;
}


# The id of the record that an answer names.

sub json_id {
    my ($r) = @_;

    return eval { json_decode($r->{body})->{data}[0]{details}{id} };
}


sub expect {
    my ($ok, $what) = @_;

    return if $ok;

    print STDERR "\nThis did not happen: $what\n";
    print STDERR "nginx said:\n", nginx()->errors_logged, "\n" if nginx();
    print STDERR "crm-worker said:\n", slurp(work_dir() . '/worker.log');
    exit 1;
}


1;
