# S9: a case that nobody handles in time is passed up the hierarchy, by a clock
# that the test sets. It would fail by a level too early, twice, not at all, of
# a case that is handled, or by one that is never escalated again although it
# was opened again.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use POSIX qw(strftime);
use Test::More;
use Test::CRM;
use Test::CRM::Chain;
use Test::CRM::Clock;
use Test::CRM::Jobs;
use Test::CRM::Mail;
use Test::CRM::People;

plan skip_all => 'the sanitizers are preloaded' if $ENV{CRM_TEST_ASAN};

my $began = time;
my $passed = 0;     # hours

sub it_is {
    my ($hours) = @_;

    $passed = $hours;
    set_clock($_, $hours * 3600) for qw(redis rest);
}

my $rules = people(roles => [qw(Top Boss Rep)], users => [
    { id => 1, role => 'Rep', email => 'ann@example.test' },
    { id => 2, role => 'Boss', email => 'bob@example.test' },
    { id => 3, role => 'Top', email => 'cid@example.test' },
    { id => 4, role => 'Boss', email => 'dan@example.test', status => 'inactive' } ]) . <<'EOR';
kind: organization
mail_from: crm@example.test
---
kind: business_hours
type: custom
days: { monday: ["09:00", "17:00"], tuesday: ["09:00", "17:00"], friday: ["09:00", "17:00"] }
holidays: [2026-11-23]
---
kind: group
name: Gone
members: ["4"]
---
kind: escalation_rule
name: Urgent cases
module: Cases
entries:
  - criteria: { group_operator: AND, group: [ { field: Status, comparator: not_equal, value: Closed }, { field: Priority, comparator: equal, value: High } ] }
    levels:
      - { after: { unit: 4, period: hours }, to: { type: role_hierarchy, levels: 1 }, actions: [ { type: webhooks, name: overdue } ] }
      - { after: { unit: 8, period: hours }, to: { type: role_hierarchy, levels: 2 } }
  - criteria: { group_operator: AND, group: [ { field: Status, comparator: not_equal, value: Closed }, { field: Priority, comparator: equal, value: Low } ] }
    levels:
      - { after: { unit: 2, period: days }, to: { type: group, name: Gone }, actions: [ { type: webhooks, name: overdue } ] }
---
kind: escalation_rule
name: Idle orders
module: Orders
age_from: Modified_Time
entries:
  - { criteria: null, levels: [ { after: { unit: 3, period: hours }, to: { type: owner }, actions: [ { type: webhooks, name: idle } ] } ] }
---
kind: escalation_rule
name: At work
module: Tickets
entries:
  - { criteria: null, business_hours: true, levels: [ { after: { unit: 2, period: hours }, to: { type: manager } } ] }
---
kind: webhook
name: overdue
module: Cases
url: $HOOK/overdue
http_method: POST
body: { type: raw, format: JSON, content: '{"id":"${!Cases.id}","owner":"${!Cases.Owner.id}"}' }
---
kind: webhook
name: idle
module: Orders
url: $HOOK/idle
http_method: POST
EOR

it_is(0);
with_clock(redis => sub { redis_start() });
crm_start();
receiver_start();
relay_start();
crm_rules($rules);

my $key = chain_key_file();

with_clock(rest => sub { nginx_start(extra => "crm_chain_key_file $key;") });


sub put {
    my ($target, $fields) = @_;
    my $r = http(PUT => "/crm/v8/$target", body => qq({"data":[$fields]}));

    is($r->{status}, 200, "$target: $fields") or diag $r->{body};
    wait_for { redis('ZCARD', key('intents')) == 0 } 'the end of the write';
}

sub at { return strftime('%Y-%m-%dT%H:%M:%SZ', gmtime($began + $_[0] * 3600)) }
sub seed { my ($id, $fields, $age) = @_; crm_seed('Cases', $id, qq({$fields,"Owner":{"id":"1"},"Created_Time":") . at($age // $passed) . '"}') }
sub delayed { return @{ redis('ZRANGE', key('delayed'), 0, -1) } }
sub owner { return json_decode(crm_record($_[0], $_[1]))->{Owner}{id} }
sub told { my $t = join '; ', sort map { "@{ $_->{to} }: $_->{headers}{subject}" } mails(); mails_reset(); return $t }
sub hooked { my $h = join ' ', map { $_->{body} } hooks(); hooks_reset(); return $h }
sub kept { return redis('HGET', key("record:$_[0]"), 'escalation') // '' }
sub traces { return join "\n", map { $_->[1][1] } @{ redis('XRANGE', key('trace'), '-', '+') } }

# When the only timer is due: hours since the test began.
sub due {
    my @all = delayed();

    return scalar(@all) . ' timers' if @all != 1;
    return sprintf '%.0f', (redis('ZSCORE', key('delayed'), $all[0]) / 1000 - $began) / 3600;
}

# Until nothing is due any more: a level's writes may move the timer.
sub once {
    my $err = '';

    for (1 .. 2) {
        my $r = with_clock(rest => sub { mail_once('--backend', guarded_url(), '--chain-key-file', $key) });

        is($r->{rc}, 0, "the worker, in hour $passed") or diag $r->{err};
        $err .= $r->{err};
    }

    return $err;
}


# --- S9 --------------------------------------------------------------------------

seed(1, '"Status":"Open","Priority":"Low"');
put('Cases/1', '{"Priority":"High"}');
is(due(), 4, 'four hours from its creation');
put('Cases/1', '{"Subject":"x"}');
is(due(), 4, 'another write leaves it there');
it_is(3);
once();
is(hooked() . told(), '', 'nothing before its time');
it_is(5);
once();
is(hooked(), '{"id":"1","owner":"1"}', 'the actions of the first level are done');
is(owner(Cases => 1), '2', 'it goes to the manager of its owner');
is(told(), 'bob@example.test: Overdue: Cases 1', 'who hears of it');
is(due(), 8, 'the next level waits');
once();
is(hooked() . told(), '', 'each level once');
it_is(9);
once();
is(owner(Cases => 1), '3', 'then up to the top, counted from whose it was first');
is(told(), 'cid@example.test: Overdue: Cases 1', 'who hears of it, too');
is(scalar(delayed()), 0, 'that was it');
put('Cases/1', '{"Subject":"y"}');
is(scalar(delayed()), 0, 'another write begins nothing anew');

# handled, and opened again

put('Cases/1', '{"Status":"Closed"}');
is(kept('Cases/1'), '', 'one that is handled: all is forgotten');
it_is(20);
put('Cases/1', '{"Status":"Open"}');
is(due(), 24, 'opened again it counts from then');
it_is(25);
once();
is(hooked(), '{"id":"1","owner":"3"}', 'and begins with the first level');
put('Cases/1', '{"Status":"Closed"}');
is(scalar(delayed()), 0, 'the timer goes when it is handled');

# --- what happens past us ---------------------------------------------------------

told();
hooked();
seed(2, '"Status":"Open","Priority":"None"');
put('Cases/2', '{"Priority":"High"}');
seed(2, '"Status":"Closed","Priority":"High"', $passed);
it_is($passed + 5);
once();
is(hooked() . told(), '', 'a case that somebody has closed past us is left alone');
is(scalar(delayed()), 0, 'and its timer is over');
like(traces(), qr/"decision":"cancelled".*"reason":"criteria_false"/, 'the trace says why');

# --- another entry; nobody to go to ---------------------------------------------------

seed(3, '"Status":"Open","Priority":"High"');
my $at = $passed;

put('Cases/3', '{"Subject":"z"}');
is(due(), $at + 4, 'urgent');
put('Cases/3', '{"Priority":"Low"}');
is(due(), $at + 48, 'less urgent, it has more time');
it_is($at + 49);
once();
is(hooked(), '{"id":"3","owner":"1"}', 'what is to be done is done');
is(owner(Cases => 3), '1', 'where nobody is active it keeps its owner');
like(traces(), qr/"process":"escalation","name":"Urgent cases".*"type":"assign_owner".{0,120}skipped\(nobody_active\)/, 'the trace says so');

# --- late -------------------------------------------------------------------------------

seed(4, '"Status":"Open","Priority":"None"');
put('Cases/4', '{"Priority":"High"}');
it_is($passed + 500);
once();
once();
is(hooked(), '{"id":"4","owner":"1"}', 'no worker ran for weeks: the first level, once');
is(owner(Cases => 4), '3', 'and the second');
told();

# --- a clock that steps ---------------------------------------------------------------------

seed(10, '"Status":"Open","Priority":"None"');
put('Cases/10', '{"Priority":"High"}');
set_clock('redis', ($passed + 24) * 3600);
like(once(), qr/too early/, 'the clock of Redis steps by a day: by the worker\'s it is too early');
set_clock('redis', $passed * 3600);
set_clock('rest', ($passed + 24) * 3600);
once();
is(hooked() . told(), '', 'the worker\'s does: nothing fires early');
it_is($passed + 30);
once();
once();
is(hooked(), '{"id":"10","owner":"1"}', 'nor twice when it is time');
is(owner(Cases => 10), '3', 'and the second level follows');
told();
redis('DEL', key('delayed'));

# --- a worker that died behind the commit --------------------------------------------------

seed(5, '"Status":"Open","Priority":"None"');
put('Cases/5', '{"Priority":"High"}');

my ($timer) = delayed();
my %job = @{ redis('HGETALL', key("job:$timer")) };
my $before = kept('Cases/5');

it_is($passed + 5);
once();
is(hooked(), '{"id":"5","owner":"1"}', 'a level');
redis('HSET', key('record:Cases/5'), 'escalation', $before);
redis('HSET', key("job:$timer"), %job);
redis('ZADD', key('delayed'), 1, $timer);
once();
is(hooked(), '', 'found out a second time it is the same event');
is(due(), $passed + 3, 'and it goes on with the second level');
redis('DEL', key('delayed'));
told();

# --- a date that is none; a record that is deleted ----------------------------------------

crm_seed('Cases', 6, '{"Status":"Open","Priority":"None","Created_Time":"long ago"}');
put('Cases/6', '{"Priority":"High"}');
is(scalar(delayed()), 0, 'a date that is none gives no timer');
like(traces(), qr/"timers":\[\{"type":"escalations","rule":"Urgent cases","due":null,"reason":"no_date"\}\]/, 'the trace says so');

seed(7, '"Status":"Open","Priority":"None"');
put('Cases/7', '{"Priority":"High"}');
is(scalar(delayed()), 1, 'a case');
is(http(DELETE => '/crm/v8/Cases/7')->{status}, 200, 'is deleted');
wait_for { redis('ZCARD', key('intents')) == 0 } 'the end of the write';
is(scalar(delayed()), 0, 'and its timer');

# --- from the last change -------------------------------------------------------------------

my $touch = sub { crm_seed('Orders', 1, '{"Owner":{"id":"1"},"Modified_Time":"' . at($_[0]) . '"}') };

$touch->($at = $passed);
put('Orders/1', '{"A":1}');
is(due(), $at + 3, 'three hours from the last change');
$touch->($at + 2);
it_is($at + 4);
once();
is(hooked(), '', 'one that was touched meanwhile is not idle');
is(due(), $at + 5, 'it waits for three hours from then');
it_is($at + 6);
once();
is(scalar(grep { $_->{target} eq '/idle' } hooks()), 1, 'one that nobody has touched is');
hooks_reset();

# --- by the hours of work ---------------------------------------------------------------------

crm_seed('Tickets', 1, '{"Owner":{"id":"1"},"Created_Time":"2026-11-20T16:00:00Z"}');
redis('DEL', key('delayed'));
put('Tickets/1', '{"A":1}');
is(strftime('%Y-%m-%d %H:%M', gmtime(redis('ZSCORE', key('delayed'), (delayed())[0]) / 1000)), '2026-11-24 10:00',
   'two hours of work: over a weekend and a holiday');
redis('DEL', key('delayed'));

# --- another version of the rule, and none ------------------------------------------------------

seed(8, '"Status":"Open","Priority":"None"');
put('Cases/8', '{"Priority":"High"}');
it_is($passed + 9);
once();
once();
is(hooked(), '{"id":"8","owner":"1"}', 'a case has gone all the way');
crm_rules(($rules =~ s/reports_to: Top\n/reports_to: Top\ndescription: another\n/r));
wait_for { http(GET => '/crm_status')->{body} =~ /"revision":2/ } 'other rules';
put('Cases/8', '{"Subject":"b"}');
is(scalar(delayed()), 0, 'rules that change elsewhere begin nothing anew');
crm_rules(($rules =~ s/unit: 8, period: hours/unit: 12, period: hours/r));
wait_for { http(GET => '/crm_status')->{body} =~ /"revision":3/ } 'another version of the rule';
put('Cases/8', '{"Subject":"c"}');
is(scalar(delayed()), 1, 'another version of it does');
once();
is(hooked(), '{"id":"8","owner":"3"}', 'with the first level');
redis('DEL', key('delayed'));
told();

seed(9, '"Status":"Open","Priority":"None"');
put('Cases/9', '{"Priority":"High"}');
crm_rules(($rules =~ s/kind: escalation_rule\nname: Urgent.*?---\n//sr));
it_is($passed + 5);
once();
is(hooked() . told(), '', 'a rule that is gone does nothing');
like(traces(), qr/"reason":"rule_deleted"/, 'the trace says so');

is(join(' ', map { $_->{reason} } dead()), '', 'nothing is dead');

done_testing();
