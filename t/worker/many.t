# Many jobs, several workers, several organisations: each job is delivered
# exactly once, and a busy one leaves room to the others. Were it broken,
# receivers would see doubles, or nothing for hours.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs;

redis_start();

my @log = map { work_dir() . "/hooks$_" } 0 .. 7;
my @port = map { free_port() } @log;

for my $i (0 .. $#log) {
    spawn(name => "receiver$i", cmd => [ $^X,
        top_dir() . '/t/demo/receiver.pl', '--port', $port[$i],
        '--log', $log[$i] ]);
    wait_for { IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port[$i]") }
        'a receiver';
}


# How often each id was delivered, over all receivers.
sub deliveries {
    my %count;

    for (@log) {
        my $text = slurp($_);
        $count{$1}++ while $text =~ /"webhook-id","([^"]+)"/gi;
    }

    return \%count;
}


# --- 4,000 jobs, two workers

my $n = 4000;
my @ids = map { "many$_" } 1 .. $n;

redis('SADD', key('own'), @ids);
redis('RPUSH', key('queue:webhooks'),
      map { job_json(id => $ids[$_],
                     url => "http://127.0.0.1:$port[$_ % @port]/") } 0 .. $n - 1);

my @workers = map {
    spawn(name => "worker$_", cmd => worker_command());
} 1 .. 2;

wait_for { keys %{ deliveries() } == $n && settled() } 'all deliveries', 120;

my $count = deliveries();

is(scalar keys %$count, $n, "all $n jobs were delivered");
is(scalar(grep { $_ != 1 } values %$count), 0, 'T32: each exactly once');
is(scalar dead(), 0, 'none is dead');
is(redis('SCARD', key('own')), 0, 'no id is left among our own');
is(redis('EXISTS', key('inflight')), 0, 'nothing counts as under way');

my @share = map {
    my $text = slurp(work_dir() . "/worker$_.log");
    scalar(() = $text =~ /dispatch: delivered/g);
} 1 .. 2;

is($share[0] + $share[1], $n, 'both workers together tell of all');
cmp_ok($share[$_ - 1], '>', 0, "worker $_ had a share") for 1, 2;

is(stop_process($_), 0, 'a worker stops') for @workers;

# --- the same id again

push_job(id => $ids[0], url => "http://127.0.0.1:$port[0]/");

my $r = worker_once();

is($r->{rc}, 0, 'an id that is known is dropped');
is(deliveries()->{ $ids[0] }, 1, 'and not delivered again');

# --- all organisations

unlink @log;
redis('FLUSHALL');

my @orgs = qw(acme big-one third.one);

redis('SADD', 'crm:orgs', @orgs[0, 1]);

for my $org (@orgs) {
    for my $i (1 .. ($org eq 'big-one' ? 300 : 5)) {
        redis('RPUSH', "crm:{$org}:queue:webhooks",
              job_json(id => "$org-$i" =~ tr/./_/r, org => $org,
                       url => "http://127.0.0.1:$port[$i % @port]/"));
    }
}

my $all = spawn(name => 'all', cmd => [ worker_command()->[0], '--redis',
    redis_url(), '--allow-private', '127.0.0.0/8', '--concurrency', 4 ]);

wait_for { keys %{ deliveries() } == 305 } 'two organisations', 30;
pass('a worker without --org serves all of crm:orgs');

my @order = slurp(work_dir() . '/all.log') =~ /delivered, org:(\S+)/g;
my ($last) = grep { $order[$_] eq 'acme' } reverse 0 .. $#order;

cmp_ok($last, '<', 200, 'a busy organisation leaves room to a small one');

redis('SADD', 'crm:orgs', $orgs[2], 'not a name}');
wait_for { keys %{ deliveries() } == 310 } 'the third organisation', 30;
pass('an organisation that comes later is found');

is(stop_process($all), 0, 'the worker stops');

$r = run_command([ worker_command()->[0], '--redis', redis_url(), '--once' ]);
is($r->{rc}, 0, '--once without --org ends when all have nothing');

redis('DEL', 'crm:orgs');
$r = run_command([ worker_command()->[0], '--redis', redis_url(), '--once' ]);
is($r->{rc}, 0, 'or when there are none');

done_testing();
