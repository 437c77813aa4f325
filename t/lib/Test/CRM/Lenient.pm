package Test::CRM::Lenient;

# JSON as the most forgiving backend might read it: comments, single quotes,
# commas at the end, whatever stands behind the value, any bytes in a text. What
# is no JSON to anybody is undef. Nothing here is shared with the module.
#
# A value is [type, ..]: ['o', [key, value]..] with repeated keys as they came,
# ['a', value..], ['s', bytes], ['n', as written], ['w', true false null].

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK = qw(lenient_json member elements scalar_text);

my %plain = (b => "\b", f => "\f", n => "\n", r => "\r", t => "\t");


sub lenient_json {
    my ($text) = @_;

    $text =~ s/\A\xef\xbb\xbf//;
    pos($text) = 0;

    return eval { value(\$text, 0) };
}


# member($value, 'id', 'last'): the first or the last of that name, or undef.

sub member {
    my ($v, $name, $which) = @_;

    return undef unless $v && $v->[0] eq 'o';

    my @all = grep { $_->[0] eq $name } @$v[1 .. $#$v];

    return @all ? $all[ $which eq 'last' ? -1 : 0 ][1] : undef;
}


sub elements {
    my ($v) = @_;

    return $v && $v->[0] eq 'a' ? @$v[1 .. $#$v] : ();
}


# A text or a number as text; undef for everything else.

sub scalar_text {
    my ($v) = @_;

    return $v && $v->[0] =~ /^[sn]$/ ? $v->[1] : undef;
}


sub blank {
    my ($t) = @_;

    $$t =~ m{\G(?:[\s\0]+|/\*.*?\*/|//[^\n]*|\#[^\n]*)*}gcs;
}


sub value {
    my ($t, $depth) = @_;

    die "deep\n" if $depth > 200;
    blank($t);

    if ($$t =~ /\G\{/gc) {
        my @o = ('o');

        while (1) {
            blank($t);
            $$t =~ /\G[,;]/gc and next;
            last if $$t =~ /\G\}/gc;

            my $key = value($t, $depth + 1);

            blank($t);
            $$t =~ /\G[:=]>?/gc or die "colon\n";
            push @o, [ $key->[1], value($t, $depth + 1) ];
        }

        return \@o;
    }

    if ($$t =~ /\G\[/gc) {
        my @a = ('a');

        while (1) {
            blank($t);
            $$t =~ /\G,/gc and next;
            last if $$t =~ /\G\]/gc;
            push @a, value($t, $depth + 1);
        }

        return \@a;
    }

    return ['s', unescape($1)] if $$t =~ /\G"((?:[^"\\]|\\.)*)"/gcs;
    return ['s', unescape($1)] if $$t =~ /\G'((?:[^'\\]|\\.)*)'/gcs;
    return ['w', $1]           if $$t =~ /\G(true|false|null|NaN|-?Infinity)\b/gc;
    return ['n', $1]           if $$t =~ /\G([-+]?\.?[0-9][0-9A-Za-z.+-]*)/gc;
    return ['s', $1]           if $$t =~ /\G([A-Za-z_\$][\w\$]*)/gc;

    die "value\n";
}


sub unescape {
    my ($s) = @_;

    return $s unless $s =~ /\\/;

    $s =~ s{\\(?:u([0-9A-Fa-f]{4})|(.))}{
        defined $1 ? code(hex $1) : exists $plain{$2} ? $plain{$2} : $2 }gse;

    return $s;
}


sub code {
    my ($n) = @_;

    my $c = $n >= 0xd800 && $n < 0xe000 ? '?' : chr $n;

    utf8::encode($c);

    return $c;
}

1;
