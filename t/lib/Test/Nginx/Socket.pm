package Test::Nginx::Socket;

# Runs blocks of Test::Nginx::Socket's format against nginx, where the genuine
# module is not installed (Debian has none). t/lib stands last in @INC, so the
# genuine one, where there is one, is taken instead.
#
# Sections: config http_config main_config request more_headers raw_request
# pipelined_requests error_code response_body response_body_like
# response_body_unlike response_headers response_headers_like
# raw_response_headers_like error_log no_error_log user_files must_die init
# timeout wait ignore_response log_level tcp_listen tcp_reply tcp_query abort;
# ONLY, SKIP, LAST and the filters are Test::Base's. What it does beyond the
# genuine one: an nginx that dies, does not stop, or whose sanitizer complains
# fails the block, and error_log waits up to two seconds for its pattern.

use strict;
use warnings;

use Test::Base -base;

use IO::Socket::INET;
use POSIX ();
use Time::HiRes qw(sleep time);

use Test::CRM::Http qw(http_exchange parse_response);
use Test::CRM::Nginx;
use Test::CRM::Process;

our @EXPORT = qw(run_tests run_test repeat_each no_shuffle no_long_string
    no_root_location log_level add_block_preprocessor add_response_body_check
    add_cleanup_handler workers master_on master_off master_process_enabled
    worker_connections config_preamble timeout server_port server_root
    html_dir server_name bail_out env_to_nginx);

our $ServerPort = $ENV{TEST_NGINX_SERVER_PORT} || $ENV{TEST_NGINX_PORT} || 1984;
our $ServerPortForClient = $ENV{TEST_NGINX_CLIENT_PORT}
    || $ENV{TEST_NGINX_PORT} || $ServerPort;
our $ServRoot = $ENV{TEST_NGINX_SERVROOT} || work_dir() . '/servroot';

my ($repeat, $level, $workers, $connections) = (1, 'debug', 1, 64);
my ($root_location, $master, $preamble, $timeout, $name) =
    (1, 0, '', at_most(3), 'localhost');
my (@preprocessors, @body_checks, @cleanups, @env);

# One accessor a setting: sets when given a value, returns what holds.
sub repeat_each      { $repeat = shift if @_; $repeat }
sub log_level        { $level = shift if @_; $level }
sub workers          { $workers = shift if @_; $workers }
sub worker_connections { $connections = shift if @_; $connections }
sub config_preamble  { $preamble = shift if @_; $preamble }
sub timeout          { $timeout = shift if @_; $timeout }
sub server_name      { $name = shift if @_; $name }
sub server_port      { $ServerPort = shift if @_; $ServerPort }
sub server_root      { $ServRoot }
sub html_dir         { "$ServRoot/html" }
sub no_root_location { $root_location = 0 }
sub master_on        { $master = 1 }
sub master_off       { $master = 0 }
sub master_process_enabled { $master = shift if @_; $master }
sub env_to_nginx     { push @env, @_ }
sub no_shuffle       { }        # blocks always run in their order
sub no_long_string   { }        # long values are always shown whole
sub add_block_preprocessor  { push @preprocessors, shift }
sub add_response_body_check { push @body_checks, shift }
sub add_cleanup_handler     { push @cleanups, shift }
sub bail_out         { Test::More::BAIL_OUT(@_) }


sub run_tests {
    for my $block (Test::Base::blocks()) {
        $_->($block) for @preprocessors;
        run_test($block);
    }

    $_->() for @cleanups;
}


sub run_test {
    my ($block) = @_;

    return if defined $block->SKIP;

    my $title = $block->name;

    defined $block->config
        or bail_out("$title - no --- config section");

    my $nginx = Test::CRM::Nginx->new(root => $ServRoot, fresh => 1,
                                      port => $ServerPortForClient);

    write_user_files($block);
    $nginx->write_config(nginx_conf($block));

    if (defined $block->must_die) {
        my ($died, $log) = $nginx->start_must_fail;

        $died or fail("$title - nginx should have refused its configuration");
        check_error_log($block, $nginx);
        return;
    }

    if (my $why = $nginx->start) {
        fail("$title - nginx did not start");
        diag($why);
        return;
    }

    if (defined $block->init) {
        eval 'package main; no strict; ' . $block->init;
        bail_out("$title - init: $@") if $@;
    }

    for my $i (0 .. $repeat - 1) {
        run_requests($block, $nginx, $i);
        last unless $nginx->is_running;
    }

    my $trouble = $nginx->stop;

    return unless $trouble;

    fail("$title - nginx ended badly");
    diag($trouble);
}


# --- the configuration --------------------------------------------------------

sub nginx_conf {
    my ($block) = @_;

    my %c = map { $_ => expand_env(scalar $block->$_, $block->name) }
            qw(main_config http_config config);
    my $log_level = $block->log_level || $level;
    my $env = join '', map { "env $_;\n" } @env;
    my $root = !$root_location ? '' : <<"EOT";
        location / {
            root $ServRoot/html;
            index index.html index.htm;
        }
EOT

    return <<"EOT";
worker_processes  $workers;
daemon off;
master_process @{[ $master ? 'on' : 'off' ]};
error_log $ServRoot/logs/error.log $log_level;
pid $ServRoot/logs/nginx.pid;
$env
$c{main_config}

http {
    access_log $ServRoot/logs/access.log;
    default_type text/plain;
    keepalive_timeout 68;

$c{http_config}

    server {
        listen $ServerPort;
        server_name '$name';
        client_max_body_size 30M;
        $preamble

$c{config}

$root
    }
}

events {
    accept_mutex off;
    worker_connections $connections;
}
EOT
}


sub expand_env {
    my ($text, $title) = @_;

    return '' unless defined $text;

    $text =~ s{\$(TEST_NGINX_[_A-Z0-9]+)}{
        defined $ENV{$1} ? $ENV{$1}
                         : bail_out("$title - no environment variable $1")
    }ge;

    return $text;
}


sub write_user_files {
    my ($block) = @_;

    my $files = $block->user_files;

    return unless defined $files;

    if (!ref $files) {
        my @parts = split /^>>> (\S+)[^\n]*\n/m, $files;

        shift @parts;
        $files = [];

        while (my ($n, $text) = splice @parts, 0, 2) {
            push @$files, [$n, defined $text ? $text : ''];
        }
    }

    spew("$ServRoot/html/$_->[0]", $_->[1]) for @$files;
}


# --- requests -----------------------------------------------------------------

sub run_requests {
    my ($block, $nginx, $again) = @_;

    my @exchanges = build_exchanges($block) or return;
    my $tcp = start_tcp_server($block);
    my $pipelined = $block->pipelined_requests;
    my $many = ($pipelined ? @$pipelined : scalar @exchanges) > 1;
    my $i = 0;

    for my $packets (@exchanges) {
        my $seconds = defined $block->timeout
            ? seconds(scalar $block->timeout) : $timeout;
        my ($raw, $error) = http_exchange($packets, port => $ServerPortForClient,
                                          timeout => $seconds);

        if ($error && !defined $block->abort
            && !defined $block->ignore_response)
        {
            diag($block->name . " - request $i: $error");
        }

        my $head = ref $packets->[0] ? $packets->[0][1] : $packets->[0];
        my $rest = $raw;

        for my $n (1 .. ($pipelined ? scalar @$pipelined : 1)) {
            (my $res, $rest) = parse_response($rest, $head =~ /^HEAD /);

            unless (defined $block->ignore_response || defined $block->abort) {
                check_response($block, $res, $i, $many, $again);
            }

            sleep seconds(scalar $block->wait) if defined $block->wait;
            $i++;
        }
    }

    check_error_log($block, $nginx);
    stop_tcp_server($block, $tcp);
}


# A list of exchanges; each is a list of packets: bytes, or [delay, bytes].

sub build_exchanges {
    my ($block) = @_;

    if (defined(my $raw = $block->raw_request)) {
        return [ map { packet($_) } ref $raw ? @$raw : $raw ];
    }

    if (my $list = $block->pipelined_requests) {
        my $i = 0;

        return [ join '', map {
            build_request($block, [$_], $i, $i++ == $#$list ? 'close'
                                                            : 'keep-alive')
        } @$list ];
    }

    my $req = $block->request;

    return unless defined $req;
    return [ build_request($block, [$req], 0, 'close') ] unless ref $req;

    my $i = 0;

    return map { [ build_request($block, ref $_ ? $_ : [$_], $i++, 'close') ] }
           @$req;
}


sub packet {
    my ($p) = @_;

    return ref $p ? [ $p->{delay_before} || 0, $p->{value} ] : $p;
}


# The first packet starts with "METHOD URI [VERSION]" and a newline; all that
# follows is the body, without white space around it unless it is chunked.

sub build_request {
    my ($block, $packets, $i, $connection) = @_;

    my @packets = map { packet($_) } @$packets;
    my $first = ref $packets[0] ? $packets[0][1] : $packets[0];

    $first =~ s/^(?:\s*\#[^\n]*\n|\s+)+//;

    my ($line, $start) = $first =~ /\A([^\n]*)\n?(.*)\z/s;
    my ($method, $uri, $version) = split ' ', $line;

    bail_out($block->name . ' - an empty request line') unless defined $method;

    my @rest = @packets[1 .. $#packets];
    my @body = ($start, map { ref $_ ? $_->[1] : $_ } @rest);
    my ($headers, $chunked) = more_headers($block, $i);
    my $has_body = join('', @body) ne '';

    unless ($chunked) {
        $body[0] =~ s/^\s+//;
        $body[-1] =~ s/\s+$//;
    }

    my $head = "$method " . (defined $uri ? $uri : '/') . ' '
               . (defined $version ? $version : 'HTTP/1.1') . "\r\n";

    $head .= "Host: $name\r\n" unless $headers =~ /^Host:/mi;
    $head .= "Connection: $connection\r\n" unless $headers =~ /^Connection/mi;
    $head .= $headers;

    if (!$chunked && $has_body && $headers !~ /^Content-Length:/mi) {
        $head .= 'Content-Length: ' . length(join '', @body) . "\r\n";
    }

    my @out = ("$head\r\n" . shift @body);

    $out[0] = [ $packets[0][0], $out[0] ] if ref $packets[0];

    for my $k (0 .. $#rest) {
        push @out, ref $rest[$k] ? [ $rest[$k][0], $body[$k] ] : $body[$k];
    }

    return @out;
}


sub more_headers {
    my ($block, $i) = @_;

    my $text = $block->more_headers;

    $text = $text->[$i] if ref $text;
    $text = '' unless defined $text;

    my ($out, $chunked) = ('', 0);

    for (split /\n+/, $text) {
        next if /^\s*\#/;

        my ($n, $v) = split /:\s*/, $_, 2;

        $v = '' unless defined $v;
        $v =~ s/\r$//;
        $chunked = 1 if lc $n eq 'transfer-encoding' && $v eq 'chunked';
        $out .= "$n: $v\r\n";
    }

    return ($out, $chunked);
}


# --- checks -------------------------------------------------------------------

# The i-th of a list when there are many requests, else the value itself.

sub expected {
    my ($block, $section, $i, $many) = @_;

    my $v = $block->$section;

    return $v if !defined $v || ref $v eq 'Regexp';
    return $v->[$i] if ref $v eq 'ARRAY';

    bail_out($block->name . " - many requests need a list in --- $section")
        if $many;

    return $v;
}


sub check_response {
    my ($block, $res, $i, $many, $again) = @_;

    my $title = $block->name;
    my $at = "$title - ";

    my $code = expected($block, 'error_code', $i, $many);

    $code = 200 unless defined $code;
    chomp $code;

    is($res->{status} || '', $code, "${at}status code ok")
        or diag(substr $res->{raw_headers} . "\n" . $res->{body}, 0, 2000);

    my $want = expected($block, 'response_headers', $i, $many);

    check_headers($res, $want, $at, 0) if defined $want;

    $want = expected($block, 'response_headers_like', $i, $many);
    check_headers($res, $want, $at, 1) if defined $want;

    $want = expected($block, 'raw_response_headers_like', $i, $many);
    like($res->{raw_headers}, qr/$want/s, "${at}raw headers like")
        if defined $want;

    check_body($block, $res, $i, $many, $at);

    $_->($block, $res->{body}, $i, $again, undef) for @body_checks;
}


sub check_headers {
    my ($res, $want, $at, $like) = @_;

    for (split /\n/, $want) {
        s/^\s+|\s+$//g;
        next if $_ eq '';

        if (s/^!\s*//) {
            unlike($res->{raw_headers}, qr/^\s*\Q$_\E\s*:/mi,
                   "${at}no header $_");
            next;
        }

        my ($n, $v) = split /\s*:\s*/, $_, 2;
        my $got = $res->{headers}{ lc $n };

        $got = '' unless defined $got;
        $v =~ s/\$ServerPort\b/$ServerPort/g;

        if ($like) {
            like($got, qr/^$v$/, "${at}header $n like ok");
        } else {
            is($got, $v, "${at}header $n ok");
        }
    }
}


sub check_body {
    my ($block, $res, $i, $many, $at) = @_;

    my $want = expected($block, 'response_body', $i, $many);

    if (ref $want) {
        like($res->{body}, $want, "${at}response_body like");

    } elsif (defined $want) {
        $want =~ s/\$ServerPort\b/$ServerPort/g;
        is($res->{body}, $want, "${at}response_body");
    }

    $want = expected($block, 'response_body_like', $i, $many);

    if (defined $want) {
        chomp $want;
        like($res->{body}, qr/$want/s, "${at}response_body_like");
    }

    $want = expected($block, 'response_body_unlike', $i, $many);

    if (defined $want) {
        chomp $want;
        unlike($res->{body}, qr/$want/s, "${at}response_body_unlike");
    }
}


sub patterns {
    my ($v) = @_;

    return () unless defined $v;
    return ($v) if ref $v eq 'Regexp';
    return @$v if ref $v eq 'ARRAY';

    chomp $v;

    return grep { length } split /\n+/, $v;
}


sub check_error_log {
    my ($block, $nginx) = @_;

    my $title = $block->name;
    my $log = '';

    for my $p (patterns(scalar $block->error_log)) {
        my $re = ref $p ? $p : qr/\Q$p\E/;
        my $found = eval {
            wait_for { ($log = $nginx->error_log) =~ $re } 'a log line', 2;
        };

        ok($found, "$title - \"$p\" is in error.log")
            or diag(join "\n", grep { !/\[debug\]/ }
                               (split /\n/, $log)[-40 .. -1]);
    }

    $log = $nginx->error_log;

    for my $p (patterns(scalar $block->no_error_log)) {
        my $re = ref $p ? $p : qr/\Q$p\E/;
        my ($bad) = grep { $_ =~ $re } split /\n/, $log;

        ok(!defined $bad, "$title - \"$p\" is not in error.log")
            or diag($bad);
    }
}


# --- canned bytes from upstream -----------------------------------------------

sub start_tcp_server {
    my ($block) = @_;

    my $target = $block->tcp_listen;

    return unless defined $target;

    chomp $target;

    my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
        LocalPort => expand_env($target, $block->name), Proto => 'tcp',
        Listen => 5, ReuseAddr => 1)
        or bail_out($block->name . " - tcp_listen $target: $!");

    my $file = "$ServRoot/tcp_query";
    my $pid = fork();

    if ($pid == 0) {
        my $client = $listen->accept;
        my $buf = '';
        my $reply = $block->tcp_reply;

        while (sysread $client, $buf, 65536, length $buf) {
            my ($h, $b) = $buf =~ /\A(.*?\r\n\r\n)(.*)\z/s or next;
            my ($len) = $h =~ /^Content-Length: (\d+)/mi;

            last if length $b >= ($len || 0);
        }

        spew($file, $buf);
        sleep seconds(scalar $block->tcp_reply_delay)
            if defined $block->tcp_reply_delay;
        $reply = $reply->($buf) if ref $reply eq 'CODE';
        syswrite $client, $_
            for grep { defined } ref $reply eq 'ARRAY' ? @$reply : $reply;
        sleep 1 while defined $block->tcp_no_close;
        close $client;
        POSIX::_exit(0);
    }

    close $listen;

    return { pid => $pid, file => $file };
}


sub stop_tcp_server {
    my ($block, $tcp) = @_;

    return unless $tcp;

    if (defined(my $want = $block->tcp_query)) {
        eval { wait_for { -s $tcp->{file} } 'the query', 2 };
        is(slurp($tcp->{file}), $want, $block->name . ' - tcp_query ok');
    }

    kill 'KILL', $tcp->{pid};
    waitpid $tcp->{pid}, 0;
}


sub seconds {
    my ($v) = @_;

    return $v =~ /([\d.]+)\s*ms/ ? $1 / 1000 : $v =~ /([\d.]+)/ ? $1 : 0;
}

1;
