# A deal closes and is locked. Protects the promise that no lock is bypassed:
# what is refused never reaches the backend, two writers at once included.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;

my ($rep, $admin) = ('4150868000000225013', '4150868000000225099');
my $rounds = $ENV{CRM_TEST_ROUNDS} || 200;

redis_start();
crm_start();

crm_rules(<<'EOT');
kind: profile
name: Standard
---
kind: profile
name: Administrator
---
kind: user
id: "4150868000000225013"
name: Ann Lee
email: ann@example.test
profile: Standard
status: active
---
kind: user
id: "4150868000000225099"
name: Max Admin
email: max@example.test
profile: Administrator
status: active
---
kind: record_locking
module: Deals
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: Stage, comparator: in, value: [Closed Won, Closed Lost] }
locked_for: all_profiles_except_excluded_profiles
lock_excluded_profiles: [Administrator]
excluded_fields: [Description]
restricted_actions: [update, delete]
EOT

nginx_start(workers => 2);

my $id = '4150868000000624033';
my $path = "/crm/v8/Deals/$id";

crm_seed('Deals', $id, '{"Deal_Name":"Big","Stage":"Negotiation","Amount":9.5}');

sub put {
    my ($fields, $user) = @_;

    return http(PUT => $path, body => "{\"data\":[$fields]}",
                headers => ['X-CRM-User' => $user || $rep]);
}

is(put('{"Stage":"Closed Won"}')->{status}, 200,
   'the save that makes the lock true passes');

crm_clear_log();

my $r = put('{"Amount":1}');

is($r->{status}, 400, 'the next is refused');
is_deeply(json_decode($r->{body})->{data} ? json_decode($r->{body})->{data}[0]{code}
          : json_decode($r->{body})->{code}, 'RECORD_LOCKED', 'as locked');
like($r->{body}, qr/"action"\s*:\s*"record_locking"/, 'in the words of the vendor');
like($r->{body}, qr/closed/, 'and names the rule');
is(scalar(crm_writes()), 0, 'the backend saw no write');

is(http(DELETE => $path, headers => ['X-CRM-User' => $rep])->{status}, 400,
   'deleting it is refused');
is(scalar(crm_writes()), 0, 'the backend still saw no write');

is(put('{"Description":"x"}')->{status}, 200, 'the excluded field alone passes');
is(put('{"Description":"x","Amount":2}')->{status}, 400,
   'with another field it does not');
is(put('{"Amount":3}', $admin)->{status}, 200, 'the excluded profile passes');

# Two writers at once, of whom one locks: whichever comes first, the backend
# sees the lock and at most the write before it.

my ($both, $wrong) = (0, 0);

for my $n (1 .. $rounds) {
    crm_seed('Deals', $id, '{"Stage":"Negotiation","Amount":0}');
    redis('DEL', 'crm:{' . crm_org() . "}:record:Deals/$id");
    crm_clear_log();

    my @status = in_parallel(2, sub {
        put('{"Stage":"Closed Won","Amount":' . (1 + $_[0]) . '}')->{status};
    });

    my $writes = () = crm_writes();

    $both++ if $writes != 1;
    $wrong++ if join(' ', sort @status) ne '200 400';
}

is($both, 0, "exactly one of two locking writes reached the backend, $rounds times");
is($wrong, 0, 'one was answered 200, the other 400');

is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();
