# Dates and escalations in tests: a clock that is advanced brings what waits for
# it, each at its own time, and says why it does nothing. Were it broken, such
# rules could only be tried by waiting for days, or not at all.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;

my $n = 0;
my $Rules = <<'EOT';
kind: organization
time_zone: Europe/Paris
mail_from: crm@example.test
---
kind: profile
name: P
---
kind: role
name: Director
---
kind: role
name: Rep
reports_to: Director
---
kind: user
id: "1"
profile: P
role: Rep
---
kind: user
id: "2"
profile: P
role: Director
---
kind: webhook
name: hook
module: Deals
url: https://erp.example.test/deals/${!Deals.id}
http_method: POST
body: { type: raw, format: JSON, content: '{"stage":"${!Deals.Stage}","day":"${TODAY}"}' }
---
kind: webhook
name: late
module: Cases
url: https://erp.example.test/cases/${!Cases.id}
http_method: POST
---
kind: workflow_rule
name: Two days before
module: Deals
execute_when: { type: date_or_datetime, details: { field: Closing_Date, unit: -2, period: days, execute_at: "09:00" } }
conditions:
  - criteria: { field: Stage, comparator: equal, value: Open }
    instant_actions: [ { type: webhooks, name: hook } ]
    scheduled_actions:
      - { execute_after: { unit: 1, period: days }, actions: [ { type: webhooks, name: hook } ] }
---
kind: workflow_rule
name: Each month
module: Deals
execute_when: { type: date_or_datetime, details: { field: Start, period: days, recur_cycle: monthly } }
conditions: [ { criteria: { field: Stage, comparator: not_equal, value: Lost }, instant_actions: [ { type: webhooks, name: hook } ] } ]
---
kind: workflow_rule
name: Birthday
module: Deals
execute_when: { type: date_or_datetime, details: { field: Born, period: days, recur_cycle: yearly } }
conditions: [ { criteria: null, instant_actions: [ { type: webhooks, name: hook } ] } ]
---
kind: workflow_rule
name: Week old
module: Deals
execute_when: { type: date_or_datetime, details: { field: Created_Time, unit: 1, period: weeks, repeat: false } }
conditions: [ { criteria: null, instant_actions: [ { type: field_updates, field: Stage, value: Old } ] } ]
---
kind: workflow_rule
name: Idle
module: Leads
execute_when: { type: date_or_datetime, details: { field: Modified_Time, unit: 30, period: days } }
conditions: [ { criteria: { field: Watch, comparator: equal, value: true }, instant_actions: [ { type: field_updates, field: Idle, value: true } ] } ]
---
kind: workflow_rule
name: Dark
module: Deals
status: shadow
execute_when: { type: date_or_datetime, details: { field: Dark, period: days } }
conditions: [ { criteria: null, instant_actions: [ { type: webhooks, name: hook } ] } ]
---
kind: workflow_rule
name: "Off"
module: Deals
status: off
execute_when: { type: date_or_datetime, details: { field: Dark, period: days } }
conditions: [ { criteria: null, instant_actions: [ { type: webhooks, name: hook } ] } ]
---
kind: escalation_rule
name: Urgent
module: Cases
entries:
  - criteria: { field: Status, comparator: equal, value: Open }
    levels:
      - { after: { unit: 4, period: hours }, to: { type: role_hierarchy, levels: 1 }, actions: [ { type: webhooks, name: late } ] }
      - { after: { unit: 8, period: hours }, to: { type: user, id: "2" } }
EOT


# --- a date -----------------------------------------------------------------------

holds('a date that a write sets waits, and fires at its time of day', <<'END');
    clock: 2026-03-25T10:00
    given: { module: Deals, record: { id: "1", Stage: Open } }
    steps:
      - when: { operation: update, set: { Closing_Date: "2026-03-31" } }
        expect:
          exact: true
          decision: allowed
          not_fired: { Birthday: trigger_mismatch, Dark: trigger_mismatch, Each month: trigger_mismatch, "Off": inactive, Two days before: trigger_mismatch, Week old: trigger_mismatch }
          record: { id: "1", Stage: Open, Closing_Date: "2026-03-31" }
          scheduled:
            - { type: dates, rule: Two days before, due: "2026-03-29T07:00:00.000Z" }
      - advance: { unit: 3, period: days }
        expect: { scheduled: [ { rule: Two days before } ], exact: true, record: { id: "1", Stage: Open, Closing_Date: "2026-03-31" } }
      - advance: { unit: 1, period: days }
        expect:
          exact: true
          fired: [Two days before]
          record: { id: "1", Stage: Open, Closing_Date: "2026-03-31" }
          actions:
            - { type: webhooks, rule: Two days before, state: queued, url: "https://erp.example.test/deals/1", body: '{"stage":"Open","day":"2026-03-29"}', due: "2026-03-29T07:00:00.000Z" }
          scheduled: [ { type: webhooks, rule: Two days before, due: "2026-03-30T07:00:00.000Z" } ]
      - advance: { unit: 1, period: years }
        expect: { actions: [ { state: queued, due: "2026-03-30T07:00:00.000Z" } ] }
END

holds('a date moves, and goes', <<'END');
    clock: 2026-03-25T10:00
    given: { module: Deals, record: { id: "1", Stage: Open, Closing_Date: "2026-04-10" } }
    steps:
      - when: { operation: update, set: { Closing_Date: "2026-05-10" } }
        expect: { scheduled: [ { rule: Two days before, due: "2026-05-08T07:00:00.000Z" } ] }
      - advance: { unit: 1, period: months }
        when: { operation: update, set: { Closing_Date: null } }
        expect: { not_fired: { Two days before: trigger_mismatch } }
      - advance: { unit: 1, period: years }
        expect: { exact: true, record: { id: "1", Stage: Open, Closing_Date: null } }
END

holds('the record is judged as it is when time comes, and says why it does not fire', <<'END');
    clock: 2026-03-25T10:00
    given: { module: Deals, record: { id: "1", Stage: Open, Closing_Date: "2026-04-10" } }
    steps:
      - when: { operation: update, set: { Stage: Won } }
      - advance: { unit: 1, period: months }
        expect: { exact: true, record: { id: "1", Stage: Won, Closing_Date: "2026-04-10" }, not_fired: { Two days before: criteria_false } }
END

holds('a field that nobody shows is unknown', <<'END');
    clock: 2026-03-25T10:00
    given: { module: Deals, absent: unknown, record: { id: "1", Closing_Date: "2026-04-10" } }
    when: [ { advance: { unit: 1, period: months } } ]
    expect: { not_fired: { Two days before: unknown_field } }
END

holds('what is no date has no time, and what is over has none either', <<'END');
    clock: 2026-03-25T10:00
    given: { module: Deals, record: { id: "1", Stage: Open } }
    steps:
      - when: { operation: update, set: { Closing_Date: soon } }
        expect: { not_fired: { Two days before: no_date } }
      - when: { operation: update, set: { Closing_Date: "2026-03-26" } }
        expect: { decision: allowed }
      - advance: { unit: 1, period: years }
        expect: { exact: true, record: { id: "1", Stage: Open, Closing_Date: "2026-03-26" } }
END

holds('a record that is deleted is waited for no more', <<'END');
    clock: 2026-03-25T10:00
    given: { module: Deals, record: { id: "1", Stage: Open, Closing_Date: "2026-04-10" } }
    steps:
      - when: { operation: delete }
        expect: { decision: allowed }
      - advance: { unit: 1, period: months }
        expect: { exact: true }
END

# A record of before: its date waits as if it had been written so.
holds('the record that a test begins with waits already', <<'END');
    clock: 2026-03-25T10:00
    given: { module: Deals, record: { id: "1", Stage: Open, Closing_Date: "2026-04-10" } }
    when: [ { advance: { unit: 15, period: days } } ]
    expect: { fired: [Two days before] }
END

holds('what comes each month comes each month, on the last day of a short one', <<'END');
    clock: 2026-01-10T10:00
    given: { module: Deals, record: { id: "1", Start: "2026-01-31" } }
    steps:
      - advance: { unit: 5, period: months }
        expect:
          exact: true
          record: { id: "1", Start: "2026-01-31" }
          fired: [Each month, Each month, Each month, Each month, Each month]
          actions:
            - { due: "2026-01-30T23:00:00.000Z" }
            - { due: "2026-02-27T23:00:00.000Z" }
            - { due: "2026-03-30T22:00:00.000Z" }
            - { due: "2026-04-29T22:00:00.000Z" }
            - { due: "2026-05-30T22:00:00.000Z" }
          scheduled: [ { due: "2026-06-29T22:00:00.000Z" } ]
      - when: { operation: update, set: { Stage: Lost } }
      - advance: { unit: 2, period: months }
        expect: { not_fired: { Each month: criteria_false } }
END

holds('February 29 comes each year', <<'END');
    clock: 2026-01-10T10:00
    given: { module: Deals, record: { id: "1", Born: "2024-02-29" } }
    steps:
      - advance: { unit: 3, period: years }
        expect:
          actions: [ { due: "2026-02-27T23:00:00.000Z" }, { due: "2027-02-27T23:00:00.000Z" }, { due: "2028-02-28T23:00:00.000Z" } ]
END

holds('once in the life of a record', <<'END');
    clock: 2026-03-25T10:00
    given: { module: Deals }
    steps:
      - when: { operation: create, id: "7", record: { Stage: Open } }
        expect: { scheduled: [ { rule: Week old, due: "2026-04-01T08:00:00.000Z" } ] }
      - advance: { unit: 8, period: days }
        expect: { fired: [Week old], actions: [ { type: field_updates, field: Stage, due: "2026-04-01T08:00:00.000Z" } ] }
      - when: { operation: update, set: { Created_Time: "2026-04-09T08:00:00Z" } }
      - advance: { unit: 8, period: days }
        expect: { exact: true, record: { id: "7", Stage: Open, Created_Time: "2026-04-09T08:00:00Z" } }
END

holds('what a test says has had its run does not wait', <<'END');
    clock: 2026-03-25T10:00
    given: { module: Deals, fired_once: [Week old], record: { id: "1", Created_Time: "2026-03-24T10:00:00Z" } }
    when: [ { advance: { unit: 1, period: months } } ]
    expect: { exact: true, record: { id: "1", Created_Time: "2026-03-24T10:00:00Z" } }
END

holds('each write moves the time of the last change', <<'END');
    clock: 2026-03-25T10:00
    given: { module: Leads, record: { id: "1", Watch: true, Modified_Time: "2026-03-20T10:00:00Z" } }
    steps:
      - advance: { unit: 20, period: days }
        when: { operation: update, set: { Stage: Open } }
      - advance: { unit: 20, period: days }
        expect: { exact: true, record: { id: "1", Watch: true, Stage: Open, Modified_Time: "2026-04-14T08:00:00.000Z" }, scheduled: [ { rule: Idle, due: "2026-05-14T08:00:00.000Z" } ] }
      - advance: { unit: 20, period: days }
        expect: { fired: [Idle], actions: [ { due: "2026-05-14T08:00:00.000Z" } ] }
END

holds('what was written again when its time was over is waited for again', <<'END');
    clock: 2026-03-25T10:00
    given: { module: Leads, record: { id: "1", Watch: true, Modified_Time: "2026-03-20T10:00:00Z" } }
    steps:
      - advance: { unit: 31, period: days }
        expect: { fired: [Idle] }
      - when: { operation: update, set: { Stage: Open } }
        expect: { scheduled: [ { rule: Idle, due: "2026-05-25T08:00:00.000Z" } ] }
      - advance: { unit: 31, period: days }
        expect: { fired: [Idle], actions: [ { due: "2026-05-25T08:00:00.000Z" } ] }
END

holds('a rule in shadow does nothing', <<'END');
    clock: 2026-03-25T10:00
    given: { module: Deals, record: { id: "1", Dark: "2026-03-27" } }
    when: [ { advance: { unit: 1, period: weeks } } ]
    expect: { exact: true, shadow: [Dark], record: { id: "1", Dark: "2026-03-27" } }
END

# --- an escalation ------------------------------------------------------------------

holds('levels come one after the other, and end with the criteria', <<'END');
    clock: 2026-03-25T10:00
    given: { module: Cases, record: { id: "1", Status: Open, Owner: { id: "1" }, Created_Time: "2026-03-25T09:00:00+01:00" } }
    steps:
      - advance: { unit: 2, period: hours }
        expect: { exact: true, record: { id: "1", Status: Open, Owner: { id: "1" }, Created_Time: "2026-03-25T09:00:00+01:00" }, scheduled: [ { type: escalations, rule: Urgent, due: "2026-03-25T12:00:00.000Z" } ] }
      - advance: { unit: 1, period: hours }
        expect:
          fired: [Urgent]
          actions:
            - { type: webhooks, rule: Urgent, name: late, url: "https://erp.example.test/cases/1", due: "2026-03-25T12:00:00.000Z" }
            - { type: assign_owner, rule: Urgent, state: queued }
          scheduled: [ { rule: Urgent, due: "2026-03-25T16:00:00.000Z" } ]
      - when: { operation: update, set: { Status: Closed } }
      - advance: { unit: 1, period: days }
        expect: { exact: true, record: { id: "1", Status: Closed, Owner: { id: "1" }, Created_Time: "2026-03-25T09:00:00+01:00" } }
      - when: { operation: update, set: { Status: Open } }
        expect: { scheduled: [ { rule: Urgent, due: "2026-03-26T16:00:00.000Z" } ] }
      - advance: { unit: 1, period: days }
        expect: { fired: [Urgent, Urgent], actions: [ { due: "2026-03-26T16:00:00.000Z" }, { type: assign_owner }, { due: "2026-03-26T20:00:00.000Z" } ] }
END

holds('a new record is as old as the test knows', <<'END');
    clock: 2026-03-25T10:00
    given: { module: Cases }
    steps:
      - when: { operation: create, record: { Status: Open } }
        expect: { record: { Status: Open }, scheduled: [ { due: "2026-03-25T13:00:00.000Z" } ] }
      - advance: { unit: 5, period: hours }
        when: { operation: update, set: { Note: waits } }
        expect: { fired: [Urgent], scheduled: [ { due: "2026-03-25T17:00:00.000Z" } ] }
END

holds('an age that is no date is told', <<'END');
    clock: 2026-03-25T10:00
    given: { module: Cases, record: { id: "1", Status: Closed, Created_Time: long ago } }
    when: { operation: update, set: { Status: Open } }
    expect: { not_fired: { Urgent: no_date } }
END

# --- what is reported ---------------------------------------------------------------

{
    my $r = run(<<'END');
    clock: 2026-03-25T10:00
    given: { module: Deals, record: { id: "1", Stage: Won, Closing_Date: "2026-04-10" } }
    steps:
      - advance: { unit: 1, period: months }
        expect: { fired: [Two days before] }
END

    is($r->{rc}, 1, 'what time does not bring fails the step');
    like($r->{out}, qr/not fired  Two days before: criteria_false/, 'which says why') or diag $r->{out};
}

{
    my $r = run(<<'END');
    given: { module: Deals, record: { id: "1" } }
    when: { operation: update, set: { Stage: Open } }
    expect: { not_fired: { Two days before: no_dte } }
END

    is($r->{rc}, 1, 'a reason that there is not');
    like($r->{err}, qr/a reason for not firing is one of .*date_empty, no_date \(did you mean "no_date"\?\)/, 'names those that there are') or diag $r->{err};
}

{
    my $dir = folder(<<'END');
tests:
  - name: it
    clock: 2026-03-25T10:00
    given: { module: Deals, record: { id: "1", Stage: Open, Closing_Date: "2026-04-10" } }
    when: [ { advance: { unit: 15, period: days } } ]
    expect: { fired: [Two days before] }
END
    my $r = crmctl('test', '--coverage', $dir);

    unlike($r->{out}, qr/"Two days before"|Stage equal "Open" was never true/, 'what time has brought is covered') or diag $r->{out};
    like($r->{out}, qr/rule "Birthday" never fired/, 'what it has not is not');
    like($r->{out}, qr/Stage equal "Open" was never false/, 'nor is what the criteria did not say');
}

done_testing();


sub folder {
    my ($tests) = @_;
    my $dir = work_dir() . '/dates' . ++$n;

    mkdir $dir or die "$dir: $!";
    spew("$dir/rules.yaml", $Rules);
    spew("$dir/my.test.yaml", $tests);

    return $dir;
}

sub run { return crmctl('test', folder("tests:\n  - name: it\n$_[0]")) }

sub holds {
    my ($name, $test) = @_;
    my $r = run($test);

    ok($r->{rc} == 0 && $r->{out} =~ /^1 passed, 0 failed$/m, $name)
        or diag "$r->{out}$r->{err}";
}
