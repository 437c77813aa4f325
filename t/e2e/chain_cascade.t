# Rules whose effects start rules, through nginx, Redis, worker and CRM and round
# again: a chain goes on as far as cascade lets it, no rule runs in it twice, none
# goes deeper than five writes, and the trace says where it ended. It would fail by
# a chain that never ends, or by one that ends unseen.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Chain;
use Test::CRM::Jobs qw(key dead);

redis_start();
crm_start();

sub rule {
    my ($name, $on, $set, $cascade) = @_;

    return <<"EOT";
kind: workflow_rule
name: $name
module: Deals
execute_when:
  type: field_update
  details: { repeat: true, criteria: { field: $on, comparator: equal, value: "\${ANYVALUE}" } }
conditions:
  - criteria: null
    instant_actions: [ { type: field_updates, field: $set, value: { merge: "\${!Deals.$on}+" }, mode: async } ]
cascade: $cascade
---
EOT
}

# A: X to Y and back; and a long one, of which each rule sets what the next waits for.
crm_rules(rule('a', 'X', 'Y', 'true') . rule('b', 'Y', 'X', 'true')
          . join('', map { rule("step $_", "F$_", 'F' . ($_ + 1), 'true') } 1 .. 7)
          . rule('self', 'Z', 'Z', 'true') . rule('quiet', 'P', 'Q', 'false') . rule('never', 'Q', 'R', 'true'));

my $file = chain_key_file();

nginx_start(extra => "crm_chain_key_file $file;");
worker_start('--backend', guarded_url(), '--chain-key-file', $file);

sub put { return http(PUT => '/crm/v8/Deals/1', body => "{\"data\":[$_[0]]}") }

sub traces {
    return map { json_decode($_->[1][1]) } @{ redis('XRANGE', key('trace'), '-', '+') };
}

# Nothing is queued, under a lease, delayed or under way.
sub quiet {
    return !grep { $_ } redis('LLEN', key('queue:records')), redis('LLEN', key('ready:records')),
        redis('ZCARD', key('lease')), redis('ZCARD', key('delayed')), redis('ZCARD', key('intents'));
}

sub run {
    my ($json) = @_;

    redis('DEL', key('trace'));
    crm_seed('Deals', '1', '{"X":"","Y":"","Z":"","P":"","Q":"","R":"",'
             . join(',', map { "\"F$_\":\"\"" } 1 .. 8) . '}');
    crm_clear_log();
    is(put($json)->{status}, 200, "$json is answered 200");
    wait_for { quiet() } 'the chain has ended', 20;

    return json_decode(crm_record('Deals', '1'));
}

my $record = run('{"X":"1"}');

is($record->{Y}, '1+', 'a rule sets a field');
is($record->{X}, '1++', 'which starts another one');
is(scalar(crm_writes()), 3, 'F38, T35: and there the chain ends: the first would be the second of its kind');

my @traces = traces();

is_deeply([ map { $_->{chain}{depth} } @traces ], [ 0, 1, 2 ], 'the writes stand one behind the other');
is_deeply($traces[2]{chain}{parents}, [ 'a', 'b' ], 'by the rules that led to them');
is($traces[2]{chain}{root}, $traces[0]{event_id}, 'and by the write that began it');
is_deeply([ map { [ @{$_}{qw(name reason)} ] } @{ $traces[2]{rules} } ],
          [ [ 'a', 'loop_stopped' ] ], 'F38, T35: the last one says which rule was stopped');

$record = run('{"Z":"1"}');
is($record->{Z}, '1+', 'F38: a rule whose effect would start it has it once');
is(scalar(crm_writes()), 2, 'F38: and no more');
is_deeply([ map { $_->{reason} } @{ (traces())[-1]{rules} } ], ['loop_stopped'], 'F38: the trace says why');

$record = run('{"F1":"1"}');
is($record->{F6}, '1+++++', 'five writes follow one');
is($record->{F7}, '', 'F38: and no sixth');
is(scalar(crm_writes()), 6, 'the CRM has seen no more');
@traces = traces();
is($traces[-1]{chain}{depth}, 5, 'the last is five deep');
is_deeply([ map { [ @{$_}{qw(name reason)} ] } @{ $traces[-1]{rules} } ],
          [ [ 'step 6', 'loop_stopped' ] ], 'and says what would have followed');

$record = run('{"P":"1"}');
is($record->{Q}, '1+', 'without cascade the effect is written');
is($record->{R}, '', 'and starts nothing');
is_deeply([ dead() ], [], 'nothing is dead');

is(worker_stop(), 0, 'the worker stops');
is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();
