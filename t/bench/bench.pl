#!/usr/bin/perl
#
# make bench: what the module costs, as a ratio to bare proxy_pass.
#
# One nginx with one worker has both locations before the same trivial backend
# (another nginx). Creates of 1 KB and 20 KB are sent by wrk in short rounds,
# bare and guarded in turn, so that a busy machine disturbs both alike; the
# figure is the worker's own CPU time a request, from /proc. The median of the
# rounds counts. Rules have three conditions each; two rules match, one sets a
# field, the other sends a webhook.
#
# Then evaluation alone, in instructions a record (callgrind): as good on a
# noisy machine as on a quiet one.
#
#   BENCH_ROUNDS=5 BENCH_SECONDS=2 BENCH_RULES="10 100 1000"

use strict;
use warnings;

use File::Basename qw(dirname);
use POSIX qw(sysconf _SC_CLK_TCK);
use Time::HiRes qw(sleep);

use lib dirname(__FILE__) . '/../lib';
use Test::CRM;

my $rounds = $ENV{BENCH_ROUNDS} || 5;
my $seconds = $ENV{BENCH_SECONDS} || 2;
my @rules = split ' ', ($ENV{BENCH_RULES} || '10 100 1000');
my @sizes = split ' ', ($ENV{BENCH_SIZES} || '1024 20480');
my $tick = sysconf(_SC_CLK_TCK);
my %file = map { $_ => record_file($_) } @sizes;
my (@rows, %bundle);

$| = 1;

my $backend_port = free_port();
my $backend = backend();

redis_start(appendonly => 'no');
front();

for my $n (@rules) {
    crm_rules(rule_text($n), '--message', "$n rules");
    $bundle{$n} = bundle_file($n);
    wait_for { guarded_works() } "the revision with $n rules", 30;

    for my $size (@sizes) {
        push @rows, measure($n, $size);
    }
}

my $trouble = nginx_stop();

die $trouble if $trouble;

report();


sub measure {
    my ($n, $size) = @_;

    my %cpu;

    print STDERR "$n rules, $size bytes ";

    for my $round (1 .. $rounds) {
        for my $where ($round % 2 ? qw(bare crm) : qw(crm bare)) {
            push @{ $cpu{$where} }, cpu_per_request($where, $file{$size});
            print STDERR '.';
        }
    }

    print STDERR "\n";

    my @ratio = map { $cpu{crm}[$_] / $cpu{bare}[$_] } 0 .. $rounds - 1;

    return { n => $n, size => $size, bare => median(@{ $cpu{bare} }),
             crm => median(@{ $cpu{crm} }), ratio => median(@ratio) };
}


# Microseconds of the worker's CPU a request.

sub cpu_per_request {
    my ($where, $lua) = @_;

    my ($pid) = nginx()->worker_pids;
    my $drain = spawn(name => 'drain', cmd => [ $^X, '-e', drain_program(),
                                                redis_sock(), crm_org() ]);
    my $before = cpu_ticks($pid);
    my $r = run_command([ 'wrk', '-t1', '-c16', "-d${seconds}s", '-s', $lua,
        'http://127.0.0.1:' . nginx_port() . "/$where/v8/Leads" ],
        timeout => $seconds + 30);
    my $used = cpu_ticks($pid) - $before;

    kill_process($drain);

    die "wrk: $r->{out}$r->{err}" if $r->{rc};
    die "$where: not every answer was a success\n$r->{out}"
        . nginx()->errors_logged if $r->{out} =~ /Non-2xx|Socket errors/;

    my ($count) = $r->{out} =~ /(\d+) requests in/ or die $r->{out};

    die "$where: wrk got no answer\n$r->{out}" unless $count;

    return $used / $tick * 1e6 / $count;
}


# Throws the jobs away, as a worker would take them.

sub drain_program {
    return 'use lib "' . top_dir() . '/t/lib"; use Test::CRM::Redis;'
        . 'my $r = Test::CRM::Redis->new($ARGV[0]);'
        . 'while (1) { $r->call("DEL", map "crm:{$ARGV[1]}:$_",'
        . '"queue:webhooks", "own"); select undef, undef, undef, 0.05 }';
}


sub cpu_ticks {
    my ($pid) = @_;

    my ($rest) = slurp("/proc/$pid/stat") =~ /^\d+ \(.*\) (.*)/
        or die "no process $pid\n";
    my @f = split ' ', $rest;

    return $f[11] + $f[12];
}


sub guarded_works {
    my $r = http(POST => '/crm/v8/Leads', body => record($sizes[0]));

    return $r->{status} == 201 && defined $r->{headers}{'crm-event'};
}


# --- the two nginx ----------------------------------------------------------------

sub backend {
    my $root = work_dir() . '/backend';
    my $b = Test::CRM::Nginx->new(root => $root, port => $backend_port);
    my $answer = '{"data":[{"code":"SUCCESS","details":{'
        . '"Modified_Time":"2026-03-27T16:30:00+01:00","Modified_By":{"id":"1",'
        . '"name":"Demo"},"Created_Time":"2026-03-27T16:30:00+01:00",'
        . '"id":"4150868000000624033","Created_By":{"id":"1","name":"Demo"}},'
        . '"message":"record added","status":"success"}]}';
    my $user = $> == 0 ? 'user root;' : '';

    $b->write_config(<<"EOT");
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
        listen 127.0.0.1:$backend_port;
        client_body_buffer_size 64k;
        location / {
            default_type application/json;
            return 201 '$answer';
        }
    }
}
EOT

    my $why = $b->start;

    die $why if $why;

    return $b;
}


sub front {
    my $proxy = 'client_body_buffer_size 64k; proxy_http_version 1.1;'
        . ' proxy_set_header Connection ""; proxy_pass http://bench/crm/;';
    my $sock = redis_sock();

    nginx_start(workers => 1, log_level => 'warn', http => <<"EOT",
    crm_redis unix:$sock volatile;
    crm_org @{[ crm_org() ]};
    keepalive_requests 10000000;
    upstream bench { server 127.0.0.1:$backend_port; keepalive 64; }
EOT
        server => <<"EOT");
        location /bare/ { $proxy }
        location /crm/ {
            crm_automation on;
            crm_dialect zoho;
            crm_record_location /_crm_record;
            $proxy
        }
        location /_crm_record/ { internal; proxy_pass http://bench/; }
EOT
}


# --- rules and records ------------------------------------------------------------

# Each rule asks three things; rule 1 and rule 2 alone get three times yes.

sub rule_text {
    my ($n) = @_;

    my $text = <<'EOT';
kind: webhook
name: tell
module: Leads
url: http://127.0.0.1:9/hook
http_method: POST
body: { type: raw, format: JSON, content: '{"name":"${!Leads.Last_Name}"}' }
EOT

    for my $i (1 .. $n) {
        my $field = $i % 2 ? 'Lead_Source' : 'Industry';
        my $action = $i == 1
            ? '{ type: field_updates, field: Rating, value: Hot }'
            : '{ type: webhooks, name: tell }';
        my $less = $i % 40;

        $text .= <<"EOT";
---
kind: workflow_rule
name: rule $i
module: Leads
sequence: $i
execute_when: { type: create_or_edit }
conditions:
  - criteria:
      group_operator: AND
      group:
        - { field: Annual_Revenue, comparator: greater_than, value: $less }
        - { field: Country, comparator: in, value: [DE, AT, CH] }
        - { field: $field, comparator: equal, value: "value $i" }
    instant_actions: [ $action ]
EOT
    }

    return $text;
}


sub record {
    my ($size) = @_;

    my %f = (Last_Name => '"Lovelace"', Company => '"Analytical Engines"',
        Annual_Revenue => '1250000.50', Country => '"DE"',
        Lead_Source => '"value 1"', Industry => '"value 2"',
        Email => '"ada@example.test"', Phone => '"+44 20 7946 0000"',
        Rating => '"Cold"', No_of_Employees => '42', Email_Opt_Out => 'false');

    my $make = sub {
        return '{"data":[{' . join(',', map { "\"$_\":$f{$_}" } sort keys %f)
               . '}]}';
    };

    for (my $i = 1; length($make->()) + 80 < $size; $i++) {
        my $room = $size - length($make->()) - 20;
        my $len = $size > 4096 ? 400 : 60;

        $len = $room if $room < $len;
        $f{"Field_$i"} = '"' . ('lorem ipsum dolor sit amet, ' x 20) . '"';
        $f{"Field_$i"} = substr($f{"Field_$i"}, 0, $len) . '"';
    }

    return $make->();
}


sub record_file {
    my ($size) = @_;

    my $body = record($size);

    spew(work_dir() . "/record.$size.json", $body =~ s/^\{"data":\[|\]\}$//gr);

    return spew(work_dir() . "/record.$size.lua", "wrk.method = 'POST'\n"
        . "wrk.headers['Content-Type'] = 'application/json'\n"
        . "wrk.body = [==[$body]==]\n");
}


sub bundle_file {
    my ($n) = @_;

    my $org = crm_org();
    my $revision = redis('GET', "crm:{$org}:revision");

    return spew(work_dir() . "/bundle.$n.json",
                redis('GET', "crm:{$org}:rules:$revision"));
}


# --- evaluation alone -------------------------------------------------------------

# The difference of two counts is free of the set-up.

sub instructions {
    my ($n, $size, @mode) = @_;

    my $program = build_dir() . '/bench/eval_bench';
    my %collected;

    return '-' unless -x $program;

    for my $count (20, 220) {
        my $r = run_command([ 'valgrind', '--tool=callgrind',
            '--callgrind-out-file=/dev/null', $program, $bundle{$n},
            work_dir() . "/record.$size.json", $count, @mode ], timeout => 300);

        die "eval_bench: $r->{err}$r->{out}" if $r->{rc};
        $r->{out} =~ /, (\d+) rules fired/ && $1 == 2 * $count
            or die "eval_bench: two rules should fire: $r->{out}";
        ($collected{$count}) = $r->{err} =~ /Collected\s*:\s*(\d+)/
            or die $r->{err};
    }

    return int(($collected{220} - $collected{20}) / 200);
}


sub report {
    my $out = sprintf "\n%7s %7s %10s %10s %7s %12s %12s\n", 'bytes', 'rules',
        'bare us', 'module us', 'ratio', 'judge', 'read+judge';

    for my $r (@rows) {
        my ($n, $size) = @$r{qw(n size)};

        $out .= sprintf "%7d %7d %10.1f %10.1f %7.2f %12s %12s\n", $size, $n,
            $r->{bare}, $r->{crm}, $r->{ratio}, instructions($n, $size),
            instructions($n, $size, 'scan');
    }

    $out .= "\nus: CPU of the nginx worker a request, median of $rounds rounds"
        . " of $seconds s; ratio: of each pair of rounds.\n"
        . "judge, read+judge: instructions a record without nginx (callgrind);"
        . " the second reads it from its bytes.\n";

    print $out;
    spew(top_dir() . '/build/bench/result.txt', $out);
}


sub median {
    my @s = sort { $a <=> $b } @_;

    return $s[ $#s / 2 ];
}
