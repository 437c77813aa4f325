# Whoever goes away, a client at any step or nginx itself with a commit under
# way, leaves nothing behind: before the backend was asked no lease and no
# intent, behind it the jobs of the write.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use IO::Socket::INET;
use Test::More;
use Test::CRM;

my $id = '4150868000000624033';
my $body = '{"data":[{"Amount":2}]}';

redis_start();
crm_start();

crm_rules(<<'EOT');
kind: workflow_rule
name: tell
module: Deals
execute_when: { type: create_or_edit }
conditions:
  - criteria: null
    instant_actions: [ { type: webhooks, name: deal } ]
---
kind: webhook
name: deal
module: Deals
url: https://hooks.example.test/deals
http_method: POST
body: { type: raw, format: JSON, content: '{}' }
---
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

crm_seed('Deals', $id, '{"Stage":"Open","Amount":1}');

sub jobs   { return redis(LLEN => 'crm:{acme}:queue:webhooks') }
sub scripts { return redis(INFO => 'commandstats') =~ /cmdstat_evalsha:calls=(\d+)/ ? $1 : 0 }
sub leases { return scalar @{ redis(KEYS => 'crm:{acme}:busy:*') } }
sub free   { return redis(ZCARD => 'crm:{acme}:intents') == 0 && leases() == 0 }

# Sends a write, all of it or what is left of it without $less bytes.
sub begin_write {
    my ($method, $path, $less) = @_;

    my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => nginx_port())
        or die "connect: $!\n";
    my $text = "$method /crm/v8/$path HTTP/1.1\r\nHost: x\r\n"
             . 'Content-Length: ' . length($body) . "\r\n\r\n$body";

    $s->autoflush(1);
    print $s substr $text, 0, length($text) - ($less || 0);

    return $s;
}

# The GETs and writes that the CRM has seen, those that it still works at too.
sub seen { return scalar grep { $_->{method} eq $_[0] } crm_log() }

nginx_start(extra => 'crm_lease_wait 5s; crm_commit_wait 20s; send_timeout 30s;'
                     . ' if ($http_x_none) { set $none 1; }');


# Before the backend is asked.

my $s = begin_write(PUT => "Deals/$id", 5);
close $s;

redis(SET => "crm:{acme}:busy:Deals/$id", 'another', 'PX', 60000);
$s = begin_write(PUT => "Deals/$id");

my $calls = scripts();
wait_for { scripts() > $calls + 3 } 'begin';
close $s;
redis(DEL => "crm:{acme}:busy:Deals/$id");

crm_hold(method => 'GET', times => 1);
$s = begin_write(PUT => "Deals/$id");
wait_for { leases() == 1 } 'the lease';
close $s;

ok((wait_for { free() } 'no lease', 20), 'gone before the backend is asked: no lease, no intent');
crm_release();
is(scalar(crm_writes()), 0, 'the backend saw no write');
is(jobs(), 0, 'nothing is to follow');


# While the backend works.

for my $method (qw(POST PUT)) {
    my $before = jobs();

    crm_hold(method => $method, times => 1);
    $s = begin_write($method => $method eq 'POST' ? 'Deals' : "Deals/$id");
    wait_for { redis(ZCARD => 'crm:{acme}:intents') == 1
               && @{ redis(KEYS => 'crm:{acme}:intent:*') } == 1
               && redis(HGET => redis(KEYS => 'crm:{acme}:intent:*')->[0], 'state') eq 'prepared' }
        'the intent';
    select undef, undef, undef, 0.1;
    close $s;
    crm_release();

    ok((wait_for { jobs() == $before + 1 } 'its job', 20),
       "$method: gone while the backend works, its job is queued");
    ok((wait_for { free() } 'free', 20), 'lease and intent are gone');
}


# While Redis is asked to commit.

my $before = jobs();

# Redis answers us before nginx: only the write shows that its begin is over.
crm_hold(method => 'POST', times => 1);
$s = begin_write(POST => 'Deals');
wait_for { seen('POST') == 2 } 'the write', 20;
redis_pause();
crm_release();
select undef, undef, undef, 0.3;
close $s;
redis_resume();

ok((wait_for { jobs() == $before + 1 } 'its job', 20), 'gone while Redis commits: its job is queued');
ok((wait_for { free() } 'free', 20), 'lease and intent are gone');


# nginx is told to quit, and Redis is away.

nginx_stop();
nginx_start(extra => 'crm_commit_wait 500ms;');

$before = jobs();
crm_hold(method => 'POST', times => 1);
$s = begin_write(POST => 'Deals');
wait_for { redis(ZCARD => 'crm:{acme}:intents') == 1 } 'the intent';

my $worker = wait_for { (nginx()->worker_pids)[0] } 'the worker process';

redis_stop();
nginx_reload();
crm_release();

my $answer = '';
sysread $s, $answer, 4096 or die "no answer\n";

like($answer, qr/^HTTP\/1\.1 201 .*^CRM-Event-State: pending\r$/ms,
     'a write that could not be committed is answered as pending');

# Long enough for the process to have lost Redis and all that was under way.
wait_for { (() = nginx()->error_log =~ /$worker#$worker: crm state: no connection/g) > 2 }
    'the old process to look for Redis', 20;
ok(kill(0, $worker), 'the old process stays for it');

redis_start();

ok((wait_for { jobs() == $before + 1 } 'its job', 20), 'and commits when Redis is back');
ok((wait_for { !kill 0, $worker } 'its end', 20), 'then it ends');


# What Redis never saw is not taken back either.

redis_stop();

# The first one may have been on its way when nginx had not noticed yet.
wait_for { http(POST => '/crm/v8/Deals', body => $body, timeout => 20)->{status} == 503 }
    'a refusal', 20;

my $never = http(POST => '/crm/v8/Deals', body => $body, timeout => 20);

is($never->{status}, 503, 'without Redis writes are refused');
redis_start();
wait_for { http(POST => '/crm/v8/Deals', body => $body, timeout => 20)->{status} == 201 }
    'Redis', 20;
is(redis(EXISTS => "crm:{acme}:settled:$never->{headers}{'crm-event'}"), 0,
   'and nobody aborts what was never begun');

is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();
