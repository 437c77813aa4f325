# Processes from the client's request to somebody's mailbox: a purchase that its
# manager must agree to (S7), what is done on submission, approval and rejection
# through the queues, two approvers at one instant through two nginx; a step of a
# blueprint that mails, a task and a field update follow (S10). Fails when
# something proceeds that nobody agreed to, when an action is lost or done twice,
# when two decisions at once pass two levels.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Chain qw(chain_key_file);
use Test::CRM::Jobs qw(key dead);
use Test::CRM::Mail;

my $rounds = $ENV{CRM_TEST_ROUNDS} || 12;

redis_start();
crm_start();
relay_start();
receiver_start();

my $people = join '', map { <<"EOT" } 1 .. 5;
kind: user
id: "$_"
name: User $_
email: u$_\@example.test
profile: Standard
role: @{[ $_ == 1 ? 'Buyer' : $_ == 2 ? 'Head' : 'Board' ]}
---
EOT

crm_rules($people . <<'EOT');
kind: profile
name: Standard
---
kind: role
name: Board
---
kind: role
name: Head
reports_to: Board
---
kind: role
name: Buyer
reports_to: Head
---
kind: approval_process
name: Purchase
module: Purchases
execute_when: create_or_edit
rules:
  - criteria: { field: Amount, comparator: greater_than, value: 1000 }
    approvers: [ { type: manager }, { type: role_hierarchy, levels: 2 } ]
    approval_mode: sequential
    on_submit:
      - { type: tasks, name: review }
      - { type: email_notifications, name: asked }
    on_approve:
      - { type: field_updates, field: State, value: ordered }
      - { type: webhooks, name: order }
    on_reject: [ { type: field_updates, field: State, value: refused } ]
---
kind: approval_process
name: Ladder
module: Ladders
execute_when: create_or_edit
rules:
  - criteria: { field: Up, comparator: equal, value: "yes" }
    approvers: [ { type: role, name: Board }, { type: role, name: Board }, { type: role, name: Board } ]
    approval_mode: sequential
---
kind: blueprint
name: Delivery
module: Orders
field: Stage
criteria: null
states: [ { name: Packed }, { name: Sent } ]
transitions:
  - id: send
    name: Send
    from: [Packed]
    to: Sent
    after:
      - { type: email_notifications, name: sent }
      - { type: tasks, name: call }
      - { type: field_updates, field: Told, value: "yes" }
---
kind: task
name: call
module: Orders
subject: "Call about ${!Orders.What}"
---
kind: email_template
name: sent
subject: "On its way: ${!Orders.What}"
text: It is.
---
kind: email_notification
name: sent
module: Orders
template: sent
from: crm@example.test
recipients: [ { type: role, name: Buyer } ]
---
kind: task
name: review
module: Purchases
subject: "Purchase of ${!Purchases.What}"
---
kind: email_template
name: asked
subject: "To agree to: ${!Purchases.What}"
text: Please decide.
---
kind: email_notification
name: asked
module: Purchases
template: asked
from: crm@example.test
recipients: [ { type: role, name: Head } ]
---
kind: webhook
name: order
module: Purchases
url: $HOOK/order
http_method: POST
body: { type: raw, format: JSON, content: '{"what":"${!Purchases.What}"}' }
EOT

# --- S7: two nginx before one CRM ---------------------------------------------------

my $http = 'crm_chain_key_file ' . chain_key_file() . ';' . crm_http_config();
my @nginx = map { an_nginx("nginx$_") } 0, 1;

sub an_nginx {
    my ($name) = @_;
    my ($port, $root) = (free_port(), work_dir() . "/$name");
    my $nginx = Test::CRM::Nginx->new(root => $root, port => $port, name => $name);

    $nginx->write_config(Test::CRM::nginx_text($port, $root, workers => 1, main => '', extra => '', http => $http,
                                               log_level => 'info'));
    my $why = $nginx->start;
    die $why if $why;

    return $nginx;
}

sub as { my ($at, $user, $method, $path, $body) = @_;
         return http($method, "/crm/v8/$path", port => $nginx[$at]{port}, body => $body,
                     headers => ['Content-Type' => 'application/json', 'X-CRM-User' => $user]) }

sub decide { my ($at, $user, $record, $action) = @_;
             return as($at, $user, 'POST', "$record/actions/approvals", "{\"action\":\"$action\"}")->{status} }

sub made { my ($module, $record) = @_;
           return json_decode(as(0, 1, 'POST', $module, "{\"data\":[$record]}")->{body})->{data}[0]{details}{id} }

sub state_of { my $text = redis('HGET', key("record:$_[0]"), 'approval'); return $text ? json_decode($text) : {} }

sub work { return mail_once('--backend', "http://127.0.0.1:$nginx[0]{port}/crm/v8", '--chain-key-file',
                            chain_key_file()) }

my $id = made('Purchases', '{"What":"a press","Amount":5000,"Owner":{"id":"1"}}');

is_deeply(state_of("Purchases/$id")->{approvers}, [ ['2'], [ '3', '4', '5' ] ],
          'S7: a purchase waits for the manager of its owner, and the board behind her');
is(as(1, 1, 'PUT', "Purchases/$id", '{"data":[{"State":"ordered"}]}')->{status}, 400,
   'S7: nothing proceeds before that');
is(as(1, 1, 'DELETE', "Purchases/$id")->{status}, 400, 'S7: nor is it taken away');

is(work()->{rc}, 0, 'the worker does what is due on submission');
like(json_encode((mails())[0]), qr/To agree to: a press/, 'S7: the manager is told');
is(scalar(grep { $_->{method} eq 'POST' && $_->{target} =~ m{/Tasks} && $_->{body} =~ /Purchase of a press/ }
          crm_writes()), 1, 'and has a task');
is(scalar hooks(), 0, 'nothing is ordered');

is(decide(1, 3, "Purchases/$id", 'approve'), 403, 'S7: the board is not asked before her');
is(decide(0, 2, "Purchases/$id", 'approve'), 200, 'S7: she agrees');
work();
is(scalar hooks(), 0, 'nothing is ordered yet');
is(decide(1, 4, "Purchases/$id", 'approve'), 200, 'S7: the board agrees');
work();
is(scalar hooks(), 1, 'S7: it is ordered, once');
like((hooks())[0]{body}, qr/a press/, 'that one');
like(crm_record('Purchases', $id), qr/"State":"ordered"/, 'S7: and the record says so');
is(state_of("Purchases/$id")->{state}, 'approved', 'what the process does submits nothing anew');

my $no = made('Purchases', '{"What":"a yacht","Amount":90000,"Owner":{"id":"1"}}');
is(decide(0, 2, "Purchases/$no", 'reject'), 200, 'S7: she refuses another');
work();
like(crm_record('Purchases', $no), qr/"State":"refused"/, 'which the record says');
is(scalar hooks(), 1, 'it is not ordered');
is(as(0, 1, 'PUT', "Purchases/$no", '{"data":[{"Amount":1}]}')->{status}, 400, 'nor changed');
is(scalar dead(), 0, 'no action is dead');


# --- S10: a step of a blueprint -----------------------------------------------------

my $order = made('Orders', '{"What":"the press","Stage":"Packed"}');
crm_clear_log();
mails_reset();

is(as(0, 1, 'PUT', "Orders/$order", '{"data":[{"Stage":"Sent"}]}')->{status}, 400, 'S10: no step, no change');
is(as(1, 1, 'PUT', "Orders/$order/actions/blueprint", '{"blueprint":[{"transition_id":"send","data":{}}]}')->{status},
   200, 'S10: a step is made');
work();
like(json_encode([mails()]), qr/On its way: the press/, 'S10: a mail follows');
is(scalar(grep { $_->{target} =~ m{/Tasks} && $_->{body} =~ /Call about the press/ } crm_writes()), 1,
   'S10: a task');
like(crm_record('Orders', $order), qr/"Stage":"Sent".*"Told":"yes"/, 'S10: and a field update');


# --- two at one instant, through two nginx ------------------------------------------

my (@won, @levels);

for my $round (1 .. $rounds) {
    my $ladder = made('Ladders', '{"Up":"yes"}');

    # 3 and 4 may decide at every level: both mean the level that they see
    my @both = in_parallel(2, sub { decide($_[0], 3 + $_[0], "Ladders/$ladder", 'approve') });
    my $done = grep { $_ == 200 } @both;

    push @won, $done;
    push @levels, state_of("Ladders/$ladder")->{level} - 1
                  - (grep { $_->{action} eq 'approved' } @{ state_of("Ladders/$ladder")->{history} });
    push @levels, state_of("Ladders/$ladder")->{level} - 1 - $done;
}

is_deeply([ grep { $_ } @levels ], [], 'a decision that was answered is one level, and each level one decision');
ok(!(grep { $_ < 1 } @won), 'one of two at once is made at least');

# where one is enough, the other one finds it decided

my @ends;

for my $round (1 .. $rounds) {
    my $one = made('Purchases', '{"What":"x","Amount":2000,"Owner":{"id":"1"}}');
    decide(0, 2, "Purchases/$one", 'approve');

    my @both = in_parallel(2, sub { decide($_[0], 4 + $_[0], "Purchases/$one", 'reject') });
    push @ends, join ' ', sort @both;
}

is_deeply([ grep { $_ !~ /^200 4\d\d$/ } @ends ], [], 'of two that end it, one does')
    or diag(explain(\@ends));

$_->stop for @nginx;
ok(all_ended(), 'no intent is left');

done_testing();
