# Every kind of mistake that a folder can hold, each with the place and the
# whole sentence, and all of them in one run; and input that is made to hurt.
# Were it broken, people would mend rules by trial and error, or one file could
# take the machine down.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;

my $n = 0;


# --- one folder, all mistakes -----------------------------------------------------

my %files = (
    'deals.yaml' => <<'EOT',
kind: module
name: Deals
fields:
  - { api_name: Stage, data_type: picklist }
  - { api_name: Amount, data_type: currency }
  - { api_name: Closing_Date, data_type: date }
---
kind: webhook
name: tell-erp
module: Deals
url: https://erp.example.test/
---
kind: field_update
name: set-stage
module: Deals
field: Stage
value: Won
---
kind: workflow_rule
name: One
modul: Deals
module: Deals
execute_when: { type: edit }
conditions:
  - criteria: { field: Amuont, comparator: equal, value: 1 }
    instant_actions: [ { type: webhooks, name: tell-epr } ]
  - criteria: { field: Stage, comparator: greater_than, value: 1 }
    instant_actions: [ { type: field_updates, name: nobody } ]
  - criteria: { field: Stage, comparator: equals, value: Won }
    instant_actions: [ { type: webhook, name: tell-erp } ]
  - criteria: { field: Amount, comparator: equal, value: much }
    instant_actions: [ { type: field_updates, field: Stage } ]
  - criteria: { field: Amount, comparator: equal }
    instant_actions: webhooks
---
kind: workflow_rule
name: Two
module: Deals
EOT
    'more/people.yaml' => <<'EOT',
kind: user
id: "1"
name: Ann
email: ann@example.test
profile: Nobody
role: No one
---
kind: group
name: EMEA
members: ["2"]
---
kind: role
name: Rep
reports_to: Chief
---
kind: role
name: Rep
---
kind: record_locking
module: Deals
lock_type: automatic
locking_rules: [ { name: l, criteria: { field: Stage, comparator: in, value: [] } } ]
lock_excluded_profiles: [Nobody]
---
kind: workflow_rul
name: Three
EOT
    'rules.yaml' => <<'EOT',
kind: workflow_rule
name: Unreachable
module: Deals
execute_when: { type: create }
conditions:
  - criteria: null
    instant_actions: [ { type: webhooks, name: tell-erp } ]
  - criteria: { field: Amount, comparator: less_than, value: 5 }
    instant_actions: [ { type: webhooks, name: tell-erp } ]
---
kind: workflow_rule
name: Impossible
module: Deals
execute_when: { type: create }
conditions:
  - criteria:
      group_operator: AND
      group:
        - { field: Amount, comparator: greater_than, value: 5 }
        - { field: Amount, comparator: less_than, value: 3 }
    instant_actions: [ { type: webhooks, name: tell-erp } ]
---
kind: workflow_rule
name: Ping
module: Deals
cascade: true
execute_when:
  type: field_update
  details: { criteria: { field: Stage, comparator: equal, value: "${ANYVALUE}" } }
conditions:
  - criteria: null
    instant_actions: [ { type: field_updates, field: Amount, value: 1, mode: async } ]
---
kind: workflow_rule
name: Pong
module: Deals
cascade: true
execute_when:
  type: field_update
  details: { criteria: { field: Amount, comparator: equal, value: "${ANYVALUE}" } }
conditions:
  - criteria: null
    instant_actions: [ { type: field_updates, field: Stage, value: New, mode: async } ]
---
kind: workflow_rule
name: Crowded
module: Deals
execute_when: { type: delete }
conditions:
  - criteria: null
    instant_actions:
      - { type: webhooks, name: tell-erp }
      - { type: webhooks, name: tell-erp }
EOT
);

my @expected = split /\n/, <<'EOT';
deals.yaml:21:1: error: unknown key "modul" in a workflow_rule, did you mean "module"?
deals.yaml:25:24: error: module Deals declares no field "Amuont", did you mean "Amount"?
deals.yaml:26:48: error: there is no webhook "tell-epr", did you mean "tell-erp"?
deals.yaml:27:43: error: comparator "greater_than" does not fit the type of the field, which is picklist; use equal, not_equal, contains, in, not_in
deals.yaml:28:53: error: there is no field_update "nobody"
deals.yaml:29:43: error: unknown comparator "equals", did you mean "equal"?
deals.yaml:30:32: error: unknown action type "webhook", did you mean "webhooks"?
deals.yaml:31:58: error: the field is a number, so the value must be one
deals.yaml:32:24: error: a field update lacks "value"
deals.yaml:34:22: error: instant_actions must be a list
deals.yaml:36:1: error: a workflow_rule lacks "execute_when"
deals.yaml:36:1: error: a workflow_rule lacks "conditions"
more/people.yaml:5:10: error: there is no profile "Nobody"
more/people.yaml:6:7: error: there is no role "No one"
more/people.yaml:10:11: error: there is no user "2"
more/people.yaml:14:13: error: there is no role "Chief"
more/people.yaml:17:7: error: there are two of kind role "Rep"; the first is at more/people.yaml:13
more/people.yaml:22:78: error: the value of "in" must be a list of 1 to 100 values
more/people.yaml:23:1: warning: lock_excluded_profiles has no effect unless locked_for is all_profiles_except_excluded_profiles
more/people.yaml:23:26: error: there is no profile "Nobody"
more/people.yaml:25:7: error: unknown kind "workflow_rul", did you mean "workflow_rule"?
rules.yaml:8:5: error: condition 1 has no criteria and matches every record, so this one is never reached; put it last
rules.yaml:20:11: error: no record can match: "Amount greater_than 5" and "Amount less_than 3" are never both true; change one, or join them by OR
rules.yaml:26:10: warning: rules can start one another in a circle: "Ping" sets Amount -> "Pong" sets Stage -> "Ping"; no rule runs twice in a chain, so what comes out depends on who begins: take cascade from one, or narrow its criteria
rules.yaml:52:7: warning: 2 instant webhooks in one condition: the limit instant_webhooks is 1; split it up, or set the limit in the file of --limits
crmctl: 22 errors, 3 warnings
EOT

{
    my $dir = folder(%files);
    my $r = crmctl('validate', $dir);
    my @found = map { s{\Q$dir\E/}{}gr } split /\n/, $r->{err};

    is($r->{rc}, 1, 'a folder with every mistake exits 1');
    is($r->{out}, '', 'with nothing on stdout');
    is_deeply(\@found, \@expected, 'each is told once, where and what instead')
        or diag(join "\n", @found);
}


# --- warnings, hints, limits ------------------------------------------------------

my $doubles = <<'EOT';
kind: workflow_rule
name: One
module: Deals
execute_when: { type: edit }
conditions:
  - criteria: { field: Stage, comparator: equal, value: Won }
    instant_actions: [ { type: field_updates, field: Priority, value: High } ]
---
kind: workflow_rule
name: Two
module: Deals
execute_when: { type: edit }
conditions:
  - criteria: { field: Amount, comparator: greater_than, value: 5 }
    instant_actions: [ { type: field_updates, field: Priority, value: Low } ]
---
kind: webhook
name: idle
module: Deals
url: https://erp.example.test/
EOT

{
    my $dir = folder('a.yaml' => $doubles);
    my $r = crmctl('validate', $dir);

    is($r->{rc}, 0, 'warnings and hints exit 0');
    is($r->{err} =~ s{\Q$dir\E/}{}gr, <<'EOT', 'and are told');
a.yaml:15:24: warning: "Two" sets Priority to "Low", and on a record that matches both, "One" to "High": "Two" wins, the last in order (both have sequence 1000, so their names decide); make their criteria exclude one another, or let one rule set it
a.yaml:18:7: hint: nothing uses the webhook "idle"
EOT
    is($r->{out}, "3 objects, no errors, 1 warning\n", 'with their number');
    is(crmctl('validate', '--strict', $dir)->{rc}, 1,
       'with --strict a warning exits 1');

    my $f = json_decode(crmctl('validate', '-o', 'json', $dir)->{out});

    is_deeply([ map { "$_->{severity} $_->{code}" } @{ $f->{findings} } ],
              [ 'warning write_conflict', 'hint unused' ],
              'as JSON with severity and code');

    spew("$dir/limits.yml.txt", "module_workflow_rules: 1\n");
    $r = crmctl('validate', '--limits', "$dir/limits.yml.txt", $dir);

    is($r->{rc}, 1, 'a limit of one\'s own is an error');

    for ([ 'test' ], [ 'eval', '--module', 'Deals', '--record', '/dev/null' ]) {
        my $o = crmctl(@$_, $dir, '--limits', "$dir/limits.yml.txt");

        is($o->{rc}, 1, "and stops $_->[0]");
        like($o->{err}, qr/the limit module_workflow_rules is 1;/, 'which says why');
    }

    like($r->{err}, qr{/a\.yaml:10:7: error: 2 workflow rules of one module: the limit module_workflow_rules is 1; split it up, or set the limit in the file of --limits\n},
         'that names the limit, the number and the place');

    spew("$dir/limits.yml.txt", "conditions: 11\nmodul_workflow_rules: 1\nschedules: lots\n");
    $r = crmctl('validate', '--limits', "$dir/limits.yml.txt", $dir);

    is($r->{rc}, 1, 'limits that are wrong exit 1');
    is_deeply([ grep { /limits\.yml/ } split /\n/, $r->{err} ],
              [ map { "$dir/limits.yml.txt:$_" }
                '1:13: error: conditions can be lowered only: it is at most 10',
                '2:1: error: there is no limit "modul_workflow_rules", did you mean "module_workflow_rules"?',
                '3:12: error: schedules must be a whole number from 1 to 1000000, or null for none' ],
              'each where it stands');
    like(crmctl('validate', '--limits', '/nowhere', $dir)->{err},
         qr{^/nowhere: error: cannot be read: No such file}m,
         'so does a file that is not there');
}


# --- what is made to hurt ---------------------------------------------------------

my $rule = "kind: workflow_rule\nname: R\nmodule: M\nexecute_when: { type: edit }\n";
my $act = 'instant_actions: [ { type: field_updates, field: Z, value: 1 } ]';

hurts('one document of 10 MB',
      "kind: role\nname: r\ndescription: |\n" . "  xxxxxxxxx\n" x 900_000,
      qr{:1:1: error: the document has 10800\d+ bytes; 4194304 are allowed: split it into several$});
hurts('a rule with 100,000 conditions',
      $rule . "conditions:\n" . "- { criteria: null }\n" x 100_000,
      qr{:6:1: error: conditions has 100000 members, at most 10 are allowed$});
hurts('a group of 50,000 criteria',
      $rule . "conditions:\n- $act\n  criteria:\n    group_operator: OR\n    group:\n"
      . "    - { field: A, comparator: equal, value: 1 }\n" x 50_000,
      qr{:10:5: error: group has 50000 members, at most 25 are allowed$});
hurts('groups within groups',
      $rule . "conditions:\n- $act\n  criteria: "
      . '{ group_operator: OR, group: [ ' x 20
      . '{ field: A, comparator: equal, value: 1 }' . ' ] }' x 20 . "\n",
      qr{:7:\d+: error: criteria are nested deeper than 8 groups$});
hurts('brackets without end in JSON',
      '{"kind":"workflow_rule","conditions":' . '[{"criteria":' x 100_000,
      qr{:1:\d+: error: values are nested deeper than 64 levels$});
hurts('100,000 unknown keys', "kind: role\nname: r\n" . join('', map { "k$_: 1\n" } 1 .. 100_000),
      qr{:1:1: error: more than 100 findings in this document: mend these first$});
hurts('100,000 duplicate keys', "kind: role\nname: r\n" . "name: r\n" x 100_000,
      qr{: error: more than 100 mistakes in this document: mend these first$});
hurts('aliases that would grow to 8 ** 30 values', bomb(),
      qr{: error: aliases \(\*name\) are not used in rules: write the value out$});
hurts('100,000 mistakes in as many documents', "---\nkind: x\n" x 100_000,
      qr{^rules: error: 90000 findings more than 10000: mend these first$});

{
    my $dir = folder();

    spew("$dir/$_.yaml", '') for 1 .. 10_001;

    my $r = crmctl('validate', $dir);

    is($r->{rc}, 1, 'a folder of too many files is refused');
    like($r->{err}, qr{: error: more than 10000 rule files: this and later ones are not read\n},
         'with the limit');
}

done_testing();


sub folder {
    my (%files) = @_;
    my $dir = work_dir() . '/b' . ++$n;

    mkdir $dir or die "$dir: $!\n";
    spew("$dir/$_", $files{$_}) for keys %files;

    return $dir;
}


sub bomb {
    return "a0: &a0 [ x ]\n"
           . join '', map { "a$_: &a$_ [" . join(',', ('*a' . ($_ - 1)) x 8) . "]\n" }
                      1 .. 30;
}


# Refused with that line, within memory that any machine has.

sub hurts {
    my ($what, $text, $line) = @_;
    my $dir = folder('a.yaml' => $text);
    my $ctl = build_dir() . '/crmctl';
    my $limit = $ENV{CRM_TEST_ASAN} ? '' : 'ulimit -v 1048576;';
    my $err = `$limit '$ctl' validate '$dir/a.yaml' 2>&1`;

    is($? >> 8, 1, "$what is refused within 1 GB");
    ok((grep { $_ =~ $line } split /\n/, $err), 'with the limit and the place')
        or diag(substr $err, 0, 500);
}
