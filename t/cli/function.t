# Scripts in Deluge: what they return, tell, ask for, and how they fail. The
# scripts stand in t/data/deluge: every built-in function in one at least.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use JSON::PP;
use Test::CRM;
use Test::More;

my $json = JSON::PP->new->allow_nonref->canonical;
my $data = "$FindBin::Bin/../data/deluge";
my $dir = work_dir();

for my $file (sort glob "$data/*.txt") {
    my ($name) = $file =~ m{([^/]+)\.txt$};

    script("$name: $_->{title}", $_) for blocks($file);
}

bad_use();

done_testing();


# "=== title", then sections "--- name: value" or "--- name" and lines.

sub blocks {
    my ($file) = @_;
    my (@blocks, $lines);

    for (split /\n/, slurp($file), -1) {
        if (/^=== (.*)/) {
            push @blocks, { title => $1 };
            undef $lines;

        } elsif (/^--- (\w+)(?:: (.*))?$/) {
            $blocks[-1]{$1} = $2 // '';
            $lines = defined $2 ? undef : \$blocks[-1]{$1};

        } elsif ($lines) {
            $$lines .= "$_\n";
        }
    }

    for my $b (@blocks) {
        s/\n+\z// for values %$b;
    }

    return @blocks;
}


sub script {
    my ($name, $b) = @_;
    my $file = "$dir/script.dg";
    my $source = $b->{script} // '';

    $source = pack 'H*', $b->{bytes} if $b->{bytes};
    $source = $1 x $2 if ($b->{repeat_script} // '') =~ /^(\S+) (\d+)/;

    if (my ($text, $times) = ($b->{repeat} // '') =~ /^(\S+) (\d+)/) {
        $source =~ s/REPEATED/$text x $times/e;
    }

    spew($file, "$source\n");

    my @args = map { "--arg=$_" } split /\n/, $b->{args} // '';
    push @args, "--now=$b->{now}" if $b->{now};
    push @args, '--dry-run' if $b->{dry_run};

    my ($out, $err, $rc) = called('function', 'run', $file, @args);

    if (exists $b->{error}) {
        is($rc, 1, "$name: exit");
        like($err, qr/\Q$b->{error}\E/, "$name: error");
        return;
    }

    if ($b->{result_is_refused}) {
        is($rc, 1, "$name: exit");
        return;
    }

    is($rc, 0, "$name: exit") or diag($err);

    my ($log, $would) = split /^would do:\n/m, $err;

    is($out, exists $b->{result} && $b->{result} ne '' ? "$b->{result}\n" : '',
       "$name: result") unless exists $b->{log} && !exists $b->{result};
    is($log, $b->{log} eq '' ? '' : "$b->{log}\n", "$name: log")
        if exists $b->{log};
    like($log, qr/more was told by info than is kept/, "$name: log is cut")
        if $b->{log_cut};

    if (exists $b->{effects}) {
        my @tasks = map { $_->{task} } @{ $json->decode($would) };
        is("@tasks", $b->{effects}, "$name: tasks");
    }

    if (exists $b->{asked}) {
        my @asked = map { [ $_->{task}, $_->{line}, @{ $_->{arguments} } ] }
                    @{ $json->decode($would) };

        is_deeply(\@asked, $json->decode("[$b->{asked}]"),
                  "$name: what is asked for");
    }
}


sub called {
    my $r = crmctl(@_);

    return @$r{qw(out err rc)};
}


sub bad_use {
    my ($out, $err, $rc) = called('function', 'run');
    is($rc, 64, 'no file: wrong use');

    ($out, $err, $rc) = called('function', 'walk', 'x.dg');
    is($rc, 64, 'no such subcommand: wrong use');

    spew("$dir/a.dg", "x = a;\n");

    ($out, $err, $rc) = called('function', 'run', "$dir/a.dg", '--arg', 'a');
    is($rc, 64, 'an argument without a value');
    like($err, qr/NAME=VALUE is expected/, 'and why');

    ($out, $err, $rc) = called('function', 'run', "$dir/a.dg", '--arg=a=1',
                               '--arg=a=2');
    is($rc, 64, 'an argument twice');

    ($out, $err, $rc) = called('function', 'run', "$dir/none.dg");
    is($rc, 1, 'a file that is not there');
    like($err, qr/none\.dg/, 'is named');

    ($out, $err, $rc) = called('function', 'run', "$dir/a.dg", '--now=soon');
    is($rc, 64, 'a time that is none');

    spew("$dir/b.dg", "if (true || false && true) { info 1; }\n");
    spew("$dir/c.dg", "x = ;\n");

    ($out, $err, $rc) = called('function', 'check', "$dir/a.dg", "$dir/b.dg");
    is($rc, 0, 'check: warnings alone are no failure');
    like($err, qr{b\.dg:1:10: warning: && binds tighter than \|\|},
         'mixed logic is warned of');

    ($out, $err, $rc) = called('function', 'check', "$dir/c.dg", '-o', 'json');
    is($rc, 1, 'check: an error is one');
    is($json->decode($out)->{findings}[0]{line}, 1, 'with its line');

    ($out, $err, $rc) = called('function', 'run', "$dir/a.dg", '--arg=a=7',
                               '-o', 'json');
    is_deeply($json->decode($out),
              { result => undef, error => undef, log => '', statements => 1,
                effects => [] }, 'as JSON');
}
