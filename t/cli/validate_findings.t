# crmctl validate: every mistake of a folder in one run, each with file, line
# and column. Were it broken, people would mend rules one error at a time, or
# look for them in the wrong place.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;

my $data = top_dir() . '/t/data/rules';
my $n = 0;


# --- a folder full of mistakes --------------------------------------------------

{
    my $dir = "$data/bad/many_mistakes";
    my @expected = split /\n/, slurp("$dir.findings");

    my $r = crmctl('validate', '-o', 'json', $dir);
    my $f = json_decode($r->{out})->{findings};

    is($r->{rc}, 1, 'a folder with mistakes exits 1');
    is_deeply([ map { place($_, $dir) . " $_->{code}" } @$f ], \@expected,
              'all mistakes come in one run, by file, line and column');
    ok(@$f >= 10 && (grep { $_->{code} eq 'syntax' } @$f) == 2,
       'syntax errors in two documents of one file are among them');

    $r = crmctl('validate', $dir);

    is($r->{rc}, 1, 'the same as text exits 1');
    is($r->{out}, '', 'and prints nothing on stdout');
    is_deeply([ $r->{err} =~ m{^\Q$dir\E/(\S+?): (?:error|warning): \S}mg ],
              [ map { (split / /)[0] } @expected ],
              'each as FILE:LINE:COLUMN: error: text on stderr');
    like($r->{err}, qr/did you mean "greater_than"\?/,
         'with what was probably meant');
    like($r->{err}, qr/^crmctl: 13 errors, 0 warnings$/m, 'and a sum');
}

{
    my $r = crmctl('validate', "$data/good/sales");

    is($r->{rc}, 0, 'a good folder exits 0');
    like($r->{out}, qr/^9 objects, no errors$/m, 'and says how much it read');
    is($r->{err}, '', 'with nothing on stderr');

    $r = crmctl('validate', '-o', 'json', "$data/good/sales");
    is_deeply(json_decode($r->{out}), { findings => [] },
              'as JSON it has no findings');
}


{
    # libfyaml reads on behind the tab, and sees a text of two lines
    my $file = work_dir() . '/tab.yaml';

    spew($file, "kind: role\n\tname: r\n");
    like(crmctl('validate', $file)->{err}, qr/:1:7: error: .*with a tab: indent with spaces$/m,
         'a line that a tab indents is told to be indented with spaces');
}


# --- what the file format refuses -----------------------------------------------

my $webhook = <<'EOT';
kind: webhook
name: hook
module: Leads
url: https://hooks.example.test/
http_method: POST
EOT

finds("a tag", $webhook . "ordered: !!bool true\n", '6:17 tag');
finds("an anchor", $webhook . "description: &a text\n", '6:17 anchor');
finds("an alias", $webhook . "description: *a\n", '6:14 alias');
finds("a merge key", $webhook . "<<: { ordered: true }\n", '6:1 merge_key');
finds("a duplicate key", $webhook . "name: other\n", '6:1 duplicate_key');
finds("a duplicate key deeper down",
      $webhook . "headers: { X-A: a, X-B: b, X-A: c }\n",
      '6:28 duplicate_key');
finds("a key that is a list", $webhook . "[a]: b\n", '6:1 wrong_type');
finds("an integer beyond 64 bits", $webhook . "ordered: 9223372036854775808\n",
      '6:10 number', '6:10 wrong_type');
finds("a decimal of 16 digits",
      "kind: field_update\nname: f\nmodule: Leads\nfield: A\n"
      . "value: 1.234567890123456\n", '5:8 number');
finds("a number beyond all range",
      "kind: field_update\nname: f\nmodule: Leads\nfield: A\nvalue: 1e999\n",
      '5:8 number');
finds("a document that is a list", "- kind: webhook\n", '1:1 wrong_type');
finds("a document that is a word", "webhook\n", '1:1 wrong_type');
finds("a tab for indentation", "kind: webhook\nheaders:\n\tX-A: a\n",
      '3:1 syntax');
finds("a tab behind the colon of a value, where a key has a line of its own",
      "kind: webhook\nheaders:\n  ? X-\xc3\xa9: \t: a\n", '3:10 syntax');
finds("a document of YAML 1.1, where yes is no text",
      "# first\n%YAML 1.1\n---\nkind: webhook\nenabled: yes\n",
      '1:1 yaml_version');
finds("a bracket left open", "kind: webhook\nheaders: { X-A: a\n",
      '2:18 syntax');
finds("columns count characters, not bytes",
      "kind: role\nname: \"\xc3\xa9\xc3\xa9\"\ndescription: "
      . "\"\xc3\xa9\xc3\xa9\"\n\"\xc3\xa9\xc3\xa9\": 1\n", '4:1 unknown_key');
finds("an error behind CRLF line ends",
      "kind: role\r\nname: r\r\nnaem: x\r\n", '3:1 unknown_key');
finds("an error behind a byte order mark",
      "\xef\xbb\xbfkind: role\nname: r\nnaem: x\n", '3:1 unknown_key');
finds("an error in the second document, behind comments and a directive",
      "# first\nkind: role\nname: r\n...\n# next\n%YAML 1.2\n---\nkind: role\n"
      . "name: s\nnaem: x\n", '10:1 unknown_key');
finds("a syntax error does not hide the document behind it",
      "kind: role\nname: [r\n--- \nkind: role\nname: s\nnaem: x\n",
      '2:9 syntax', '6:1 unknown_key');
finds("the same object twice, at the second",
      "kind: role\nname: r\n---\nkind: role\nname: r\n", qr/^5:\d+ duplicate/);


# --- circles ------------------------------------------------------------------

{
    my $rules = <<'EOT';
kind: workflow_rule
name: Weekly
module: Deals
execute_when:
  type: date_or_datetime
  details:
    field: Next_Call
conditions: [ { criteria: null, instant_actions: [ { type: field_updates, field: Next_Call, value: { merge: "${TODAY+7}" } } ] } ]
---
kind: scoring_rule
name: Fit
module: Deals
write_to: { score: Score }
field_rules:
  - { score: 10, criteria: { field: Stage, comparator: equal, value: Open } }
---
kind: workflow_rule
name: Hot
module: Deals
execute_when: { type: field_update, details: { criteria: { field: Score, comparator: greater_than, value: 5 } } }
conditions: [ { criteria: null, instant_actions: [ { type: field_updates, field: Stage, value: Open, mode: async } ] } ]
cascade: true
EOT

    my $r = judge($rules);
    my ($weekly, $hot) = map { $_->{message} } @{ json_decode($r->{out})->{findings} };

    is_deeply($r->{found}, [ '7:12 circle', '22:10 circle' ], 'circles through a date and through a score, where they can be mended');
    is($r->{rc}, 0, 'which are warnings');
    like($weekly, qr/: "Weekly" sets Next_Call -> "Weekly"; time begins a new chain, so it never ends/, 'the one named');
    like($hot, qr/: "Hot" sets Stage -> scoring_rule "Fit" sets Score -> "Hot"; no rule runs twice/, 'and the other');
}


# --- what it takes ----------------------------------------------------------------

takes('an empty first and last document',
      "---\nkind: role\nname: r\n---\n");
takes('plain words that other YAML readers take for booleans',
      "kind: role\nname: on\n---\nkind: role\nname: yes\n");
takes('JSON with tabs', "{\n\t\"kind\": \"role\",\n\t\"name\": \"r\"\n}\n");
takes('JSON escapes', "{ \"kind\": \"role\", \"name\": "
                      . "\"\\u00e9 \\ud83d\\ude00 \\/\" }\n");
takes('a folded text', "kind: role\nname: r\ndescription: >\n  one\n  two\n");
takes('15 digits, leading and closing zeros aside',
      "kind: field_update\nname: f\nmodule: Leads\nfield: A\n"
      . "value: 0.0123456789012345000\n");
takes('an integer of 64 bits',
      "kind: field_update\nname: f\nmodule: Leads\nfield: A\n"
      . "value: -9223372036854775808\n");

done_testing();


sub place {
    my ($f, $dir) = @_;

    return ($f->{file} =~ s{^\Q$dir\E/}{}r) . ":$f->{line}:$f->{column}";
}


sub judge {
    my ($text) = @_;
    my $dir = work_dir() . '/v' . ++$n;

    spew("$dir/rules.yaml", $text);

    my $r = crmctl('validate', '-o', 'json', $dir);

    $r->{found} = [ map { "$_->{line}:$_->{column} $_->{code}" }
                    grep { $_->{severity} ne 'hint' }
                    @{ json_decode($r->{out})->{findings} } ];

    return $r;
}


sub finds {
    my ($what, $text, @expected) = @_;
    my $r = judge($text);

    subtest "finds $what" => sub {
        is($r->{rc}, 1, 'exit code');

        if (ref $expected[0]) {
            is(scalar @{ $r->{found} }, 1, 'one finding');
            like($r->{found}[0], $expected[0], 'the finding');

        } else {
            is_deeply($r->{found}, \@expected, 'the findings');
        }
    };
}


sub takes {
    my ($what, $text) = @_;
    my $r = judge($text);

    is_deeply([ $r->{rc}, @{ $r->{found} } ], [0], "takes $what");
}
