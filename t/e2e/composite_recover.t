# Requests in one whose outcome nobody could tell: the intent holds the records of
# all modules, and recovery finds out of each what became of it. Fails when actions
# of a written record are lost, when one that was not written has any, or when a
# record of one module is taken for that of another. Bodies lie on disk here.

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

crm_rules(join "---\n", <<'EOT', map { <<"EOT" } qw(Deals Leads));
kind: record_locking
module: Deals
lock_type: automatic
restricted_actions: [update, delete]
locking_rules:
  - name: won
    lock_existing_records: true
    criteria: { field: Stage, comparator: equal, value: Won }
EOT
kind: workflow_rule
name: edited $_
module: $_
execute_when: { type: create_or_edit }
conditions:
  - criteria: null
    instant_actions: [ { type: webhooks, name: tell $_ } ]
---
kind: workflow_rule
name: gone $_
module: $_
execute_when: { type: delete }
conditions:
  - criteria: null
    instant_actions: [ { type: webhooks, name: tell $_ } ]
---
kind: webhook
name: tell $_
module: $_
url: \$HOOK/$_
http_method: POST
body: { type: raw, format: JSON, content: '{"n":"$_ \${!$_.N}"}' }
EOT

nginx_start(extra => 'crm_backend_max_time 1s; proxy_read_timeout 1s; crm_lease_wait 100ms;'
                     . ' client_body_in_file_only clean;',
            http => crm_http_config('timeout=3s'));

my @json = (headers => ['Content-Type' => 'application/json']);
my ($open, $won, $gone) = map { 4150868000000800000 + $_ } 1 .. 3;

sub seeds {
    crm_seed('Deals', $open, '{"N":"1","Stage":"Open"}');
    crm_seed('Deals', $won, '{"N":"2","Stage":"Won"}');
    crm_seed('Deals', $gone, '{"N":"3","Stage":"Open"}');
    crm_seed('Leads', $open, '{"N":"4","Stage":"Won"}');
}

sub inner { return qq({"method":"$_[0]","uri":"/crm/v8/$_[1]") . ($_[2] ? qq(,"body":{"data":[$_[2]]$_[3]}) : '') . '}' }

sub composite {
    seeds();
    hooks_reset();

    return http('POST', '/crm/v8/__composite_requests', @json, timeout => 20,
                body => '{"__composite_requests":[' . join(',', @_) . ']}');
}

sub all {
    my ($n) = @_;

    return (inner('PUT', "Deals/$open", qq({"N":"$n"}), ''), inner('POST', 'Leads', qq({"N":"$n"}), ',"trigger":[]'),
            inner('DELETE', "Deals/$gone"), inner('POST', 'Deals', qq({"N":"$n"}), ''),
            inner('PUT', "Leads/$open", qq({"N":"$n"}), ''));
}

worker_start('--backend', backend_url());

sub recovered {
    my ($what, $as, $count) = @_;

    my ($event) = intents();
    ok($event, "$what: the intent stays");
    due_now($event);
    ok(eval { wait_for { !intents() && !undetermined() } 'recovery', 60 }, "$what: is settled") or diag($@);
    is(settled_as($event), $as, "$what: as $as");
    wait_for { !leases() } 'the leases';
    wait_for { hooks() >= $count } 'the webhooks', 20 if $count;
}

sub bodies { join ', ', sort map { json_decode($_->{body})->{n} } hooks() }


# All of them, with a locked one and without.

crm_fail(fault => 'html', commit => 1, method => 'POST', times => 1);
my $r = composite(all('a'));
is($r->{status}, 200, 'what the backend said');
is($r->{headers}{'crm-event-state'}, 'pending', 'and that it is pending');

my ($event) = intents();
my $doc = json_decode(redis('HGET', key("intent:$event"), 'doc'));

is(join(', ', map { join ' ', $_->{operation}, $_->{module}, $_->{record_id} // '-' } @{ $doc->{records} }),
   "update Deals $open, create Leads -, delete Deals $gone, create Deals -, update Leads $open",
   'the intent names module and operation of each');
is(join(' ', map { exists $_->{workflow} ? $_->{workflow} ? 1 : 0 : '-' } @{ $doc->{records} }), '- 0 - - -',
   'and where trigger is its own');
recovered('done', 'committed', 4);
is(bodies(), 'Deals 3, Deals a, Deals a, Leads a', 'each has its actions, but where trigger says none');

for my $knows (1, 0) {
    crm_lookup($knows);
    crm_fail(fault => 'truncate', commit => 1, method => 'POST', times => 1);
    $r = composite((all("b$knows"))[1 .. 3], inner('PUT', "Deals/$won", '{"N":"9"}', ''));
    is($r->{status}, 502, 'a locked one, and no answer to the others');
    like($r->{body}, qr/^\{"code":"INTERNAL_ERROR"/, 'in the words of the dialect');
    recovered($knows ? 'by event' : 'by what they hold', 'committed', 2);
    is(bodies(), "Deals 3, Deals b$knows", 'those that were written');
    is(json_decode(crm_record('Deals', $won))->{N}, '2', 'and not the locked one');
}
crm_lookup(1);

crm_fail(fault => 'reset', method => 'POST', times => 1);
is(composite(all('c'))->{status}, 502, 'reset');
recovered('not done', 'aborted', 0);
is(scalar(hooks()), 0, 'nothing follows');

crm_fail(fault => 'reset', method => 'POST', times => 1);
composite(all('d'));
crm_seed('Leads', $open, '{"N":"d"}');
recovered('one of them', 'committed', 1);
is(bodies(), 'Leads d', 'the one that was written has its action: its namesake of another module has none');


# What keeps all of them back.

redis('SET', key("busy:Leads/$open"), 'somebody', 'PX', 60000);
crm_clear_log();
$r = composite(all('e'));
is($r->{status}, 409, 'one record is busy');
is(scalar(crm_log()), 0, 'nothing is read or forwarded');
is(redis('EXISTS', key("busy:Deals/$open")), 0, 'the others are free');
redis('DEL', key("busy:Leads/$open"));

crm_fail(fault => 'html', commit => 1, method => 'GET', times => 1);
$r = composite(all('f'));
is($r->{status}, 503, 'records of one module cannot be read');
is(scalar(crm_writes()), 0, 'nothing is forwarded');
wait_for { !leases() && !intents() } 'what was begun to be let go';

$r = composite(all('g'));
is($r->{status}, 200, 'and all is well again');
wait_for { hooks() >= 4 } 'the webhooks', 20;
is(bodies(), 'Deals 3, Deals g, Deals g, Leads g', 'with the same actions');
is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();
