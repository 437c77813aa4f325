# crmctl plan shows what apply would do, and does nothing. Were it broken, an
# administrator would apply something else than what was looked at.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;

my $n = 0;

redis_start();

my $hook = <<'EOT';
kind: webhook
name: tell-erp
module: Leads
url: https://erp.example.test/a
headers: { X-A: "1", X-B: "2" }
body:
  type: raw
  format: JSON
  content: |
    first
    second
    third
    fourth
    fifth
    sixth
EOT


# --- before the first apply ----------------------------------------------------------

{
    my $dir = folder('a.yaml' => role('A') . "---\n$hook");
    my $r = crmctl('plan', $dir, '--detailed-exitcode');

    is($r->{rc}, 2, 'a plan for an empty Redis has changes');
    is($r->{out}, "+ role A\n+ webhook tell-erp\n"
        . "revision 0 would become 1: 2 added, 0 changed, 0 removed, 0 unchanged\n",
        'and shows what it adds');
    is($r->{err}, '', 'nothing is wrong');
    is_deeply(redis('KEYS', '*'), [], 'and nothing is written');

    is(crmctl('plan', $dir)->{rc}, 0, 'without --detailed-exitcode changes are no failure');

    crmctl('apply', $dir, '--managed-by', 'one');

    $r = crmctl('plan', $dir, '--detailed-exitcode', '--managed-by', 'one');
    is($r->{rc}, 0, 'what is applied needs no change');
    is($r->{out}, "no change: revision 1 is live\n", 'and the plan says so');

    crmctl('apply', folder('z.yaml' => role('Z')), '--managed-by', 'two');
}


# --- what changes ---------------------------------------------------------------------

{
    (my $text = $hook) =~ s{test/a}{test/b};
    $text =~ s/X-A: "1", X-B: "2"/X-B: "3", X.C: x/;
    $text =~ s/third/3rd/;

    my $dir = folder('a.yaml' => $text . "---\n" . role('Z')
                     . "description: \"\\e[31mred\"\n");
    my $before = state();
    my $r = crmctl('plan', $dir, '--prune', '--managed-by', 'one',
                   '--detailed-exitcode');

    is($r->{out}, <<'EOT', 'each change is shown with its path, old and new');
- role A
~ role Z, taken over from "two"
    + description: "\u001B[31mred"
~ webhook tell-erp
    ~ url: "https://erp.example.test/a" -> "https://erp.example.test/b"
    ~ headers.X-B: "2" -> "3"
    + headers["X.C"]: "x"
    - headers.X-A: "1"
    ~ body.content:
          first
          second
        - third
        + 3rd
          fourth
          fifth
          ...
revision 2 would become 3: 0 added, 2 changed, 1 removed, 0 unchanged
EOT
    is($r->{rc}, 2, 'and counted');
    is_deeply(state(), $before, 'Redis is as it was');

    my $j = json_decode(crmctl('plan', $dir, '--prune', '--managed-by', 'one',
                               '-o', 'json')->{out});

    is_deeply($j, {
        org => 'acme', from => 2, to => 3, managed_by => 'one',
        prune => JSON::PP::true, changed => JSON::PP::true, time_zone => undef,
        summary => { added => 0, changed => 2, removed => 1, unchanged => 0 },
        objects => [
            { kind => 'role', name => 'A', change => 'removed',
              managed_by => 'one', was_managed_by => undef, changes => [] },
            { kind => 'role', name => 'Z', change => 'changed',
              managed_by => 'one', was_managed_by => 'two', changes => [
                { path => 'description', change => 'added',
                  new => "\e[31mred" } ] },
            { kind => 'webhook', name => 'tell-erp', change => 'changed',
              managed_by => 'one', was_managed_by => undef, changes => [
                { path => 'url', change => 'changed',
                  old => 'https://erp.example.test/a',
                  new => 'https://erp.example.test/b' },
                { path => 'headers.X-B', change => 'changed', old => '2',
                  new => '3' },
                { path => 'headers["X.C"]', change => 'added', new => 'x' },
                { path => 'headers.X-A', change => 'removed', old => '1' },
                { path => 'body.content', change => 'changed',
                  old => "first\nsecond\nthird\nfourth\nfifth\nsixth\n",
                  new => "first\nsecond\n3rd\nfourth\nfifth\nsixth\n" } ] },
        ],
    }, 'the same as JSON');

    # Apply does what was shown.
    $r = crmctl('apply', $dir, '--prune', '--managed-by', 'one');
    like($r->{out}, qr/^revision 3 is live: 0 added, 2 replaced, 1 removed, 0 unchanged$/m,
         'apply does the same');
}

# An object that a plan leaves alone is one of JSON's objects, too.
{
    my $dir = folder('n.yaml' => role('N'));
    my $j = json_decode(crmctl('plan', $dir, '-o', 'json')->{out});

    is_deeply([ map { "$_->{name} $_->{change}" } @{ $j->{objects} } ],
              [ 'N added', 'Z unchanged', 'tell-erp unchanged' ],
              'JSON lists what does not change, too');
}


# --- text of several lines --------------------------------------------------------------

for my $case (
    [ 'the last line', "a\nb\nc\n", "a\nb\nd\n",
      "      a\n      b\n    - c\n    + d\n" ],
    [ 'a line end that goes', "a\nb\n", "a\nb",
      "      ...\n    (the last line has no line end)\n" ],
    [ 'a line end that comes', "a\nb", "a\nb\n",
      "      ...\n    (the last line has a line end)\n" ],
    [ 'lines before the first', "a\n", "x\ny\na\n",
      "    + x\n    + y\n      a\n" ],
    [ 'the first line', "x\na\nb\nc\n", "a\nb\nc\n",
      "    - x\n      a\n      b\n      ...\n" ],
    [ 'one line that becomes two', "a", "b\nc\n",
      "    - a\n    + b\n    + c\n    (the last line has a line end)\n" ],
    [ 'no text', "", "b\nc\n",
      "    + b\n    + c\n    (the last line has a line end)\n" ],
    [ 'two places', join("\n", 1 .. 20), join("\n", 1, 'x', 3 .. 18, 'y', 20),
      "      1\n    - 2\n    + x\n      3\n      4\n      ...\n      17\n"
      . "      18\n    - 19\n    + y\n      20\n" ],
) {
    my ($what, $before, $after, $shown) = @$case;

    redis('FLUSHALL');
    crmctl('apply', folder('f.json' => described($before)), '--managed-by', 'x');

    my $out = crmctl('plan', folder('f.json' => described($after)),
                     '--managed-by', 'x')->{out};

    $shown =~ s/^/    /gm;
    like($out, qr/^~ role R\n    ~ description:\n\Q$shown\Erevision/m, "$what");
}


# --- what is refused -----------------------------------------------------------------

{
    my $r = crmctl('plan', top_dir() . '/t/data/rules/bad/many_mistakes', '--out',
                   work_dir() . '/bad.plan');

    is($r->{rc}, 1, 'a folder with mistakes has no plan');
    like($r->{err}, qr/^crmctl: 13 errors: there is no plan$/m, 'and says why');
    ok(!-e work_dir() . '/bad.plan', 'nor is one saved');
    is($r->{out}, '', 'nor shown');

    redis('FLUSHALL');
    crmctl('apply', folder('a.yaml' => role('A')), '--managed-by', 'a');
    crmctl('apply', folder('b.yaml' => role('B') . "reports_to: A\n"));

    $r = crmctl('plan', folder('c.yaml' => role('C')), '--managed-by', 'a', '--prune',
                '--detailed-exitcode');
    is($r->{rc}, 1, 'nor has one that takes away what others need');
    like($r->{err}, qr/^live revision 2, role B, reports_to: error: .*"A"/m,
         'naming who does');
}


# --- the time zone's table --------------------------------------------------------------

{
    redis('FLUSHALL');

    my $dir = folder('o.yaml' => "kind: organization\ntime_zone: Europe/Paris\n");

    crmctl('apply', $dir);

    my $text = redis('GET', 'crm:{acme}:rules:1');

    $text =~ s/"tzdata":"[^"]*"/"tzdata":"1999a"/;
    redis('SET', 'crm:{acme}:rules:1', $text);

    my $r = crmctl('plan', $dir, '--detailed-exitcode');

    like($r->{out}, qr{^~ time zone: Europe/Paris \(zone data 1999a\) -> Europe/Paris \(zone data \w+\)$}m,
         'newer zone data are a change');
    is($r->{rc}, 2, 'that counts');
    like($r->{err}, qr/^crmctl: warning: revision 1 is not what was applied then/m,
         'rules that somebody has changed by hand are named');

    my $j = json_decode(crmctl('plan', $dir, '-o', 'json')->{out});

    is_deeply($j->{time_zone}{old}, { name => 'Europe/Paris', tzdata => '1999a' },
              'in JSON as well');
}

redis_stop();

{
    my $r = crmctl('plan', folder('a.yaml' => role('A')));

    is($r->{rc}, 1, 'a plan without Redis fails');
    is($r->{out}, '', 'with nothing on stdout');
    like($r->{err}, qr/redis\.sock/, 'and the address in the message');
}

done_testing();


sub role { return "kind: role\nname: $_[0]\n" }


sub described {
    return json_encode({ kind => 'role', name => 'R', description => $_[0] });
}


sub folder {
    my (%files) = @_;
    my $dir = work_dir() . '/f' . ++$n;

    spew("$dir/$_", $files{$_}) for keys %files;

    return $dir;
}


sub state {
    my %read = (string => 'GET', hash => 'HGETALL', set => 'SMEMBERS');

    return { map { my $v = redis($read{ redis('TYPE', $_) }, $_);
                   $_ => ref $v ? [ sort @$v ] : $v } @{ redis('KEYS', '*') } };
}
