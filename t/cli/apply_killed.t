# crmctl is killed at each of its commands to Redis, before Redis has it and
# behind: what is live is the old rules or the new ones, whole, with a history
# that fits, and the same command again does the rest. Were it broken, a lost
# connection to the machine that applies would leave rules that nobody wrote.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Rude;

my $old = folder('old', 'a.yaml' => role('A') . "---\n" . role('B'), 'c.yaml' => role('C'));
my $new = folder('new', 'a.yaml' => role('A') . "description: changed\n", 'd.yaml' => role('D'));
my $plan = work_dir() . '/p.plan';
my %old = (A => undef, B => undef, C => undef);
my %new = (A => 'changed', D => undef);

redis_start();
rude_start();

my @command = (
    [ 'the first apply', sub { }, {}, \%old, 'apply', $old, '--managed-by', 'm' ],
    [ 'apply --prune', sub { applied($old) }, \%old, \%new,
      'apply', $new, '--managed-by', 'm', '--prune' ],
    [ 'apply of a plan',
      sub {
          applied($old);
          is(crmctl('plan', $new, '--managed-by', 'm', '--prune', '--out', $plan)->{rc}, 0, 'a plan');
      }, \%old, \%new, 'apply', $plan ],
    [ 'rollback', sub { applied($old); applied($new) }, \%new, \%old, 'rollback', '1' ],
);

for my $case (@command) {
    my ($what, $prepare, $before, $after, @command) = @$case;

    begin($prepare);
    is(crmctl(@command, '--redis', 'unix:' . rude_sock())->{rc}, 0, $what);
    is_deeply(live(), $after, 'leaves the new rules');

    my @steps = rude_asked();
    my $revision = redis('GET', 'crm:{acme}:revision');

    ok(grep({ $_ eq 'EVAL' } @steps), "in the steps @steps") or next;

    for my $at (0 .. $#steps) {
        for my $had (0, 1) {
            my $when = "$what, killed " . ($had ? 'behind' : 'before') . " step $at, $steps[$at]";

            begin($prepare);
            rude({ on => '*', skip => $at, mute => 1, $had ? () : (reply => '') });
            killed($at + 1, @command);

            my $stored = is_whole($when);

            is($stored, grep({ $_ eq 'EVAL' } @steps[ 0 .. $at - 1 + $had ]) ? $revision : $revision - 1,
               'stored is what was told to be');
            is_deeply(live(), $stored == $revision ? $after : $before, 'and live');

            my $r = crmctl(@command);

            if ($command[1] eq $plan && $stored == $revision) {
                like($r->{err}, qr/was made at revision \d+, live is $revision: nothing was applied/,
                     'the plan is done with');
                is(crmctl('apply', $old, '--managed-by', 'm')->{rc}, 0, 'another apply does the rest');
                is(is_whole($when), $revision + 1, 'on top of it');

            } else {
                is($r->{rc}, 0, 'the same again goes through') or diag $r->{err};
                is(is_whole($when), $revision, 'and stores nothing twice');
                is_deeply(live(), $after, 'the new rules are live');
            }

            is_deeply(redis('SMEMBERS', 'crm:orgs'), [ 'acme' ], 'the organisation is listed');
        }
    }
}

done_testing();


# A Redis of one's own history, and a peer that is polite.
sub begin {
    my ($prepare) = @_;

    redis('FLUSHALL');
    $prepare->();
    redis('SCRIPT', 'FLUSH');       # each is to be told anew, too
    rude();
}


sub applied {
    my ($dir) = @_;

    is(crmctl('apply', $dir, '--managed-by', 'm', '--prune')->{rc}, 0, 'rules');
}


# A crmctl that does not outlive its command number $steps.
sub killed {
    my ($steps, @command) = @_;
    my $pid = spawn(name => 'crmctl', cmd => [ build_dir() . '/crmctl', @command,
        '--redis', 'unix:' . rude_sock(), '--org', crm_org(), '--timeout', '60s' ]);

    wait_for { rude_asked() == $steps } "$steps steps";
    kill_process($pid);
}


# The current revision, each up to which is there, as the history notes it, and
# nothing else.
sub is_whole {
    my ($when) = @_;
    my $revision = redis('GET', 'crm:{acme}:revision') // 0;
    my %notes = @{ redis('HGETALL', 'crm:{acme}:revisions') };
    my @keys = grep { $_ ne 'crm:orgs' } sort @{ redis('KEYS', '*') };
    my @known = $revision ? ('crm:{acme}:epoch', 'crm:{acme}:revision', 'crm:{acme}:revisions',
                             map { "crm:{acme}:rules:$_" } 1 .. $revision) : ();

    is_deeply(\@keys, [ sort @known ], $when);
    is_deeply({ map { $_ => json_decode($notes{$_})->{sha256} } keys %notes },
              { map { $_ => sha256_hex(redis('GET', "crm:{acme}:rules:$_")) } 1 .. $revision },
              'the history is that of what is stored');

    return $revision;
}


sub live {
    my $revision = redis('GET', 'crm:{acme}:revision') or return {};
    my $bundle = json_decode(redis('GET', "crm:{acme}:rules:$revision"));

    return { map { $_->{object}{name} => $_->{object}{description} } @{ $bundle->{objects} } };
}


sub role { return "kind: role\nname: $_[0]\n" }


sub folder {
    my ($name, %files) = @_;
    my $dir = work_dir() . "/$name";

    spew("$dir/$_", $files{$_}) for keys %files;

    return $dir;
}
