# docs/functions.md names every built-in function that there is, none that is
# not, and each stands in a script under t/data/deluge.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM;
use Test::More;

chdir "$FindBin::Bin/../.." or die;

my %code;

for my $file (glob 'src/deluge/*.c') {
    my $text = slurp($file);

    $code{$1} = 1 while $text =~ /^    \{ "([\w.]+)", CRM_DELUGE_(?:ON_|BIT)/mg;
}

cmp_ok(scalar keys %code, '>', 150, 'the tables of functions are found');

my $docs = slurp('docs/functions.md');
my ($supported) = $docs =~ /^## Supported\n(.*?)^## /ms;
my %docs = map { $_ => 1 } map { /`([\w.]+)`/g } grep { /^\|/ } split /\n/, $supported;

is(join(' ', grep { !$docs{$_} } sort keys %code), '',
   'docs/functions.md leaves out no function');
is(join(' ', grep { !$code{$_} } sort keys %docs), '',
   'docs/functions.md names no function that is not there');

my ($missing) = $docs =~ /^## Not supported\n(.*?)(?:^## |\z)/ms;
my @both = grep { $code{$_} } $missing =~ /`([\w.]+)`/g;

is("@both", '', 'what is there is not called missing');

my (%scripts, %cases);

for my $file (glob 't/data/deluge/*.txt') {
    my ($kind) = $file =~ /hostile/ ? 'hostile' : 'golden';

    for my $case (split /^=== /m, slurp($file)) {
        next unless $case =~ /^--- (?:script|bytes|repeat_script)/m;

        my ($script) = $case =~ /^--- script\n(.*?)(?=^--- |\z)/ms;

        $cases{$kind}++;
        $scripts{$kind} .= $script // '';
    }
}

for my $name (sort keys %code) {
    like($scripts{golden}, qr/(?<![\w])\Q$name\E\(/,
         "$name stands in a script");
}

cmp_ok($cases{golden}, '>=', 300, 'there are scripts enough that do what they should');
cmp_ok($cases{hostile}, '>=', 60, 'there are hostile scripts enough');

done_testing();
