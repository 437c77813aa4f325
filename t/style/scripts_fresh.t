# crm_scripts.c is made from scripts/*.lua and committed: it must not be older
# than what it was made from. And the rude Redis of the tests knows a script by
# its name: of one that it does not know it would be polite, and nothing tried.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More tests => 2;
use Test::CRM;
use Test::CRM::Rude;

my $out = `src/tools/embed-scripts.sh --check 2>&1`;

is($?, 0, 'src/core/state/crm_scripts.c fits its scripts (make scripts)')
    or diag($out);

my %names = reverse slurp('src/core/state/crm_scripts.c') =~ /\{ "(\w+)", "([0-9a-f]{40})"/g;

is_deeply(Test::CRM::Rude::scripts('src/core/state/scripts'), \%names, 'the rude Redis knows each of them');
