# Wrong use is refused with a message that names what, before anything is
# done; a configuration file says the same as options, and SIGHUP reads it
# again. Were it broken, a typing error would run unnoticed.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs;

my $worker = worker_command()->[0];
my @redis = ('--redis', 'unix:/nowhere/redis.sock');
my $conf = work_dir() . '/worker.conf';


sub wrong {
    my ($args, $message, $what) = @_;

    my $r = run_command([ $worker, @$args ]);

    is($r->{rc}, 64, $what || "@$args: 64");
    like($r->{err}, qr/^crm-worker: .*$message/, "says $message");
    is($r->{out}, '', 'nothing on stdout');
}


wrong([], '--redis is missing', 'no option at all: 64');
wrong(['--redis'], '--redis needs a value');
wrong(['--redis', 'localhost'], 'write unix:PATH');
wrong(['--redis', 'http://x'], '--redis: ');
wrong(['--redis', ''], '--redis: ');
wrong([@redis, 'more'], 'unexpected argument "more"');
wrong([@redis, '-x'], 'unexpected argument "-x"');
wrong([@redis, '--'], 'unexpected argument "--"');
wrong([@redis, '--colour'], 'unknown option "--colour"; see crm-worker --help');
wrong([@redis, '--conurrency=2'], 'did you mean --concurrency\?');
wrong([@redis, '--once=1'], '--once takes no value');
wrong([@redis, '--org', 'a b'], '--org: "a b" is not 1 to 64 letters');
wrong([@redis, '--org', 'x' x 65], '--org: ');
wrong([@redis, '--org='], '--org: ""');
wrong([@redis, '--backend', 'localhost:80'], '--backend: .* such as http://');
wrong([@redis, '--backend', 'ftp://x/'], '--backend: ');
wrong([@redis, '--backend', 'http://u:p@x/'], 'without a user');
wrong([@redis, '--smtp', 'http://x'], '--smtp: .* such as smtp://');
wrong([@redis, '--chain-key-file', ''], '--chain-key-file: ');
wrong([@redis, '--secrets', '/does/not/exist'],
      '--secrets: .* a directory that exists');
wrong([@redis, '--secret-env', '1X'], '--secret-env: .* environment variable');
wrong([@redis, '--secret-env', 'A=B'], '--secret-env: ');
wrong([@redis, '--accept-foreign', 'all'], '--accept-foreign: .* "records"');
wrong([@redis, '--concurrency', $_], 'a number from 1 to 1000')
    for 0, 1001, -1, 'x', '1x', '';
wrong([@redis, '--timeout', $_], '--timeout: .* a time from 1s to 30s')
    for '0', '31s', '1x', '', 's';
wrong([@redis, '--lease', '2h'], '--lease: .* from 1s to 3600s');
wrong([@redis, '--drain', '1d'], '--drain: ');
wrong([@redis, '--retry-schedule', $_], '--retry-schedule: .* such as 5s,5m,2h')
    for '', '5s,', ',5s', '5s;6s', '25h', join ',', (1) x 33;
wrong([@redis, '--log-level', 'loud'], '--log-level: .* debug');
wrong([@redis, '--allow-private', $_], "--allow-private: \"\Q$_\E\" does not hold")
    for '', 'localhost', '10.0.0.0/33', '10.0.0.0/', '10.0.0/8', '10.0.0.1:0',
        '10.0.0.1:65536', '10.0.0.1:x', '::1/129', '[::1', '[::1]x', '/8';
wrong([@redis, '--config', '/does/not/exist'], '--config: cannot read');

# --- the file

sub wrong_file {
    my ($text, $message) = @_;

    spew($conf, $text);
    wrong([@redis, '--config', $conf], "\Q$conf\E:$message", "file: $message");
}

wrong_file("org acme\ncolour red\n", '2: unknown option "colour"');
wrong_file("\n# text\n\norgs acme\n", '4: .*did you mean org\?');
wrong_file("concurrency\n", '1: "concurrency" needs a value: concurrency N');
wrong_file("concurrency many\n", '1: --concurrency: "many" is not');
wrong_file("once\n", '1: "once" belongs on the command line');
wrong_file("config x\n", '1: "config" belongs on the command line');
wrong_file('#' . 'x' x 5000 . "\n", '1: the line is too long');

# --- help and version

my $r = run_command([ $worker, '--help' ]);

is($r->{rc}, 0, '--help exits with 0');
is($r->{err}, '', 'and warns of nothing');
like($r->{out}, qr/^\s+--$_\b/m, "it names --$_")
    for qw(redis redis-password-file org backend smtp chain-key-file secrets
           secret-env allow-private accept-foreign ca-file concurrency timeout
           lease drain retry-schedule log-level config once version help);

$r = run_command([ $worker, '--version' ]);
is($r->{rc}, 0, '--version exits with 0');
like($r->{out}, qr/^crm-worker \d+\.\d+\.\d+\n\z/, 'and prints one line');

# --- what is accepted

redis_start();
receiver_start();

my $key = work_dir() . '/chain.key';

spew($key, '0123456789abcdef' x 2 . "\n");
chmod 0644, $key;
wrong([@redis, '--chain-key-file', $key], 'may be read or written by everybody.*chmod 600');
chmod 0600, $key;
wrong([@redis, '--chain-key-file', '/nowhere/key'], '--chain-key-file "/nowhere/key": No such file');
spew("$key.short", "short\n");
chmod 0600, "$key.short";
wrong([@redis, '--chain-key-file', "$key.short"], '.*32 to 1024 bytes.*openssl rand');

$r = worker_once('--backend', 'http://127.0.0.1:8080/crm/v8', '--smtp',
    'smtp://localhost:25', '--chain-key-file', $key,
    '--accept-foreign', 'records', '--concurrency=5', '--timeout', '30',
    '--lease', '1m', '--drain', '0', '--retry-schedule', '0,1,2s,3m,4h',
    '--allow-private', '[fd00::]/8:443', '--allow-private', 'fd00::/8',
    '--secret-env', 'A_1', '--secret-env', '_', '--log-level', 'error');
is($r->{rc}, 0, 'every option in its right form') or diag $r->{err};
is($r->{err}, '', '--log-level error says nothing of a quiet run');

my $url = receiver_url('/hook');
my $range = '127.0.0.0/8';

spew($conf, "# comment\n\n  redis   @{[ redis_url() ]}  \norg\tacme\n"
     . "allow-private $range\nretry-schedule 1h\nconcurrency 2\r\n");
push_job(url => $url);
$r = run_command([ $worker, '--config', $conf, '--once' ]);
is($r->{rc}, 0, 'the file alone is enough') or diag $r->{err};
is(scalar hooks(), 1, 'and means what the options mean');

push_job(url => $url);
spew($conf, "org other\nallow-private 10.0.0.0/8\nretry-schedule 1h\n");
$r = worker_once('--config', $conf, '--retry-schedule', '2h');
is(scalar hooks(), 2, 'repeatable options of both count');

# --- SIGHUP

my $secrets = work_dir() . '/secrets';

hooks_reset();
spew("$secrets/hook", "first-secret\n");
spew($conf, "# nothing yet\n");

my $pid = spawn(name => 'worker', cmd => [ $worker, '--redis', redis_url(),
    '--org', 'acme', '--secrets', $secrets, '--config', $conf ]);
my $id = push_job(url => $url);

wait_for { defined dead_reason($id) } 'the refusal';
is(dead_reason($id), 'blocked_address', 'the range is not allowed yet');

sub hup {
    my $before = () = worker_log() =~ /read again/g;

    kill 'HUP', $pid;
    wait_for { (() = worker_log() =~ /read again/g) > $before } 'SIGHUP';
}

spew($conf, "allow-private $range\n");
hup();
push_job(url => $url, secret => 'file:hook');
wait_for { hooks() == 1 } 'the delivery';
is(verify_signature((hooks())[0], 'first-secret'), undef,
   'after SIGHUP it is, the file was read again');

spew("$secrets/hook", "second-secret\n");
push_job(url => $url, secret => 'file:hook');
wait_for { hooks() == 2 } 'the delivery';
is(verify_signature((hooks())[1], 'first-secret'), undef,
   'a secret stays until SIGHUP');
hup();
push_job(url => $url, secret => 'file:hook');
wait_for { hooks() == 3 } 'the delivery';
is(verify_signature((hooks())[2], 'second-secret'), undef,
   'which reads it again');

spew($conf, "colour red\n");
hup();
like(worker_log(), qr/configuration is not read again: .*unknown option/,
     'a wrong file is told');
push_job(url => $url);
wait_for { hooks() == 4 } 'the delivery';
pass('and the old configuration stays');

is(stop_process($pid), 0, 'the worker stops');

done_testing();
