# Writes of automation's own: nginx believes a CRM-Chain that was signed for this
# very request, once, and for a minute; judges it as the user automation; lets it
# start the rules that its chain allows. It would fail by a write that somebody
# else got through as automation's, or by a job that was written twice.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Chain;
use Test::CRM::Jobs qw(key);
use Time::HiRes ();

redis_start();
crm_start();

crm_rules(<<'EOT');
kind: workflow_rule
name: moved
module: Deals
execute_when: { type: edit }
conditions:
  - criteria: null
    instant_actions: [ { type: webhooks, name: tell } ]
cascade: true
---
kind: workflow_rule
name: moved too
module: Deals
execute_when: { type: edit }
conditions:
  - criteria: { field: Stage, comparator: equal, value: Won }
    instant_actions: [ { type: webhooks, name: tell } ]
---
kind: webhook
name: tell
module: Deals
url: http://127.0.0.1:1/
http_method: POST
---
kind: record_locking
module: Deals
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: Stage, comparator: equal, value: Closed }
locked_for: all_profiles
restricted_actions: [update, delete]
EOT

my $extra = 'crm_backend_max_time 3s; proxy_read_timeout 1s; crm_lease_wait 50ms;';

nginx_start(extra => $extra . 'crm_chain_key_file '
                     . chain_key_file('another key that came after, 32 bytes', chain_key()) . ';');

my $put = '/crm/v8/Deals/1';

sub jobs { return map { json_decode($_) } @{ redis('LRANGE', key('queue:webhooks'), 0, -1) } }

sub trace {
    my $last = redis('XREVRANGE', key('trace'), '+', '-', 'COUNT', 1);

    return json_decode($last->[0][1][1]);
}

sub fresh {
    my ($record) = @_;

    redis('DEL', key('queue:webhooks'));
    crm_seed('Deals', '1', $record || '{"Stage":"Open","Amount":1}');
    crm_clear_log();
}

sub refused_403 {
    my ($r, $why, $name) = @_;

    is($r->{status}, 403, "$name is refused");
    like($r->{body}, qr/"NO_PERMISSION"/, '... in the dialect\'s words');
    like($r->{body}, $why, '... and says why');
    is(scalar(crm_writes()), 0, '... and the backend sees nothing');
}

# --- believed -------------------------------------------------------------------

fresh();

my $body = '{"data":[{"Amount":2}]}';
my $header = chain_header(method => 'PUT', target => $put, body => $body, job => 'once');
my @signed = ('CRM-Chain', $header, 'X-CRM-User', '4711');
my $r = http(PUT => $put, body => $body, headers => \@signed);

is($r->{status}, 200, 'a signed write passes');
is(scalar(jobs()), 0, 'and starts no rule');

my ($seen) = crm_writes();

is_deeply([ grep { /^crm[-_]chain/i } keys %{ $seen->{header} } ], [],
          'the backend does not see the header');
is(trace()->{actor}{user}, 'automation', 'it is automation that acts, whatever user is named');
is_deeply(trace()->{chain}, { root => '01JD0000000000000000000000', depth => 1,
                              parents => ['elsewhere'] }, 'the trace holds the chain');

# --- not believed ---------------------------------------------------------------

fresh();
refused_403(http(PUT => $put, body => $body, headers => \@signed), qr/used already/,
            'the same header again');
refused_403(chain_write(PUT => $put, $body, job => 'once', expires => time() * 1000 + 5000),
            qr/used already/, 'an older attempt of the same job');
refused_403(chain_write(PUT => $put, $body, key => 'x' x 40), qr/not signed by a key/,
            'one that another key has signed');
refused_403(chain_write(PUT => $put, $body, expires => time() * 1000 - 1), qr/has expired/,
            'one that has expired');
refused_403(chain_write(PUT => $put, $body, expires => time() * 1000 + 3_600_000),
            qr/clocks/, 'one that holds for an hour');
refused_403(chain_write(PUT => $put, $body, org => 'other'), qr/another request/,
            'one of another organisation');

for (['method', 'POST'], ['target', '/crm/v8/Deals/2'], ['body', '{"data":[{"Amount":3}]}']) {
    my ($what, $value) = @$_;
    my $other = chain_header(method => 'PUT', target => $put, body => $body, $what => $value);

    refused_403(http(PUT => $put, body => $body, headers => ['CRM-Chain', $other]),
                qr/another request/, "one that was signed for another $what");
}

my @two = map { ('CRM-Chain', chain_header(method => 'PUT', target => $put, body => $body)) } 1, 2;

refused_403(http(PUT => $put, body => $body, headers => \@two), qr/not one of ours/, 'a pair of them');
refused_403(http(PUT => $put, body => $body, headers => ['CRM-Chain', '']), qr/not one of ours/,
            'an empty one');
refused_403(http(PUT => $put, body => $body, headers => ['CRM-Chain', 'v1.' . 'A' x 500]),
            qr/not one of ours/, 'one of rubbish');
is(http(GET => $put, headers => ['CRM-Chain', 'x'])->{status}, 200, 'reads do not need it');

# --- rules of a chain ------------------------------------------------------------

fresh();
is(chain_write(PUT => $put, '{"data":[{"Stage":"Won"}]}', cascade => 1, fired => ['moved'],
               depth => 2)->{status}, 200, 'a write that may start rules');
is_deeply([ map { $_->{rule} } jobs() ], ['moved too'],
          'starts those that are not in its chain');

my ($job) = jobs();

is_deeply($job->{chain}, { id => '01JD0000000000000000000000', depth => 2,
                           fired => ['moved', 'moved too'], cascade => JSON::PP::false,
                           ignore_lock => JSON::PP::false }, 'whose jobs carry the chain on');
is_deeply([ map { [ @{$_}{qw(name reason)} ] } grep { $_->{reason} } @{ trace()->{rules} } ],
          [ [ 'moved', 'loop_stopped' ] ], 'the trace names the one that the chain stopped');

fresh();
is(chain_write(PUT => $put, '{"data":[{"Stage":"Won"}]}', cascade => 1, depth => 5)->{status},
   200, 'the fifth write of a chain passes');
is(scalar(jobs()), 0, 'and starts no rule any more');
is_deeply([ sort map { $_->{name} } grep { $_->{reason} eq 'loop_stopped' } @{ trace()->{rules} } ],
          [ 'moved', 'moved too' ], 'as the trace says');

# --- locks ----------------------------------------------------------------------

fresh('{"Stage":"Closed","Amount":1}');
$r = chain_write(PUT => $put, $body);
is($r->{status}, 400, 'a lock refuses automation');
like($r->{body}, qr/RECORD_LOCKED/, '... as anybody');
is(scalar(crm_writes()), 0, '... and the backend sees nothing');
is(chain_write(PUT => $put, $body, ignore_lock => 1)->{status}, 200,
   'unless the rule says ignore_lock');
ok(trace()->{chain}{ignore_lock}, '... which the trace holds');

# --- a job is written once -------------------------------------------------------

my $task = '{"data":[{"Subject":"Call"}]}';

sub attempt { return chain_write(POST => '/crm/v8/Tasks', $task, @_) }
sub at { return (expires => int(Time::HiRes::time() * 1000) + $_[0]) }

crm_clear_log();
is(attempt(job => 'task', at(10_000))->{status}, 201, 'a record of a module without rules');
$r = attempt(job => 'task', attempt => 2, at(20_000));
is($r->{status}, 409, 'the next attempt of the same job');
is($r->{headers}{'crm-event-state'}, 'committed', '... learns that it has been done');
is(scalar(crm_writes()), 1, '... and does not do it again');

crm_clear_log();
crm_fail(fault => 'reset', method => 'POST', times => 1, commit => 1);
is(attempt(job => 'lost', at(10_000))->{status}, 502, 'an attempt whose answer is lost');
$r = attempt(job => 'lost', attempt => 2, at(20_000));
is($r->{status}, 409, 'the next one has to wait');
is($r->{headers}{'crm-event-state'}, undef, '... for nobody knows yet');

worker_start('--backend', guarded_url());
wait_for { redis('ZCARD', key('intents')) == 0 } 'the write is settled', 30;
$r = attempt(job => 'lost', attempt => 3, at(30_000));
is($r->{headers}{'crm-event-state'}, 'committed', 'once recovery has found the record, it knows');
is(scalar(crm_writes()), 1, 'and it was written once');
is(worker_stop(), 0, 'the worker stops');

crm_fail(fault => 'status', status => 400, method => 'POST', times => 1);
is(attempt(job => 'again', at(10_000))->{status}, 400, 'an attempt that the backend refuses');
is(attempt(job => 'again', attempt => 2, at(20_000))->{status}, 201, 'may be made again');

# --- without Redis ---------------------------------------------------------------

fresh();
redis_stop();
is(chain_write(PUT => $put, $body)->{status}, 503, 'without Redis nothing is let through');
is(scalar(crm_writes()), 0, '... and the backend sees nothing');
redis_start();

is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();
