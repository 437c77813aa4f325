# Creates whose outcome nobody told, of records that an assignment rule gave away:
# recovery tells who was assigned, by which rule and entry, and why not the one it
# was meant for, as nginx would have. Were it broken, nobody could say why a
# record has its owner, once a process had died.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Recovery;

redis_start();
crm_start();

crm_rules(<<'EOT');
kind: profile
name: P
---
kind: user
id: "11"
profile: P
---
kind: user
id: "12"
profile: P
---
kind: user
id: "13"
profile: P
---
kind: user
id: "14"
profile: P
status: inactive
---
kind: assignment_rule
name: By country
id: lar-1
module: Leads
run: always
entries:
  - criteria: { field: Country, comparator: equal, value: DE }
    assign_to: { type: round_robin, users: ["11", "12"] }
    task: call
  - criteria: { field: Country, comparator: equal, value: FR }
    assign_to: { type: user, id: "14" }
  - criteria: { field: Country, comparator: equal, value: IT }
    assign_to: { type: user, id: "12" }
default_assignee: "13"
---
kind: task
name: call
module: Leads
subject: "Call ${!Leads.Last_Name}"
---
kind: workflow_rule
name: Key accounts
module: Leads
execute_when: { type: create }
conditions:
  - criteria: { field: Key, comparator: equal, value: true }
    instant_actions: [ { type: assign_owner, assign_to: [ { type: user, id: "11" } ] }, { type: field_updates, field: Rank, value: "A" } ]
EOT

nginx_start(extra => 'crm_backend_max_time 2s; proxy_read_timeout 2s;');
nginx_ready();
worker_start('--backend', backend_url());

my @cases = (
    [ 'somebody whose turn it is' => '"Country":"DE"', { rule_id => 'lar-1', entry => 1 } ],
    [ 'a user' => '"Country":"IT"', { rule_id => 'lar-1', entry => 3, owner => '12' } ],
    [ 'the default assignee, since a user is inactive' => '"Country":"FR"', { rule_id => 'lar-1', entry => 2, owner => '13', reason => 'user_inactive' } ],
    [ 'the default assignee, since no entry matches' => '"Country":"ES"', { rule_id => 'lar-1', entry => undef, owner => '13', reason => 'no_entry_matches' } ],
    [ 'whom the client names' => '"Country":"DE","Owner":{"id":"11"}', { rule_id => 'lar-1', entry => undef, owner => undef, reason => 'owner_given' } ],
    [ 'another, whom a workflow rule names' => '"Country":"IT","Key":true', { rule_id => 'lar-1', entry => 3, owner => '12' } ],
);

my $n = 0;

for my $case (@cases) {
    my ($name, $fields, $assigned) = @$case;
    my $told = trace_of(created($fields));
    my $found = trace_of(lost($fields));

    if ($assigned->{entry} && $assigned->{entry} == 1) {
        is(join(' ', sort map { $_->{assignment}{owner} } $told, $found), '11 12', "$name: each has his turn");
        $_->{assignment}{owner} = $assigned->{owner} = 'whose turn it is' for $told, $found;

        for (map { $_->{changed}[0] } $told, $found) { $_->{new} = 'whose turn it is' }
    }

    is_deeply($told->{assignment}, $assigned, "$name: the trace of nginx");
    is_deeply($found, $told, "$name: recovery tells the same");
}

# --- a process that dies

my %before = map { $_ => 1 } intents();

crm_fail(fault => 'silent', method => 'POST', commit => 1);

my $writes = () = crm_writes();
my $s = begin_write(POST => 'Leads', '{"data":[{"Last_Name":"K","Country":"IT"}]}');

wait_for { crm_writes() > $writes } 'the CRM';
my ($event) = grep { !$before{$_} } intents();
nginx_kill();
crm_fail();
ok(eval { wait_for { !intents() } 'recovery', 20 }, 'a write whose process was killed is settled') or diag($@);
is_deeply(trace_of($event)->{assignment}, { rule_id => 'lar-1', entry => 3, owner => '12' }, 'and its trace tells who was assigned');

# --- an intent of before

{
    my $doc = sub {
        my ($event, $more) = @_;

        return qq({"v":1,"event":"$event","org":"acme","at":) . time . '000,"revision":' . redis('GET', 'crm:{acme}:revision')
            . ',"dialect":"zoho","operation":"create","module":"Leads","record_id":null,"actor":{"id":""},"workflow":true,'
            . qq("request":{"Last_Name":"Old","Country":"IT"},"changes":{"Owner":{"id":"12"}},"before":null,"rules":[]$more});
    };
    my $put = sub { http(POST => '/crm/v8/Leads', port => crm_port(), headers => [ "CRM-Event" => $_[0] ],
                         body => '{"data":[{"Last_Name":"Old","Country":"IT","Owner":{"id":"12"}}]}') };
    my $event = '01JBAD00000000000000000001';

    $put->($event);
    plant(operation => 'create', module => 'Leads', event => $event, doc => $doc->($event, ''));
    ok(eval { wait_for { settled_as($event) eq 'committed' } 'recovery', 20 }, 'an intent that does not say who was assigned') or diag($@);
    is(trace_of($event)->{assignment}, undef, 'is settled without');
}

is(worker_stop(), 0, 'the worker stops when asked');
is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();


sub body { return sprintf '{"data":[{"Last_Name":"L%d",%s}]}', ++$n, $_[0] }

sub created {
    my $r = http(POST => '/crm/v8/Leads', body => body($_[0]));

    is($r->{status}, 201, 'created') or diag $r->{body};

    return $r->{headers}{'crm-event'} // ($r->{raw} // '') =~ /^CRM-Event: (\w+)/mi && $1;
}

# The CRM has done it, and does not say so.
sub lost {
    my %before = map { $_ => 1 } intents();

    crm_fail(fault => 'reset', commit => 1, method => 'POST', times => 1);
    is(http(POST => '/crm/v8/Leads', body => body($_[0]), timeout => 20)->{status}, 502, 'nobody knows');

    my ($event) = grep { !$before{$_} } intents();

    ok(eval { wait_for { !intents() } 'recovery', 20 }, 'it is settled') or diag($@);

    return $event;
}

# Without what differs from write to write.
sub trace_of {
    my ($event) = @_;
    my ($trace) = grep { $_->{event_id} eq $event } map { json_decode($_->[1][1]) } @{ redis('XRANGE', 'crm:{acme}:trace', '-', '+') };

    delete @{$trace}{qw(event_id ts record_id duration_us backend_status source)} if $trace;
    delete $trace->{chain}{root};

    for my $action (map { @{ $_->{actions} } } @{ $trace->{rules} || [] }, @{ $trace->{processes} || [] }) {
        delete $action->{idem_key};
    }

    return $trace;
}
