# Upserts in a composite: each record is looked up by its values, judged as the
# create or the update that it is, and a found one goes out by its id, as in an
# upsert by itself. Fails when a locked record is reached by a value in a
# composite, when two requests in one could mean the same record and go out,
# when a look-up that says nothing lets a write through, or when the lease of a
# value outlives the answer.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs qw(key);
use Test::CRM::Recovery;
use Test::CRM::Upsert;

redis_start();
crm_start();
receiver_start();

crm_rules(upsert_rules() . <<'EOR');
kind: record_locking
module: Vendors
lock_type: automatic
restricted_actions: [update]
locking_rules:
  - name: kept
    lock_existing_records: true
    criteria: { field: Kept, comparator: equal, value: "yes" }
---
kind: workflow_rule
name: named
module: Vendors
execute_when: { type: edit }
conditions:
  - criteria: { field: City, comparator: equal, value: Bonn }
    instant_actions: [ { type: field_updates, field: Vendor_Name, value: Other } ]
EOR

nginx_start(workers => 1, extra => 'crm_max_records 8; crm_backend_max_time 3s; crm_lease_wait 300ms;',
            http => 'proxy_read_timeout 1s;' . crm_http_config('timeout=3s'));
nginx_ready('Leads');

my @json = (headers => ['Content-Type' => 'application/json']);

sub inner {
    my ($method, $uri, $body, $more) = @_;

    return qq({"method":"$method","uri":"/crm/v8/$uri") . (defined $body ? qq(, "body":$body) : '') . ($more // '') . '}';
}

sub upsert {
    my ($data, $more, $module) = @_;

    return inner('POST', ($module || 'Leads') . '/upsert', "{\"data\":$data" . ($more // ',"duplicate_check_fields":["Email"]') . '}');
}

sub again {
    redis('DEL', key('queue:webhooks'));
    crm_reset();
    crm_seed('Leads', 1, '{"Email":"locked@x","Lead_Status":"Closed","Phone":"11"}');
    crm_seed('Leads', 2, '{"Email":"free@x","Lead_Status":"Open","Phone":"22"}');
    crm_seed('Leads', 3, '{"Email":"twin@x","Lead_Status":"Open"}');
    crm_seed('Leads', 4, '{"Email":"twin@x","Lead_Status":"Open"}');
    crm_seed('Leads', 5, '{"Email":"other@x","Lead_Status":"Open"}');
    crm_seed('Vendors', 6, '{"Vendor_Name":"Six","Kept":"no"}');
    crm_seed('Vendors', 7, '{"Vendor_Name":"Seven","Kept":"yes"}');
    crm_seed('Contacts', 31, '{}');
    crm_clear_log();
}

sub composite {
    my ($list, $more, @how) = @_;

    return http('POST', '/crm/v8/__composite_requests', @json, @how,
                body => '{' . ($more // '') . '"__composite_requests":[' . join(', ', @$list) . ']}');
}

sub told {
    my ($r) = @_;

    return join ' | ', map {
        my $body = $_->{body} || {};
        join ' ', $_->{status_code}, map { ($_->{code} // '-') . ($_->{action} ? " $_->{action}" : '') }
            ref $body->{data} ? @{ $body->{data} } : $body;
    } map { $_->{details}{response} } @{ json_decode($r->{body})->{__composite_responses} || [] };
}

sub jobs { return join ', ', map { "$_->{action}{name} $_->{record_id}" } map { json_decode($_) } @{ redis('LRANGE', key('queue:webhooks'), 0, -1) } }
sub sent { return (crm_writes())[-1]{body} }
sub got  { return join ' ', map { $_->{target} =~ m{/v8/(.*)} } grep { $_->{method} eq 'GET' } crm_log() }
sub all_of { return '{"__composite_requests":[' . join(', ', @_) . ']}' }

sub quiet {
    my ($what) = @_;

    ok(all_ended(), "$what: no intent is left");
    is(join(' ', leases()), '', "$what: neither record nor value is leased");
}

sub untouched {
    my ($what) = @_;

    is(scalar(crm_writes()), 0, "$what: the backend was sent no write");
    is(jobs(), '', "$what: no action follows");
    quiet($what);
}


# Found, locked, new; beside requests of other kinds.

again();
my $r = composite([ upsert('[{"Email":"free@x","City":"Bonn"},{"Email":"LOCKED@x"},{"Email":"new@x"}]'), inner('GET', 'Contacts/31'),
                    inner('PUT', 'Leads/5', '{"data":[{"City":"Ulm"}]}'), upsert('[{"Vendor_Name":"Seven","A":1}]', '', 'Vendors') ]);
is($r->{status}, 207, 'some are written');
is(told($r), '207 SUCCESS update RECORD_LOCKED SUCCESS insert | 200 - | 200 SUCCESS | 400 RECORD_LOCKED',
   'each record is what it would be in an upsert by itself');
my ($new) = map { $_->{body}{data}[2]{details}{id} } (json_decode($r->{body})->{__composite_responses}[0]{details}{response});
is(sent(), all_of(upsert('[{"id":"2","Email":"free@x","City":"Bonn","Rating":"Known"},{"Email":"new@x","Rating":"New"}]'),
                  inner('GET', 'Contacts/31'), inner('PUT', 'Leads/5', '{"data":[{"City":"Ulm","Rating":"Known"}]}')),
   'a found one goes out by its id, refused ones do not');
is(got(), 'Leads/search?fields=Email&criteria=((Email:equals:free%40x)or(Email:equals:LOCKED%40x)or(Email:equals:new%40x))'
          . ' Leads/search?fields=Email&criteria=(Email:equals:free%40x)'
          . ' Leads/search?fields=Email&criteria=(Email:equals:LOCKED%40x)'
          . ' Leads/search?fields=Email&criteria=(Email:equals:new%40x)'
          . ' Vendors/search?fields=Vendor_Name&criteria=(Vendor_Name:equals:Seven) Leads?ids=2,1,5 Vendors/7',
   'looked up request by request, then read module by module');
is(jobs(), "changed 2, made $new, changed 5", 'rules of an edit for those that are there, of a create for the new one');
quiet('many kinds');

again();
$r = composite([ upsert('[{"Email":"free@x","City":"Bonn"}]'), upsert('[{"Email":"fresh@x"}]', ',"trigger":[]') ]);
is(told($r), '200 SUCCESS update | 200 SUCCESS insert', 'two upserts of one module');
like(jobs(), qr/^changed 2$/, 'each with its own trigger');
quiet('two upserts');

again();
$r = composite([ upsert('[{"Email":"brand@new","Phone":"11"}]', ''), inner('GET', 'Contacts/31') ]);
is(told($r), '200 SUCCESS insert | 200 -', 'without check fields: by the one that the CRM takes, and by no other');
is(sent(), all_of(inner('POST', 'Leads/upsert', '{"duplicate_check_fields":["Email"],"data":[{"Email":"brand@new","Phone":"11","Rating":"New"}]}'),
                  inner('GET', 'Contacts/31')), 'which the backend is told');
quiet('no check fields');

again();
$r = composite([ upsert('[{"Vendor_Name":"Eight"}]', '', 'Vendors') ]);
is(sent(), all_of(inner('POST', 'Vendors/upsert', '{"duplicate_check_fields":["Vendor_Name"],"data":[{"Vendor_Name":"Eight"}]}')),
   'even where no rule sets anything');

again();
$r = composite([ upsert('[{"Email":"locked@x"}]'), upsert('[{"id":"1","Phone":"9"}]') ]);
is("$r->{status} " . json_decode($r->{body})->{code}, '400 INVALID_DATA', 'one record by its value and by its id: all is refused');
untouched('value and id');

again();
$r = composite([ upsert('[{"Email":"locked@x","City":"Bonn"}]'), inner('GET', 'Contacts/31') ]);
is(told($r), '400 RECORD_LOCKED | 200 -', 'a locked one beside a read');
is(sent(), all_of(inner('GET', 'Contacts/31')), 'which goes out');
quiet('a locked one');

again();
$r = composite([ upsert('[{"Email":"locked@x","City":"Bonn"}]'), inner('PUT', 'Leads/1', '{}') ]);
is($r->{status}, 400, 'all refused');
untouched('all refused');


# What one alone would be refused for is its own.

for (['two records with the value', '[{"Email":"twin@x"}]'], ['one value twice', '[{"Email":"a@b"},{"Email":"A@B"}]'],
     ['a value that cannot be asked for', '[{"Email":true}]'], ['a field in no list', '[{"Email":"a"}]', ',"duplicate_check_fields":"Email"'],
     ['id and value of two records', '[{"id":"2","Email":"other@x"}]'], ['nothing', '[]'])
{
    my ($what, @how) = @$_;

    again();
    $r = composite([ upsert(@how), inner('PUT', 'Leads/5', '{"data":[{"City":"Ulm"}]}') ]);
    is(told($r), '400 INVALID_DATA | 200 SUCCESS', "$what: it alone is refused");
    is(jobs(), 'changed 5', "$what: the other is done");
    quiet($what);

    again();
    $r = composite([ upsert(@how), inner('PUT', 'Leads/5', '{"data":[{"City":"Ulm"}]}') ], '"rollback_on_fail":true,');
    is("$r->{status} " . json_decode($r->{body})->{code}, '400 INVALID_DATA', "$what: with rollback_on_fail, all of it");
    untouched("$what: with rollback_on_fail");
}

again();
$r = composite([ upsert('[{"Email":"twin@x"}]'), inner('GET', 'Contacts/31') ]);
is(told($r), '400 INVALID_DATA | 200 -', 'the only one that is judged');
quiet('the only one');


# Two that could mean the same record.

for (['two upserts of one value', upsert('[{"Email":"some@x"}]'), upsert('[{"Email":"SOME@x"}]')],
     ['a create of the value', inner('POST', 'Leads', '{"data":[{"Email":"some@x"}]}'), upsert('[{"Email":"some@x"}]')],
     ['an update that sets it', inner('PUT', 'Leads/5', '{"data":[{"Email":"some@x"}]}'), upsert('[{"Email":"some@x"}]')],
     ['an update of what is found', inner('PUT', 'Leads/2', '{"data":[{"City":"Ulm"}]}'), upsert('[{"Email":"free@x"}]')],
     ['a delete of what is found', inner('DELETE', 'Leads/2'), upsert('[{"Email":"free@x"}]')],
     ['an action on what is found', inner('POST', 'Leads/actions/mass_update', '{"ids":["2"]}'), upsert('[{"Email":"free@x"}]')],
     ['what no rule of its own concerns', inner('POST', 'Vendors', '{"data":[{"Vendor_Name":"nine"}]}'),
      upsert('[{"Vendor_Name":"Nine"}]', '', 'Vendors')],
     ['a reference in the same module', inner('POST', 'Vendors', '{"data":[{"Vendor_Name":"@{1:$.x}"}]}'),
      upsert('[{"Vendor_Name":"Nine"}]', '', 'Vendors')],
     ['a reference in an upsert', inner('GET', 'Contacts/31'), upsert('[{"Email":"@{1:$.data[0].Email}"}]')])
{
    my ($what, @two) = @$_;

    again();
    $r = composite(\@two);
    is("$r->{status} " . json_decode($r->{body})->{code}, '400 INVALID_DATA', "$what: all of it is refused");
    untouched($what);
}

again();
$r = composite([ inner('PUT', 'Vendors/6', '{"data":[{"City":"Bonn"}]}'), upsert('[{"Vendor_Name":"Nine"}]', '', 'Vendors') ]);
is("$r->{status} " . json_decode($r->{body})->{code}, '404 INVALID_URL_PATTERN', 'a rule that sets such a value beside it: all of it is refused');
untouched('a rule that sets a value');

again();
$r = composite([ upsert('[{"Email":"a@x"},{"Email":"b@x"},{"Email":"c@x"},{"Email":"d@x"},{"Email":"e@x"}]'),
                 upsert('[{"Email":"f@x"},{"Email":"g@x"},{"Email":"h@x"},{"Email":"i@x"}]') ]);
is("$r->{status} " . json_decode($r->{body})->{code}, '400 LIMIT_EXCEEDED', 'more records than crm_max_records in all of them');
untouched('too many');


# A look-up that says nothing, Redis, a client that leaves.

for my $fault ([ fault => 'status', status => 500 ], [ fault => 'garbage' ], [ fault => 'truncate' ], [ fault => 'reset' ], [ fault => 'silent' ])
{
    again();
    crm_fail(@$fault, match => '/search');
    is(composite([ upsert('[{"Email":"free@x"}]'), inner('GET', 'Contacts/31') ])->{status}, 503, "@$fault: closed");
    untouched("@$fault");
}

again();
crm_fail(fault => 'status', status => 500, match => 'Vendors/search');
is(composite([ upsert('[{"Email":"free@x"}]'), upsert('[{"Vendor_Name":"Six"}]', '', 'Vendors') ])->{status}, 503, 'the second look-up');
untouched('the second look-up');

again();
crm_delay(ms => 300, match => '/search');
is(told(composite([ upsert('[{"Email":"free@x"}]') ])), '200 SUCCESS update', 'a slow one is waited for');

again();
redis_pause();
is(composite([ upsert('[{"Email":"free@x"}]') ], '', timeout => 30)->{status}, 503, 'Redis that does not answer closes');
redis_resume();
wait_for { eval { redis('PING') } } 'Redis';
wait_for { !leases() && !intents() } 'what it heard too late is taken back';
is(scalar(crm_writes()), 0, 'nothing is sent');

again();
crm_hold(match => '/search');
my $s = begin_write('POST', '__composite_requests', all_of(upsert('[{"Email":"free@x"}]'), inner('PUT', 'Leads/5', '{"data":[{"A":1}]}')));
wait_for { got() =~ /search/ } 'the look-up';
is(scalar(leases()), 1, 'while it is looked up, its value is leased');
close $s;
wait_for { !leases() && !intents() } 'a client that leaves takes its leases along';
crm_release();
is(scalar(crm_writes()), 0, 'and nothing is sent');

again();
redis('SET', key('busy:Leads/2'), 'another', 'PX', 60_000);
is(composite([ upsert('[{"Email":"free@x"}]') ])->{status}, 409, 'a found record that another write holds');
is(scalar(crm_writes()), 0, 'nothing is sent');
redis('DEL', key('busy:Leads/2'));
quiet('busy');

my @at_once = in_parallel(6, sub { composite([ upsert("[{\"Email\":\"race\@x\",\"N\":$_[0],\"Lead_Status\":\"Open\"}]") ]) });
is(scalar(grep { ($_->{body} // '') =~ /"action":"insert"/ } @at_once), 1, 'of those that make one record at once one makes it');
is(scalar(grep { $_->{body} =~ /"action":"update"|RECORD_BUSY/ } @at_once), 5, 'the others find it, or come too late');


# Without an outcome, and with one that was not judged.

again();
crm_fail(fault => 'empty', match => '/search');
$r = composite([ upsert('[{"Email":"locked@x","City":"Bonn"}]') ]);
is($r->{headers}{'crm-event-state'}, 'pending', 'the backend updated what was to be created: it is not known what happened');
like(nginx()->error_log, qr/the backend updated a record that was not judged, record:"Leads\/1"/, 'it is told');
like(http('GET', '/crm_status')->{body}, qr/"unjudged":1,/, 'and counted');
redis('ZREM', key('intents'), intents());
redis('DEL', leases());

worker_start('--backend', backend_url());

sub recovered {
    my ($what, $as) = @_;

    my ($event) = intents();

    ok($event, "$what: the intent stays");
    due_now($event);
    ok(eval { wait_for { !intents() && !undetermined() } 'recovery', 30 }, "$what: is settled") or diag($@);
    is(settled_as($event), $as, "$what: as $as");
}

again();
crm_fail(fault => 'silent', commit => 1, match => '__composite');
is(composite([ upsert('[{"Email":"free@x","N":1},{"Email":"late@x","N":1}]') ])->{status}, 504, 'written, and no answer');
recovered('written', 'committed');
wait_for { hooks() >= 2 } 'the webhooks';
is(join(', ', sort map { ($_->{target} // $_->{path}) =~ m{(\w+)$} } hooks()), 'changed, made', 'what follows from an update and a create follows');

again();
hooks_reset();
redis('DEL', leases()) if leases();
crm_fail(fault => 'reset', match => '__composite');
is(composite([ upsert('[{"Email":"free@x","N":2},{"Email":"later@x"}]') ])->{status}, 502, 'not written, and no answer');
recovered('not written', 'aborted');
is(scalar(hooks()), 0, 'nothing follows');
worker_stop();
is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();
