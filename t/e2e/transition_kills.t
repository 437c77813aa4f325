# nginx' workers, crm-worker and Redis killed with -9 in turn while records go
# from state to state: no record is between two states, what the CRM has done is
# followed by its action, once, and what it has not done by none. Fails when a
# transition and what Redis knows of it can part.
#
#   CRM_TEST_KILLS=60 prove -v t/e2e/transition_kills.t

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use POSIX ();
use Test::CRM;

my $kills = $ENV{CRM_TEST_KILLS} || 9;
my @states = qw(A B C);
my @records = map { 700 + $_ } 1 .. 6;

redis_start(appendfsync => 'always');
crm_start();
receiver_start();

my $transitions = join '', map { <<"EOT" } 0 .. 2;
  - id: to-$states[($_ + 1) % 3]
    name: On
    from: [$states[$_]]
    to: $states[($_ + 1) % 3]
    during: { fields: [ { field: Seq, required: true } ] }
    after: [ { type: webhooks, name: moved } ]
EOT

crm_rules(<<"EOT");
kind: blueprint
name: Ring
module: Orders
field: Status
transitions:
$transitions---
kind: webhook
name: moved
module: Orders
url: \$HOOK/moved
http_method: POST
body: { type: raw, format: JSON, content: '{"seq":"\${!Orders.Seq}","state":"\${!Orders.Status}"}' }
EOT

crm_seed('Orders', $_, '{"Status":"A"}') for @records;
crm_delay(ms => 10);

nginx_start(workers => 2, http => crm_http_config('timeout=400ms'),
            server => crm_server_config('crm_backend_max_time 2s; proxy_read_timeout 1s; crm_commit_wait 500ms;'
                     . ' crm_lease_wait 200ms; crm_rules_wait 1s;')
                . 'location /crm_api/ { crm_api write=on guarded=/crm/v8 auth=none; }');
nginx()->{expect_kill} = 1;

my $worker = a_worker();

sub a_worker {
    return spawn(name => 'worker', env => Test::CRM::worker_env(),
                 cmd => worker_command('--backend', guarded_url(),
                                       '--timeout', '2s', '--lease', '3s', '--drain', '2s'));
}

sub move {
    my ($id, $to, $seq, $path) = @_;

    return http(PUT => "/crm_api/blueprint/Orders/$id", timeout => 10, headers => ['X-CRM-User' => 'u1'],
                body => qq({"transition":"to-$to","data":{"Seq":"$seq"}}))->{status} || 0;
}

# They enter the blueprint.
is(http(PUT => "/crm/v8/Orders/$_", body => '{"data":[{"Memo":"x"}]}')->{status}, 200, "$_ enters") for @records;


# --- two clients, and the kills ----------------------------------------------------------

sub done { return -e work_dir() . '/done' }
sub moved_file { return work_dir() . "/moved$_[0]" }

# Whatever the answer, on from where the CRM has the record.
sub client {
    my ($c) = @_;

    open my $out, '>', moved_file($c) or die "$!\n";
    $out->autoflush(1);

    for (my $n = 1; !done(); $n++) {
        my $id = $records[ $c * 3 + $n % 3 ];
        my $at = json_decode(crm_record('Orders', $id))->{Status};
        my $to = { A => 'B', B => 'C', C => 'A' }->{$at};
        my $seq = "$c-$n";

        printf $out "%s %s %s\n", $seq, $to, move($id, $to, $seq);
    }
}

my %kids;

for my $c (0, 1) {
    my $pid = fork_child('client');

    if ($pid == 0) {
        my $ok = eval { client($c); 1 };
        print STDERR $@ unless $ok;
        POSIX::_exit($ok ? 0 : 1);
    }

    $kids{$pid} = 1;
}

sub moves_done { my $n = 0; for (0, 1) { $n += () = (-e moved_file($_) ? slurp(moved_file($_)) : '') =~ / 200$/mg } return $n }

for my $k (1 .. $kills) {
    my $before = moves_done();

    # one is under way, the CRM being slow
    wait_for { moves_done() > $before } 'a transition', 60;

    if ($k % 3 == 0) {
        redis_kill();
        redis_start();

    } elsif ($k % 3 == 1) {
        my @pids = nginx()->worker_pids;
        kill 'KILL', $pids[ $k % @pids ] if @pids;

    } else {
        kill_process($worker);
        $worker = a_worker();
    }
}

spew(work_dir() . '/done', '');
waitpid($_, 0) > 0 and is($?, 0, "a client has come to its end") for keys %kids;


# --- what came of it ---------------------------------------------------------------------

ok(eval { wait_for { redis(ZCARD => 'crm:{acme}:intents') == 0 } 'recovery', 60; 1 }, 'each write is settled');

my %did = map { $_->{body} =~ /"Seq":"([^"]+)"/ ? ($1 => $_) : () } crm_writes();
my %said = map { /^(\S+) (\S+) (\d+)$/ ? ($1 => $3) : () } map { split /\n/, slurp(moved_file($_)) } 0, 1;

sub told { my %t; push @{ $t{ json_decode($_->{body})->{seq} } }, $_ for hooks(); return %t }

ok(eval { wait_for { my %t = told(); keys %t >= keys %did } 'the webhooks', 60; 1 }, 'all actions have come');

my %told = told();

is_deeply([ grep { !$told{$_} } sort keys %did ], [], 'what the CRM has done is followed by its action');
is_deeply([ grep { !$did{$_} } sort keys %told ], [], 'what it has not done by none');
is_deeply([ grep { my %ids = map { $_->{header}{'webhook-id'} => 1 } @{ $told{$_} }; keys %ids != 1 } sort keys %told ],
          [], 'and that under one id');
is_deeply([ grep { $said{$_} == 200 && !$did{$_} } sort keys %said ], [], 'what was answered as done is done');

for my $id (@records) {
    my $kept = json_decode(redis(HGET => "crm:{acme}:record:Orders/$id", 'blueprint') || '{}');

    is($kept->{state}, json_decode(crm_record('Orders', $id))->{Status}, "$id is in one state, for the CRM and for us");
}

is(redis(EXISTS => 'crm:{acme}:undetermined'), 0, 'nothing is left for a person');
my $last = json_decode(crm_record('Orders', $records[0]))->{Status};
ok((wait_for { move($records[0], { A => 'B', B => 'C', C => 'A' }->{$last}, 'last') == 200 } 'a free record', 20),
   'and on it goes');

kill_process($worker);
done_testing();
