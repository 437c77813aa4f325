# Scores of very many stored records, beside live jobs: each record is counted
# once and right, whatever dies on the way; the worker's memory does not grow with
# their number; and webhooks, mails and writes that come meanwhile do not wait for
# it. It would fail by a record that is passed over or written twice, or by a night
# in which nothing else is delivered.
#
# The long form: CRM_SCORES=1000000 (and CRM_SCORES_WRONG=50: one in so many has to
# be written). CRM_SEED repeats a run. How long live jobs waited is printed and
# judged in the long form alone.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use POSIX qw(strftime);
use Test::More;
use Test::CRM;
use Test::CRM::Chain;
use Test::CRM::Http qw(http_request);
use Test::CRM::Jobs;
use Test::CRM::Mail;
use Test::CRM::Process;
use Time::HiRes qw(sleep time);

my $long = defined $ENV{CRM_SCORES};
my $n = $ENV{CRM_SCORES} || 10_000;
my $wrong = $ENV{CRM_SCORES_WRONG} || 20;
my $seed = $ENV{CRM_SEED} || int rand 1_000_000;
my $lease_s = 2;

diag "CRM_SEED=$seed";
redis_start();
crm_start_many('--records', $n, '--seed', $seed, '--wrong', $wrong, '--reach', $long ? 100_000 : $n / 2);
receiver_start();
relay_start();
crm_rules(<<'EOR');
kind: scoring_rule
name: Fit
module: Leads
write_to: { score: Score, negative: Minus }
field_rules:
  - { score: 10, criteria: { field: Rating, comparator: equal, value: Hot } }
  - { score: -5, criteria: { field: Email, comparator: equal, value: "${EMPTY}" } }
EOR

my $chain = chain_key_file();

nginx_start(extra => "crm_chain_key_file $chain;");

my @worker = ('--lease', "${lease_s}s", '--chain-key-file', $chain, '--mail-limit', 10_000_000,
              '--smtp', relay_url(), '--smtp-tls', 'none',
              '--backend', guarded_url());

sub status { return json_decode(crmctl('scores', 'status', '-o', 'json')->{out})->{scores}[0] || {} }
sub seen   { return json_decode(redis('HGET', key('scores'), 'Leads'))->{seen} }
sub told   { return json_decode(admin('GET', '/__told')) }
sub rss_kb { return (slurp("/proc/$_[0]/status") =~ /^VmRSS:\s+(\d+)/m)[0] || 0 }

sub admin {
    my ($method, $path) = @_;

    return http_request(port => crm_port(), method => $method, path => $path)->{body};
}


# --- live jobs ------------------------------------------------------------------------

my ($sent, @bumps) = (0);

# One of each kind that says when it was pushed.
sub push_live {
    my $now = sprintf '%.3f', time;
    my $job = json_decode(job_json(id => "live$sent", type => 'field_updates', module => 'Deals',
                                   record_id => '' . (7_000_000 + $sent)));

    push_job(url => receiver_url('/live'), body => $now);
    push_mail(text => "sent $now");
    $job->{action} = { name => 'live', fields => { Sent => $now } };
    redis('SADD', key('own'), $job->{id});
    redis('RPUSH', key('queue:records'), json_encode($job));
    $sent++;
}


# [when it was pushed, for how long it waited] of each that has come.
sub arrived {
    return (webhooks => [ map { [ $_->{body}, $_->{at} - $_->{body} ] } hooks() ],
            emails => [ map { my ($at) = $_->{parts}[0]{text} =~ /sent ([\d.]+)/; [ $at, $_->{at} - $at ] } mails() ],
            records => [ map { [ $_->[0], $_->[1] - $_->[0] ] } @{ told()->{others} } ]);
}


sub part {
    my ($part, @waits) = @_;

    @waits = sort { $a <=> $b } @waits;

    return @waits ? 1000 * $waits[ $part * $#waits ] : 0;
}


# Pushed while no worker ran, or the dead one's leases had not run out.
sub calm {
    my ($at) = @_;

    return !grep { $at > $_->[0] - 1 && $at < $_->[1] + $lease_s + 6 } @bumps;
}


# --- the run --------------------------------------------------------------------------

is(crmctl('scores', 'run', 'Leads')->{rc}, 0, 'a run begins');

my @kills = map { int $n * $_ / 8 } 1, 3, 6;
my $kills = @kills;
my $began = time;
my $pid = worker_start(@worker);
my @deletes = (0.25, 0.75);
my ($looked, $last, $moved, @most) = (0, -1, $began, 0, 0, 0);

until ((my $state = json_decode(redis('HGET', key('scores'), 'Leads')))->{state} eq 'done') {
    my $seen = $state->{seen};

    push_live();

    my $third = int(3 * $seen / ($n + 1));
    my $rss = rss_kb($pid);

    $most[$third] = $rss if $rss > $most[$third];

    if (@kills && $seen >= $kills[0]) {
        shift @kills;

        my $at = time;

        kill 'KILL', $pid;
        worker_stop();
        $pid = worker_start(@worker);
        push @bumps, [ $at, time ];
    }

    # those that were counted go: what follows moves up, and none is passed over
    if (@deletes && $seen >= $n * $deletes[0]) {
        admin('POST', '/__delete?n=' . int $n * shift(@deletes) / 2);
    }

    if (time - $looked > 60) {
        $looked = time;
        diag sprintf '%s: %d counted, %d kB', strftime('%H:%M:%S', gmtime), $seen, $rss;
    }

    ($last, $moved) = ($seen, time) if $seen != $last;
    die "it stands: $seen of $n\n" . worker_log() if time - $moved > 120 || !is_alive($pid);
    sleep($long ? 0.25 : 0.05);
}

my $took = time - $began;
my $all = status();

is($all->{state}, 'done', 'it is done');
is($all->{seen}, $n, 'each record was counted, once');
is($all->{restarts}, 0, 'from where it stood');
is(scalar(@bumps), $kills, "though $kills workers were killed on the way");

wait_for { redis('LLEN', key('queue:records')) + redis('LLEN', key('queue:emails')) + waiting() == 0 } 'the last of all jobs', 120;

my $told = told();

is($told->{left}, 0, 'every record has its score, those behind deleted ones too');
cmp_ok($told->{queries}, '>', 0, 'and those behind the last page that the CRM gives');
is($told->{twice}, 0, 'none was written twice');
is($told->{spoilt}, 0, 'nor one that was right');
is($told->{writes}, $all->{changed}, 'those that were told');
is((map { $_->{reason} } dead())[0], undef, 'no job is dead');
is(worker_stop(), 0, 'the worker stops when asked');

my %came = arrived();

note(sprintf '%s UTC, seed %d: %d records in %d s (%d a second), %d updates, pages %d, %d kills; RSS at most %d, %d, %d kB in'
     . ' thirds', strftime('%Y-%m-%d %H:%M', gmtime $began), $seed, $n, $took, $n / $took, $all->{changed}, $told->{pages},
     $kills, @most);

for my $kind (sort keys %came) {
    my @waits = map { $_->[1] } @{ $came{$kind} };
    my @calm = map { $_->[1] } grep { calm($_->[0]) } @{ $came{$kind} };
    my %once = map { $_->[0] => 1 } @{ $came{$kind} };

    is(scalar(keys %once), $sent, "all live $kind have come");
    note(sprintf '%s: %d; ms from push to arrival p50 %.0f, p99 %.0f, at most %.0f; without those of the kills %d: p50 %.0f, p99'
         . ' %.0f, at most %.0f', $kind, scalar @waits, part(0.5, @waits), part(0.99, @waits), part(1, @waits), scalar @calm,
         part(0.5, @calm), part(0.99, @calm), part(1, @calm));
    cmp_ok(part(0.99, @calm), '<', 1000, "and live $kind waited less than a second, 99 of a hundred") if $long;
}

cmp_ok($most[2], '<', 1.5 * $most[0], 'its memory did not grow') if $long;

is(nginx_stop(), undef, 'nginx stops, clean');
done_testing();
