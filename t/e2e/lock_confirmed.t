# Rows 95 and 96 of the table of ways around a lock: no write commits between
# the confirmation of a lock by hand and its release, with 8 writers through two
# nginx that share nothing but Redis and the backend. Fails when a lock is
# confirmed while a write that began before it can still reach the backend.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;

# 1000 of them are the whole check: CRM_TEST_LOCKS=1000
my $rounds = $ENV{CRM_TEST_LOCKS} || 40;
my $seed = defined $ENV{CRM_TEST_SEED} ? $ENV{CRM_TEST_SEED} : time;
my $writers = 8;

note("CRM_TEST_SEED=$seed CRM_TEST_LOCKS=$rounds");

redis_start();
crm_start();

crm_rules(<<'EOT');
kind: profile
name: Standard
---
kind: user
id: "1002"
name: Sam Sales
profile: Standard
---
kind: record_locking
module: Deals
lock_type: manual
EOT

my @nginx = map { an_nginx("nginx$_", $_ == 2 ? 'crm_lock_wait 50ms;' : '') } 0 .. 2;

sub an_nginx {
    my ($name, $extra) = @_;

    my ($port, $root) = (free_port(), work_dir() . "/$name");
    my $nginx = Test::CRM::Nginx->new(root => $root, port => $port, name => $name);

    $nginx->write_config(Test::CRM::nginx_text($port, $root, workers => 1, main => '', extra => $extra,
                                               log_level => 'info'));
    my $why = $nginx->start;

    die $why if $why;

    return $nginx;
}

sub locks {
    my ($method, $at, $body) = @_;

    return http($method, '/crm/v8/Deals/1/Locking_Information__s', port => $nginx[$at]{port}, body => $body,
                headers => ['X-CRM-User', '1002']);
}

sub lay { locks('POST', $_[0], '{"data":[{"Locked_Reason__s":"a check"}]}') }

sub put {
    my ($at, $value) = @_;

    return http('PUT', '/crm/v8/Deals/1', port => $nginx[$at]{port}, body => qq({"data":[{"Amount":"$value"}]}));
}


# Row 95: a slow write is under way.

crm_seed('Deals', 1, '{"Amount":"0"}');
crm_hold(method => 'PUT', times => 1);

my @both = in_parallel(2, sub {
    my ($i) = @_;

    return put(0, 'slow')->{status} if $i == 0;

    wait_for { redis('EXISTS', 'crm:{acme}:busy:Deals/1') } 'the lease of the slow write', 10;

    my $early = lay(2);                         # waits 50 ms
    my $stands = redis('HGET', 'crm:{acme}:record:Deals/1', 'manual');
    crm_release();
    my $again = lay(1);

    return [$early->{status}, $stands, $again->{status}, crm_record('Deals', 1)];
});

is($both[0], 200, 'row 95: the write that began first is done');
is($both[1][0], 409, 'row 95: a lock that is not confirmed in crm_lock_wait is 409');
like($both[1][1] || '', qr/"by":"1002"/, 'row 95: it stands all the same');
is($both[1][2], 201, 'row 95: repeated it waits and is confirmed');
like($both[1][3] || '', qr/slow/, 'row 95: after the write, not before');
like(put(0, 'late')->{body}, qr/RECORD_LOCKED/, 'row 95: the next write is refused');
is(locks('DELETE', 0)->{status}, 200, 'row 95: the lock goes');


# Row 96. Each write leaves a value of its own, so that a record that has not
# changed has not been written.

crm_delay(ms => 3, method => 'PUT');

my @said = in_parallel($writers + 1, sub {
    my ($i) = @_;

    srand $seed + $i;

    return $i == $writers ? locker() : writer($i);
});

sub writer {
    my ($i) = @_;

    my (%got, $n);

    until (redis('EXISTS', 'over')) {
        my $r = put($n++ % 2, "$i-$n");

        $got{$r->{status} == 400 && $r->{body} =~ /RECORD_LOCKED/ ? 'locked' : $r->{status}}++;
    }

    return \%got;
}

sub locker {
    my %got;

    for my $round (1 .. $rounds) {
        my $at = int rand 2;
        my $r = lay($at);

        $got{"lay $r->{status}"}++;
        $r = lay($at) while $r->{status} == 409;

        my $confirmed = crm_record('Deals', 1);

        select undef, undef, undef, rand 0.01;

        $got{crm_record('Deals', 1) eq $confirmed ? 'kept' : 'written'}++;
        $got{'release ' . locks('DELETE', int rand 2)->{status}}++;

        select undef, undef, undef, rand 0.01;
    }

    redis('SET', 'over', 1);

    return \%got;
}

my $locker = pop @said;
my %sum;

for my $got (@said) {
    $sum{$_} += $got->{$_} for keys %$got;
}

note(explain($locker, \%sum));

is($locker->{written} || 0, 0, "row 96: no write between confirm and release, $rounds times");
is($locker->{kept}, $rounds, 'row 96: the record was as it had been');
is($locker->{'release 200'}, $rounds, 'row 96: each lock was released');
ok($sum{200} && $sum{locked}, 'row 96: writes passed between locks, and were refused by them');
is(join(' ', grep { !/^(200|locked|409)$/ } sort keys %sum), '', 'row 96: nothing else was answered');

done_testing();
