# "Why was she refused?" is answered by the stream of traces: who, which record,
# which rule, why. The refusal itself does not depend on that, and whoever is
# refused again and again does not push out what is told of others.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs;

redis_start();
crm_start();
crm_rules(<<'EOT');
kind: record_locking
module: Leads
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: Stage, comparator: equal, value: Won }
restricted_actions: [update, delete]
---
kind: validation_rule
name: phone
module: Leads
run: always
criteria: { field: Phone, comparator: equal, value: none }
field: Phone
message: A lead has a phone.
---
kind: approval_process
name: big
module: Deals
execute_when: create_or_edit
rules:
  - criteria: { field: A, comparator: greater_than, value: 5 }
    approvers: [ { type: user, id: "7" } ]
---
kind: blueprint
name: path
module: Quotes
field: Stage
transitions:
  - { id: on, name: On, from: [New], to: Sent }
  - { id: up, name: Up, from: [Sent], to: Won }
---
kind: role
name: R
---
kind: profile
name: P
---
kind: user
id: "7"
name: Ann
role: R
profile: P
EOT

nginx_start(server => crm_server_config('crm_bulk partial;'));

sub put    { return http(PUT => "/crm/v8/$_[0]", body => "{\"data\":[$_[1]]}", headers => [ 'X-CRM-User' => '8' ]) }
sub post   { return http(POST => '/crm/v8/Leads', body => "{\"data\":[$_[0]]}") }
sub untold { return json_decode(http(GET => '/crm_status')->{body})->{untold} }

sub traces {
    my ($n) = @_;

    wait_for { redis('XLEN', key('trace')) >= $n } "$n traces", 10;

    return map { json_decode($_->[1][1]) } @{ redis('XRANGE', key('trace'), '-', '+') };
}

# --- what is told -----------------------------------------------------------------

crm_seed('Leads', $_, '{"Stage":"Won","x":0}') for 1 .. 60;
crm_seed('Leads', 77, '{"Stage":"Open","x":0}');

my $r = put('Leads/1', '{"x":1}');

is($r->{status}, 400, 'a locked record is refused');

my ($t) = traces(1);
my ($lock) = grep { $_->{gate} eq 'lock' } @{ $t->{gates} };

is($t->{event_id}, $r->{headers}{'crm-event'}, 'its trace has the event of the answer');
is("$t->{decision} $t->{op} $t->{module}/$t->{record_id} $t->{actor}{user}", 'refused update Leads/1 8', 'what, which and who');
is("$lock->{result} $lock->{rule_id}", 'refused closed', 'which rule');
like($lock->{detail}, qr/\w/, 'and why');
is_deeply($t->{changed}, [ { field => 'x', old => 0, new => 1 } ], 'what was to be written');
is($t->{backend_status}, undef, 'the backend was not asked');

my $told = crmctl('explain', $r->{headers}{'crm-event'}, '--org', crm_org(), '--redis', 'unix:' . redis_sock());

is($told->{rc}, 0, 'crmctl explain knows it') or diag $told->{err};
like($told->{out}, qr{^update Leads/1 by .*8.*\nrefused.*closed}m, 'and says who refused') or diag $told->{out};

$r = post('{"Phone":"none"}');
is($r->{status}, 400, 'what a validation rule does not want is refused');
$t = (traces(2))[-1];
is("$t->{decision} $t->{op} $t->{event_id}", "refused create $r->{headers}{'crm-event'}", 'a create is told, too');
is((grep { ($_->{rule_id} // '') eq 'phone' } @{ $t->{gates} })[0]{gate}, 'validation', 'and its rule');

crm_seed('Deals', 1, '{"A":1}');
put('Deals/1', '{"A":9}');
$r = put('Deals/1', '{"A":8}');
$t = (traces(4))[-1];
is($t->{event_id}, $r->{headers}{'crm-event'}, 'a record that waits for its approval');
is_deeply([ map { "$_->{gate} $_->{result}" } @{ $t->{gates} } ], ['lock pass', 'approval refused'], 'is refused by it');

crm_seed('Quotes', 1, '{"Stage":"New"}');
put('Quotes/1', '{"x":1}');
put('Quotes/1', '{"Stage":"Won"}');
$t = (traces(6))[-1];
is((grep { $_->{result} eq 'refused' } @{ $t->{gates} })[0]{gate}, 'blueprint', 'a way that a blueprint does not know');
redis('DEL', key('trace'));

$r = put('Leads', '{"id":"1","x":1},{"id":"77","x":1},{"id":"2","x":1}');
is(join(' ', map { $_->{code} } @{ json_decode($r->{body})->{data} }), 'RECORD_LOCKED SUCCESS RECORD_LOCKED', 'of many some are refused');
is(join(' ', sort map { "$_->{record_id}:$_->{decision}" } traces(3)), '1:refused 2:refused 77:allowed', 'each is told by itself');

my $long = 'x' x 100_000;
put('Leads/3', "{\"x\":\"$long\"}");
my $doc = redis('XREVRANGE', key('trace'), '+', '-', 'COUNT', 1)->[0][1][1] if traces(4);
cmp_ok(length $doc, '<', 4096, 'a long one is told in short');
is_deeply([ @{ json_decode($doc) }{qw(brief changed record_id)} ], [ JSON::PP::true, [], '3' ], 'without what was to be written');
is(untold(), 0, 'nothing was left out');

# --- no more than a hundred at once -----------------------------------------------

my $many = join ',', map { "{\"id\":\"$_\",\"x\":1}" } 1 .. 60;

is(put('Leads', $many)->{status}, 400, 'sixty are refused') for 1 .. 2;

# Seven were told before; time makes room for one in six seconds.
my $left = 120 - (100 - 7);

wait_for { untold() > 0 } 'those above are counted', 10;
cmp_ok(untold(), '<=', $left, 'and no others');
wait_for { redis('XLEN', key('trace')) == 4 + 120 - untold() } 'all others are told', 10;

my $at = redis('XLEN', key('trace')) + untold();

is(put('Leads/1', '{"x":1}')->{status}, 400, 'who is refused once more is refused') for 1 .. 5;
wait_for { redis('XLEN', key('trace')) + untold() == $at + 5 } 'and told or counted', 10;

# --- a Redis that does not take them ------------------------------------------------

nginx_stop();
nginx_start(server => crm_server_config(''));
is(post('{"Phone":"1"}')->{status}, 201, 'a new process has room again');

redis('CONFIG', 'SET', 'maxmemory', 1);
is(post('{"Phone":"none"}')->{status}, 400, 'a full Redis changes no refusal');
wait_for { untold() == 1 } 'it is counted', 10;
redis('CONFIG', 'SET', 'maxmemory', 0);

redis_kill();
is(post('{"Phone":"none"}')->{status}, 400, 'nor does a dead one');
wait_for { untold() == 2 } 'it is counted', 10;

is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();
