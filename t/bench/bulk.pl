#!/usr/bin/perl
#
# make bench, of many records in one request: an update of 100 records, 40 of
# which are locked, as a ratio to forwarding the same body untouched.
#
# As bench.pl: one nginx with one worker, bare and guarded locations in turn,
# the CPU time of the worker a request, the ratio of each round, their median.
# The backend answers what it is asked for in one go: 100 records read, 60 or
# 100 written. A guarded request is read, judged record by record, cut to 60,
# and its answer is put together again; beside that each of the 60 may have an
# action, a webhook whose job carries the whole record.
#
#   BENCH_BULK_ROUNDS=7 BENCH_SECONDS=1 BENCH_BULK_CONNECTIONS=1 BENCH_PIN=1
#   BENCH_BULK="200 1024"     bytes of a record that is sent, and of a stored one

use strict;
use warnings;

use File::Basename qw(dirname);

use lib dirname(__FILE__) . '/../lib';
use Test::CRM;
use Test::CRM::Bench;

use constant { RECORDS => 100, LOCKED => 40 };

my $rounds = option('BULK_ROUNDS', 7);
my $seconds = option('SECONDS', 1);
my $connections = option('BULK_CONNECTIONS', 1);
my @sizes = split ' ', option('BULK', '200 1024');
my @places = qw(bare locks actions);
my @ids = map { sprintf '415086800000%07d', $_ } 1 .. RECORDS;
my ($nginx_pid, $redis_pid, $backend_port);

$| = 1;

bench_set_apart();
redis_start('auto-aof-rewrite-percentage' => 0);
($redis_pid) = redis('INFO', 'server') =~ /process_id:(\d+)/;
crm_rules(rules());

my $out = sprintf "%-9s %7s %10s %8s %7s %12s %10s\n", 'bulk', 'bytes', '',
    'CPU us', 'ratio', 'range', 'Redis us';

for my $size (@sizes) {
    backend($size);
    front();
    works($size);
    $out .= measure($size);
    die "nginx: $_\n" for grep { $_ } nginx_stop();
}

print "\n", bench_machine(), $out, <<"EOT";

An update of @{[ RECORDS ]} records, @{[ LOCKED ]} of them locked. locks: the 60 that are left have no
actions; actions: each has a webhook. ratio: to the same body through a bare
proxy_pass, median of $rounds rounds of $seconds s over $connections connection(s).
EOT


# "Deals" is locked, and so is "Leads", whose updates also have an action.

sub rules {
    my $text = "kind: webhook\nname: tell\nmodule: Leads\nurl: http://127.0.0.1:9/hook\nhttp_method: POST\n"
        . "body: { type: raw, format: JSON, content: '{\"name\":\"\${!Leads.Last_Name}\"}' }\n---\n"
        . "kind: workflow_rule\nname: tell\nmodule: Leads\nexecute_when: { type: edit }\n"
        . "conditions:\n  - criteria: { field: Country, comparator: equal, value: DE }\n"
        . "    instant_actions: [ { type: webhooks, name: tell } ]\n";

    return join "---\n", $text, map { <<"EOT" } qw(Deals Leads);
kind: record_locking
module: $_
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: Stage, comparator: equal, value: Closed Won }
EOT
}

# What is stored of a record, or sent of it, in about that many bytes.

sub record {
    my ($i, $size, %more) = @_;

    my %f = (Last_Name => 'Lovelace', Country => 'DE', Company => 'Analytical Engines',
             id => $ids[$i], %more);
    my $make = sub { return '{' . join(',', map { "\"$_\":\"$f{$_}\"" } sort keys %f) . '}' };

    for (my $n = 1; length($make->()) + 80 < $size; $n++) {
        $f{"Field_$n"} = substr 'lorem ipsum dolor sit amet ' x 4, 0, 60;
    }

    return $make->();
}

sub data { return '{"data":[' . join(',', @_) . ']}' }

sub done {
    return map { '{"code":"SUCCESS","details":{"Modified_Time":"2026-03-27T16:30:00+01:00","Modified_By":'
        . '{"name":"Demo","id":"1"},"Created_Time":"2026-03-27T16:30:00+01:00","id":"' . $ids[$_]
        . '","Created_By":{"name":"Demo","id":"1"}},"message":"record updated","status":"success"}' } @_;
}

sub nginx_text {
    my ($root, $port, $server, $http) = @_;

    my $user = $> == 0 ? 'user root;' : '';
    my $temp = join '', map { "${_}_temp_path $root/tmp/$_;\n" } qw(client_body proxy fastcgi scgi uwsgi);

    return <<"EOT";
$user
daemon off;
worker_processes 1;
error_log $root/logs/error.log;
pid $root/logs/nginx.pid;
events { worker_connections 1024; }
http {
    access_log off;
    $temp
    keepalive_requests 10000000;
    client_body_buffer_size 256k;
    open_file_cache max=100;
    default_type application/json;
    $http
    server { listen 127.0.0.1:$port; $server }
}
EOT
}

# Which records a write has is told by its length: all, or those not locked.

sub backend {
    my ($size) = @_;

    my $root = work_dir() . "/backend$size";
    my @open = LOCKED .. RECORDS - 1;

    $backend_port = free_port();

    my $b = Test::CRM::Nginx->new(root => $root, port => $backend_port, name => "backend$size");
    my $all = length data(map { sent($_, $size) } 0 .. RECORDS - 1);

    spew("$root/html/stored.json", data(map { record($_, $size, Stage => $_ < LOCKED ? 'Closed Won' : 'Open') }
                                        0 .. RECORDS - 1));
    spew("$root/html/all.json", data(done(0 .. RECORDS - 1)));
    spew("$root/html/some.json", data(done(@open)));
    $b->write_config(nginx_text($root, $backend_port, <<"EOT", "map \$content_length \$answer { $all /all.json; default /some.json; }"));
        root $root/html;
        location / { error_page 405 =200 \$answer; if (\$request_method = GET) { rewrite ^ /stored.json break; } }
        location = /all.json { }
        location = /some.json { }
EOT

    my $why = $b->start;

    die $why if $why;
}

sub sent { return record($_[0], $_[1], Note => 'new') }

sub front {
    my $sock = redis_sock();
    my $proxy = 'client_body_buffer_size 256k; proxy_buffers 32 16k; proxy_buffer_size 16k; proxy_http_version 1.1;'
        . ' subrequest_output_buffer_size 256k;'
        . ' proxy_set_header Connection ""; proxy_pass http://bench/crm/;';

    nginx_start(workers => 1, log_level => 'warn', http => <<"EOT", server => <<"EOT2");
    crm_redis unix:$sock;
    crm_org @{[ crm_org() ]};
    crm_lease_wait 10s;
    keepalive_requests 10000000;
    upstream bench { server 127.0.0.1:$backend_port; keepalive 64; }
EOT
        location /bare/ { $proxy }
        location /crm/ { crm_automation on; crm_dialect zoho; crm_user nobody; crm_record_location /_crm_record; $proxy }
        location /_crm_record/crm/ { internal; $proxy }
EOT2
    $nginx_pid = wait_for { (nginx()->worker_pids)[0] } 'the worker process';
    bench_alone($nginx_pid);
}

sub works {
    my ($size) = @_;

    my $body = data(map { sent($_, $size) } 0 .. RECORDS - 1);

    for my $place (@places) {
        my $r = http(PUT => target($place), body => $body);
        my $locked = () = $r->{body} =~ /"RECORD_LOCKED"/g;
        my $done = () = $r->{body} =~ /"SUCCESS"/g;
        my $want = $place eq 'bare' ? '200 100 0' : '207 60 40';

        die "$place: $r->{status} $done $locked, not $want\n$r->{body}\n" . nginx()->errors_logged
            if "$r->{status} $done $locked" ne $want;
        spew(work_dir() . "/$place.lua", "wrk.method = 'PUT'\nwrk.headers['Content-Type'] = 'application/json'\n"
            . "wrk.body = [==[$body]==]\n");
    }
}

sub target { return { bare => '/bare/v8/Leads', locks => '/crm/v8/Deals', actions => '/crm/v8/Leads' }->{ $_[0] } }

sub measure {
    my ($size) = @_;

    my (%cpu, %redis, %ratio);
    my @order = @places;

    print STDERR "bulk, $size bytes ";

    for my $round (0 .. $rounds) {
        for my $place (@order) {
            my @used = requests($place);

            push @{ $cpu{$place} }, $used[0] if $round;      # the first round only warms
            push @{ $redis{$place} }, $used[1] if $round;
            print STDERR '.';
        }

        push @order, shift @order;
        push @{ $ratio{$_} }, $cpu{$_}[-1] / $cpu{bare}[-1] for $round ? @places : ();
    }

    print STDERR "\n";

    return join '', map { sprintf "%-9s %7d %10s %8.0f %7.2f %12s %10.0f\n", '', $size, $_, median($cpu{$_}),
        median($ratio{$_}), range($ratio{$_}), median($redis{$_}) } @places;
}

# One connection for guarded ones: their records are the same.

sub requests {
    my ($place) = @_;

    redis('DEL', map { "crm:{" . crm_org() . "}:$_" } 'queue:webhooks', 'own', 'trace');

    my @before = map { cpu_us($_) } $nginx_pid, $redis_pid;
    my $count = wrk('http://127.0.0.1:' . nginx_port() . target($place), script => work_dir() . "/$place.lua",
        connections => $connections, seconds => $seconds);
    my @after = map { cpu_us($_) } $nginx_pid, $redis_pid;

    return map { ($after[$_] - $before[$_]) / $count } 0, 1;
}
