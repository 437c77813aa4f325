# Rules that a date starts: due so long before or after it, by a clock that the
# test sets. It would fail if a reminder came for a date that was moved, twice,
# too early, or not at all because no worker ran when it was due.

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

plan skip_all => 'the sanitizers are preloaded' if $ENV{CRM_TEST_ASAN};

my $began = time;
my $passed = 0;     # days that the clocks are ahead of ours

# So many days since the test began.
sub it_is {
    my ($days) = @_;

    $passed = $days;
    set_clock($_, $days * 86_400) for qw(redis rest);
}

it_is(0);
with_clock(redis => sub { redis_start() });
crm_start();
receiver_start();
crm_rules(<<'EOT');
kind: workflow_rule
name: Before closing
module: Deals
execute_when:
  type: date_or_datetime
  details: { field: Closing_Date, unit: -2, period: days, execute_at: "09:00" }
conditions:
  - criteria: { field: Stage, comparator: not_equal, value: Lost }
    instant_actions: [ { type: webhooks, name: closing } ]
---
kind: workflow_rule
name: Once
module: Orders
execute_when:
  type: date_or_datetime
  details: { field: Due, unit: 0, period: days, repeat: false }
conditions: [ { criteria: null, instant_actions: [ { type: webhooks, name: order } ] } ]
---
kind: workflow_rule
name: Renewal
module: Contacts
execute_when:
  type: date_or_datetime
  details: { field: Since, unit: 0, period: days, recur_cycle: monthly }
conditions: [ { criteria: null, instant_actions: [ { type: field_updates, field: State, value: Renew } ] } ]
---
kind: workflow_rule
name: Idle
module: Leads
execute_when: { type: date_or_datetime, details: { field: Modified_Time, unit: 30, period: days } }
conditions: [ { criteria: null, instant_actions: [ { type: webhooks, name: idle } ] } ]
---
kind: webhook
name: closing
module: Deals
url: $HOOK/closing
http_method: POST
body: { type: raw, format: JSON, content: '{"id":"${!Deals.id}","on":"${!Deals.Closing_Date}"}' }
---
kind: webhook
name: order
module: Orders
url: $HOOK/order
http_method: POST
---
kind: webhook
name: idle
module: Leads
url: $HOOK/idle
http_method: POST
EOT

my $key = chain_key_file();

with_clock(rest => sub { nginx_start(extra => "crm_chain_key_file $key;") });

sub put {
    my ($target, $fields) = @_;
    my $r = http(PUT => "/crm/v8/$target", body => qq({"data":[$fields]}));

    is($r->{status}, 200, "$target: $fields") or diag $r->{body};
    wait_for { redis('ZCARD', key('intents')) == 0 } 'the end of the write';
}

sub day { return strftime('%Y-%m-%d', gmtime($began + $_[0] * 86_400)) }
sub delayed { return @{ redis('ZRANGE', key('delayed'), 0, -1) } }
sub seen { return scalar grep { $_->{target} eq $_[0] } hooks() }

# When the only timer is due: days since the test began, and the time of the day.
sub due {
    my @all = delayed();

    return scalar(@all) . ' timers' if @all != 1;

    my $s = redis('ZSCORE', key('delayed'), $all[0]) / 1000;

    return strftime('%Y-%m-%d %H:%M', gmtime $s);
}

sub once {
    my $r = with_clock(rest => sub {
        worker_once('--backend', guarded_url(), '--chain-key-file', $key)
    });

    is($r->{rc}, 0, "the worker, on day $passed") or diag $r->{err};

    return $r->{err};
}

# What the traces say of what did not fire.
sub told {
    return join ' ', map { /"decision":"cancelled".*"reason":"(\w+)"/ ? $1 : () }
                     map { $_->[1][1] } @{ redis('XRANGE', key('trace'), '-', '+') };
}

# --- with the date -----------------------------------------------------------------

crm_seed('Deals', $_, '{"Stage":"Open","Amount":1,"Closing_Date":null}') for 1 .. 8;

put('Deals/1', '{"Amount":2}');
is(scalar(delayed()), 0, 'no date, nothing to wait for');
put('Deals/1', '{"Closing_Date":"' . day(10) . '"}');
is(due(), day(8) . ' 09:00', 'two days before it, at nine');
put('Deals/1', '{"Amount":3}');
is(due(), day(8) . ' 09:00', 'another write leaves it there');
put('Deals/1', '{"Closing_Date":"' . day(20) . '"}');
is(due(), day(18) . ' 09:00', 'it moves with the date');
put('Deals/1', '{"Closing_Date":"' . day(5) . '"}');
is(due(), day(3) . ' 09:00', 'forward, too');
put('Deals/1', '{"Closing_Date":null}');
is(scalar(delayed()), 0, 'and goes with it');
put('Deals/1', '{"Closing_Date":"' . day(1) . '"}');
is(scalar(delayed()), 0, 'what is over is not waited for');
put('Deals/1', '{"Closing_Date":"soon"}');
is(scalar(delayed()), 0, 'nor what is no date');

# --- when it has come --------------------------------------------------------------

put('Deals/1', '{"Closing_Date":"' . day(10) . '"}');

my ($timer) = delayed();
my %kept = @{ redis('HGETALL', key("job:$timer")) };

once();
it_is(7);
once();
is(scalar(hooks()), 0, 'not before');

# no worker ran on day 8
it_is(9);
once();
once();
is(join(' ', map { $_->{body} } hooks()), '{"id":"1","on":"' . day(10) . '"}', 'late, and once');
is(scalar(delayed()), 0, 'that was it');

# a worker that died behind the commit: the timer is still there
redis('HSET', key("job:$timer"), %kept);
redis('ZADD', key('delayed'), 1, $timer);
once();
is(scalar(hooks()), 1, 'found out a second time it is the same event');
is(scalar(delayed()), 0, 'and over');

# --- looked at again ---------------------------------------------------------------

sub waits {
    my ($id, $then) = @_;

    put("Deals/$id", '{"Closing_Date":"' . day($passed + 4) . '"}');
    is(due(), day($passed + 2) . ' 09:00', "$id: it waits");
    $then->();
    it_is($passed + 3);
    once();
    is(seen('/closing'), 1, "$id: does not fire");
}

waits(2, sub { crm_seed('Deals', 2, '{"Stage":"Lost","Closing_Date":"' . day($passed + 4) . '"}') });
like(told(), qr/criteria_false$/, 'one that the criteria are not met by any more');
is(scalar(delayed()), 0, 'is over');

waits(3, sub { crm_seed('Deals', 3, '{"Stage":"Open","Closing_Date":"' . day(80) . '"}') });
is(due(), day(78) . ' 09:00', 'moved behind our back: it waits for the new date');
redis('DEL', key('delayed'));

waits(4, sub { http(DELETE => '/crm/v8/Deals/4', port => crm_port()) });
like(told(), qr/record_deleted$/, 'a record that is gone');

waits(5, sub { crm_seed('Deals', 5, '{"Stage":"Open","Closing_Date":"soon"}') });
like(told(), qr/no_date$/, 'a date that is none any more');

put('Deals/6', '{"Closing_Date":"' . day(90) . '"}');
is(http(DELETE => '/crm/v8/Deals/6')->{status}, 200, 'a record is deleted');
wait_for { redis('ZCARD', key('intents')) == 0 } 'the end of the write';
is(scalar(delayed()), 0, 'and its timer');

# --- the clock of Redis is ahead -----------------------------------------------------

put('Deals/7', '{"Closing_Date":"' . day($passed + 10) . '"}');

my $due = due();

set_clock('redis', ($passed + 9) * 86_400);
like(once(), qr/too early/, 'by the clock of the worker it is too early');
is(seen('/closing'), 1, 'and nothing fires');
set_clock('redis', $passed * 86_400);
is(scalar(delayed()), 1, 'it waits');
it_is($passed + 10);
once();
is(seen('/closing'), 2, 'when it is time it fires');

# --- once in the life of a record ----------------------------------------------------

crm_seed('Orders', 1, '{"Due":null}');
put('Orders/1', '{"Due":"' . day($passed + 2) . '"}');
it_is($passed + 3);
once();
is(seen('/order'), 1, 'it fires');
put('Orders/1', '{"Due":"' . day($passed + 2) . '"}');
is(scalar(delayed()), 0, 'and never again');

# --- again each month ----------------------------------------------------------------

crm_seed('Contacts', 1, '{"Since":null,"State":"New"}');
put('Contacts/1', '{"Since":"2020-01-31"}');
it_is($passed + 100);
once();
once();
is(json_decode(crm_record('Contacts', 1))->{State}, 'Renew', 'three times are missed, it is done');
is(scalar(grep { $_->{body} =~ /Renew/ } crm_writes()), 1, 'once');

my ($month_end) = due() =~ /^\d+-(\d+-\d+) 00:00$/;

like($month_end // due(), qr/^(?:(?:01|03|05|07|08|10|12)-31|(?:04|06|09|11)-30|02-2[89])$/,
     'and waits for the end of the next month');
redis('DEL', key('delayed'));

# --- S8: nobody has touched it ---------------------------------------------------------

my $before = time - $began;

is(http(POST => '/crm/v8/Leads', body => '{"data":[{"Last_Name":"Lee"}]}')->{status}, 201, 'a lead');
wait_for { redis('ZCARD', key('intents')) == 0 } 'the end of the write';

my $after = time - $began;

my ($lead) = (crm_writes())[-1];
my $id = json_decode((http(GET => '/crm/v8/Leads'))->{body})->{data}[0]{id};
my $touch = sub {
    crm_seed('Leads', $id, '{"Last_Name":"Lee","Modified_Time":"'
             . strftime('%Y-%m-%dT%H:%M:%SZ', gmtime($began + $_[0] * 86_400)) . '"}');
};

my $at = $passed;

like(join('|', map { day($at + 30 + $_ / 86_400) } $before, $after), qr/\b@{[ (split ' ', due())[0] ]}\b/,
     'a month from its creation');
$touch->($at + 20);
it_is($at + 31);
once();
is(seen('/idle'), 0, 'one that was touched meanwhile is not idle');
is((split ' ', due())[0], day($at + 50), 'it waits for a month from then');
it_is($at + 51);
once();
is(seen('/idle'), 1, 'S8: one that nobody has touched is');

$touch->(-40);
is(http(PUT => "/crm/v8/Leads/$id", body => '{"data":[{"Last_Name":"Lee-Doe"}]}')->{status}, 200,
   'somebody touches it');
wait_for { redis('ZCARD', key('intents')) == 0 } 'the end of the write';
is(scalar(@{ redis('ZRANGE', key('delayed'), 0, -1) }), 1, 'and it is waited for again');

is(scalar(@{ redis('LRANGE', key('dead'), 0, -1) }), 0, 'nothing is dead');

done_testing();
