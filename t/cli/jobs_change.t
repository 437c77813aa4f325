# Jobs go again, or go away, because somebody said so: under their old ids,
# with their old rights, in slices. Broken, a thousand webhooks that an outage
# has killed are lost, or all jobs of a rule that was wrong reach people.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs;
use Test::CRM::Mail;

redis_start();
receiver_start();
relay_start();

sub jobs { return crmctl('jobs', @_) }

sub told {
    my $r = jobs(@_, '-o', 'json');

    is($r->{rc}, 0, "jobs @_") or diag($r->{err});
    return json_decode($r->{out});
}

sub dead_ids { return join ' ', sort map { $_->{id} } dead() }

sub heard {
    my ($id) = @_;

    return scalar grep { $_->{header}{'webhook-id'} eq $id } hooks();
}


# --- one --------------------------------------------------------------------------

hooks_answer(path => '/gone', status => 410, times => 1);
my $one = push_job(url => receiver_url('/gone'));
worker_once();
endpoints_well();
like(dead_reason($one), qr/^status_410/, 'a job is dead');
my ($entry) = dead();

is(jobs('retry', $one)->{out}, "1 of 1 jobs go again\n", 'it is retried');
is(dead_ids(), '', 'it is not dead any more');
is(job_hash($one)->{body}, job_json(url => receiver_url('/gone'), id => $one),
   'it is what it was, to the byte');
is(job_hash($one)->{sequence}, $entry->{sequence}, 'in its old place');
worker_once();
is(heard($one), 2, 'it is delivered under its old id');
ok(job_gone($one), 'and done');

my $r = jobs('retry', $one);
is($r->{rc}, 1, 'one that is done cannot be retried');
like($r->{err}, qr/no job "$one" is dead or waits/, 'and says so');
is(heard($one), 2, 'and is not heard again');


# --- rights -----------------------------------------------------------------------

my $foreign = push_job(url => receiver_url('/x'), secret => 'env:HOOK',
                       foreign => 1);
worker_once();
like(dead_reason($foreign), qr{^foreign_secret}, 'a foreign job names no secret');
told('retry', $foreign);
worker_once();
like(dead_reason($foreign), qr{^foreign_secret}, 'nor does it when it is retried');

redis('DEL', key('dead'));
redis('RPUSH', key('dead'), '{"job":' . job_json(id => 'old',
      secret => 'env:HOOK', url => receiver_url('/x'))
      . ',"reason":"x","at":1,"attempts":1}');
told('retry', 'old');
worker_once();
like(dead_reason('old'), qr{^foreign_secret}, 'nor one of which it is not known');

# Somebody is faster than the old one's retry.
redis('SADD', key('own'), 'old');
redis('RPUSH', key('queue:webhooks'), job_json(id => 'old', url =>
      'http://[::1]:1/'));
worker_once();
$r = jobs('retry', 'old', '-o', 'json');
is(json_decode($r->{out})->{left}{alive} || 0, 1,
   'one whose id is under way is left alone') or diag($r->{out}, $r->{err});
redis('DEL', key('dead'), key('job:old'), key('delayed'));


# --- what was no job, what had no id ----------------------------------------------

push_text('no job');
push_text(job_json(id => undef, url => receiver_url('/gone2')));
hooks_answer(path => '/gone2', status => 410);
worker_once();
endpoints_well();
my ($anon) = map { $_->{id} || () } dead();
like($anon, qr/^[0-9a-f]{40}$/, 'what had no id was given one');
is_deeply(told('retry', '--state', 'dead', '--yes'),
          { matched => 2, changed => 1,
            left => { gone => 0, alive => 0, no_job => 1 } },
          'what never was a job stays where it is');
is(job_hash($anon)->{state}, 'ready', 'the other one has its id still');
is_deeply(told('drop', '--state', 'dead', '--yes')->{changed}, 1,
          'and can be dropped');
is(redis('LLEN', key('dead')), 0, 'it is gone');
told('drop', $anon);
ok(job_gone($anon), 'a job that is ready can be dropped');
worker_once();
is(heard($anon), 1, 'and is not delivered');


# --- many, and some of them -------------------------------------------------------

sub bury {
    my ($n, %o) = @_;
    my ($name, $reason) = (delete $o{name}, delete $o{reason} || 'status_503');
    my $at = delete $o{at};
    my $job = job_json(%o, id => 'ID');
    my @entries = map {
        my $id = sprintf '%s%05d', $name, $_;
        (my $text = $job) =~ s/"ID"/"$id"/;
        qq({"job":$text,"reason":"$reason","at":) . ($at || $_)
        . qq(,"attempts":10,"class":"webhooks","foreign":false,"id":"$id"})
    } 1 .. $n;

    while (my @some = splice @entries, 0, 500) {
        redis('RPUSH', key('dead'), @some);
    }
}

bury(3, name => 'a', url => 'https://a.example/x');
bury(3, name => 'b', url => 'https://b.example/x', reason => 'timeout');
bury(1, name => 'c', url => 'https://a.example/x', at => 9_000_000_000_000_000);

for ([ '--rule', 'other' ], [ '--record', 'Leads/1' ], [ '--class', 'emails' ],
     [ '--endpoint', 'https://c.example' ], [ '--reason', 'status_502' ],
     [ '--since', '1h', '--endpoint', 'https://b.example' ],
     [ '--state', 'delayed' ])
{
    is(told('retry', @$_, '--yes')->{matched}, 0, "@$_ are none");
}

is(told('drop', '--endpoint', 'https://b.example', '--reason', 'time',
        '--until', '1d', '--yes')->{changed}, 3, 'by endpoint, reason and age');
is(dead_ids(), 'a00001 a00002 a00003 c00001', 'the others are still there');
is(told('drop', '--until', '1d', '--rule', 'hot', '--yes')->{changed}, 3,
   'by age and rule');

$r = jobs('drop', '--rule', 'hot');
is($r->{rc}, 1, 'nobody can be asked: nothing is done');
like($r->{err}, qr/^drop 1 jobs \(1 dead\): nothing was changed, since --yes/,
     'and it says how many it would be');
is(dead_ids(), 'c00001', 'it is still there');
redis('DEL', key('dead'));

bury(10_000, name => 'd', url => 'https://a.example/x');
bury(50, name => 'e', url => 'https://b.example/x');
bury(1000, name => 'f', url => 'https://a.example/x');
redis('SLOWLOG', 'RESET');
redis('CONFIG', 'SET', 'slowlog-log-slower-than', 500_000);
is(told('retry', '--endpoint', 'https://a.example', '--yes')->{changed},
   11_000, 'thousands');
is(redis('LLEN', key('dead')), 50, 'all but those that were not meant');
is(redis('LLEN', key('ready:webhooks:' . job_hash('d00001')->{endpoint})),
   11_000, 'are ready');
is(redis('SLOWLOG', 'LEN'), 0, 'and Redis was never held up');
is(redis('LINDEX', key('ready:webhooks:' . job_hash('d00001')->{endpoint}), 0),
   'd00001', 'the oldest first');
is(told('drop', '--state', 'ready', '--class', 'webhooks', '--yes')->{changed},
   11_000, 'and are dropped');
is(() = @{ redis('KEYS', key('job:*')) }, 0, 'all of them');
redis('DEL', key('dead'));


# --- not all at once --------------------------------------------------------------

bury(4, name => 'g', url => receiver_url('/g'));
told('retry', '--reason', 'status_503', '--rate', '2/s', '--yes');
my %due = @{ redis('ZRANGE', key('delayed'), 0, -1, 'WITHSCORES') };
is_deeply([ map { $due{"g0000$_"} - $due{g00001} } 1 .. 4 ],
          [ 0, 500, 1000, 1500 ], 'two a second');

is(told('retry', '--state', 'delayed', '--yes')->{changed}, 4,
   'what is delayed is due at once');
worker_once();
is(scalar(grep { heard("g0000$_") == 1 } 1 .. 4), 4, 'and is delivered');


# --- what waits -------------------------------------------------------------------

my $later = redis('TIME')->[0] * 1000 + 3_600_000;
(my $waits = job_json(id => 'later')) =~ s/\}$/,"waits":{"due":$later}}/;
redis('HSET', key('job:later'), 'body', $waits, 'class', 'webhooks',
      'endpoint', '', 'state', 'delayed', 'due', $later, 'since', $later);
redis('ZADD', key('delayed'), $later, 'later');

is(told('retry', '--rule', 'hot', '--yes')->{matched}, 0,
   'what its rule has put off is not hurried');
is(told('retry', 'later')->{changed}, 1, 'unless it is named');
cmp_ok(redis('ZSCORE', key('delayed'), 'later'), '<', $later, 'it is due');
is(told('drop', '--state', 'delayed', '--yes')->{changed}, 1,
   'it can be dropped');
is(redis('ZCARD', key('delayed')), 0, 'and waits no more');


# --- order ------------------------------------------------------------------------

hooks_answer(path => '/o', status => 500, times => 1);
my @ordered = map { push_job(url => receiver_url('/o'), ordered => \1) } 1 .. 3;
worker_once();
is(job_hash($ordered[0])->{state}, 'delayed', 'the first has failed');
is(job_hash($ordered[1])->{state}, 'waiting', 'the next waits behind it');
told('drop', $ordered[0]);
worker_once();
is(scalar(grep { heard($_) == 1 } @ordered[1, 2]), 2,
   'the first is dropped, and those behind it go');


# --- at the entrance --------------------------------------------------------------

my @new = map { push_job(url => receiver_url('/n'), rule => 'hot') } 1 .. 3;
push_text('no job');
push_mail();
is(told('drop', '--class', 'webhooks', '--state', 'waiting', '--yes')
   ->{changed}, 4, 'what no worker has seen is dropped');
is(redis('LLEN', key('queue:emails')), 1, 'by class');
is(redis('SCARD', key('own')), 1, 'nothing is remembered as ours');
push_job(url => receiver_url('/n'), id => $new[0]);
worker_once();
is(heard($new[0]), 0, 'and its id does not come again');


# --- with a worker ----------------------------------------------------------------

hooks_hold(path => '/slow');
my $slow = push_job(url => receiver_url('/slow'));
worker_start();
wait_for { (job_hash($slow)->{state} || '') eq 'leased' } 'a worker has it', 10;
$r = jobs('drop', $slow);
is($r->{rc}, 1, 'what a worker holds cannot be dropped');
like($r->{err}, qr/job "$slow" is leased: a worker holds it/, 'and says so');
hooks_release();
worker_stop();


for ([ 'retry' ], [ 'drop' ], [ 'drop', '--yes' ], [ 'retry', 'a', 'b' ],
     [ 'retry', '--state', 'ready' ], [ 'drop', '--state', 'leased' ],
     [ 'drop', 'a', '--rate', '5' ], [ 'retry', 'a', '--rate', '0' ],
     [ 'retry', 'a', '--rate', '5/m' ], [ 'ls', '--yes' ],
     [ 'retry', '--until', 'x' ])
{
    is(jobs(@$_)->{rc}, 64, "jobs @$_ is wrong use");
}

done_testing();
