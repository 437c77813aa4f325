#!/usr/bin/perl
#
# make soak: half an hour of writes that set off webhooks, mails, record writes,
# tasks and scheduled webhooks, while receivers fail, stall and reset, the relay
# refuses, the CRM is slow, Redis hangs and is started anew, and a second worker
# is killed. Memory and descriptors of the first worker and of nginx must not
# grow, and what was acknowledged must arrive.
#
#   SOAK_SECONDS=1800 SOAK_RATE=5 SOAK_SEED=N
#
# SOAK_RATE is writes a second, each of them seven jobs. The seed decides which
# faults come when. What is printed is also written to build/soak/result.txt;
# samples.txt beside it holds what was measured, one line every few seconds.
# Exit status: 0 if all holds.

use strict;
use warnings;

use File::Basename qw(dirname);
use File::Path qw(make_path);
use IO::Socket::INET;
use POSIX qw(strftime);
use Time::HiRes qw(time sleep);

use lib dirname(__FILE__) . '/../lib';
use Test::CRM;
use Test::CRM::Chain qw(chain_key_file);
use Test::CRM::Httpd;
use Test::CRM::Jobs;
use Test::CRM::Mail;

my $seconds = option('SECONDS', 1800);
my $rate = option('RATE', 5);
my $seed = option('SEED', int time);
my $dir = top_dir() . '/build/soak';
my $seen = work_dir() . '/seen';
my (@acknowledged, @samples, %did, %answers, $worker, $second);

srand $seed;
make_path($dir);
unlink "$dir/samples.txt";
world();

my $began = time;
my $stop = $began + $seconds;
my ($fault_at, $sample_at, $tidy_at) = ($began + 5, $began, $began + 30);

for (my $n = 1; time < $stop; $n++) {
    write_one($n);
    fault() if time > $fault_at;
    sample() if time > $sample_at;
    tidy() if time > $tidy_at;

    my $ahead = $began + $n / $rate - time;

    sleep $ahead if $ahead > 0;
}

my $ended = drain();

exit report();


sub option { return defined $ENV{"SOAK_$_[0]"} ? $ENV{"SOAK_$_[0]"} : $_[1] }


# --- the world

sub world {
    redis_start();
    crm_start();
    relay_start();

    my $rules = join '', <DATA>;

    $rules =~ s/\$(\w+)_PORT\b/receiver($1)/ge;
    crm_rules($rules);
    crm_seed('Deals', $_, '{"Deal_Name":"Deal","Stage":"New","Owner":{"id":"101"}}') for 1 .. 200;

    my $key = chain_key_file();

    nginx_start(extra => "crm_chain_key_file $key; crm_backend_max_time 5s; proxy_read_timeout 4s; proxy_connect_timeout 2s; proxy_send_timeout 2s;");
    $worker = a_worker('worker', $key);
    $second = a_worker('second', $key);
}


sub a_worker {
    my ($name, $key) = @_;

    return spawn(name => $name, cmd => worker_command('--backend',
        guarded_url(), '--smtp', relay_url(),
        '--smtp-tls', 'none', '--mail-limit', 1_000_000, '--chain-key-file', $key,
        '--log-level', 'error', '--timeout', '3s', '--lease', '6s',
        '--concurrency', 40, '--endpoint-limit', 8, '--retry-schedule',
        join ',', ('1s', '2s', '4s', '8s', '15s') x 2, '30s'));
}


# A receiver of its own each, that keeps nothing but what it has taken at /ok.
sub receiver {
    my ($name) = @_;

    my $port = free_port();

    Test::CRM::Process::fork_child($name) and return $port;
    open my $log, '>>', $seen or die "$seen: $!\n";
    $log->autoflush(1);

    serve(listen => $port, handler => sub {
        my ($req) = @_;
        my $dice = rand;

        if ($req->{path} eq '/ok') {
            print $log "$req->{header}{'x-deal'}\n";
            return { status => 200 };
        }

        return { status => 200 } if $dice > 0.3;
        return { status => 200, delay_ms => 1500 } if $req->{path} eq '/slow';
        return { fault => 'silent' } if $req->{path} eq '/stall' && $dice < 0.05;
        return { fault => (qw(reset half truncate garbage))[ rand 4 ] }
            if $req->{path} eq '/rude';
        return { status => (500, 503, 429, 404)[ rand 4 ] };
    });
    POSIX::_exit(0);
}


# --- load

sub write_one {
    my ($n) = @_;

    my $id = 1 + int rand 200;
    my $mark = "w$n";
    my $r = eval { http(PUT => "/crm/v8/Deals/$id", timeout => 20,
        body => qq({"data":[{"Deal_Name":"$mark","Stage":"S$n"}]})) } || {};
    my $status = $r->{status} || 0;

    $answers{$status}++;
    push @acknowledged, $mark if $status == 200;
}


# --- faults: each in its turn, when the dice say

sub fault {
    my %faults = (
        'redis hangs' => sub { redis_pause(); sleep 1 + rand 2; redis_resume() },
        'redis is started anew' => sub { redis_stop(); redis_start() },
        'second worker killed' => sub {
            kill_process($second);
            $second = a_worker('second', chain_key_file());
        },
        'SIGHUP' => sub { kill 'HUP', $worker },
        'the CRM fails' => sub { crm_fail(fault => 'status', status => 503, times => 10) },
        'the CRM is slow' => sub { crm_delay(ms => 800, times => 20) },
        'the relay is busy' => sub {
            relay_answers({ at => 'RCPT', say => '450 4.2.1 busy', times => 20 });
        },
        'the relay refuses' => sub {
            relay_answers({ at => 'DATA', say => '554 5.7.1 no', times => 5 });
        },
        'the relay drops' => sub { relay_answers({ at => 'DATA', do => 'drop', times => 5 }) },
    );

    my @names = sort keys %faults;
    my $name = $names[ rand @names ];

    $did{$name}++;
    $faults{$name}->();
    $fault_at = time + 3 + rand 15;
}


# --- what is measured

sub sample {
    my ($nginx) = nginx()->worker_pids;

    push @samples, { at => time - $began, worker => pss($worker), nginx => pss($nginx),
                     fds => files($worker), nginx_fds => files($nginx) };
    open my $out, '>>', "$dir/samples.txt" or die "$dir/samples.txt: $!\n";
    printf $out "%6.0f s  worker %d KB %d fds  nginx %d KB %d fds\n",
        @{ $samples[-1] }{qw(at worker fds nginx nginx_fds)};
    $sample_at = time + ($seconds > 120 ? 5 : 0.5);
}


sub pss { return slurp("/proc/$_[0]/smaps_rollup") =~ /^Pss:\s+(\d+)/m ? $1 : 0 }


sub files {
    my @fds = glob "/proc/$_[0]/fd/*";

    return scalar @fds;
}


# What the servers of this test would keep for ever.
sub tidy {
    eval { crm_clear_log() };
    unlink work_dir() . '/mails.log';
    $tidy_at = time + 30;
}


# --- the end

# Nothing is left but what is scheduled; 0 when it takes too long.
sub drain {
    relay_answers();
    crm_fail();
    redis('ZADD', key('delayed'), 'XX', 1, $_)
        for @{ redis('ZRANGE', key('delayed'), 0, -1) };

    return eval {
        wait_for { settled() && !redis('ZCARD', key('intents')) } 'the end', 240;
        sample();
        1;
    } || 0;
}


# The most of a part of the samples, which are cut into as many.
sub most {
    my ($what, $part, $parts) = @_;

    my $n = @samples;
    my @some = @samples[ int($n * $part / $parts) .. int($n * ($part + 1) / $parts) - 1 ];

    return (sort { $b <=> $a } map { $_->{$what} } @some)[0];
}


sub report {
    my %arrived = map { $_ => 1 } split /\n/, slurp($seen);
    my @lost = grep { !$arrived{$_} } @acknowledged;
    my ($done, $dead) = (0, redis('LLEN', key('dead')));
    my @wrong;

    $done += redis('SCARD', $_) for @{ redis('KEYS', key('done:*')) };

    my $out = strftime('%Y-%m-%d %H:%M UTC', gmtime $began)
        . sprintf(", %d s, seed %s, load %s", time - $began, $seed, slurp('/proc/loadavg') =~ s/ \d+\/.*\n//r)
        . "\nwrites: " . join(', ', map { "$answers{$_} answered $_" } sort keys %answers)
        . "\njobs: $done done, $dead dead; acknowledged writes without their webhook: " . @lost
        . "\nfaults: " . join(', ', map { "$_ $did{$_}" } sort keys %did) . "\n";

    for my $what (qw(worker fds nginx nginx_fds)) {
        my ($middle, $last) = (most($what, 1, 3), most($what, 2, 3));
        my $room = $what =~ /fds/ ? 24 : 512 + $middle / 20;

        $out .= sprintf "%-9s most of each third: %d %d %d, at the end %d\n", $what,
            most($what, 0, 3), $middle, $last, $samples[-1]{$what};
        push @wrong, "$what grows" if $last > $middle + $room;
    }

    push @wrong, 'not all has ended' unless $ended;
    push @wrong, 'writes were lost: ' . join ' ', @lost[ 0 .. ($#lost < 9 ? $#lost : 9) ] if @lost;
    push @wrong, 'the worker has ended' unless is_alive($worker);
    $out .= @wrong ? join('', map { "WRONG: $_\n" } @wrong) : "all holds\n";
    print $out;
    spew("$dir/result.txt", $out);

    return @wrong ? 1 : 0;
}


__DATA__
kind: profile
name: Standard
---
kind: user
id: "101"
name: Ann
email: ann@example.test
profile: Standard
---
kind: workflow_rule
name: all
module: Deals
execute_when: { type: edit }
conditions:
  - criteria: null
    instant_actions:
      - { type: webhooks, name: ok }
      - { type: webhooks, name: slow }
      - { type: webhooks, name: stall }
      - { type: webhooks, name: rude }
      - { type: email_notifications, name: mail }
      - { type: field_updates, field: Seen, value: true, mode: async }
      - { type: tasks, name: call }
    scheduled_actions:
      - execute_after: { unit: 1, period: minutes }
        actions: [ { type: webhooks, name: slow } ]
---
kind: webhook
name: ok
module: Deals
url: http://127.0.0.1:$ok_PORT/ok
http_method: POST
headers: { X-Deal: "${!Deals.Deal_Name}" }
---
kind: webhook
name: slow
module: Deals
url: http://127.0.0.1:$slow_PORT/slow
http_method: POST
---
kind: webhook
name: stall
module: Deals
url: http://127.0.0.1:$stall_PORT/stall
http_method: POST
---
kind: webhook
name: rude
module: Deals
url: http://127.0.0.1:$rude_PORT/rude
http_method: PUT
---
kind: email_template
name: mail
subject: "Deal ${!Deals.Deal_Name}"
text: "${!Deals.Deal_Name} is ${!Deals.Stage}."
---
kind: email_notification
name: mail
module: Deals
template: mail
from: crm@example.test
recipients: [ { type: user, id: "101" } ]
---
kind: task
name: call
module: Deals
subject: "Call about ${!Deals.Deal_Name}"
due: { unit: 2, period: days }
