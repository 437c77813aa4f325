# The shape of a source file: 80 columns, blanks not tabs, no blanks at a
# line's end, one newline at the file's end.

use strict;
use warnings;

use Test::More;

my %generated = ('src/core/state/crm_scripts.c' => 1,
                 'src/core/record/crm_dialect_data.c' => 1);

for my $file (sort glob('src/*/*.[ch] src/core/*/*.[ch] src/core/*/*/*.lua
                         ngx_crm_automation/*.[ch] t/unit/*.[ch] t/fuzz/*.[ch]
                         t/bench/*.[ch]'))
{
    open my $fh, '<:encoding(UTF-8)', $file or die "$file: $!\n";

    my (@bad, $last);

    while (<$fh>) {
        $last = $_;
        chomp;
        push @bad, "$file:$.: " . length() . ' columns'
            if length > 80 && !$generated{$file};
        push @bad, "$file:$.: a tab" if /\t/;
        push @bad, "$file:$.: blanks at the end" if /[ \t]$/;
    }

    push @bad, "$file: no newline at the end" if !defined $last || $last !~ /\n\z/;
    push @bad, "$file: empty lines at the end" if defined $last && $last eq "\n";

    is_deeply(\@bad, [], "$file keeps its columns");
}

done_testing();
