#!/usr/bin/perl
#
# make bench, third part: how long loading keeps the event loop.
#
# A serving nginx with one worker process is given a hundred thousand rules,
# twice: the second time those before must end as well. Meanwhile wrk creates
# records over 8 connections. For each turn of the event loop, from one
# epoll_wait() to the next, the CPU time of its thread is taken by a library
# that is preloaded (t/lib/turns.c): nothing of the module is changed for it.
#
#   BENCH_LOAD_RULES=100000
#
# What is printed is also added to build/bench/result.txt.

use strict;
use warnings;

use File::Basename qw(dirname);

use lib dirname(__FILE__) . '/../lib';
use Test::CRM;
use Test::CRM::Process;

my $rules = $ENV{BENCH_LOAD_RULES} || 100000;
my $file = spew(work_dir() . '/turns', "\0" x 32);
my $shim = work_dir() . '/turns.so';
my $backend = free_port();
my $org = crm_org();

run([ 'cc', '-shared', '-fPIC', '-O1', '-o', $shim,
      top_dir() . '/t/lib/turns.c', '-ldl' ]);
redis_start();
crm_rules(<<'EOT');
kind: workflow_rule
name: old
module: Leads
execute_when: { type: create_or_edit }
conditions:
  - criteria: null
    instant_actions:
      - { type: field_updates, field: Rating, value: Old }
EOT
front();
wait_for { ((revisions())[0] || 0) == 1 } 'the first revision';

my $bundle = run([ $^X, dirname(__FILE__) . '/rule_mix.pl', $rules ]);
my $out = sprintf "\n%-28s %9s %9s %11s %11s %9s\n", "$rules rules", 'requests',
    'failed', 'longest ms', 'above 5 ms', 'turns';

measure('serving, nothing is loaded', 0);
measure('serving while they load', 2);
measure('and while the old ones end', 3);

my $trouble = nginx_stop();

die $trouble if $trouble;

$out .= <<'EOT';

longest: CPU time of the event loop's thread in one turn, all of nginx in it,
user and system; requests of the same worker process.
EOT

print $out;
open my $fh, '>>', top_dir() . '/build/bench/result.txt' or die "$!\n";
print $fh $out;
close $fh or die "$!\n";


sub measure {
    my ($what, $revision) = @_;

    my $log = work_dir() . "/wrk.$revision";
    my $wrk = spawn(name => 'wrk', out => $log, cmd => [ 'wrk', '-t1', '-c8',
        '-d600s', '-s', script(), 'http://127.0.0.1:' . nginx_port()
        . '/crm/v8/Leads' ]);

    select undef, undef, undef, 1;
    spew_turns();

    if ($revision) {
        redis('SET', "crm:{$org}:rules:$revision", $bundle);
        redis('SET', "crm:{$org}:revision", $revision);
        wait_for { ((revisions())[0] || 0) == $revision } "revision $revision", 300;
    }

    select undef, undef, undef, 3;

    my ($turns, $long, $longest) = unpack 'q4', slurp($file);

    kill 'INT', $wrk;
    waitpid $wrk, 0;

    my $said = slurp($log);
    my ($requests) = $said =~ /(\d+) requests in/ or die "wrk: $said\n";
    my $failed = $said =~ /Non-2xx or 3xx responses: (\d+)/ ? $1 : 0;

    $failed += $_ for $said =~ /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/;
    $out .= sprintf "%-28s %9d %9d %11.2f %11d %9d\n", $what, $requests,
        $failed, $longest / 1e6, $long, $turns;
}


sub spew_turns {
    open my $fh, '+<', $file or die "$file: $!\n";
    print $fh "\0" x 32;
    close $fh or die "$file: $!\n";
}


sub revisions {
    return map { json_decode($_)->{revision} }
           @{ redis('HVALS', "crm:{$org}:processes") };
}


sub run {
    my ($cmd) = @_;

    my $r = run_command($cmd, timeout => 300);

    die "$cmd->[0]: $r->{err}$r->{out}" if $r->{rc};

    return $r->{out};
}


sub script {
    return spew(work_dir() . '/create.lua', <<'EOT');
wrk.method = 'POST'
wrk.headers['Content-Type'] = 'application/json'
wrk.body = '{"data":[{"Last_Name":"Lovelace","Company":"Analytical Engines",' ..
    '"Lead_Source":"value 1","Industry":"value 2","Score":77}]}'
EOT
}


# A backend that says yes, in the same process: its share counts as well.

sub front {
    my $sock = redis_sock();
    my $answer = '{"data":[{"code":"SUCCESS","details":{"id":"4150868000000624'
        . '033"},"message":"record added","status":"success"}]}';

    local $ENV{LD_PRELOAD} = $shim;
    local $ENV{CRM_TURNS_FILE} = $file;

    nginx_start(workers => 1, log_level => 'notice', http => <<"EOT",
    crm_redis unix:$sock timeout=5s;
    crm_org $org;
    upstream bench { server 127.0.0.1:$backend; keepalive 64; }
    server {
        listen 127.0.0.1:$backend;
        location / { default_type application/json; return 201 '$answer'; }
    }
EOT
        server => <<"EOT");
        location /crm/ {
            crm_automation on;
            crm_dialect zoho;
            crm_record_source none;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_pass http://bench/crm/;
        }
EOT
}
