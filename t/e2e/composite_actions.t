# Actions in a composite: each is judged as what it does to the records that it
# names, as it would be by itself, and refused or forwarded as it came. Fails
# when a locked record is tagged, converted or given away by way of a composite,
# when an action that nothing restricts is kept back, when one that is refused
# keeps the others back, or when a lease outlives the answer.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs qw(key);
use Test::CRM::Recovery;

redis_start();
crm_start();
receiver_start();

crm_rules(<<'EOR');
kind: record_locking
module: Deals
lock_type: automatic
restricted_actions: [update, delete, tags]
locking_rules:
  - name: won
    lock_existing_records: true
    criteria: { field: Stage, comparator: equal, value: Won }
---
kind: workflow_rule
name: edited
module: Deals
execute_when: { type: create_or_edit }
conditions:
  - criteria: null
    instant_actions: [ { type: webhooks, name: tell }, { type: field_updates, field: Rating, value: Known } ]
---
kind: record_locking
module: Leads
lock_type: automatic
restricted_actions: [update, convert]
locking_rules:
  - name: kept
    lock_existing_records: true
    criteria: { field: Kept, comparator: equal, value: "yes" }
---
kind: approval_process
name: discount
module: Quotes
execute_when: create_or_edit
rules:
  - criteria: { field: Discount, comparator: greater_than, value: 20 }
    approvers: [ { type: user, id: u9 } ]
    approval_mode: anyone
---
kind: user
id: u9
name: Nine
email: nine@example.test
profile: Standard
status: active
---
kind: profile
name: Standard
permissions: []
---
kind: webhook
name: tell
module: Deals
url: $HOOK/deal
http_method: POST
body: { type: raw, format: JSON, content: '{"id":"${!Deals.id}"}' }
EOR

nginx_start(workers => 1, extra => 'crm_max_records 6; crm_backend_max_time 3s; crm_lease_wait 300ms;',
            http => 'proxy_read_timeout 1s;' . crm_http_config('timeout=3s'));
nginx_ready('Deals');

my @json = (headers => ['Content-Type' => 'application/json', 'X-CRM-User' => 'u1']);

sub inner {
    my ($method, $uri, $body, $more) = @_;

    return qq({"method":"$method","uri":"/crm/v8/$uri") . (defined $body ? qq(, "body":$body) : '') . ($more // '') . '}';
}

sub again {
    redis('DEL', key('queue:webhooks'), key('trace'));
    crm_reset();
    crm_seed('Deals', $_, '{"Stage":"Open"}') for 1 .. 4;
    crm_seed('Deals', $_, '{"Stage":"Won"}') for 11 .. 13;
    crm_seed('Leads', 21, '{"Last_Name":"A","Kept":"no"}');
    crm_seed('Leads', 22, '{"Last_Name":"B","Kept":"yes"}');
    crm_seed('Contacts', 31, '{}');
    crm_clear_log();
}

sub composite {
    my ($list, $more, @how) = @_;

    return http('POST', '/crm/v8/__composite_requests', @json, @how,
                body => '{' . ($more // '') . '"__composite_requests":[' . join(', ', @$list) . ']}');
}

sub responses { return map { $_->{details}{response} } @{ json_decode($_[0]{body})->{__composite_responses} || [] } }

sub told {
    my ($r) = @_;

    return join ' | ', map {
        my $body = $_->{body} || {};
        join ' ', $_->{status_code}, map { $_->{code} // '-' } ref $body->{data} ? @{ $body->{data} } : $body;
    } responses($r);
}

sub jobs { return join ', ', map { $_->{record_id} } map { json_decode($_) } @{ redis('LRANGE', key('queue:webhooks'), 0, -1) } }
sub sent { return (crm_writes())[-1]{body} }
sub got  { return join ' ', map { $_->{target} =~ m{/v8/(.*)} } grep { $_->{method} eq 'GET' } crm_log() }

sub quiet {
    my ($what) = @_;

    ok(all_ended(), "$what: no intent is left");
    is(join(' ', leases()), '', "$what: no record is leased");
}

sub untouched {
    my ($what) = @_;

    is(scalar(crm_writes()), 0, "$what: the backend was sent no write");
    is(jobs(), '', "$what: no action follows");
    quiet($what);
}

sub tag { return inner('POST', "Deals/$_[0]/actions/add_tags", '{"tags":[{"name":"x"}]}', $_[1]) }


# Named by the path.

again();
my @list = (tag(1), tag(11, ',"sub_request_id":"b"'), inner('POST', 'Leads/21/actions/convert', '{"data":[{}]}'),
            inner('POST', 'Leads/22/actions/convert', '{"data":[{}]}'), inner('PUT', 'Deals/2', '{"data":[{"A":1}]}'));
my $r = composite(\@list);

is($r->{status}, 207, 'some are done, some are refused');
is(told($r), '200 SUCCESS | 400 RECORD_LOCKED | 200 SUCCESS | 400 RECORD_LOCKED | 200 SUCCESS',
   'tags, tags of a locked record, two conversions, an update: each as it would be by itself');
is((responses($r))[1]{body}{locked_count}, 1, 'a refusal of tags counts what is locked, as the vendor does');
is((responses($r))[3]{body}{data}[0]{details}{id}, 22, 'a refusal names its record');
is(json_decode($r->{body})->{__composite_responses}[1]{sub_request_id}, 'b', 'and its request');
(my $laid = $list[4]) =~ s/"A":1/"A":1,"Rating":"Known"/;
is(sent(), '{"__composite_requests":[' . join(', ', @list[0, 2], $laid) . ']}',
   'refused ones are cut out, actions go as they came, the update with what rules set');
is(got(), 'Deals?ids=1,11,2 Leads?ids=21,22', 'one read of each module');
is(jobs(), '2', 'what is written has its actions, an action has none');
is(join(' ', sort map { join ':', @{ json_decode($_->[1][1]) }{qw(decision record_id)} } @{ redis('XRANGE', key('trace'), '-', '+') }),
   'allowed:2 refused:11 refused:22', 'nor a trace, unless it is refused');
like(crm_record('Deals', 1), qr/"x"/, 'the open one is tagged');
unlike(crm_record('Deals', 11), qr/"x"/, 'the locked one is not');
quiet('by path');

again();
$r = composite([ tag(1), tag(2), inner('GET', 'Contacts/31') ]);
is(told($r), '200 SUCCESS | 200 SUCCESS | 200 -', 'actions alone');
is(sent(), '{"__composite_requests":[' . join(', ', tag(1), tag(2), inner('GET', 'Contacts/31')) . ']}', 'go out to the byte');
quiet('actions alone');

again();
$r = composite([ tag(11), inner('GET', 'Contacts/31') ]);
is(told($r), '400 RECORD_LOCKED | 200 -', 'a refused one beside a read');
quiet('beside a read');

again();
$r = composite([ tag(11), tag(12) ]);
is($r->{status}, 400, 'all refused');
is(told($r), '400 RECORD_LOCKED | 400 RECORD_LOCKED', 'each with its own answer');
untouched('all refused');

again();
$r = composite([ inner('POST', 'Deals/11/actions/change_owner', '{"owner":{"id":"5"}}'), tag(31), inner('POST', 'Contacts/31/actions/add_tags', '{}') ]);
unlike(told($r), qr/RECORD_LOCKED/, 'what no lock restricts passes, and so does what no rule guards');
is(scalar(grep { $_->{target} =~ /composite/ } crm_writes()), 1, 'to the backend');
quiet('unrestricted');


# Named by a list.

again();
@list = (inner('POST', 'Deals/actions/add_tags?ids=1,2', '{"tags":[]}'), inner('POST', 'Deals/actions/remove_tags', '{"ids":["3","12"]}'),
         inner('POST', 'Deals/actions/mass_update', '{"ids":["11","13"],"data":[{"A":1}]}'));
$r = composite(\@list);
is($r->{status}, 400, 'by lists: none is done, since this CRM knows no such route');
is((told($r) =~ s/^\d+ \w+ \| //r), '400 RECORD_LOCKED | 400 RECORD_LOCKED RECORD_LOCKED',
   'one locked record refuses its action, for the others too; where all are, each says so');
is(sent(), "{\"__composite_requests\":[$list[0]]}", 'the free one is forwarded');
is(got(), 'Deals?ids=1,2,3,12,11,13', 'all are read at once');
quiet('by lists');

for (['a view', '{"cvid":"7"}'], ['criteria', '{"ids":["1"],"criteria":{}}'], ['nothing', '{}'], ['no body', undef]) {
    my ($what, $body) = @$_;

    again();
    $r = composite([ inner('POST', 'Deals/actions/mass_update', $body), inner('PUT', 'Deals/1', '{"data":[{"A":1}]}') ]);
    is(told($r), '400 RECORD_LOCKED | 200 SUCCESS', "$what: nobody can tell its records, it alone is refused");
    is(scalar(@{ json_decode(sent())->{__composite_requests} }), 1, "$what: and not sent");
    quiet($what);
}

again();
$r = composite([ inner('POST', 'Deals/actions/mass_update', '{"ids":["01"]}'), inner('POST', 'Deals/actions/mass_update', '{"ids":'),
                 tag(1) ]);
is($r->{status}, 400, 'a body that is no JSON refuses all');
untouched('no JSON');

again();
$r = composite([ inner('POST', 'Deals/actions/mass_update', '{"ids":["01"]}'), inner('POST', 'Deals/actions/mass_update', '{"ids":7}'), tag(1) ]);
is(told($r), '400 INVALID_DATA | 400 INVALID_DATA | 200 SUCCESS', 'ids that are none, a list that is none');
quiet('bad lists');

again();
$r = composite([ inner('POST', 'Deals/actions/mass_update', '{"ids":["1","2","3","4","5","6","7"]}') ]);
is($r->{status} . ' ' . json_decode($r->{body})->{code}, '400 LIMIT_EXCEEDED', 'too many records refuse all');
untouched('too many');


# Nobody can tell, another module, another spelling, done here.

again();
$r = composite([ inner('POST', 'Deals/1/actions/merge', '{}'), inner('PUT', 'Contacts/31/Deals/1', '{}'), inner('POST', 'deals/11/actions/add_tags', '{}'),
                 inner('POST', 'Quotes/5/actions/approvals', '{"action":"approve"}'), tag(1) ]);
is(told($r), '400 RECORD_LOCKED | 400 RECORD_LOCKED | 400 INVALID_URL_PATTERN | 400 NOT_APPROVED | 200 SUCCESS',
   'a merge, a record of another module, a misspelt module, a call on an approval');
is(sent(), '{"__composite_requests":[' . tag(1) . ']}', 'only the good one is sent');
quiet('nobody can tell');


# One for all.

again();
$r = composite([ tag(1), tag(11) ], '"rollback_on_fail":true,');
is("$r->{status} " . json_decode($r->{body})->{data}[0]{code}, '400 RECORD_LOCKED', 'rollback_on_fail: one refuses all');
untouched('rollback_on_fail');

again();
$r = composite([ inner('GET', 'Contacts/31'), inner('POST', 'Deals/1/actions/add_tags', '{"tags":[{"name":"@{1:$.x}"}]}') ]);
is("$r->{status} " . json_decode($r->{body})->{code}, '400 INVALID_DATA', 'an action that an earlier answer fills in, where rules judge');
untouched('a reference');

again();
$r = composite([ tag(1), inner('POST', 'Contacts', '{"data":[{"N":"@{1:$.data[0].details.id}"}]}') ]);
is(told($r), '200 SUCCESS | 201 SUCCESS', 'what refers to the answer of an action goes on with it');
$r = composite([ tag(11), inner('POST', 'Contacts', '{"data":[{"N":"@{1:$.data[0].details.id}"}]}') ]);
is(json_decode($r->{body})->{data}[0]{code}, 'RECORD_LOCKED', 'and not without it');

for (['an action and an update', tag(1), inner('PUT', 'Deals/1', '{"data":[{"Stage":"Won"}]}')], ['two actions', tag(2), tag(2)]) {
    my ($what, @two) = @$_;

    again();
    $r = composite(\@two);
    is("$r->{status} " . json_decode($r->{body})->{code}, '400 INVALID_DATA', "$what of one record: which is first?");
    untouched($what);
}


# Faults.

for my $fault ([ fault => 'status', status => 500 ], [ fault => 'garbage' ], [ fault => 'truncate' ], [ fault => 'reset' ], [ fault => 'silent' ])
{
    again();
    crm_fail(@$fault, method => 'GET');
    is(composite([ tag(1), tag(11) ])->{status}, 503, "@$fault: a record that cannot be read closes");
    untouched("@$fault");
}

again();
redis('SET', key('busy:Deals/1'), 'another', 'PX', 60_000);
is(composite([ tag(1), tag(2) ])->{status}, 409, 'a record that another write holds');
is(scalar(crm_writes()), 0, 'nothing is sent');
redis('DEL', key('busy:Deals/1'));
quiet('busy');

again();
redis_pause();
is(composite([ tag(1) ], '', timeout => 30)->{status}, 503, 'Redis that does not answer closes');
redis_resume();
wait_for { eval { redis('PING') } } 'Redis';
is(scalar(crm_writes()), 0, 'nothing is sent');
wait_for { !leases() && !intents() } 'what Redis heard too late is taken back';

again();
crm_hold(method => 'GET');
my $s = begin_write('POST', '__composite_requests', '{"__composite_requests":[' . tag(1) . ']}');
wait_for { crm_log() } 'the read';
is(scalar(leases()), 1, 'while it is read, the record is leased');
close $s;
wait_for { !leases() && !intents() } 'a client that leaves takes its lease along';
crm_release();
is(scalar(crm_writes()), 0, 'and nothing is sent');

# Without an answer the lease stands; recovery settles what else there was.

again();
crm_fail(fault => 'silent', commit => 1, method => 'POST', match => '__composite');
is(composite([ tag(1), inner('PUT', 'Deals/2', '{"data":[{"A":1}]}') ])->{status}, 504, 'done, and no answer');
is_deeply([ sort map { /(\w+)$/ } leases() ], [ 1, 2 ], 'both records stay leased');
my ($event) = intents();

worker_start('--backend', backend_url());
due_now($event);
wait_for { !intents() && !undetermined() } 'recovery';
is(settled_as($event), 'committed', 'the update is found done');
wait_for { hooks() } 'its webhook';
is(join(' ', map { json_decode($_->{body})->{id} } hooks()), '2', 'and its action follows, once');

again();
redis('DEL', leases()) if leases();
crm_fail(fault => 'silent', commit => 1, method => 'POST', match => '__composite');
is(composite([ tag(1) ])->{status}, 504, 'an action alone, and no answer');
($event) = intents();
due_now($event);
wait_for { !intents() && !undetermined() } 'recovery';
is(settled_as($event), 'aborted', 'there is nothing to settle');
worker_stop();
is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();
