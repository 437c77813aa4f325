# docs/dialects.md has a row for every key of a dialect file, and no others:
# compared with the parser's tables. crm_dialect_data.c is what src/dialects
# says.

use strict;
use warnings;

use Test::More;

my %code;

for my $file (glob 'src/core/rules/crm_dialect_*parse.c') {
    my $text = slurp($file);

    while ($text =~ /const crm_key_t  crm_dialect_parts_(\w+)_keys\[\] = \{(.*?)\n\};/gs) {
        my ($table, $rows) = ($1, $2);

        $code{$_} = 1 for $rows =~ /(?:\{ |ERROR_KEY\(|WAY_KEY\()"(\w+)",/g;
    }
}

my $page = slurp('docs/dialects.md');
my %docs = map { $_ => 1 } $page =~ /^\| `(\w+)` \|[^|]*\|[^|]*\|$/mg;

cmp_ok(scalar keys %code, '>', 60, 'the tables are found');
is_deeply([ grep { !$docs{$_} } sort keys %code ], [],
          'docs/dialects.md has every key of the parser');
is_deeply([ grep { !$code{$_} } sort keys %docs ], [],
          'docs/dialects.md has no key that the parser does not know');

for my $row ($page =~ /^(\| `\w+` \|[^|]*\|[^|]*\|)$/mg) {
    my ($key, $example) = $row =~ /^\| `(\w+)`.*\| (.*) \|$/;

    like($example, qr/^see below$|"\Q$key\E": /, "$key has an example");
}

for my $name (map { m{([^/]+)\.json$} } glob 'src/dialects/*.json') {
    like($page, qr/^\| `\Q$name\E` \|/m, "$name is in the list of dialects");
}

SKIP: {
    my $program = ($ENV{CRM_TEST_BUILD} || 'build') . '/embed-dialects';

    skip "$program is not built", 1 unless -x $program;

    my $out = `src/tools/embed-dialects.sh $program --check 2>&1`;

    is($?, 0, 'crm_dialect_data.c fits src/dialects (make dialects)')
        or diag($out);
}

done_testing();


sub slurp {
    my ($file) = @_;

    open my $fh, '<', $file or die "$file: $!\n";
    local $/;

    return scalar <$fh>;
}
