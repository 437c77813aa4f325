# T35 over all that happens to a record in its life: what dates, escalations and
# assignments lead to ends, whatever leads back to where it began. It would fail
# by writes that never end.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use POSIX qw(strftime);
use Test::More;
use Test::CRM;
use Test::CRM::Chain;
use Test::CRM::Jobs;

redis_start();
crm_start();

sub on_field {
    my ($name, $on, $actions) = @_;

    return <<"EOR";
kind: workflow_rule
name: $name
module: Deals
execute_when: { type: field_update, details: { repeat: true, criteria: { field: $on, comparator: equal, value: "\${ANYVALUE}" } } }
conditions: [ { criteria: null, instant_actions: [ $actions ] } ]
cascade: true
---
EOR
}

sub set { return "{ type: field_updates, field: $_[0], value: { merge: \"\${!Deals.$_[1]}+\" }, mode: async }" }

crm_rules(on_field('A', 'X', set('Y', 'X')) . on_field('B', 'Y', set('X', 'Y'))
          . on_field('Make', 'Z', '{ type: create_record, module: Leads, fields: { Last_Name: "${!Deals.Z}", Deal: "${!Deals.id}" } }')
          . <<'EOR');
kind: workflow_rule
name: D
module: Deals
execute_when: { type: date_or_datetime, details: { field: Due, unit: 0, period: days } }
conditions: [ { criteria: null, instant_actions: [ { type: field_updates, field: X, value: "1" } ] } ]
cascade: true
---
kind: assignment_rule
name: Ann
module: Leads
run: always
entries: [ { criteria: null, assign_to: { type: user, id: "1" } } ]
---
kind: workflow_rule
name: Back
module: Leads
execute_when: { type: create }
conditions:
  - criteria: { field: Owner, comparator: equal, value: "1" }
    instant_actions: [ { type: field_updates, related: { field: Deal, module: Deals }, field: Z, value: { merge: "${!Leads.Last_Name}+" }, mode: async } ]
cascade: true
---
kind: profile
name: P
---
kind: user
id: "1"
profile: P
---
kind: escalation_rule
name: Again
module: Cases
entries:
  - criteria: { field: Status, comparator: equal, value: Open }
    levels:
      - after: { unit: 0, period: minutes }
        to: { type: user, id: "1" }
        actions:
          - { type: field_updates, field: Status, value: Paused, mode: async }
          - { type: webhooks, name: seen }
---
kind: workflow_rule
name: Open again
module: Cases
execute_when: { type: edit, details: { repeat: true } }
conditions: [ { criteria: { field: Status, comparator: equal, value: Paused }, instant_actions: [ { type: field_updates, field: Status, value: Open, mode: async } ] } ]
cascade: true
---
kind: webhook
name: seen
module: Cases
url: http://127.0.0.1:1/
http_method: POST
EOR

my $key = chain_key_file();

nginx_start(extra => "crm_chain_key_file $key;");

# Where the worker reads and writes: by way of nginx.
worker_start('--backend', guarded_url(), '--chain-key-file', $key);

sub put { is(http(PUT => "/crm/v8/$_[0]", body => qq({"data":[$_[1]]}))->{status}, 200, "$_[0]: $_[1]") }
sub traces { return map { $_->[1][1] } @{ redis('XRANGE', key('trace'), '-', '+') } }
sub stopped { return scalar grep { /"loop_stopped"/ } traces() }

# Nothing is under way any more, and nothing will be.
sub quiet {
    my ($what) = @_;

    wait_for {
        redis('ZCARD', key('intents')) == 0 && redis('ZCARD', key('lease')) == 0
            && redis('LLEN', key('queue:records')) == 0 && redis('LLEN', key('ready:records')) == 0
            && redis('LLEN', key('ready:functions')) == 0
            && !grep { !/^date:/ && (redis('HGET', key("job:$_"), 'class') // '') ne 'webhooks' } @{ redis('ZRANGE', key('delayed'), 0, -1) }
    } $what, 60;
}


# --- a date --------------------------------------------------------------------------

my $day = strftime('%Y-%m-%d', gmtime(time + 86_400));

crm_seed('Deals', 1, '{"Due":null,"X":"0","Y":"0","Z":"0"}');
put('Deals/1', qq({"Due":"$day"}));
wait_for { redis('ZCARD', key('delayed')) == 1 } 'its timer';
crm_seed('Deals', 1, '{"Due":"' . strftime('%Y-%m-%d', gmtime) . '","X":"0","Y":"0","Z":"0"}');

my ($timer) = @{ redis('ZRANGE', key('delayed'), 0, -1) };

redis('ZADD', key('delayed'), 'XX', 1, $timer);
wait_for { stopped() } 'the end of the chain', 30;
quiet('T35: what a date has started ends');

my $deal = json_decode(crm_record('Deals', 1));

is("$deal->{X} $deal->{Y}", '1++ 1+', 'each rule has had its turn, once');

# --- a record that is made, and assigned ------------------------------------------------

my $before = stopped();

put('Deals/1', '{"Z":"lee"}');
wait_for { stopped() > $before } 'the end of the chain', 30;
quiet('T35: what an assignment is part of ends');

my @leads = @{ json_decode(http(GET => '/crm/v8/Leads')->{body})->{data} };

is(scalar(@leads), 1, 'one lead is made');
is($leads[0]{Owner}{id}, '1', 'and assigned, since its rule may start others');
is(json_decode(crm_record('Deals', 1))->{Z}, 'lee+', 'it wrote back, and that made no other');

# --- an escalation -------------------------------------------------------------------------

crm_seed('Cases', 1, '{"Status":"Open","Owner":{"id":"9"},"Created_Time":"2026-11-20T16:00:00Z"}');
put('Cases/1', '{"A":1}');
wait_for { json_decode(crm_record('Cases', 1))->{Owner}{id} eq '1' && json_decode(crm_record('Cases', 1))->{Status} eq 'Paused' } 'the level', 30;
quiet('what a level writes starts no rules');
is(json_decode(crm_record('Cases', 1))->{Status}, 'Paused', 'nothing has opened the case again');
is(scalar(grep { /"stage":"level"/ } traces()), 1, 'one level');

# what the escalation itself leads to does not begin it anew

my $r = chain_write(PUT => '/crm/v8/Cases/1', '{"data":[{"Status":"Open"}]}', fired => ['escalation:Again']);

is($r->{status}, 200, 'a write of its own chain') or diag $r->{body};
wait_for { grep { /"type":"escalations","rule":"Again","due":null,"reason":"loop_stopped"/ } traces() } 'which is told';
quiet('and starts nothing');
is(scalar(grep { /"stage":"level"/ } traces()), 1, 'no other level');

# an import does not run what is not said to run on imports

$r = http(PUT => '/crm/v8/Deals/1', body => qq({"data":[{"Due":"$day"}]}), headers => [ 'X-Automation-Source' => 'import' ]);
is($r->{status}, 200, 'an import');
quiet('its end');
is(redis('ZSCORE', key('delayed'), $timer), undef, 'sets no timer of a rule that does not run on imports');

done_testing();
