# Functions that write without a bound or read without an error, a second kind
# of comment, and work left for later: none of them in what is shipped.

use strict;
use warnings;

use Test::More;

my @banned = (
    [ qr/\b(?:strcpy|strcat|sprintf|vsprintf|gets|alloca|strtok)\s*\(/,
      'writes without a bound' ],
    [ qr/\b(?:atoi|atol|atoll|atof)\s*\(/, 'reads without an error' ],
    [ qr/\b(?:system|popen|tmpnam|mktemp)\s*\(/, 'goes through a shell or a race' ],
    [ qr/\bsetjmp\b|\blongjmp\b/, 'jumps over cleanups' ],
);

for my $file (sort glob('src/*/*.[ch] src/core/*/*.[ch] ngx_crm_automation/*.[ch]')) {
    open my $fh, '<', $file or die "$file: $!\n";
    local $/;

    my $text = <$fh>;
    my $code = $text;
    my @bad;

    # Comments and strings go, lines stay.
    $code =~ s{(/\*.*?\*/)|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')}
              { my $s = defined $1 ? $1 : '""'; $s =~ s/[^\n]//g if defined $1; $s }gse;

    my @code = split /\n/, $code;

    for my $i (0 .. $#code) {
        for my $b (@banned) {
            push @bad, $file . ':' . ($i + 1) . ": $& $b->[1]"
                if $code[$i] =~ $b->[0];
        }

        push @bad, $file . ':' . ($i + 1) . ': a // comment'
            if $code[$i] =~ m{//};
    }

    my @text = split /\n/, $text;

    for my $i (0 .. $#text) {
        push @bad, $file . ':' . ($i + 1) . ": $&"
            if $text[$i] =~ /\b(?:TODO|FIXME|XXX|HACK)\b/;
    }

    is_deeply(\@bad, [], "$file has nothing banned");
}

done_testing();
