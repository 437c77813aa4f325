# Redis restarted, nginx reloaded, both under light load: everything goes on by
# itself, what was answered as done is delivered, and a guarded write is never
# let through unjudged.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Time::HiRes qw(sleep time);
use Test::CRM;

redis_start(appendfsync => 'always');
crm_start();
receiver_start();

crm_rules(<<'EOT');
kind: workflow_rule
name: tell
module: Leads
execute_when: { type: create }
conditions:
  - criteria: null
    instant_actions: [ { type: webhooks, name: new-lead } ]
---
kind: webhook
name: new-lead
module: Leads
url: $HOOK/hooks/leads
http_method: POST
body: { type: raw, format: JSON, content: '{"n":"${!Leads.Number}"}' }
EOT

nginx_start(workers => 2);
worker_start();

# A light load in the background: its answers, one a line.
my $answers = work_dir() . '/answers';
my $stop = work_dir() . '/stop';
my $client = fork_child('client');

if ($client == 0) {
    open my $fh, '>', $answers;
    $fh->autoflush(1);

    for (my $n = 1; !-e $stop; $n++) {
        my $r = http(POST => '/crm/v8/Leads', timeout => 20,
                     body => "{\"data\":[{\"Number\":$n}]}");

        print $fh join(' ', $n, $r->{status},
                       $r->{headers}{'crm-event-state'} || '-'), "\n";
        sleep 0.01;
    }

    close $fh;
    POSIX::_exit(0);
}

sub good { scalar grep { / 201 / } split /\n/, slurp($answers) }

sub goes_on {
    my ($what) = @_;

    my $before = good();

    ok(eval { wait_for { good() > $before + 20 } $what, 30 }, "after $what: it goes on")
        or diag($@, slurp($answers) =~ s/.*\n(?=(?:.*\n){5}\z)//sr);
}

goes_on('the start');

nginx_reload();
goes_on('a reload of nginx');

redis_stop();
wait_for { slurp($answers) =~ / 503 / } 'a refusal', 20;
pass('without Redis writes are answered 503');

my $before = () = crm_writes();

wait_for { (slurp($answers) =~ s/ 503 //gr, scalar(() = slurp($answers) =~ / 503 /g))[1] > 3 }
    'more refusals', 20;
is(scalar(() = crm_writes()), $before, 'and none reaches the backend');

redis_start();
goes_on('a restart of Redis');

nginx_reload();
redis_kill();
redis_start();
goes_on('both at once');

spew($stop, '');
waitpid $client, 0;

# Each write that was answered 201 is delivered: once at least.
my @lines = split /\n/, slurp($answers);
my @acked = map { (split)[0] } grep { / 201 / } @lines;

ok(eval {
    wait_for {
        my %got = map { $_->{body} =~ /"n":"(\d+)"/ ? ($1 => 1) : () } hooks();
        !grep { !$got{$_} } @acked;
    } 'all webhooks', 60;
}, 'every lead that was answered 201 has its webhook (' . @acked . ')') or diag($@);

my @odd = grep { !/ (?:201|503) / } @lines;

is_deeply(\@odd, [], 'no other answers');

is(worker_stop(), 0, 'the worker stops when asked');
is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();
