package Test::CRM::Httpd;

# A small HTTP/1.x server in one process and one loop: many connections at
# once, answers that may be late, and answers that are wrong on purpose.
#
#   serve(listen => port or 0, handler => sub { my ($req) = @_; ... });
#
# A request is { method, target, path, query => {}, headers => [[n, v], ...],
# header => {lc n => v}, body => bytes, version, at }. The handler returns
# { status, headers => [n, v, ...], body, delay_ms, fault, release }. With release
# what is delayed goes out at once, of all connections. Faults: reset (the
# connection is reset), half (it is reset in the middle of the body), truncate
# (the promised length is not kept), silent (no answer, ever), garbage (not
# HTTP).
#
# log_entry(request) is a line of JSON, log_read(text) the requests back: to the
# byte, the body as base64 (and, when it is short, as text for a reader).

use strict;
use warnings;

use Exporter qw(import);
use IO::Select;
use IO::Socket::INET;
use JSON::PP;
use MIME::Base64 qw(decode_base64 encode_base64);
use Socket qw(SOL_SOCKET SO_LINGER IPPROTO_TCP TCP_NODELAY);
use Time::HiRes qw(time);

our @EXPORT = qw(serve log_entry log_read);

my $json = JSON::PP->new->ascii->canonical;

my %reason = (200 => 'OK', 201 => 'Created', 202 => 'Accepted',
    204 => 'No Content', 207 => 'Multi-Status', 400 => 'Bad Request',
    404 => 'Not Found', 405 => 'Method Not Allowed', 409 => 'Conflict',
    410 => 'Gone', 429 => 'Too Many Requests', 500 => 'Internal Server Error',
    502 => 'Bad Gateway', 503 => 'Service Unavailable');


sub serve {
    my %o = @_;

    my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
        LocalPort => $o{listen}, Proto => 'tcp', Listen => 512,
        ReuseAddr => 1, Blocking => 0)
        or die "listen on 127.0.0.1:$o{listen}: $!\n";

    local $SIG{PIPE} = 'IGNORE';

    my ($running, %conn) = (1);

    local $SIG{TERM} = sub { $running = 0 };
    local $SIG{INT} = $SIG{TERM};

    $o{ready}->($listen->sockport) if $o{ready};

    while ($running) {
        my ($rd, $wr, $wait) = (IO::Select->new($listen), IO::Select->new, 5);
        my $now = time();

        for my $c (values %conn) {
            $rd->add($c->{s});

            if (length $c->{out} && $c->{due} <= $now) {
                $wr->add($c->{s});
            } elsif (length $c->{out} && $c->{due} - $now < $wait) {
                $wait = $c->{due} - $now;
            }
        }

        my ($r, $w) = IO::Select->select($rd, $wr, undef, $wait);

        for my $s (@{ $w || [] }) {
            my $c = $conn{$s} or next;
            delete $conn{$s} unless send_some($c);
        }

        for my $s (@{ $r || [] }) {
            if ($s == $listen) {
                while (my $n = $listen->accept) {
                    $n->blocking(0);
                    setsockopt $n, IPPROTO_TCP, TCP_NODELAY, 1;
                    $conn{$n} = { s => $n, in => '', out => '', due => 0,
                                  from => $n->peerport };
                }

                next;
            }

            my $c = $conn{$s} or next;
            my $n = sysread $s, $c->{in}, 65536, length $c->{in};

            if (defined $n ? $n == 0 : !$!{EAGAIN}) {
                delete $conn{$s};
                next;
            }

            turn($c, $o{handler});
            delete $conn{$s} if $c->{gone};

            if (delete $c->{release}) {
                $_->{due} = 0 for values %conn;
            }
        }
    }
}


# Answers what has arrived whole. One request at a time: the next of a
# pipeline waits until the answer is out.

sub turn {
    my ($c, $handler) = @_;

    return if length $c->{out} || $c->{mute};

    my $req = take_request($c) or return;

    $req->{from} = $c->{from};

    if ($req->{bad}) {
        $c->{out} = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n"
                    . "Connection: close\r\n\r\n";
        $c->{close} = 1;
        return;
    }

    my $a = $handler->($req) || { status => 500 };

    $c->{handler} = $handler;
    $c->{release} = $a->{release};
    answer($c, $req, $a);
}


sub answer {
    my ($c, $req, $a) = @_;

    my $fault = $a->{fault} || '';
    my $status = $a->{status} || 200;
    my $body = defined $a->{body} ? $a->{body} : '';

    if ($fault eq 'silent') {
        $c->{mute} = 1;
        return;
    }

    if ($fault eq 'reset') {
        end_in_reset($c);
        close $c->{s};
        $c->{gone} = 1;
        return;
    }

    my $keep = $req->{version} eq '1.1'
        && ($req->{header}{connection} || '') !~ /close/i;

    my $out = "HTTP/1.1 $status " . ($reason{$status} || 'Status') . "\r\n";
    my @h = @{ $a->{headers} || [] };

    while (my ($n, $v) = splice @h, 0, 2) {
        $out .= "$n: $v\r\n";
    }

    if ($status != 204) {
        my $n = length $body;
        $n += 100 if $fault eq 'truncate';
        $out .= "Content-Length: $n\r\n";
    }

    $keep = 0 if $fault;
    $out .= 'Connection: ' . ($keep ? 'keep-alive' : 'close') . "\r\n\r\n";
    $body = substr $body, 0, length($body) / 2 if $fault eq 'half';
    $out .= $body unless $status == 204 || $req->{method} eq 'HEAD';
    $out = "this is not HTTP\r\n\r\n" if $fault eq 'garbage';

    $c->{out} = $out;
    $c->{due} = time() + ($a->{delay_ms} || 0) / 1000;
    $c->{close} = !$keep;
    $c->{half} = $fault eq 'half';
}


# Closing resets the connection.

sub end_in_reset {
    my ($c) = @_;

    setsockopt $c->{s}, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0);
}


sub send_some {
    my ($c) = @_;

    my $n = syswrite $c->{s}, $c->{out}, 262144;

    return $!{EAGAIN} ? 1 : 0 unless defined $n;

    substr $c->{out}, 0, $n, '';
    return 1 if length $c->{out};

    end_in_reset($c) if $c->{half};
    return 0 if $c->{close};

    turn($c, $c->{handler});

    return !$c->{gone};
}


sub take_request {
    my ($c) = @_;

    my $end = index $c->{in}, "\r\n\r\n";

    return if $end < 0;

    my ($line, @lines) = split /\r\n/, substr $c->{in}, 0, $end;
    my ($method, $target, $version) = $line =~ m{^(\S+) (\S+) HTTP/(1\.[01])$}
        or return { bad => 1 };

    my (@headers, %header);

    for (@lines) {
        my ($n, $v) = /^([^:\s]+):\s*(.*?)\s*$/ or return { bad => 1 };
        push @headers, [$n, $v];
        $header{ lc $n } = $v;
    }

    my ($body, $used) = ('', $end + 4);

    if (($header{'transfer-encoding'} || '') =~ /chunked/i) {
        while (1) {
            my $nl = index $c->{in}, "\r\n", $used;
            return if $nl < 0;

            my $n = hex((substr($c->{in}, $used, $nl - $used)
                         =~ /^([0-9a-fA-F]+)/)[0]);

            return if length $c->{in} < $nl + 2 + $n + 2;

            $body .= substr $c->{in}, $nl + 2, $n;
            $used = $nl + 2 + $n + 2;
            last if $n == 0;
        }

    } elsif (my $n = $header{'content-length'}) {
        return if length $c->{in} < $used + $n;

        $body = substr $c->{in}, $used, $n;
        $used += $n;
    }

    substr $c->{in}, 0, $used, '';

    my ($path, $q) = split /\?/, $target, 2;
    my %query = map { my ($k, $v) = split /=/, $_, 2;
                      (unescape($k), unescape(defined $v ? $v : '')) }
                split /&/, defined $q ? $q : '';

    return { method => $method, target => $target, path => $path,
        query => \%query, headers => \@headers, header => \%header,
        body => $body, version => $version, at => time() };
}


sub log_entry {
    my ($req) = @_;

    my %e = map { $_ => $req->{$_} } qw(method target headers at from);

    $e{body} = $req->{body} if length $req->{body} < 4096;

    my $line = $json->encode(\%e);
    my $bytes = encode_base64($req->{body}, '');

    $line =~ s/\}\z/,"body64":"$bytes"}/;

    return $line;
}


# The base64 is taken out first: JSON::PP walks strings letter by letter.

sub log_read {
    my ($text) = @_;

    return map {
        my $line = $_;
        my ($bytes) = $line =~ s/,"body64":"([^"]*)"\}\z/}/ ? $1 : '';
        my $e = $json->decode($line);

        $e->{body} = decode_base64($bytes);
        $e->{header} = { map { (lc $_->[0], $_->[1]) } @{ $e->{headers} } };
        $e;
    } split /\n/, $text;
}


sub unescape {
    my ($s) = @_;

    $s =~ tr/+/ /;
    $s =~ s/%([0-9a-fA-F]{2})/chr hex $1/ge;

    return $s;
}

1;
