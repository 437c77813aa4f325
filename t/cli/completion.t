# crmctl completion: shells offer the commands and options that there are. Were
# it broken, the tab key would teach people what crmctl refuses.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use File::Temp qw(tempdir);
use Test::More;
use Test::CRM;

my $dir = tempdir(CLEANUP => 1);
my $r = crmctl('completion', 'bash');

is($r->{rc}, 0, 'completion bash exits 0');
spew("$dir/bash", $r->{out});


# --- what bash offers -------------------------------------------------------------

my @commands = crmctl('help')->{out} =~ /^  crmctl (\S+)/mg;

is_deeply([ offers('') ], \@commands, 'all commands that help lists, and no other');
is_deeply([ offers('val') ], ['validate'], 'what begins like a command');
is_deeply([ offers('help', 'st') ], ['status'], 'commands behind help');
is_deeply([ offers('validate', '') ], [],
          'nothing where a folder stands: bash offers files');
is_deeply([ offers('validate', '--pr') ], [], 'no option of another command');
is_deeply([ offers('apply', 'rules', '--pr') ], ['--prune'],
          'an option of the command, behind its folder');
is_deeply([ offers('--org', 'apply', 'dump', '--pru') ], [],
          'the value of an option is no command');
is_deeply([ offers('--org', '=', 'acme', 'apply', '--pru') ], ['--prune'],
          'nor is one behind "="');
is_deeply([ offers('dump', '-o', '') ], [qw(table json)], 'what -o takes');
is_deeply([ offers('dump', '--output', '=', 'j') ], ['json'],
          'what --output= takes');
is_deeply([ offers('eval', 'rules', '--operation', '') ],
          [qw(create update delete)], 'what --operation takes');
is_deeply([ offers('eval', 'rules', '--record', '') ], [],
          'nothing where an option takes a file');
is_deeply([ offers('intents', '') ], [qw(ls settle)], 'parts of a command');
is_deeply([ offers('completion', 'z') ], ['zsh'], 'shells');
is_deeply([ offers('schema', 'webh') ], ['webhook'], 'kinds of documents');
is_deeply([ offers('init', '-') ], [qw(--output --help --version)],
          'the options that every command has');

for my $command (grep { !/^(?:help|version)$/ } @commands) {
    my %known = map { $_ => 1 }
                crmctl('help', $command)->{out} =~ /^  (--[a-z-]+)/mg;

    delete $known{"--$_"} for qw(output help version);

    my %offered = map { $_ => 1 } offers($command, '--');

    is_deeply([ grep { !$offered{$_} } sort keys %known ], [],
              "all options that help $command explains");
}


# --- other shells -----------------------------------------------------------------

for my $shell (qw(bash zsh fish)) {
    SKIP: {
        my $script = crmctl('completion', $shell);

        is($script->{rc}, 0, "completion $shell exits 0");
        like($script->{out}, qr/validate/, 'and prints a script');

        skip "$shell is not here", 1
            if system("command -v $shell >/dev/null 2>&1") != 0;

        spew("$dir/$shell", $script->{out});
        is(system($shell, '-n', "$dir/$shell"), 0, "that $shell can read");
    }
}

$r = crmctl('completion', 'zhs');
is($r->{rc}, 64, 'another shell is wrong use');
like($r->{err}, qr/knows bash, zsh and fish, not "zhs": did you mean zsh\?/,
     'and the nearest is named');

done_testing();


# What bash would offer behind "crmctl WORDS", the last of them half written.
sub offers {
    my @words = @_;
    my $script = 'source "$0"; COMP_WORDS=(crmctl "$@"); COMP_CWORD=$#;'
                 . ' _crmctl; printf "%s\n" "${COMPREPLY[@]}"';

    open my $pipe, '-|', 'bash', '-c', $script, "$dir/bash", @words
        or die "bash: $!\n";
    chomp(my @offers = <$pipe>);
    close $pipe or die "bash failed\n";

    return grep { length } @offers;
}
