# crmctl schema: what editors say of a rule file is what validate says. Were it
# not, an editor would underline what is right, or offer what is refused.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use File::Temp qw(tempdir);
use Test::More;
use Test::CRM;

# Mistakes that can be seen without knowing what the values mean.
my %seen = map { $_ => 1 } qw(unknown_key missing_key unknown_word unknown_kind
    unknown_action unknown_comparator unknown_type too_few);

my $dir = tempdir(CLEANUP => 1);
my $tool = top_dir() . '/t/lib/schema.py';
my $page = slurp(top_dir() . '/docs/rules.md');
my $n = 0;

system('python3', '-c', 'import jsonschema, yaml') == 0
    or BAIL_OUT('python3-jsonschema and python3-yaml are missing: '
                . 'src/tools/install-deps.sh test');

my $r = crmctl('schema');
is($r->{rc}, 0, 'schema exits 0');
spew("$dir/schema.json", $r->{out});

my $schema = json_decode($r->{out});
is($schema->{'$schema'}, 'http://json-schema.org/draft-07/schema#',
   'and names the draft that editors know');


# --- what is right ----------------------------------------------------------------

my @good = (glob(top_dir() . '/t/data/rules/good/*/*.y*ml'),
            glob(top_dir() . '/t/data/rules/language/*.yaml'),
            grep { !/\.test\.yaml$/ } glob(top_dir() . '/t/demo/rules/*.yaml'));

for my $example (grep { /^kind:/m } $page =~ /^```yaml\n(.*?)^```/msg) {
    next if $example !~ /^kind:/;
    push @good, "$dir/example" . ++$n . '.yaml';
    spew($good[-1], $example);
}

for my $line (schema_says("$dir/schema.json", 'check', @good)) {
    my ($file, $doc, $says) = $line =~ /^(\S+) (\d+) (.*)/;
    $file =~ s{.*/}{};
    is($says, 'ok', "the schema takes document $doc of $file");
}


# --- what is wrong: one thing of a good document spoilt --------------------------

my $spoilt = "$dir/spoilt";
mkdir $spoilt or die "$spoilt: $!\n";

my @mutants = map { [ /^(\S+) (\S+) (\S+) (\S+) (ok|no)(.*)/ ] }
              schema_says("$dir/schema.json", 'mutate', $spoilt, @good);
my (%codes, %errors);

# crmctl keeps so many findings and no more: some hundred documents at a time

for my $part (parts($spoilt, 500)) {
    $r = crmctl('validate', '-o', 'json', $part);

    for my $f (@{ json_decode($r->{out})->{findings} }) {
        next if $f->{severity} ne 'error';
        my ($file) = $f->{file} =~ m{([^/]+)$};
        $errors{$file}++;
        push @{ $codes{$file} }, $f->{code} if $seen{ $f->{code} };
    }
}

cmp_ok(scalar @mutants, '>', 300, 'there are some hundred spoilt documents');

my (@too_strict, @too_lax);

for my $m (@mutants) {
    my ($file, $how, $where, $kind, $says, $why) = @$m;
    my $what = "$kind $where: $how";

    push @too_strict, "$what:$why" if $says eq 'no' && !$errors{$file};
    push @too_lax, "$what: @{ $codes{$file} }"
        if $says eq 'ok' && $codes{$file} && !only_by_meaning($what);
}

is_deeply(\@too_strict, [], 'what the schema refuses, validate refuses');
diag($_) for @too_lax;
is_deeply(\@too_lax, [], 'what validate can see, the schema refuses too');


# --- one kind ---------------------------------------------------------------------

for my $kind (@{ $schema->{properties}{kind}{enum} }) {
    my $one = crmctl('schema', $kind);
    is($one->{rc}, 0, "schema $kind exits 0");
    is_deeply(json_decode($one->{out})->{definitions}{$kind},
              $schema->{definitions}{$kind}, 'with the same definition');
}

$r = crmctl('schema', 'webhok');
is($r->{rc}, 64, 'a kind that does not exist is wrong use');
like($r->{err}, qr/there is no kind "webhok": did you mean "webhook"\?/,
     'which names the nearest');

done_testing();


# What one key demands of another is for validate alone.
sub only_by_meaning {
    my ($what) = @_;

    return $what =~ /^webhook body\.(type|content|parameters)x?: /
        || $what =~ /^webhook body: map/
        || $what eq 'workflow_rule execute_when.details: without'
        || $what =~ /^workflow_rule conditions\.\d+\.instant_actions: without/
        || $what =~ /^record_locking (locking_rules|lock_type)x?: /
        || $what =~ /^(function (file|source)|email_template (text|html)): without/
        || $what =~ /^schedule end\.after_runs: without/
        || $what =~ /\bassign_to\.(0\.)?(group|role|users): without/
        || $what eq 'business_hours days: without'
        || $what =~ /^blueprint states\.\d+\.escalate_after: without/
        || $what =~ /^blueprint .*\.during\.fields\.\d+\.message: without/;
}

# The files of a folder, moved into folders of at most so many.

sub parts {
    my ($dir, $most) = @_;

    my @files = sort glob "$dir/*.json";
    my @parts;

    while (my @some = splice @files, 0, $most) {
        push @parts, "$dir/" . @parts;
        mkdir $parts[-1] or die "$parts[-1]: $!\n";

        for my $file (@some) {
            my ($name) = $file =~ m{([^/]+)$};
            rename $file, "$parts[-1]/$name" or die "$file: $!\n";
        }
    }

    return @parts;
}


sub schema_says {
    my $pid = open my $pipe, '-|', 'python3', $tool, @_ or die "python3: $!\n";
    my @lines = <$pipe>;

    close $pipe or die "$tool failed\n";
    chomp @lines;

    return @lines;
}
