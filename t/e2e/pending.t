# What the backend has done while Redis stalls or is away outlives its request, and a
# reload and a quit: the client is told that it is pending, and its job is there
# when Redis goes on. Fails when a process that should end takes an outcome along
# that nobody else knows, or when one stays for ever.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Rude;

redis_start();
crm_start();
rude_start();
crm_rules(<<'EOT');
kind: workflow_rule
name: told
module: Leads
execute_when: { type: create_or_edit }
conditions: [ { criteria: null, instant_actions: [ { type: webhooks, name: hook } ] } ]
---
kind: webhook
name: hook
module: Leads
url: http://127.0.0.1:9/
http_method: POST
EOT

my ($rude, $plain) = (rude_sock(), redis_sock());
my $http = crm_http_config() =~ s/\Q$plain\E/$rude/r;

nginx_start(workers => 2, http => $http, extra => "crm_commit_wait @{[at_most(200)]}ms;");

sub create { return http(POST => '/crm/v8/Leads', body => '{"data":[{"x":1}]}', timeout => 30) }
sub queued { return map { json_decode($_)->{event} } @{ redis('LRANGE', 'crm:{acme}:queue:webhooks', 0, -1) } }
sub logged { return nginx()->error_log =~ $_[0] }
sub intents { return redis('ZCARD', 'crm:{acme}:intents') }

# Nothing reaches Redis, now or later: what it is to hear must be told again.
sub away { rude({ on => '*', reply => '', mute => 1 }) }

# While a write is at the backend, do this.
sub meanwhile {
    my ($sub) = @_;

    crm_clear_log();
    crm_hold(method => 'POST', times => 1);

    my ($r, $did) = in_parallel(2, sub {
        my ($i) = @_;

        return create() if $i == 0;
        wait_for { crm_writes() } 'the write at the backend';
        $sub->();
        crm_release();
        return 'done';
    });

    die $did->{error} if ref $did;
    return $r;
}

sub is_pending {
    my ($r, $what) = @_;

    is($r->{status}, 201, "$what: the backend's own answer");
    is($r->{headers}{'crm-event-state'}, 'pending', "$what: pending");

    return $r->{headers}{'crm-event'};
}

sub is_queued {
    my ($event, $what) = @_;

    wait_for { grep { $_ eq $event } queued() } "the job, $what";
    is(scalar(grep { $_ eq $event } queued()), 1, "$what: its job is there, once");
    wait_for { intents() == 0 } 'calm';
}


# --- it outlives its request -----------------------------------------------------------

is(create()->{status}, 201, 'before');

my $event = is_pending(meanwhile(\&redis_pause), 'Redis stalls');

redis_resume();
is_queued($event, 'Redis goes on');


# --- and a reload ------------------------------------------------------------------------

my @old = nginx()->worker_pids;

$event = is_pending(meanwhile(\&away), 'Redis is away');
nginx_reload();
wait_for { grep { my $p = $_; !grep { $_ == $p } @old } nginx()->worker_pids } 'the new processes';
rude();
is_queued($event, 'reloaded');
wait_for { my %now = map { $_ => 1 } nginx()->worker_pids; !grep { $now{$_} } @old } 'the old processes';
pass('the old processes have ended');
is(create()->{status}, 201, 'the new ones serve');


# --- a reload with a write in flight --------------------------------------------------------

my $r = meanwhile(sub { nginx_reload() });

is($r->{status}, 201, 'reloaded while the backend works: done');
is($r->{headers}{'crm-event-state'}, undef, 'and committed');
is_queued($r->{headers}{'crm-event'}, 'reloaded while the backend works');


# --- and a quit -------------------------------------------------------------------------------

$event = is_pending(meanwhile(\&away), 'Redis is away');

my $quits = () = nginx()->error_log =~ /gracefully shutting down/g;

kill 'QUIT', nginx()->pid;
wait_for { $quits < @{[ nginx()->error_log =~ /gracefully shutting down/g ]} } 'the quit';
ok(nginx()->is_running, 'nginx stays for it');
rude();
is_queued($event, 'quit');
wait_for { !nginx()->is_running } 'the end of nginx', 20;
is(nginx_stop(), undef, 'nginx has ended well');


# --- but not for ever --------------------------------------------------------------------------

nginx_start(workers => 1, http => $http, extra => "crm_commit_wait 100ms; crm_backend_max_time 2s;
    proxy_connect_timeout 2s; proxy_send_timeout 2s; proxy_read_timeout 2s;");
is(create()->{status}, 201, 'crm_backend_max_time 2s is legal');

my $since = time;

$event = is_pending(meanwhile(\&away), 'Redis is away');
wait_for { time > $since + 3 } 'more than crm_backend_max_time';
rude();
is_queued($event, 'Redis was away for longer than crm_backend_max_time');

$event = is_pending(meanwhile(\&away), 'Redis is away');
kill 'QUIT', nginx()->pid;
wait_for { !nginx()->is_running } 'the end of nginx', 20;
ok(logged(qr/commit given up, the intent stays, event:\Q$event\E/), 'given up, and told');
is(nginx_stop(), undef, 'nginx has ended well');
rude();
is(redis('HGET', "crm:{acme}:intent:$event", 'state'), 'prepared', 'listed: recovery finds it');
is(intents(), 1, 'among the writes in doubt');

done_testing();
