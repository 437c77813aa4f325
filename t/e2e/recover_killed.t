# A process of nginx dies, with kill -9, at each step of a write behind its
# intent. crm-worker finds out what became of it: what the CRM has done is
# delivered once, under the id that nginx would have given it, what it has not
# done is forgotten. No record stays busy. Were it broken, webhooks of writes
# that the CRM has would be lost with nginx.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs qw(settled);
use Test::CRM::Recovery;

redis_start(appendfsync => 'always');
crm_start();
receiver_start();

crm_rules(join "---\n", map { rule(@$_) } [POST => 'create'], [PUT => 'edit'], [DELETE => 'delete']);

sub rule {
    my ($method, $when) = @_;

    my $update = $method eq 'DELETE' ? ''
               : "\n      - { type: field_updates, field: Checked, value: \"yes\" }";

    return <<"EOT";
kind: workflow_rule
name: on-$method
module: Deals
execute_when: { type: $when }
conditions:
  - criteria: null
    instant_actions:$update
      - { type: webhooks, name: tell-$method }
---
kind: webhook
name: tell-$method
module: Deals
url: \$HOOK/$method
http_method: POST
body: { type: raw, format: JSON, content: '{"n":"\${!Deals.N}","checked":"\${!Deals.Checked}"}' }
EOT
}

nginx_start(http => crm_http_config('timeout=20s'),
            extra => 'crm_backend_max_time 2s; proxy_read_timeout 2s; crm_commit_wait 300ms;');
nginx_ready();


my ($serial, $writes) = (0, 0);
my (@expected, @names, %is);

# What a write must come to: its webhook, or nothing.

sub expect {
    my ($step, $method, $n, $event, $id, $done) = @_;

    push @names, $event;
    $is{$event} = "$step, $method" . ($done ? ', done' : ', not done');

    return unless $done;

    push @expected, { id => $id, event => $event, n => $n, method => $method };
}


# One write of each kind, on a record of its own; $step sees to it that nginx
# dies, and gives whether the CRM has done the write.

sub killed {
    my ($name, $step) = @_;

    for my $method (qw(POST PUT DELETE)) {
        my $n = ++$serial;
        my $id = 4150868000000700000 + $n;
        my %before = map { $_ => 1 } intents();

        crm_seed('Deals', $id, "{\"N\":$n,\"Stage\":\"Open\"}") if $method ne 'POST';

        my $path = $method eq 'POST' ? 'Deals' : "Deals/$id";
        my $body = $method eq 'DELETE' ? '' : "{\"data\":[{\"N\":$n,\"Stage\":\"Won\"}]}";
        my $event;
        my $state = sub {
            ($event) = grep { !$before{$_} } intents();
            return $event ? intent_state($event) : '';
        };
        my $done = $step->($method, $path, $body, $state);

        nginx_kill();
        crm_fail();

        $state->();
        ok($event && intent_state($event) eq 'prepared', "$name, $method: the intent stays");
        expect($name, $method, $n, $event, $method eq 'POST' ? undef : $id, $done);
    }
}


# Behind its intent, in front of the CRM: Redis takes the intent while nginx is
# frozen already.

killed('before the CRM is asked', sub {
    my ($method, $path, $body, $state) = @_;

    my $s;

    if ($method eq 'POST') {
        redis_pause();
        $s = begin_write($method, $path, $body);

    } else {
        crm_freeze();
        $s = begin_write($method, $path, $body);
        wait_for { $state->() eq 'begun' } 'begin';
        nginx_sees();
        redis_pause();
        crm_thaw();
    }

    nginx_sees();
    nginx_freeze();
    redis_resume();
    wait_for { $state->() eq 'prepared' } 'the intent';

    return 0;
});

is(scalar(crm_writes()), 0, 'the CRM saw none of them');


# While the CRM is waited for; it does the write, or it does not.

for my $commit (0, 1) {
    killed('while the CRM works', sub {
        my ($method, $path, $body) = @_;

        crm_fail(fault => 'silent', method => $method, $commit ? (commit => 1) : ());

        my $s = begin_write($method, $path, $body);

        $writes++;
        wait_for { crm_writes() == $writes } 'the CRM';

        return $commit;
    });
}


# The CRM has answered, and the answer lies at nginx' door.

killed('before the commit', sub {
    my ($method, $path, $body) = @_;

    crm_hold(method => $method);

    my $s = begin_write($method, $path, $body);

    $writes++;
    wait_for { crm_writes() == $writes } 'the CRM';
    nginx_freeze();
    crm_release();
    wait_for { unread_from(crm_port()) } 'its answer';

    return 1;
});


# The CRM has answered, and Redis is gone: the client was told "pending".

killed('while the commit is tried', sub {
    my ($method, $path, $body) = @_;

    crm_hold(method => $method);

    my $s = begin_write($method, $path, $body);

    $writes++;
    wait_for { crm_writes() == $writes } 'the CRM';
    redis_kill();
    crm_release();
    like(answer_of($s), qr/^HTTP\/1\.1 20[01] .*^CRM-Event-State: pending\r$/ms,
         "$method: the answer says pending");
    kill 'KILL', nginx()->worker_pids;
    redis_start();

    return 1;
});


# --- recovery

crm_delay();
is(scalar(hooks()), 0, 'nobody was told anything so far');
is(scalar(@names), 15, 'fifteen writes have no outcome');

$_->{id} ||= created($_->{event}) for @expected;

sub created {
    my ($event) = @_;

    my $r = http(GET => "/crm/v8/Deals?__event=$event", port => crm_port());

    return $r->{body} =~ /"id":"(\d+)"/ ? $1 : 'none';
}

worker_start('--backend', backend_url(), '--lease', '5s');
ok(eval { wait_for { !intents() && settled() } 'the end', 40 }, 'recovery settles all of them')
    or diag($@, map { "$is{$_}: " . (intent_reason($_) || '?') . "\n" } intents());

is(join("\n", map { "$is{$_}: " . intent_reason($_) } undetermined()), '', 'none is undetermined');
is(join(' ', leases()), '', 'no record is busy');

my %hook = map { $_->{header}{'webhook-id'} => $_ } hooks();

is(scalar(hooks()), scalar(@expected), 'as many webhooks as the CRM has done writes');

for my $e (@expected) {
    my $h = $hook{ job_id($e->{event}, "on-$e->{method}", 1, 1, $e->{method} eq 'DELETE' ? 1 : 2,
                          $e->{id}) };

    is($h && $h->{body}, $e->{method} eq 'DELETE' ? "{\"n\":\"$e->{n}\",\"checked\":\"\"}"
                                                  : "{\"n\":\"$e->{n}\",\"checked\":\"yes\"}",
       "$is{$e->{event}}: its webhook, under its id");
}

is(join(' ', map { settled_as($_) } @names), join(' ', map { $is{$_} =~ /not done/ ? 'aborted' : 'committed' } @names),
   'each event has its end');
is(scalar(crm_writes()), $writes, 'and nothing was written again');


# --- row 99 of the ways around a lock: killed between lease and CRM, then the same
# record by way of another process

crm_seed('Deals', 99, '{"N":99,"Stage":"Open"}');
crm_freeze();

my $client = begin_write(PUT => 'Deals/99', '{"data":[{"N":1}]}');
wait_for { leases() } 'its lease';
nginx_kill();
crm_thaw();

my @answers;

ok(eval { wait_for { push @answers, http(PUT => '/crm/v8/Deals/99', body => '{"data":[{"N":2}]}')->{status};
                     $answers[-1] != 409 } 'the record to be free', 20 }, 'row 99: no lease is for ever');
is_deeply([ grep { $_ != 409 } @answers ], [ 200 ], 'row 99: busy, until recovery has ended the first; then done');
is(join(' ', map { $_->{body} } (crm_writes())[$writes .. $writes]), '{"data":[{"N":2,"Checked":"yes"}]}', 'row 99: the CRM has seen the second alone');
is(scalar(crm_writes()), $writes + 1, 'row 99: once');
ok(eval { wait_for { !intents() && !leases() } 'the end' }, 'row 99: nothing is left of both');

is(worker_stop(), 0, 'the worker stops when asked');
is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();
