# docs/rules.md: its examples are rules, and its codes are those that validate
# prints. Were they not, people would learn a language that nobody speaks.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use File::Temp qw(tempdir);
use Test::More;
use Test::CRM;

my $page = slurp(top_dir() . '/docs/rules.md');
my $dir = tempdir(CLEANUP => 1);
my @examples = grep { /^kind:/ } $page =~ /^```yaml\n(.*?)^```/msg;

ok(@examples >= 6, 'the page has examples');

open my $fh, '>', "$dir/all.yaml" or die "$dir: $!\n";
print $fh join "---\n", @examples;
close $fh or die "$dir: $!\n";

my $r = crmctl('validate', '-o', 'json', $dir);
my @errors = grep { $_->{severity} eq 'error' }
             @{ json_decode($r->{out})->{findings} };

is($r->{rc}, 0, 'together they are a folder that validates');
is_deeply(\@errors, [], 'without an error');

my $core = join '', map { slurp($_) } glob top_dir() . '/src/core/rules/*.c';
my ($codes) = $page =~ /^## Codes of findings\n(.*?)Those of the files/ms;

for my $code ($codes =~ /`(\w+)`/g) {
    like($core, qr/"\Q$code\E"/, "a finding may have the code $code");
}


# --- the reference is that of the table of keys --------------------------------------

my $code = join "\n", $page =~ /^```.*?\n(.*?)^```/msg, $page =~ /`([^`\n]+)`/g;
my $schema = json_decode(crmctl('schema')->{out});
my %kinds = map { $_ => 1 } @{ $schema->{properties}{kind}{enum} };

for my $name (sort keys %{ $schema->{definitions} }) {
    my $keys = $schema->{definitions}{$name}{properties};

    like($page, qr/^\| `\Q$name\E` \|/m, "the table of kinds has $name")
        if $kinds{$name};

    is_deeply([ grep { $code !~ /\b\Q$_\E\b/ } sort keys %$keys ], [],
              "the page has all keys of $name");
}

done_testing();
