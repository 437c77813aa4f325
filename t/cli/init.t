# crmctl init: a newcomer's first folder is valid, is tested, and hurts nothing
# that is there. Were it broken, the first thing that people see would be.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use File::Temp qw(tempdir);
use Test::More;
use Test::CRM;

my $tmp = tempdir(CLEANUP => 1);
my $dir = "$tmp/demo";
my $r = crmctl('init', $dir);

is($r->{rc}, 0, 'init exits 0');
is($r->{err}, '', 'with nothing on stderr');

my @files = map { s{.*/}{}r } sort glob "$dir/*";

is_deeply(\@files, [ sort $r->{out} =~ m{^wrote \Q$dir\E/(\S+)$}mg ],
          'it names what it wrote');
ok((grep { /\.test\.yaml$/ } @files) > 0, 'tests are among it');
ok(!(grep { slurp("$dir/$_") !~ /^ *#/m } grep { !/test/ } @files),
   'and comments in every rule file');
like($r->{out}, qr/^  crmctl \Q$_ $dir\E /m, "it names the next step: $_")
    for qw(validate test apply);

$r = crmctl('validate', $dir);
is($r->{rc}, 0, 'what it wrote validates');
is($r->{err}, '', 'without a warning');
like($r->{out}, qr/^\d+ objects, no errors$/m, 'and says so');

$r = crmctl('test', $dir);
is($r->{rc}, 0, 'its tests pass') or diag($r->{out}, $r->{err});
like($r->{out}, qr/^6 passed, 0 failed$/m, 'all of them');

$r = crmctl('fmt', '--check', $dir);
is($r->{rc}, 0, 'it is written as fmt writes') or diag($r->{out}, $r->{err});

{
    my $rules = slurp("$dir/deals.yaml");

    $rules =~ s/value: 100000/value: 1000000/ or die;
    spew("$dir/deals.yaml", $rules);
    is(crmctl('test', $dir)->{rc}, 1, 'a rule that is spoilt fails its test');
}


# --- what is there ------------------------------------------------------------------

{
    my $r = crmctl('init', $dir);

    is($r->{rc}, 1, 'a folder with something in it is refused');
    like($r->{err}, qr/demo is not empty: there are \S+, \S+, \S+ and more;/,
         'what is there is named');
    like(slurp("$dir/deals.yaml"), qr/value: 1000000/, 'and left alone');
}

{
    mkdir "$tmp/one" or die $!;
    spew("$tmp/one/.keep", '');
    my $r = crmctl('init', "$tmp/one");

    is($r->{rc}, 1, 'a hidden file is something');
    like($r->{err}, qr/there is \.keep;/, 'and is named');

    mkdir "$tmp/git" or die $!;
    mkdir "$tmp/git/.git" or die $!;
    is(crmctl('init', "$tmp/git")->{rc}, 0, 'a folder that git began is empty');

    spew("$tmp/file", 'x');
    is(crmctl('init', "$tmp/file")->{rc}, 1, 'a file is no folder');
    is(crmctl('init', "$tmp/none/demo")->{rc}, 1, 'nor is one made in none');
    like(crmctl('init', "$tmp/none/demo")->{err}, qr/cannot be made: No such/,
         'the system says why');
}

done_testing();
