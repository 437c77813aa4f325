#!/usr/bin/perl
#
# A REST CRM behind scgi_pass: a store of records, one request a connection.
#
#   scgi_crm.pl SOCKET LOG
#
# Of what it is sent it writes a line to LOG: method, path, body, as JSON, before
# it does the write. A record with "wait" in its body is written half a second
# later, and with "away" it answers X-Accel-Redirect.

use strict;
use warnings;

use IO::Socket::UNIX;
use JSON::PP;

my ($path, $log) = @ARGV;
my $json = JSON::PP->new->utf8->canonical;
my %store = ('deals/1' => { id => 1, stage => 'New', owner => 'ada' },
             'deals/2' => { id => 2, stage => 'Won' });
my $next = 100;

unlink $path;
$SIG{PIPE} = 'IGNORE';

my $listener = IO::Socket::UNIX->new(Local => "$path.new", Listen => 64) or die "$path: $!\n";

rename "$path.new", $path or die "$path: $!\n";

while (my $c = $listener->accept) {
    my %p = params($c) or next;

    read $c, my $body, $p{CONTENT_LENGTH} || 0;

    my ($status, $answer) = done($p{REQUEST_METHOD}, $p{DOCUMENT_URI} =~ s{^/(?:api|by_scgi)/}{}r, $body);

    print $c "Status: $status\r\nContent-Type: application/json\r\n"
        . ($body =~ /away/ ? "X-Accel-Redirect: /elsewhere\r\n" : '') . "\r\n" . $json->encode($answer);
    close $c;
}


# A netstring of names and values.
sub params {
    my ($c) = @_;

    my ($length, $byte) = '';

    while (read($c, $byte, 1) && $byte =~ /\d/) {
        $length .= $byte;
    }

    return unless $length;

    read $c, my $text, $length + 1;

    return $text =~ /([^\0]*)\0/g;
}


sub done {
    my ($method, $name, $body) = @_;

    if ($method ne 'GET') {
        open my $fh, '>>', $log or die "$log: $!\n";
        print $fh $json->encode({ method => $method, name => $name, body => $body }), "\n";
        close $fh;
        select undef, undef, undef, 0.5 if $body =~ /wait/;
    }

    my $fields = length $body ? $json->decode($body) : {};

    if ($method eq 'POST') {
        $next++;
        return (201, $store{"$name/$next"} = { %$fields, id => $next });
    }

    return (404, {}) unless $store{$name};

    if ($method eq 'PUT' || $method eq 'PATCH') {
        $store{$name} = { $method eq 'PATCH' ? %{ $store{$name} } : (), %$fields, id => $store{$name}{id} };
    } elsif ($method eq 'DELETE') {
        delete $store{$name};
        return (200, {});
    }

    return (200, $store{$name});
}
