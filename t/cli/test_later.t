# Time in tests: what a write schedules is listed, comes due while time passes,
# and is judged with the record as it is by then. Were it broken, a rule that
# waits could only be tried by waiting.

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
---
kind: business_hours
type: custom
days: { monday: ["09:00", "17:00"], tuesday: ["09:00", "17:00"], wednesday: ["09:00", "17:00"], thursday: ["09:00", "17:00"], friday: ["09:00", "17:00"] }
holidays: [2026-04-06]
---
kind: webhook
name: deal
module: Deals
url: https://erp.example.test/deals/${!Deals.id}
http_method: POST
body: { type: raw, format: JSON, content: '{"amount":"${!Deals.Amount}","was":"${OLD!Deals.Amount}","day":"${TODAY}"}' }
---
kind: workflow_rule
name: Chase
module: Deals
execute_when: { type: create_or_edit, details: { repeat: true } }
conditions:
  - criteria: { field: Stage, comparator: equal, value: Open }
    instant_actions: [ { type: field_updates, field: Priority, value: High } ]
    scheduled_actions:
      - execute_after: { unit: 2, period: days }
        actions: [ { type: webhooks, name: deal } ]
      - execute_after: { unit: 2, period: business_days }
        recheck: false
        actions: [ { type: webhooks, name: deal } ]
  - criteria: { field: Stage, comparator: equal, value: Dated }
    scheduled_actions:
      - { execute_after: { unit: 1, period: months }, actions: [ { type: webhooks, name: deal } ] }
      - { execute_after: { unit: 10, period: business_hours }, actions: [ { type: webhooks, name: deal } ] }
      - { execute_after: { unit: 90, period: minutes }, actions: [ { type: webhooks, name: deal } ] }
---
kind: workflow_rule
name: Gone
module: Deals
execute_when: { type: delete }
conditions:
  - { criteria: null, scheduled_actions: [ { execute_after: { unit: 1, period: weeks }, actions: [ { type: webhooks, name: deal } ] } ] }
---
kind: workflow_rule
name: Dark
module: Deals
status: shadow
execute_when: { type: create_or_edit }
conditions:
  - { criteria: null, scheduled_actions: [ { execute_after: { unit: 1, period: days }, actions: [ { type: webhooks, name: deal } ] } ] }
EOT


# Friday before Easter; Monday is a holiday
holds('what waits is listed, and runs when its time has come', <<'END');
    clock: 2026-04-03T10:00
    given: { module: Deals, record: { id: "1", Amount: 5 } }
    steps:
      - when: { operation: update, set: { Stage: Open, Amount: 6 } }
        expect:
          exact: true
          decision: allowed
          fired: [Chase]
          shadow: [Dark]
          record: { id: "1", Amount: 6, Stage: Open, Priority: High }
          actions: [ { type: field_updates } ]
          scheduled:
            - { type: webhooks, rule: Chase, name: deal, due: "2026-04-05T08:00:00.000Z" }
            - { type: webhooks, rule: Chase, name: deal, due: "2026-04-08T08:00:00.000Z" }
      - advance: { unit: 47, period: hours }
        expect: { exact: true, record: { id: "1", Amount: 6, Stage: Open, Priority: High }, scheduled: [ {}, {} ] }
      - advance: { unit: 1, period: hours }
        expect:
          actions: [ { type: webhooks, rule: Chase, state: queued, name: deal, url: "https://erp.example.test/deals/1", body: '{"amount":"6","was":"5","day":"2026-04-05"}', due: "2026-04-05T08:00:00.000Z" } ]
          scheduled: [ { due: "2026-04-08T08:00:00.000Z" } ]
      - advance: { unit: 1, period: hours }
        expect: { exact: true, record: { id: "1", Amount: 6, Stage: Open, Priority: High }, scheduled: [ {} ] }
END

holds('the record is looked at again, unless the rule says not to', <<'END');
    clock: 2026-04-03T10:00
    given: { module: Deals, record: { id: "1", Amount: 5 } }
    steps:
      - when: { operation: update, set: { Stage: Open } }
      - advance: { unit: 1, period: days }
        when: { operation: update, set: { Stage: Lost, Amount: 7 } }
        expect: { not_fired: { Chase: criteria_false }, scheduled: [ {}, {} ] }
      - advance: { unit: 1, period: weeks }
        expect:
          exact: true
          record: { id: "1", Amount: 7, Stage: Lost, Priority: High }
          actions:
            - { state: "skipped(criteria_no_longer_met)", name: deal }
            - { state: queued, body: '{"amount":"7","was":"5","day":"2026-04-08"}' }
END

holds('a deleted record cancels what waits, and a delete has its own', <<'END');
    clock: 2026-04-03T10:00
    given: { module: Deals, record: { id: "1", Amount: 5 } }
    steps:
      - when: { operation: update, set: { Stage: Open } }
      - when: { operation: delete }
        expect: { fired: [Gone], scheduled: [ {}, {}, { rule: Gone, due: "2026-04-10T08:00:00.000Z" } ] }
      - advance: { unit: 7, period: days }
        expect:
          exact: true
          actions: [ { rule: Chase, state: "skipped(record_deleted)" }, { rule: Chase, state: "skipped(record_deleted)" }, { rule: Gone, state: queued, body: '{"amount":"5","was":"5","day":"2026-04-10"}' } ]
END

# 31 March 16:30: business hours run on the next day; a month later is the 30th
holds('each period has its own clock', <<'END');
    clock: 2026-03-31T16:30
    given: { module: Deals }
    steps:
      - when: { operation: create, record: { Stage: Dated } }
        expect: { scheduled: [ { due: "2026-03-31T16:00:00.000Z" }, { due: "2026-04-02T08:30:00.000Z" }, { due: "2026-04-30T14:30:00.000Z" } ] }
      - advance: { unit: 10, period: business_hours }
        expect: { actions: [ {}, {} ], scheduled: [ { due: "2026-04-30T14:30:00.000Z" } ] }
      - advance: { unit: 25, period: days }
        when: { operation: update, set: { Amount: 2, Stage: Other } }
        expect: { not_fired: { Chase: criteria_false }, scheduled: [ {} ] }
      - advance: { unit: 4, period: days }
        expect: { actions: [ { state: "skipped(criteria_no_longer_met)" } ] }
END

# The night of 29 March has 23 hours.
holds('days keep the time of the clock', <<'END');
    clock: 2026-03-28T10:00
    given: { module: Deals, record: { id: "1" } }
    when:  { operation: update, set: { Stage: Open } }
    expect: { scheduled: [ { due: "2026-03-30T08:00:00.000Z" }, { due: "2026-03-31T08:00:00.000Z" } ] }
END

holds('a rule that fires again waits again, for itself', <<'END');
    clock: 2026-04-03T10:00
    given: { module: Deals, record: { id: "1" } }
    steps:
      - when: { operation: update, set: { Stage: Open } }
      - advance: { unit: 1, period: days }
        when: { operation: update, set: { Amount: 1 } }
        expect: { scheduled: [ { due: "2026-04-05T08:00:00.000Z" }, { due: "2026-04-06T08:00:00.000Z" }, {}, {} ] }
      - advance: { unit: 1, period: days }
        expect: { actions: [ { state: queued } ], scheduled: [ {}, {}, {} ] }
END

holds('what cannot be known is not done', <<'END');
    clock: 2026-04-03T10:00
    given: { module: Deals, absent: unknown, record: { id: "1", Amount: 5 } }
    steps:
      - when: { operation: update, set: { Stage: Open } }
      - advance: { unit: 0, period: minutes }
        expect: { scheduled: [ {}, {} ] }
      - advance: { unit: 1, period: years }
        expect: { actions: [ { state: queued }, { state: queued } ] }
END

{
    my $r = run(<<'END');
    clock: 2026-04-03T10:00
    given: { module: Deals, record: { id: "1", Amount: 5 } }
    steps:
      - when: { operation: update, set: { Stage: Open } }
      - advance: { unit: 3, period: days }
        expect: { actions: [ { state: "skipped(criteria_no_longer_met)" } ] }
END

    is($r->{rc}, 1, 'what came due otherwise fails the step');
    like($r->{out}, qr/^ +step 2, line \d+$/m, 'which is named');
    like($r->{out}, qr/actions\[0\] .*skipped.*\| \(nothing like it\)$/m, 'with what is not there');
}

# --- eval tells the same -------------------------------------------------------

{
    my $dir = folder('');

    spew("$dir/deal.json", '{"id":"1","Amount":5}');
    spew("$dir/change.json", '{"Stage":"Open"}');

    my @args = ('eval', "$dir/rules.yaml", '--module', 'Deals', '--before', "$dir/deal.json", '--record',
                "$dir/change.json", '--now', '2026-04-03T10:00:00+02:00');
    my $r = crmctl(@args);

    like($r->{out}, qr/^scheduled\n  2026-04-05T08:00:00\.000Z  webhooks deal, by Chase\n  2026-04-08T08:00:00\.000Z  webhooks deal, by Chase, not rechecked\n/m,
         'eval lists what waits, and until when') or diag $r->{out}, $r->{err};
    unlike($r->{out}, qr/^jobs/m, 'apart from what is done at once');

    my $trace = json_decode(crmctl(@args, '-o', 'json')->{out});
    my ($chase) = grep { $_->{name} eq 'Chase' } @{ $trace->{rules} };

    is($chase->{scheduled}[0]{actions}[0]{state}, 'queued', 'the document says that it is queued');
    is(scalar(@{ $trace->{jobs} }), 2, 'and holds the jobs that wait');
}

done_testing();


sub folder {
    my ($tests) = @_;
    my $dir = work_dir() . '/later' . ++$n;

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
