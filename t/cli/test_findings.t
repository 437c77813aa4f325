# What is wrong in a test file is told by its place, before anything runs. Were
# it broken, a test with a misspelt key would hold for ever.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;

my $dir = work_dir() . '/tests';

mkdir $dir or die "$dir: $!";
spew("$dir/rules.yaml", slurp(top_dir() . '/t/data/tests/deals/rules.yaml'));

# each: the file, in which << stands where the finding must, and its sentence
my @wrong = (
    [ 'an unknown key of a file', "<<clok: x\ntests: []\n",
      'unknown key "clok" in a test file, did you mean "clock"?' ],
    [ 'a clock that is no time', "clock: <<noon\ntests: []\n",
      'clock must be a time such as 2026-03-27T16:30:00+01:00' ],
    [ 'a clock that is a day', "clock: <<2026-03-27\ntests: []\n", 'clock must be a time such as' ],
    [ 'no tests', "<<description: none\n", 'a test file lacks "tests"' ],
    [ 'an unknown key of a test',
      "tests:\n  - { name: a, given: {module: Deals}, <<wen: {operation: delete} }\n",
      'unknown key "wen" in a test, did you mean "when"?' ],
    [ 'a test without a name',
      "tests:\n  - <<{ given: {module: Deals}, when: {operation: delete} }\n",
      'a test lacks "name"' ],
    [ 'a test without a write', "tests:\n  - <<{ name: a, given: {module: Deals} }\n",
      'a test has "when" and "expect", or "steps" that have them' ],
    [ 'a test with two ways to write',
      "tests:\n  - <<{ name: a, given: {module: Deals}, when: {operation: delete}, steps: [] }\n",
      'a test has "when" and "expect", or "steps"' ],
    [ 'no steps', test('steps: <<[]'), 'a test has 1 to 1000 steps' ],
    [ 'a CRM module without rules',
      "tests:\n  - { name: a, given: {module: <<Deal}, when: {operation: delete} }\n",
      'there is no rule for a module "Deal", did you mean "Deals"?' ],
    [ 'an unknown key of what is given',
      "tests:\n  - { name: a, given: {module: Deals, <<recrd: {}}, when: {operation: delete} }\n",
      'unknown key "recrd" in given, did you mean "record"?' ],
    [ 'an unknown operation', test('when: {operation: <<updat, set: {}}'),
      'operation must be one of: create, update, delete', 'update' ],
    [ 'an unknown key of a write', test('when: {operation: update, <<sat: {}}'),
      'unknown key "sat" in when, did you mean "set"?' ],
    [ 'a write of nothing', test('when: <<{operation: update}'),
      'what the client sends is given as "set" or as "record", one of them' ],
    [ 'a delete with a record', test('when: {operation: delete, set: <<{A: 1}}'),
      'a delete sends no record: leave "set" out' ],
    [ 'an id of an update', test('when: {operation: update, id: <<"7", set: {A: 1}}'),
      '"id" is what the backend calls a record that it creates' ],
    [ 'an unknown name in trigger', test('when: {operation: delete, trigger: [<<workflw]}'),
      'trigger lists workflow, approval, blueprint, pathfinder or orchestration (did you mean "workflow"?)' ],
    [ 'an unknown key of what is expected', test('when: {operation: delete}, expect: {<<decison: allowed}'),
      'unknown key "decison" in expect, did you mean "decision"?' ],
    [ 'an unknown decision', test('when: {operation: delete}, expect: {decision: <<allow}'),
      'decision must be one of: allowed, refused' ],
    [ 'a rule that does not exist', test('when: {operation: delete}, expect: {fired: [<<Bg deal]}'),
      'there is no workflow rule of module Deals named "Bg deal", did you mean "Big deal"?' ],
    [ 'and one that cannot stay silent', test('when: {operation: delete}, expect: {not_fired: {Lo: <<criteria_false}}'),
      'there is no workflow rule of module Deals named "Lo", did you mean "Low"?' ],
    [ 'a lock that does not exist', test('when: {operation: delete}, expect: {locked_by: [<<clsed]}'),
      'there is no locking rule of module Deals named "clsed"' ],
    [ 'and one that an earlier save is said to have set',
      "tests:\n  - { name: a, given: {module: Deals, locked_by: [<<clsed]}, when: {operation: delete} }\n",
      'there is no locking rule of module Deals named "clsed"' ],
    [ 'a rule that is said to have had its run',
      "tests:\n  - { name: a, given: {module: Deals, fired_once: [<<Bg deal]}, when: {operation: delete} }\n",
      'there is no workflow rule of module Deals named "Bg deal", did you mean "Big deal"?' ],
    [ 'an unknown reason', test('when: {operation: delete}, expect: {not_fired: {Low: <<criteria_fals}}'),
      'a reason for not firing is one of inactive, trigger_mismatch, suppressed_by_trigger_param, ',
      'criteria_false' ],
    [ 'a step without anything', test('steps: [ <<{expect: {decision: allowed}} ]'),
      'a step lacks "when" or "advance"' ],
    [ 'an unknown period', test('steps: [ {advance: {unit: 1, period: <<moons}} ]'),
      'period must be one of: minutes, hours, business_hours, days, business_days, weeks, months, years' ],
    [ 'time that runs back', test('steps: [ {advance: {unit: <<-1, period: days}} ]'),
      'unit must be a whole number from 0 to 3650 for days' ],
    [ 'broken YAML', "tests: [<<\n", 'flow sequence without a closing bracket' ],
    [ 'a number that would lose digits', test('when: {operation: update, set: {A: <<12345678901234567890}}'),
      '12345678901234567890 does not fit' ],
);

for my $case (@wrong) {
    my ($name, $text, $sentence, $suggestion) = @$case;
    my ($ahead) = $text =~ /^(.*?)<</s;
    my ($line) = 1 + ($ahead =~ tr/\n//);
    my ($last) = $ahead =~ /([^\n]*)\z/;

    (my $file = $text) =~ s/<<//;
    spew("$dir/my.test.yaml", $file);

    my $r = crmctl('test', $dir, '-o', 'json');
    my $all = eval { json_decode($r->{out})->{findings} } || [];
    my ($found) = grep { index($_->{message}, $sentence) == 0 } @$all;

    subtest $name => sub {
        is($r->{rc}, 1, 'exits 1');
        ok($found, 'is found') or diag $r->{out};
        is($found->{line} . ':' . $found->{column}, "$line:" . (1 + length $last), 'where it stands');
        is($found->{severity}, 'error', 'as an error');
        is($found->{suggestion}, $suggestion, 'with what was meant') if $suggestion;
        like($r->{err}, qr/^crmctl: the tests have errors: none was run$/m, 'nothing runs');
    };
}

# one line a finding for people, on stderr
spew("$dir/my.test.yaml", "tests:\n  - { name: a, wen: {} }\n");
my $r = crmctl('test', $dir);
like($r->{err}, qr{^\Q$dir\E/my\.test\.yaml:2:16: error: unknown key "wen" in a test}m, 'FILE:LINE:COLUMN');
is($r->{out}, '', 'nothing on stdout');

# one that is wrong hides no other
spew("$dir/my.test.yaml",
     test('when: {operation: delete}, expect: {fired: [Bg deal], shadow: [Lo], not_fired: {Low: never}}'));
$r = crmctl('test', $dir);
is(() = ($r->{err} =~ /^\Q$dir\E\/my\.test\.yaml:\d+:\d+: error: /mg), 3, 'all that an expectation has wrong is told at once');

# what would hold whatever happens
spew("$dir/my.test.yaml", test('when: {operation: create, record: {A: 1}}, expect: {fired: []}'));
$r = crmctl('test', $dir);
is($r->{rc}, 0, 'an empty list holds');
like($r->{err}, qr/:2:\d+: warning: this is true of everything: add "exact: true"/, 'with a warning');

done_testing();


sub test { return "tests:\n  - { name: a, given: {module: Deals}, $_[0] }\n" }
