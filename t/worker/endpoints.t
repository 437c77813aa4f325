# An endpoint that is down is left alone for a while, one that says it is gone
# is not called again; people see both and can say otherwise. Were it broken, a
# dead server would be called all day, or a living one never again.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs;

redis_start();
receiver_start();

my $url = receiver_url('/hook');


sub endpoints {
    return json_decode(crmctl('endpoints', 'ls', '-o', 'json')->{out});
}

sub once { return worker_once('--retry-schedule', '1h', @_) }


# --- nothing is known of those that are well

push_job(url => $url);
once();
is_deeply(endpoints(), { failing => 0, open => 0, disabled => 0,
                         endpoints => [] }, 'an endpoint that is well is not listed');
is(scalar @{ redis('KEYS', key('health*')) }, 0, 'nor is anything kept of it');

# --- the breaker

hooks_answer(status => 500, times => 10);
push_job(url => $url) for 1 .. 10;
my $r = once();

is(scalar hooks(), 11, 'ten deliveries fail');
like($r->{err}, qr/\[warn\].*endpoint breaker_open.*webhook:"hook".*event:"01JD.*attempt:1 reason:"status_500"/,
     'the log says that the endpoint is left alone');

my $id = push_job(url => $url);
my $other = push_job(url => 'http://other.localhost:' . receiver_port() . '/');
once();
is(scalar hooks(), 12, 'another endpoint is called');
ok(job_gone($other), 'and well');
is(job_hash($id)->{attempts} || 0, 0, 'the job of the first one waits, unattempted');

my $list = endpoints();
my ($open) = grep { $_->{state} eq 'open' } @{ $list->{endpoints} };

is($list->{open}, 1, 'crmctl endpoints shows it');
is($open->{url}, 'http://127.0.0.1:' . receiver_port(), 'by scheme, host and port');
is($list->{failing}, 1, 'and the webhook that fails');
like(crmctl('status')->{out}, qr/webhooks failing 1, disabled 0; endpoints left alone 1/,
     'so does status');
like(crmctl('doctor')->{out}, qr/endpoints +\S+ endpoint \S+ is left alone/,
     'and doctor');

hooks_answer(status => 200);
redis('HSET', key("health:$open->{id}"), 'open_until', 1);
once();
ok(job_gone($id), 'when its time has come a job shows how it does');
is(endpoints()->{open}, 0, 'and closes the breaker');
redis('FLUSHALL');
hooks_reset();

# --- what an endpoint refuses is an answer

hooks_answer(status => 404);
push_job(url => $url) for 1 .. 15;
once();
is(scalar hooks(), 15, 'an endpoint that refuses is not left alone');
is(endpoints()->{open}, 0, 'its breaker is shut');
redis('FLUSHALL');
hooks_reset();

# --- 410

hooks_answer(status => 410, times => 1);
my ($gone, $next) = (push_job(url => $url, name => 'erp'),
                     push_job(url => $url, name => 'erp'));
$r = once('--concurrency', 1);

is(dead_reason($gone), 'status_410', 'a 410 ends a job');
is(dead_reason($next), 'endpoint_disabled: it answered 410',
   'and those behind it');
is(scalar hooks(), 1, 'which are not sent');
like($r->{err}, qr/\[error\].*endpoint disabled.*webhook:"erp"/, 'the log says so');

push_job(url => $url, name => 'another');
once();
is(scalar hooks(), 2, 'another webhook of that endpoint is');

my ($disabled) = @{ endpoints()->{endpoints} };

is_deeply([ @$disabled{qw(webhook state why error)} ],
          [ 'erp', 'disabled', 'gone', 'status_410' ], 'crmctl shows it');

$r = crmctl('doctor', '-o', 'json');
my ($check) = grep { $_->{check} eq 'endpoints' }
    @{ json_decode($r->{out})->{checks} };
is($check->{level}, 'warn', 'doctor warns');
like($check->{message}, qr/erp .* is disabled: status_410/, 'of which');
like($check->{advice}, qr/crmctl endpoints enable/, 'and what to do');

$r = crmctl('endpoints', 'enable', $disabled->{id});
is($r->{rc}, 0, 'crmctl enables it');
push_job(url => $url, name => 'erp');
once();
is(scalar hooks(), 3, 'and it is called again');

# --- days of failure

hooks_reset();
redis('FLUSHALL');
hooks_answer(status => 503);
push_job(url => $url);
once();

my ($failing) = @{ endpoints()->{endpoints} };
is($failing->{state}, 'failing', 'a failure is noted');

sub failing_for {
    my ($hours) = @_;

    redis('HSET', key("health:$failing->{id}"), 'since',
          (time - $hours * 3600) * 1000);
    redis('HDEL', key("health:$failing->{id}"), 'told_at');
    push_job(url => $url);

    return once()->{err};
}

like(failing_for(61), qr/endpoint failing_50/, 'half of five days are told');
like(failing_for(110), qr/endpoint failing_90/, 'and nine tenths');
like(failing_for(121), qr/endpoint disabled/, 'after five days it is disabled');
$id = push_job(url => $url);
once();
like(dead_reason($id), qr/^endpoint_disabled: it has failed for five days/,
     'and not called again');

# --- wrong use

for my $args ([], ['ls', 'x'], ['enable'], ['disable', 'x']) {
    is(crmctl('endpoints', @$args)->{rc}, 64, "endpoints @$args: 64");
}

$r = crmctl('endpoints', 'enable', 'nothing');
is($r->{rc}, 1, 'what is not listed cannot be enabled');
like($r->{err}, qr/no endpoint or webhook "nothing"/, 'which is said');

# --- a job in another queue than its own

redis('RPUSH', key('queue:webhooks'),
      job_json(id => 'mail', type => 'email_notifications', url => $url));
once();
like(dead_reason('mail'), qr/^unsupported_type/, 'a type of another queue is dead');

done_testing();
