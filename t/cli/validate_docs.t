# docs/rules.md: its examples are rules, and its codes are those that validate
# prints. Were they not, people would learn a language that nobody speaks.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use File::Temp qw(tempdir);
use Test::More;
use Test::CRM;

my $page = slurp(top_dir() . '/docs/rules.md');
my $dir = tempdir(CLEANUP => 1);
my @blocks = $page =~ /^```yaml\n(.*?)^```/msg;
my @examples = grep { /^kind:/ } @blocks;

ok(@examples >= 6, 'the page has examples');
spew("$dir/all.yaml", join "---\n", @examples);

my $r = crmctl('validate', '-o', 'json', $dir);
my @errors = grep { $_->{severity} eq 'error' }
             @{ json_decode($r->{out})->{findings} };

is($r->{rc}, 0, 'together they are a folder that validates');
is_deeply(\@errors, [], 'without an error');

# What is tried on the page is so, by the rules of the page.

my ($tests) = grep { /^clock:/ } @blocks;

spew("$dir/page.test.yaml", $tests);
$r = crmctl('test', $dir);
is($r->{rc}, 0, 'the tests that the page shows hold') or diag $r->{out};

# Pieces of a rule, each in a rule that is right but for them.

my %piece = (
    execute_when      => sub { "$_[0]conditions: [ { criteria: null, instant_actions: [ { type: webhooks, name: w } ] } ]\n" },
    rows              => sub { rule("  - criteria:\n" . indent($_[0], 6) . "    instant_actions: [ { type: webhooks, name: w } ]\n") },
    scheduled_actions => sub { rule("  - criteria: null\n" . indent($_[0], 4)) },
);

for my $block (grep { !/^(?:kind|clock):/ } @blocks) {
    my ($what) = $block =~ /^(\w+):/;

    ok($piece{$what}, "$what: a piece of a rule") or next;

    my $piece = tempdir(CLEANUP => 1);

    spew("$piece/a.yaml", "kind: workflow_rule\nname: A\nmodule: Deals\n" . $piece{$what}->($block)
         . "---\nkind: webhook\nname: w\nmodule: Deals\nurl: https://erp.example.test/\nhttp_method: POST\n"
         . "---\nkind: task\nname: call-customer\nmodule: Deals\nsubject: Call\n");

    $r = crmctl('validate', $piece);
    is($r->{rc}, 0, "$what: it validates") or diag $r->{err};
}

# The one document that another page shows.

my $other = tempdir(CLEANUP => 1);

spew("$other/a.yaml", slurp(top_dir() . '/docs/worker.md') =~ /^```yaml\n(.*?)^```/ms);
$r = crmctl('validate', $other);
is($r->{rc}, 0, 'the backend of docs/worker.md validates') or diag $r->{err};

# The codes of the table are those that the core can give, each way.

my ($table) = $page =~ /^## What validate finds\n(.*)/ms;
my %documented = map { $_ => 1 } map { /`(\w+)`/g } map { (split /\|/)[1] }
                 grep { /^\| `/ } split /\n/, $table;
my %given;

# Those of dialect files are no rules': nginx -t tells their sentences alone.

for my $file (grep { !m{/crm_dialect_} } glob top_dir() . '/src/core/rules/*.c') {
    my $code = slurp($file);

    $code =~ s{/\*.*?\*/}{}gs;

    while ($code =~ /\b(crm_shape_error|crm_findings_add)\(/g) {
        my $at = $1 eq 'crm_shape_error' ? 2 : 5;
        my $argument = (arguments(substr $code, pos $code))[$at];

        $given{$1} = $file while defined $argument && $argument =~ /"([a-z_]+)"/g;
    }
}

ok(keys %given > 20, 'the core gives codes');
is_deeply([ sort keys %documented ], [ sort keys %given ],
          'the table of codes has those that the core gives, and no others');

my ($limits) = $page =~ /^## Limits\n(.*?)^## /ms;
my %limits = map { $_ => 1 }
             slurp(top_dir() . '/src/core/rules/crm_analysis_limit.c')
             =~ /^    \{ "(\w+)", "/mg;

is_deeply([ sort map { /`(\w+)`/g } map { (split /\|/)[1] }
            grep { /^\| `/ } split /\n/, $limits ],
          [ sort keys %limits ], 'and the table of limits those that can be set');


# --- the reference is that of the table of keys --------------------------------------

my $code = join "\n", $page =~ /^```.*?\n(.*?)^```/msg, $page =~ /`([^`\n]+)`/g;
my $schema = json_decode(crmctl('schema')->{out});
my %kinds = map { $_ => 1 } @{ $schema->{properties}{kind}{enum} };

for my $name (sort keys %{ $schema->{definitions} }) {
    my $keys = $schema->{definitions}{$name}{properties};

    like($page, qr/^\| `\Q$name\E` \|/m, "the table of kinds has $name")
        if $kinds{$name};

    next if $name eq 'dialect';     # docs/dialects.md has those

    is_deeply([ grep { $code !~ /\b\Q$_\E\b/ } sort keys %$keys ], [],
              "the page has all keys of $name");
}

done_testing();


sub rule   { return "execute_when: { type: create }\nconditions:\n$_[0]" }
sub indent { return $_[0] =~ s/^/' ' x $_[1]/mger }


# The arguments of a call, of which text begins behind the bracket.

sub arguments {
    my ($text) = @_;
    my ($depth, @list) = (0, '');

    while ($text =~ /\G("(?:[^"\\]|\\.)*"|.)/gs) {
        my $c = $1;

        return @list if $c eq ')' && $depth == 0;

        $depth++ if $c eq '(';
        $depth-- if $c eq ')';

        if ($c eq ',' && $depth == 0) {
            push @list, '';
        } else {
            $list[-1] .= $c;
        }
    }

    return @list;
}
