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

# While the first is at the backend the second comes to the other host.
sub one_after_another {
    my ($first, $one, $second, $two) = @_;

    redis('DEL', 'crm:{acme}:queue:webhooks');
    crm_clear_log();
    crm_delay(ms => 1000, method => 'PUT', times => 1);

    return in_parallel(2, sub {
        my ($i) = @_;

        return put($first, $one) if $i == 0;
        wait_for { crm_writes() } 'the first at the backend';
        return put($second, $two);
    });
}

put($_, '{"By":"start"}') for $left, $right;       # both have their rules

crm_seed('Deals', 1, '{"Stage":"New"}');
my ($one, $two) = one_after_another($right, '{"By":"right"}', $left, '{"By":"left"}');

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

is($_->stop, undef, "$_->{name} has ended well") for $left, $right;

done_testing();
