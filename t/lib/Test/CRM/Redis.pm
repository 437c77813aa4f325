package Test::CRM::Redis;

# A Redis client of a page: a command goes out, its reply comes back as a
# string, a number, a list or undef; an error reply dies.

use strict;
use warnings;

use IO::Socket::UNIX;


sub new {
    my ($class, $path) = @_;

    my $s = IO::Socket::UNIX->new(Peer => $path)
        or die "redis at $path: $!\n";

    binmode $s;

    return bless { socket => $s, buf => '' }, $class;
}


sub call {
    my ($self, @args) = @_;

    my $out = '*' . @args . "\r\n";

    for my $a (@args) {
        my $bytes = "$a";

        utf8::encode($bytes) if utf8::is_utf8($bytes);
        $out .= '$' . length($bytes) . "\r\n$bytes\r\n";
    }

    my $s = $self->{socket};
    my $n = 0;

    while ($n < length $out) {
        my $w = syswrite $s, $out, length($out) - $n, $n;
        die "redis: write: $!\n" unless $w;
        $n += $w;
    }

    return $self->reply;
}


sub reply {
    my ($self) = @_;

    my $line = $self->line;
    my $type = substr $line, 0, 1, '';

    return $line if $type eq '+' || $type eq ':';
    die "redis: $line\n" if $type eq '-';

    if ($type eq '$') {
        return undef if $line < 0;

        $self->fill($line + 2);
        my $v = substr $self->{buf}, 0, $line;
        substr $self->{buf}, 0, $line + 2, '';

        return $v;
    }

    if ($type eq '*') {
        return undef if $line < 0;

        # An error inside a list is an element, not the end of the talk.
        return [ map { my $v = eval { $self->reply };
                       $@ ? "error: $@" : $v } 1 .. $line ];
    }

    die "redis: a reply of type \"$type\"\n";
}


sub line {
    my ($self) = @_;

    while (1) {
        my $i = index $self->{buf}, "\r\n";

        if ($i >= 0) {
            my $l = substr $self->{buf}, 0, $i;
            substr $self->{buf}, 0, $i + 2, '';
            return $l;
        }

        $self->fill(length($self->{buf}) + 1);
    }
}


sub fill {
    my ($self, $want) = @_;

    while (length $self->{buf} < $want) {
        my $n = sysread $self->{socket}, $self->{buf}, 65536,
                        length $self->{buf};
        die "redis: the connection ended\n" unless $n;
    }
}

1;
