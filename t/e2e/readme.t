# The README does what it says: its rules and its nginx.conf are written as
# they stand there, its commands run, and print what it shows. Only addresses
# are others, since the test has its own Redis, ports and receiver.
#
#   <!-- file NAME -->   the block that follows is this file
#   <!-- run -->         it is run by sh, in one scratch folder
#   <!-- prints -->      the run before printed these lines ("…": anything)

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::CRM;

my $secret = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
my $deal = 'Deals/4150868000000624033';

redis_start();
crm_start();
receiver_start();
crm_seed('Deals', $deal =~ m{/(.*)}, '{"Deal_Name":"Engine no. 1",'
    . '"Stage":"Closed Won","Amount":17500.00}');

my $dir = work_dir() . '/readme';
my $port = free_port();
my $readme = slurp(top_dir() . '/README.md');
my ($env, $said, $runs, $nginx) = ('', '', 0);

programs();
on_exit(sub { kill 'TERM', pid('worker'), pid('nginx') });

while ($readme =~ /^<!-- (file|run|prints) ?(\S*) -->\n```\w*\n(.*?)^```$/msg) {
    my ($what, $name, $text) = ($1, $2, $3);

    file($name, $text) if $what eq 'file';
    run($text)         if $what eq 'run';
    prints($text)      if $what eq 'prints';
}

is($runs, 4, 'README.md has its blocks of commands');

# Run elsewhere, for they run this.
my $targets = slurp(top_dir() . '/Makefile');

like($targets, qr/^$_:/m, "make $_ is there")
    for $readme =~ /(?:^|`)make ([a-z]+)\b/mg;

my ($created) = grep { $_->{method} eq 'POST' } crm_writes();

like($created && $created->{body}, qr/"Amount":250000\.00,"Review":"required"/,
     'the CRM got the deal with the field that the rule set');
is(scalar(grep { $_->{method} eq 'PUT' } crm_writes()), 0,
   'and never saw the change of the locked one');

my $hook = eval { wait_for { (hooks())[0] } 'the webhook', 20 };

ok($hook, 'the webhook arrived') or diag(slurp("$dir/worker.log"));
is($hook && $hook->{body}, '{"deal":"Engine no. 2","amount":"250000.00"}',
   'with the body of the rule');
is($hook ? verify_signature($hook, $secret) : 'none', undef, 'and signed');

like(slurp("$dir/access.log"), qr/ 400 refused_lock rule="closed"/,
     'the log says what was decided');

stop();
links();
done_testing();


# What the commands call, in front of the PATH: the programs of this build, and
# such as stay below our folder and end with us.

sub programs {
    my $build = build_dir();
    my $real = Test::CRM::Nginx::binary();

    spew("$dir/bin/crmctl", "#!/bin/sh\nexec $build/crmctl \"\$@\"\n");
    spew("$dir/bin/crm-worker", "#!/bin/sh\nexec $build/crm-worker"
        . " --allow-private 127.0.0.0/8 \"\$@\" 2>>$dir/worker.log\n");
    spew("$dir/bin/nginx", "#!/bin/sh\nexec $real -e $dir/error.log"
        . " \"\$@\"\n");
    chmod 0755, glob "$dir/bin/*";

    $ENV{PATH} = "$dir/bin:$ENV{PATH}";
}


sub file {
    my ($name, $text) = @_;

    $text = ours($text);

    if ($name eq 'nginx.conf') {
        my $temp = join '', map { "    ${_}_temp_path $dir/tmp_$_;\n" }
                   qw(client_body proxy fastcgi scgi uwsgi);

        $text =~ s/^http \{\n/http {\n$temp/m;
        $text = "user root;\n$text" if $> == 0;
    }

    spew("$dir/$name", $text);
}


# Addresses of the README become ours.

sub ours {
    my ($text) = @_;

    my $module = Test::CRM::Nginx::module();

    $text =~ s{/usr/lib/nginx/modules/ngx_http_crm_automation_module\.so}{$module}g;
    $text =~ s{unix:/run/redis/redis\.sock}{ redis_url() }ge;
    $text =~ s{127\.0\.0\.1:9000}{ '127.0.0.1:' . crm_port() }ge;
    $text =~ s{127\.0\.0\.1:8080}{127.0.0.1:$port}g;
    $text =~ s{https://hooks\.example\.com}{ receiver_url() }ge;

    return $text;
}


# A server that a block leaves in the background is ended with stop(). What a
# block exports holds for those that follow.

sub run {
    my ($text) = @_;

    my $commands = ours($text);
    my $leaves = $commands =~ /^crm-worker\b.*&$/m;

    $runs++;
    $commands =~ s/^(crm-worker\b.*&)$/$1\necho \$! >worker.pid/m;

    my $r = run_command([ 'sh', '-c', "set -eu\ncd '$dir'\n$env\n$commands" ],
                        timeout => 60);

    is($r->{rc}, 0, 'README.md, commands ' . $runs . ' run')
        or diag($r->{out}, $r->{err}, slurp("$dir/error.log"));

    $said = $r->{out};
    $env .= "$1\n" while $commands =~ /^(export .*)$/mg;

    if ($leaves) {
        ok(eval {
            wait_for {
                my $s = Test::CRM::http(GET => '/crm_status', port => $port);
                $s->{status} == 200 && $s->{body} =~ /"revision":1/;
            } 'the rules';
        }, 'nginx runs them') or diag(slurp("$dir/error.log"));
    }
}


sub prints {
    my ($text) = @_;

    my @want = split /\n/, ours($text);
    my $like = join ' *\n', map { s/\\\xe2\\\x80\\\xa6/.*/gr } map { quotemeta } @want;

    like($said, qr/^$like *$/m, "and print what README.md shows ($runs)");
}


sub pid {
    my ($name) = @_;

    return slurp("$dir/$name.pid") =~ /(\d+)/;
}


sub stop {
    for my $name (qw(worker nginx)) {
        my ($pid) = pid($name) or next;

        kill $name eq 'nginx' ? 'QUIT' : 'TERM', $pid;
        ok(eval { wait_for { !kill 0, $pid } $name, 20 }, "$name ends when asked");
        unlink "$dir/$name.pid";
    }
}


# Every page that the README and the pages themselves point to is there.

sub links {
    for my $page ('README.md', map { s{.*/docs/}{docs/}r } glob top_dir() . '/docs/*.md') {
        my ($folder) = $page =~ m{^(.*/)?};
        my $text = slurp(top_dir() . "/$page") =~ s/^```.*?^```$//msgr;
        my @lost = grep { !-e top_dir() . '/' . ($folder || '') . $_ }
                   $text =~ /\]\((?!\w+:)([^)#\s]+)[^)]*\)/g;

        is_deeply(\@lost, [], "$page points to pages that are there");
    }
}
