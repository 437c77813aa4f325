# nginx is reloaded twenty times while clients write, and nobody notices: each
# write is answered, done once, and has its job; no process complains, none
# stays. And a process that has served ten thousand writes is no larger than
# after five thousand. Fails when a reload loses or doubles a write, when an old
# process hangs, or when a write leaves memory behind.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use IO::Socket::INET;
use Test::More;
use Test::CRM;
use Test::CRM::Process;

my ($reloads, $writes, $clients) = (20, 5000, 4);

redis_start();
crm_start();

crm_rules(<<'EOT');
kind: workflow_rule
name: tell
module: Leads
execute_when: { type: create_or_edit }
conditions:
  - criteria: null
    instant_actions:
      - { type: field_updates, field: Rating, value: Hot }
      - { type: webhooks, name: hook }
---
kind: webhook
name: hook
module: Leads
url: https://hooks.example.test/leads
http_method: POST
body: { type: raw, format: JSON, content: '{"mark":"${!Leads.Mark}"}' }
---
kind: record_locking
module: Leads
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: Status, comparator: equal, value: closed }
EOT

# One of each client's own to change, one that is locked.
for my $i (0 .. $clients - 1) {
    crm_seed('Leads', 100 + $i, '{"Status":"open"}');
    crm_seed('Leads', 200 + $i, '{"Status":"closed"}');
}

my $connection;

# A request over a connection that is kept. When it turns out to be closed, and
# no byte of an answer has come, that is the race that every server with
# keep-alive has with its clients: sent again over a new one.
sub ask {
    my ($text, $raced) = @_;

    while (1) {
        my $kept = $connection;

        $connection ||= IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => nginx_port())
            or return "connect: $!";

        my $in = '';
        my $sent = $connection->syswrite($text);

        while (defined $sent) {
            last unless $connection->sysread($in, 65536, length $in);

            next unless $in =~ /\r\n\r\n/
                && length $' >= ($in =~ /^Content-Length: (\d+)/mi ? $1 : 0);

            undef $connection if $in =~ /^Connection: close/mi;

            return $in =~ /^HTTP\/1\.1 (\d+)/ ? $1 : $in;
        }

        undef $connection;
        return "half an answer: $in" if length $in;
        return 'no answer over a new connection' unless $kept;
        $$raced++;
    }
}

# Writes of one client, until it is told to stop, or so many of them: creates,
# and an update and a refusal now and then. { status => how many }.
sub write_on {
    my ($i, $most, $stop) = @_;

    my ($n, $raced, %got) = (0, 0);

    while ($most ? $n < $most : !-e $stop) {
        my $what = $n++ % 10;
        my ($method, $path, $want) = $what == 3 ? ('PUT', '/' . (100 + $i), 200)
                                   : $what == 7 ? ('PUT', '/' . (200 + $i), 400)
                                   : ('POST', '', 201);
        my $body = "{\"data\":[{\"Mark\":\"c$i-$$-$n\",\"Amount\":$n.50}]}";
        my $got = ask("$method /crm/v8/Leads$path HTTP/1.1\r\nHost: x\r\n"
            . "Content-Type: application/json\r\nContent-Length: " . length($body)
            . "\r\n\r\n$body", \$raced);

        $got{ $got eq $want ? 'good' : "$method: $got" }++;
        $got{done}++ if $got eq $want && $want != 400;
    }

    return { %got, raced => $raced };
}

sub sum {
    my %all;

    for my $r (@_) {
        $all{$_} += $r->{$_} for grep { $_ ne 'error' } keys %$r;
        $all{ $r->{error} }++ if $r->{error};
    }

    return \%all;
}

sub is_free {
    return redis(ZCARD => 'crm:{acme}:intents') == 0
           && !@{ redis(KEYS => 'crm:{acme}:busy:*') };
}


# Reloads.

nginx_start(workers => 2, extra => 'keepalive_requests 200;');

my $stop = work_dir() . '/stop';
my $out = work_dir() . '/load';
my @pids;

for my $i (0 .. $clients - 1) {
    my $pid = fork_child('client');

    if ($pid == 0) {
        spew("$out.$i", json_encode(write_on($i, 0, $stop)));
        POSIX::_exit(0);
    }

    push @pids, $pid;
}

my $hung = '';

for my $n (1 .. $reloads) {
    my @old = nginx()->worker_pids;
    my $jobs = redis(LLEN => 'crm:{acme}:queue:webhooks');

    nginx_reload();
    eval {
        wait_for {
            my %now = map { $_ => 1 } nginx()->worker_pids;
            keys %now == 2 && !grep { $now{$_} } @old;
        } 'new processes', 20;
        wait_for { redis(LLEN => 'crm:{acme}:queue:webhooks') > $jobs + 20 } 'writes', 20;
        1;
    } or $hung = "reload $n: $@";
}

spew($stop, '');
waitpid $_, 0 for @pids;

my $all = sum(map { json_decode(slurp("$out.$_")) } 0 .. $clients - 1);
my ($good, $done, $raced) = map { delete $all->{$_} || 0 } qw(good done raced);

is($hung, '', "$reloads reloads, each with new processes, the old ones gone");
is_deeply($all, {}, "$good writes under way: none failed ($raced met the keep-alive race)");
ok((wait_for { is_free() } 'no intent', 10), 'no intent and no lease is left');
is(redis(LLEN => 'crm:{acme}:queue:webhooks'), $done, 'each that was done has its job');

my %times;

$times{ $_->{body} =~ /"Mark":"([^"]+)"/ ? $1 : '' }++ for crm_writes();
is(scalar(keys %times), $done, 'the backend has seen each');
is(scalar(grep { $_ > 1 } values %times), 0, 'and none twice');
is(join("\n", grep { /\[(?:alert|crit|emerg|error)\]/ } split /\n/, nginx()->error_log), '',
   'nginx has nothing to say');
is(nginx_stop(), undef, 'nginx stops, clean');


# Memory.

SKIP: {
    skip 'sanitizers keep what is freed', 3 if $ENV{CRM_TEST_ASAN};

    my $resident = sub {
        my ($pid) = nginx()->worker_pids;

        return slurp("/proc/$pid/status") =~ /^VmRSS:\s+(\d+) kB/m ? $1 : 0;
    };

    my $round = sub {
        crm_reset();
        redis(DEL => 'crm:{acme}:queue:webhooks');
        crm_seed('Leads', 100 + $_, '{"Status":"open"}'),
        crm_seed('Leads', 200 + $_, '{"Status":"closed"}') for 0 .. $clients - 1;

        my $r = sum(in_parallel($clients, sub { write_on($_[0], $writes / $clients) }));

        wait_for { is_free() } 'no intent', 10;

        return delete $r->{good};
    };

    nginx_start(workers => 1);

    is($round->(), $writes, "$writes writes");
    my $first = $resident->();

    is($round->(), $writes, "$writes more");
    my $second = $resident->();

    cmp_ok($second, '<=', $first * 1.02, "the process has grown from $first kB to $second kB");
    nginx_stop();
}

done_testing();
