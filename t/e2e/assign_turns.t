# Turns of an assignment rule over two nginx that share nothing but Redis: when
# all writes are accepted, what its members got differs by one at most; when
# writes fail, are refused and are cut off by kill -9, by no more than were
# under way then. And S6: 2500 imported leads go to one user. Fails when two
# writes take the same turn, or a turn is lost that nobody used.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use List::Util qw(max min sum);
use Test::More;
use Test::CRM;
use Test::CRM::Jobs qw(key);
use Test::CRM::Recovery qw(backend_url);

my $writes = $ENV{CRM_TEST_TURNS} || 600;
my $seed = defined $ENV{CRM_TEST_SEED} ? $ENV{CRM_TEST_SEED} : time;
my $clients = 8;
my @members = map { 11 + $_ } 0 .. 6;

note("CRM_TEST_SEED=$seed CRM_TEST_TURNS=$writes");

redis_start();
crm_start();

my $rules = join "---\n", map { "kind: user\nid: \"$_\"\nname: U$_\nemail: u$_\@example.test\nprofile: P\nrole: R\n" } @members;
my $list = join ', ', map { "\"$_\"" } @members;

crm_rules(<<"EOT");
$rules---
kind: profile
name: P
---
kind: role
name: R
---
kind: assignment_rule
name: Turns
id: turns
module: Leads
entries:
  - { criteria: null, assign_to: { type: round_robin, users: [$list] } }
---
kind: assignment_rule
name: One
id: one
module: Leads
entries:
  - { criteria: null, assign_to: { type: user, id: "11" } }
---
kind: validation_rule
name: named
module: Leads
run: always
criteria: { field: Last_Name, comparator: equal, value: "\${EMPTY}" }
field: Last_Name
message: A name, please.
EOT

my @nginx = map { an_nginx("nginx$_") } 0, 1;

sub an_nginx {
    my ($name) = @_;

    my ($port, $root) = (free_port(), work_dir() . "/$name");
    my $nginx = Test::CRM::Nginx->new(root => $root, port => $port, name => $name);

    $nginx->write_config(Test::CRM::nginx_text($port, $root, workers => 2, main => '',
                         extra => "crm_backend_max_time 2s;\nproxy_connect_timeout 1s;\nproxy_send_timeout 1s;\nproxy_read_timeout 1s;\n", log_level => 'info'));

    my $why = $nginx->start;

    die $why if $why;

    return $nginx;
}

sub create {
    my ($port, $lar, @records) = @_;

    my $data = join ',', map { defined $_ ? "{\"Last_Name\":\"$_\"}" : '{}' } @records;

    return http('POST', '/crm/v8/Leads', port => $port, headers => ['Content-Type' => 'application/json'],
                body => "{\"data\":[$data],\"lar_id\":\"$lar\"}")->{status};
}

# How many records each user owns in the CRM.
sub owned {
    my %owned = map { $_ => 0 } @members;

    for my $page (1 .. 1000) {
        my $r = http('GET', "/crm/v8/Leads?per_page=200&page=$page", port => crm_port());

        last if $r->{status} != 200;

        my @owners = $r->{body} =~ /"Owner":\{"id":"(\d+)"\}/g;

        $owned{$_}++ for @owners;
        last if @owners < 200;
    }

    return %owned;
}


# --- S6 --------------------------------------------------------------------------

for my $n (1 .. 25) {
    is(create($nginx[$n % 2]{port}, 'one', map { "L$n.$_" } 1 .. 100), 201, "request $n of a hundred leads");
}

my %owned = owned();

is($owned{11}, 2500, 'S6: 2500 leads go to one user');
is(sum(values %owned), 2500, 'and to nobody else');


# --- all are accepted --------------------------------------------------------------

crm_reset();

my @told = in_parallel($clients, sub {
    my ($i) = @_;

    return [ map { create($nginx[$_ % 2]{port}, 'turns', "A$i.$_") } 1 .. $writes / $clients ];
});

is(scalar(grep { $_ == 201 } map { @$_ } @told), $writes, "$writes concurrent creates are accepted");

%owned = owned();

is(sum(values %owned), $writes, 'each has an owner');
cmp_ok(max(values %owned) - min(values %owned), '<=', 1, 'their shares differ by one at most') or diag(explain \%owned);


# --- some fail ---------------------------------------------------------------------

crm_reset();
crm_fail(fault => 'status', status => 400, method => 'POST', times => int($writes / 5));

@told = in_parallel($clients, sub {
    my ($i) = @_;

    srand $seed + $i;

    return [ map {
        my @records = map { rand() < 0.2 ? undef : "B$i.$_" } 1 .. 1 + rand 3;
        create($nginx[rand 2]{port}, 'turns', @records);
    } 1 .. $writes / $clients ];
});

ok(scalar(grep { $_ != 201 } map { @$_ } @told), 'some were refused');

%owned = owned();

my $waiting = redis('LLEN', key('returned:assignment:Turns:1'));

cmp_ok(max(values %owned) - min(values %owned), '<=', 1 + $waiting, 'refused writes gave back what they took')
    or diag(explain \%owned);
cmp_ok($waiting, '<=', 3 * $clients, 'no more are left over than can have been under way');


# --- and some die ------------------------------------------------------------------

crm_reset();
redis('DEL', key('turns'), key('returned:assignment:Turns:1'));

my $kills = 6;

@told = in_parallel($clients + 1, sub {
    my ($i) = @_;

    srand $seed + 100 + $i;

    if ($i == $clients) {
        for (1 .. $kills) {
            select undef, undef, undef, 0.1 + rand 0.3;
            my @pids = $nginx[rand 2]->worker_pids;
            kill 'KILL', $pids[rand @pids] if @pids;
        }

        return [];
    }

    return [ map { create($nginx[rand 2]{port}, 'turns', "C$i.$_") || 0 } 1 .. $writes / $clients ];
});

worker_start('--backend', backend_url());
wait_for { redis('ZCARD', key('intents')) == 0 } 'every write is settled', 60;

%owned = owned();
cmp_ok(max(values %owned) - min(values %owned), '<=', 1 + $kills * $clients,
       'killed workers cost no more turns than were under way') or diag(explain \%owned);

my $taken = redis('HGET', key('turns'), 'assignment:Turns:1');

cmp_ok($taken - sum(values %owned), '<=', $kills * $clients + redis('LLEN', key('returned:assignment:Turns:1')),
       'nor are they lost for long') or diag("taken: $taken");

for my $nginx (@nginx) {
    $nginx->stop;
    unlike($nginx->error_log, qr/exited on signal (?!9\b)/, 'no worker process died but by our hand');
}

done_testing();
