# A copy of zoho's file, changed and under another name, is a dialect like zoho:
# what it changed is as it says, all else as before. It would fail by code that
# asks for the name zoho, or that knows by itself what the file says.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;

my $file = work_dir() . '/ours.json';
my $text = slurp(top_dir() . '/src/dialects/zoho.json');

sub changed {
    my ($what, $with) = @_;

    $text =~ s/\Q$what\E/$with/ or die "zoho.json has no $what\n";
}

changed('"name": "zoho"', '"name": "zoho-ours"');
changed('"status": 400, "code": "RECORD_LOCKED", "title": "Sorry, you cannot perform this operation as the record is locked."',
        '"status": 423, "code": "HANDS_OFF", "title": "It is \"locked\""');
changed('"routes": [', <<'EOT');
"routes": [
        {
            "match": { "methods": ["POST"], "path": "{version}/{module}/{id}/actions/archive" },
            "op": "action:archive",
            "restricts": ["update"],
            "query": ["why"]
        },
        {
            "match": { "methods": ["POST"], "path": "{version}/{module}/actions/count" },
            "op": "ignore"
        },
EOT
changed('"Leads": "Email"', '"Leads": "Code"');
changed('"settings", ', '');
spew($file, $text);

redis_start();
crm_start();
crm_rules(<<'EOT');
kind: record_locking
module: Leads
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: Stage, comparator: equal, value: Won }
restricted_actions: [update, delete]
---
kind: workflow_rule
name: mark
module: Leads
execute_when: { type: create_or_edit }
conditions:
  - instant_actions: [{ type: field_updates, field: Marked, value: "yes" }]
EOT

my $server = crm_server_config('crm_decorate on;');
$server =~ s/crm_dialect zoho;/crm_dialect $file;/ or die;
nginx_start(server => $server);

crm_seed('Leads', 1, '{"Stage":"Won"}');
crm_seed('Leads', 2, '{"Stage":"Open","Code":"c-2","Ext":"e-2"}');

sub asked {
    my ($method, $target, $body, @headers) = @_;

    crm_clear_log();

    return http($method, "/crm/$target", defined $body ? (body => $body) : (),
                headers => [ 'Content-Type' => 'application/json', @headers ]);
}

sub stored { return json_decode(crm_record('Leads', $_[0])) }

my $r = asked('PUT', 'v8/Leads/1', '{"data":[{"A":1}]}');
is($r->{status}, 423, 'a locked record is refused with the status of the file');
like($r->{body}, qr/^\{"data":\[\{"code":"HANDS_OFF","details":\{"api_name":"id",.*"message":"It is \\"locked\\"","status":"error"\}\]\}$/s,
     '... its code, its words, in the shape of the mechanism');
is(scalar crm_writes(), 0, '... and nobody hears of it');

$r = asked('DELETE', 'v8/Leads/1');
is($r->{status}, 423, 'a deletion says the same');
like($r->{body}, qr/"code":"HANDS_OFF".*"message":"You cannot perform this operation as the record is locked\."/s,
     '... in the words of a deletion, which were not changed');

$r = asked('PUT', 'v8/Leads', '{"data":[{"id":"1","A":1},{"id":"2","A":2}]}');
is($r->{status}, 207, 'one of many is cut out');
like($r->{body}, qr/^\{"data":\[\{"code":"HANDS_OFF".*"code":"SUCCESS"/s, '... and stands at its place');
is(stored(2)->{Marked}, 'yes', '... and rules change the other');

$r = asked('POST', 'v8/Leads/1/actions/archive?why=x', '{}');
is($r->{status}, 423, 'an action that the file adds is judged');
like($r->{body}, qr/"code":"HANDS_OFF"/, '... as a locked record');
is(asked('POST', 'v8/Leads/1/actions/archive?how=x', '{}')->{status}, 400,
   '... and has no parameter but those of its route');

asked('POST', 'v8/Leads/actions/count', '{}');
is(scalar crm_writes(), 1, 'a route that the file lets pass reaches the backend');
is(asked('POST', 'v8/Leads/actions/sum', '{}')->{status}, 404, '... and one that it does not name is refused');

$r = asked('POST', 'v8/settings', '{"data":[{"A":1}]}');
isnt($r->{status}, 404, 'what the file does not reserve is a module');
is(asked('POST', 'v8/users', '{"data":[{"A":1}]}')->{status}, 404, '... and what it does is none');

asked('POST', 'v8/Leads/upsert', '{"data":[{"Code":"c-2","B":7}]}');
my ($search) = grep { $_->{target} =~ /search/ } crm_log();
like($search->{target}, qr/fields=Code&criteria=\(Code:equals:c-2\)/, 'an upsert looks at the field of the file');
is(stored(2)->{B}, 7, '... and updates the record that has it');

asked('PUT', 'v8/Leads/e-2', '{"data":[{"C":8}]}', 'X-EXTERNAL' => 'Leads.Ext');
is(stored(2)->{C}, 8, 'X-EXTERNAL names a record by a field');

$r = asked('POST', 'v8/__composite_requests', <<'EOT');
{"__composite_requests":[{"sub_request_id":"1","method":"PUT","uri":"/crm/v8/Leads/1","body":{"data":[{"A":1}]}},
{"sub_request_id":"2","method":"PUT","uri":"/crm/v8/Leads/2","body":{"data":[{"D":9}]}}]}
EOT
is($r->{status}, 207, 'requests in a request are judged one by one');
like($r->{body}, qr/"code":"HANDS_OFF".*"status_code":423/s, '... and refused in the words of the file');

like(http('GET', '/crm/v8/Leads/1')->{body}, qr/"Locked__s":true/, 'a record that is read tells that it is locked');

for my $case (
    [ '"/data/*"', '"/records/*"', 'takes records from /data/\*' ],
    [ '"path": "{module}/{id}", "version"', '"path": "one/{module}/{id}", "version"', 'reads a record at \{module\}/\{id\}' ],
    [ '"bulk_policy": "per_item",', '"bulk_policy": "all_or_nothing",', 'is per_item' ],
    [ '"on_override": "refuse"', '"on_override": "apply"', 'refuses every override' ],
    [ '"Deals": "Deal_Name"', '"Deals": 7', 'a field, or null' ],
    [ '"action:merge"', '"call:merge"', 'calls are of lock' ],
    [ '"id": "list"', '"id": "query:ids"', 'takes ids from path or list' ],
    [ '"methods": ["PUT", "PATCH"]', '"methods": ["PUT", "SPLICE"]', 'knows the methods GET' ],
    [ '"{version}/{module}/upsert"', '"{version}/{module}/upsert/a/b/c"', 'at most 5' ],
    [ '"restricts": ["tags"]', '"restricts": ["tag"]', 'a lock restricts update' ],
    [ '"mechanism": "zoho"', '"mechanism": "zoho", "id_form": "int"', 'leave "id_form" out' ],
    [ '"mechanism": "zoho",', '', 'errors lacks "locked"' ],
    [ '"name": "rest"', '"name": "r", "duplicates": {}', 'is of the mechanism zoho' ],
    [ '"name": "rest"', '"name": "r", "ways": { "external": true }', 'is of the mechanism zoho' ],
    [ '"op": "delete"', '"op": "call:lock"', 'are of the mechanism zoho' ],
    [ '"op": "delete"', '"op": "action:x", "restricts": ["update"]', 'is of the mechanism zoho' ],
    [ '"op": "delete"', '"op": "delete", "id": "list"', 'is of the mechanism zoho' ],
    [ '"title": "permission denied"', '"titel": "x"', 'did you mean "title"' ],
    [ '"locked_lock"', '"locked_lok"', 'did you mean "locked_lock"' ],
    [ '"{version}/coql"', '"{version}/cogl"', 'no request reaches this route' ],
    [ '"external": true', '"external": 1', 'external' ],
) {
    my ($what, $with, $says) = @$case;
    my $bad = slurp($says =~ /^(?:is|are) of the/ ? top_dir() . '/src/dialects/rest.json' : $file);

    $bad =~ s/\Q$what\E/$with/ or die "the file has no $what\n";
    spew(work_dir() . '/bad.json', $bad);
    $r = crmctl('dialect', 'check', work_dir() . '/bad.json');

    is($r->{rc}, 1, "$with is a mistake");
    like($r->{err}, qr/bad\.json:\d+:\d+: error: .*$says/, '... which is told with its place');
}

is(crmctl('dialect', 'check', $file)->{rc}, 0, 'the copy itself has none');

done_testing();
