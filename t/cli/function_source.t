# A function's text may stand in a file of its own; what is applied holds it. Were
# it broken, a revision would depend on a folder that nobody has any more.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Encode ();
use Test::More;
use Test::CRM;

my $n = 0;
my $text = "x = 1;\n\tif(x > 0)\n\t{\n\t\tinfo \"q: # \xc3\xa9\";\n\t}\n";

redis_start();

{
    my $dir = folder('f.yaml' => function('sub/add.dg'), 'sub/add.dg' => $text);

    is(crmctl('apply', $dir)->{rc}, 0, 'a function whose text is a file below');
    is(json_decode(redis('GET', 'crm:{acme}:rules:1'))->{objects}[0]{object}{source},
       Encode::decode('UTF-8', $text), 'is applied with it');

    my $dump = crmctl('dump')->{out};

    (my $block = $text) =~ s/^/  /gm;
    like($dump, qr/^file: sub\/add\.dg$/m, 'a dump names the file');
    like($dump, qr/^source: \|\n\Q$block\E/m, 'and prints what it holds');
    like(crmctl('apply', folder('all.yaml' => $dump))->{out},
         qr/^no change: revision 1 is live$/m, 'so that it can be applied without the file');

    spew("$dir/sub/add.dg", $text =~ s/info "q/info "r/r);
    like(crmctl('plan', $dir)->{out},
         qr/^    ~ source:\n.*^        -   info "q: .*^        \+   info "r: /ms,
         'plan shows which lines of it change');
}

for my $case (
    [ undef, qr{: error: \S+/add\.dg cannot be read: No such file or directory$}m, 'that is not there' ],
    [ '', qr/: error: \S+ is empty$/m, 'that is empty' ],
    [ "a\xff", qr/: error: \S+ is not UTF-8$/m, 'of bytes' ],
    [ "a\0b", qr/: error: \S+ holds a zero byte$/m, 'with a zero byte' ],
    [ 'x' x (256 * 1024 + 1), qr/: error: \S+ has 262145 bytes; 262144 are allowed$/m, 'that is too long' ],
) {
    my ($content, $why, $what) = @$case;
    my $dir = folder('f.yaml' => function('add.dg'),
                     defined $content ? ('add.dg' => $content) : ());
    my $r = crmctl('validate', $dir);

    is($r->{rc}, 1, "a file $what is an error");
    like($r->{err}, qr/^\S+f\.yaml:3:7$why/m, 'at its name');
    is(() = $r->{err} =~ /: error: /g, 1, 'and one is enough');
}

{
    my $r = crmctl('validate', folder('f.yaml' => function('add.dg'), 'add.dg' => "y = 1;\nx = ;\n"));

    is($r->{rc}, 1, 'a script that cannot be read is an error');
    like($r->{err}, qr{^\S+/add\.dg:2:5: error: a value is expected here, not ";"$}m,
         'where it stands in the script');
}

for my $name ('../x.dg', '/etc/passwd', 'a/../../x', '.hidden', 'sub/') {
    my $r = crmctl('validate', folder('f.yaml' => function($name)));

    like($r->{err}, qr/:3:7: error: file must /, "\"$name\" leads elsewhere and is not read");
}

done_testing();


sub function {
    return "kind: function\nname: add\nfile: $_[0]\n";
}


sub folder {
    my (%files) = @_;
    my $dir = work_dir() . '/f' . ++$n;

    mkdir "$dir" or die "$dir: $!\n";
    mkdir "$dir/sub" or die "$dir: $!\n";
    spew("$dir/$_", $files{$_}) for keys %files;

    return $dir;
}
