# crmctl test: the tests beside the rules, judged as nginx would judge. Were it
# broken, a folder could be trusted that nobody has tried.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;

my $Rules = slurp(top_dir() . '/t/data/tests/deals/rules.yaml');
my $Ann = '4150868000000225013';
my $n = 0;


# --- the language's own example ---------------------------------------------------

{
    my $r = run(<<"END");
clock: 2026-03-27T16:30:00+01:00
tests:
  - name: warns once the amount crosses the line
    given: { module: Deals, record: { id: "1", Amount: 9000, Probability: 80, Stage: Proposal } }
    when:  { operation: update, user: "$Ann", set: { Amount: 250000 } }
    expect:
      decision: allowed
      fired: [Big deal]
      record: { Priority: High }
      actions: [ { type: webhooks, name: tell-erp }, { type: field_updates, field: Priority, value: High } ]
  - name: a closed deal is locked
    given: { module: Deals, record: { id: "1", Stage: Closed Won, Amount: 5 } }
    when:  { operation: update, user: "$Ann", set: { Amount: 6 } }
    expect: { decision: refused, code: RECORD_LOCKED, rule: closed, record: { Amount: 5 } }
  - name: does not fire below the line
    given: { module: Deals, record: { id: "1", Amount: 9000 } }
    when:  { operation: update, set: { Amount: 9500 } }
    expect: { decision: allowed, not_fired: { Low: trigger_mismatch, Dated: criteria_false } }
END

    is($r->{rc}, 0, 'tests that hold exit 0') or diag "$r->{out}$r->{err}";
    like($r->{out}, qr{^ok    \S+/my\.test\.yaml:3: warns once the amount crosses the line$}m,
         'each is told by its place and name');
    like($r->{out}, qr/^3 passed, 0 failed$/m, 'and counted');
}


# --- what can be given and expected -------------------------------------------------

holds('a create gets the id that the test says', <<'END');
    given: { module: Deals }
    when:  { operation: create, id: "77", record: { Amount: 100000.0, Probability: 70, Deal_Name: "a \"b\"" } }
    expect:
      record: { id: "77", Amount: 100000 }
      actions: [ { name: tell-erp, rule: Big deal, method: POST, url: "https://erp.example.test/hooks/deals/77", body: '{"name":"a \"b\"","amount":"100000.0"}' } ]
END
holds('a delete', <<'END');
    given: { module: Deals, record: { id: "1" } }
    when:  { operation: delete }
    expect: { decision: allowed, fired: [Low], record: null }
END
holds('a lock that marks alone, with the mark', <<'END');
    given: { module: Deals, record: { id: "1", Marked: true }, locked_by: [marked] }
    when:  { operation: update, set: { Amount: 1 } }
    expect: { code: RECORD_LOCKED, rule: marked, not_fired: { Big deal: lock_denied }, trace: { gates: [ { gate: lock, rules: [ { rule_id: marked, marked: true } ] } ] } }
END
holds('and without', <<'END');
    given: { module: Deals, record: { id: "1", Marked: true } }
    when:  { operation: update, set: { Amount: 1 } }
    expect: { decision: allowed, code: null, rule: null, locked_by: [marked] }
END
my $valid = "---\n" . <<'END';
kind: validation_rule
name: Why
module: Deals
criteria: { field: Stage, comparator: equal, value: Lost }
field: Stage
message: Say why.
END
holds('a validation rule that runs on request', <<'END', $valid);
    given: { module: Deals, record: { id: "1" } }
    when:  { operation: update, apply_feature_execution: [criteria_validation_rule], set: { Stage: Lost } }
    expect: { decision: refused, code: INVALID_DATA, rule: Why, reason: Say why., trace: { gates: [ { gate: validation, rules: [ { asked: true } ] } ] } }
END
holds('and where it is not requested', <<'END', $valid);
    given: { module: Deals, record: { id: "1" } }
    when:  { operation: update, set: { Stage: Lost } }
    expect: { decision: allowed, trace: { gates: [ { gate: validation, result: pass, rules: [ { asked: false } ] } ] } }
END
holds('a rule that has had its run', <<'END');
    given: { module: Deals, record: { id: "1", Stage: Won }, fired_once: [Dated] }
    when:  { operation: update, set: { Closing: 2026-03-28 } }
    expect: { not_fired: { Dated: already_fired_once } }
END
holds('a rule in shadow does nothing, and says so', <<'END');
    given: { module: Deals, record: { id: "1" } }
    when:  { operation: update, set: { Dark: yes } }
    expect: { fired: [Big deal], shadow: [Dark], record: { id: "1", Dark: yes, Size: small }, exact: true, not_fired: { Low: trigger_mismatch, Dated: criteria_false }, actions: [ { type: field_updates } ] }
END
holds('a trigger that lets nothing run', <<'END');
    given: { module: Deals, record: { id: "1" } }
    when:  { operation: update, set: { Amount: 1 }, trigger: [approval] }
    expect: { not_fired: { Big deal: suppressed_by_trigger_param }, trace: { trigger_param: [approval] } }
END
holds('an import', <<'END');
    given: { module: Deals, record: { id: "1" } }
    when:  { operation: update, set: { Amount: 1 }, import: true }
    expect: { not_fired: { Big deal: suppressed_by_trigger_param }, trace: { source: import } }
END
holds('a field that the backend does not show', <<'END');
    given: { module: Deals, record: { id: "1" }, absent: unknown }
    when:  { operation: update, set: { Amount: 1 } }
    expect: { code: RECORD_LOCKED, rule: closed }
END
holds('time that passes between writes', <<'END');
    given: { module: Deals, record: { id: "1", Closing: 2026-02-10 } }
    clock: 2026-01-31T23:30
    steps:
      - when: { operation: update, set: { Stage: Won } }
        expect: { not_fired: { Dated: criteria_false }, trace: { ts: "2026-01-31T22:30:00.000Z" } }
      - advance: { unit: 1, period: months }
        when: { operation: update, set: { Amount: 2 } }
        expect: { fired: [Dated], trace: { ts: "2026-02-28T22:30:00.000Z" } }
      - when: { operation: update, set: { Amount: 3 } }
        expect: { not_fired: { Dated: already_fired_once } }
      - advance: { unit: 5, period: weeks }
      - when: { operation: update, set: { Amount: 4 } }
        expect: { trace: { ts: "2026-04-04T21:30:00.000Z" } }
      - advance: { unit: 90, period: minutes }
        when: { operation: update, set: { Amount: 5 } }
        expect: { trace: { ts: "2026-04-04T23:00:00.000Z" } }
      - advance: { unit: 1, period: years }
        when: { operation: delete }
        expect: { trace: { ts: "2027-04-04T23:00:00.000Z" } }
      - when: { operation: create, record: { Amount: 1 } }
        expect: { record: { Amount: 1, Size: small } }
END
holds('writes in a list, of which the last counts', <<'END');
    given: { module: Deals, record: { id: "1" } }
    when:
      - { operation: update, set: { Stage: Closed Won } }
      - { advance: { unit: 1, period: hours } }
      - { operation: update, set: { Amount: 4 } }
    expect: { code: RECORD_LOCKED }
END
holds('lists in any order, each member for one', <<'END');
    given: { module: Deals, record: { id: "1", Probability: 70 } }
    when:  { operation: update, set: { Amount: 200000, Tags: [a, b, c] } }
    expect: { record: { Tags: [c, a] }, actions: [ { rule: Big deal }, { field: Priority } ] }
END

holds('a function becomes a job like any other; a date starts nothing here', <<'END', <<'RULES');
    given: { module: Deals, record: { id: "1", Tagged: true } }
    when:  { operation: update, set: { Amount: 2 } }
    expect: { fired: [Tagged], not_fired: { Due: trigger_mismatch }, actions: [ { type: functions, rule: Tagged, state: queued }, { type: webhooks, rule: Tagged, state: queued } ] }
END
---
kind: workflow_rule
name: Tagged
module: Deals
execute_when: { type: edit, details: { repeat: true } }
conditions:
  - criteria: { field: Tagged, comparator: equal, value: true }
    instant_actions:
      - { type: functions, name: later }
      - { type: webhooks, name: tell-erp }
---
kind: function
name: later
file: later.dg
source: "x = 1;"
---
kind: workflow_rule
name: Due
module: Deals
execute_when: { type: date_or_datetime, details: { field: Closing, unit: -2, period: days, execute_at: "09:00", recur_cycle: once } }
conditions: [ { criteria: null, instant_actions: [ { type: webhooks, name: tell-erp } ] } ]
RULES

fails('a list that wants too many of a kind', qr/^ +actions\[2\] .*\| \(nothing like it\)$/m, <<'END');
    given: { module: Deals, record: { id: "1", Probability: 70 } }
    when:  { operation: update, set: { Amount: 200000 } }
    expect: { actions: [ { rule: Big deal }, { rule: Big deal }, { rule: Big deal } ] }
END
fails('an exact list', qr/^ +fired +\[\] +\| \["Big deal"\]$/m, <<'END');
    given: { module: Deals, record: { id: "1" } }
    when:  { operation: update, set: { Amount: 2 } }
    expect: { fired: [], exact: true }
END
fails('an exact map', qr/^ +record\.Size +\(nothing\) +\| "small"$/m, <<'END');
    given: { module: Deals, record: { id: "1" } }
    when:  { operation: update, set: { Amount: 2 } }
    expect: { record: { id: "1", Amount: 2 }, exact: true }
END
fails('a rule that fired after all', qr/^ +not_fired\.Big deal +"criteria_false" +\| \(fired\)$/m, <<'END');
    given: { module: Deals, record: { id: "1" } }
    when:  { operation: update, set: { Amount: 2 } }
    expect: { not_fired: { Big deal: criteria_false } }
END
fails('a value, with the write, the decision and the rule', qr/^\s+step 2, line 7\n\s+update Deals\/1 by nobody known\n\s+allowed\n\s+expected +\| got\n\s+fired\[0\] +"Dated" +\| \["Big deal"\]\n/m, <<'END');
    given: { module: Deals, record: { id: "1" } }
    steps:
      - when: { operation: update, set: { Amount: 2 } }
        expect: { fired: [Big deal] }
      - { when: { operation: update, set: { Amount: 3 } }, expect: { fired: [Dated] } }
END
fails('with what criteria compared', qr/^ +not fired  Dated: criteria_false\n(?:.*\n)*? +Closing \(empty\) less_than \$\{TODAY\+7\} "2026-01-08": false$/m, <<'END');
    given: { module: Deals, record: { id: "1", Stage: Won } }
    when: { operation: update, set: { Amount: 3 } }
    expect: { fired: [Dated] }
END
fails('only what differs of two long values', qr/^ +actions\[0\]\.body +\xe2\x80\xa6x{16}B.* \| \xe2\x80\xa6x{16}A/m, <<"END");
    given: { module: Deals }
    when: { operation: create, record: { Amount: 100000, Probability: 70, Deal_Name: "@{['x' x 300]}A" } }
    expect: { actions: [ { type: webhooks, body: '{"name":"@{['x' x 300]}B","amount":"100000"}' } ] }
END
fails('an update of nothing', qr/^ +there is no record: give the stored one in given\.record$/m, <<'END');
    given: { module: Deals }
    when: { operation: update, set: { Amount: 3 } }
END
fails('a create over a record', qr/^ +there is a record already/m, <<'END');
    given: { module: Deals, record: { id: "1" } }
    when: { operation: create, record: { Amount: 3 } }
END


# --- which tests run --------------------------------------------------------------

{
    my $two = <<'END';
tests:
  - name: first one
    given: { module: Deals }
    when: { operation: create, record: { Amount: 3 } }
  - name: second one
    given: { module: Deals }
    when: { operation: create, record: { Amount: 3 } }
    expect: { fired: [Dated] }
END
    my $dir = folder($two);

    is(crmctl('test', $dir)->{rc}, 1, 'a test that fails exits 1');

    my $r = crmctl('test', $dir, '--run', 'first');

    is($r->{rc}, 0, '--run leaves others out');
    like($r->{out}, qr/^1 passed, 0 failed$/m, 'and counts what ran');

    $r = crmctl('test', $dir, '--run', 'third');
    is($r->{rc}, 1, 'a name that no test has');
    is($r->{err}, qq{crmctl: none of the 2 tests has "third" in its name\n}, 'is no success');

    spew("$dir/more.test.yaml", "tests:\n- name: x\n  given: {module: Deals}\n  when: {operation: create, record: {A: 1}}\n");
    like(crmctl('test', $dir)->{out}, qr/^2 passed, 1 failed$/m, 'all files of the folder');
    like(crmctl('test', $dir, "$dir/more.test.yaml")->{out}, qr/^1 passed, 0 failed$/m,
         'or those that are named');
    like(crmctl('test', "$dir/rules.yaml", "$dir/more.test.yaml")->{out},
         qr/^1 passed, 0 failed$/m, 'with rules of one file, too');

    $r = crmctl('test', "$dir/rules.yaml");
    is($r->{rc}, 64, 'rules of one file alone are not enough');
    like($r->{err}, qr/is one file: name the test files behind it/, 'it says so');
}

{
    my $dir = folder('');

    my $r = crmctl('test', $dir);
    is($r->{rc}, 1, 'a folder without tests is no success');
    like($r->{err}, qr/holds no tests: write them into \*\.test\.yaml files/, 'it says what to do');

    spew("$dir/rules.yaml", "kind: workflow_rule\n");
    $r = crmctl('test', $dir);
    is($r->{rc}, 1, 'with rules that have errors');
    like($r->{err}, qr/the rules have errors: nothing was tested$/, 'nothing is tested');
}

done_testing();


sub folder {
    my ($tests, $more) = @_;
    my $dir = work_dir() . '/tests' . ++$n;

    mkdir $dir or die "$dir: $!";
    spew("$dir/rules.yaml", $Rules . ($more || ''));
    spew("$dir/my.test.yaml", $tests);

    return $dir;
}


sub run {
    my ($tests, @args) = @_;

    return crmctl('test', folder($tests), @args);
}


sub holds {
    my ($name, $test, $more) = @_;
    my $r = crmctl('test', folder("tests:\n  - name: $name\n$test", $more));

    ok($r->{rc} == 0 && $r->{out} =~ /^1 passed, 0 failed$/m, $name)
        or diag "$r->{out}$r->{err}";
}


sub fails {
    my ($name, $like, $test) = @_;
    my $r = run("tests:\n  - name: $name\n$test");

    subtest "fails: $name" => sub {
        is($r->{rc}, 1, 'exits 1');
        like($r->{out}, $like, 'shows why') or diag $r->{err};
    };
}
