package Test::CRM::Rows;

# The table of ways around a lock (t/e2e/ways_around_*.t): each row a request,
# what it is answered and what the backend then has in its log.

use strict;
use warnings;

use Exporter qw(import);
use Test::More;

use Test::CRM;
use Test::CRM::Http qw(parse_response);
use Test::CRM::Http2 qw(h2_request);

our @EXPORT = qw(row row_h2 deny refuse passes bytes chunked put $Put $Read);

# Where they are sent; nginx' own port without it.
our $Port;

# A write that would change something, and what the module reads to judge it.
our $Put = '{"data":[{"Amount":1}]}';
our $Read = 'GET /crm/v8/Leads/1';


# bytes('PUT /x', [n, v..], $body): a request as it goes over the wire. A
# header n with value undef is left out; a body brings its length and type.

sub bytes {
    my ($line, $headers, $body, %o) = @_;

    my %seen;
    my @h = @{ $headers || [] };
    my $out = "$line " . ($o{version} || 'HTTP/1.1') . "\r\n";

    for (my $i = 0; $i < @h; $i += 2) {
        $seen{ lc $h[$i] } = 1;
    }

    unshift @h, Host => 'x' unless $seen{host};
    push @h, Connection => 'close' unless $seen{connection};
    push @h, 'Content-Type' => 'application/json'
        if defined $body && !$seen{'content-type'};
    push @h, 'Content-Length' => length $body
        if defined $body && !$seen{'content-length'}
           && !$seen{'transfer-encoding'};

    while (my ($n, $v) = splice @h, 0, 2) {
        $out .= "$n: $v\r\n" if defined $v;
    }

    return "$out\r\n" . ($body // '');
}


sub put { return bytes("PUT $_[0]", $_[1], $_[2] // $Put) }

sub chunked {
    my ($body, $size) = @_;

    return join('', map { sprintf "%x\r\n%s\r\n", length, $_ }
                    unpack "(a$size)*", $body) . "0\r\n\r\n";
}


# row(number, what, request or [pieces], "status CODE", log ..): one test. The
# log is all that the backend received, "METHOD target" each. A status alone
# leaves the body open; several answers of one connection are joined by blanks.

sub row {
    my ($number, $what, $request, $answer, @log) = @_;

    crm_clear_log();

    my ($in, $error) = http_raw($request, timeout => 10, $Port ? (port => $Port) : ());
    my @answers;

    while (length $in) {
        (my $r, $in) = parse_response($in);
        push @answers, $r;

        if ($r->{status} == 0) {
            last;
        }
    }

    my $got = join ' ', map { told($_, $answer) } @answers;

    compare($number, $what, $got || $error || 'closed', $answer, @log);

    return wantarray ? @answers : $answers[-1];
}


# The same over HTTP/2, with the fields of the header block. "refused": by nginx
# itself, which answers 400 or ends the stream, as its version does.

sub row_h2 {
    my ($number, $what, $port, $fields, $answer, $log, %o) = @_;

    crm_clear_log();

    my $r = h2_request($port, $fields, %o);
    my $got = $r->{status} ? told($r, $answer) : defined $r->{reset} ? 'reset'
            : defined $r->{goaway} ? 'goaway' : $r->{error} || 'closed';

    $got = 'refused' if $answer eq 'refused' && $got =~ /^(?:400|reset|goaway)$/;

    compare($number, $what, $got, $answer, @$log);

    return $r;
}


# "status CODE", as far as the row says.

sub told {
    my ($r, $answer) = @_;

    my ($code) = $r->{body} =~ /"code":"(\w+)"/;

    return $answer =~ /[A-Z]/ && $code ? "$r->{status} $code" : $r->{status};
}


sub compare {
    my ($number, $what, $got, $answer, @log) = @_;

    is(join(' | ', $got, map { "$_->{method} $_->{target}" } crm_log()),
       join(' | ', $answer, @log), "row $number: $what");
}


# Refused by the lock: the record was read for it, nothing was written.

sub deny {
    my ($number, $what, $request, @read) = @_;

    return row($number, $what, $request, '400 RECORD_LOCKED',
               @read ? @read : $Read);
}


# Refused before anything was read.

sub refuse {
    my ($number, $what, $request, $answer) = @_;

    return row($number, $what, $request, $answer || '400 INVALID_URL_PATTERN');
}


sub passes {
    my ($number, $what, $request, $answer, @log) = @_;

    return row($number, $what, $request, $answer, @log);
}

1;
