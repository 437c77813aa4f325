# A transition that runs by itself: its time counts from the state's first
# moment, the worker runs it by the guarded location, and what it leads to is
# as if somebody had run it. It would fail by a record that stays, by one that
# is moved although it has moved on, or by an action twice.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Chain;
use Test::CRM::Jobs;
use Test::CRM::Recovery;

redis_start();
crm_start();
receiver_start();
crm_rules(<<'EOT');
kind: blueprint
name: Pipeline
module: Deals
field: Stage
blueprint_auto_transition: true
transitions:
  - { id: propose, name: Send, from: [New], to: Proposal }
  - { id: back, name: Back, from: [Proposal], to: New }
  - id: expire
    name: Expire
    from: [Proposal]
    to: Lost
    before: { criteria: { field: Frozen, comparator: not_equal, value: true } }
    after: [ { type: webhooks, name: tell } ]
    automatic_after: { unit: 30, period: days }
---
kind: webhook
name: tell
module: Deals
url: $HOOK/tell
http_method: POST
body: { type: raw, format: JSON, content: '{"id":"${!Deals.id}","stage":"${!Deals.Stage}"}' }
EOT

my $key = chain_key_file();

nginx_start(extra => "crm_chain_key_file $key;");

sub put {
    my ($id, $fields) = @_;
    my $r = http(PUT => "/crm/v8/Deals/$id", body => qq({"data":[$fields]}));

    is($r->{status}, 200, "$id: $fields") or diag $r->{body};
    wait_for { redis('ZCARD', key('intents')) == 0 } 'the end of the write';

    return $r->{headers}{'crm-event'};
}

sub state_of {
    my $kept = redis('HGET', key("record:Deals/$_[0]"), 'blueprint') // '';

    return join ' ', map { $kept =~ /"$_":"([^"]*)"/ ? $1 : '-' } qw(state transition);
}

sub delayed { return @{ redis('ZRANGE', key('delayed'), 0, -1) } }
sub let_out { redis('ZADD', key('delayed'), 'XX', 1, $_) for delayed() }
sub once    { return worker_once('--backend', guarded_url(), '--chain-key-file', $key) }

# How the transitions that were due and did not run are told.
sub told {
    return grep { /"decision":"cancelled"/ }
           map { $_->[1][1] } @{ redis('XRANGE', key('trace'), '-', '+') };
}

crm_seed('Deals', $_, '{"Stage":"New","Amount":1,"Frozen":false}') for 1 .. 4;


# --- it runs -------------------------------------------------------------------------

put(1, '{"Amount":2}');
is(scalar(delayed()), 0, 'no time counts where nothing runs by itself');

put(1, '{"Stage":"Proposal"}');
is(scalar(delayed()), 1, 'from the first moment in the state');

my $due = redis('ZSCORE', key('delayed'), (delayed())[0]);

ok(abs($due - (time + 30 * 86_400) * 1000) < 60_000, 'thirty days');

let_out();
once();
once();
wait_for { hooks() } 'what stands behind it';
is(json_decode(crm_record('Deals', '1'))->{Stage}, 'Lost', 'the record has moved');
is(state_of(1), 'Lost expire', 'by the transition');
is(join(' ', map { $_->{body} } hooks()), '{"id":"1","stage":"Lost"}', 'and is told of, once');
is(scalar(@{ redis('LRANGE', key('dead'), 0, -1) }), 0, 'nothing is dead');


# --- it has moved on ------------------------------------------------------------------

hooks_reset();
put(2, '{"Amount":2}');
put(2, '{"Stage":"Proposal"}');
put(2, '{"Stage":"New"}');
let_out();
once();
is(json_decode(crm_record('Deals', '2'))->{Stage}, 'New', 'a record that has moved on stays where it is');
like(join("\n", told()), qr/moved_on/, 'and the trace says so');

# away and back: the time of the first stay is none of the second's

put(2, '{"Stage":"Proposal"}');
my ($first) = delayed();
put(2, '{"Stage":"New"}');
put(2, '{"Stage":"Proposal"}');
is(scalar(delayed()), 2, 'two stays, two times');
redis('ZADD', key('delayed'), 'XX', 1, $first);
once();
is(json_decode(crm_record('Deals', '2'))->{Stage}, 'Proposal', 'the second stay goes on');
is(scalar(told()), 2, 'the first has ended, quietly');
is(scalar(@{ redis('LRANGE', key('dead'), 0, -1) }), 0, 'nothing is dead');
redis('DEL', key('delayed'));


# --- the guard of nginx stands too ----------------------------------------------------

put(3, '{"Amount":2}');
my $event = put(3, '{"Stage":"Proposal"}');

sub chained {
    my ($stay, $to) = @_;

    return chain_write(PUT => '/crm/v8/Deals/3', qq({"data":[{"Stage":"$to"}]}),
                       fired => ['blueprint:Pipeline'], transition => 'expire', stay => $stay);
}

is(chained('01JD0000000000000000000000', 'Lost')->{status}, 400, 'of another stay it is refused');
is(chained($event, 'New')->{status}, 400, 'and to another state');
is(json_decode(crm_record('Deals', '3'))->{Stage}, 'Proposal', 'the record stays');
is(chained($event, 'Lost')->{status}, 200, 'its own passes');
is(state_of(3), 'Lost expire', 'and makes the transition');


# --- killed in between ------------------------------------------------------------------

hooks_reset();
redis('DEL', key('delayed'), key('queue:webhooks'));
put(4, '{"Amount":2}');
put(4, '{"Stage":"Proposal"}');
crm_freeze();
let_out();

my $pid = spawn(name => 'first', env => Test::CRM::worker_env(),
                cmd => worker_command('--backend', guarded_url(), '--lease', '1s', '--chain-key-file', $key));

wait_for { redis('ZCARD', key('lease')) } 'a worker that has it', 20;
kill 'KILL', $pid;
wait_for { !is_alive($pid) } 'its end';
crm_thaw();

$pid = spawn(name => 'second', env => Test::CRM::worker_env(),
             cmd => worker_command('--backend', guarded_url(), '--lease', '1s', '--chain-key-file', $key));

wait_for { hooks() } 'what stands behind it, by another worker', 30;
wait_for { redis('ZCARD', key('lease')) == 0 } 'the end of what was leased', 20;
is(state_of(4), 'Lost expire', 'the record has moved');
is(scalar(hooks()), 1, 'and is told of once');
kill 'TERM', $pid;
wait_for { !is_alive($pid) } 'the end of the second';

done_testing();
