# crmctl apply and dump: a folder becomes a revision, completely or not at all,
# and what dump prints is what was applied. Were it broken, nginx could run
# rules that nobody wrote, or a second apply would look like a change.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;

my $n = 0;

redis_start();


# --- the first apply ----------------------------------------------------------------

my $sales = top_dir() . '/t/data/rules/good/sales';

{
    my $r = crmctl('dump');

    is($r->{rc}, 1, 'dump before the first apply fails');
    like($r->{err}, qr/no rules were ever applied for organisation "acme"/,
         'and says why');
}

{
    my $r = crmctl('apply', $sales, '--message', 'first');

    is($r->{rc}, 0, 'the first apply');
    like($r->{out}, qr/^revision 1 is live: 9 added, 0 replaced, 0 removed/,
         'says what it did');
    is(redis('GET', 'crm:{acme}:revision'), '1', 'points to revision 1');
    like(redis('GET', 'crm:{acme}:epoch'), qr/^[0-9A-Z]{26}$/, 'begins an epoch');
    is_deeply(redis('SMEMBERS', 'crm:orgs'), ['acme'], 'lists the organisation');

    my $bundle = redis('GET', 'crm:{acme}:rules:1');
    my $b = json_decode($bundle);

    unlike($bundle, qr/\n/, 'stores compact JSON');
    like($bundle, qr/"value":19\.99\b/, 'with numbers as they were written');
    is($b->{v}, 1, 'of version 1');
    is($b->{org}, 'acme', 'for this organisation');
    is_deeply([ map { $_->{object}{kind} } @{ $b->{objects} } ],
              [ qw(profile profile role role user workflow_rule workflow_rule
                   webhook record_locking) ],
              'kinds in the order of the rule language');
    is_deeply([ map { $_->{object}{name} } @{ $b->{objects} }[0 .. 3] ],
              [ 'Administrator', 'Standard', 'Sales Manager', 'Sales Rep' ],
              'then by name');
    is($b->{objects}[0]{managed_by}, 'sales', 'owned by the folder\'s name');

    my $meta = json_decode(redis('HGET', 'crm:{acme}:revisions', '1'));

    is($meta->{message}, 'first', 'notes the message');
    is($meta->{objects}, 9, 'and how many objects there are');
    like($meta->{author}, qr/^\S+@\S+$/, 'and who it was');
    like($meta->{at}, qr/^\d{13}$/, 'and when');
    is($meta->{sha256}, Digest::SHA::sha256_hex($bundle), 'and the digest');
}

{
    my $epoch = redis('GET', 'crm:{acme}:epoch');
    my $r = crmctl('apply', $sales);

    is($r->{rc}, 0, 'applying the same folder again');
    like($r->{out}, qr/^no change: revision 1 is live$/m, 'is no change');
    is(redis('GET', 'crm:{acme}:revision'), '1', 'and makes no revision');
    is(redis('GET', 'crm:{acme}:epoch'), $epoch, 'and keeps the epoch');

    $r = crmctl('apply', $sales, '-o', 'json');
    is_deeply(json_decode($r->{out}),
              { revision => 1, changed => JSON::PP::false, processes => [],
                missing => [] }, 'the same as JSON');
}


# --- dump ---------------------------------------------------------------------------

{
    my $dump = crmctl('dump');
    my $dir = folder('all.yaml' => $dump->{out});

    is($dump->{rc}, 0, 'dump');
    like($dump->{out}, qr/^kind: profile\nname: Administrator\n---\n/m,
         'prints YAML documents');
    like(crmctl('apply', $dir, '--prune')->{out}, qr/^no change: /,
         'that can be applied without a change');
    is(crmctl('dump')->{out}, $dump->{out}, 'and is the same the next time');
    is_deeply(json_decode(crmctl('dump', '-o', 'json')->{out}),
              json_decode(redis('GET', 'crm:{acme}:rules:1')),
              'as JSON it is the bundle');
}

# Text that could be taken for something else, through dump and back.
{
    my @texts = ('', ' ', '~', 'null', 'true', 'False', '1', '-1.5e3', '0x10',
        '007', 'yes', '- a', 'a: b', 'a #b', '# a', '*a', '&a', '!a', '|',
        '> a', '%a', '@a', '`a', "it's", '"quoted"', "a\tb", " a", "a ",
        "one\ntwo", "one\ntwo\n", "one\n\n\ntwo\n\n", "\none", " one\ntwo\n",
        "one \ntwo", "one\n  two\n", "---\nkind: x\n", "...\n", "{a: b}",
        "[a]", "\x{e9}\x{65e5}\x{1f600}", "a\x{85}b", "a\x{2028}b",
        "\x{feff}a", "c:\\path\\n", '2026-11-22', '12:30', '=',
        "// a function\n\tm = {\"a\": 1};\r\n\tif(m > 0)\n\t{\n\t}\n",
        "if(a)\n{\n  info \"x: y # z\"; \n}\n\n", "#!x\ny\n", "a\r\nb", "\tx\ny",
        "\x{2028}", "e\x{301}\n\x{e9}\n", "\x{200b}\nx", '<<', '?', ':', '-', ',', 'a' x 3000, "a\x{7f}b", "a\x01b");

    my @docs = map {
        { kind => 'field_update', name => "f$_", module => 'Leads',
          field => 'A', value => $texts[$_] }
    } 0 .. $#texts;

    my @values = (0, -1, 9223372036854775807, -9223372036854775808, 0.1,
        19.99, 1e22, 1.5e-7, 123456789012345, JSON::PP::true, JSON::PP::false);

    push @docs, map {
        { kind => 'field_update', name => "g$_", module => 'Leads',
          field => 'A', value => $values[$_] }
    } 0 .. $#values;

    my $dir = folder(map { ("f$_.json" => json_encode($docs[$_])) } 0 .. $#docs);
    my $r = crmctl('apply', $dir, '--managed-by', 'texts');

    is($r->{rc}, 0, 'values of every kind are applied') or diag $r->{err};

    my %stored = map { $_->{object}{name} => $_->{object}{value} }
                 grep { $_->{object}{kind} eq 'field_update' }
                 @{ json_decode(redis('GET', 'crm:{acme}:rules:2'))->{objects} };

    is_deeply([ map { $stored{"f$_"} } 0 .. $#texts ], \@texts, 'texts as they are');
    is_deeply([ map { $stored{"g$_"} } 0 .. $#values ], \@values,
              'and so are numbers and booleans');

    my $again = folder('all.yaml' => crmctl('dump')->{out});

    $r = crmctl('plan', $again, '--managed-by', 'nobody', '--detailed-exitcode');
    is($r->{rc}, 0, 'a plan of a dump has no change, whoever asks') or diag $r->{out};

    $r = crmctl('apply', $again);
    like($r->{out}, qr/^no change: revision 2 is live$/m,
         'and all come back out of a dump') or diag $r->{out}, $r->{err};

    is(crmctl('apply', folder('r.yaml' => role('r')), '--managed-by', 'texts',
              '--prune')->{rc}, 0, 'and go by --prune');
}


# --- laid over what is there ---------------------------------------------------------

redis('FLUSHALL');

{
    my $a = folder('a.yaml' => role('A') . "---\n" . role('B'));
    my $b = folder('b.yaml' => role('C'));

    crmctl('apply', $a, '--managed-by', 'a');
    crmctl('apply', $b, '--managed-by', 'b');
    is_deeply(owners(), { A => 'a', B => 'a', C => 'b' },
              'a folder leaves the objects of others alone');

    my $r = crmctl('apply', folder('a.yaml' => role('A')), '--managed-by', 'a');

    like($r->{out}, qr/^no change/, 'what a folder has no longer stays');

    $r = crmctl('apply', folder('a.yaml' => role('A')), '--managed-by', 'a',
                '--prune');
    is($r->{rc}, 0, '--prune');
    like($r->{err}, qr/^crmctl: removes role B$/m, 'names what it removes');
    like($r->{out}, qr/0 added, 0 replaced, 1 removed, 2 unchanged/, 'counts it');
    is_deeply(owners(), { A => 'a', C => 'b' },
              'and removes objects of the same owner alone');

    $r = crmctl('apply', folder('c.yaml' => role('C') . "description: new\n"),
                '--managed-by', 'a');
    like($r->{err}, qr/^crmctl: takes over role C from "b"$/m,
         'changing the object of another owner is said');
    is_deeply(owners(), { A => 'a', C => 'a' }, 'and it changes hands');

    crmctl('apply', folder('c.yaml' => role('C') . "description: new\n"),
           '--managed-by', 'z');
    is_deeply(owners(), { A => 'a', C => 'a' },
              'an object that is not changed keeps its owner');

    # A rule may refer to what another folder has stored.
    $r = crmctl('apply', folder('d.yaml' => role('D') . "reports_to: C\n"));
    is($r->{rc}, 0, 'a reference to the object of another folder holds');

    # ... and the other folder may not take it away.
    $r = crmctl('apply', folder('a.yaml' => role('A')), '--managed-by', 'a',
                '--prune');
    is($r->{rc}, 1, 'removing what others refer to is refused');
    like($r->{err}, qr/^live revision \d+, role D, reports_to: error: .*"C"/m,
         'naming who does');
    like($r->{err}, qr/nothing was applied/, 'and nothing is applied');
    ok(owners()->{C}, 'it is still there');
}


# --- what is refused ------------------------------------------------------------------

{
    my $before = redis('GET', 'crm:{acme}:revision');
    my $bad = top_dir() . '/t/data/rules/bad/many_mistakes';
    my $r = crmctl('apply', $bad);

    is($r->{rc}, 1, 'a folder with mistakes is refused');
    is(() = $r->{err} =~ /: error: /g, 13, 'with all of them');
    like($r->{err}, qr/^crmctl: 13 errors: nothing was applied$/m, 'and the sum');

    $r = crmctl('apply', $bad, '-o', 'json');
    is(scalar @{ json_decode($r->{out})->{findings} }, 13, 'as JSON, too');

    is(crmctl('apply', folder(), '--prune')->{rc}, 1,
       'an empty folder is refused, with --prune above all');
    is(crmctl('apply', '/nowhere')->{rc}, 1, 'so is none');
    is(redis('GET', 'crm:{acme}:revision'), $before, 'nothing has changed');
}

{
    my $rev = redis('GET', 'crm:{acme}:revision');
    my $kept = redis('GET', "crm:{acme}:rules:$rev");

    redis('SET', "crm:{acme}:rules:$rev", '{"v":1,"objects":[{"x":1}]}');

    my $r = crmctl('apply', $sales);

    is($r->{rc}, 1, 'a bundle that something else has written is refused');
    like($r->{err}, qr/is no bundle of rules: something else has written it/,
         'and named');

    redis('SET', "crm:{acme}:rules:$rev", 'no JSON');
    is(crmctl('dump')->{rc}, 1, 'so is one that is no JSON');
    redis('DEL', "crm:{acme}:rules:$rev");
    like(crmctl('dump')->{err}, qr/are not in Redis: restore them/,
         'so is one that is gone');
    redis('SET', "crm:{acme}:rules:$rev", $kept);
}


# --- several at once --------------------------------------------------------------------

{
    redis('FLUSHALL');

    my @dirs = map { folder("r$_.yaml" => role("R$_")) } 1 .. 8;
    my @rc = in_parallel(8, sub {
        my ($i) = @_;
        return crmctl('apply', $dirs[$i], '--managed-by', "m$i")->{rc};
    });

    is_deeply(\@rc, [ (0) x 8 ], 'eight folders applied at the same time');
    is_deeply([ sort keys %{ owners() } ], [ map { "R$_" } 1 .. 8 ],
              'are all live: nobody undoes what another has done');
    is(redis('GET', 'crm:{acme}:revision'), '8', 'in eight revisions');
    is(redis('HLEN', 'crm:{acme}:revisions'), 8, 'all in the history');
}


# --- Redis away ---------------------------------------------------------------------------

redis_stop();

for my $command (['apply', $sales], ['dump'], ['status']) {
    my $r = crmctl(@$command);

    is($r->{rc}, 1, "$command->[0] without Redis fails");
    is($r->{out}, '', 'with nothing on stdout');
    like($r->{err}, qr/redis\.sock/, 'and the address in the message');
}

redis_start();
redis_pause();

{
    my $r = crmctl('status', '--timeout', '200ms');

    is($r->{rc}, 1, 'a Redis that does not answer is given up');
}

redis_resume();

done_testing();


sub role { return "kind: role\nname: $_[0]\n" }


sub folder {
    my (%files) = @_;
    my $dir = work_dir() . '/f' . $$ . '.' . ++$n;

    mkdir $dir or die "$dir: $!\n";
    spew("$dir/$_", $files{$_}) for keys %files;

    return $dir;
}


sub owners {
    my $rev = redis('GET', 'crm:{acme}:revision');
    my $b = json_decode(redis('GET', "crm:{acme}:rules:$rev"));

    return { map { $_->{object}{name} => $_->{managed_by} } @{ $b->{objects} } };
}
