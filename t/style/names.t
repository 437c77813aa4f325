# The name of a thing tells its file: what a core file exports begins with the
# file's stem, with that of the header that declares it, or with the name of a
# type of that header. A reader who meets crm_lock_check() opens crm_lock.

use strict;
use warnings;

use Test::More;

# Exported names whose home is another stem, each with its reason.
my %except = (
    crm_org_valid => 'the organisation is a part of every key, crm_keys knows it',
);

my %declared;      # name => stem of the header that declares it
my %types;         # stem of a header => the types in it, without crm_ and _t

for my $h (glob 'src/core/*/*.h') {
    my ($stem) = $h =~ m{(\w+)\.h$};
    my $text = code($h);

    $declared{$1} ||= $stem while $text =~ /\b(crm_\w+)\s*\(/g;
    push @{ $types{$stem} }, $1 while $text =~ /\b(crm_\w+)_[ts];/g;
}

for my $file (sort glob 'src/core/*/*.c') {
    next if $file =~ m{/crm_scripts\.c$};       # generated

    my ($stem) = $file =~ m{(\w+)\.c$};
    my @bad;

    # A definition: the return type on a line of its own, the name in the
    # first column of the next, as nginx writes it.
    my @lines = split /\n/, code($file);

    for my $i (1 .. $#lines) {
        my ($name) = $lines[$i] =~ /^([a-z]\w*)\(/ or next;

        next if $lines[ $i - 1 ] =~ /\bstatic\b/ || $except{$name};
        next if $name =~ /^\Q$stem\E(?:_|$)/;

        my $home = $declared{$name};

        next if grep { $name =~ /^\Q$_\E(?:_|$)/ }
                defined $home ? ($home, $home =~ s/s$//r,
                                 @{ $types{$home} || [] }) : ();

        push @bad, $name . (defined $home ? " (declared in $home.h)"
                                          : ' (declared in no header)');
    }

    is_deeply(\@bad, [], "$file exports names of its stem");
}

done_testing();


# The text without comments and strings.

sub code {
    my ($file) = @_;

    open my $fh, '<', $file or die "$file: $!\n";
    local $/;
    my $s = <$fh>;

    $s =~ s{/\*.*?\*/}{ $& =~ s/[^\n]//gr }gse;
    $s =~ s{"(?:[^"\\\n]|\\.)*"}{""}g;

    return $s;
}
