# Wrong use of crmctl: exit 64, and a sentence that names what was wrong and
# what is nearest to it. Were it broken, a script's typing error could pass for
# a finding, or worse, for success.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;

my $crmctl = build_dir() . '/crmctl';
my $dir = top_dir() . '/t/data/rules/good/sales';
my @to = ('--redis', 'unix:/nowhere/redis.sock', '--org', 'acme');

wrong([], 'a command is missing: "crmctl help" lists them');
wrong(['aply'], 'unknown command "aply": did you mean "apply"?');
wrong(['frobnicate'], 'unknown command "frobnicate": "crmctl help" lists them');
wrong(['validate'], 'validate needs a DIR: crmctl validate DIR');
wrong(['validate', $dir, 'more'], 'validate does not know what to do with "more"');
wrong(['validate', 1 .. 1009], 'too many arguments: "1000"');
wrong(['validate', '--prun', $dir], 'unknown option --prun: did you mean --prune?');
wrong(['validate', '--prune', $dir],
      'validate does not know --prune: it belongs to plan');
wrong(['status', '--record=x', @to],
      'status does not know --record: it belongs to eval');
wrong(['validate', '-x', $dir], 'unknown option -x');
wrong(['validate', '-o', 'jsn', $dir],
      '-o takes table or json (test: also tap or junit), not "jsn": did you mean json?');
wrong(['validate', '-o'], '-o needs a value');
wrong(['validate', $dir, '-o', 'json', '--output=table'],
      '--output is given twice: leave one');
wrong(['apply', $dir, '--prune=yes', @to], '--prune takes no value');
wrong(['dump', '--out', 'x'], 'dump does not know --out: it belongs to plan');
wrong(['rollback', '1', '--prune'], 'rollback does not know --prune');
wrong(['plan', $dir, '--message', 'x'],
      'plan does not know --message: it belongs to apply');
wrong(['rollback', @to], 'rollback needs a revision: crmctl rollback N');
wrong(['rollback', $_, @to], qq{"$_" is no revision: give a number that})
    for qw(0 01 1.5 x 9999999999999999999);
wrong(['diff', $_, @to], qq{"$_" names no revisions: write crmctl diff 7..9})
    for qw(x .. ..3 1-2 1...2 0..1 1..x);
wrong(['diff', '1', '2', @to], 'diff does not know what to do with "2"');
wrong(['apply', $dir, '--managed-by', '', @to], '--managed-by has an empty value');
wrong(['apply', $dir, '--managed-by', "a\nb", @to],
      '"a b" cannot be the owner of objects');
wrong(['apply', $dir, '--managed-by', 'a' x 65, @to],
      '"' . 'a' x 65 . '" cannot be the owner of objects');
wrong(['apply', $dir, '--message', "a\nb", @to], '--message takes one line');
wrong(['apply', $dir], 'apply needs to know where Redis is: give --redis URL');
wrong(['apply', $dir, '--redis', 'unix:/x'], 'apply needs an organisation: give --org NAME');
wrong(['status', '--redis', 'http://x', '--org', 'acme'], '--redis: ');
wrong(['status', '--redis', 'unix:/x', '--org', 'a b'],
      '--org: "a b" is no organisation\'s name');
wrong(['status', '--redis', 'unix:/x', '--org', 'a{b}'],
      '--org: "a{b}" is no organisation\'s name');
wrong(['status', '--timeout', $_, @to], '--timeout takes a time such as 500ms')
    for '0', '-1', '5m', 'soon', '601', '99999999999999999999';
wrong(['help', 'aply'], 'unknown command "aply": did you mean "apply"?');


# --- what is right ----------------------------------------------------------------

for my $args (['help'], ['--help'], ['-h']) {
    my $r = run(@$args);

    is($r->{rc}, 0, "crmctl @$args exits 0");
    like($r->{out}, qr/^  crmctl $_ /m, "and lists $_")
        for qw(validate plan apply dump history diff rollback eval status
                   doctor);
}

for my $command (qw(validate plan apply dump history diff rollback eval status
                   doctor)) {
    my $r = run('help', $command);

    like($r->{out}, qr/^crmctl $command/, "help $command explains it");
    is(run($command, '--help')->{out}, $r->{out}, "so does $command --help");
}

like(run($_)->{out}, qr/^crmctl \d+\.\d+/, "crmctl $_ names a version")
    for 'version', '--version';

is(run('-o', 'json', 'validate', $dir)->{rc}, 0, 'options may come first');
is(run('validate', '-ojson', '--', $dir)->{rc}, 0, '"--" ends the options');

{
    my $r = run('validate', "\e[31mred");

    unlike($r->{err}, qr/\e/, 'no control character of a name reaches the terminal');
}

SKIP: {
    skip 'no /dev/full', 1 if !-c '/dev/full';

    is(system("$crmctl help >/dev/full 2>/dev/null") >> 8, 1,
       'output that cannot be written is a failure');
}

done_testing();


sub run {
    my (@args) = @_;

    return run_command([ $crmctl, @args ], env => { CRM_REDIS => '', CRM_ORG => '' });
}


sub wrong {
    my ($args, $why) = @_;
    my $r = run(@$args);

    subtest "crmctl @$args" => sub {
        is($r->{rc}, 64, 'exits 64');
        is($r->{out}, '', 'prints nothing on stdout');
        like($r->{err}, qr/^crmctl: \Q$why\E/, 'says what is wrong');
    };
}
