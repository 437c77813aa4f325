# crmctl fmt: one order for all, and nothing that people wrote is lost. Were it
# broken, a tool that is to tidy up would eat comments, or change what rules do.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use File::Temp qw(tempdir);
use List::Util qw(shuffle);
use Test::More;
use Test::CRM;

my $dir = tempdir(CLEANUP => 1);


# --- order, and comments that go along --------------------------------------------

becomes('keys and documents in order, comments with them', <<'EOT', <<'EOT');
# All about hooks.

# Tells the ERP.
url: https://erp.example.test/
# this one first
name: tell-erp
module: Deals
headers:
  # who we are
  X-Source: crm

kind: webhook      # a webhook
# behind the last key
---


# Deals are typed.
kind: module
fields:
- { api_name: Stage, data_type: picklist }
# money
- { api_name: Amount, data_type: currency }
name: Deals


---
module: Deals
kind: webhook
url: "https://a.example.test/"
name: a
EOT
# All about hooks.

# Deals are typed.
kind: module
name: Deals
fields:
- { api_name: Stage, data_type: picklist }
# money
- { api_name: Amount, data_type: currency }
---
kind: webhook
name: a
module: Deals
url: "https://a.example.test/"
---
# Tells the ERP.
kind: webhook      # a webhook
# this one first
name: tell-erp
module: Deals
url: https://erp.example.test/
headers:
  # who we are
  X-Source: crm
# behind the last key
EOT

becomes('text of several lines, whatever it looks like', <<'EOT', <<'EOT');
body:
  type: raw
  format: Text
  content: |
    # no comment

    kind: nothing
      ---
    name: none
url: https://erp.example.test/
description: >
  one
  two

  three
name: "a
  b"
module: Deals
kind: webhook
EOT
kind: webhook
name: "a
  b"
description: >
  one
  two

  three
module: Deals
url: https://erp.example.test/
body:
  type: raw
  format: Text
  content: |
    # no comment

    kind: nothing
      ---
    name: none
EOT

becomes('lists and maps that end at the margin', <<'EOT', <<'EOT');
fields: [
  { api_name: Stage,
    data_type: picklist }
  ]
name: Deals
kind: module
EOT
kind: module
name: Deals
fields: [
  { api_name: Stage,
    data_type: picklist }
  ]
EOT

becomes('lines that end as on Windows, a mark at the start',
        "---\r\nname: Standard\r\nkind: profile\r\n",
        "kind: profile\nname: Standard\n");
becomes('documents in flow style among others',
        "{ kind: role, name: B }\n---\nname: A\nkind: role\n",
        "kind: role\nname: A\n---\n{ kind: role, name: B }\n");
becomes('keys that the kind does not have come last',
        "zzz: 1\nname: A\naaa: 2\nkind: role\n",
        "kind: role\nname: A\nzzz: 1\naaa: 2\n");
becomes('a kind that nobody knows comes last',
        "kind: nonsense\nb: 1\na: 2\n---\nkind: role\nname: A\n",
        "kind: role\nname: A\n---\nkind: nonsense\nb: 1\na: 2\n");


# --- whatever order it was in ---------------------------------------------------------

{
    my %known = map { $_ => 1 }
        @{ json_decode(crmctl('schema')->{out})->{properties}{kind}{enum} };
    my @docs = grep { /^kind: (\w+)/ && $known{$1} }
               split /^---\n/m, slurp(top_dir() . '/t/data/import/zoho.yaml');
    my $sorted;

    srand(4);

    for my $round (1 .. 40) {
        my @mixed;

        for my $doc (shuffle @docs) {
            my ($kind, @keys) = split /^(?=\w)/m, $doc;

            push @mixed, join '', "# a document\n", $kind, shuffle
                         map { "# " . (split /:/)[0] . "\n$_" } @keys;
        }

        spew("$dir/mixed.yaml", join "---\n", "# top\n\n$mixed[0]", @mixed[1 .. $#mixed]);
        my $r = crmctl('fmt', "$dir/mixed.yaml");
        my $now = slurp("$dir/mixed.yaml");

        $sorted //= $now;
        is($now, $sorted, "order $round of documents and keys comes out the same")
            if $round == 1 || $now ne $sorted || $r->{rc};
    }

    is(() = $sorted =~ /^# /mg, 1 + (() = join('', @docs) =~ /^\w/mg),
       'with every comment');
    unlink "$dir/mixed.yaml";
}


# --- JSON ------------------------------------------------------------------------------

{
    spew("$dir/hook.json", '{"name":"a","kind":"role","reports_to":null}');
    is(crmctl('fmt', $dir)->{rc}, 0, 'a JSON file');
    is(slurp("$dir/hook.json"),
       qq({\n  "kind": "role",\n  "name": "a",\n  "reports_to": null\n}\n),
       'is JSON afterwards, in order');
    unlink "$dir/hook.json";
}


# --- what is left alone -----------------------------------------------------------------

left_alone("kind: role\nname: A\n...\n", qr/line 3: "\.\.\." ends a document/);
left_alone("kind: role\nname: A\n--- # more\nkind: role\nname: B\n",
           qr/line 3: something stands beside "---"/);
left_alone("kind: role\nname: A\n---\n# nothing\n",
           qr/line 4: a comment that belongs to no document/);

{
    spew("$dir/bad.yaml", "name: [\n");
    spew("$dir/good.yaml", "name: A\nkind: role\n");
    my $r = crmctl('fmt', $dir);

    is($r->{rc}, 1, 'a file with a mistake makes the exit code 1');
    like($r->{err}, qr/^\Q$dir\E\/bad\.yaml:\d+:\d+: error: /m, 'it is named');
    is(slurp("$dir/bad.yaml"), "name: [\n", 'and left alone');
    is(slurp("$dir/good.yaml"), "kind: role\nname: A\n", 'others are formatted');
    unlink "$dir/bad.yaml", "$dir/good.yaml";
}


# --- files -------------------------------------------------------------------------------

{
    my $file = "$dir/x.yaml";

    spew($file, "name: A\nkind: role\n");
    spew("$dir/x.test.yaml", "tests: []\n");
    chmod 0640, $file;

    my $r = crmctl('fmt', '--check', $dir);
    is($r->{rc}, 1, '--check exits 1 when a file would change');
    is($r->{out}, "$file\n", 'names it');
    is(slurp($file), "name: A\nkind: role\n", 'and changes nothing');

    symlink 'x.yaml', "$dir/link.yaml" or die $!;
    $r = crmctl('fmt', "$dir/link.yaml");
    is($r->{rc}, 0, 'without it exits 0');
    is($r->{out}, "$dir/link.yaml\n", 'and names what it changed');
    ok(-l "$dir/link.yaml", 'a link stays a link');
    is(slurp($file), "kind: role\nname: A\n", 'to the changed file');
    is((stat $file)[2] & 07777, 0640, 'which keeps its mode');
    unlink "$dir/link.yaml";

    my $inode = (stat $file)[1];
    is(crmctl('fmt', $dir)->{out}, '', 'a second time nothing changes');
    is((stat $file)[1], $inode, 'nor is anything written');
    is(crmctl('fmt', '--check', $dir)->{rc}, 0, 'and --check is content');
    is_deeply([ map { s{.*/}{}r } sort glob "$dir/*" ],
              [ 'x.test.yaml', 'x.yaml' ], 'nothing else is left there');
    is(slurp("$dir/x.test.yaml"), "tests: []\n", 'tests are no rules');

    spew("$dir/y.yaml", "kind: role\nname: B\n");
    is(crmctl('fmt', '--check', $file, "$dir/y.yaml")->{rc}, 0,
       'several files may be given');
}

{
    spew("$dir/f.dg", "return 1;\n");
    spew("$dir/f.yaml", "file: f.dg\nname: f\nkind: function\n");
    is(crmctl('fmt', "$dir/f.yaml")->{rc}, 0, 'a document with a file of its own');
    is(slurp("$dir/f.yaml"), "kind: function\nname: f\nfile: f.dg\n",
       'keeps to itself what the file says');
}

is(crmctl('fmt', '--check', top_dir() . '/t/demo/rules')->{rc}, 0,
   'the rules of the demo are in order');
is(crmctl('fmt', "$dir/none")->{rc}, 1, 'a folder that is not there is named');

done_testing();


sub becomes {
    my ($name, $before, $after) = @_;
    my $file = "$dir/case.yaml";

    spew($file, $before);
    my $r = crmctl('fmt', $file);

    is($r->{rc}, 0, $name) or diag($r->{err});
    is(slurp($file), $after, 'and nothing else has changed');
    is(crmctl('fmt', '--check', $file)->{rc}, 0, 'for good');
    unlink $file;
}

sub left_alone {
    my ($text, $why) = @_;
    my $file = "$dir/case.yaml";

    spew($file, $text);
    my $r = crmctl('fmt', $file);

    is($r->{rc}, 1, 'a file that cannot be taken apart makes the exit code 1');
    like($r->{err}, qr/case\.yaml is left alone: .*$why|$why/, 'with the reason');
    is(slurp($file), $text, 'and is left alone');
    unlink $file;
}
