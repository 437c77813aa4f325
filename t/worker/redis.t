# Redis may go, come back, hang, be full or refuse: the worker waits and goes
# on by itself, and loses no outcome. Were it broken, a restart of Redis would
# stop all webhooks until somebody noticed.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs;

redis_start(appendfsync => 'always');
receiver_start();

my $url = receiver_url('/hook');
my $worker = worker_start('--lease', '20s');
my $id;

sub alive   { ok(is_alive($worker), 'the worker lives') }

# Times that the log tells of a line.
sub told { my ($re) = @_; return scalar(() = worker_log() =~ /$re/g) }

# Is served again within seconds.
sub serves {
    my ($what) = @_;

    my $new = push_job(url => $url);

    wait_for { grep { $_->{header}{'webhook-id'} eq $new } hooks() } $what, 30;
    wait_for { job_gone($new) } "$what, done", 30;
    pass($what);
}


serves('a webhook is delivered');

# --- restarts

redis_stop();
wait_for { told('redis: unix:') } 'the loss';
redis_start();
serves('it is again after a restart of Redis');
like(worker_log(), qr/\[notice\].*redis: connected again/, 'and the log says so');

redis_kill();
redis_start();
serves('and after a crash');
alive();

# an outcome that Redis was not there to hear
hooks_reset();
hooks_hold(times => 1);
$id = push_job(url => $url);
wait_for { hooks() == 1 } 'the delivery';
redis_stop();
hooks_release();
wait_for { told("delivered.*job:$id") } 'the answer';
redis_start();
wait_for { job_gone($id) } 'the outcome', 20;
is(scalar hooks(), 1, 'an outcome is kept until Redis hears it');
alive();

# --- scripts forgotten, connections cut

redis('SCRIPT', 'FLUSH');
serves('scripts that Redis forgot are sent again');

redis('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
serves('a cut connection is made again');

# --- errors

redis('CONFIG', 'SET', 'maxmemory', '1mb');
eval { redis('SET', 'filler', 'x' x 100) };
like($@, qr/OOM/, 'a full Redis takes no more');
redis('CONFIG', 'SET', 'maxmemory', 0);

for my $n (1 .. 20) {
    push_job(id => "full$n", url => "$url/full");
    redis('CONFIG', 'SET', 'maxmemory', '1mb') if $n == 20;
}

wait_for { settled() } 'the jobs in a full Redis', 20;
pass('jobs in a full Redis are delivered and settled');
redis('CONFIG', 'SET', 'maxmemory', 0);

redis('REPLICAOF', '127.0.0.1', '1');
wait_for { told('READONLY') } 'the refusal';
redis('REPLICAOF', 'NO', 'ONE');
serves('a Redis that was read-only for a while is used again');

redis('SET', key('delayed'), 'not a sorted set');
wait_for { told('WRONGTYPE') } 'the wrong type';
redis('DEL', key('delayed'));
serves('a key of the wrong type stops nothing for good');
alive();

# --- silence

my $before = told('no answer in time');

redis_pause();
wait_for { told('no answer in time') > $before } 'the deadline', 20;
redis_resume();
serves('a Redis that hung is asked again');
is(worker_stop(), 0, 'the worker stops well');

# stopping is not held up by a Redis that is not there
$worker = worker_start();
serves('a new worker serves');
redis_stop();
is(worker_stop(), 0, 'it stops without Redis as well');
redis_start();

# --- a Redis that would forget

for my $policy (qw(allkeys-lru volatile-ttl)) {
    redis('CONFIG', 'SET', 'maxmemory-policy', $policy);

    my $r = run_command(worker_command());

    is($r->{rc}, 1, "$policy is refused at start");
    like($r->{err}, qr/maxmemory-policy is $policy.*noeviction/,
         'with what to set instead');
}

redis('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
redis_stop();

my $r = worker_once();

is($r->{rc}, 1, '--once without Redis exits with 1');
like($r->{err}, qr/\[error\].*redis: unix:/, 'and says why');

# a worker may be there before Redis
$worker = worker_start();
wait_for { worker_log() =~ /No such file|refused/ } 'the first attempt';
redis_start();
serves('a worker that was there first serves');
is(worker_stop(), 0, 'and stops');

# --- over TCP, with a password, another database

my $port = free_port();
my $password = work_dir() . '/password';

spew($password, "open sesame\n");
spawn(name => 'tcp', cmd => [ 'redis-server', '--port', $port, '--bind',
    '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', work_dir(),
    '--dbfilename', 'tcp.rdb', '--requirepass', 'open sesame' ]);
wait_for { IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port") } 'redis';

sub tcp_once {
    my ($address, @options) = @_;

    return run_command([ worker_command()->[0], '--redis', $address, '--once',
                         '--org', 'acme', @options ]);
}

$r = tcp_once("redis://127.0.0.1:$port");
is($r->{rc}, 1, 'without the password it exits with 1');
like($r->{err}, qr/NOAUTH/, 'and says why');

$r = tcp_once("redis://localhost:$port/3", '--redis-password-file', $password);
is($r->{rc}, 0, 'with it, by name and with a database, all is well')
    or diag $r->{err};
$r = tcp_once("redis://default\@127.0.0.1:$port", '--redis-password-file',
              $password);
is($r->{rc}, 0, 'or with a user') or diag $r->{err};

spew($password, "wrong\n");
$r = tcp_once("redis://127.0.0.1:$port", '--redis-password-file', $password);
is($r->{rc}, 1, 'a wrong password is refused');
like($r->{err}, qr/WRONGPASS/, 'by Redis');
unlike($r->{err}, qr/sesame/, 'and never shown');

$r = tcp_once("redis://127.0.0.1:$port/99", '--redis-password-file', "$password.no");
like($r->{err}, qr/redis-password-file cannot be read/,
     'a password file that is not there is named');

$r = tcp_once('redis://does-not-exist.invalid:6379');
is($r->{rc}, 1, 'a name that does not resolve');
like($r->{err}, qr/does not resolve|no answer/, 'is told');

done_testing();
