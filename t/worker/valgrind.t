# crm-worker under memcheck, through each end that a job may have: no byte is
# read that was never written or is gone, none is lost. CRM_TEST_VALGRIND=1 does
# the same for any other test.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib"; $ENV{CRM_TEST_VALGRIND} = 1 }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs;

plan skip_all => 'the sanitizers look already' if $ENV{CRM_TEST_ASAN};

$ENV{CRM_TEST_SLOW} ||= 4;
redis_start();
receiver_start();

my $url = receiver_url('/hook');
my %end;

hooks_answer(status => 200, times => 2);
push_job(url => $url) for 1 .. 2;
push_text($_) for 'no job', '{"v":1}';
$end{foreign} = push_job(url => $url, foreign => 1);
$end{refused} = push_job(url => 'http://10.0.0.1/');
$end{no_secret} = push_job(url => $url, secret => 'env:NONE');
$end{away} = push_job(url => 'http://127.0.0.1:1/');
$end{nowhere} = push_job(url => 'gopher://127.0.0.1/');
$end{unknown} = push_job(url => $url, type => 'nothing');
$end{huge} = push_job(url => $url, body => 'x' x 200_000);
$end{mail} = push_job(type => 'email_notifications', url => '');

my $r = worker_once('--retry-schedule', '1h', '--concurrency', 4);

is($r->{rc}, 0, 'it ends well') or diag $r->{err};
is(scalar hooks(), 4, 'what may be called was called');
is(job_hash($end{away})->{error}, 'connection_refused', 'what is away is tried again');
is(scalar dead(), 6, 'what cannot be is dead') or diag explain [ dead() ];

hooks_answer(status => 410, times => 1);
push_job(url => $url);
hooks_answer(fault => 'truncate', times => 1);
push_job(url => "$url/2", name => 'other');
worker_start('--retry-schedule', '1h');
wait_for { hooks() == 6 && !redis('ZCARD', key('lease')) } 'the rest';
is(worker_stop(), 0, 'a worker that stays ends well');
is(Test::CRM::valgrind_said(), '', 'and nothing was to be said of its memory');

done_testing();
