package Test::CRM::Rows;

# The table of ways around a lock (t/e2e/ways_around_*.t): each row a request,
# what it is answered and what the backend then has in its log.

use strict;
use warnings;

use Exporter qw(import);
use Test::More;

use Test::CRM;
use Test::CRM::Http qw(parse_response);

our @EXPORT = qw(row deny refuse passes bytes chunked put $Put $Read);

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

    my ($in, $error) = http_raw($request, timeout => 10);
    my @answers;

    while (length $in) {
        (my $r, $in) = parse_response($in);
        push @answers, $r;

        if ($r->{status} == 0) {
            last;
        }
    }

    my $got = join ' ', map {
        my ($code) = $_->{body} =~ /"code":"(\w+)"/;
        $answer =~ /[A-Z]/ && $code ? "$_->{status} $code" : $_->{status};
    } @answers;

    $got = $error || 'closed' unless @answers;

    is(join(' | ', $got, map { "$_->{method} $_->{target}" } crm_log()),
       join(' | ', $answer, @log), "row $number: $what");

    return wantarray ? @answers : $answers[-1];
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
