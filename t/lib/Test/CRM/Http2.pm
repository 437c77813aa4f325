package Test::CRM::Http2;

# HTTP/2 in clear text, a frame at a time: requests that no well-behaved client
# sends. Headers go out as literals without a table, so that any bytes can stand
# in a name or a value; of an answer the status, the body and how the stream
# ended are read.

use strict;
use warnings;

use Exporter qw(import);
use IO::Select;
use IO::Socket::INET;
use Time::HiRes qw(time);

our @EXPORT_OK = qw(h2_request h2_frame h2_headers);

my ($DATA, $HEADERS, $RESET, $SETTINGS, $PING, $GOAWAY) = (0, 1, 3, 4, 6, 7);
my ($END_STREAM, $END_HEADERS, $ACK) = (1, 4, 1);

# Statuses that stand in HPACK's static table.
my %static = (0x88 => 200, 0x89 => 204, 0x8a => 206, 0x8b => 304, 0x8c => 400,
              0x8d => 404, 0x8e => 500);


sub h2_frame {
    my ($type, $flags, $stream, $payload) = @_;

    return substr(pack('N', length $payload), 1) . pack('CCN', $type, $flags, $stream)
           . $payload;
}


# h2_headers(1, [name, value ..], end => 1): a HEADERS frame.

sub h2_headers {
    my ($stream, $fields, %o) = @_;

    my @f = @$fields;
    my $block = '';

    while (my ($n, $v) = splice @f, 0, 2) {
        $block .= "\0" . join '', map { number(length $_) . $_ } $n, $v;
    }

    return h2_frame($HEADERS, $END_HEADERS | ($o{end} ? $END_STREAM : 0), $stream,
                    $block);
}


# h2_request(port, [name, value ..], body => bytes or [pieces], late => bytes):
# one stream; a method, scheme, path and authority that are not given are left
# out. late: DATA behind the end of the stream. { status, body, reset, goaway }.

sub h2_request {
    my ($port, $fields, %o) = @_;

    my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port)
        or return { status => 0, error => "connect: $!" };

    binmode $s;

    my @body = ref $o{body} ? @{ $o{body} } : grep { defined } $o{body};
    my $out = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" . h2_frame($SETTINGS, 0, 0, '')
            . h2_headers(1, $fields, end => !@body);

    for my $i (0 .. $#body) {
        $out .= h2_frame($DATA, $i == $#body ? $END_STREAM : 0, 1, $body[$i]);
    }

    $out .= h2_frame($DATA, $END_STREAM, 1, $o{late}) if defined $o{late};
    syswrite $s, $out;

    return answer($s, $o{timeout} || 10);
}


# What comes for stream 1, until it or the connection ends.

sub answer {
    my ($s, $seconds) = @_;

    my %r = (status => 0, body => '');
    my $in = '';
    my $end = time() + $seconds;
    my $sel = IO::Select->new($s);

    while (time() < $end) {
        next unless $sel->can_read(0.5);

        if (!sysread $s, $in, 65536, length $in) {
            $r{closed} = 1;
            return \%r;
        }

        while (length $in >= 9) {
            my ($high, $low, $type, $flags, $stream) = unpack 'CnCCN', $in;
            my $n = $high << 16 | $low;

            last if length $in < 9 + $n;

            my $payload = substr $in, 9, $n;

            substr $in, 0, 9 + $n, '';

            if ($type == $SETTINGS && !($flags & $ACK)) {
                syswrite $s, h2_frame($SETTINGS, $ACK, 0, '');
            }

            if ($type == $GOAWAY) {
                $r{goaway} = unpack 'x4N', $payload;
                return \%r;
            }

            next if $stream != 1;

            if ($type == $HEADERS) {
                $r{status} = status($payload);
            } elsif ($type == $DATA) {
                $r{body} .= $payload;
            } elsif ($type == $RESET) {
                $r{reset} = unpack 'N', $payload;
                return \%r;
            }

            return \%r if $flags & $END_STREAM && ($type == $HEADERS || $type == $DATA);
        }
    }

    $r{error} = 'timeout';

    return \%r;
}


# Of a header block of nginx, whose first field is the status.

sub status {
    my ($block) = @_;

    my @b = unpack 'C*', $block;

    shift @b while @b && ($b[0] & 0xe0) == 0x20;        # size of the table

    return $static{ $b[0] } if $static{ $b[0] };

    return $b[1] == 3 ? join '', map { chr } @b[2 .. 4] : 0;
}


# HPACK's integers, behind a prefix of seven bits.

sub number {
    my ($n) = @_;

    return chr $n if $n < 127;

    my $out = chr 127;

    for ($n -= 127; $n >= 128; $n >>= 7) {
        $out .= chr($n & 127 | 128);
    }

    return $out . chr $n;
}

1;
