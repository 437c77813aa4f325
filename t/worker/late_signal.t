# A signal that comes when crm-worker has closed its loop: it is ending anyway,
# and with the status that it means to. Were it broken, a second SIGTERM in that
# instant would make a clean end look like a crash to whoever supervises it.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs;

redis_start();

my $shim = work_dir() . '/late_signal.so';
my $cc = run_command([ 'cc', '-shared', '-fPIC', '-O1', '-o', $shim,
                       top_dir() . '/t/lib/late_signal.c', '-ldl' ]);

plan skip_all => "no compiler: $cc->{err}" if $cc->{rc} != 0;

# the sanitizer's library wants to be the first
my $asan = $ENV{CRM_TEST_ASAN}
           ? run_command([ 'cc', '-print-file-name=libasan.so' ])->{out} =~ s/\s+\z//r : '';
my $preload = join ' ', grep { length } $asan, $shim;

for ([ SIGTERM => 15 ], [ SIGINT => 2 ], [ SIGHUP => 1 ]) {
    my ($name, $number) = @$_;
    my $r = run_command([ worker_command()->[0], '--redis', redis_url(), '--org', crm_org(), '--once' ],
                        env => { LD_PRELOAD => $preload, CRM_LATE_SIGNAL => $number });

    is($r->{rc}, 0, "$name at the last moment leaves the status at 0") or diag $r->{err};
    like($r->{err}, qr/exiting, status:0/, 'which is the one that it tells');
}

done_testing();
