#!/usr/bin/perl
#
# make bench: what the module costs, as a ratio to bare proxy_pass.
#
# One nginx with one worker has a bare and a guarded location before the same
# trivial backend (another nginx). wrk sends creates and updates over 8
# connections that are kept alive, in short rounds, bare and guarded in turn,
# so that a busy machine disturbs both alike. The figure is the CPU time of the
# worker under test a request, user and system; the ratio is that of each round,
# and the median of the rounds counts. Redis keeps an append only file, fsync
# each second; its own CPU time stands beside it.
#
# A process that has too much to do serves several requests a turn, and waking
# it costs nothing; one that waits between them pays for both. The guarded
# location waits for Redis, so bare proxy_pass is measured twice: at full speed,
# and sent as many requests a second as the guarded location got done.
#
# Rules have three criteria each; two rules match, one sets a field, the other
# sends a webhook. With two CPUs or more, nginx has the first to itself, and
# all others share the rest; each is kept awake (Test::CRM::Bench).
#
# Then evaluation alone, in instructions a record (callgrind): as good on a
# noisy machine as on a quiet one.
#
#   BENCH_ROUNDS=7 BENCH_SECONDS=1 BENCH_CONNECTIONS=8 BENCH_PIN=1 BENCH_AWAKE=1
#   BENCH_CREATE="1024:10 1024:100 1024:1000 20480:100"   bytes:rules
#   BENCH_UPDATE="1024:100 20480:100"                     the same, as PUT
#
# What is printed is also written to build/bench/result.txt.

use strict;
use warnings;

use File::Basename qw(dirname);
use Time::HiRes qw(sleep);

use lib dirname(__FILE__) . '/../lib';
use Test::CRM;
use Test::CRM::Bench;

# So many records are updated in turn: no two writes of one meet.
use constant RECORDS => 256;

my $rounds = option('ROUNDS', 7);
my $seconds = option('SECONDS', 1);
my $connections = option('CONNECTIONS', 8);
my @create = cells(option('CREATE', '1024:10 1024:100 1024:1000 20480:100'));
my @update = cells(option('UPDATE', '1024:100 20480:100'));
my %file = map { $_ => record_files($_) } sizes(@create, @update);
my $backend_port = free_port();
my (@rows, %bundle, $redis_pid, $nginx_pid);

$| = 1;

bench_set_apart();
redis_start('auto-aof-rewrite-percentage' => 0);
($redis_pid) = redis('INFO', 'server') =~ /process_id:(\d+)/;
backend();
front();

for my $n (rule_counts(@create, @update)) {
    with_rules($n);

    push @rows, measure('create', $_, qw(bare crm))
        for grep { $_->{n} == $n } @create;
    push @rows, measure('update', $_, qw(bare crm none))
        for grep { $_->{n} == $n } @update;
}

my $trouble = nginx_stop();

die $trouble if $trouble;

@rows = sort { $a->{what} cmp $b->{what} || $a->{size} <=> $b->{size}
               || $a->{n} <=> $b->{n} } @rows;
report();


# "1024:10" is a record of 1024 bytes, judged by 10 rules.

sub cells {
    return map { /^(\d+):(\d+)$/ or die "\"$_\" is not bytes:rules\n";
                 { size => $1, n => $2 } } split ' ', $_[0];
}


sub rule_counts {
    my %n = map { $_->{n} => 1 } @_;

    return sort { $a <=> $b } keys %n;
}


sub sizes {
    my %size = map { $_->{size} => 1 } @_;

    return sort { $a <=> $b } keys %size;
}


sub with_rules {
    my ($n) = @_;

    crm_rules(rule_text($n), '--message', "$n rules");
    $bundle{$n} = bundle_file($n);
    wait_for { guarded_works() } "the revision with $n rules", 30;
}


# A create, and two rules that fired: the webhook's job is in Redis.

sub guarded_works {
    my $org = crm_org();
    my $revision = redis('GET', "crm:{$org}:revision");

    redis('DEL', "crm:{$org}:queue:webhooks");

    my $r = http(POST => '/crm/v8/Leads', body => record(1024));
    my @jobs = @{ redis('LRANGE', "crm:{$org}:queue:webhooks", 0, -1) };

    return $r->{status} == 201 && @jobs == 1
           && $jobs[0] =~ /"revision":$revision,/
           && $jobs[0] =~ /"Rating":"Hot"/;
}


# --- one row ------------------------------------------------------------------

# Each round has each place once, in an order that turns.

sub measure {
    my ($what, $cell, @places) = @_;

    my ($size, $n) = @$cell{qw(size n)};
    my (%cpu, %redis, %ratio, %paced, %rate);
    my @order = @places;

    print STDERR "$what, $size bytes, $n rules ";

    for my $round (0 .. $rounds) {
        for my $where (@order) {
            my @used = requests($file{$size}{$what}, $where);

            # the first round only warms

            push @{ $cpu{$where} }, $used[0] if $round;
            push @{ $redis{$where} }, $used[1] if $round;
            push @{ $rate{$where} }, $used[2] if $round;
            print STDERR '.';
        }

        push @order, shift @order;

        for my $where ($round ? @places : ()) {
            my $cpu = $cpu{$where}[-1];

            push @{ $ratio{$where} }, $cpu / $cpu{bare}[-1];
            push @{ $paced{$where} }, map { $cpu / $_ }
                bare_at($rate{$where}[-1], $what, $size) if $where ne 'bare';
        }
    }

    print STDERR "\n";
    smaller_file();

    return { what => $what, %$cell, places => [ map { {
        where => $_, cpu => median($cpu{$_}), redis => median($redis{$_}),
        rate => median($rate{$_}), ratio => median($ratio{$_}),
        ratio_range => range($ratio{$_}), paced => median($paced{$_}),
        paced_range => range($paced{$_}) } } @places ] };
}


# Bare proxy_pass at the guarded location's rate: microseconds of CPU a request,
# or nothing where wrk was kept from sending that many.

sub bare_at {
    my ($rate, $what, $size) = @_;

    my ($cpu, undef, $done) = requests(paced($size, $what, $rate), 'bare');

    return abs($done / $rate - 1) < 0.1 ? $cpu : ();
}


# Microseconds of CPU a request, of nginx' worker and of Redis, and requests a
# second.

sub requests {
    my ($script, $where) = @_;

    my $drain = spawn(name => 'drain', cmd => [ $^X, '-e', drain_program(),
                                                redis_sock(), crm_org() ]);
    my @before = map { cpu_us($_) } $nginx_pid, $redis_pid;
    my $count = wrk('http://127.0.0.1:' . nginx_port() . "/$where/",
        script => $script, connections => $connections, seconds => $seconds);
    my @after = map { cpu_us($_) } $nginx_pid, $redis_pid;

    kill_process($drain);

    return ((map { ($after[$_] - $before[$_]) / $count } 0, 1),
            $count / $seconds);
}


# Throws the jobs away, as a worker would take them.

sub drain_program {
    return 'use lib "' . top_dir() . '/t/lib"; use Test::CRM::Redis;'
        . 'my $r = Test::CRM::Redis->new($ARGV[0]);'
        . 'while (1) { $r->call("DEL", map "crm:{$ARGV[1]}:$_",'
        . '"queue:webhooks", "own"); select undef, undef, undef, 0.05 }';
}


# Between rows, since rewriting beside them is switched off.

sub smaller_file {
    redis('BGREWRITEAOF');
    wait_for {
        redis('INFO', 'persistence') !~ /aof_rewrite_(?:in_progress|scheduled):1/;
    } 'Redis to rewrite its file', 60;
}


# --- the two nginx --------------------------------------------------------------

sub backend {
    my $root = work_dir() . '/backend';
    my $b = Test::CRM::Nginx->new(root => $root, port => $backend_port);
    my $user = $> == 0 ? 'user root;' : '';

    for my $size (keys %file) {
        for my $id (ids($size)) {
            spew("$root/html/record/$id.json",
                 record($size, id => "\"$id\"", Rating => '"Warm"'));
        }
    }

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
    open_file_cache max=2000;
    default_type application/json;
    server {
        listen 127.0.0.1:$backend_port;
        client_body_buffer_size 64k;
        location / { return 201 '@{[ answer('4150868000000624033', 'added') ]}'; }
        location ~ ^/crm/v8/Leads/(?<id>[0-9]+)\$ {
            root $root/html;
            if (\$request_method = GET) { rewrite ^ /record/\$id.json break; }
            return 200 '@{[ answer('$id', 'updated') ]}';
        }
    }
}
EOT

    my $why = $b->start;

    die $why if $why;
}


sub answer {
    my ($id, $done) = @_;

    return '{"data":[{"code":"SUCCESS","details":{'
        . '"Modified_Time":"2026-03-27T16:30:00+01:00","Modified_By":{"id":"1",'
        . '"name":"Demo"},"Created_Time":"2026-03-27T16:30:00+01:00",'
        . "\"id\":\"$id\",\"Created_By\":{\"id\":\"1\",\"name\":\"Demo\"}},"
        . "\"message\":\"record $done\",\"status\":\"success\"}]}";
}


sub front {
    my $proxy = 'client_body_buffer_size 64k; proxy_http_version 1.1;'
        . ' proxy_set_header Connection ""; proxy_pass http://bench/crm/;';
    my $guard = "crm_automation on; crm_dialect zoho; $proxy";
    my $sock = redis_sock();

    nginx_start(workers => 1, log_level => 'warn', http => <<"EOT",
    crm_redis unix:$sock;
    crm_org @{[ crm_org() ]};
    keepalive_requests 10000000;
    upstream bench { server 127.0.0.1:$backend_port; keepalive 64; }
EOT
        server => <<"EOT");
        location /bare/ { $proxy }
        location /crm/ { crm_record_location /_crm_record; $guard }
        location /none/ { crm_record_source none; $guard }
        location /_crm_record/crm/ { internal; $proxy }
EOT

    ($nginx_pid) = nginx()->worker_pids;
    bench_alone($nginx_pid);
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


# {"data":[{...}]} of about that many bytes, with more fields if they are given.

sub record {
    my ($size, %more) = @_;

    my %f = (Last_Name => '"Lovelace"', Company => '"Analytical Engines"',
        Annual_Revenue => '1250000.50', Country => '"DE"',
        Lead_Source => '"value 1"', Industry => '"value 2"',
        Email => '"ada@example.test"', Phone => '"+44 20 7946 0000"',
        Rating => '"Cold"', No_of_Employees => '42', Email_Opt_Out => 'false',
        %more);

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


# The same requests, so many a second. wrk waits for whole milliseconds: what
# comes too early is made up for by the next.

sub paced {
    my ($size, $what, $rate) = @_;

    return spew(work_dir() . '/paced.lua', slurp($file{$size}{$what}) . <<"EOT");
local ffi = require 'ffi'
ffi.cdef 'int gettimeofday(int64_t *, void *);'
local tv, due = ffi.new('int64_t[2]')
function delay()
    ffi.C.gettimeofday(tv, nil)
    local now = tonumber(tv[0]) * 1000 + tonumber(tv[1]) / 1000
    due = math.max((due or now) + 1000 / $rate, now - 20)
    return math.max(0, math.floor(due - now))
end
EOT
}


sub ids {
    my ($size) = @_;

    return map { sprintf '4150868%08d%04d', $size, $_ } 1 .. RECORDS;
}


# What wrk sends, and the bare record for eval_bench.

sub record_files {
    my ($size) = @_;

    my $base = work_dir() . "/record.$size";
    my $body = record($size);
    my $ids = join ',', map { "'$_'" } ids($size);
    my $head = "wrk.headers['Content-Type'] = 'application/json'\n"
        . "wrk.body = [==[$body]==]\n";

    return {
        record => spew("$base.json", $body =~ s/^\{"data":\[|\]\}$//gr),
        create => spew("$base.create.lua", <<"EOT"),
$head
function init()
    message = wrk.format('POST', wrk.path .. 'v8/Leads')
end
function request()
    return message
end
EOT
        update => spew("$base.update.lua", <<"EOT"),
$head
local ids, messages, turn = { $ids }, {}, 0
function init()
    for i, id in ipairs(ids) do
        messages[i] = wrk.format('PUT', wrk.path .. 'v8/Leads/' .. id)
    end
end
function request()
    turn = turn % #messages + 1
    return messages[turn]
end
EOT
    };
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
            $file{$size}{record}, $count, @mode ], timeout => 300);

        die "eval_bench: $r->{err}$r->{out}" if $r->{rc};
        $r->{out} =~ /, (\d+) rules fired/ && $1 == 2 * $count
            or die "eval_bench: two rules should fire: $r->{out}";
        ($collected{$count}) = $r->{err} =~ /Collected\s*:\s*(\d+)/
            or die $r->{err};
    }

    return int(($collected{220} - $collected{20}) / 200);
}


# --- what is told -----------------------------------------------------------------

sub report {
    my %name = (bare => 'bare', crm => 'guarded', none => 'guarded, no GET');
    my $out = "\n" . bench_machine() . "\n" . sprintf "%-7s %6s %6s  %-15s %7s %6s"
        . " %10s %6s %10s %9s %6s\n", '', 'bytes', 'rules', '', 'CPU us',
        'ratio', 'range', 'paced', 'range', 'Redis us', 'req/s';

    for my $r (@rows) {
        for my $p (@{ $r->{places} }) {
            my @ratio = $p->{where} eq 'bare' ? ('') x 4
                : map { sprintf('%.2f', $p->{$_} || 0), $p->{"${_}_range"} }
                      qw(ratio paced);

            $out .= sprintf "%-7s %6d %6d  %-15s %7.1f %6s %10s %6s %10s"
                . " %9.1f %6d\n",
                $r->{what}, $r->{size}, $r->{n}, $name{ $p->{where} },
                $p->{cpu}, @ratio, $p->{redis}, $p->{rate};
        }
    }

    $out .= sprintf "\n%6s %6s %12s %12s\n", 'bytes', 'rules', 'judge',
        'read+judge';

    for my $r (grep { $_->{what} eq 'create' } @rows) {
        my ($n, $size) = @$r{qw(n size)};

        $out .= sprintf "%6d %6d %12s %12s\n", $size, $n,
            instructions($n, $size), instructions($n, $size, 'scan');
    }

    $out .= <<"EOT";

CPU us: of nginx' worker a request, user and system; Redis us: of Redis;
medians of $rounds rounds of $seconds s over $connections connections. ratio:
to bare in the same round, median and range; paced: to bare that is sent as many
requests a second as the guarded location got done. guarded, no GET:
crm_record_source none. judge, read+judge: instructions a record without nginx
(callgrind); the second reads it from its bytes.
EOT

    print $out;
    spew(top_dir() . '/build/bench/result.txt', $out);
}
