# What automation writes to a backend that is not the vendor's: its own routes,
# its own names for owner and task, through the guarded location. It would fail
# by a write in the vendor's shape, or by a guard that is passed by.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Chain;
use Test::CRM::Jobs qw(key dead);
use Test::CRM::Player;
use Test::CRM::Process;

redis_start();

my $rules = <<'EOT';
kind: profile
name: Standard
---
kind: user
id: "u1"
name: Ann
profile: Standard
---
kind: workflow_rule
name: won
module: Lead
execute_when: { type: edit }
conditions:
  - criteria: { field: status, comparator: equal, value: Won }
    instant_actions:
      - { type: field_updates, field: note, value: done, mode: async }
      - { type: assign_owner, assign_to: [ { type: user, id: u1 } ] }
      - { type: tasks, name: call }
      - { type: create_record, module: Account, fields: { name: { merge: "${!Lead.name}" } } }
      - { type: add_tags, tags: [gold] }
---
kind: task
name: call
module: Lead
subject: Call ${!Lead.name}
due: { unit: 1, period: days }
assign_to: { type: record_owner }
---
kind: backend
url: http://127.0.0.1:9
dialect: espocrm
headers: { X-Api-Key: "env:CRM_KEY" }
---
kind: record_locking
module: Lead
lock_type: automatic
locking_rules:
  - name: frozen
    lock_existing_records: true
    criteria: { field: status, comparator: equal, value: Frozen }
restricted_actions: [update, delete]
---
kind: workflow_rule
name: frozen
module: Lead
execute_when: { type: edit }
conditions:
  - criteria: { field: status, comparator: equal, value: Frozen }
    instant_actions: [ { type: field_updates, field: note, value: late, mode: async } ]
EOT

my $key = chain_key_file();
my @espo = ('Content-Type' => 'application/json', 'X-Api-Key' => 'k');

crm_rules($rules);
play('espocrm', location => '/api/v1/', extra => "crm_chain_key_file $key;");

play_seed('Lead', 'a1', { id => 'a1', name => 'Lee', status => 'New', assignedUserId => 'u2' });
is(http(PUT => '/api/v1/Lead/a1', headers => \@espo, body => '{"status":"Won"}')->{status}, 200,
   'a lead is won');
is(redis('LLEN', key('queue:records')), 5, 'five writes follow');

my $before = () = play_writes();
my $r = worker_once({ CRM_KEY => 'k' }, '--secret-env', 'CRM_KEY', '--chain-key-file', $key,
                    '--backend', 'http://127.0.0.1:' . nginx_port() . '/api/v1');

is($r->{rc}, 0, 'the worker drains') or diag($r->{err});

my @w = play_writes();
my %by = map { my $w = $_; ("$w->{method} $w->{target}" . ($w->{body} =~ /note/ ? ' note' : '') => $w) }
         @w[$before .. $#w];

is(join(', ', sort keys %by), 'PATCH /api/v1/Lead/a1, PATCH /api/v1/Lead/a1 note,'
   . ' POST /api/v1/Account, POST /api/v1/Task', 'by the routes of the dialect')
    or diag($r->{err});
is($by{'PATCH /api/v1/Lead/a1 note'}{body}, '{"note":"done"}', 'a field is written as it stands');
is($by{'PATCH /api/v1/Lead/a1'}{body}, '{"assignedUserId":"u1"}', 'the owner under its own name');

my $task = json_decode($by{'POST /api/v1/Task'}{body});

like(delete $task->{dateEndDate}, qr/^\d{4}-\d\d-\d\d$/, 'a task is due');
is_deeply($task, { name => 'Call Lee', parentId => 'a1', parentType => 'Lead',
                   assignedUserId => 'u2' }, 'it has the names of this backend');
is_deeply(json_decode($by{'POST /api/v1/Account'}{body}),
          { name => 'Lee', assignedUserId => 'u2' }, 'a record has the owner of its lead');
ok($by{'POST /api/v1/Account'}{header}{'idempotency-key'}, 'under the id of its job');
ok(!$by{'POST /api/v1/Account'}{header}{'crm-chain'}, 'the chain stays with nginx');

my ($dead, @more) = dead();

is(@more, 0, 'one is dead');
like($dead->{reason}, qr/the backend's dialect has no way to write that/,
     'tags, for which it has no words') or diag(explain $dead);

redis('DEL', key('dead'));
play_seed('Lead', 'b1', { id => 'b1', status => 'New', assignedUserId => 'u2' });
http(PUT => '/api/v1/Lead/b1', headers => \@espo, body => '{"status":"Frozen"}');
$before = () = play_writes();
worker_once({ CRM_KEY => 'k' }, '--secret-env', 'CRM_KEY', '--chain-key-file', $key,
            '--backend', 'http://127.0.0.1:' . nginx_port() . '/api/v1');
is(scalar(() = play_writes()), $before, 'a lock holds against automation, too') or
    diag(explain [ dead() ]);

done_testing();
