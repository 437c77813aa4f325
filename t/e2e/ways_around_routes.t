# The table of ways around a lock, rows 46 to 63 and 104: every other route of
# the vendor's API that writes. Record 1 is locked, 2 is not; the lock restricts
# all actions for Leads, updates alone for Deals; Accounts have approvals,
# Contacts no rules. Each row says what the request is answered and what the
# backend then has in its log, to the last line. Fails when an action reaches a
# locked record, or a record that nobody can name reaches the backend unjudged,
# or when what no rule restricts is stopped.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Rows;

redis_start();
crm_start();

crm_rules(<<'EOT');
kind: record_locking
module: Leads
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: Lead_Status, comparator: equal, value: Closed }
restricted_actions: [update, delete, change_owner, tags, convert]
---
kind: record_locking
module: Deals
lock_type: automatic
locking_rules:
  - name: won
    lock_existing_records: true
    criteria: { field: Stage, comparator: equal, value: Won }
---
kind: approval_process
name: large
module: Accounts
execute_when: create
rules:
  - criteria: { field: Amount, comparator: greater_than, value: 20 }
    approvers: [ { type: user, id: "1001" } ]
administrators: ["1001"]
---
kind: workflow_rule
name: any edit
module: Leads
execute_when: { type: create_or_edit }
conditions:
  - criteria: null
    instant_actions: [ { type: field_updates, field: Rating, value: Hot } ]
---
kind: workflow_rule
name: any task
module: Tasks
execute_when: { type: create }
conditions:
  - criteria: null
    instant_actions: [ { type: field_updates, field: Rating, value: Hot } ]
---
kind: profile
name: Standard
---
kind: user
id: "1001"
name: Ada
email: ada@example.test
profile: Standard
EOT

crm_seed('Leads', 1, '{"Lead_Status":"Closed"}');
crm_seed('Leads', $_, '{"Lead_Status":"Open"}') for 2, 3;
crm_seed('Deals', 1, '{"Stage":"Won"}');
crm_seed('Deals', 2, '{"Stage":"Open"}');

nginx_start(extra => 'lingering_timeout 100ms;');
wait_for { http(PUT => '/crm/v8/Leads/1', body => $Put)->{status} == 400 } 'the rules';

sub post { return bytes("POST /crm/v8/$_[0]", [], $_[1] // '{}') }

# The vendor's answer to what it does not know, from the demo CRM; of all these
# actions it knows the tags of one record, and how a lead is converted; of what
# is related to a record that it is none of these.
my $there = '404 INVALID_URL_PATTERN';
my $known = '200 SUCCESS';
my $unfit = '400 INVALID_DATA';

sub there {
    return $_[0] =~ m{/\d+/actions/(?:add|remove)_tags|Leads/\d+/actions/convert} ? $known
         : $_[0] =~ m{^PUT Leads/\d+/(?:Notes|Products)/|^POST Leads/\d+/Attachments} ? $unfit : $there;
}

# Refused by the lock on 1; forwarded as it came for 2, behind a look at it.
sub on_one {
    my ($row, $line, $body, $type) = @_;

    my ($method, $path) = split / /, $line;
    my @type = $type ? ('Content-Type' => $type) : ();
    my $free = $path =~ s{Leads/1}{Leads/2}r;

    deny($row, $line, bytes("$method /crm/v8/$path", \@type, $body));
    passes($row, "$method $free", bytes("$method /crm/v8/$free", \@type, $body), there("$method $free"),
           'GET /crm/v8/Leads/2', "$method /crm/v8/$free");
    is((crm_writes())[-1]{body}, $body // '', "row $row: $method $free, byte for byte");
    crm_seed('Leads', 2, '{"Lead_Status":"Open"}');         # it may be converted
}

# Refused for a list with 1 in it, forwarded for one without.
sub on_many {
    my ($row, $path, $body, $query) = @_;

    my ($some, $free) = ($query ? ('2,1', '2,3') : ('"2","1"', '"2","3"'));
    my ($p1, $b1, $p2, $b2) = map { ($path =~ s/IDS/$_/r, $body =~ s/IDS/$_/r) } $some, $free;

    deny($row, $p1, post($p1, $b1), 'GET /crm/v8/Leads?ids=2,1');
    passes($row, $p2, post($p2, $b2), $there, 'GET /crm/v8/Leads?ids=2,3', "POST /crm/v8/$p2");
}

sub unnamed {
    my ($row, $what, $request) = @_;

    return refuse($row, $what, $request, '400 RECORD_LOCKED');
}


# One record, by its path.

on_one(48, 'POST Leads/1/actions/convert', '{"data":[{"overwrite":true}]}');
on_one(50, 'POST Leads/1/actions/change_owner', '{"owner":{"id":"5"}}');
on_one(53, 'PUT Leads/1/actions/blueprint', '{"blueprint":[{"transition_id":"1"}]}');
on_one(53, 'POST Leads/1/actions/approvals', '{"action":"approve"}');
on_one(54, 'POST Leads/1/actions/add_tags?tag_names=a%20b&over_write=true');
on_one(54, 'POST Leads/1/actions/remove_tags', '{"tags":[{"name":"a"}]}');
on_one(55, 'POST Leads/1/photo', "--x\r\n\r\n\x00\xff\r\n--x--\r\n", 'multipart/form-data; boundary=x');
on_one(55, 'DELETE Leads/1/photo');
on_one(56, 'POST Leads/1/Notes', '{"data":[{"Note_Content":"x"}]}');
on_one(56, 'PUT Leads/1/Notes/7', '{"data":[{"Note_Content":"x"}]}');
on_one(56, 'DELETE Leads/1/Attachments/7');
on_one(56, 'POST Leads/1/Attachments', "--x\r\n\r\nx\r\n--x--\r\n", 'multipart/form-data; boundary=x');
on_one(57, 'PUT Leads/1/Products/4', '{"data":[{"Price":1}]}');
on_one(57, 'PUT Leads/1/Products', '{"data":[{"id":"4"}]}');
on_one(57, 'DELETE Leads/1/Products?ids=4,5');
on_one(63, 'POST Leads/1/actions/share', '{"share":[]}');
on_one(63, 'POST Leads/1/actions/enrol_in_cadences', '{"cadences_ids":["1"]}');
on_one(63, 'PUT Leads/1/actions/run_scoring_rules', '');
on_one(63, 'POST Leads/1/actions/assign_territories', '{"data":[]}');

my $locked = deny(61, 'an unlock is refused by the automatic lock that it would lift',
                  bytes('PUT /crm/v8/Leads/1', [], $Put));

for my $line ('DELETE Leads/1/Locking_Information__s/9', 'POST Leads/1/Locking_Information__s',
              'PUT Leads/1/Locking_Information__s/9')
{
    my ($method, $path) = split / /, $line;

    row(61, $line, bytes("$method /crm/v8/$path", [],
                           $method eq 'DELETE' ? undef : '{"data":[{"Locked_Reason__s":"x"}]}'),
        '403 NO_PERMISSION', $Read);
}

# All of an action's refusals say what the vendor's do.

for ([54, 'Leads/1/actions/add_tags', qr/^\{"data":\[\{"code":"RECORD_LOCKED".*\}\],"locked_count":1\}$/],
     [50, 'Leads/1/actions/change_owner', qr/^\{"data":\[\{"code":"RECORD_LOCKED","details":\{"action":"record_locking","id":"1",/],
     [63, 'Leads/1/actions/remove_territories', qr/"details":\{"resource_path_index":1,"action":"record_locking","id":"1"/],
     [48, 'Leads/1/actions/convert', qr/"reason":"the record is locked by the rule \\"closed\\", which forbids the action convert","rule":"closed","event":"[0-9A-Z]{26}"/])
{
    my ($row, $path, $body) = @$_;

    like(http(POST => "/crm/v8/$path", body => '{}')->{body}, $body, "row $row: $path, the answer");
}


# Lists.

on_many(48, 'Leads/actions/mass_convert', '{"ids":[IDS]}');
on_many(50, 'Leads/actions/change_owner', '{"owner":{"id":"5"},"ids":[IDS]}');
on_many(51, 'Leads/actions/mass_update', '{"data":[{"City":"Bern"}],"ids":[IDS]}');
on_many(52, 'Leads/actions/mass_delete', '{"ids":[IDS]}');
on_many(54, 'Leads/actions/add_tags', '{"tags":[{"name":"a"}],"ids":[IDS]}');
on_many(54, 'Leads/actions/add_tags?ids=IDS&tag_names=a', '', 1);
on_many(54, 'Leads/actions/remove_tags?tag_names=a&ids=IDS', '', 1);
deny(63, 'territories, whose list names records', post('Leads/actions/assign_territories',
     '{"data":[{"id":"2"},{"id":"1"}]}'), 'GET /crm/v8/Leads?ids=2,1');

deny(54, 'one in the query, one in the body',
     post('Leads/actions/add_tags?ids=2', '{"ids":["1"]}'), 'GET /crm/v8/Leads?ids=2,1');
refuse(54, $_->[0], post("Leads/actions/add_tags?$_->[1]"), '400 INVALID_URL_PATTERN') for (
    ['ids twice', 'ids=2&ids=1'], ['another parameter', 'ids=2&IDS=1'], ['ids[]', 'ids[]=1'],
    ['escaped', '%69ds=1'], ['a list escaped', 'ids=2%2C1'], ['a leading zero', 'ids=2,01'],
    ['none', 'ids='], ['an empty one', 'ids=2,'],
);
refuse(51, 'ids twice in the body', post('Leads/actions/mass_update', '{"ids":["2"],"i\u0064s":["1"]}'),
       '400 INVALID_DATA');


# Records that nobody can name.

unnamed(49, 'a merge, 1 as source', post('Leads/2/actions/merge', '{"merge":[{"data":[{"id":"1"}]}]}'));
unnamed(49, 'a merge, 1 as master', post('Leads/1/actions/merge', '{"merge":[{"data":[{"id":"2"}]}]}'));
unnamed(50, 'mass_change_owner by view', post('Leads/actions/mass_change_owner', '{"cvid":"9"}'));
unnamed(51, 'mass_update by view', post('Leads/actions/mass_update', '{"data":[{}],"cvid":"9"}'));
unnamed(51, 'mass_update by view and ids', post('Leads/actions/mass_update', '{"ids":["2"],"cvid":"9"}'));
unnamed(51, 'mass_update by criteria', post('Leads/actions/mass_update', '{"criteria":{}}'));
unnamed(51, 'mass_update of nothing', post('Leads/actions/mass_update', '{}'));
unnamed(52, 'mass_delete by view', post('Leads/actions/mass_delete', '{"cvid":"9"}'));
unnamed(57, 'a related list of a guarded module', bytes("$_ /crm/v8/Contacts/5/Leads/1", [], '{}'))
    for qw(PUT DELETE);
unnamed(57, 'the same in the other case', bytes('PUT /crm/v8/Contacts/5/leads/1', [], '{}'));
unnamed(60, 'a job of a file', bytes('POST /crm/bulk/v8/write', [], '{"operation":"update"}'));
unnamed(62, 'a user\'s records to another', post('users/7/actions/transfer_and_delete', '{}'));


# Records that the backend alone finds.

my $email = 'GET /crm/v8/Leads/search?fields=Email&criteria=(Email:equals:a%40example.test)';

crm_seed('Leads', 1, '{"Lead_Status":"Closed","Email":"a@example.test"}');
deny(46, 'an upsert that hits 1', post('Leads/upsert',
     '{"data":[{"Email":"a@example.test","N":1}],"duplicate_check_fields":["Email"]}'), $email, $Read);
deny(47, 'an upsert without check fields', post('Leads/upsert', '{"data":[{"Email":"a@example.test","N":1}]}'),
     $email, $Read);
passes(46, 'an upsert that hits 3', post('Leads/upsert', '{"data":[{"id":"3","N":1}],"duplicate_check_fields":["N"]}'),
       '200 SUCCESS', 'GET /crm/v8/Leads/search?fields=N&criteria=(N:equals:1)', 'GET /crm/v8/Leads/3',
       'POST /crm/v8/Leads/upsert');
passes(47, 'an upsert where no rule is', post('Contacts/upsert', $Put), '200 SUCCESS', 'POST /crm/v8/Contacts/upsert');
refuse(47, 'an upsert by nobody knows which field', post('Tasks/upsert', $Put), '400 INVALID_DATA');
refuse(47, 'an upsert in the query', post('Leads/upsert?duplicate_check_fields=Phone', $Put), '400 INVALID_URL_PATTERN');


# Requests in a request.

sub inner {
    my (@inner) = @_;

    return post('__composite_requests', '{"__composite_requests":['
        . join(',', map { ref $_ ? '{"method":"' . $_->[0] . '","uri":"' . $_->[1] . '"' . ($_->[2] // '') . '}' : $_ }
               @inner) . ']}');
}

my $harmless = ['GET', '/crm/v8/Leads/1'];

my $Sent = 'POST /crm/v8/__composite_requests';
my @write = (',"body":' . $Put);
my ($beside) = row(58, 'an update of 1 in a composite, beside a read', inner($harmless, ['PUT', '/crm/v8/Leads/1', @write]),
                   '207', $Read, $Sent);

like($beside->{body}, qr/"status_code":200.*"code":"RECORD_LOCKED".*"status_code":400/, 'row 58: each has its own answer');
is((crm_writes())[-1]{body}, '{"__composite_requests":[{"method":"GET","uri":"/crm/v8/Leads/1"}]}',
   'row 58: the read alone goes on');
deny(58, 'PUT /crm/v2/Leads/1 in a composite', inner(['PUT', '/crm/v2/Leads/1', @write]), $Read =~ s/v8/v2/r);
deny(58, "$_->[0] $_->[1] in a composite", inner($_)) for (
    ['PUT', '/crm/v8/Leads/1', @write], ['\u0050UT', '\/crm\/v8/Leads/1', @write], ['DELETE', '/crm/v8/Leads/1'],
    ['DELETE', '/crm/v8/Leads?ids=1'], ['DELETE', '/crm/v8/Leads', ',"params":{"ids":"1"}'],
    ['PUT', '/crm/v8/Leads', ',"body":{"data":[{"\u0069d":"1","A":1}]}'],
);
row(58, 'a list with 1 in a composite', inner(['PUT', '/crm/v8/Leads', ',"body":{"data":[{"id":"2","A":1},{"id":"1","A":1}]}']), '207',
    'GET /crm/v8/Leads?ids=2,1', $Sent);
is((crm_writes())[-1]{body}, '{"__composite_requests":[{"method":"PUT","uri":"/crm/v8/Leads","body":{"data":'
   . '[{"id":"2","A":1,"Rating":"Hot"}]}}]}', 'row 58: the other one alone goes on');
unnamed(58, "$_->[0] $_->[1] in a composite", inner($_)) for (
    ['POST', '/crm/v8/Leads/1/actions/merge'], ['POST', '/crm/v8/Leads/actions/mass_update', ',"body":{"cvid":"9"}'],
    ['PUT', '/crm/v8/Contacts/5/Leads/1'], ['POST', '/crm/bulk/v8/write'],
);
deny(58, "$_->[0] $_->[1] in a composite", inner($_)) for (
    ['POST', '/crm/v8/Leads/1/actions/convert'], ['POST', '/crm/v8/Leads/1/actions/add_tags', ',"body":{"tags":[]}'],
    ['POST', '/crm/v8/Leads/1/actions/change_owner', ',"body":{"owner":{"id":"5"}}'], ['DELETE', '/crm/v8/Leads/1/photo'],
    ['POST', '/crm/v8/Leads/1/Notes', ',"body":{"data":[{}]}'], ['POST', '/crm/v8/Leads/actions/add_tags?ids=1'],
    ['POST', '/crm/v8/Leads/actions/remove_tags', ',"params":{"ids":"1"}'],
    ['POST', '/crm/v8/Leads/actions/mass_delete', ',"body":{"ids":["1"]}'],
    ['PUT', '/crm/v8/Leads/actions/run_scoring_rules', ',"body":{"data":[{"id":"1"}]}'],
);
deny(58, 'an action on a list with 1 in a composite', inner(['POST', '/crm/v8/Leads/actions/mass_convert', ',"body":{"ids":["2","1"]}']),
     'GET /crm/v8/Leads?ids=2,1');
deny(58, 'an upsert that hits 1 in a composite',
     inner(['POST', '/crm/v8/Leads/upsert', ',"body":{"data":[{"Email":"a@example.test","A":1}],"duplicate_check_fields":["Email"]}']),
     $email, $Read);
refuse(58, "no record in a composite: $_", inner(['POST', "/crm/v8/$_"]), '400 INVALID_DATA') for qw(Leads Leads/upsert Tasks/upsert);
refuse(58, 'PUT /crm/v8/leads/1 in a composite', inner(['PUT', '/crm/v8/leads/1', @write]));
passes(58, 'reads, and writes where no rule is',
       inner($harmless, ['POST', '/crm/v8/Contacts'], ['POST', '/crm/v8/Deals/1/actions/convert'],
             ['DELETE', '/crm/v8/Contacts/5'], ['POST', '/crm/v8/Contacts/upsert']),
       '207', $Sent);
passes(58, 'none at all', inner(), '200', $Sent);

refuse(59, $_->[0], inner($_->[1]), '400 INVALID_DATA') for (
    ['slashes', ['PUT', '/crm//v8/Contacts/1']], ['an escape', ['PUT', '/crm/v8%2fContacts/1']],
    ['dots', ['PUT', '/crm/v8/x/../Contacts/1']], ['absolute', ['PUT', 'http://x/crm/v8/Contacts/1']],
    ['another API', ['PUT', '/v8/Contacts/1']], ['an unknown route', ['FOO', '/crm/v8/Contacts/1']],
    ['an earlier answer', ['PUT', '/crm/v8/Contacts/@{1:$.data[0].id}']],
    ['an earlier answer, in a body', ['POST', '/crm/v8/Leads', ',"body":{"data":[{"A":"@{1:$.id}"}]}']],
    ['the same, escaped', ['POST', '/crm/v8/Leads', ',"body":{"data":[{"A":"\u0040\u007B1:$.id}"}]}']],
    ['an earlier answer, in params', ['DELETE', '/crm/v8/Leads', ',"params":{"ids":"@{1:$.id}"}']],
    ['a body that is text', ['PUT', '/crm/v8/Leads/1', ',"body":"{\"data\":[{}]}"']],
    ['an override', ['POST', '/crm/v8/Contacts', ',"headers":{"X-HTTP-Method-Override":"PUT"}']],
    ['an override, escaped', ['POST', '/crm/v8/Contacts', ',"headers":{"x-http-\u006dethod":"PUT"}']],
    ['an override with underscores', ['POST', '/crm/v8/Contacts', ',"headers":{"x_method_override":"PUT"}']],
    ['an override in params', ['GET', '/crm/v8/Contacts', ',"params":{"_method":"DELETE"}']],
    ['an external id', ['PUT', '/crm/v8/Contacts/1', ',"headers":{"x-external":"Contacts.E"}']],
    ['a header of ours', ['POST', '/crm/v8/Contacts', ',"headers":{"CRM-Chain":"x"}']],
    ['an override in the query', ['GET', '/crm/v8/Contacts?_method=DELETE']],
    ['a method twice', ['GET', '/crm/v8/Leads/1', ',"m\u0065thod":"DELETE"']],
    ['a composite', ['POST', '/crm/v8/__composite_requests']],
    ['no uri', '{"method":"GET"}'], ['no object', '[]'], ['a method that is none', '{"method":1,"uri":"/crm/v8/Leads"}'],
    ['headers in a list', ['GET', '/crm/v8/Leads', ',"headers":[]']],
);
refuse(59, 'too many', inner(($harmless) x 51), '400 INVALID_DATA');
refuse(59, "the list: $_", post('__composite_requests', $_), '400 INVALID_DATA')
    for '{"__composite_requests":{}}', '{}', '[]', '', '{"__composite_requests":[],"__composite_requests":[]}';


# What no rule restricts goes on as it came.

passes(48, "$_, not restricted for Deals", post("Deals/1/actions/$_"), there("POST Deals/1/actions/$_"),
       "POST /crm/v8/Deals/1/actions/$_") for qw(convert change_owner add_tags);
passes(50, 'mass_change_owner by view, not restricted for Deals',
       post('Deals/actions/mass_change_owner', '{"cvid":"9"}'), $there,
       'POST /crm/v8/Deals/actions/mass_change_owner');
deny(55, 'a photo, for it is an update', post('Deals/1/photo'), 'GET /crm/v8/Deals/1');
passes(51, 'a module without rules', post('Contacts/actions/mass_update', '{"cvid":"9"}'), $there,
       'POST /crm/v8/Contacts/actions/mass_update');
passes(48, 'the same', post('Contacts/1/actions/convert'), $there,
       'POST /crm/v8/Contacts/1/actions/convert');
refuse(51, 'records with approvals, by view', post('Accounts/actions/mass_update', '{"cvid":"9"}'),
       '400 NOT_APPROVED');

my ($free) = passes(104, "$_ writes no record", post($_), $there, "POST /crm/v8/$_")
    for 'Leads/1/actions/clone', 'Leads/1/actions/send_mail', 'functions/f/actions/execute', 'actions/watch';

# A function of the vendor's has one path; what only ends like it is another.

refuse($_->[0], "a path that ends as a function's: $_->[1]", post("$_->[1]/functions/f/actions/execute"), $_->[2])
    for [ 104, 'Leads', '404 INVALID_URL_PATTERN' ], [ 104, 'Leads/1', '404 INVALID_URL_PATTERN' ],
        map { [ $_->[0], $_->[1], '400 INVALID_URL_PATTERN' ] } [ 12, 'Leads/upsert;x=1' ], [ 17, 'Leads%3f' ],
        [ 18, 'Leads%23' ], [ 7, 'Leads%2F1' ], [ 5, 'Leads/%2e%2e' ], [ 3, 'Leads/..' ], [ 2, '/' ];
refuse(26, 'one that overrides its method', post('functions/f/actions/execute?_method=PUT'),
       '400 INVALID_URL_PATTERN');

# Behind all of it nothing is held and nothing is to come.

ok(all_ended(), 'no intent is left');
is(join(' ', @{ redis('KEYS', 'crm:{acme}:busy:*') }), '', 'no lease is left');
is(join(' ', @{ redis('KEYS', 'crm:{acme}:queue:*') }), '', 'no job');

crm_fail(fault => 'reset', method => 'POST', times => 1);
is(http(POST => '/crm/v8/Leads/2/actions/convert', body => '{}')->{status}, 502,
   'an action whose answer does not come');
is(redis('EXISTS', 'crm:{acme}:busy:Leads/2'), 1, 'keeps its lease');
is(redis('HGET', redis('ZRANGE', 'crm:{acme}:intents', 0, 0)->[0] =~ s/^/crm:{acme}:intent:/r, 'state'),
   'begun', 'and an intent that recovery drops');

is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();
