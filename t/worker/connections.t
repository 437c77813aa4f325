# A connection to a receiver is used for the next webhook as well, and never by
# another organisation, nor for a name that leads elsewhere by now. Were it, a
# name that moves would reach what the address check keeps out, and one tenant
# would speak over the connection of another.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs;

my $names = work_dir() . '/names';
my $shim = work_dir() . '/names.so';
my $cc = run_command([ 'cc', '-shared', '-fPIC', '-O1', '-o', $shim,
                       top_dir() . '/t/lib/names.c', '-ldl' ]);

plan skip_all => "no compiler: $cc->{err}" if $cc->{rc} != 0;
plan skip_all => 'the sanitizers are preloaded' if $ENV{CRM_TEST_ASAN};

redis_start();
receiver_start();
spew($names, "hook.test 127.0.0.1\n");

my $port = receiver_port();
my $worker = spawn(name => 'worker', cmd => [ worker_command()->[0],
    '--redis', redis_url(), '--org', crm_org(), '--org', 'globex',
    '--allow-private', '127.0.0.1/32', '--allow-private', '127.0.0.3/32',
    '--endpoint-rate', 0, '--concurrency', 4, '--retry-schedule', '1h' ],
    env => { CRM_NAMES_FILE => $names, LD_PRELOAD => $shim });

# Delivers a webhook of %o; the connection that it came by, or why it did not.
sub from {
    my %o = (org => crm_org(), url => "http://hook.test:$port/", @_);

    my $n = hooks();
    my $id = "c$n" . ($o{mark} || '');
    my $key = "crm:{$o{org}}:";

    redis('RPUSH', $key . 'queue:webhooks', job_json(%o, id => $id,
          allow_http => JSON::PP::true));

    my $why = '';

    wait_for {
        $why = job_hash($id, $o{org})->{error}
            || (map { $_->{reason} } grep { $_->{job}{id} eq $id }
                map { json_decode($_) } @{ redis('LRANGE', $key . 'dead', 0, -1) })[0]
            || '';
        $why || hooks() > $n && !redis('EXISTS', $key . "job:$id");
    } "the webhook $id";

    return $why || (hooks())[-1]{from};
}

my $first = from();

is(from(), $first, 'the second webhook comes by the connection of the first');
is(from(url => "http://hook.test:$port/another?path"), $first, 'so does one to another path');

my $literal = from(url => "http://127.0.0.1:$port/");

isnt($literal, $first, 'another host has another, at the same address too');

my $other = from(org => 'globex');

ok($other != $first && $other != $literal, 'so has another organisation');
is(from(org => 'globex'), $other, 'which keeps its own');
is(from(), $first, 'and so does the first');

# --- the name moves

spew($names, "hook.test 127.0.0.1 127.0.0.2\n");
is(from(mark => 'a'), 'blocked_address', 'a name that leads elsewhere as well is refused: what is open does not matter');
spew($names, "hook.test 127.0.0.3\n");
is(from(mark => 'b'), 'connection_refused', 'one that has moved is called where it is now');
spew($names, "hook.test 127.0.0.1\n");
is(from(), $first, 'back again, what is still open will do');

# --- it ends

kill 'HUP', $worker;
wait_for { worker_log() =~ /secrets read again/ } 'the signal';

my $new = from();

isnt($new, $first, 'after a SIGHUP nothing from before it is used');

hooks_answer(status => 200, times => 1, fault => 'truncate');
is(from(), $new, 'an answer that is cut short is one');
isnt(from(), $new, 'and ends its connection');

my $n = hooks();
my $last = from();

is(scalar hooks(), $n + 1, 'each was sent once');
stop_process($worker);
is(exit_status($worker), 0, 'the worker ends well');

done_testing();
