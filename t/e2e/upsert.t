# An upsert: each record is looked up by its duplicate check fields, judged as
# the create or the update that it is, and a found one forwarded by its id. Fails
# when a locked record is reached by a value, when the backend could write another
# record than the one judged and nobody says so, when rules of a create run for an
# update or the other way round, or when a look-up that cannot be read lets a
# write through. And what a request says beside its records: trigger words,
# options, If-Unmodified-Since.

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

crm_rules(upsert_rules() . <<'EOT');
kind: workflow_rule
name: key
module: Vendors
execute_when: { type: create }
conditions:
  - criteria: { field: Phone, comparator: equal, value: "1" }
    instant_actions: [ { type: field_updates, field: Vendor_Name, value: Other } ]
---
kind: workflow_rule
name: called
module: Calls
execute_when: { type: create }
conditions:
  - criteria: null
    instant_actions: [ { type: field_updates, field: Rating, value: New } ]
EOT

nginx_start(workers => 1, extra => 'crm_backend_max_time 3s; crm_lease_wait 300ms;',
            http => 'proxy_read_timeout 1s;' . crm_http_config('timeout=3s'));
nginx_ready('Leads');

my @json = (headers => ['Content-Type' => 'application/json']);
my @fields = ('duplicate_check_fields', '["Email"]');

sub upsert {
    my ($data, $more, $module) = @_;

    $module ||= 'Leads';

    return http('POST', "/crm/v8/$module/upsert", @json,
                body => "{\"data\":$data" . ($more // ',"duplicate_check_fields":["Email"]') . '}');
}

sub codes { map { "$_->{code}" . ($_->{action} ? " $_->{action}" : '') } @{ json_decode($_[0]{body})->{data} || [] } }
sub jobs_of { map { "$_->{action}{name} $_->{record_id}" } map { json_decode($_) }
              @{ redis('LRANGE', key('queue:webhooks'), 0, -1) } }
sub seen { join ' | ', map { "$_->{method} $_->{target}" } crm_log() }
sub sent { (crm_writes())[-1]{body} }
sub reason { (json_decode($_[0]{body})->{details} || {})->{reason} // $_[0]{body} }

sub again {
    redis('DEL', key('queue:webhooks'));
    crm_reset();
    crm_seed('Leads', 1, '{"Email":"locked@example.test","Lead_Status":"Closed","Phone":"11"}');
    crm_seed('Leads', 2, '{"Email":"free@example.test","Lead_Status":"Open","Phone":"22"}');
    crm_seed('Leads', 3, '{"Email":"twin@example.test","Lead_Status":"Open"}');
    crm_seed('Leads', 4, '{"Email":"twin@example.test","Lead_Status":"Open"}');
    crm_clear_log();
}

sub quiet {
    my ($what) = @_;

    ok(all_ended(), "$what: no intent is left");
    is(join(' ', leases()), '', 'nor a lease');
}

sub untouched {
    my ($what) = @_;

    is(scalar(crm_writes()), 0, "$what: the backend was sent no write");
    is(redis('LLEN', key('queue:webhooks')), 0, "$what: no action follows");
    quiet($what);
}

my $search = 'GET /crm/v8/Leads/search?fields=Email&criteria=';


# One record.

again();
my $r = upsert('[{"Email":"free@example.test","City":"Bonn"}]');
is($r->{status}, 200, 'a record that is there is updated');
is_deeply([codes($r)], ['SUCCESS update'], 'and the answer says so');
is(seen(), $search . '(Email:equals:free%40example.test) | GET /crm/v8/Leads/2 | POST /crm/v8/Leads/upsert',
   'it is looked up, then read, then written');
is(sent(), '{"data":[{"id":"2","Email":"free@example.test","City":"Bonn","Rating":"Known"}],"duplicate_check_fields":["Email"]}',
   'by its id, with what rules of an edit set');
is(join(', ', jobs_of()), 'changed 2', 'rules of an edit run');
quiet('an update');

again();
$r = upsert('[ {"Email":"new@example.test"} ]');
is_deeply([codes($r)], ['SUCCESS insert'], 'one that is not is created');
like(sent(), qr/^\{"data":\[ \{"Email":"new\@example\.test","Rating":"New"\} \],"dup/, 'as it was sent, with what rules of a create set');
is(join(', ', jobs_of()), 'made ' . json_decode($r->{body})->{data}[0]{details}{id}, 'rules of a create run');
quiet('a create');

again();
$r = upsert('[{"Email":"locked@example.test","City":"Bonn"}]');
is($r->{status}, 400, 'a locked one is refused');
like($r->{body}, qr/"code":"RECORD_LOCKED".*"json_path":"\$\.data\[0\]\.id"/, 'in the words of an update');
untouched('a locked record');

again();
$r = upsert('[{"Email":"LOCKED@example.test"}]');
like($r->{body}, qr/RECORD_LOCKED/, 'in whatever case its value is written');
untouched('the other case');

again();
$r = upsert('[{"Email":"locked@example.test","City":"Bonn"}]', '');
like($r->{body}, qr/RECORD_LOCKED/, 'without check fields it is found by the field that the CRM takes');
untouched('without check fields');

again();
$r = upsert('[{"Email":"fresh@example.test","Phone":"11"}]', '');
is_deeply([codes($r)], ['SUCCESS insert'], 'and by no other');
is(sent(), '{"duplicate_check_fields":["Email"],"data":[{"Email":"fresh@example.test","Phone":"11","Rating":"New"}]}',
   'which the backend is told');

again();
$r = upsert('[{"Email":"free@example.test"}]', ', "duplicate_check_fields": [] ,"trigger":[]');
is(sent(), '{"data":[{"id":"2","Email":"free@example.test"}], "duplicate_check_fields": ["Email"] ,"trigger":[]}',
   'an empty list is none');
is(join(', ', jobs_of()), '', 'trigger holds for it');


# Several fields, in their order.

my $both = ',"duplicate_check_fields":["Phone","Email"]';

again();
$r = upsert('[{"Email":"free@example.test","Phone":"11"}]', $both);
like($r->{body}, qr/RECORD_LOCKED/, 'the first field with a hit decides');
like(seen(), qr/criteria=\(\(Phone:equals:11\)or\(Email:equals:free%40example\.test\)\) \| GET/, 'one look-up asks for both');

again();
$r = upsert('[{"Email":"locked@example.test","Phone":"22"}]', $both);
is_deeply([codes($r)], ['SUCCESS update'], 'and the second does not');
like(sent(), qr/^\{"data":\[\{"id":"2",/, 'the record of the first is written');

again();
$r = upsert('[{"Email":"locked@example.test","Phone":null}]', $both);
like($r->{body}, qr/RECORD_LOCKED/, 'an empty field finds nobody');

again();
$r = upsert('[{"Phone":""}]', $both);
is_deeply([codes($r)], ['SUCCESS insert'], 'without a value it is created');
is(seen(), 'POST /crm/v8/Leads/upsert', 'and nobody is looked for');
quiet('without a value');


# With an id of its own.

again();
$r = upsert('[{"id":"2","Email":"free@example.test"}]');
is_deeply([codes($r)], ['SUCCESS update'], 'an id that fits its value');
$r = upsert('[{"id":"2","Email":"unheard@example.test"}]');
is_deeply([codes($r)], ['SUCCESS update'], 'or whose value is nobody else\'s');
again();
$r = upsert('[{"id":"2","Email":"locked@example.test"}]');
like(reason($r), qr/^another record than the one of this id/, 'an id whose value is another record\'s is refused');
untouched('id and value of two records');
$r = upsert('[{"id":"1","Phone":"99"}]');
like($r->{body}, qr/RECORD_LOCKED/, 'an id is judged');
untouched('an id of a locked record');


# What cannot be told, or asked.

for ([ 'two records with the value', '[{"Email":"twin@example.test"}]', undef, 'several records have this value' ],
     [ 'one record by two fields', '[{"Email":"free@example.test"},{"Phone":"22"}]', $both, 'this is the record of another item' ],
     [ 'one value twice', '[{"Email":"a@b"},{"Email":"A@B"}]', undef, 'another record of this request' ],
     [ 'a backslash', '[{"Email":"a\\\\"}]', undef, 'the CRM cannot be asked' ],
     [ 'a control character', '[{"Email":"a\\u0001"}]', undef, 'the CRM cannot be asked' ],
     [ 'a word of the grammar', '[{"Email":"${EMPTY}"}]', undef, 'the CRM cannot be asked' ],
     [ 'an outer blank', '[{"Email":"a "}]', undef, 'the CRM cannot be asked' ],
     [ 'a value that is too long', '[{"Email":"' . 'a' x 256 . '"}]', undef, 'the CRM cannot be asked' ],
     [ 'a fraction', '[{"Email":1.0}]', undef, 'the CRM cannot be asked' ],
     [ 'a boolean', '[{"Email":true}]', undef, 'the CRM cannot be asked' ],
     [ 'a look-up field', '[{"Email":{"id":"1"}}]', undef, 'the CRM cannot be asked' ],
     [ 'fields in no list', '[{"Email":"a"}]', ',"duplicate_check_fields":"Email"', 'duplicate_check_fields must be' ],
     [ 'a field that is none', '[{"Email":"a"}]', ',"duplicate_check_fields":["E:x"]', 'duplicate_check_fields must be' ],
     [ 'the id as a field', '[{"Email":"a"}]', ',"duplicate_check_fields":["id"]', 'duplicate_check_fields must be' ],
     [ 'a field twice', '[{"Email":"a"}]', ',"duplicate_check_fields":["Email","Email"]', 'a field stands twice' ],
     [ 'eleven fields', '[{"Email":"a"}]', ',"duplicate_check_fields":[' . join(',', map { "\"F$_\"" } 0 .. 10) . ']', 'at most 10' ],
     [ 'fields twice', '[{"Email":"a"}]', ',"duplicate_check_fields":["A"],"duplicate_check_fields":["B"]', 'duplicate' ])
{
    my ($what, $data, $more, $why) = @$_;

    again();
    $r = upsert($data, $more);
    is($r->{status}, 400, "$what: refused");
    like(reason($r), qr/^\Q$why\E/, "$what: with the reason");
    untouched($what);
}

$r = upsert('[{"Subject":"x"}]', '', 'Calls');
like(reason($r), qr/^by which field the CRM finds records of this module is not known/, 'a module without such a field');
$r = upsert('[{"Vendor_Name":"x","Phone":"1"}]', '', 'Vendors');
like(reason($r), qr/^a rule sets a field by which this request looks/, 'a rule that sets such a field');
untouched('a rule that sets such a field');

again();
crm_seed('Leads', 5, '{"Email":"O\'Neil, (Ann) & co","Lead_Status":"Closed"}');
$r = upsert('[{"Email":"O\'Neil, (Ann) & co","City":"Bonn"}]');
like($r->{body}, qr/RECORD_LOCKED/, 'what has a meaning in criteria is escaped');
like(seen(), qr/\(Email:equals:O%27Neil%5C%2C%20%5C%28Ann%5C%29%20%26%20co\) /, 'as the vendor demands');


# Many.

again();
crm_seed('Leads', 1000 + $_, sprintf '{"Email":"r%d@x","Lead_Status":"%s"}', $_, $_ % 2 ? 'Closed' : 'Open') for 0 .. 79;
my @items = map { "{\"Email\":\"r$_\@x\",\"N\":$_}" } 0 .. 99;
$r = upsert('[' . join(', ', @items) . ']');
is($r->{status}, 207, '100 records: some there, some locked, some new');
is_deeply([codes($r)], [map { $_ > 79 ? 'SUCCESS insert' : $_ % 2 ? 'RECORD_LOCKED' : 'SUCCESS update' } 0 .. 99],
          'each is answered at its place');
is(scalar(grep { $_->{target} =~ m{/search\?} } crm_log()), 10, 'ten are looked up at once');
like(sent(), qr/^\{"data":\[\{"id":"1000","Email":"r0\@x","N":0,"Rating":"Known"\}, \{"id":"1002","Email":"r2/, 'the locked ones are cut out');
is(scalar(jobs_of()), 60, 'actions follow from those that were written');
is_deeply([(jobs_of())[0, 39]], ['changed 1000', 'changed 1078'], 'of an edit');
like((jobs_of())[40], qr/^made /, 'and of a create');
quiet('100 records');

again();
crm_seed('Leads', 6, '{"Email":"Mixed@x","Lead_Status":"Open"}');
$r = upsert('[{"Email":"mixed@x"},{"Email":"locked@example.test","City":"Bonn"},{"Email":"brand@new"}]');
is_deeply([codes($r)], ['SUCCESS update', 'RECORD_LOCKED', 'SUCCESS insert'], 'what cannot be told apart together');
is(scalar(grep { $_->{target} =~ m{/search\?} } crm_log()), 4, 'is looked up one by one');

again();
$r = upsert('[' . join(',', map { "{\"Email\":\"x$_\"}" } 0 .. 100) . ']');
like($r->{body}, qr/LIMIT_EXCEEDED/, '101 records are too many');
untouched('101 records');


# A look-up that says nothing.

for my $fault ([ fault => 'status', status => 500 ], [ fault => 'html' ], [ fault => 'garbage' ], [ fault => 'truncate' ],
               [ fault => 'reset' ], [ fault => 'gzip' ], [ fault => 'silent' ])
{
    again();
    crm_fail(@$fault, match => '/search');
    $r = upsert('[{"Email":"free@example.test"}]');
    is($r->{status}, 503, "@$fault: closed");
    untouched("@$fault");
}

again();
crm_delay(ms => 300, match => '/search');
$r = upsert('[{"Email":"free@example.test"}]');
is_deeply([codes($r)], ['SUCCESS update'], 'a slow one is waited for');


# Between look-up and write.

again();
crm_fail(fault => 'empty', match => '/search');
$r = upsert('[{"Email":"locked@example.test","City":"Bonn"}]');
is($r->{headers}{'crm-event-state'}, 'pending', 'the backend updated what was to be created: it is not known what happened');
is(scalar(intents()), 1, 'the intent stays');
is(redis('LLEN', key('queue:webhooks')), 0, 'no rule of a create follows at once');
like(nginx()->error_log, qr/the backend updated a record that was not judged, record:"Leads\/1"/, 'it is told');
like(http('GET', '/crm_status')->{body}, qr/"unjudged":1,/, 'and counted');


redis('ZREM', key('intents'), my ($unjudged) = intents());
redis('DEL', leases());


# Beside the records.

sub beside {
    my ($more) = @_;

    again();
    return http('PUT', '/crm/v8/Leads/2', @json, body => "{\"data\":[{\"City\":\"Bonn\"}],$more}");
}

for (['"wf_trigger":false', ''], ['"wf_trigger":"false","trigger":["workflow"]', ''], ['"wf_trigger":true', 'changed 2'],
     ['"wf_trigger":null', 'changed 2'])
{
    is(beside($_->[0])->{status}, 200, "$_->[0]: written");
    is(join(', ', jobs_of()), $_->[1], "$_->[0]: " . ($_->[1] ? 'rules run' : 'no rule runs'));
}

for ('"lar_id":"77"', '"lar_id":77,"apply_feature_execution":[{"name":"layout_rules"},{"name":"unheard_of"}]',
     '"skip_feature_execution":[{"name":"cadences","action":"insert"}]', '"lar_id":null,"apply_feature_execution":[]')
{
    is(beside($_)->{status}, 200, "$_: written");
    like(sent(), qr/,\Q$_\E\}$/, 'and passed on as it came');
}

for ('"lar_id":[]', '"wf_trigger":"no"', '"wf_trigger":0', '"apply_feature_execution":"layout_rules"',
     '"apply_feature_execution":["layout_rules"]', '"apply_feature_execution":[{"name":1}]', '"skip_feature_execution":{}',
     '"skip_feature_execution":[{"name":"cadences","action":"delete"}]', '"skip_feature_execution":[{"action":"insert"}]')
{
    my ($name) = /(\w+)/;

    $r = beside($_);
    is($r->{status}, 400, "$_: refused");
    like($r->{body}, qr/"INVALID_DATA".*"json_path":"\$\.$name"/, 'with its path');
    untouched($_);
}


# If-Unmodified-Since.

sub since {
    my ($time, $id, $method) = @_;

    again();
    crm_seed('Leads', 7, '{"Email":"old@x","Lead_Status":"Open","Modified_Time":"2026-03-27T16:30:00+01:00",'
        . '"Modified_By":{"id":"5","name":"Ada"}}');
    crm_seed('Leads', 8, '{"Lead_Status":"Closed","Modified_Time":"2026-03-27T16:30:00+01:00"}');
    crm_clear_log();
    return http($method || 'PUT', '/crm/v8/Leads/' . ($id || 7), headers => [@{ $json[1] }, 'If-Unmodified-Since' => $time],
                $method ? () : (body => '{"data":[{"City":"Bonn"}]}'));
}

for ('2026-03-27T15:29:59Z', 'Fri, 27 Mar 2026 15:29:59 GMT', '2026-03-27T10:00:00+05:30') {
    $r = since($_);
    is($r->{status}, 412, "modified after $_");
    is_deeply([codes($r)], ['ALREADY_MODIFIED'], 'is refused');
    untouched($_);
}

like($r->{body}, qr/"details":\{"id":"7","Modified_Time":"2026-03-27T16:30:00\+01:00","Created_Time":"[^"]+","Modified_By":\{"id":"5","name":"Ada"\},"r/,
     'with who wrote it when');

is(since($_)->{status}, 200, "not after $_") for '2026-03-27T15:30:00Z', 'Fri, 27 Mar 2026 15:30:00 GMT', '2026-03-28', 'x', '0';
is((crm_writes())[-1]{header}{'if-unmodified-since'}, '0', 'the header is forwarded');
like(since('2026-03-27T15:29:59Z', 8)->{body}, qr/RECORD_LOCKED/, 'a guard comes first');
is_deeply([codes(since('2026-03-27T15:29:59Z', 8, 'DELETE'))], ['RECORD_LOCKED'], 'on DELETE too');


# Without an outcome.

worker_start('--backend', backend_url());

sub recovered {
    my ($what, $as) = @_;

    my ($event) = intents();

    ok($event, "$what: the intent stays");
    due_now($event);
    ok(eval { wait_for { !intents() && !undetermined() } 'recovery', 30 }, "$what: is settled") or diag($@);
    is(settled_as($event), $as, "$what: as $as");
    wait_for { !leases() } 'the leases';
}

sub told { join ', ', sort map { ($_->{target} // $_->{path}) =~ m{(\w+)$} && "$1 " . json_decode($_->{body})->{id} } hooks() }

redis('ZADD', key('intents'), 1, $unjudged);
recovered('a record that was not judged', 'aborted');
is(scalar(hooks()), 0, 'nothing follows from it');

again();
crm_fail(fault => 'silent', commit => 1, match => '/upsert');
$r = upsert('[{"Email":"free@example.test","N":1},{"Email":"locked@example.test","N":1},{"Email":"late@x","N":1}]');
is($r->{status}, 504, 'written, and no answer');
recovered('written', 'committed');
wait_for { hooks() >= 2 } 'the webhooks';
is(told(), 'changed 2, made 4150868000624000001', 'what follows from an update and a create follows');

again();
hooks_reset();
crm_fail(fault => 'reset', match => '/upsert');
is(upsert('[{"Email":"free@example.test","N":2},{"Email":"later@x"}]')->{status}, 502, 'not written, and no answer');
recovered('not written', 'aborted');
is(scalar(hooks()), 0, 'nothing follows');

again();
crm_hold(match => '/search');
my $s = begin_write('POST', 'Leads/upsert', '{"data":[{"Email":"free@example.test","N":3}]}');
wait_for { seen() =~ /search/ } 'the look-up';
is(scalar(leases()), 1, 'while it is looked up, its value is leased');
nginx_kill();
crm_release();
answer_of($s);
recovered('killed in between', 'aborted');
is(scalar(crm_writes()), 0, 'the backend has seen no write');


# Two at once.

again();
my @at_once = in_parallel(8, sub { upsert("[{\"Email\":\"race\@x\",\"N\":$_[0],\"Lead_Status\":\"Open\"}]") });
is(scalar(grep { ($_->{body} // '') =~ /"action":"insert"/ } @at_once), 1, 'of those that make one record at once one makes it');
is(scalar(grep { $_->{body} =~ /"action":"update"|RECORD_BUSY/ } @at_once), 7, 'the others find it, or come too late');
worker_stop();
quiet('a race');

done_testing();
