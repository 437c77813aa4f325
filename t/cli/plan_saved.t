# A saved plan is applied as it was shown, or not at all. Were it broken, a plan
# that was looked at yesterday would undo what somebody applied since.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;

my $n = 0;
my $plan = work_dir() . '/p.plan';

redis_start();


# --- saved and applied -----------------------------------------------------------------

{
    my $dir = folder('a.yaml' => role('A'));
    my $r = crmctl('plan', $dir, '--out', $plan, '--managed-by', 'one');

    is($r->{rc}, 0, 'a plan for an empty Redis is saved');
    like($r->{out}, qr/^\+ role A$/m, 'and shown as well');
    like($r->{err}, qr/^crmctl: saved in \Q$plan\E: crmctl apply \Q$plan\E$/m,
         'where it is and what to do with it is said');

    my $doc = json_decode(slurp($plan));

    is($doc->{crm_plan}, 1, 'it is a document of version 1');
    is($doc->{base}, 0, 'with the revision that it was made from');
    is_deeply([ map { "$_->{managed_by} $_->{object}{name}" } @{ $doc->{bundle}{objects} } ],
              [ 'one A' ], 'and the bundle that would be live');

    spew("$dir/a.yaml", role('changed since'));

    $r = crmctl('apply', $plan, '--message', 'as shown', '--author', "R\xc3\xa9mi");
    is($r->{rc}, 0, 'it is applied');
    like($r->{out}, qr/^revision 1 is live: 1 added, 0 replaced, 0 removed/, 'as a revision');
    is_deeply(owners(), { A => 'one' }, 'as it was shown, whatever the folder holds now');

    my $meta = json_decode(redis('HGET', 'crm:{acme}:revisions', '1'));

    is_deeply([ @$meta{qw(author message managed_by objects added changed removed)} ],
              [ "R\x{e9}mi", 'as shown', 'one', 1, 1, 0, 0 ],
              'the history notes who, why, whose and how much');
}

# In a container crmctl has the same process number time and again.
{
    my $again = work_dir() . '/again.plan';
    my $r = run_command([ 'sh', '-c', 'umask 027; touch "$1.$$.tmp"; exec "$0" plan "$2" --out "$1"',
                          build_dir() . '/crmctl', $again, folder('a.yaml' => role('A')) ],
                        env => { CRM_REDIS => redis_url(), CRM_ORG => crm_org() });

    is($r->{rc}, 0, 'what a killed crmctl has left hinders no other') or diag $r->{err};
    is((stat $again)[2] & 07777, 0640, 'and a plan is for whom the umask lets read it');
    unlink glob "$again.*.tmp";
}

{
    my $r = crmctl('apply', $plan);

    is($r->{rc}, 1, 'a second time it is refused');
    like($r->{err}, qr/^crmctl: \Q$plan\E was made at revision 0, live is 1: nothing was applied, make the plan again$/m,
         'naming both revisions');
    is(redis('GET', 'crm:{acme}:revision'), '1', 'and nothing is stored');
}

{
    my $dir = folder('b.yaml' => role('B'));

    crmctl('plan', $dir, '--out', $plan, '--managed-by', 'one', '--prune');

    my $r = crmctl('apply', $plan, '-o', 'json');

    is($r->{err}, "crmctl: removes role A\n", 'a plan with --prune removes, and says so');
    is_deeply(json_decode($r->{out}), { revision => 2, changed => JSON::PP::true,
              processes => [], missing => [] }, 'JSON is that of apply');
    is_deeply(owners(), { B => 'one' }, 'what was shown is live');

    crmctl('plan', $dir, '--out', $plan, '--managed-by', 'one', '--prune');
    like(crmctl('apply', $plan)->{out}, qr/^no change: revision 2 is live$/m,
         'a plan without a change makes no revision');
}


# --- what has moved ---------------------------------------------------------------------

crmctl('plan', folder('c.yaml' => role('C')), '--out', $plan);
crmctl('apply', folder('d.yaml' => role('D')), '--managed-by', 'other');

refused(qr/was made at revision 2, live is 3: nothing was applied/,
        'a plan is refused when something else was applied since');

{
    crmctl('plan', folder('c.yaml' => role('C')), '--out', $plan);

    my $kept = redis('GET', 'crm:{acme}:epoch');

    redis('SET', 'crm:{acme}:epoch', 'X' x 26);
    refused(qr/was made from another revision 3, of another Redis or before it was restored/,
            'a plan is refused by another Redis that happens to be at the same revision');
    redis('SET', 'crm:{acme}:epoch', $kept);

    $kept = redis('GET', 'crm:{acme}:rules:3');
    (my $other = $kept) =~ s/"D"/"E"/;

    redis('SET', 'crm:{acme}:rules:3', $other);
    refused(qr/was made from another revision 3/,
            'and when the revision has another content');
    redis('SET', 'crm:{acme}:rules:3', $kept);
}

{
    my $r = crmctl('apply', $plan, '--org', 'umbrella');

    is($r->{rc}, 1, 'a plan of another organisation is refused');
    like($r->{err}, qr/is a plan for the organisation "acme", not for "umbrella": nothing was applied/,
         'naming both');
    is(redis('EXISTS', 'crm:{umbrella}:revision'), 0, 'nothing is stored there');
}


# --- what is no plan any more -----------------------------------------------------------

{
    my $whole = slurp($plan);

    for my $len (20, 40, int(length($whole) / 2), length($whole) - 1) {
        spew($plan, substr $whole, 0, $len);
        refused(qr/: the plan is cut off or damaged .*: make it again with crmctl plan --out/,
                "a plan cut off at byte $len");
    }

    spew($plan, $whole =~ s/"C"/"X"/r);
    refused(qr/: the plan was changed after it was made/, 'an edited plan');

    spew($plan, $whole =~ s/"base": 3/"base": 2/r);
    refused(qr/: the plan was changed after it was made/, 'a plan with another base');

    spew($plan, $whole =~ s/"crm_plan": 1/"crm_plan": 2/r);
    refused(qr/: this crmctl reads plans of version 1 only/, 'a plan of the future');

    spew($plan, '{"crm_plan": 1}');
    refused(qr/: the plan was changed after it was made/, 'a plan without anything');

    spew($plan, '{"crm_plan": 1, "x": "\ud800"}');
    refused(qr/: the plan is cut off or damaged/, 'a plan with broken text');

    # The digest is right, the content is not: as if the rules' language had moved on.
    my $doc = json_decode($whole);

    $doc->{bundle}{objects}[0]{object}{reports_to} = 'nobody';
    spew($plan, signed($doc));
    refused(qr/p\.plan, role \w, reports_to: error: .*"nobody".*1 error: nothing was applied/s,
            'a plan whose rules do not compile');

    $doc = json_decode($whole);
    $doc->{bundle} = { objects => [ 1 ] };
    spew($plan, signed($doc));
    refused(qr/: this is no plan of crmctl/, 'a plan without a bundle');

    # Blanks and order are nothing that matters.
    spew($plan, signed(json_decode($whole)));
    is(crmctl('apply', $plan)->{rc}, 0, 'a plan that was formatted anew is a plan still');
    is(owners()->{C}, 'f' . ($n - 0), 'and applied') or diag json_encode(owners());
}


# --- wrong use, and files that cannot be -------------------------------------------------

crmctl('plan', folder('e.yaml' => role('E')), '--out', $plan);

{
    my $r = crmctl('apply', $plan, '--prune');

    is($r->{rc}, 64, 'a plan says itself what it removes');
    like($r->{err}, qr/is a saved plan, which says that itself: leave --prune/, 'so --prune is wrong');
    is(crmctl('apply', $plan, '--managed-by', 'x')->{rc}, 64, 'and so is --managed-by');

    $r = crmctl('plan', $plan);
    is($r->{rc}, 64, 'plan takes no plan');
    like($r->{err}, qr/is a saved plan, and plan takes a rule folder: crmctl apply/, 'and says who does');

    $r = crmctl('apply', work_dir() . '/none.plan');
    is($r->{rc}, 1, 'a plan that was never saved');
    like($r->{err}, qr/none\.plan: error: cannot be read: No such file/, 'is not there');
}

{
    my $dir = folder('f.yaml' => role('F'));
    my $r = crmctl('plan', $dir, '--out', work_dir() . '/no/such/p.plan');

    is($r->{rc}, 1, 'a plan that cannot be saved is a failure');
    like($r->{err}, qr{the plan cannot be saved in \S+/no/such/p\.plan: No such file or directory},
         'with the reason');
    is($r->{out}, '', 'and is not shown as if it were');

    $r = crmctl('plan', $dir, '--out', '/dev/null');
    like($r->{err}, qr{the plan cannot be saved in /dev/null: it is no regular file},
         'a device is not replaced');
    ok(-c '/dev/null', 'it is there still');

    my $there = slurp($plan);

    SKIP: {
        skip 'no /dev/full', 2 if !-c '/dev/full';
        symlink '/dev/full', work_dir() . '/full.plan';

        $r = crmctl('plan', $dir, '--out', work_dir() . '/full.plan');
        is($r->{rc}, 1, 'nor is a link followed to one');
        is_deeply([ glob work_dir() . '/*.plan.*' ], [], 'and nothing is left behind');
    }

    crmctl('plan', $dir, '--out', $plan);
    isnt(slurp($plan), $there, 'an older plan is replaced');
}

redis_stop();
refused(qr/redis\.sock/, 'a plan without Redis');

done_testing();


# Applying the plan fails, with that reason, and changes nothing.

sub refused {
    my ($why, $what) = @_;
    my $up = $why !~ /redis/;
    my $before = $up ? redis('GET', 'crm:{acme}:revision') : 0;
    my $r = crmctl('apply', $plan);

    subtest $what => sub {
        is($r->{rc}, 1, 'is a failure');
        is($r->{out}, '', 'without a result');
        like($r->{err}, $why, 'with the reason');
        is(redis('GET', 'crm:{acme}:revision'), $before, 'nothing is stored') if $up;
    };
}


sub signed {
    my ($doc) = @_;

    delete $doc->{sha256};

    my $text = json_encode($doc);       # sorted and compact

    return '{"crm_plan":1,"sha256":"' . Digest::SHA::sha256_hex($text)
        . '",' . substr($text, 1) =~ s/"crm_plan":1,//r;
}


sub role { return "kind: role\nname: $_[0]\n" }


sub folder {
    my (%files) = @_;
    my $dir = work_dir() . '/f' . ++$n;

    spew("$dir/$_", $files{$_}) for keys %files;

    return $dir;
}


sub owners {
    my $rev = redis('GET', 'crm:{acme}:revision');
    my $b = json_decode(redis('GET', "crm:{acme}:rules:$rev"));

    return { map { $_->{object}{name} => $_->{managed_by} } @{ $b->{objects} } };
}
