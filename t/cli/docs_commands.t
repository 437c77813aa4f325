# docs/cli.md: what it shows is what crmctl prints, and no command on any page is
# one that crmctl does not know. It would fail by a page that people copy from in
# vain.
#
# Commands of a folder run as they stand, over t/data/docs, and print what stands
# below them ("…": anything). Those of what is live run over rules of our own, and
# must not be wrong use, which is exit 64.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Process qw(run_command);
use Text::ParseWords qw(shellwords);

my $page = slurp(top_dir() . '/docs/cli.md');
my $data = top_dir() . '/t/data/docs';

redis_start();
crm_rules(slurp("$data/right/rules/deals.yaml"));


# --- what is shown -----------------------------------------------------------------

my %shown = (validate => 'wrong', eval => 'right', test => 'right', init => 'right');
my (%count, $folders);

while ($page =~ /^```\n(\$ crmctl (\w+).*?)^```$/msg) {
    my ($block, $command) = ($1, $2);

    next if !$shown{$command};

    my $dir = folder($shown{$command});

    while ($block =~ /^\$ (crmctl .*)\n((?:(?!\$ ).*\n)*)/mg) {
        my ($line, $prints) = ($1, $2);

        $count{$command}++;
        prints($line, $prints, run($line, $dir));
    }
}

is_deeply(\%count, { validate => 1, eval => 2, test => 2, init => 3 }, 'the page shows what it showed');

# What is shown apart from its command.

for my $topic ([ dialect => 2, qr/^(update Leads.*?)^```$/ms ], [ function => 2, qr/^(?!)/ ]) {
    my ($name, $n, $shows) = @$topic;
    my ($section) = $page =~ /^## $name\n(.*?)(?=^## )/ms;
    my @lines = $section =~ /^(crmctl $name .*)$/mg;
    my $dir = folder('right');
    my $said;

    spew("$dir/our-crm.json", slurp(top_dir() . '/src/dialects/json-server.json'));
    spew("$dir/total.dg", (slurp(top_dir() . '/docs/functions.md') =~ /^```\n(.*?)^```/ms)[0]);

    is(scalar @lines, $n, "$name: the page has its commands");

    for my $line (@lines) {
        $said = run($line, $dir);
        is($said->{rc}, 0, $line) or diag $said->{err};
    }

    prints($lines[-1], $1, $said) if $section =~ $shows;
    is($said->{out}, "total 39.98\n", 'the function of docs/functions.md gives what it says') if $name eq 'function';
}


# --- what is known -----------------------------------------------------------------

my $dir = folder('right');
my (%words, %lines);

for my $file (top_dir() . '/README.md', grep { !/changes/ } glob top_dir() . '/docs/*.md') {
    my ($name) = $file =~ m{([^/]+)$};
    my $text = slurp($file);

    $words{$_} //= $name for $text =~ /`crmctl ([a-z]+)/g;

    for my $block ($text =~ /^```\w*\n(.*?)^```$/msg) {
        $words{$_} //= $name for $block =~ /^(?:\$ )?crmctl ([a-z]+)/mg;

        # forms, with their blanks and words in capitals, are no commands
        $lines{$_} //= $name for grep { !/  |\b[A-Z]+\b(?!-)[^"']*$/ } $block =~ /^(?:\$ )?(crmctl [a-z].*)$/mg;
    }
}

is(crmctl('help', $_)->{rc}, 0, "$words{$_}: there is crmctl $_") for grep { !/^(?:help|version)$/ } sort keys %words;

for my $line (sort keys %lines) {
    my $r = run($line, $dir);

    isnt($r->{rc}, 64, "$lines{$line}: $line") or diag $r->{err};
}

cmp_ok(scalar keys %lines, '>', 25, 'the pages have commands');

done_testing();


# A folder of its own, as t/data/docs has it.

sub folder {
    my ($name) = @_;
    my $to = work_dir() . "/$name" . ++$folders;

    system('cp', '-r', "$data/$name", $to) == 0 or die "cp $name\n";

    return $to;
}


# As people type it: what goes into a file, and what follows a pipe, is not
# crmctl's.

sub run {
    my ($line, $dir) = @_;
    my @words = shellwords($line =~ s/\s+[>|#].*//sr);

    shift @words;

    return run_command([ build_dir() . '/crmctl', @words ], dir => $dir,
        env => { CRM_REDIS => redis_url(), CRM_ORG => crm_org(), COLUMNS => 80, NO_COLOR => 1 });
}


sub prints {
    my ($line, $expected, $r) = @_;
    my $got = $r->{out} . $r->{err};
    my $like = join '', map { $_ eq "…\n" ? '(?:.*\n)*?' : join('.*', map { quotemeta } split /…/, $_, -1) }
                        $expected =~ /(.*\n)/g;

    like($got, qr/\A$like\z/, "$line prints what the page shows") or diag $got;
}
