# A delivery that fails is tried again, by the schedule or as the endpoint
# asks, with the same id; what can never work is dead at once. Were it broken,
# webhooks would be lost, or endpoints hammered.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs;

redis_start();
receiver_start();


# Redis' clock, and what it said when the last worker began and when it had ended.
my ($began, $ended);

sub now_ms {
    my ($s, $us) = @{ redis('TIME') };

    return $s * 1000 + $us / 1000;
}

sub once {
    $began = now_ms();
    worker_once(@_);
    $ended = now_ms();
}

# However long the worker took, between the two: a job is due so many milliseconds
# later at the earliest, and at the latest.
sub due_after  { return job_hash($_[0])->{due} - $began }
sub due_within { return job_hash($_[0])->{due} - $ended }

sub failing {
    my %answer = @_;

    hooks_reset();
    hooks_answer(%answer) if %answer;
    endpoints_well();

    return push_job(url => receiver_url('/hook'));
}


# --- how long until the next attempt

my $id = failing(status => 500);

once('--retry-schedule', '100s');
is(job_hash($id)->{state}, 'delayed', 'after a 500 the job waits');
is(job_hash($id)->{attempts}, 1, 'with one attempt made');
is(job_hash($id)->{error}, 'status_500', 'and its reason');
cmp_ok(due_after($id), '>', 70_000, 'for the step, less a fifth');
cmp_ok(due_within($id), '<=', 120_000, 'or more a fifth');

$id = failing(status => 503, retry_after => 300);
once('--retry-schedule', '10s');
cmp_ok(due_after($id), '>', 290_000, 'Retry-After is waited for');
cmp_ok(due_within($id), '<=', 300_000, 'to the second');

$id = failing(status => 503, retry_after => 7);
once('--retry-schedule', '1s');
cmp_ok(due_after($id), '>=', 7_000, 'T33: 503 with Retry-After: 7 waits seven seconds');
cmp_ok(due_within($id), '<=', 7_000, 'T33: and no more');

$id = failing(status => 503, retry_after => 1);
once('--retry-schedule', '100s');
cmp_ok(due_after($id), '>', 90_000, 'but no step is shortened by it');

$id = failing(status => 429, retry_after => 10_000_000);
once('--retry-schedule', '10s');
cmp_ok(due_after($id), '>', 86_000_000, 'nor is a day exceeded');
cmp_ok(due_within($id), '<=', 86_400_000, 'a day and no more');

my @t = gmtime(time + 600);
my $date = sprintf '%s, %02d %s %d %02d:%02d:%02d GMT',
    (qw(Sun Mon Tue Wed Thu Fri Sat))[$t[6]], $t[3],
    (qw(Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec))[$t[4]],
    $t[5] + 1900, @t[2, 1, 0];

$id = failing(status => 503, retry_after => $date);
once('--retry-schedule', '10s');
cmp_ok(due_after($id), '>', 580_000, 'Retry-After may be a date');
cmp_ok(due_within($id), '<=', 600_000, 'which is waited for');

$id = failing(status => 502);
once();
cmp_ok(due_after($id), '>', 55_000,
       'an overloaded endpoint is left alone for a minute');

$id = failing(status => 500);
once();
cmp_ok(due_within($id), '<=', 6_000, 'another one for the first step of 5 s');

# a webhook's own schedule goes before the worker's
hooks_reset();
hooks_answer(status => 500);
$id = push_job(url => receiver_url('/hook'), retry_schedule => '1000s,2h');
once('--retry-schedule', '10s');
cmp_ok(due_after($id), '>', 700_000, 'a schedule of the webhook goes before the worker\'s');
cmp_ok(due_within($id), '<=', 1_200_000, 'its first step');
redis('ZADD', key('delayed'), 1, $id);
endpoints_well();
once('--retry-schedule', '10s');
cmp_ok(due_after($id), '>', 5_000_000, 'then its second');
redis('ZADD', key('delayed'), 1, $id);
endpoints_well();
once('--retry-schedule', '10s,10s,10s');
is(dead_reason($id), 'status_500', 'and no third');

$id = push_job(url => receiver_url('/hook'), retry_schedule => 'often', foreign => 1);
once('--retry-schedule', '100s');
cmp_ok(due_after($id), '>', 70_000, 'one that makes no sense is the worker\'s');

# --- what is not tried again

$id = failing(status => 410);
once('--retry-schedule', '10s');
is(dead_reason($id), 'status_410', 'a 410 is the end');

$id = failing(status => 500);
once('--retry-schedule', '0,0');
is(dead_reason($id), 'status_500', 'nor is a schedule that is spent');
is(scalar hooks(), 3, 'after the first attempt and two more');

$id = failing(status => 500, times => 1);
once('--retry-schedule', '0,0');
ok(job_gone($id), 'a retry that works ends the job');
is(dead_reason($id), undef, 'well');

# What waits for its next attempt would come in between.
redis('DEL', key('dead'), key('delayed'));

# --- the endpoint comes back

$id = failing(status => 503, retry_after => 1, times => 2);
worker_start('--retry-schedule', '200ms,200ms,200ms,1s,1s,1s,1s,1s,1s');
wait_for { hooks() == 3 && job_gone($id) } 'the third attempt';

my @hooks = hooks();

is(scalar @hooks, 3, 'two refusals, then a success');
is(scalar(grep { $_->{header}{'webhook-id'} eq $id } @hooks), 3,
   'under one id');
cmp_ok($hooks[1]{at} - $hooks[0]{at}, '>=', 0.9,
       'and Retry-After between them');
is(scalar dead(), 0, 'nothing is dead');

$id = failing(status => 410);
wait_for { defined dead_reason($id) } 'the dead list';

my ($dead) = grep { $_->{job}{id} eq $id } dead();

is($dead->{job}{action}{url}, receiver_url('/hook'),
   'the dead list holds the whole job');
like($dead->{at}, qr/\d/, 'and when it died');

# --- nobody listens yet

my $port = free_port();
my $log = work_dir() . '/late.hooks';

$id = push_job(url => "http://127.0.0.1:$port/");
wait_for { (job_hash($id)->{error} || '') eq 'connection_refused' }
    'a refused connection';
pass('a refused connection is noted as such');

spawn(name => 'late', cmd => [ $^X, top_dir() . '/t/demo/receiver.pl',
                               '--port', $port, '--log', $log ]);
wait_for { job_gone($id) } 'the endpoint that came up';
is(dead_reason($id), undef, 'an endpoint that comes up gets its webhook');
is(scalar(grep { $_->[1] eq $id } map { @{ $_->{headers} } }
          map { json_decode($_) } split /\n/, slurp($log)), 2,
   'once, under its id in both headers');

is(worker_stop(), 0, 'the worker stops');
done_testing();
