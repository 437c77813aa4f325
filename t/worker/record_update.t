# Field updates of mode async, owners and tags: what a rule asks for is written by
# the worker through the guarded location, as automation, once. It would fail by a
# write that a lock did not stop, that started rules which may not start, or that
# was made twice.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Chain;
use Test::CRM::Jobs qw(key dead);

redis_start();
crm_start();

crm_rules(<<'EOT');
kind: profile
name: Standard
---
kind: user
id: "101"
name: Ann
profile: Standard
---
kind: user
id: "102"
name: Ben
profile: Standard
---
kind: user
id: "103"
name: Cem
profile: Standard
status: inactive
---
kind: user
id: "104"
name: Dee
profile: Standard
---
kind: group
name: EMEA
members: ["101", "102", "103", "104"]
---
kind: workflow_rule
name: won
module: Deals
execute_when: { type: edit }
sequence: 1
conditions:
  - criteria: { field: Stage, comparator: equal, value: Won }
    instant_actions:
      - { type: field_updates, field: Rating, value: { merge: "${!Deals.Deal_Name} / ${!Deals.Amount}" }, mode: async }
      - { type: field_updates, field: Final_Amount, value: { field: Amount }, mode: async }
---
kind: workflow_rule
name: tell the account
module: Deals
execute_when: { type: edit }
sequence: 1
conditions:
  - criteria: { field: Stage, comparator: equal, value: Told }
    instant_actions: [ { type: field_updates, name: account-won } ]
---
kind: field_update
name: account-won
module: Deals
related: { field: Account_Name, module: Accounts }
field: Last_Won
value: { field: Amount }
---
kind: module
name: Accounts
fields: [ { api_name: Last_Won, data_type: currency } ]
---
kind: workflow_rule
name: new
module: Deals
execute_when: { type: create }
sequence: 2
conditions:
  - criteria: null
    instant_actions: [ { type: assign_owner, assign_to: [ { type: user, id: "103" }, { type: round_robin, group: EMEA } ] } ]
---
kind: workflow_rule
name: new too
module: Deals
execute_when: { type: create }
sequence: 3
conditions:
  - criteria: null
    instant_actions:
      - { type: assign_owner, assign_to: [ { type: user, id: "101" } ] }
      - { type: field_updates, field: Seen, value: true, mode: async }
---
kind: workflow_rule
name: by rule
module: Leads
execute_when: { type: create }
conditions:
  - criteria: null
    instant_actions: [ { type: assign_owner, assign_to: [ { type: assignment_rule, name: country } ] } ]
---
kind: assignment_rule
name: country
module: Leads
entries:
  - criteria: { field: Country, comparator: equal, value: DE }
    assign_to: { type: user, id: "102" }
  - criteria: { field: Country, comparator: equal, value: FR }
    assign_to: { type: round_robin, users: ["101", "104"] }
default_assignee: "104"
---
kind: workflow_rule
name: freeze
module: Deals
execute_when: { type: edit }
sequence: 4
conditions:
  - criteria: { field: Stage, comparator: equal, value: Closed }
    instant_actions: [ { type: field_updates, field: Note, value: closed, mode: async } ]
---
kind: workflow_rule
name: freeze and note
module: Deals
execute_when: { type: edit }
sequence: 5
ignore_lock: true
conditions:
  - criteria: { field: Stage, comparator: equal, value: Closed }
    instant_actions: [ { type: field_updates, field: Audit, value: seen, mode: async } ]
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
---
kind: workflow_rule
name: tag
module: Contacts
execute_when: { type: edit }
conditions:
  - criteria: { field: Level, comparator: equal, value: Gold }
    instant_actions:
      - { type: add_tags, tags: [gold, "say \"hi\""] }
      - { type: remove_tags, tags: [silver] }
---
kind: workflow_rule
name: tag the frozen
module: Contacts
execute_when: { type: edit }
conditions:
  - criteria: { field: Level, comparator: equal, value: Frozen }
    instant_actions: [ { type: add_tags, tags: [cold] } ]
---
kind: record_locking
module: Contacts
lock_type: automatic
locking_rules:
  - name: frozen
    lock_existing_records: true
    criteria: { field: Level, comparator: equal, value: Frozen }
locked_for: all_profiles
restricted_actions: [tags]
EOT

my $file = chain_key_file();

nginx_start(extra => "crm_chain_key_file $file;");

my $backend = guarded_url();
my @worker = ('--backend', $backend, '--chain-key-file', $file);

sub write_to { return http(@_[0, 1], body => "{\"data\":[$_[2]]}", headers => ['X-CRM-User', '101']) }
sub records { return redis('LLEN', key('queue:records')) }
sub stored { return json_decode(crm_record(@_)) }

sub created {
    my ($module, $json) = @_;

    return json_decode(write_to(POST => "/crm/v8/$module", $json)->{body})->{data}[0]{details}{id};
}

# Drains all that is queued, and what waits for a busy record.
sub drain {
    my $r;

    wait_for {
        $r = worker_once(@worker);
        $r->{rc} || records() + redis('ZCARD', key('delayed')) == 0;
    } 'the jobs have their end', 20;

    is($r->{rc}, 0, 'the worker drains') or diag $r->{err};

    return $r;
}

# --- values ---------------------------------------------------------------------

crm_seed('Deals', '1', '{"Deal_Name":"Big \"one\"","Amount":19.990,"Stage":"Open"}');
is(write_to(PUT => '/crm/v8/Deals/1', '{"Stage":"Won"}')->{status}, 200, 'a deal is won');
is(records(), 2, 'two updates are queued');

my ($job) = map { json_decode($_) } @{ redis('LRANGE', key('queue:records'), 0, 0) };

is_deeply($job->{action}, { fields => { Rating => 'Big "one" / 19.990' } }, 'their values merged');
is($job->{type}, 'field_updates', '... under the type of the rule language');

crm_clear_log();
drain();
like(crm_record('Deals', '1'), qr{"Rating":"Big \\"one\\" \\?/ 19.990"}, 'a merged text is written');
like(crm_record('Deals', '1'), qr/"Final_Amount":19\.990\b/, 'a number stays one, digit for digit');

my ($write) = crm_writes();

is($write->{method}, 'PUT', 'it is one field of one record');
is($write->{header}{'idempotency-key'}, $job->{id}, 'under the id of its job');
is_deeply(json_decode($write->{body})->{trigger}, [], 'the CRM is to start no workflow either');

is_deeply([ dead() ], [], 'nothing is dead');

crm_seed('Accounts', '5', '{"Last_Won":0}');
crm_seed('Deals', '1', '{"Account_Name":{"id":"5","name":"Acme"},"Amount":7.50,"Stage":"Open"}');
write_to(PUT => '/crm/v8/Deals/1', '{"Stage":"Told"}');
drain();
like(crm_record('Accounts', '5'), qr/"Last_Won":7\.50\b/, 'a related record is written');

crm_seed('Deals', '1', '{"Account_Name":null,"Amount":8,"Stage":"Open"}');
write_to(PUT => '/crm/v8/Deals/1', '{"Stage":"Told"}');
is(records(), 0, 'where there is none, nothing is');
is(json_decode(redis('XREVRANGE', key('trace'), '+', '-', 'COUNT', 1)->[0][1][1])
   ->{rules}[0]{actions}[0]{state}, 'skipped(no_related_record)', 'and the trace says so');

# --- owners ---------------------------------------------------------------------

redis('DEL', key('trace'));

my @ids = map { created('Deals', "{\"Deal_Name\":\"d$_\",\"Stage\":\"Open\"}") } 1 .. 4;

is(records(), 8, 'an owner and an update each: of two rules the first alone assigns');
my $trace = json_decode(redis('XREVRANGE', key('trace'), '+', '-', 'COUNT', 1)->[0][1][1]);
is_deeply([ map { $_->{state} } map { @{ $_->{actions} } } @{ $trace->{rules} } ],
          [ 'queued', 'skipped(owner_assigned)', 'queued' ], 'which the trace tells');
drain();
is_deeply([ map { stored('Deals', $_)->{Owner}{id} } @ids ], [qw(101 102 104 101)],
          'the active members of the group take turns');
ok(stored('Deals', $ids[0])->{Seen}, 'the other actions of the other rule run');

my @leads = map { created('Leads', "{\"Country\":\"$_\"}") } qw(DE FR FR US);

drain();
is_deeply([ map { stored('Leads', $_)->{Owner}{id} } @leads ], [qw(102 101 104 104)],
          'an assignment rule is asked entry by entry, then its default');

# --- locks ----------------------------------------------------------------------

crm_seed('Deals', '2', '{"Stage":"Open"}');
is(write_to(PUT => '/crm/v8/Deals/2', '{"Stage":"Closed"}')->{status}, 200, 'a deal is closed');
drain();
is(stored('Deals', '2')->{Note}, undef, 'the lock refuses automation');
is(stored('Deals', '2')->{Audit}, 'seen', 'unless the rule says ignore_lock');
is(scalar(dead()), 1, "what was refused is dead") or diag map { "$_->{reason}\n" } dead();
like((dead())[0]{reason}, qr/^status_400: RECORD_LOCKED/, 'with the reason');

# --- tags -----------------------------------------------------------------------

redis('DEL', key('dead'));
crm_seed('Contacts', '1', '{"Level":"New","Tag":[{"name":"silver"},{"name":"old"}]}');
is(write_to(PUT => '/crm/v8/Contacts/1', '{"Level":"Gold"}')->{status}, 200, 'a contact is gold');
drain();
is_deeply([ sort map { $_->{name} } @{ stored('Contacts', '1')->{Tag} } ],
          [ 'gold', 'old', 'say "hi"' ], 'tags are added and removed, others stay');
is_deeply([ dead() ], [], 'nothing is dead');

crm_seed('Contacts', '2', '{"Level":"New"}');
write_to(PUT => '/crm/v8/Contacts/2', '{"Level":"Frozen"}');
drain();
is(stored('Contacts', '2')->{Tag}, undef, 'a lock that restricts tags refuses automation');
like((dead())[0]{reason}, qr/^status_400: RECORD_LOCKED/, 'with the reason');

# --- foreign jobs ----------------------------------------------------------------

sub foreign {
    my ($action, %o) = @_;

    redis('RPUSH', key('queue:records'),
          json_encode({ v => 1, type => 'field_updates', org => crm_org(), module => 'Deals',
                        record_id => '3', action => $action, %o,
                        chain => { id => 'x', depth => 0, fired => [], cascade => JSON::PP::true,
                                   ignore_lock => JSON::PP::true } }));
}

redis('DEL', key('dead'));
crm_seed('Deals', '3', '{"Stage":"Open"}');
crm_clear_log();
foreign({ fields => { Rating => 'x' } });
drain();
like((dead())[0]{reason}, qr/^foreign_record: .*--accept-foreign records/, 'a foreign job writes nothing');
is(scalar(crm_writes()), 0, '... and the CRM sees nothing');

push @worker, '--accept-foreign', 'records';
foreign({ fields => { Rating => 'y' } });
drain();
is(stored('Deals', '3')->{Rating}, 'y', 'unless it may');
crm_seed('Deals', '3', '{"Stage":"Closed"}');
foreign({ fields => { Rating => 'z' } });
drain();
is(stored('Deals', '3')->{Rating}, undef, '... and never past a lock, whatever it says');

# --- jobs that make no sense -----------------------------------------------------

redis('DEL', key('dead'));
foreign({ fields => {} });
foreign({ fields => [] });
foreign({ fields => { a => 1 } }, record_id => '../1');
foreign({ fields => { a => 1 } }, module => 'a/b');
foreign({ module => 'Tasks' }, type => 'tasks');
foreign({ tags => [] }, type => 'add_tags');
foreign({ tags => ['a', 1] }, type => 'add_tags');
foreign({ owner => '' }, type => 'assign_owner');
foreign({ owner => undef, turn => { of => 'x', users => [] } }, type => 'assign_owner');
foreign({ owner => undef, turn => { of => 'x', users => [1] } }, type => 'assign_owner');
crm_clear_log();
drain();
is_deeply([ grep { !/^malformed_job: / } map { $_->{reason} } dead() ], [], 'each is dead as malformed');
is(scalar(dead()), 10, 'all of them');
is(scalar(crm_log()), 0, 'the CRM sees none');

is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();
