# crmctl history, diff and rollback: who applied what, what it changed, and how
# it goes back. Were it broken, a mistake at noon could not be undone at noon.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;

my $n = 0;

redis_start();


# --- nothing there yet -----------------------------------------------------------------

for my $command (['history'], ['diff', '1'], ['rollback', '1'], ['dump']) {
    my $r = crmctl(@$command);

    is($r->{rc}, 1, "$command->[0] before the first apply fails");
    is($r->{err}, "crmctl: no rules were ever applied for organisation \"acme\"\n",
       'and says why');
}


# --- three revisions --------------------------------------------------------------------

my $one = folder('r.yaml' => role('A') . "---\n" . role('B'));
my $two = folder('r.yaml' => role('A') . "description: two\n---\n" . role('C'));

crmctl('apply', $one, '--managed-by', 'm', '--message', "the f\xc3\xafrst");
crmctl('apply', $two, '--managed-by', 'm', '--prune', '--author', 'Ann <ann@example.test>');
crmctl('apply', folder('r.yaml' => role('A') . "description: two\n"), '--managed-by', 'x');
crmctl('apply', folder('r.yaml' => role('D')), '--managed-by', 'x', '-m', 'a fourth role');

{
    my $r = crmctl('history', '--org', 'acne');

    like($r->{err}, qr/for organisation "acne": did you mean "acme"\?$/m,
         'a misspelt organisation is guessed');

    $r = crmctl('history');
    my $at = qr/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/;
    my @lines = split /\n/, $r->{out};

    is($r->{rc}, 0, 'history');
    is(scalar @lines, 4, 'lists the revisions: an apply without a change is none');
    like($lines[0], qr/^REVISION +APPLIED +AUTHOR +OBJECTS +CHANGES +MESSAGE$/,
         'below a heading');
    like($lines[1], qr/^3 \(live\) +$at +\S+@\S+ +3 +\+1 ~0 -0 +a fourth role$/,
         'the newest first, with what is live');
    like($lines[2], qr/^2 +$at +Ann <ann\@example\.test> +2 +\+1 ~1 -1 *$/,
         'who and what changed');
    like($lines[3], qr/^1 +$at +\S+@\S+ +2 +\+2 ~0 -0 +the f\xc3\xafrst$/, 'and why');

    my $j = json_decode(crmctl('history', '-o', 'json')->{out});

    is($j->{current}, 3, 'as JSON: what is live');
    is($j->{org}, 'acme', 'of whom');
    is_deeply([ map { $_->{revision} . ($_->{current} ? '*' : '') } @{ $j->{revisions} } ],
              [ '3*', 2, 1 ], 'all revisions');

    my %two = %{ $j->{revisions}[1] };

    like(delete $two{at}, qr/^\d{13}$/, 'when');
    is(delete $two{sha256}, Digest::SHA::sha256_hex(redis('GET', 'crm:{acme}:rules:2')),
       'the digest of what is stored');
    is_deeply(\%two, { revision => 2, current => JSON::PP::false, objects => 2,
              author => 'Ann <ann@example.test>', access => 'operator',
              message => '', managed_by => 'm',
              rollback_to => undef, added => 1, changed => 1, removed => 1 },
              'and the rest');
}

{
    my $r = crmctl('diff', '1..2');

    is($r->{rc}, 0, 'diff of two revisions');
    is($r->{out}, "~ role A\n    + description: \"two\"\n- role B\n+ role C\n"
        . "revision 1 to 2: 1 added, 1 changed, 1 removed, 0 unchanged\n",
        'shows what leads from one to the other');
    is(crmctl('diff', '2..1')->{out}, "~ role A\n    - description: \"two\"\n+ role B\n- role C\n"
        . "revision 2 to 1: 1 added, 1 changed, 1 removed, 0 unchanged\n",
        'in either direction');
    is(crmctl('diff', $_)->{out},
       "+ role D\nrevision 2 to 3: 1 added, 0 changed, 0 removed, 2 unchanged\n",
       "diff $_ goes up to what is live") for '2', '2..', '2..3';
    is(crmctl('diff', '1..2', '--detailed-exitcode')->{rc}, 2,
       'with --detailed-exitcode a difference exits 2');

    $r = crmctl('diff', '3', '--detailed-exitcode');
    is($r->{rc}, 0, 'none exits 0');
    is($r->{out}, "no difference between revisions 3 and 3\n", 'and is said');

    my $j = json_decode(crmctl('diff', '1..2', '-o', 'json')->{out});

    is_deeply($j, { org => 'acme', from => 1, to => 2, changed => JSON::PP::true,
        time_zone => undef,
        summary => { added => 1, changed => 1, removed => 1, unchanged => 0 },
        objects => [
            { kind => 'role', name => 'A', change => 'changed', managed_by => 'm',
              was_managed_by => undef,
              changes => [ { path => 'description', change => 'added', new => 'two' } ] },
            { kind => 'role', name => 'B', change => 'removed', managed_by => 'm',
              was_managed_by => undef, changes => [] },
            { kind => 'role', name => 'C', change => 'added', managed_by => 'm',
              was_managed_by => undef, changes => [] },
        ] }, 'as JSON');

    $r = crmctl('diff', '1..9');
    is($r->{rc}, 1, 'a revision that is none');
    like($r->{err}, qr/^crmctl: there is no revision 9: 3 is the newest, crmctl history lists them$/m,
         'is named');
}


# --- back --------------------------------------------------------------------------------

{
    my $r = crmctl('rollback', '1');

    is($r->{rc}, 0, 'rollback');
    like($r->{out}, qr/^revision 4 is live, with the rules of revision 1: 1 added, 1 changed, 2 removed, 0 unchanged$/m,
         'makes a new revision of old rules');
    is($r->{err}, "crmctl: removes role C\ncrmctl: removes role D\n", 'and names what goes');
    is(redis('GET', 'crm:{acme}:rules:4'), redis('GET', 'crm:{acme}:rules:1'),
       'to the byte');

    my $meta = json_decode(redis('HGET', 'crm:{acme}:revisions', '4'));

    is($meta->{message}, 'rollback to revision 1', 'the message says what it is');
    is($meta->{rollback_to}, 1, 'and so does the note');
    ok(!exists $meta->{managed_by}, 'it is no folder\'s');

    $r = crmctl('rollback', '1');
    like($r->{out}, qr/^no change: revision 4 is live and has the rules of revision 1$/m,
         'once more is no change');
    is(redis('GET', 'crm:{acme}:revision'), '4', 'and no revision');

    $r = crmctl('rollback', '3', '--message', 'it was right', '--author', 'Bob', '-o', 'json');
    is_deeply(json_decode($r->{out}), { revision => 5, changed => JSON::PP::true,
              processes => [], missing => [] }, 'JSON is that of apply');
    $meta = json_decode(redis('HGET', 'crm:{acme}:revisions', '5'));
    is("$meta->{author}: $meta->{message}", 'Bob: it was right', 'who and why may be given');

    like(crmctl('apply', $two, '--managed-by', 'm')->{out}, qr/^no change/m,
         'objects have their owners again');

    $r = crmctl('rollback', '6');
    is($r->{rc}, 1, 'a revision that does not exist');
    like($r->{err}, qr/^crmctl: there is no revision 6: 5 is the newest/, 'is refused');
}


# --- rules that are not what they were ------------------------------------------------------

{
    my $kept = redis('GET', 'crm:{acme}:rules:2');

    refused(2, $kept =~ s/"two"/"too"/r,
            qr/revision 2 is not what was applied then: its digest is not the one that the history notes/,
            'rules that somebody has changed');
    refused(2, '{"v":1', qr/revision 2 \(crm:\{acme\}:rules:2\) is not JSON/, 'rules that are cut off');
    refused(2, '[]', qr/is no bundle of rules: something else has written it/, 'no rules at all');

    redis('DEL', 'crm:{acme}:rules:2');
    like(crmctl('rollback', '2')->{err}, qr/the rules of revision 2 are not in Redis any more/,
         'rules that are gone are named');
    like(crmctl('diff', '2')->{err}, qr/the rules of revision 2 are not in Redis any more/,
         'by diff as well');

    # What an older version took: with its digest, but not our rules.
    my $old = $kept =~ s/"two"/"two","reports_to":"nobody"/r;
    my $meta = json_decode(redis('HGET', 'crm:{acme}:revisions', '2'));

    $meta->{sha256} = Digest::SHA::sha256_hex($old);
    redis('HSET', 'crm:{acme}:revisions', '2', json_encode($meta));
    refused(2, $old, qr/^revision 2, role A, reports_to: error: .*"nobody".*\Qthis version does not take these rules any more, nothing was changed\E/ms,
            'rules that this version does not take');

    redis('SET', 'crm:{acme}:rules:2', $kept);
    redis('SET', 'crm:{acme}:rules:5', $kept);
    like(crmctl('diff', '5')->{err}, qr/warning: revision 5 is not what was applied then/,
         'diff warns of such rules');
}

# Damaged live rules are what rollback is for.
{
    redis('SET', 'crm:{acme}:rules:5', 'no JSON');

    is(crmctl('apply', $one)->{rc}, 1, 'nothing can be laid over damaged rules');

    my $r = crmctl('rollback', '1');

    is($r->{rc}, 0, 'but one can go back');
    like($r->{err}, qr/^crmctl: the live rules are passed over: revision 5 .* is not JSON/m,
         'and hears of it');
    like($r->{out}, qr/^revision 6 is live, with the rules of revision 1/m, 'it is live');
    is(crmctl('apply', $one, '--managed-by', 'm')->{rc}, 0, 'and things go on');
}

# A history that something else has written into is no reason to fail.
{
    redis('HSET', 'crm:{acme}:revisions', '2', 'no JSON', 'x', '{}', '7', '{"at":"soon"}');

    my $r = crmctl('history');

    is($r->{rc}, 0, 'a damaged history');
    like($r->{out}, qr/^2 +\? +\? +\? +\+\? ~\? -\? *$/m, 'is shown as far as it goes');
    is(crmctl('history', '-o', 'json')->{rc}, 0, 'as JSON, too');

    redis('DEL', 'crm:{acme}:revisions');
    redis('SET', 'crm:{acme}:revisions', 'x');
    $r = crmctl('history');
    is($r->{rc}, 1, 'no history at all');
    like($r->{err}, qr/WRONGTYPE/, 'is an error');
}

# An owner is part of what was live.
{
    redis('FLUSHALL');
    crmctl('apply', folder('r.yaml' => role('A')), '--managed-by', 'm');
    crmctl('apply', folder('r.yaml' => role('A') . "description: x\n"), '--managed-by', 'x');
    crmctl('apply', folder('r.yaml' => role('A')), '--managed-by', 'x');

    is(crmctl('diff', '1')->{out}, "~ role A, taken over from \"m\"\n"
        . "revision 1 to 3: 0 added, 1 changed, 0 removed, 0 unchanged\n",
        'diff shows an object that has another owner and nothing else');

    my $r = crmctl('rollback', '1');

    like($r->{err}, qr/^crmctl: takes over role A from "x"$/m, 'rollback gives it back');
    is(json_decode(redis('GET', 'crm:{acme}:rules:4'))->{objects}[0]{managed_by}, 'm',
       'to the first');
}

redis_stop();

for my $command (['history'], ['diff', '1'], ['rollback', '1']) {
    my $r = crmctl(@$command);

    is($r->{rc}, 1, "$command->[0] without Redis fails");
    is($r->{out}, '', 'with nothing on stdout');
    like($r->{err}, qr/redis\.sock/, 'and the address in the message');
}

done_testing();


# Rolling back to revision number, whose bundle is text, is refused.

sub refused {
    my ($number, $text, $why, $what) = @_;
    my $before = redis('GET', 'crm:{acme}:revision');

    redis('SET', "crm:{acme}:rules:$number", $text);

    my $r = crmctl('rollback', $number);

    subtest $what => sub {
        is($r->{rc}, 1, 'is a failure');
        is($r->{out}, '', 'without a result');
        like($r->{err}, $why, 'with the reason');
        is(redis('GET', 'crm:{acme}:revision'), $before, 'nothing is stored');
    };
}


sub role { return "kind: role\nname: $_[0]\n" }


sub folder {
    my (%files) = @_;
    my $dir = work_dir() . '/f' . ++$n;

    spew("$dir/$_", $files{$_}) for keys %files;

    return $dir;
}
