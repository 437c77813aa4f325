# Redis, nginx' workers and crm-worker killed with -9 in turn while records are
# created that enter an approval, and decided: no record that a create brought is
# changed past the approval that it entered, whoever died meanwhile; no state is
# between two states; what is done on submission and approval is done once.
#
#   CRM_TEST_ROUNDS=60 prove -v t/e2e/approval_kills.t

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Time::HiRes qw(sleep);
use Test::CRM;
use Test::CRM::Jobs qw(key);

my $rounds = $ENV{CRM_TEST_ROUNDS} || 6;
my $seed = defined $ENV{CRM_TEST_SEED} ? $ENV{CRM_TEST_SEED} : time;

note("CRM_TEST_SEED=$seed CRM_TEST_ROUNDS=$rounds");
srand($seed);

redis_start(appendfsync => 'always');
crm_start();
receiver_start();

crm_rules(<<'EOT');
kind: profile
name: Standard
---
kind: user
id: "1"
name: Sal
profile: Standard
---
kind: user
id: "2"
name: Meg
profile: Standard
---
kind: user
id: "3"
name: Bo
profile: Standard
---
kind: approval_process
name: Large
module: Deals
execute_when: create_or_edit
rules:
  - criteria: { field: Discount, comparator: greater_than, value: 20 }
    approvers: [ { type: user, id: "2" }, { type: user, id: "3" } ]
    approval_mode: sequential
    on_submit: [ { type: webhooks, name: asked } ]
    on_approve: [ { type: webhooks, name: agreed } ]
---
kind: webhook
name: asked
module: Deals
url: $HOOK/asked
http_method: POST
body: { type: raw, format: JSON, content: '{"n":"${!Deals.N}"}' }
---
kind: webhook
name: agreed
module: Deals
url: $HOOK/agreed
http_method: POST
body: { type: raw, format: JSON, content: '{"n":"${!Deals.N}"}' }
EOT

nginx_start(workers => 2, http => crm_http_config('timeout=400ms'),
            extra => 'crm_backend_max_time 2s; proxy_read_timeout 1s; crm_commit_wait 500ms;'
                     . ' crm_lease_wait 200ms; crm_rules_wait 1s;');
nginx()->{expect_kill} = 1;

my $worker = a_worker();
my $turns = 0;

sub a_worker {
    return spawn(name => 'worker' . ++$turns, env => Test::CRM::worker_env(),
                 cmd => worker_command('--backend', guarded_url(),
                                       '--timeout', '2s', '--lease', '3s', '--drain', '2s'));
}

my @kills = (
    sub { redis_kill(); redis_start() },
    sub { my @pids = nginx()->worker_pids; kill 'KILL', @pids if @pids },
    sub { kill_process($worker); $worker = a_worker() });

sub as { my ($user, $method, $path, $body) = @_;
         return http($method, "/crm/v8/$path", body => $body, timeout => 20,
                     headers => ['Content-Type' => 'application/json', 'X-CRM-User' => $user]) }

# All that the CRM has, by our number; asked of the CRM itself.
sub stored {
    my $r = http('GET', '/crm/v8/Deals', port => crm_port());
    return () if $r->{status} != 200;
    return map { $_->{N} => $_->{id} } @{ json_decode($r->{body})->{data} };
}

sub state_of { my $text = redis('HGET', key("record:Deals/$_[0]"), 'approval'); return $text && json_decode($text) }


# --- created, killed, probed --------------------------------------------------------

my (@past, @odd, $n);

for my $round (1 .. $rounds) {
    crm_delay(ms => 150);

    my @numbers = map { ++$n } 1 .. 3;
    my %kids;

    for my $number (@numbers) {
        my $pid = fork_child('client');

        if ($pid == 0) {
            eval { as(1, 'POST', 'Deals', "{\"data\":[{\"N\":\"$number\",\"Discount\":40}]}") };
            POSIX::_exit(0);
        }
        $kids{$pid} = 1;
    }

    # at the backend, behind it, or before
    sleep rand 0.4;
    $kills[ ($round - 1) % @kills ]->();

    # while nobody knows yet, and when they do: nobody changes what he must not
    for my $look (1 .. 4) {
        my %have = stored();

        for my $number (grep { $have{$_} } @numbers) {
            my $r = as(1, 'PUT', "Deals/$have{$number}", '{"data":[{"Discount":1}]}');

            push @past, "$number: $r->{status} $r->{body}" if $r->{status} == 200;
            push @odd, "$number: $r->{status} $r->{body}"
                if $r->{status} !~ /^(?:0|200|400|409|50[0-4])$/
                || ($r->{status} == 400 && $r->{body} !~ /NOT_APPROVED/);
        }
        sleep 0.1;
    }

    waitpid $_, 0 for keys %kids;
}

is_deeply(\@past, [], 'no record is changed past the approval that it enters');
is_deeply(\@odd, [], 'and each answer says why');

crm_delay(ms => 0);

sub open_ends {
    my %listed = map { $_ => 1 } @{ redis('ZRANGE', key('undetermined'), 0, -1) };

    # in the order in which they become one another, so that none slips by
    my @ends = grep { !$listed{$_} } @{ redis('ZRANGE', key('intents'), 0, -1) };

    push @ends, redis('LLEN', key('queue:webhooks')) || ();
    push @ends, @{ redis('KEYS', key('job:*')) };

    return @ends;
}

ok(eval { wait_for { !open_ends() } 'the end', 60 }, 'all is settled') or diag($@, explain([ open_ends() ]));

my %have = stored();
my @unknown = @{ redis('ZRANGE', key('undetermined'), 0, -1) };

ok(%have > 0, 'the CRM has some of them');

my @free = grep { my $s = state_of($have{$_}); !$s || $s->{state} ne 'waiting' } keys %have;
cmp_ok(scalar @free, '<=', scalar @unknown, 'all that it has wait, but what is listed as not known')
    or diag("@free");
is(redis('ZCARD', key('approvals')), keys(%have) - @free, 'and are listed');
is(redis('EXISTS', key('creates:Deals')), @unknown ? 1 : 0, 'no create is open');

sub told { my %count; $count{ json_decode($_->{body})->{n} }{ $_->{header}{'webhook-id'} }++
               for grep { $_->{target} =~ /$_[0]/ } hooks();
           return \%count }

my $asked = told('asked');
is_deeply([ grep { keys %{ $asked->{$_} || {} } != 1 } grep { my $x = $_; !grep { $_ eq $x } @free } sort keys %have ],
          [], 'what is done on submission is done under one id');


# --- decided, and killed ------------------------------------------------------------

my @waiting = grep { my $x = $_; !grep { $_ eq $x } @free } sort keys %have;
my $turn = 0;

for my $number (@waiting) {
    my $id = $have{$number};

    for my $user (2, 3) {
        my $pid = fork_child('client');

        if ($pid == 0) {
            eval { as($user, 'POST', "Deals/$id/actions/approvals", '{"action":"approve"}') };
            POSIX::_exit(0);
        }

        if ($turn < $rounds) {
            sleep rand 0.02;
            $kills[ $turn++ % @kills ]->();
        }
        waitpid $pid, 0;

        # a decision that died is made again: it counts once
        ok(eval { wait_for { my $s = state_of($id);
                             my $there = $user == 2 ? $s->{level} == 2 : $s->{state} eq 'approved';
                             as($user, 'POST', "Deals/$id/actions/approvals", '{"action":"approve"}') unless $there;
                             $there } "decision of $user", 30 }, "$number: $user decides");
    }

    my @done = map { "$_->{action} $_->{user}" } @{ state_of($id)->{history} };
    is_deeply(\@done, [ 'submitted 1', 'approved 2', 'approved 3' ], "$number: each once");
}

ok(eval { wait_for { !open_ends() } 'the end', 60 }, 'all is settled again') or diag($@, explain([ open_ends() ]));

my $agreed = told('agreed');
is_deeply([ grep { keys %{ $agreed->{$_} || {} } != 1 } @waiting ], [],
          'what is done on approval is done under one id, none is lost');
is(redis('ZCARD', key('approvals')), 0, 'nothing waits');

kill_process($worker);

done_testing();
