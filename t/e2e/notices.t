# Who is to hear of something that no mail of the rules is about: the new owner
# of a record, and whoever watches a state of a blueprint. It would fail by a
# mail before the CRM has taken the owner, by none behind it, by a second one,
# or by a mail that is missing and that nobody is told of.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Chain;
use Test::CRM::Jobs;
use Test::CRM::Mail;
use Test::CRM::People;
use Test::CRM::Recovery;

my $people = people(roles => [qw(Boss Rep)], users => [
    { id => 1, role => 'Rep', email => 'ann@example.test' },
    { id => 2, role => 'Boss', email => 'bob@example.test' },
    { id => 3, role => 'Rep' } ]);

my $rules = $people . <<'EOR';
kind: assignment_rule
name: Leads to Ann
id: "lar-1"
module: Leads
notify: true
entries:
  - { criteria: { field: City, comparator: equal, value: Rome }, assign_to: { type: user, id: "1" } }
default_assignee: "2"
---
kind: workflow_rule
name: Hand over
module: Deals
execute_when: { type: edit }
conditions:
  - criteria: { field: Type, comparator: equal, value: Silent }
    instant_actions: [ { type: assign_owner, assign_to: [ { type: user, id: "3" } ], notify: true } ]
  - criteria: { field: Stage, comparator: equal, value: Won }
    instant_actions: [ { type: assign_owner, assign_to: [ { type: round_robin, users: ["1", "2"] } ], notify: true } ]
---
kind: blueprint
name: Pipeline
module: Orders
field: Stage
blueprint_auto_transition: true
states:
  - { name: Talks, escalate_after: { unit: 5, period: days }, notify: [ { type: manager } ] }
transitions:
  - { id: talk, name: Talk, from: [New], to: Talks }
  - { id: end, name: End, from: [Talks], to: Done, automatic_after: { unit: 9, period: days } }
EOR

redis_start();
crm_start();
relay_start();
crm_rules("kind: organization\nmail_from: crm\@example.test\n---\n$rules");

my $key = chain_key_file();

nginx_start(extra => "crm_chain_key_file $key;");


sub write_to {
    my ($method, $target, $body, $what) = @_;
    my $r = http($method => "/crm/v8/$target", body => $body);

    ok($r->{status} =~ /^20/, $what) or diag $r->{body};
    wait_for { redis('ZCARD', key('intents')) == 0 } 'the end of the write';

    return json_decode($r->{body})->{data}[0]{details}{id};
}

sub once { return mail_once('--backend', guarded_url(), '--chain-key-file', $key) }

# To whom, and about what, the mails were that came since.
sub told {
    my @told = sort map { "@{ $_->{to} }: $_->{headers}{subject}" } mails();

    mails_reset();

    return join '; ', @told;
}

sub traces { return join "\n", map { $_->[1][1] } @{ redis('XRANGE', key('trace'), '-', '+') } }


# --- an assignment rule --------------------------------------------------------------

my $id = write_to(POST => 'Leads', '{"lar_id":"lar-1","data":[{"Last_Name":"A","City":"Rome"}]}', 'a lead for Ann');

once();
is(told(), "ann\@example.test: Yours now: Leads $id", 'she hears of it');

$id = write_to(POST => 'Leads', '{"lar_id":"lar-1","data":[{"Last_Name":"B","City":"Oslo"}]}', 'one for nobody in particular');
once();
is(told(), "bob\@example.test: Yours now: Leads $id", 'and so does who gets what nobody else did');

write_to(POST => 'Leads', '{"lar_id":"lar-1","data":[{"Last_Name":"C","City":"Rome","Owner":{"id":"2"}}]}', 'one that has its owner');
once();
is(told(), '', 'of that nobody needs to hear');


# --- the action assign_owner ---------------------------------------------------------

crm_seed('Deals', $_, '{"Stage":"Open","Owner":{"id":"9"}}') for 1 .. 4;
write_to(PUT => 'Deals/1', '{"data":[{"Stage":"Won"}]}', 'a deal is won');

# the CRM does not take it yet

crm_fail(method => 'PUT', fault => 'status', status => 429, times => 1);
once();
is(told(), '', 'nobody is told of what is not done');
redis('ZADD', key('delayed'), 'XX', 1, $_) for @{ redis('ZRANGE', key('delayed'), 0, -1) };
once();

my $owner = json_decode(crm_record('Deals', '1'))->{Owner}{id};

is(told(), ($owner eq '1' ? 'ann' : 'bob') . '@example.test: Yours now: Deals 1', 'whose turn it was hears of it');
once();
is(told(), '', 'once');

# a worker that dies behind the write, before the job has ended

write_to(PUT => 'Deals/2', '{"data":[{"Stage":"Won"}]}', 'another is won');

my $pid = spawn(name => 'first', env => Test::CRM::worker_env(),
                cmd => worker_command('--backend', guarded_url(), '--lease', '1s', '--chain-key-file', $key));

crm_freeze();
wait_for { redis('ZCARD', key('lease')) } 'a worker that has it', 20;
kill 'KILL', $pid;
wait_for { !is_alive($pid) } 'its end';
crm_thaw();
lease_over();
wait_for { once(); (mails())[0] } 'the mail of the second attempt', 30;
like(told(), qr/^\w+\@example\.test: Yours now: Deals 2$/, 'one mail');

write_to(PUT => 'Deals/3', '{"data":[{"Type":"Silent"}]}', 'one goes to who has no address');
once();
is(told(), '', 'no mail');
is(join(' ', map { $_->{reason} } dead()), 'malformed_job: the new owner has no email', 'but it is seen');
redis('DEL', key('dead'));


# --- a state of a blueprint ----------------------------------------------------------

crm_seed('Orders', $_, '{"Stage":"New","Owner":{"id":"1"}}') for 1 .. 3;

sub put { write_to(PUT => "Orders/$_[0]", qq({"data":[$_[1]]}), "order $_[0]: $_[1]") }

sub days { return join ' ', map { int((redis('ZSCORE', key('delayed'), $_) / 1000 - time) / 86_400 + 0.5) }
                             @{ redis('ZRANGE', key('delayed'), 0, -1) } }
sub let_out { redis('ZADD', key('delayed'), 'XX', 1, (@{ redis('ZRANGE', key('delayed'), 0, -1) })[0]) }

put(1, '{"A":1}');
put(1, '{"Stage":"Talks"}');
is(days(), '5 9', 'from the first moment in the state, beside what runs by itself');
put(1, '{"A":2}');
is(days(), '5 9', 'another write begins nothing anew');
let_out();
once();
is(told(), 'bob@example.test: Waits for too long: Orders 1', 'the manager of its owner hears of it');

put(2, '{"A":1}');
put(2, '{"Stage":"Talks"}');

my ($timer) = grep { json_decode(redis('HGET', key("job:$_"), 'body'))->{record_id} eq '2' } @{ redis('ZRANGE', key('delayed'), 0, -1) };
my $direct = http(PUT => '/crm/v8/Orders/2', body => '{"data":[{"Stage":"Done"}]}', port => crm_port());

is($direct->{status}, 200, 'somebody moves it on, past us');
redis('ZADD', key('delayed'), 'XX', 1, $timer);
once();
is(told(), '', 'nobody is told of what has left the state');
like(traces(), qr/"moved_on"|moved_on\)/, 'the trace says why');
redis('DEL', key('delayed'));


# --- nobody to send it --------------------------------------------------------------

my $dir = work_dir() . '/without';

mkdir $dir;
spew("$dir/rules.yaml", $rules);

my $r = crmctl('validate', $dir);

is($r->{rc}, 0, 'rules without mail_from are none that cannot be');
is(scalar(() = $r->{err} =~ /warning: .*mail_from in a document of kind organization/g), 4, 'but each place is told what it lacks')
    or diag $r->{err};

crm_rules($rules);
wait_for { http(GET => '/crm_status')->{body} =~ /"revision":2/ } 'the new rules';
$id = write_to(POST => 'Leads', '{"lar_id":"lar-1","data":[{"Last_Name":"D","City":"Rome"}]}', 'another lead for Ann');
write_to(PUT => 'Deals/4', '{"data":[{"Stage":"Won"}]}', 'another deal is won');
put(3, '{"A":1}');
put(3, '{"Stage":"Talks"}');
is(days(), '9', 'nothing waits to be told');
once();
is(told(), '', 'no mail');
is(scalar(dead()), 0, 'nothing dead either');

my $traces = traces();

like($traces, qr/"process":"assignment".{0,200}"stage":"notify".{0,200}skipped\(no_sender\)/, 'the trace says it, of the assignment');
like($traces, qr/"type":"assign_owner".{0,60}"notify":"skipped\(no_sender\)"/, 'of the owner');
like($traces, qr/"stage":"stay".{0,300}skipped\(no_sender\)/, 'and of the state');

done_testing();
