# Scores without a server: eval tells what a record is worth and why, test keeps
# them from step to step. Were it broken, a scoring rule could only be tried on
# live records.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;

my $dir = work_dir() . '/rules';

mkdir $dir or die "$dir: $!\n";

spew("$dir/rules.yaml", <<'YAML');
kind: scoring_rule
name: Fit
module: Leads
write_to: { score: Score }
field_rules:
  - { score: 10, criteria: { field: Revenue, comparator: greater_equal, value: 1000000 } }
  - { score: -5, criteria: { field: Email, comparator: equal, value: "${EMPTY}" } }
---
kind: scoring_rule
name: Kept
module: Leads
field_rules: [ { score: 3, criteria: { field: Rating, comparator: equal, value: Hot } } ]
touch_point_rules: [ { event: email_opened, score: 3 } ]
---
kind: workflow_rule
name: up
module: Leads
execute_when: { type: score_increase, details: { type: Selective_Rules, rules: [Kept] } }
conditions: [ { criteria: null, instant_actions: [ { type: add_tags, tags: [better] } ] } ]
YAML

spew("$dir/scores.test.yaml", <<'YAML');
tests:
  - name: a score starts a rule when it moves, not when it stays
    given: { module: Leads, record: { id: "1", Email: a@b, Rating: Cold } }
    steps:
      - when: { operation: update, set: { Rating: Hot } }
        expect: { fired: [up], record: { Rating: Hot }, trace: { scores: [ { rule_id: Kept, was: 0, score: 3 } ] } }
      - when: { operation: update, set: { Revenue: 2000000 } }
        expect: { not_fired: { up: trigger_mismatch }, record: { Score: 10 } }
  - name: a new one is scored
    given: { module: Leads }
    when: { operation: create, set: { Revenue: 2000000 } }
    expect: { record: { Score: 5 } }
YAML

my $r = crmctl('test', $dir);

is($r->{rc}, 0, 'tests of scores hold') or diag "$r->{out}$r->{err}";

spew(work_dir() . '/lead.json', '{"Revenue":2000000,"Rating":"Hot"}');
$r = crmctl('eval', $dir, '--module', 'Leads', '--record', work_dir() . '/lead.json');

is($r->{rc}, 0, 'eval judges a record') or diag $r->{err};
like($r->{out}, qr/^scores\n  Fit: 0 becomes 5 \(10 and -5\), by field rules 1, 2\n  Kept: 0 becomes 3 \(3 and 0\), 0 of it by events, by field rules 1$/m,
     'and says what it is worth');
like($r->{out}, qr/^  Score: \(empty\) becomes 5, by Fit$/m, 'what that sets');
like($r->{out}, qr/^  fired      up$/m, 'what it starts');

$r = crmctl('validate', $dir);
unlike("$r->{out}$r->{err}", qr/no_run_time/, 'and validate warns of nothing that would not run');

done_testing();
