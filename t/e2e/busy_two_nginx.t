# Two nginx hosts and one record: what one is writing the other waits for, for
# crm_lease_wait; then 409, never 429, or it is judged by what the first left.
# Fails when a write passes another one, or when its effects come before those
# of the one that it waited for.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;

redis_start();
crm_start();
crm_rules(<<'EOT');
kind: workflow_rule
name: told
module: Deals
execute_when: { type: create_or_edit }
conditions: [ { criteria: null, instant_actions: [ { type: webhooks, name: hook } ] } ]
---
kind: webhook
name: hook
module: Deals
url: http://127.0.0.1:9/
http_method: POST
body: { type: raw, format: JSON, content: '{"by":"${!Deals.By}"}' }
---
kind: record_locking
module: Deals
lock_type: automatic
locking_rules:
  - name: won
    criteria: { field: Stage, comparator: equal, value: Won }
EOT

my ($left) = an_nginx('left', 'crm_lease_wait 150ms;');
my ($right) = an_nginx('right', 'crm_lease_wait 20s;');

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

sub put {
    my ($nginx, $body) = @_;

    return http(PUT => '/crm/v8/Deals/1', port => $nginx->{port}, body => "{\"data\":[$body]}", timeout => 30);
}

sub by { return map { json_decode(json_decode($_)->{action}{body})->{by} } @{ redis('LRANGE', 'crm:{acme}:queue:webhooks', 0, -1) } }

# While the first is at the backend the second comes to the other host: and ends
# meanwhile, or waits for it.
sub one_after_another {
    my ($first, $one, $second, $two, $ends) = @_;

    redis('DEL', 'crm:{acme}:queue:webhooks');
    crm_clear_log();
    crm_delay(ms => $ends ? 60_000 : 1000, method => 'PUT', times => 1);

    return in_parallel(2, sub {
        my ($i) = @_;

        return put($first, $one) if $i == 0;
        wait_for { crm_writes() } 'the first at the backend';

        my $r = put($second, $two);

        crm_release();
        return $r;
    });
}

put($_, '{"By":"start"}') for $left, $right;       # both have their rules

crm_seed('Deals', 1, '{"Stage":"New"}');
my ($one, $two) = one_after_another($right, '{"By":"right"}', $left, '{"By":"left"}', 'ends');

is($one->{status}, 200, 'the first is done');
is($two->{status}, 409, 'the second waits for crm_lease_wait, and is told to come again');
like($two->{body}, qr/"code":"RECORD_BUSY"/, 'and why');
is(scalar crm_writes(), 1, 'the backend has seen one');
is_deeply([by()], ['right'], 'one effect');
is(put($left, '{"By":"again"}')->{status}, 200, 'it comes again');

($one, $two) = one_after_another($left, '{"By":"left"}', $right, '{"By":"right"}');
is($one->{status}, 200, 'the first is done');
is($two->{status}, 200, 'the second has waited');
is_deeply([by()], ['left', 'right'], 'the effects come in the order of the writes');

($one, $two) = one_after_another($left, '{"By":"left","Stage":"Won"}', $right, '{"By":"right"}');
is($one->{status}, 200, 'the first locks it');
is($two->{status}, 400, 'the second has waited, and is judged by what it left');
like($two->{body}, qr/RECORD_LOCKED/, 'locked');
is_deeply([by()], ['left'], 'one effect');



# --- many records at once: their leases are taken together, or none is

sub bulk {
    my ($nginx, $by, @ids) = @_;

    return http(PUT => '/crm/v8/Deals', port => $nginx->{port}, timeout => 30,
                body => '{"data":[' . join(',', map { "{\"id\":\"$_\",\"By\":\"$by\"}" } @ids) . ']}');
}

sub leases { return @{ redis('KEYS', 'crm:{acme}:busy:*') } }

crm_seed('Deals', $_, '{"By":"nobody","Stage":"New"}') for 201 .. 240;
crm_hold(method => 'PUT', times => 1);
crm_clear_log();
($one, $two) = in_parallel(2, sub {
    return bulk($right, 'right', 201 .. 220) if $_[0] == 0;
    wait_for { crm_writes() } 'the first at the backend';

    my $r = bulk($left, 'left', reverse 220 .. 240);

    crm_release();
    return $r;
});
is($one->{status}, 200, 'a bulk of twenty is done');
is($two->{status}, 409, 'one that shares a record with it waits for crm_lease_wait, and is refused');
like($two->{body}, qr/"code":"RECORD_BUSY"/, 'in the words of the dialect');
is(scalar crm_writes(), 1, 'nothing of it was forwarded');
is(scalar(leases()), 0, 'nor leased');
my $again = bulk($left, 'left', reverse 220 .. 240);

is($again->{status}, 200, 'it comes again') or diag($again->{body}, $again->{error}, $left->error_log);

my $seed = defined $ENV{CRM_TEST_SEED} ? $ENV{CRM_TEST_SEED} : time;

note("CRM_TEST_SEED=$seed");
crm_clear_log();

# In rounds they meet before each, so that they take the same records in the
# opposite order at once.
my $rounds = 40;
my @got = in_parallel(2, sub {
    my ($i) = @_;

    srand $seed;

    return [ map {
        my @ids = grep { rand() < 0.5 } 201 .. 240;
        my @mine = $i ? reverse(@ids) : @ids;

        redis('RPUSH', "meet:$_:" . (1 - $i), 'here');
        redis('BLPOP', "meet:$_:$i", 20) or die "alone\n";
        bulk(($left, $right)[$i], "$i", @mine)->{status}
    } 1 .. $rounds ];
});

is_deeply([ grep { !/^(?:200|409)$/ } map { @$_ } @got ], [], 'bulks in opposite orders are done, or wait in vain');
is(scalar(grep { $got[1][$_] == 200 } 0 .. $rounds - 1), $rounds, 'none hinders the other for good: who waits longer is done each time');
is(scalar crm_writes(), scalar(grep { $_ == 200 } map { @$_ } @got), 'the backend has seen those that were told so');
is(scalar(leases()), 0, 'no lease is left');
ok(all_ended(), 'nor an intent');


# --- row 97: a lease that ends before the backend has answered

crm_seed('Deals', 97, '{"Stage":"New"}');
redis('HSET', 'crm:{acme}:record:Deals/97', 'lock', '["won"]');
redis('DEL', 'crm:{acme}:queue:webhooks');
($one, $two) = one_after_another_97();

sub one_after_another_97 {
    crm_clear_log();
    crm_hold(method => 'PUT', times => 1);

    return in_parallel(2, sub {
        return http(PUT => '/crm/v8/Deals/97', port => $right->{port}, body => '{"data":[{"By":"first"}]}')
            if $_[0] == 0;
        wait_for { crm_writes() } 'the first at the backend';
        redis('DEL', 'crm:{acme}:busy:Deals/97');

        my $r = http(PUT => '/crm/v8/Deals/97', port => $left->{port}, body => '{"data":[{"By":"second"}]}');

        redis('HSET', 'crm:{acme}:record:Deals/97', 'lock', '["won"]');
        crm_release();
        return $r;
    });
}

is($one->{status}, 200, 'row 97: the first gets the answer of the backend');
like($one->{body}, qr/"SUCCESS"/, 'row 97: as it came');
is($one->{headers}{'crm-event-state'}, undef, 'row 97: nothing is pending');
is_deeply([ map { "$_->{method} $_->{target} $_->{body}" } crm_writes() ],
          [ map { "PUT /crm/v8/Deals/97 {\"data\":[{\"By\":\"$_\"}]}" } 'first', 'second' ], 'row 97: it has seen both, each once');
is_deeply([ sort(by()) ], [ 'first', 'second' ], 'row 97: the jobs of both are there');
is(redis('HGET', 'crm:{acme}:record:Deals/97', 'lock'), '["won"]', 'row 97: its state is not: the record was another\'s');
is(http(GET => '/crm_status', port => $right->{port})->{body} =~ /"late":(\d+)/ && $1, 1, 'row 97: it is counted');
like($right->error_log, qr/the lease was lost, jobs are queued but the record's marks are not/, 'row 97: and logged');
ok(all_ended(), 'row 97: no intent is left');

is($_->stop, undef, "$_->{name} has ended well") for $left, $right;

done_testing();
