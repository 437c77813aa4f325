# crmctl function fmt writes scripts in one form; run, check and fmt take a
# function of the live rules by its name. It would fail by a comment that is
# lost, a token that is changed or moved, a second run that changes what the
# first has written, a broken script that is written over, or a file that is
# taken for a name.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;

my $dir = work_dir();
my $n = 0;

sub file {
    my ($text) = @_;
    my $file = "$dir/s" . ++$n . '.dg';

    spew($file, $text);

    return $file;
}

# What becomes of a script, or undef where it is left alone.
sub formatted {
    my ($text) = @_;
    my $file = file($text);
    my $r = crmctl('function', 'fmt', $file);

    return $r->{rc} == 0 ? slurp($file) : undef;
}

# --- the form ---------------------------------------------------------------------

my $ugly = <<'EOS';
// total of a deal


/* by
   line */
string   standalone.total( map deal ,int n ){

sum=0;for each line in deal.get( "lines" ) { sum=sum+line.get("price")*-1; // price
if(sum>10&&!deal.isEmpty()){info "big: "+sum;}else if ( sum<0 ) {break;} else {

    continue;

}}
  // before the task
  answer=invokeurl
  [
  url:base+"/x"  // where
    content-type : "a/b"
      parameters:{"a":1,"b":{1,2,-3}}
  ];
sendmail [from:"a@x.test" to:"b@x.test" subject:"s" reply to:"c@x.test" message:"m"]
x = zoho.crm.updateRecord("Deals",id,
  {"Total":total,
     "Class":/* a guess */class});
try{throw {"a":1};}
catch( e ){return -  1 ;}
// behind everything
}
EOS
my $nice = <<'EOS';
// total of a deal

/* by
   line */
string standalone.total(map deal, int n)
{
    sum = 0;
    for each line in deal.get("lines")
    {
        sum = sum + line.get("price") * -1; // price
        if (sum > 10 && !deal.isEmpty())
        {
            info "big: " + sum;
        }
        else if (sum < 0)
        {
            break;
        }
        else
        {
            continue;
        }
    }
    // before the task
    answer = invokeurl
    [
        url: base + "/x" // where
        content-type: "a/b"
        parameters: {"a": 1, "b": {1, 2, -3}}
    ];
    sendmail [ from: "a@x.test" to: "b@x.test" subject: "s" reply to: "c@x.test" message: "m" ]
    x = zoho.crm.updateRecord("Deals", id,
        {"Total": total,
        "Class": /* a guess */ class});
    try
    {
        throw {"a": 1};
    }
    catch (e)
    {
        return -1;
    }
    // behind everything
}
EOS

is(formatted($ugly), $nice, 'a script in its canonical form');
is(formatted($nice), $nice, 'which is that of itself');
is(formatted("a = 1;\r\nb = 2;"), "a = 1;\nb = 2;\n", 'lines of another system');
is(formatted("x = \"a\n  b\";\n"), "x = \"a\n  b\";\n", 'a text of two lines stays one');
is(formatted('for each x in {1,2} {info x;}'), "for each x in {1, 2}\n{\n    info x;\n}\n", 'a list before a block');
is(formatted("// alone\n"), "// alone\n", 'a comment alone');
is(formatted("a = b // c\n;\n"), "a = b // c\n    ;\n", 'a comment within a statement');

# --- of all that we have -------------------------------------------------------------

# Comments and tokens, without the blanks between them.
sub bare {
    my ($text) = @_;

    $text =~ s/("(?:[^"\\]|\\.)*"|'[^']*')|\s+/$1 \/\/ ''/ges;

    return $text;
}

my ($scripts, @wrong) = (0);

for my $data (sort(glob(top_dir() . '/t/data/deluge/*.txt'))) {
    my $text = slurp($data);

    while ($text =~ /^--- script\n(.*?)(?=^---|^===|\z)/gms) {
        my $script = $1;
        my $once = formatted($script) // next;      # one that is no script

        $scripts++;
        push @wrong, "$data: changed:\n$script\n->\n$once" if bare($once) ne bare($script);
        push @wrong, "$data: twice:\n$once" if (formatted($once) // 'an error') ne $once;
    }
}
cmp_ok($scripts, '>', 100, "$scripts scripts") or diag 'where are they?';
is(scalar @wrong, 0, 'say the same when they are formatted, and stay so') or diag join "\n", @wrong[0 .. ($#wrong > 4 ? 4 : $#wrong)];

# --- files ---------------------------------------------------------------------------

{
    my ($good, $bad, $done) = (file('a=1;'), file('a = ;'), file("a = 1;\n"));

    chmod 0640, $good;

    my $r = crmctl('function', 'fmt', '--check', $good, $done);

    is($r->{rc}, 1, '--check: one would change');
    is($r->{out}, "$good\n", 'which');
    is(slurp($good), 'a=1;', 'and is as it was');

    $r = crmctl('function', 'fmt', $good, $bad, $done);
    is($r->{rc}, 1, 'one that is no script is a failure');
    like($r->{err}, qr/^\Q$bad\E:1:5: error: /m, 'with its place');
    is(slurp($bad), 'a = ;', 'and is left alone');
    is($r->{out}, "$good\n", 'the others are written');
    is(slurp($good), "a = 1;\n", 'whole');
    is((stat $good)[2] & 07777, 0640, 'with their mode');
    is(crmctl('function', 'fmt')->{rc}, 64, 'no file: wrong use');
    is(crmctl('function', 'fmt', "$dir/none.dg")->{rc}, 1, 'a file that is not there');
}

# --- by name ---------------------------------------------------------------------------

redis_start();
crm_rules(<<'EOR');
>>> rules.yaml
kind: function
name: adds
file: adds.dg
arguments: [ { name: a, type: integer }, { name: b, type: integer } ]
>>> adds.dg
int add(int a, int b) { return a+b; }
EOR

chdir $dir or die "$dir: $!\n";
is(crmctl('function', 'run', 'adds', '--arg', 'a=2', '--arg', 'b=40')->{out}, "42\n", 'run: a function of the live rules');
is(crmctl('function', 'check', 'adds')->{out}, "1 script, no errors\n", 'check: by name');
is(crmctl('function', 'fmt', 'adds')->{out}, "int add(int a, int b)\n{\n    return a + b;\n}\n", 'fmt: it is printed');
is(crmctl('function', 'fmt', '--check', 'adds')->{rc}, 1, 'or looked at');
{
    my $r = crmctl('function', 'run', 'subtracts');

    is($r->{rc}, 1, 'a name that no function has');
    like($r->{err}, qr/subtracts: there is no such file, and the live rules of acme have no function of that name/, 'is said');
    spew("$dir/adds", "return 7;\n");
    is(crmctl('function', 'run', 'adds')->{out}, "7\n", 'a file of that name goes before it');
}
chdir top_dir();

# --- against the rules -------------------------------------------------------------------

{
    my $rules = "$dir/rules";

    mkdir $rules;
    spew("$rules/rules.yaml", "kind: function\nname: adds\nfile: adds.dg\narguments: [ { name: a, type: integer } ]\n");
    spew("$rules/adds.dg", "int add(int a, int b)\n{\n    return a + b;\n}\n");

    my $r = crmctl('validate', $rules);

    is($r->{rc}, 1, 'validate: a function that takes what the rules do not give');
    like($r->{err}, qr{adds\.dg: error: its function takes b, which is none of the function's arguments}, 'is an error, by name');
}

done_testing();
