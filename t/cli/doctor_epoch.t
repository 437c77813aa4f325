# crmctl doctor --accept-epoch: a person who knows what happened to Redis lets
# the processes go on. Fails when guarded modules stay closed for good, or when
# more is accepted than one step from one epoch to another.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;

my $sales = top_dir() . '/t/data/rules/good/sales';
my $key = 'crm:{acme}:epoch';

redis_start();
crm_start();
crmctl('apply', $sales);

my $first = redis(GET => $key);


# --- nothing to accept ---------------------------------------------------------------

my $r = crmctl('doctor', '--accept-epoch');

is($r->{rc}, 0, 'without a reason nothing is accepted');
is($r->{out}, "nothing to accept: all processes know $first\n", 'and that is said');
is(redis(EXISTS => "$key:accepted"), 0, 'nor written');


# --- another Redis, processes that remember the old one ---------------------------------

nginx_start(workers => 2);
my @pids = nginx()->worker_pids;
wait_for { (grep { $_->{epoch} eq $first } processes()) >= 2 } 'both know the epoch', 20;

redis(SET => $key, 'ANOTHER');
wait_for { !grep { $_->{epoch_ok} } processes() } 'both notice', 20;

sub write_to { return http(POST => "/crm/v8/$_[0]", body => '{"data":[{"Name":"x"}]}')->{status} }

is(write_to('Leads'), 503, 'a guarded module is closed');
is(write_to('Notices'), 201, 'one without rules is not');

my $d = crmctl('doctor');

is($d->{rc}, 1, 'doctor fails');
is(scalar(my @lines = $d->{out} =~ /^FAIL  epoch +\S+:\d+ remembers \Q$first\E: guarded modules answer 503 there; find out/mg),
   2, 'for each process, with what it remembers');

$r = crmctl('doctor', '--accept-epoch');
is($r->{rc}, 0, 'the other one is accepted') or diag($r->{out}, $r->{err});
like($r->{out}, qr/^accepted ANOTHER in place of \Q$first\E$/m, 'and that is said');
is_deeply({ @{ redis(HGETALL => "$key:accepted") } }, { $first => 'ANOTHER' },
          'one step, from what was remembered to what is there');
ok(!(grep { !$_->{epoch_ok} || $_->{epoch} ne 'ANOTHER' } processes()),
   'when it returns the processes are open');
is((grep { /^FAIL/ } split /\n/, crmctl('doctor')->{out}), 0, 'doctor is content');

$r = crmctl('doctor', '--accept-epoch', '-o', 'json');
is_deeply(json_decode($r->{out}), { epoch => 'ANOTHER', created => JSON::PP::false(),
                                    accepted => [], closed => [] }, 'a second time changes nothing');


# --- no epoch at all ------------------------------------------------------------------------

redis(DEL => $key);
wait_for { !grep { $_->{epoch_ok} } processes() } 'both notice', 20;

$r = crmctl('doctor', '--accept-epoch');
is($r->{rc}, 0, 'a lost epoch is made anew') or diag($r->{out}, $r->{err});
like($r->{out}, qr/^Redis had no epoch: it is [0-9A-Z]{26} now$/m, 'and that is said');
is_deeply({ @{ redis(HGETALL => "$key:accepted") } },
          { $first => 'ANOTHER', ANOTHER => redis(GET => $key) },
          'the processes may take it for the one before');

is(nginx_stop(), undef, 'nginx ends well');


# --- a process that does not open again ------------------------------------------------------

my ($s) = @{ redis('TIME') };

redis(HSET => 'crm:{acme}:processes', 'web9:7',
      json_encode({ revision => 1, loaded_at => 1, rejected => undef, epoch => 'OLD',
                    epoch_ok => JSON::PP::false(), seen_ms => ($s + 3600) * 1000 }));

$r = crmctl('doctor', '--accept-epoch');
is($r->{rc}, 1, 'a process that does not open again is a failure');
like($r->{out}, qr/^web9:7 has not opened again: look into its error log$/m, 'and is named');

$r = crmctl('status', '--accept-epoch');
is($r->{rc}, 64, 'status accepts nothing');
like($r->{err}, qr/it belongs to doctor/, 'doctor does');

done_testing();


sub processes {
    return map { json_decode($_) } grep { !/^web/ && /^\{/ }
           @{ redis(HVALS => 'crm:{acme}:processes') };
}
