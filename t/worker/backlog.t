# F42: a worker that starts before a mountain of jobs takes the oldest first,
# takes of each class, and needs no more memory than before a molehill. Were it
# broken, a night without workers would end with one that is killed for its size.
#
# The long form: CRM_QUEUED=1000000, which takes Redis 2 GB.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs;
use Test::CRM::Mail;

my $n = $ENV{CRM_QUEUED} || 10_000;
my $mails = 20;
my $endpoints = 9;
my $memory_kb = 32 * 1024;

redis_start();
receiver_start();
relay_start();

my $template = job_json(id => 'ID', url => 'http://nN.localhost:' . receiver_port() . '/');

for (my $at = 0; $at < $n; $at += 1000) {
    my @some = grep { $_ < $n } $at .. $at + 999;

    redis('SADD', key('own'), map { "job$_" } @some);
    redis('RPUSH', key('queue:webhooks'), map {
        my ($id, $of) = ("job$_", $_ % $endpoints);

        $template =~ s/"ID"/"$id"/r =~ s/nN/n$of/r;
    } @some);
}

push_mail() for 1 .. $mails;

my $pid = worker_start('--endpoint-rate', 20, '--smtp', relay_url(), '--smtp-tls', 'none');

wait_for {
    my @days = @{ redis('KEYS', key('done:*')) };

    @days && redis('SCARD', $days[-1]) >= 60 * $endpoints && mails() == $mails;
} 'sixty of each endpoint, and the mails', 60 + $n / 1000;

my ($peak) = slurp("/proc/$pid/status") =~ /^VmHWM:\s+(\d+) kB/m;
my %of;

is(worker_stop(), 0, 'the worker stops when asked');

push @{ $of{ $_->{header}{host} } }, $_->{header}{'webhook-id'} =~ /(\d+)/ for hooks();
is(scalar keys %of, $endpoints, 'F42: each endpoint has had some');

for my $host (sort keys %of) {
    my @got = map { int $_ / $endpoints } @{ $of{$host} }[0 .. 39];
    my $early = grep { $got[$_] > $_ + 4 } 0 .. 39;

    is($early, 0, "F42: the oldest of $host come first") or diag "@got";
}

cmp_ok(waiting_now(), '>=', $n / 2, 'F42: no class starves: the mails are out, and most webhooks still wait');

SKIP: {
    skip 'the sanitizers take memory, too', 1 if $ENV{CRM_TEST_ASAN} || $ENV{CRM_TEST_VALGRIND};
    cmp_ok($peak, '<', $memory_kb, "F42: the worker takes less than $memory_kb kB of memory");
}

diag "jobs:$n peak_kb:$peak";
is(scalar dead(), 0, 'nothing is dead');

done_testing();


# At the entrance, or in a ready list.
sub waiting_now {
    my $lists = 0;

    $lists += redis('LLEN', $_) for redis('KEYS', key('ready:webhooks:*'))->@*;

    return redis('LLEN', key('queue:webhooks')) + $lists;
}
