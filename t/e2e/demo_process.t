# The second part of the demo tells its story to the end: an approval of three
# levels, a blueprint of ten states, each request answered as it says. Fails
# when what README promises a newcomer does not happen.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;

my $r = run_command([ $^X, top_dir() . '/t/demo/process.pl' ],
                    env => { CRM_WORK_DIR => work_dir() . '/demo', KEEP => '' });

is($r->{rc}, 0, 'it ends well') or diag $r->{err};
is($r->{err}, '', 'and complains of nothing');

my @to = map { $_->{to} } grep { $_ } map { /^ *< \{"transition":.*"state":"([^"]+)"/ ? { to => $1 } : () }
         split /\n/, $r->{out};

is_deeply(\@to, [ 'Submitted', 'Credit checked', 'Confirmed', 'In production', 'In inspection', 'In production',
                  'In inspection', 'Packed', 'Shipped', 'Delivered', 'Paid' ], 'through ten states, one of them twice');
is(scalar(() = $r->{out} =~ /^ *level \d: /mg), 3, 'through three levels');
like($r->{out}, qr/< 400 Bad Request\n(?:.*\n){2}.*NOT_APPROVED/, 'what waits is refused in the vendor\'s words');
like($r->{out}, qr/nothing is left behind/, 'up to its end');
ok(!-e work_dir() . '/demo', 'and leaves nothing behind');

done_testing();
