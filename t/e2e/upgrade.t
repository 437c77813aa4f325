# nginx's binary is replaced while clients write, as its manual says (USR2, WINCH,
# QUIT): each write is answered, done once, and has its job; the new processes
# judge by the same rules, and of the old ones nobody is waited for. Fails when an
# upgrade loses or doubles a write, or when old processes stay.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Process;

my $clients = 3;
my $stop = work_dir() . '/stop';
my $root = work_dir() . '/nginx';
my $pid_file = "$root/logs/nginx.pid";

redis_start();
crm_start();

crm_rules(<<'EOT');
kind: workflow_rule
name: tell
module: Leads
execute_when: { type: create }
conditions: [ { criteria: null, instant_actions: [ { type: webhooks, name: hook } ] } ]
---
kind: webhook
name: hook
module: Leads
url: https://hooks.example.test/leads
http_method: POST
EOT

# The master that a shell would start: one that is no child of ours takes USR2.

nginx_start(workers => 2);
nginx_stop();

my $text = slurp("$root/conf/nginx.conf");

$text =~ s/^daemon off;/daemon on;/m or die 'no daemon off';
spew("$root/conf/nginx.conf", $text);

sub pid_in {
    my ($file) = @_;

    return -s $file ? slurp($file) + 0 : 0;
}

my @masters;

on_exit(sub { kill TERM => grep { $_ } @masters });

my $ran = run_command([ nginx()->command ], env => Test::CRM::Nginx::environment(leaks => 0));

is($ran->{rc}, 0, 'nginx starts by itself') or diag $ran->{err};
push @masters, wait_for { pid_in($pid_file) } 'its pid', 10;

sub processes {
    my $r = crmctl('status', '-o', 'json');

    return [ map { $_->{revision} == 1 ? $_->{pid} : () } @{ json_decode($r->{out})->{processes} } ];
}

wait_for { @{ processes() } == 2 } 'two processes with the rules', 10;

my @old = @{ processes() };


# --- clients -------------------------------------------------------------------------

# Of a connection that a process closes as it ends, unread, nobody has heard.
sub write_on {
    my ($i) = @_;

    my ($n, %got) = (0);

    until (-e $stop) {
        my $r = http(POST => '/crm/v8/Leads', body => "{\"data\":[{\"Mark\":\"c$i-" . $n++ . '"}]}');

        $got{ $r->{status} || 'no answer' }++;
    }

    return \%got;
}

sub upgrade {
    my $done = sub { scalar(crm_writes()) };
    my $more = sub { my $from = $done->(); wait_for { $done->() > $from + 20 } 'writes', 20 };
    my $new;

    $more->();
    kill USR2 => $masters[0];
    $new = wait_for { my $p = pid_in($pid_file); $p && $p != $masters[0] && $p } 'the new master', 20;
    spew(work_dir() . '/new', $new);

    wait_for { @{ processes() } == 4 } 'new processes with the rules', 20;
    $more->();

    kill WINCH => $masters[0];
    wait_for { !grep { kill 0 => $_ } @old } 'the end of the old processes', 20;
    $more->();

    kill QUIT => $masters[0];
    wait_for { !kill 0 => $masters[0] } 'the end of the old master', 20;
    $more->();

    return $new;
}

my @results = in_parallel($clients + 1, sub {
    my ($i) = @_;

    return write_on($i) if $i < $clients;

    my $new = eval { upgrade() };

    spew($stop, '');
    die $@ if $@;

    return $new;
});

push @masters, pid_in(work_dir() . '/new');

my $new = pop @results;
my %got;

for my $r (@results) {
    $got{$_} += $r->{$_} for keys %$r;
}

like($new, qr/^\d+$/, 'a new master has taken over') or diag explain $new;
cmp_ok($got{201}, '>', 80, 'clients wrote all the time');
is_deeply([ grep { $_ ne '201' } keys %got ], [], 'each write is answered') or diag explain \%got;

wait_for { all_ended() } 'the end of all writes', 10;
is(scalar(crm_writes()), $got{201}, 'and done once');
is(redis(LLEN => 'crm:{acme}:queue:webhooks'), $got{201}, 'and has its job');

my $applied = crmctl('apply', folder_again());

is($applied->{rc}, 0, 'what is applied then waits for the new processes alone') or diag $applied->{err};
like($applied->{out}, qr/^loaded by 2 of 2 processes$/m, 'and they have it');

my $log = slurp("$root/logs/error.log");

unlike($log, qr/\[(?:alert|emerg|crit)\]|exited on signal/, 'no process complains');

kill QUIT => $masters[1];
wait_for { !kill 0 => $masters[1] } 'the end of the new master', 20;

done_testing();

sub folder_again {
    my $folder = work_dir() . '/again';

    mkdir $folder or die "$folder: $!";
    spew("$folder/role.yaml", "kind: role\nname: Sales\n");

    return $folder;
}
