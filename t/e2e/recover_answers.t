# The CRM does a write and then answers late, with an error, with nonsense, or
# not at all. The client sees what came of it and the event's id; crm-worker
# reads the record back, by way of nginx, and delivers what follows, once. Were
# it broken, such writes would have no webhook, or one would be sent for a write
# that was never done.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs qw(key settled);
use Test::CRM::Recovery;

redis_start();
crm_start();
receiver_start();

crm_rules(join "---\n", map { rule(@$_) } [POST => 'create'], [PUT => 'edit'], [DELETE => 'delete']);

sub rule {
    my ($method, $when) = @_;

    return <<"EOT";
kind: workflow_rule
name: on-$method
module: Deals
execute_when: { type: $when }
conditions: [ { criteria: null, instant_actions: [ { type: webhooks, name: tell-$method } ] } ]
---
kind: webhook
name: tell-$method
module: Deals
url: \$HOOK/$method
http_method: POST
body: { type: raw, format: JSON, content: '{"n":"\${!Deals.N}"}' }
EOT
}

my %nginx = (extra => 'crm_backend_max_time 2s; proxy_read_timeout 1s; crm_lease_wait 100ms;');

nginx_start(%nginx);

my ($serial, @told, %what) = (0);

sub write_one {
    my ($method, $n, $id) = @_;

    return http($method => '/crm/v8/Deals' . ($method eq 'POST' ? '' : "/$id"), timeout => 20,
                $method eq 'DELETE' ? () : (body => "{\"data\":[{\"N\":$n,\"Stage\":\"Won\"}]}"));
}


# A write that the CRM does (or not), and answers with a fault; $status is what the
# client sees, undef: whatever is no success.

sub faulty {
    my ($method, $done, $status, %fault) = @_;

    my $n = ++$serial;
    my $id = 4150868000000800000 + $n;
    my $name = "$method, " . join ' ', map { $fault{$_} } sort keys %fault;
    my %before = map { $_ => 1 } intents();

    crm_seed('Deals', $id, "{\"N\":$n,\"Stage\":\"Open\"}") if $method ne 'POST';
    crm_fail(%fault, method => $method, $done ? (commit => 1) : ());

    my $r = write_one($method, $n, $id);
    my ($event) = grep { !$before{$_} } intents();

    crm_fail();
    is($r->{status}, $status, "$name: the answer") if $status;
    unlike($r->{status} || 0, qr/^2/, "$name: no success") unless $status;
    ok($event, "$name: the intent stays") or return;
    is($r->{headers}{'crm-event'}, $event, "$name: it names the event") if $status;

    $what{$event} = $name . ($done ? '' : ', not done');
    push @told, { event => $event, method => $method, done => $done, n => $n,
                  id => $method eq 'POST' ? undef : $id };
}

for my $method (qw(POST PUT DELETE)) {
    my $good = $method eq 'POST' ? 201 : 200;

    faulty($method, $_, 504, fault => 'silent') for 0, 1;
    is(write_one(PUT => 0, $told[-1]{id})->{status}, 409, 'its record is busy') if $method eq 'PUT';
    faulty($method, $_, 500, fault => 'status', status => 500) for 0, 1;
    faulty($method, $_, 502, fault => 'reset') for 0, 1;
    faulty($method, 1, $good, fault => 'html');
    faulty($method, 1, $good, fault => 'gzip');
    faulty($method, 1, undef, fault => $_) for 'truncate', 'half';
    faulty($method, 1, $good, fault => 'other') if $method ne 'POST';
}

is(scalar(hooks()), 0, 'nobody was told anything so far');


# --- the way back leads through nginx, which is not there at first

my $by_nginx = guarded_url();

nginx_stop();
worker_start('--backend', $by_nginx, '--lease', '5s');
wait_for { !grep { (intent_reason($_) || '') !~ /connection_refused/ } intents() } 'the refusals', 20;
is(scalar(intents()), scalar(@told), 'while the backend is away nothing is lost');
is(join(' ', undetermined()), '', 'nor given up');

$_->{id} ||= created($_->{event}) for @told;

sub created {
    my ($event) = @_;

    my $r = http(GET => "/crm/v8/Deals?__event=$event", port => crm_port());

    return $r->{body} && $r->{body} =~ /"id":"(\d+)"/ ? $1 : 'none';
}

nginx_start(%nginx);
ok(eval { wait_for { !intents() && settled() } 'the end', 40 }, 'when it is back all of them are settled')
    or diag($@, map { "$what{$_}: " . (intent_reason($_) || '?') . "\n" } intents());
is(join("\n", map { "$what{$_}: " . intent_reason($_) } undetermined()), '', 'none is undetermined');
is(join(' ', leases()), '', 'no record is busy');

my %hook = map { $_->{header}{'webhook-id'} => $_ } hooks();

is(scalar(hooks()), scalar(grep { $_->{done} } @told), 'as many webhooks as the CRM has done writes');

for my $t (@told) {
    my $h = $hook{ job_id($t->{event}, "on-$t->{method}", 1, 1, 1, $t->{id}) };

    is($h && $h->{body}, $t->{done} ? "{\"n\":\"$t->{n}\"}" : undef,
       "$what{$t->{event}}: " . ($t->{done} ? 'its webhook, under its id' : 'no webhook'));
    is(settled_as($t->{event}), $t->{done} ? 'committed' : 'aborted', 'and its end');
}

my ($one) = grep { $_->{method} eq 'PUT' } @told;

is(write_one(PUT => 99, $one->{id})->{status}, 200, 'a record that was in doubt can be written again');
wait_for { settled() } 'its webhook';


# --- what nobody can tell is listed

hooks_reset();

sub in_doubt {
    my ($id, $now, $body) = @_;

    my %before = map { $_ => 1 } intents();

    crm_seed('Deals', $id, '{"N":1,"Stage":"Open"}');
    crm_fail(fault => 'silent', method => 'PUT');
    http(PUT => "/crm/v8/Deals/$id", timeout => 20, body => $body || '{"data":[{"N":2}]}');
    crm_fail();
    crm_seed('Deals', $id, $now);

    return (grep { !$before{$_} } intents())[0];
}

my $between = in_doubt('4150868000000900001', '{"N":7,"Stage":"Lost"}');

wait_for { undetermined() == 1 } 'the verdict', 20;
is(join(' ', undetermined()), $between, 'a record that somebody else has written since is undetermined');
is(intent_state($between), 'undetermined', 'its intent is kept');
like(intent_reason($between), qr/neither/, 'with the reason');
is(join(' ', intents(), leases()), '', 'it holds up nobody');
like(slurp(work_dir() . '/worker.log'), qr/\[error\] .*recover: undetermined, org:acme event:$between/, 'the log names it');

my $age = redis(ZSCORE => key('undetermined'), $between);

worker_stop();
worker_start('--backend', backend_url(), '--lease', '5s');

my $next = in_doubt('4150868000000900002', '{"N":8,"Stage":"Lost"}');

wait_for { undetermined() == 2 } 'another verdict', 20;
is(redis(ZSCORE => key('undetermined'), $between), $age, 'and is not asked for again');
is(scalar(hooks()), 0, 'nobody was told');


# --- two workers, and one that dies

my @pids = map {
    spawn(name => "other$_", cmd => worker_command('--backend', $by_nginx, '--lease', '2s'))
} 1, 2;
my @events;

crm_clear_log();
crm_delay(ms => 300, method => 'GET');

# creates: nginx itself has nothing to look at
for my $n (1 .. 6) {
    my %before = map { $_ => 1 } intents();

    crm_fail(fault => 'status', status => 500, method => 'POST', commit => 1);
    write_one(POST => 1000 + $n);
    push @events, grep { !$before{$_} } intents();
}

crm_fail();
is(scalar(@events), 6, 'six more writes are in doubt');
wait_for { crm_log() > 6 } 'a look', 20;
kill_process($pids[0]);
crm_delay();
wait_for { !intents() && settled() } 'the end', 40;

# one that died in mid-delivery leaves a webhook to come again, under its id
my %by_id = map { $_->{header}{'webhook-id'} => $_->{body} =~ /"n":"(\d+)"/ } hooks();

is(join(' ', sort values %by_id), join(' ', 1001 .. 1006),
   'with several workers, of which one dies, each write has one webhook');
is(join(' ', leases()), '', 'no record is busy');
is(stop_process($pids[1]), 0, 'the other stops when asked');
is(worker_stop(), 0, 'the first as well');
is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();
