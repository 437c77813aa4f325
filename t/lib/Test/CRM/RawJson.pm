package Test::CRM::RawJson;

# JSON taken apart without reading it: an object or a list becomes its parts,
# each value still the text that was sent. Numbers keep their digits.

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT = qw(raw_object raw_array quote unquote);


# [[key, value text], ...] of an object, keys decoded to UTF-8 bytes; undef
# where the text is none.

sub raw_object {
    my ($text) = @_;

    my @out;

    return undef unless $text =~ /\G\s*\{\s*/gc;

    if ($text =~ /\G\}\s*\z/gc) {
        return \@out;
    }

    while (1) {
        my $key = value(\$text);

        return undef unless defined $key && $key =~ /^"/;
        return undef unless $text =~ /\G\s*:\s*/gc;

        my $v = value(\$text);

        return undef unless defined $v;

        push @out, [unquote($key), $v];

        next if $text =~ /\G\s*,\s*/gc;
        return $text =~ /\G\s*\}\s*\z/gc ? \@out : undef;
    }
}


sub raw_array {
    my ($text) = @_;

    my @out;

    return undef unless $text =~ /\G\s*\[\s*/gc;

    if ($text =~ /\G\]\s*\z/gc) {
        return \@out;
    }

    while (1) {
        my $v = value(\$text);

        return undef unless defined $v;

        push @out, $v;

        next if $text =~ /\G\s*,\s*/gc;
        return $text =~ /\G\s*\]\s*\z/gc ? \@out : undef;
    }
}


# The value at pos(), as text; pos() then stands behind it.

sub value {
    my ($ref) = @_;

    $$ref =~ /\G\s*/gc;

    my ($start, $depth) = (pos($$ref) || 0, 0);

    while (1) {
        if ($$ref =~ /\G"[^"\\]*+/gc) {
            until ($$ref =~ /\G"/gc) {
                return undef unless $$ref =~ /\G\\.[^"\\]*+/gcs;
            }

        } elsif ($$ref =~ /\G[\[{]/gc) {
            $depth++;

        } elsif ($$ref =~ /\G[\]}]/gc) {
            return undef if --$depth < 0;

        } elsif ($depth && $$ref =~ /\G[\s,:]+/gc) {
            next;

        } elsif ($$ref !~ /\G[-+.\w]+/gc) {
            return undef;
        }

        return substr $$ref, $start, pos($$ref) - $start if $depth == 0;
    }
}


my %escape = ('"' => '"', '\\' => '\\', '/' => '/', b => "\b", f => "\f",
              n => "\n", r => "\r", t => "\t");

sub unquote {
    my ($s) = @_;

    $s =~ s/^"|"$//g;

    return $s unless $s =~ /\\/;

    $s =~ s{\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})}
           {utf8_bytes(0x10000 + ((hex($1) - 0xd800) << 10)
                       + hex($2) - 0xdc00)}ge;
    $s =~ s{\\(?:u([0-9a-fA-F]{4})|(.))}
           {defined $1 ? utf8_bytes(hex $1)
                       : defined $escape{$2} ? $escape{$2} : $2}gse;

    return $s;
}


sub quote {
    my ($s) = @_;

    $s =~ s/(["\\])/\\$1/g;
    $s =~ s/([\x00-\x1f])/sprintf '\\u%04x', ord $1/ge;

    return "\"$s\"";
}


sub utf8_bytes {
    my $c = chr $_[0];

    utf8::encode($c);

    return $c;
}

1;
