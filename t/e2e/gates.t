# Locks, approvals and blueprints when Redis is full, is cut off, or comes back
# empty (F20, F22, F23), what is a change of a locked record and who may make it
# (rows 101 and 102 of the ways around a lock), and T14. Fails when a gate opens
# because nobody knows, closes more than it guards, or takes one for another.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;

redis_start();
crm_start();
receiver_start();

my $rules = <<'EOT';
kind: profile
name: Standard
---
kind: profile
name: Administrator
---
kind: user
id: "1001"
name: Ada Admin
profile: Administrator
---
kind: user
id: "1002"
name: Sam Sales
profile: Standard
---
kind: record_locking
module: Deals
lock_type: both
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: Stage, comparator: equal, value: Closed Won }
locked_for: all_profiles_except_excluded_profiles
lock_excluded_profiles: [Administrator]
excluded_fields: [Description]
restricted_actions: [update]
---
kind: blueprint
name: Pipeline
module: Orders
field: Status
transitions:
  - { id: propose, name: Propose, from: [New], to: Proposal }
---
kind: approval_process
name: Large
module: Quotes
execute_when: create_or_edit
rules:
  - criteria: { field: Discount, comparator: greater_than, value: 20 }
    approvers: [ { type: user, id: "1002" } ]
---
kind: workflow_rule
name: tell
module: Leads
execute_when: { type: create }
conditions:
  - criteria: null
    instant_actions: [ { type: webhooks, name: new-lead } ]
---
kind: webhook
name: new-lead
module: Leads
url: $HOOK/lead
http_method: POST
body: { type: raw, format: JSON, content: '{}' }
EOT

crm_rules($rules);

my $tokens = work_dir() . '/tokens';
spew($tokens, "sam:0123456789abcdef-sam:1002\n");
chmod 0600, $tokens;

nginx_start(http => crm_http_config("timeout=@{[at_most(400)]}ms"),
            server => crm_server_config('crm_rules_wait 1s;')
                . "location /crm_api/ { crm_api write=on guarded=/crm/v8; crm_api_token_file $tokens; }"
                . 'location /open_api/ { crm_api write=on guarded=/crm/v8 auth=none; }');

sub ask {
    my ($method, $path, $body, @headers) = @_;

    return http($method => $path, defined $body ? (body => $body) : (), timeout => 20,
                headers => [ @headers ? @headers : ('X-CRM-User' => '1002') ]);
}

sub put { my ($path, $record, @headers) = @_; return ask(PUT => "/crm/v8/$path", qq({"data":[$record]}), @headers) }

# 200, or the code of the refusal.
sub said {
    my ($r) = @_;

    return $r->{status} if $r->{status} < 400;
    return "$r->{status} " . ($r->{body} =~ /"code":"([A-Z_]+)"/ ? $1 : '');
}


# --- row 101: what is a change ---------------------------------------------------------

my $stored = '{"Stage":"Closed Won","Deal_Name":"Big","Amount":5.0,"Description":"a","Next":null,"Code":"x",'
             . '"Items":[{"id":"1","Qty":1,"Name":"wheel"},{"id":"2","Qty":2,"Name":"axle"}]}';

for ([ '{"Description":"b"}', 200, 'an allowed field alone' ],
     [ '{"Amount":5.00,"Deal_Name":"Big","Stage":"Closed Won"}', 200, 'the same values, written otherwise' ],
     [ '{"Next":null,"Code":"x"}', 200, 'nothing where nothing was' ],
     [ '{"Items":[{"id":"1","Qty":1.0,"Name":"wheel"},{"Name":"axle","id":"2","Qty":2}]}', 200, 'the same rows' ],
     [ '{"Description":"c","Amount":5}', 200, 'an allowed field, and another as it was' ],
     [ '{"Amount":5.01}', 400, 'another number' ],
     [ '{"Deal_Name":"BIG"}', 400, 'other letters of a value' ],
     [ '{"deal_name":"Big"}', 400, 'other letters of a name: another field' ],
     [ '{"description":"b"}', 400, 'other letters of the allowed one' ],
     [ '{"Code":null}', 400, 'null where something was' ],
     [ '{"Code":""}', 400, 'nothing where something was' ],
     [ '{"Next":"today"}', 400, 'something where nothing was' ],
     [ '{"Items":[{"id":"1","Qty":1,"Name":"wheel"},{"id":"2","Qty":3,"Name":"axle"}]}', 400, 'one value of one row' ],
     [ '{"Items":[{"id":"1","Qty":1,"Name":"wheel"}]}', 400, 'a row less' ],
     [ '{"Items":null}', 400, 'no rows' ],
     [ '{"Description":"d","Amount":6}', 400, 'an allowed field, and another one' ],
     [ '{"D\u0065scription":"e"}', 200, 'the allowed field, escaped' ],
     [ '{"St\u0061ge":"Open"}', 400, 'another one, escaped' ])
{
    my ($record, $status, $what) = @$_;

    crm_seed('Deals', 1, $stored);
    crm_clear_log();

    my $r = put('Deals/1', $record);

    is(said($r), $status == 200 ? 200 : '400 RECORD_LOCKED', "row 101: $what");
    is(scalar crm_writes(), $status == 200 ? 1 : 0, "row 101: $what, for the backend");
}

crm_seed('Deals', 2, $stored);
is(ask(DELETE => '/crm/v8/Deals/2')->{status}, 200, 'T14: deleting is not restricted');


# --- row 102: one source says who it is ---------------------------------------------------

crm_seed('Deals', 1, $stored);
crm_clear_log();

my $change = '{"Amount":7}';

for ([ 'another\'s cookie', 'Deals/1', 'X-CRM-User' => '1002', Cookie => 'user=1001; X-CRM-User=1001; session=ada' ],
     [ 'another user in the query', 'Deals/1?user=1001&crm_user=1001&token=ada',
       'X-CRM-User' => '1002' ],
     [ 'other headers', 'Deals/1', 'X-CRM-User' => '1002', 'X-User' => '1001', 'X-Forwarded-User' => '1001',
       'X_CRM_User' => '1001', Authorization => 'Bearer ada' ],
     [ 'nobody, and a cookie', 'Deals/1', Cookie => 'X-CRM-User=1001' ],
     [ 'two at once', 'Deals/1', 'X-CRM-User' => '1002', 'X-CRM-User' => '1001' ])
{
    my ($what, $path, @headers) = @$_;

    my $r = put($path, $change, @headers);
    like(said($r), $path =~ /\?/ ? qr/^400 INVALID_URL_PATTERN$/ : qr/^400 RECORD_LOCKED$/, "row 102: $what");
}

is(scalar crm_writes(), 0, 'row 102: the backend saw nothing');
is(said(put('Deals/1', $change, 'X-CRM-User' => '1001')), 200, 'row 102: who may override does, by that source');

crm_seed('Deals', 3, '{"Stage":"Open"}');

my $r = ask(POST => '/crm_api/locks/Deals/3', '{"reason":"mine"}', Authorization => 'Bearer 0123456789abcdef-sam',
            'X-CRM-User' => '1001');

is($r->{status}, 201, 'row 102: a token');
is(json_decode($r->{body})->{by}, '1002', 'row 102: is the one source of crm_api, whatever header comes with it');
is(ask(GET => '/crm_api/locks/Deals/3?access_token=0123456789abcdef-sam&token=0123456789abcdef-sam', undef,
       'X-CRM-User' => '1001')->{status}, 401, 'row 102: a token in the query is none');
is(ask(GET => '/crm_api/locks/Deals/3', undef, Cookie => 'Authorization=Bearer 0123456789abcdef-sam')->{status}, 401,
   'row 102: nor in a cookie');


# --- Redis ---------------------------------------------------------------------------------

# A record behind each gate, and what may be done to it when all is well.
my %gate = (
    lock       => sub { put('Deals/20', '{"Amount":' . ++$_[0] . '}') },
    blueprint  => sub { put('Orders/20', '{"Memo":"x"}') },
    approval   => sub { put('Quotes/20', '{"Memo":"x"}') },
    'a lock'   => sub { ask(POST => '/open_api/locks/Deals/21', '{"reason":"why"}') },
    'a step'   => sub { ask(PUT => '/open_api/blueprint/Orders/21', '{"transition":"propose"}') },
    'a decision' => sub { ask(POST => '/open_api/approvals/Quotes/21', '{"action":"approve"}') },
);

sub ready_gates {
    crm_seed('Deals', $_, '{"Stage":"Open"}') for 20, 21;
    crm_seed('Orders', $_, '{"Status":"New"}') for 20, 21;
    crm_seed('Quotes', $_, '{"Discount":5}') for 20, 21;
    ask(DELETE => '/open_api/locks/Deals/21');
    is(put('Orders/21', '{"Memo":"x"}')->{status}, 200, 'a record enters its blueprint');
    is(put('Quotes/21', '{"Discount":30}')->{status}, 200, 'a record enters its approval');
    crm_clear_log();
}

sub all_closed {
    my ($what) = @_;

    for my $name (sort keys %gate) {
        is(said($gate{$name}->(my $n = 0)), '503 INTERNAL_ERROR', "$what: $name is closed");
    }

    is(said(ask(POST => '/crm/v8/Contacts', '{"data":[{"Last_Name":"x"}]}')), 201, "$what: what nothing guards passes");
    is(join(' ', map { $_->{target} } crm_writes()), '/crm/v8/Contacts', "$what: and nothing else does");
    crm_clear_log();
}

sub all_open {
    my ($what) = @_;

    for my $name (sort keys %gate) {
        my $done;
        ok(eval { wait_for { ($done = $gate{$name}->(my $n = 0))->{status} < 300 } $name, 20; 1 }, "$what: $name")
            or diag("$done->{status} $done->{body}");
    }
}

ready_gates();
is(ask(POST => '/crm/v8/Leads', '{"data":[{"Last_Name":"x"}]}')->{status}, 201, 'F20: a job waits') for 1 .. 3;
crm_clear_log();
redis(CONFIG => 'SET', 'maxmemory', 1);
all_closed('F20, full');
worker_once();
is(scalar(grep { $_->{target} eq '/lead' } hooks()), 3, 'F20: the worker drains what is there');
redis(CONFIG => 'SET', 'maxmemory', 0);
all_open('F20, room again');

ready_gates();
redis(CONFIG => 'SET', 'min-replicas-to-write', 1);
all_closed('F22, cut off from its replicas');
redis(CONFIG => 'SET', 'min-replicas-to-write', 0);
all_open('F22, with them again');

ready_gates();
redis(DEL => 'crm:{acme}:queue:webhooks');
redis_kill();
mkdir work_dir() . '/empty';
redis_start(dir => work_dir() . '/empty');
is(redis(EXISTS => map { "crm:{acme}:$_" } qw(epoch revision record:Orders/20 record:Quotes/20)), 0, 'F23: nothing is left');
wait_for { put('Deals/20', '{"Amount":1}')->{status} == 503 } 'the empty Redis', 20;
crm_clear_log();
all_closed('F23, empty');
eval { crm_rules($rules) };             # which tells that nginx is closed, if it is seen by then
is(redis(GET => 'crm:{acme}:revision'), 1, 'F23: it is given the rules');
all_closed('F23, with rules');
is(crmctl('doctor', '--accept-epoch')->{rc}, 0, 'F23: somebody accepts the epoch');
ok(eval { wait_for { put('Deals/20', '{"Amount":9}')->{status} == 200 } 'the epoch', 20; 1 }, 'F23: and it opens');
crm_seed('Deals', 1, $stored);
is(said(put('Deals/1', $change)), '400 RECORD_LOCKED', 'F23: what the stored record says is locked still');

done_testing();
