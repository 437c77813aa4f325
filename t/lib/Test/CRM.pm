package Test::CRM;

# A private world for a test: own Redis, demo CRM, webhook receiver, nginx,
# crm-worker; free ports, one folder, nothing left at the end.
#
#   use Test::CRM;                        the functions
#   use Test::CRM 'nginx';                for t/module: Redis and demo CRM run,
#   use Test::Nginx::Socket 'no_plan';    and blocks know the sections below
#
# t/README.md lists the functions, the environment and the sections.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256);
use Exporter ();
use JSON::PP;
use MIME::Base64 qw(decode_base64 encode_base64);
use Test::More ();
use Text::ParseWords qw(shellwords);
use Time::HiRes qw(sleep time);

use Test::CRM::Http qw(http_request http_exchange);
use Test::CRM::Httpd qw(log_read);
use Test::CRM::Nginx;
use Test::CRM::Process;
use Test::CRM::Redis;

our @EXPORT = (@Test::CRM::Process::EXPORT, qw(
    redis_start redis_stop redis_kill redis_pause redis_resume redis
    redis_sock redis_url
    crm_start crm_start_many crm_stop crm_port crm_log crm_writes crm_seed crm_record
    crm_reset crm_clear_log crm_fail crm_delay crm_hold crm_release
    receiver_start receiver_port receiver_url hooks hooks_reset hooks_answer hooks_hold hooks_release
    verify_signature
    worker_start worker_stop worker_once worker_command
    crmctl crm_rules crm_org all_ended
    crm_http_config crm_server_config
    nginx_start nginx_stop nginx_reload nginx_port guarded_url nginx
    http http_raw in_parallel json_decode json_encode));

my $json = JSON::PP->new->utf8->canonical->allow_nonref;
my ($redis, $crm, $receiver, $worker, $nginx) = ({}, {}, {}, {});
my $rules_count = 0;


sub import {
    my ($class, @what) = @_;

    if (grep { $_ eq 'nginx' } @what) {
        require Test::CRM::Blocks;
        Test::CRM::Blocks::prepare();
    }

    @_ = ($class);
    goto &Exporter::import;
}


# No write is under way any more. Nobody waits for an abort: it has its time.
sub all_ended {
    return eval { wait_for { redis('ZCARD', 'crm:{' . crm_org() . '}:intents') == 0 } 'the end of all writes'; 1 };
}

sub crm_org { return $ENV{TEST_NGINX_CRM_ORG} || 'acme' }


# --- Redis --------------------------------------------------------------------

sub redis_sock { return $redis->{sock} ||= work_dir() . '/redis.sock' }
sub redis_url  { return 'unix:' . redis_sock() }


# redis_start(appendonly => 'yes', ...): options as redis.conf names them.
# Data stays in the private folder over a stop and a start.

sub redis_start {
    my %o = (save => '', appendonly => 'yes', appendfsync => 'everysec',
             'maxmemory-policy' => 'noeviction', %{ $redis->{options} || {} },
             @_);

    my $dir = work_dir();

    $redis->{options} = {%o};
    $redis->{pid} = spawn(name => 'redis', cmd => [
        'redis-server', '--port', 0, '--unixsocket', redis_sock(),
        '--unixsocketperm', 700, '--dir', $dir, '--daemonize', 'no',
        map { ("--$_", $o{$_}) } sort keys %o ]);

    wait_for {
        delete $redis->{client};
        (eval { redis('PING') } || '') eq 'PONG';
    } 'redis';
}


sub redis_stop   { stop_process(delete $redis->{pid}); delete $redis->{client} }
sub redis_kill   { kill_process(delete $redis->{pid}); delete $redis->{client} }
sub redis_pause  { kill 'STOP', $redis->{pid} }
sub redis_resume { kill 'CONT', $redis->{pid} }


# One command, its reply; an error reply dies. The connection is made anew
# after a fork and after a restart.

sub redis {
    my @args = @_;

    if (!$redis->{client} || $redis->{by} != $$) {
        $redis->{client} = Test::CRM::Redis->new(redis_sock());
        $redis->{by} = $$;
    }

    my $r = eval { $redis->{client}->call(@args) };

    return $r unless $@;

    my $error = $@;

    delete $redis->{client} if $error =~ /connection ended|write:/;
    die $error;
}


# --- the demo CRM ---------------------------------------------------------------

# On a port that stays ours while the program is down.

sub start_program {
    my ($slot, $name, $program, @args) = @_;

    my $port = $slot->{port} ||= free_port();
    my $file = work_dir() . "/$name.port";

    unlink $file;
    $slot->{pid} = spawn(name => $name, cmd => [ $^X,
        top_dir() . "/t/demo/$program", '--port-file', $file,
        '--port', $port, @args ]);

    wait_for { -s $file || !is_alive($slot->{pid}) } $name;
    die "$name did not start:\n" . slurp(work_dir() . "/$name.log") unless -s $file;

    return $port;
}


sub crm_start { return start_program($crm, 'demo-crm', 'demo-crm.pl', @_) }

# In its place one of very many leads, none of them stored: see many-crm.pl.
sub crm_start_many { return start_program($crm, 'many-crm', 'many-crm.pl', @_) }

sub crm_stop  { stop_process(delete $crm->{pid}) }
sub crm_port  { return $crm->{port} }
sub crm_signal { kill $_[0], $crm->{pid} }


sub admin {
    my ($port, $method, $path, $body) = @_;

    my $r = http_request(port => $port, method => $method, path => $path,
                         body => $body);

    die "$method $path: $r->{status} " . ($r->{error} || $r->{body}) . "\n"
        unless $r->{status} == 200;

    return $r->{body};
}


sub query {
    my %o = @_;

    return join '&', map {
        my $v = $o{$_};
        $v =~ s/([^\w.-])/sprintf '%%%02X', ord $1/ge;
        "$_=$v";
    } sort keys %o;
}


# Every request that reached the CRM, oldest first: { method, target,
# headers => [[n, v]], header => {lc n => v}, body, at }. Bodies are bytes.
sub crm_log       { return log_read(admin(crm_port(), 'GET', '/__log')) }
sub crm_writes    { return grep { $_->{method} ne 'GET' } crm_log() }
sub crm_reset     { admin(crm_port(), 'POST', '/__reset') }
sub crm_clear_log { admin(crm_port(), 'POST', '/__clear_log') }

# crm_fail(fault => 'status', status => 500, times => 1, method => 'PUT',
# commit => 1); without arguments all is well again. crm_delay(ms => 100, ...).
sub crm_fail      { admin(crm_port(), 'POST', '/__fail?' . query(@_)) }
sub crm_delay     { admin(crm_port(), 'POST', '/__delay?' . query(@_)) }

# crm_hold(method => 'PUT', times => 1): what would be answered waits until
# crm_release. What is to happen meanwhile has the time that it needs.
sub crm_hold      { crm_delay(ms => 300_000, @_) }
sub crm_release   { admin(crm_port(), 'POST', '/__release') }

# crm_seed('Deals', $id, '{"Stage":"Closed Won"}'): stored as if it had always
# been there. crm_record gives the stored text, or undef.
sub crm_seed      { admin(crm_port(), 'POST', "/__seed/$_[0]/$_[1]", $_[2]) }


sub crm_record {
    my ($module, $id) = @_;

    my $r = http_request(port => crm_port(), path => "/__record/$module/$id");

    return $r->{status} == 200 ? $r->{body} : undef;
}


# --- the webhook receiver -------------------------------------------------------

sub receiver_start { return start_program($receiver, 'receiver', 'receiver.pl') }
sub receiver_port  { return $receiver->{port} }
sub receiver_url   { return "http://127.0.0.1:$receiver->{port}" . ($_[0] || '') }
sub hooks          { return log_read(admin($receiver->{port}, 'GET', '/__log')) }
sub hooks_reset    { admin($receiver->{port}, 'POST', '/__reset') }
sub hooks_answer   { admin($receiver->{port}, 'POST', '/__answer?' . query(@_)) }

# hooks_hold(path => '/hook', times => 1): no answer before hooks_release.
sub hooks_hold     { hooks_answer(delay_ms => 300_000, @_) }
sub hooks_release  { admin($receiver->{port}, 'POST', '/__release') }


# Checks a delivery as Standard Webhooks says, by an implementation that shares
# nothing with ours. Returns nothing when it holds, else what is wrong.

sub verify_signature {
    my ($hook, $secret, %o) = @_;

    my %h = %{ $hook->{header} };
    my ($id, $at, $sig) = @h{qw(webhook-id webhook-timestamp webhook-signature)};

    return 'no webhook-id'         unless defined $id && length $id;
    return 'no webhook-timestamp'  unless ($at || '') =~ /^\d+$/;
    return 'no webhook-signature'  unless defined $sig;
    return "timestamp $at is not now"
        if abs($at - time()) > ($o{tolerance} || 300);

    my $key = $secret =~ /^whsec_(.*)/ ? decode_base64($1) : $secret;
    my $want = encode_base64(hmac_sha256("$id.$at.$hook->{body}", $key), '');

    for (split / /, $sig) {
        return if $_ eq "v1,$want";
    }

    return "signature $sig is not v1,$want";
}


# --- rules and the command line ---------------------------------------------------

# crmctl('apply', $dir, ...): { rc, out, err }.

sub crmctl {
    my @args = @_;

    my %env = (CRM_REDIS => redis_url(), CRM_ORG => crm_org());

    $env{ASAN_OPTIONS} = 'exitcode=99' if $ENV{CRM_TEST_ASAN};

    return run_command([ build_dir() . '/crmctl', @args ], env => \%env);
}


# crm_rules($yaml, apply options...): writes a folder, applies it, returns what
# crmctl gave. "$HOOK" in the text is the receiver's base address. Text that
# starts with ">>> name" is several files.

sub crm_rules {
    my ($yaml, @options) = @_;

    my $dir = work_dir() . '/rules' . ++$rules_count;
    my $hook = $receiver->{port} ? receiver_url() : 'http://127.0.0.1:9';

    $yaml =~ s/\$HOOK\b/$hook/g;

    if ($yaml =~ /^>>> \S/) {
        my @parts = split /^>>> (\S+)[^\n]*\n/m, $yaml;

        shift @parts;

        while (my ($n, $text) = splice @parts, 0, 2) {
            spew("$dir/$n", $text);
        }

    } else {
        spew("$dir/rules.yaml", $yaml);
    }

    my $r = crmctl('apply', $dir, '--prune', '--managed-by', 'test', @options);

    die "crmctl apply: exit $r->{rc}\n$r->{out}$r->{err}" if $r->{rc};

    return $r;
}


# --- crm-worker -------------------------------------------------------------------

sub worker_command {
    my @args = @_;

    # many jobs for one receiver are no reason to wait in most tests
    push @args, '--endpoint-rate', 0
        unless grep { /^--endpoint-rate/ } @args;

    return [ $ENV{CRM_TEST_VALGRIND} ? valgrind() : build_dir() . '/crm-worker',
             '--redis', redis_url(), '--org', crm_org(),
             '--allow-private', '127.0.0.0/8', @args ];
}


# With CRM_TEST_VALGRIND each crm-worker runs under memcheck: a program that
# starts it so. A test whose workers had errors, or lost memory, fails at its
# end.

sub valgrind {
    my $dir = work_dir() . '/valgrind';
    my $program = "$dir/crm-worker";

    return $program if -e $program;

    spew($program, "#!/bin/sh\nexec valgrind -q --leak-check=full"
        . ' --show-leak-kinds=definite,indirect --errors-for-leak-kinds=definite'
        . ' --num-callers=25'
        . " --log-file=$dir/%p.log " . build_dir() . qq(/crm-worker "\$@"\n));
    chmod 0755, $program or die "$program: $!\n";

    after_exit(sub {
        my $said = valgrind_said();

        print STDERR $said =~ s/^(?=.)/# /mgr;

        return $said ne '';
    });

    return $program;
}


sub valgrind_said { return join '', map { slurp($_) } glob work_dir() . '/valgrind/*.log' }


sub worker_env {
    my %env = $ENV{CRM_TEST_ASAN} ? (ASAN_OPTIONS => 'exitcode=99') : ();

    return { %env, %{ $worker->{env} || {} } };
}


# worker_start(args...), or worker_start({ NAME => value }, args...) with
# variables of its environment. Returns its process id.

sub worker_start {
    $worker->{env} = shift if ref $_[0];
    $worker->{pid} = spawn(name => 'worker', cmd => worker_command(@_),
                           env => worker_env());

    return $worker->{pid};
}


# The exit code after SIGTERM and a drain; -1 when it had to be killed.

sub worker_stop {
    my ($signal) = @_;

    my $status = stop_process(delete $worker->{pid}, $signal || 'TERM', 15);

    return defined $status ? $status & 127 ? 128 + $status : $status >> 8 : -1;
}


# Drains what is due and gives { rc, out, err }.

sub worker_once {
    $worker->{env} = shift if ref $_[0];

    return run_command(worker_command('--once', @_), env => worker_env(),
                       timeout => 60);
}


# --- nginx, for what Test::Nginx::Socket's format cannot say ------------------------

# crm_http_config('timeout=3s'): how long Redis may take. By default what nginx
# has as default; on a slow machine more, for a Redis that is slow is not meant.

sub crm_http_config {
    my ($redis) = @_;

    my $port = crm_port() || 9;
    my $sock = redis_sock();

    $redis = 'timeout=' . at_most(500) . 'ms' unless defined $redis;

    return <<"EOT";
    crm_redis unix:$sock $redis;
    crm_org @{[ crm_org() ]};
    upstream crm_backend { server 127.0.0.1:$port; }
EOT
}


sub crm_server_config {
    my ($extra) = @_;

    $extra = '' unless defined $extra;

    return <<"EOT";
        location /crm/ {
            crm_automation on;
            crm_dialect zoho;
            crm_user \$http_x_crm_user trusted=127.0.0.1;
            crm_record_location /_crm_record;
            $extra
            proxy_pass http://crm_backend;
        }
        location /_crm_record/ {
            internal;
            proxy_pass http://crm_backend/;
        }
        location = /crm_status { crm_status; }
EOT
}


# nginx_start(workers => 2, main => '', http => '', server => '', extra => '',
# log_level => 'info'): master and workers. http and server have the defaults
# above; extra goes into the guarded location. Dies when nginx does not come up.

sub nginx_start {
    my %o = (workers => 1, main => '', log_level => 'info', extra => '', @_);

    my $port = $o{port} || ($nginx && $nginx->{port}) || free_port();
    my $root = work_dir() . '/nginx';

    $nginx = Test::CRM::Nginx->new(root => $root, port => $port, name => 'nginx');
    $nginx->write_config(nginx_text($port, $root, %o));

    my $why = $nginx->start;

    die $why if $why;

    return $port;
}


sub nginx_text {
    my ($port, $root, %o) = @_;

    my $http = defined $o{http} ? $o{http} : crm_http_config();
    my $server = defined $o{server} ? $o{server} : crm_server_config($o{extra});
    my $temp = join '', map { "    ${_}_temp_path $root/tmp/$_;\n" }
               qw(client_body proxy fastcgi scgi uwsgi);
    my $user = $> == 0 ? 'user root;' : '';
    my $load = Test::CRM::Nginx::load_module();

    return <<"EOT";
$load$user
daemon off;
worker_processes $o{workers};
error_log $root/logs/error.log $o{log_level};
pid $root/logs/nginx.pid;
$o{main}
events { worker_connections 1024; }
http {
    access_log off;
$temp
$http
    server {
        listen 127.0.0.1:$port;
        client_max_body_size 30m;
$server
    }
}
EOT
}


sub nginx        { return $nginx }
sub nginx_port   { return $nginx ? $nginx->{port} : $ENV{TEST_NGINX_PORT} }
sub guarded_url  { return 'http://127.0.0.1:' . nginx_port() . '/crm/v8' }
sub nginx_reload { return $nginx->reload }
sub nginx_stop   { return $nginx->stop(@_) }


# --- clients ------------------------------------------------------------------------

# http(POST => '/crm/v8/Leads', body => $bytes, headers => [n, v..], port => N,
# timeout => s): { status, headers, raw_headers, body, error }. A write is sent
# as application/json unless the headers say otherwise.

sub http {
    my ($method, $path, %o) = @_;

    my @h = @{ $o{headers} || [] };

    push @h, 'Content-Type' => 'application/json'
        if defined $o{body} && !grep { lc $_ eq 'content-type' } @h;

    return http_request(port => nginx_port(), %o, method => $method,
                        path => $path, headers => \@h);
}


# http_raw($bytes or [pieces], %o): what came back, to the byte.

sub http_raw {
    my ($bytes, %o) = @_;

    return http_exchange($bytes, port => nginx_port(), %o);
}


# in_parallel(N, sub { my ($i) = @_; ... return data }): N processes that begin
# together; gives their results in order. The reference of a list, taken for N,
# would be as many processes as its address.

sub in_parallel {
    my ($n, $sub) = @_;

    die "in_parallel(N, sub { .. }): N is a count from 1 to 100\n"
        unless @_ == 2 && defined $n && $n =~ /^(?:[1-9]\d?|100)\z/;
    die "in_parallel(N, sub { .. }): what is to run is a sub\n"
        unless ref $sub eq 'CODE';

    pipe my $gate_r, my $gate_w or die "pipe: $!\n";

    my @kids;

    for my $i (0 .. $n - 1) {
        pipe my $r, my $w or die "pipe: $!\n";

        my $pid = fork();

        die "fork: $!\n" unless defined $pid;

        if ($pid == 0) {
            close $gate_w;
            close $r;
            sysread $gate_r, my $b, 1;

            my $v = eval { $sub->($i) };

            $v = { error => "$@" } if $@;
            print $w JSON::PP->new->ascii->allow_nonref->allow_blessed
                ->encode($v);
            close $w;
            POSIX::_exit(0);
        }

        close $w;
        push @kids, [$pid, $r];
    }

    close $gate_r;
    close $gate_w;

    return map {
        my ($pid, $r) = @$_;
        local $/;
        my $text = <$r>;
        waitpid $pid, 0;
        JSON::PP->new->allow_nonref->decode(defined $text && length $text
                                            ? $text : 'null');
    } @kids;
}


sub json_decode { return $json->decode($_[0]) }
sub json_encode { return $json->encode($_[0]) }

1;
