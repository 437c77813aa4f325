# Numbers are compared as they are written: no binary floating point on the way
# from a record or a rule to a verdict. A single double there, and 19.99 would
# not be 19.99, nor one id of 19 digits another.

use strict;
use warnings;

use Test::More;

# What stands outside that way, each with its reason.
my %except = (
    'src/core/base/crm_pool.c'   => 'the alignment of any object',
    'src/core/base/crm_retry.c' => 'a random share of a waiting time',
);

my $binary = qr/\b(?:double|float|strto(?:d|f|ld)|atof
                    |json_(?:real|is_real|real_value|real_set|number_value)
                 )\b/x;

for my $file (sort glob('src/core/*/*.[ch]')) {
    next if $except{$file};

    open my $fh, '<', $file or die "$file: $!\n";
    local $/;

    my $code = <$fh>;
    my @bad;

    # Comments and strings go ("double" is a field type's name), lines stay.
    $code =~ s{/\*.*?\*/}{ $& =~ s/[^\n]//gr }gse;
    $code =~ s{"(?:[^"\\\n]|\\.)*"}{""}g;

    my @lines = split /\n/, $code;

    for my $i (0 .. $#lines) {
        push @bad, $file . ':' . ($i + 1) . ": $&" if $lines[$i] =~ $binary;
        push @bad, $file . ':' . ($i + 1) . ": $&"
            if $lines[$i] =~ /(?<![\w.])\d+\.\d*(?!\w)/;
    }

    is_deeply(\@bad, [], "$file knows no binary fractions");
}

for my $file (sort keys %except) {
    ok(-e $file, "$file, which may, is there");
}

done_testing();
