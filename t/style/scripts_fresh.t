# crm_scripts.c is made from scripts/*.lua and committed: it must not be older
# than what it was made from.

use strict;
use warnings;

use Test::More tests => 1;

my $out = `src/tools/embed-scripts.sh --check 2>&1`;

is($?, 0, 'src/core/state/crm_scripts.c fits its scripts (make scripts)')
    or diag($out);
