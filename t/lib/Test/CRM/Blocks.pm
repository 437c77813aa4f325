package Test::CRM::Blocks;

# What Test::CRM adds to the blocks of t/module, under the genuine
# Test::Nginx::Socket as under ours. Before a block nginx is down; Redis and
# the demo CRM are emptied, seeded, and rules applied:
#
#   crm_rules      YAML for crmctl apply
#   crm_seed       lines "Module/ID {json}": records that the CRM holds
#   crm_fail, crm_delay   "fault=reset method=PUT": see t/demo/demo-crm.pl
#   redis_before   lines, each a Redis command
#   crm_extra      directives for the guarded location
#   keep_state     nothing is emptied
#
# A block without --- config has the guarded location /crm/ before the demo CRM.
# After a response (with many requests: after the last, or a list):
#
#   backend_writes          how many writes the CRM has received
#   backend_requests        the same with reads
#   backend_body[_like]     the body of the last write
#   backend_headers[_like]  its headers, as response_headers
#   redis_check             lines "COMMAND => value", each waited for
#   check                   Perl, in package main, behind all of these

use strict;
use warnings;

use Test::More ();
use Text::ParseWords qw(shellwords);

use Test::CRM::Process;


sub prepare {
    $ENV{TEST_NGINX_PORT} ||= free_port();
    $ENV{TEST_NGINX_SERVER_PORT} ||= $ENV{TEST_NGINX_PORT};
    $ENV{TEST_NGINX_SERVROOT} ||= work_dir() . '/servroot';
    $ENV{TEST_NGINX_BINARY} ||= Test::CRM::Nginx::binary();
    $ENV{TEST_NGINX_CRM_MODULE} ||= Test::CRM::Nginx::module();
    $ENV{TEST_NGINX_SPARE_PORT} ||= free_port();

    Test::CRM::redis_start();
    $ENV{TEST_NGINX_REDIS_SOCK} = Test::CRM::redis_sock();
    $ENV{TEST_NGINX_CRM_PORT} = Test::CRM::crm_start();

    require Test::Nginx::Socket;

    Test::Nginx::Socket::add_block_preprocessor(\&before);
    Test::Nginx::Socket::add_response_body_check(\&after);
}


sub text {
    my ($block, $section) = @_;

    my $v = $block->$section;

    return defined $v ? $v : '';
}


sub lines { return grep { /\S/ && !/^\s*#/ } split /\n/, $_[0] }


sub before {
    my ($block) = @_;

    unless (defined $block->keep_state) {
        Test::CRM::redis('FLUSHALL');
        Test::CRM::crm_reset();
    }

    for (lines(text($block, 'crm_seed'))) {
        my ($module, $id, $json) = m{^\s*(\w+)/(\w+)\s+(.*)$}
            or die $block->name . ": crm_seed: $_\n";

        Test::CRM::crm_seed($module, $id, $json);
    }

    for my $s (qw(crm_fail crm_delay)) {
        my %o = map { split /=/, $_, 2 } split ' ', text($block, $s);

        no strict 'refs';
        &{"Test::CRM::$s"}(%o) if %o;
    }

    Test::CRM::crm_rules(text($block, 'crm_rules'))
        if defined $block->crm_rules;

    Test::CRM::redis(shellwords($_)) for lines(text($block, 'redis_before'));

    configure($block);
}


sub configure {
    my ($block) = @_;

    my $main = text($block, 'main_config');
    my $http = text($block, 'http_config');
    my $root = $ENV{TEST_NGINX_SERVROOT};

    if ($main !~ /load_module/) {
        $main = Test::CRM::Nginx::load_module() . $main;
    }

    # what a block says itself of our Redis has the time that ours has
    $http =~ s{(crm_redis unix:\$TEST_NGINX_REDIS_SOCK)(?=(?: volatile)?;)}
              {"$1 timeout=" . at_most(500) . 'ms'}ge;

    $main .= "user root;\n" if $> == 0 && $main !~ /^\s*user\s/m;

    $http .= "client_body_temp_path $root/client_body_temp;\n"
        unless $http =~ /client_body_temp_path/;
    $http .= "${_}_temp_path $root/${_}_temp;\n"
        for qw(proxy fastcgi scgi uwsgi);

    if (!defined $block->config) {
        $http = Test::CRM::crm_http_config() . $http unless $http =~ /crm_redis/;
        $block->set_value(config =>
            Test::CRM::crm_server_config(text($block, 'crm_extra')));
    }

    $block->set_value(main_config => $main);
    $block->set_value(http_config => $http);
}


# The value to expect after request i, or undef when there is none.

sub expected {
    my ($block, $section, $i) = @_;

    my $v = $block->$section;

    return undef unless defined $v;
    return $v->[$i] if ref $v eq 'ARRAY';

    my $list = $block->pipelined_requests || $block->request;
    my $last = ref $list eq 'ARRAY' ? $#$list : 0;

    return undef if $i != $last;

    $v =~ s/\n\z// unless ref $v;

    return $v;
}


sub after {
    my ($block, $body, $i) = @_;

    my %want = map { $_ => expected($block, $_, $i) }
        qw(backend_writes backend_requests backend_body backend_body_like
           backend_headers backend_headers_like redis_check check);

    return unless grep { defined } values %want;

    my $name = $block->name;
    my @all = Test::CRM::crm_log();
    my @writes = grep { $_->{method} ne 'GET' } @all;
    my $last = $writes[-1] || { body => undef, header => {} };

    Test::More::is(scalar @writes, $want{backend_writes},
        "$name - writes that reached the backend")
        if defined $want{backend_writes};

    Test::More::is(scalar @all, $want{backend_requests},
        "$name - requests that reached the backend")
        if defined $want{backend_requests};

    Test::More::is($last->{body}, $want{backend_body},
        "$name - the body that reached the backend")
        if defined $want{backend_body};

    Test::More::like($last->{body}, qr/$want{backend_body_like}/s,
        "$name - the body that reached the backend")
        if defined $want{backend_body_like};

    headers($name, $last, $want{backend_headers}, 0);
    headers($name, $last, $want{backend_headers_like}, 1);

    for (lines(defined $want{redis_check} ? $want{redis_check} : '')) {
        my ($cmd, $value) = /^\s*(.*?)\s*=>\s*(.*?)\s*$/
            or die "$name: redis_check: $_\n";
        my $got;

        eval {
            wait_for {
                $got = Test::CRM::redis(shellwords($cmd));
                $got = join ' ', map { defined $_ ? $_ : 'nil' } @$got
                    if ref $got;
                $got = 'nil' unless defined $got;
                $got eq $value;
            } 'redis', 3;
        };

        Test::More::is($got, $value, "$name - $cmd");
    }

    if (defined $want{check}) {
        eval "package main; no strict; $want{check}; 1" or die "$name: $@";
    }
}


sub headers {
    my ($name, $entry, $want, $like) = @_;

    return unless defined $want;

    for (lines($want)) {
        s/^\s+|\s+$//g;

        if (s/^!\s*//) {
            Test::More::ok(!exists $entry->{header}{ lc $_ },
                           "$name - no header $_ reached the backend");
            next;
        }

        my ($n, $v) = split /\s*:\s*/, $_, 2;
        my $got = $entry->{header}{ lc $n };

        $got = '' unless defined $got;

        if ($like) {
            Test::More::like($got, qr/^$v$/, "$name - header $n at the backend");
        } else {
            Test::More::is($got, $v, "$name - header $n at the backend");
        }
    }
}

1;
