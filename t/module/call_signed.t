# An event that crm-worker tells of, as a call through the guarded location: by its
# signature, and for that record alone. It would fail by a client that counts
# events as automation, or by an event that reaches the CRM as a write.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Chain;
use Test::CRM::Jobs qw(key);

my $id = '4150868000000000001';

redis_start();
crm_start();
crm_rules(<<'EOR');
kind: scoring_rule
name: Fit
module: Leads
write_to: { score: Score }
touch_point_rules: [ { event: email_sent, score: 3 } ]
---
kind: scoring_rule
name: Kept
module: Deals
touch_point_rules: [ { event: email_sent, score: 2 } ]
EOR

my $key = chain_key_file();

nginx_start(extra => "crm_chain_key_file $key;");

crm_seed($_, $id, '{"Last_Name":"Lee"}') for qw(Leads Deals Contacts);

my $body = '{"event":"email_sent","id":"job-1"}';

# An event of %o: module, body, query, call (the header CRM-Call) and what
# chain_header() takes.
sub event {
    my %o = (module => 'Leads', body => $body, query => '', call => 'scores', ignore_lock => 1, @_);

    my $target = "/crm/v8/$o{module}/$id$o{query}";
    my @chain = $o{unsigned} ? () : ('CRM-Chain' => chain_header(method => 'POST', target => $target, %o, %{ $o{signed} || {} }));

    return http(POST => $target, body => $o{body}, headers => [ @chain, 'CRM-Call' => $o{call} ]);
}

sub stored { return json_decode(crm_record('Leads', $id))->{Score} }

my $r = event(job => 'a', attempt => 1);
is($r->{status}, 200, 'an event that is signed') or diag $r->{body};
is(json_decode($r->{body})->{counted}, json_decode('true'), 'is counted');
is(stored(), 3, 'and the record says so');

my ($write) = crm_writes();
is($write->{method}, 'PUT', 'by an update');
is($write->{header}{'crm-call'}, undef, 'that knows nothing of the call');

$r = event(job => 'b', attempt => 1);
is(json_decode($r->{body})->{counted}, json_decode('false'), 'the same event of another job is not');

$r = event(job => 'c', attempt => 1, module => 'Deals');
is($r->{status}, 200, 'where Redis keeps the score') or diag $r->{body};
is(redis('HGET', key("record:Deals/$id"), 'touch+Kept'), 2, 'it is counted, too');
is(event(job => 'c', attempt => 2, module => 'Deals', expires => int(time * 1000) + 55_000)->{headers}{'crm-event-state'}, 'committed',
   'and its next attempt learns that it was');
is(redis('HGET', key("record:Deals/$id"), 'touch+Kept'), 2, 'and counts no more');

crm_clear_log();

my $other = '{"event":"email_sent","id":"job-2"}';

for my $case (
    [ 'without a signature', 404, unsigned => 1 ],
    [ 'by another key', 403, key => 'another key, of thirty-two bytes and more' ],
    [ 'signed for another record', 403, signed => { target => "/crm/v8/Leads/9$id" } ],
    [ 'signed with another body', 403, signed => { body => $body } ],
    [ 'by a call of another name', 404, call => 'locks' ],
    [ 'with a query', 404, query => '?a=b' ],
    [ 'that has no name', 400, body => '{"id":"job-3"}' ],
    [ 'that no rule counts', 400, body => '{"event":"email_opened","id":"job-3"}' ],
    [ 'of a module without scoring rules', 400, module => 'Contacts' ],
) {
    my ($name, $status, %o) = @$case;
    my $r = event(body => $other, %o);

    is($r->{status}, $status, "an event $name is refused") or diag $r->{body};
}

is(scalar(crm_writes()), 0, 'and nothing of that reaches the CRM');
is(stored(), 3, 'nor counts');
is(redis('HGET', key("record:Leads/$id"), 'touch+Fit'), 3, 'in Redis either');

is(nginx_stop(), undef, 'nginx stops, clean');
done_testing();
