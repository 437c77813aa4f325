# Which files of a folder are rules, in which order, and what happens with
# folders and files that are no rules at all. Were it broken, a rule could be
# left out unseen, or a stray file could hang or crash crmctl.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use POSIX qw(mkfifo);

my $n = 0;


# --- which files ----------------------------------------------------------------

{
    my $dir = folder(
        'a.yaml'                => role('a'),
        'b.yml'                 => role('b'),
        'c.json'                => '{"kind":"role","name":"c"}',
        'deep/er/d.yaml'        => role('d'),
        'e.test.yaml'           => "tests: [ { name: no rule } ]\n",
        '.hidden.yaml'          => "nonsense\n",
        '.git/f.yaml'           => "nonsense\n",
        'notes.txt'             => "nonsense\n",
        'g.yaml~'               => "nonsense\n",
        'h.YAML.bak'            => "nonsense\n",
    );

    my $r = crmctl('validate', $dir);

    is($r->{rc}, 0, 'yaml, yml and json are read, others are left alone');
    like($r->{out}, qr/^4 objects/, 'in folders below, too');
}

{
    my $dir = folder('b.yaml' => "kind: x\n", 'a.yaml' => "kind: x\n",
                     'a/z.yaml' => "kind: x\n", 'Z.yaml' => "kind: x\n");
    my $r = crmctl('validate', $dir);

    is_deeply([ $r->{err} =~ m{^\Q$dir\E/(\S+?):\d}mg ],
              [ qw(Z.yaml a.yaml a/z.yaml b.yaml) ],
              'messages come in the bytewise order of the paths');
}

{
    my $dir = folder('a.yaml' => role('a'));

    is(crmctl('validate', "$dir/a.yaml")->{rc}, 0, 'DIR may be one file');
    is(crmctl('validate', "$dir/")->{rc}, 0, 'a slash at the end does not matter');
    like(crmctl('validate', "$dir//")->{out}, qr/^1 object,/, 'nor do two');
}


# --- what is no folder of rules ---------------------------------------------------

refused('a folder that is not there', '/nowhere/rules',
        qr{^/nowhere/rules: error: cannot be read: No such file});
refused('an empty folder', folder(), qr/: error: no rules here: /);
refused('a folder of empty documents', folder('a.yaml' => "---\n# none\n---\n"),
        qr/: error: no rules here: /);
refused('a NUL byte', folder('a.yaml' => "kind: role\nname: \"a\0b\"\n"),
        qr{/a\.yaml:2:9: error: control character 0x00});
refused('a NUL escape', folder('a.yaml' => "kind: role\nname: \"a\\0b\"\n"),
        qr{/a\.yaml:2:7: error: text must not hold the character NUL});
refused('a binary file', folder('a.yaml' => join '', map { chr } 0 .. 255),
        qr{/a\.yaml:1:1: error: control character 0x00});
refused('a compressed file', folder('a.json' => "\x1f\x8b\x08\x00rest"),
        qr{/a\.json:1:1: error: });
refused('UTF-16', folder('a.yaml' => "\xff\xfek\0i\0n\0d\0"),
        qr{/a\.yaml:1:1: error: byte 0xff is not UTF-8});
refused('Latin-1', folder('a.yaml' => "kind: role\nname: caf\xe9\n"),
        qr{/a\.yaml:2:10: error: byte 0xe9 is not UTF-8});
refused('a lone surrogate',
        folder('a.json' => '{"kind":"role","name":"\ud83d"}'),
        qr{/a\.json:1:\d+: error: });
refused('half of JSON', folder('a.json' => '{"kind":"role","name":'),
        qr{/a\.json:1:\d+: error: });

{
    my $dir = folder('a.yaml' => role('a'));

    symlink "$dir/loop.yaml", "$dir/loop.yaml";
    refused('a link to itself', $dir, qr{/loop\.yaml: error: cannot be read: });
}

{
    my $dir = folder('sub/a.yaml' => role('a'));

    symlink '..', "$dir/sub/up";
    refused('a link to a folder above', $dir,
            qr{/sub/up: error: this link leads back to a folder above it});
}

{
    my $dir = folder('real/a.yaml' => role('a'));

    symlink 'real', "$dir/zlink";
    refused('the same rule through a link', $dir,
            qr{/zlink/a\.yaml:2:7: error: });
}

# Were it passed over, --prune would take what it led to for deleted.
{
    my $dir = folder('a.yaml' => role('a'));

    symlink 'gone', "$dir/shared";
    refused('a link that leads to nothing', $dir,
            qr{/shared: error: this link leads to nothing: mend or remove it});
}

# Half of what somebody is writing must not pass for what he has written.
{
    my $dir = folder('a.yaml' => role('a'), 'b.yaml' => role('b'));
    my $shim = work_dir() . '/written.so';
    my $cc = run_command([ 'cc', '-shared', '-fPIC', '-O1', '-o', $shim,
                           top_dir() . '/t/lib/written.c', '-ldl' ]);

    SKIP: {
        skip "no compiler: $cc->{err}", 2 if $cc->{rc} != 0;

        # the sanitizer's library wants to be the first
        my $asan = $ENV{CRM_TEST_ASAN}
                   ? run_command([ 'cc', '-print-file-name=libasan.so' ])->{out} =~ s/\s+\z//r : '';
        my @command = ([ build_dir() . '/crmctl', 'validate', $dir ], env => {
            LD_PRELOAD => join(' ', grep { length } $asan, $shim), CRM_WRITTEN => "$dir/b.yaml" });
        my $r = run_command(@command);

        is($r->{rc}, 1, 'a file that changes while it is read is refused');
        like($r->{err}, qr{^\Q$dir\E/b\.yaml: error: was changed while it was read: try again$}m,
             'and why is said');
    }
}

{
    my $dir = folder('a.yaml' => role('a'));

    mkfifo("$dir/pipe.yaml", 0600) or die "mkfifo: $!\n";
    refused('a pipe', $dir, qr{/pipe\.yaml: error: is not a regular file});
}

{
    my $dir = folder('a.yaml' => role('a'), 'b.yaml' => role('b'));

    chmod 0, "$dir/b.yaml";

    SKIP: {
        skip 'root reads every file', 1 if $> == 0;
        refused('a file without permission', $dir,
                qr{/b\.yaml: error: cannot be read: Permission denied});
    }
}

{
    my $dir = folder('a.yaml' => role('a'));

    symlink '/proc/self/mem', "$dir/mem.yaml";
    is(crmctl('validate', $dir)->{rc}, 1, 'a file that fails to read is refused');
}


# --- what is too much -------------------------------------------------------------

refused('a huge file', huge(17 * 1024 * 1024),
        qr{: error: has 17825792 bytes; 16777216 are allowed});
refused('a huge document', folder('a.yaml' => role('a') . "---\n"
                                  . ('# x' x 1500000) . "\nkind: role\n"),
        qr{/a\.yaml:3:1: error: the document has \d+ bytes; 4194304 are allowed});
refused('brackets without end', folder('a.yaml' => 'kind: ' . '[' x 100000),
        qr{/a\.yaml:1:\d+: error: values are nested deeper than 64 levels});
refused('dashes without end', folder('a.yaml' => '- ' x 100000),
        qr{/a\.yaml:1:\d+: error: values are nested deeper than 64 levels});
refused('a million values',
        folder('a.yaml' => "kind: role\nname: [" . ('a,' x 1000001) . "]\n"),
        qr{/a\.yaml:2:\d+: error: the document has more than 1000000 values});
refused('aliases that grow', folder('a.yaml' => bomb()),
        qr{error: aliases \(\*name\) are not used});

done_testing();


sub role { return "kind: role\nname: $_[0]\n" }


sub folder {
    my (%files) = @_;
    my $dir = work_dir() . '/f' . ++$n;

    mkdir $dir or die "$dir: $!\n";
    spew("$dir/$_", $files{$_}) for keys %files;

    return $dir;
}


sub huge {
    my ($size) = @_;
    my $dir = folder('a.yaml' => role('a'));

    truncate "$dir/a.yaml", $size or die "truncate: $!\n";

    return $dir;
}


sub bomb {
    my $text = "a0: &a0 [x, x, x, x, x, x, x, x]\n";

    $text .= "a$_: &a$_ [" . join(', ', ('*a' . ($_ - 1)) x 8) . "]\n" for 1 .. 20;

    return $text;
}


sub refused {
    my ($what, $dir, $why) = @_;
    my $r = crmctl('validate', $dir);

    subtest "$what is refused" => sub {
        is($r->{rc}, 1, 'exit code');
        is($r->{out}, '', 'nothing on stdout');
        like($r->{err}, qr/$why/m, 'the message');
    };
}
