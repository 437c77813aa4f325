# Twenty thousand rules (fewer where memory is watched) are loaded while clients
# write, twice: every write is answered, the old rules judge until the new ones
# do, and none of a client's writes goes back to them. Fails when loading loses a
# write, or when a set is judged by before it is whole or after it was replaced.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use IO::Handle;
use POSIX ();
use Test::More;
use Test::CRM;
use Test::CRM::Process;

my ($rules, $clients) = ($ENV{CRM_TEST_ASAN} ? 4000 : 20_000, 3);
my $stop = work_dir() . '/stop';

redis_start();
crm_start();

crm_rules(<<'EOT');
kind: workflow_rule
name: old
module: Leads
execute_when: { type: create_or_edit }
conditions:
  - criteria: null
    instant_actions:
      - { type: field_updates, field: Rating, value: Old }
EOT

nginx_start();
wait_for { ((revisions())[0] || 0) == 1 } 'the first revision';

# A record that the first two rules of the many match.
my %lead = (Annual_Revenue => 1250000.5, No_of_Employees => 42, Score => 77,
    Discount => 12.5, Company => 'Analytical Engines', City => 'London',
    Next_Contact => '2026-01-10', Last_Name => 'Lovelace', Lead_Source => 'value 1',
    Industry => 'value 2', Country => 'value 3', Segment => 'value 4',
    Region => 'value 5', Product => 'value 6', Channel => 'value 7',
    Campaign => 'value 8');

my @pids = map { client($_) } 1 .. $clients;

for my $revision (2, 3) {
    my $before = () = notes();

    wait_for { notes() > $before + 20 } 'writes under way', 30;
    give($revision);
    wait_for { ((revisions())[0] || 0) == $revision } "revision $revision", 120;
    pass("revision $revision runs");
}

my $now = () = notes();

wait_for { notes() > $now + 20 } 'writes by the last rules', 30;
spew($stop, '');
waitpid $_, 0 for @pids;

is_deeply([ grep { $_ != 201 } notes() ], [], 'every write was answered with success');

my (%went, @back);

for my $write (crm_writes()) {
    my $record = json_decode($write->{body})->{data}[0];
    my $hot = $record->{Rating} eq 'Hot';

    push @back, $record->{Mark} if $went{ $record->{Mark} } && !$hot;
    $went{ $record->{Mark} } = $hot;
}

is_deeply(\@back, [], 'no client goes back to the old rules');
is(scalar(grep { $_ } values %went), $clients, 'all have come to the new ones');
is(nginx()->errors_logged, '', 'nginx has nothing to say');

done_testing();


# The numbers that processes run.
sub revisions {
    return map { json_decode($_)->{revision} } @{ redis('HVALS', 'crm:{acme}:processes') };
}


# As crmctl apply would store it, without its looking at each rule.
sub give {
    my ($revision) = @_;

    my $r = run_command([ $^X, top_dir() . '/t/bench/rule_mix.pl', $rules ]);

    die $r->{err} if $r->{rc};

    redis('SET', "crm:{acme}:rules:$revision", $r->{out});
    redis('SET', 'crm:{acme}:revision', $revision);
}


# The statuses of all clients' writes so far.
sub notes {
    my @all = map { -e $_ ? split /\n/, slurp($_) : () }
              map { work_dir() . "/client.$_" } 1 .. $clients;

    return @all;
}


# Writes until it is told to stop, and notes each status.
sub client {
    my ($i) = @_;

    my $pid = fork_child('client');
    return $pid if $pid;

    open my $note, '>', work_dir() . "/client.$i" or POSIX::_exit(1);
    $note->autoflush(1);

    while (!-e $stop) {
        my $body = json_encode({ data => [ { %lead, Mark => "c$i" } ] });
        my $r = http(POST => '/crm/v8/Leads', body => $body);

        print $note "$r->{status}\n";
        select undef, undef, undef, 0.02;
    }

    POSIX::_exit(0);
}
