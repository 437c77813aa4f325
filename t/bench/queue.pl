#!/usr/bin/perl
#
# make bench: webhooks delivered to a local nginx by crm-worker, beside BullMQ
# in the same run: deliveries a second, CPU of the worker and of Redis for each,
# memory of the worker.
#
# Each has its own queue in a Redis of its own, filled before it starts; a round
# is all of it, in turn. BullMQ has concurrency 50 and connections kept alive,
# crm-worker 50 deliveries to that one endpoint and no rate. The median of the
# rounds counts, the ratio is that of each round.
#
# BullMQ comes from npm, once, into build/bench/peer; without npm, or without a
# network, its columns are left out. With two CPUs or more the worker under test
# has the first to itself, and Redis, the receiver and what measures share the
# rest; each is kept awake (Test::CRM::Bench).
#
#   BENCH_QUEUE_JOBS=20000 BENCH_QUEUE_ROUNDS=5 BENCH_PEER=1
#
# What is printed is also written to build/bench/queue.txt.

use strict;
use warnings;

use File::Basename qw(dirname);
use File::Path qw(make_path);
use IO::Socket::INET;
use IPC::Open2;
use POSIX qw(strftime);
use Time::HiRes qw(time sleep);

use lib dirname(__FILE__) . '/../lib';
use Test::CRM;
use Test::CRM::Bench;
use Test::CRM::Jobs;

use constant PEER => qw(bullmq@6.7.0 ioredis@5);

my $n = option('QUEUE_JOBS', 20_000);
my $rounds = option('QUEUE_ROUNDS', 5);
my $peer = top_dir() . '/build/bench/peer';
my $port = free_port();
my $url = "http://127.0.0.1:$port/";
my %runs;

bench_set_apart();
redis_start();
target();

my @who = ('crm-worker', option('PEER', 1) && peer_installed() ? 'BullMQ' : ());

for (1 .. $rounds) {
    push @{ $runs{$_} }, $_ eq 'BullMQ' ? bullmq() : ours() for @who;
}

report();


# --- the receiver

sub target {
    my $root = work_dir() . '/target';
    my $t = Test::CRM::Nginx->new(root => $root, port => $port);
    my $user = $> == 0 ? 'user root;' : '';

    $t->write_config(<<"EOT");
$user
daemon off;
worker_processes 1;
error_log $root/logs/error.log;
pid $root/logs/nginx.pid;
events { worker_connections 1024; }
http {
    access_log off;
    client_body_temp_path $root/tmp/body;
    proxy_temp_path $root/tmp/proxy;
    fastcgi_temp_path $root/tmp/fastcgi;
    scgi_temp_path $root/tmp/scgi;
    uwsgi_temp_path $root/tmp/uwsgi;
    keepalive_requests 10000000;
    server {
        listen 127.0.0.1:$port backlog=4096;
        location / { return 200 'ok'; }
    }
}
EOT

    my $why = $t->start;

    die $why if $why;
}


# --- what is measured

sub redis_us {
    my $info = redis('INFO', 'cpu');
    my $us = 0;

    $us += $1 * 1e6 while $info =~ /^used_cpu_(?:user|sys):([\d.]+)/mg;

    return $us;
}


sub pss_kb {
    my ($pid) = @_;

    return slurp("/proc/$pid/smaps_rollup") =~ /^Pss:\s+(\d+)/m ? $1 : 0;
}


# Runs what is ready to run: go() starts it, begun() says when jobs have ended,
# and how many, over() when all have. The rate is from the first on: a worker without
# jobs looks for some once a second, which says nothing of the rate.
sub measured {
    my ($pid, $go, $begun, $over) = @_;

    my ($pss, $next) = (0, 0);
    my ($redis, $cpu) = (redis_us(), cpu_us($pid));

    $go->();

    my $before;

    1 until $before = $begun->();

    my $at = time;

    until ($over->()) {
        if (time > $next) {
            my $kb = pss_kb($pid);

            ($pss, $next) = ($kb > $pss ? $kb : $pss, time + 0.2);
        }
    }

    my $seconds = time - $at;

    return { rate => ($n - $before) / $seconds, cpu => (cpu_us($pid) - $cpu) / $n,
             redis => (redis_us() - $redis) / $n, pss => $pss / 1024 };
}


# --- crm-worker

sub ours {
    my $body = '{"text":"' . 'x' x 1000 . '"}';

    redis('FLUSHALL');

    for (my $i = 0; $i < $n; $i += 1000) {
        my @ids = map { 'bench' . ($i + $_) } 1 .. 1000;

        redis('SADD', key('own'), @ids);
        redis('RPUSH', key('bench'),
              map { commit_json(id => $_, url => $url, body => $body) } @ids);
    }

    # it finds them all at once, as after a night without a worker
    my $pid = worker_start('--concurrency', 50, '--endpoint-limit', 50,
                           '--endpoint-rate', 0, '--log-level', 'warn');

    wait_for { redis('CLIENT', 'LIST') =~ /cmd=eval/ } 'the worker';
    bench_alone($pid);

    my $run = measured($pid,
        sub { redis('RENAME', key('bench'), key('queue:webhooks')) },
        sub { sleep 0.01; ended() }, sub { sleep 0.01; ended() >= $n });

    die "crm-worker left something\n" unless settled() && !dead();
    worker_stop();

    return $run;
}


# Jobs that are done; a run may go over midnight.
sub ended {
    my $sum = 0;

    $sum += redis('SCARD', key('done:' . strftime('%Y%m%d', gmtime time - $_)))
        for 0, 86_400;

    return $sum;
}


# --- BullMQ

sub peer_installed {
    if (run_command([ qw(npm --version) ])->{rc}) {
        print "BullMQ is left out: there is no npm\n";
        return 0;
    }

    return 1 if -d "$peer/node_modules/ioredis";

    make_path($peer);

    my $r = run_command([ qw(npm install --silent --no-audit --no-fund
                             --prefix), $peer, PEER ], timeout => 300);

    return 1 unless $r->{rc};

    print "BullMQ is left out: npm cannot install it: $r->{err}\n";

    return 0;
}


sub bullmq {
    my @program = ('node', top_dir() . '/t/bench/queue_peer.js', $peer);
    my $socket = redis_url() =~ s/^unix://r;

    redis('FLUSHALL');

    my $r = run_command([ @program, 'add', $socket, $n, $url ],
                        timeout => 300);

    die "BullMQ: $r->{err}" if $r->{rc};

    my $pid = open2(my $out, my $in, @program, 'run', $socket, $n);

    die "BullMQ does not start\n" unless readline_of($out) =~ /ready/;
    bench_alone($pid);

    my $text = '';
    my $said = sub {
        my $ready = '';

        vec($ready, fileno $out, 1) = 1;
        $text .= 'begun done' if select($ready, undef, undef, 0.01)
            && !sysread $out, $text, 100, length $text;

        return $text =~ /$_[0]/;
    };
    my $run = measured($pid, sub { syswrite $in, "go\n" },
                       sub { $said->('begun') }, sub { $said->('done') });

    close $in;
    waitpid $pid, 0;

    return $run;
}


# Without a buffer that would keep what comes behind it.
sub readline_of {
    my ($fh) = @_;

    my $line = '';

    1 while sysread $fh, $line, 1, length $line and $line !~ /\n/;

    return $line;
}


# --- what is said

sub report {
    my $out = "\n" . bench_machine() . "$n webhooks of 1 KB, $rounds rounds\n\n"
        . sprintf "%-12s %12s %10s %9s %8s\n", '', 'webhooks/s', 'worker us',
        'Redis us', 'PSS MB';

    for my $who (@who) {
        my %m = map { my $k = $_; $k => median([ map { $_->{$k} }
                                                @{ $runs{$who} } ]) }
            qw(rate cpu redis pss);

        $out .= sprintf "%-12s %12d %10.1f %9.1f %8.1f\n", $who,
            @m{qw(rate cpu redis pss)};
    }

    if (@who > 1) {
        my ($us, $them) = @runs{@who};
        my %ratio = map { my $k = $_; $k => median([ map {
            $us->[$_]{$k} / $them->[$_]{$k} } 0 .. $#$us ]) }
            qw(rate cpu redis pss);

        $out .= sprintf "%-12s %12.2f %10.2f %9.2f %8.2f\n", 'ratio',
            @ratio{qw(rate cpu redis pss)};
    }

    $out .= "\nus: CPU time a webhook, user and system; medians.\n";
    print $out;
    make_path(top_dir() . '/build/bench');
    spew(top_dir() . '/build/bench/queue.txt', $out);
}
