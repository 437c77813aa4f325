# When apply and rollback say that a revision is live, every nginx process judges
# by it: no write that comes later meets the old rules. A process that stands
# still is named. Were it broken, "rolled back" would be a hope.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;

my $n = 0;
my $amount = 100;
my $path = '/crm/v8/Deals/4150868000000624033';
my $plan = work_dir() . '/p.plan';

my $lock = <<'EOT';
kind: record_locking
module: Deals
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: Stage, comparator: equal, value: Closed Won }
locked_for: all_profiles
restricted_actions: [update, delete]
EOT

redis_start();
crm_start();
crm_seed('Deals', '4150868000000624033', '{"Stage":"Closed Won","Amount":9.5}');

my $free = folder('r.yaml' => "kind: role\nname: Sales\n");
my $locked = folder('r.yaml' => "kind: role\nname: Sales\n---\n$lock");

crmctl('apply', $free, '--managed-by', 'm');
nginx_start(workers => 3);
wait_for { my $r = crmctl('status', '-o', 'json');
           3 == grep { $_->{revision} == 1 } @{ json_decode($r->{out})->{processes} } }
    'three processes', 10;

is_deeply(statuses(), { 200 => 12 }, 'without a lock writes pass');

{
    crmctl('plan', $locked, '--managed-by', 'm', '--out', $plan);

    my $r = crmctl('apply', $plan);

    is($r->{rc}, 0, 'a saved plan is applied');
    like($r->{out}, qr/^loaded by 3 of 3 processes$/m, 'and loaded by every process');
    is_deeply(statuses(), { 400 => 12 }, 'from then on the lock holds in all of them');
}

{
    my $r = crmctl('rollback', '1');

    is($r->{rc}, 0, 'it is rolled back');
    like($r->{out}, qr/^revision 3 is live, with the rules of revision 1: .*\nloaded by 3 of 3 processes$/m,
         'by every process');
    is_deeply(statuses(), { 200 => 12 }, 'from then on writes pass in all of them');
}

{
    crmctl('rollback', '2');
    is_deeply(statuses(), { 400 => 12 }, 'and forward again');
}

# One process stands still.
{
    my ($stuck) = nginx()->worker_pids;

    kill 'STOP', $stuck;

    my $r = crmctl('rollback', '1', '-o', 'json');
    my $j = json_decode($r->{out});

    kill 'CONT', $stuck;

    is($r->{rc}, 1, 'a process that stands still makes it a failure');
    is($j->{revision}, 5, 'though the revision is stored');
    is_deeply([ map { $_->{pid} } @{ $j->{missing} } ], [ $stuck ], 'and is named');
    is(scalar @{ $j->{processes} }, 2, 'as are those that have it');

    wait_for { crmctl('rollback', '1')->{out} =~ /^loaded by 3 of 3/m } 'it to catch up', 10;
    is_deeply(statuses(), { 200 => 12 }, 'it catches up');
}

nginx_stop();

done_testing();


# How twelve writes that change something are answered, each over a connection of
# its own.

sub statuses {
    my %count;

    $amount++, $count{ http(PUT => $path, body => qq({"data":[{"Amount":$amount}]}))->{status} }++
        for 1 .. 12;

    return \%count;
}


sub folder {
    my (%files) = @_;
    my $dir = work_dir() . '/f' . ++$n;

    spew("$dir/$_", $files{$_}) for keys %files;

    return $dir;
}
