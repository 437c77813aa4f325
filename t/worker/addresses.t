# The forty ways to make a worker call what it must not: each is tried, each
# ends visibly, and nothing arrives where it should not. Were one open, whoever
# may write a rule, or a job into Redis, could reach what only the worker can.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs;

redis_start();
receiver_start();

my $port = receiver_port();
my $yes = JSON::PP::true;
my $names = work_dir() . '/names';
my $shim = work_dir() . '/names.so';
my $cc = run_command([ 'cc', '-shared', '-fPIC', '-O1', '-o', $shim,
                       top_dir() . '/t/lib/names.c', '-ldl' ]);

plan skip_all => "no compiler: $cc->{err}" if $cc->{rc} != 0;

# The reason a job ended with, or waits with, after a worker with @options has
# run; %o is the job's.
sub ends {
    my ($o, @options) = @_;

    my $id = push_job(allow_http => $yes, %$o);
    my %env = (CRM_NAMES_FILE => $names, LD_PRELOAD => $shim);

    # the sanitizer's library wants to be the first
    $env{LD_PRELOAD} = join ' ', grep { length } asan_library(), $shim;

    my $r = run_command([ worker_command()->[0], '--redis', redis_url(),
                          '--org', crm_org(), '--once', '--retry-schedule',
                          '1h', @options ],
                        env => { %env, %{ delete $o->{env} || {} } });

    is($r->{rc}, 0, 'the worker goes on') or diag $r->{err};

    return dead_reason($id) || job_hash($id)->{error} || 'delivered';
}

sub asan_library {
    return '' unless $ENV{CRM_TEST_ASAN};

    my $r = run_command([ 'cc', '-print-file-name=libasan.so' ]);

    return $r->{out} =~ s/\s+\z//r;
}

my $row = 0;

# A row of the table: nothing arrives, and the reason is as it must be.
sub refused {
    my ($what, $o, $reason, @options) = @_;

    my $before = hooks();
    my $got = ends($o, @options);

    $row++;
    like($got, $reason, "$row: $what");
    is(scalar hooks(), $before, 'and nothing arrives');
}

my $blocked = qr/^blocked_address$/;
my $no_url = qr/^malformed_job: the URL/;
my $nowhere = qr/^(?:blocked_address$|malformed_job: the URL|dns_error)/;

spew($names, '');

# --- 1 to 26: ways to write an address

refused($_, { url => $_ }, $blocked) for
    "http://127.0.0.1:$port/", "http://2130706433:$port/",
    "http://0x7f.1:$port/", "http://0177.0.0.1:$port/", "http://127.1:$port/",
    "http://0:$port/", "http://[::ffff:127.0.0.1]:$port/",
    "http://[::1]:$port/", "http://[::]:$port/";
refused('a link-local address with a zone',
        { url => "http://[fe80::1%25lo]:$port/" }, $nowhere);
refused($_, { url => $_ }, $blocked) for
    "http://localhost:$port/", "http://a.localhost:$port/";
refused($_, { url => $_ }, $nowhere) for
    "http://evil\@127.0.0.1:$port/", "http://127.0.0.1:$port#\@evil",
    "http:///127.0.0.1:$port/", 'http://169.254.169.254/latest/meta-data/',
    'http://[64:ff9b::a9fe:a9fe]/';
refused($_, { url => $_ }, $no_url) for
    "gopher://127.0.0.1:$port/", "dict://127.0.0.1:$port/", 'file:///etc/passwd';
refused('a line end in the URL', { url => "http://127.0.0.1:$port/\r\nX: y" },
        $no_url);
refused('http:127.0.0.1', { url => "http:127.0.0.1:$port" }, $no_url);
refused('ideographic dots',
        { url => "http://127\x{3002}0\x{3002}0\x{3002}1:$port/" }, $nowhere);
refused('circled digits',
        { url => "http://\x{2460}\x{2461}\x{2466}.0.0.1:$port/" }, $nowhere);
refused('localhost with a dot behind it', { url => "http://localhost.:$port/" },
        $nowhere);
refused('an escaped slash in the user', { url => "http://127.0.0.1%2f\@evil/" },
        $nowhere);

# --- 27 to 30: names. 127.0.0.5 stands for an address that is allowed

my @allow = ('--allow-private', '127.0.0.5/32');

spew($names, "moves.test 127.0.0.5\nmoves.test 127.0.0.1\n");
$row++;
my $first = push_job(url => "http://moves.test:$port/");
my $then = ends({ url => "http://moves.test:$port/" }, @allow);

is(join(' ', sort $then, dead_reason($first) || job_hash($first)->{error}),
   'blocked_address connection_refused',
   "$row: a name that leads inside with its second query is judged again");

spew($names, "six.test fd00::1\n");
refused('a name with a private address of IPv6 only',
        { url => "http://six.test:$port/" }, $blocked, @allow);

spew($names, "mixed.test 127.0.0.5 127.0.0.1\n");
refused('a name with an allowed and a refused address',
        { url => "http://mixed.test:$port/" }, $blocked, @allow);

spew($names, "alias.test 10.0.0.1\n");
refused('T34: a name that stands for an internal one',
        { url => "http://alias.test:$port/" }, $blocked, @allow);

# --- 31 and 32: redirects, from a receiver that is allowed

my @receiver = ('--allow-private', "127.0.0.1/32:$port");

sub leads_nowhere {
    my ($what, @redirects) = @_;

    $row++;

    for my $r (@redirects) {
        hooks_reset();
        endpoints_well();
        hooks_answer(status => $r->[0], location => $r->[1]);
        is(ends({ url => "http://127.0.0.1:$port/from" }, @receiver),
           "status_$r->[0]", "$row: $what: $r->[0]");
        is(join(' ', map { $_->{target} } hooks()), '/from',
           'it leads nowhere');
    }

    hooks_reset();
}

leads_nowhere('a redirect to the metadata of a cloud',
    map { [ $_, 'http://169.254.169.254/' ] } 301, 302, 307, 308);
leads_nowhere('a redirect to another scheme',
    [ 302, 'file:///etc/passwd' ], [ 302, "gopher://127.0.0.1:$port/x" ]);

# --- 33: a connection that is there, a name that has moved

spew($names, "pool.test 127.0.0.1\npool.test 127.0.0.2\n");
is(ends({ url => "http://pool.test:$port/" }, @receiver), 'delivered',
   'a name that leads to an allowed address is called');
spew($names, "pool.test 127.0.0.2\n");
refused('the same name, moved', { url => "http://pool.test:$port/" }, $blocked,
        @receiver);

# --- 34 to 40

refused('a zone of another interface',
        { url => "http://[fe80::1%25eth0]:$port/" }, $nowhere);
refused('letters that look like localhost',
        { url => "http://l\x{43e}calhost:$port/" }, $nowhere);

$row++;
like(ends({ url => "http://93.184.215.14:$_/" }), qr/^blocked_port$/,
     "$row: port $_") for 6379, 25, 22;

$row++;
hooks_reset();
is(ends({ url => "http://127.0.0.1:$port/", env => {
       http_proxy => 'http://127.0.0.1:9', ALL_PROXY => 'http://127.0.0.1:9' } },
       @receiver), 'delivered', "$row: proxies of the environment are not used");

$row++;
is(ends({ url => "http://127.0.0.1:$port/" . 'x' x 270 }, @receiver),
   'delivered', "$row: a URL of 300 characters is called");
like(ends({ url => "http://127.0.0.1:$port/" . 'x' x 65536 }, @receiver),
     $no_url, 'one of 64 Ki is not');

refused('a host of more than 253 characters',
        { url => 'http://' . join('.', ('x' x 60) x 5) . ":$port/" }, $no_url);

spew($names, "crm.test 127.0.0.1\n");
refused('our own side by its public name',
        { url => "http://crm.test:$port/" }, $blocked, @receiver, '--backend',
        "http://127.0.0.1:$port/crm/v8");

is($row, 40, 'forty rows');

# --- and a name that nobody ever tells: the worker does not wait for its thread

spew($names, "slow.test hangs\n");
like(ends({ url => "http://slow.test:$port/" }, @receiver), qr{^timeout\b},
     'a look-up that hangs fails the attempt, and holds up no exit');

done_testing();
