# crmctl test -o json, tap and junit, and --coverage. Were they broken, a build
# server would read a failure as a success, or nothing at all.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use TAP::Parser;
use Test::More;
use Test::CRM;

my $dir = work_dir() . '/tests';
my $Name = q{fails & <shows> "much" # here \\ there ]]> é};

mkdir $dir or die "$dir: $!";
spew("$dir/rules.yaml", slurp(top_dir() . '/t/data/tests/deals/rules.yaml'));
spew("$dir/my.test.yaml", <<"END");
tests:
  - name: holds
    given: { module: Deals }
    when: { operation: create, record: { Amount: 1 } }
    expect: { fired: [Big deal] }
  - name: '$Name'
    given: { module: Deals, record: { id: "1", Deal_Name: "<&>\\u0001\\uffff]]>" } }
    when: { operation: update, set: { Amount: 12345678901234567 } }
    expect: { record: { Deal_Name: none, Amount: 12345678901234568 } }
  - name: cannot be
    given: { module: Deals }
    when: { operation: delete }
END


# --- json -----------------------------------------------------------------------------

{
    my $r = crmctl('test', $dir, '-o', 'json');
    my $j = json_decode($r->{out});

    is($r->{rc}, 1, 'json: a failure exits 1');
    is("$j->{passed} $j->{failed}", '1 2', 'json: counts');
    is($j->{coverage}, undef, 'json: no coverage unless it is asked for');
    utf8::encode($_->{name}) for @{ $j->{tests} };
    is_deeply([ map { [ $_->{name}, $_->{ok} ? 1 : 0, $_->{line}, $_->{column}, $_->{step} ] } @{ $j->{tests} } ],
              [ [ 'holds', 1, 2, 5, 1 ], [ "$Name", 0, 6, 5, 1 ], [ 'cannot be', 0, 10, 5, 1 ] ],
              'json: each test');
    is_deeply($j->{tests}[1]{differences}[1],
              { path => 'record.Amount', expected => '12345678901234568', got => '12345678901234567' },
              'json: values as JSON text, digit for digit');
    is($j->{tests}[1]{error}, undef, 'json: no error where something differs');
    like($j->{tests}[2]{error}, qr/^there is no record/, 'json: why a step could not be made');
    is_deeply($j->{tests}[2]{differences}, [], 'json: and then nothing differs');
}


# --- TAP 13 ---------------------------------------------------------------------------

{
    my $r = crmctl('test', $dir, '-o', 'tap');
    my $tap = TAP::Parser->new({ tap => $r->{out} });
    my (@tests, @comments);

    while (my $line = $tap->next) {
        push @tests, $line if $line->is_test;
        push @comments, $line->as_string if $line->is_comment;
        fail('tap: unknown line ' . $line->as_string) if $line->is_unknown;
    }

    is($r->{rc}, 1, 'tap: a failure exits 1');
    is($tap->version, 13, 'tap: version 13');
    ok(!$tap->parse_errors, 'tap: can be read') or diag join "\n", $tap->parse_errors;
    is_deeply([ map { $_->is_ok ? 1 : 0 } @tests ], [ 1, 0, 0 ], 'tap: what held');
    ok(!(grep { $_->has_skip || $_->has_todo } @tests), 'tap: no name is a directive');
    like($tests[1]->description, qr/my\.test\.yaml:6: fails & <shows>/, 'tap: place and name');
    like("@comments", qr/record\.Deal_Name +"none" +\|/, 'tap: the difference as a comment');
}


# --- JUnit ----------------------------------------------------------------------------

{
    my $r = crmctl('test', $dir, '-o', 'junit');
    my $xml = $r->{out};

    is($r->{rc}, 1, 'junit: a failure exits 1');
    is(well_formed($xml), '', 'junit: well-formed');
    like($xml, qr/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites>\n  <testsuite name="[^"]+" tests="3" failures="2" errors="0">/,
         'junit: counts');
    like($xml, qr{<testcase classname="[^"]+my\.test\.yaml" name="holds" file="[^"]+" line="2"/>}, 'junit: what held');
    like($xml, qr{name="fails &amp; &lt;shows&gt; &quot;much&quot; # here}, 'junit: names are escaped');
    like($xml, qr{<failure message="record\.Deal_Name is not as expected">update Deals/1}, 'junit: what failed');
    unlike($xml, qr/[\x00-\x08\x0b-\x1f]|\xef\xbf\xbf/, 'junit: no character that XML lacks');

    my $odd = work_dir() . "/odd\xfe";

    mkdir $odd or die "$odd: $!";
    spew("$odd/$_", slurp("$dir/$_")) for 'rules.yaml', 'my.test.yaml';
    $r = crmctl('test', $odd, '-o', 'junit');
    is(well_formed($r->{out}), '', 'junit: well-formed though the name of a folder is no UTF-8');
    is(() = $r->{out} =~ /<testcase /g, 3, 'junit: with all tests');
}


# --- coverage -------------------------------------------------------------------------

{
    my $r = crmctl('test', $dir, '--run', 'holds', '--coverage');

    is($r->{rc}, 0, 'coverage: shown');
    like($r->{out}, qr/^coverage \d+\.\d %: rules 1 of 6, conditions 1 of 7, criteria branches \d+ of 14$/m,
         'coverage: how much');
    like($r->{out}, qr{^  \Q$dir\E/rules\.yaml:\d+:\d+: rule "Dated" never fired$}m, 'coverage: a rule');
    like($r->{out}, qr{^  \Q$dir\E/rules\.yaml:\d+:\d+: condition 1 of "Big deal" was never the one that counts$}m,
         'coverage: a condition');
    like($r->{out}, qr{^  \Q$dir\E/rules\.yaml:\d+:\d+: Amount greater_equal 100000 was never true$}m,
         'coverage: a branch');
    like($r->{out}, qr{^  \Q$dir\E/rules\.yaml:\d+:\d+: lock "closed" never refused anything$}m, 'coverage: a lock');
    like($r->{out}, qr{^  \Q$dir\E/rules\.yaml:\d+:\d+: Marked equal true was never asked$}m,
         'coverage: what nobody looked at');
    unlike($r->{out}, qr/rule "Big deal" never/, 'coverage: not what was reached');

    my ($line) = $r->{out} =~ /rules\.yaml:(\d+):\d+: Amount greater_equal/;
    my @lines = split /\n/, slurp("$dir/rules.yaml");
    like($lines[$line - 1], qr/field: Amount, comparator: greater_equal/, 'coverage: by its line');

    $r = crmctl('test', $dir, '--run', 'holds', '--coverage-min', '60');
    is($r->{rc}, 1, 'coverage: too little exits 1');
    like($r->{err}, qr/^crmctl: coverage is \d+\.\d %, less than 60 %$/m, 'coverage: and says so');
    is(crmctl('test', $dir, '--run', 'holds', '--coverage-min', '5')->{rc}, 0, 'coverage: enough');
    is(crmctl('test', $dir, '--coverage-min', $_)->{rc}, 64, "coverage: $_ is no percentage")
        for '101', 'x', '-1', '5%';
}

{
    spew("$dir/all.test.yaml", <<'END');
tests:
  - name: big, then small
    given: { module: Deals, record: { id: "1" } }
    steps:
      - when: { operation: update, set: { Amount: 100000, Probability: 70 } }
      - when: { operation: update, set: { Probability: 60, Amount: 5, Dark: "yes" } }
      - when: { operation: update, set: { Stage: Won, Closing: 2026-01-01, Marked: true } }
      - when: { operation: update, set: { Stage: Closed Won, Closing: 2027-01-01 } }
  - name: closed
    given: { module: Deals, record: { id: "1", Stage: Closed Won } }
    when: { operation: update, set: { Amount: 1 } }
  - name: not marked
    given: { module: Deals, record: { id: "1", Marked: true, Stage: Open } }
    when: { operation: delete }
  - name: marked
    given: { module: Deals, record: { id: "1", Marked: true }, locked_by: [marked] }
    when: { operation: delete }
  - name: another stage
    given: { module: Deals, record: { id: "1", Closing: 2027-01-01 } }
    when: { operation: update, set: { Amount: 1 } }
END
    my $r = crmctl('test', $dir, "$dir/all.test.yaml", '--coverage-min', 100, '-o', 'json');
    my $c = json_decode($r->{out})->{coverage};

    is($c->{percent}, '100.0', 'coverage: all of it') or diag $r->{out};
    is_deeply($c->{missing}, [], 'coverage: nothing is missing');
    is($c->{rules}{reached}, $c->{rules}{all}, 'coverage: as numbers');
    is($r->{rc}, 0, 'coverage: and enough');
}

{
    my $watch = work_dir() . '/watch';

    mkdir $watch or die "$watch: $!";
    spew("$watch/rules.yaml", <<'END');
kind: workflow_rule
name: Won
module: Deals
execute_when:
  type: field_update
  details:
    criteria:
      group_operator: OR
      group:
        - { field: Stage, comparator: equal, value: Won }
        - { field: Owner, comparator: equal, value: "${ANYVALUE}" }
conditions:
  - criteria: null
    instant_actions: [ { type: field_updates, field: Seen, value: true } ]
END
    spew("$watch/a.test.yaml", <<'END');
tests:
  - name: changes to something else
    given: { module: Deals, record: { id: "1", Stage: Open, Owner: "7" } }
    when: { operation: update, set: { Stage: Lost } }
  - name: changes to it
    given: { module: Deals, record: { id: "1", Stage: Open, Owner: "7" } }
    when: { operation: update, set: { Stage: Won } }
END
    my $r = crmctl('test', $watch, '--coverage');

    like($r->{out}, qr/criteria branches 3 of 4$/m, 'coverage: watched fields are counted');
    like($r->{out}, qr{/rules\.yaml:11:11: Owner equal "\$\{ANYVALUE\}" was never true$}m,
         'coverage: one that never changed');
    unlike($r->{out}, qr/: Stage equal/, 'coverage: not one that did');
    is($r->{rc}, 0, 'coverage: of watched fields, shown');
}

is(crmctl('validate', $dir, '-o', 'tap')->{rc}, 64, 'tap is for test alone');

done_testing();


# '' or what is wrong with a document of elements, attributes and text.
sub well_formed {
    my ($xml) = @_;
    my $letters = $xml;
    my @open;

    utf8::decode($letters) or return 'no UTF-8';
    $xml =~ s/^<\?xml[^?]*\?>\s*// or return 'no declaration';

    while (length $xml) {
        if ($xml =~ s/^<\/([a-z]+)>//) {
            (pop @open // '') eq $1 or return "</$1> closes nothing";
        } elsif ($xml =~ s/^<([a-z]+)((?: [a-z]+="(?:[^<&"]|&(?:lt|gt|amp|quot);)*")*)(\/?)>//) {
            push @open, $1 if !$3;
        } elsif ($xml !~ s/^(?:(?!\]\]>)[^<&]|&(?:lt|gt|amp|quot);)+//) {
            return 'at ' . substr($xml, 0, 40);
        }
    }

    return @open ? "open: @open" : '';
}
