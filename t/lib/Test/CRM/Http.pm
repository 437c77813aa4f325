package Test::CRM::Http;

# One HTTP request over a fresh connection, bytes in and bytes out.

use strict;
use warnings;

use Exporter qw(import);
use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;
use Time::HiRes qw(time);

use Test::CRM::Process qw(at_most);

our @EXPORT_OK = qw(http_request http_exchange parse_response);


# http_request(port => N, method => 'POST', path => '/x', headers => [n, v..],
# body => bytes, timeout => s) gives { status, reason, headers => {lc => v},
# raw_headers, body }, or { status => 0, error } when no answer came.

sub http_request {
    my %o = @_;

    my @h = @{ $o{headers} || [] };
    my %seen;

    for (my $i = 0; $i < @h; $i += 2) {
        $seen{ lc $h[$i] } = 1;
    }

    unshift @h, Host => 'localhost' unless $seen{host};
    push @h, Connection => 'close' unless $seen{connection};

    if (defined $o{body} && !$seen{'transfer-encoding'}
        && !$seen{'content-length'})
    {
        push @h, 'Content-Length' => length $o{body};
    }

    my $head = ($o{method} || 'GET') . ' ' . ($o{path} || '/') . " HTTP/1.1\r\n";

    while (my ($n, $v) = splice @h, 0, 2) {
        $head .= "$n: $v\r\n";
    }

    my $body = defined $o{body} ? $o{body} : '';

    if ($seen{'transfer-encoding'}) {
        my $size = $o{chunk} || 7000;
        my $out = '';

        while (length $body) {
            my $piece = substr $body, 0, $size, '';
            $out .= sprintf("%x\r\n", length $piece) . $piece . "\r\n";
        }

        $body = $out . "0\r\n\r\n";
    }

    my ($raw, $error) = http_exchange("$head\r\n$body", %o);

    return { status => 0, error => $error, headers => {}, body => '' }
        unless length $raw;

    my ($r) = parse_response($raw, ($o{method} || '') eq 'HEAD');

    $r->{error} = $error if $error;

    return $r;
}


# Sends the bytes (a string, or a list of strings and [delay, string]), reads
# until the peer closes or the time is up. Returns (bytes, error).

sub http_exchange {
    my ($bytes, %o) = @_;

    my $s = $o{unix}
        ? IO::Socket::UNIX->new(Peer => $o{unix})
        : IO::Socket::INET->new(PeerAddr => $o{host} || '127.0.0.1',
                                PeerPort => $o{port}, Timeout => at_most(5));

    return ('', "connect: $!") unless $s;

    binmode $s;
    $s->blocking(0);

    my $end = time() + ($o{timeout} || at_most(30));
    my $sel = IO::Select->new($s);
    my @out = ref $bytes ? @$bytes : ($bytes);
    my ($in, $next, $open) = ('', 0, 1);

    local $SIG{PIPE} = 'IGNORE';

    while (1) {
        return ($in, 'timeout') if time() > $end;

        if (@out && ref $out[0]) {
            my ($delay, $b) = @{ $out[0] };
            $next = time() + ($delay || 0);
            $out[0] = $b;
        }

        my $write = $open && @out && time() >= $next;
        my ($r, $w) = IO::Select->select($sel, $write ? $sel : undef, undef,
                                         @out && !$write ? 0.01 : 0.5);

        if ($w && @$w) {
            my $n = syswrite $s, $out[0], 65536;

            if (defined $n) {
                substr $out[0], 0, $n, '';
                shift @out unless length $out[0];
            } elsif (!$!{EAGAIN}) {
                $open = 0;
            }

            shutdown $s, 1 if $o{half_close} && !@out;
        }

        if ($r && @$r) {
            my $n = sysread $s, $in, 65536, length $in;

            return ($in, "read: $!") unless defined $n || $!{EAGAIN};
            return ($in, undef) if defined $n && $n == 0;
        }
    }
}


# Takes the first response off the bytes: ({ status, .. }, rest).

sub parse_response {
    my ($raw, $head_only) = @_;

    my ($h, $rest) = $raw =~ /\A(.*?\r\n)\r\n(.*)\z/s;

    return ({ status => 0, headers => {}, raw_headers => '', body => $raw }, '')
        unless defined $h;

    my ($line, @lines) = split /\r\n/, $h;
    my ($status, $reason) = $line =~ m{^HTTP/1\.[01] (\d\d\d) ?(.*)};
    my %r = (status => $status || 0, reason => $reason, headers => {},
             raw_headers => $h, body => '');

    for (@lines) {
        my ($n, $v) = /^([^:]+):\s*(.*?)\s*$/ or next;
        $n = lc $n;
        $r{headers}{$n} = defined $r{headers}{$n} ? "$r{headers}{$n}, $v" : $v;
    }

    if ($r{status} == 100) {
        return parse_response($rest, $head_only);
    }

    if ($head_only || $r{status} == 204 || $r{status} == 304) {
        return (\%r, $rest);
    }

    if (($r{headers}{'transfer-encoding'} || '') =~ /chunked/i) {
        while ($rest =~ s/\A([0-9a-fA-F]+)[^\r\n]*\r\n//) {
            my $n = hex $1;

            if ($n == 0) {
                $rest =~ s/\A(?:[^\r\n]+\r\n)*\r\n//;
                return (\%r, $rest);
            }

            $r{truncated} = 1 if length $rest < $n + 2;
            $r{body} .= substr $rest, 0, $n;
            $rest = length $rest > $n + 2 ? substr($rest, $n + 2) : '';
        }

        $r{truncated} = 1;
        return (\%r, '');
    }

    if (defined(my $n = $r{headers}{'content-length'})) {
        $r{truncated} = 1 if length $rest < $n;
        $r{body} = substr $rest, 0, $n;
        return (\%r, length $rest > $n ? substr($rest, $n) : '');
    }

    $r{body} = $rest;

    return (\%r, '');
}

1;
