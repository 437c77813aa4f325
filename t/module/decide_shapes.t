# What a refusal by a lock or an approval looks like for each operation of the
# vendor's, to the byte: who reads these answers was written against the vendor.
# Fails when a key comes, goes or changes its place.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;

redis_start();
crm_start();

crm_rules(<<'EOT');
kind: profile
name: Standard
---
kind: user
id: "1001"
profile: Standard
---
kind: record_locking
module: Leads
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: Stage, comparator: equal, value: Closed }
restricted_actions: [update, delete, change_owner, tags, convert]
---
kind: approval_process
name: large
module: Accounts
execute_when: create
rules:
  - criteria: { field: Amount, comparator: greater_than, value: 20 }
    approvers: [ { type: user, id: "1001" } ]
EOT

crm_seed('Leads', 1, '{"Stage":"Closed"}');
crm_seed('Leads', $_, '{"Stage":"Open"}') for 2, 3;
nginx_start();

my $account = json_decode(http(POST => '/crm/v8/Accounts', body => '{"data":[{"Amount":30}]}')->{body})->{data}[0]{details}{id};

# The text of a refusal, with EVENT where its event stands.
sub said {
    my ($method, $path, $body) = @_;

    my $r = http($method => "/crm/v8/$path", defined $body ? (body => $body) : ());

    return "$r->{status} " . $r->{body} =~ s/"event":"[0-9A-Z]{26}"/"event":EVENT/gr;
}

my $sorry = 'Sorry, you cannot perform this operation as the record is locked.';
my $delete = 'You cannot perform this operation as the record is locked.';

sub locked {
    my ($details, $what, $message) = @_;

    my $reason = 'the record is locked by the rule \"closed\"' . ", which forbids $what";

    return qq({"code":"RECORD_LOCKED","details":{$details,"reason":"$reason","rule":"closed","event":EVENT},)
         . '"message":"' . ($message || $sorry) . '","status":"error"}';
}

my $action = '"action":"record_locking","id":"1"';
my $put = '{"data":[{"Note":"x"}]}';

is(said(PUT => 'Leads/1', $put),
   '400 {"data":[' . locked('"api_name":"id","json_path":"$.data[0].id","action":"record_locking"', 'to change Note') . ']}', 'an update');
is(said(DELETE => 'Leads/1'), '400 {"data":[' . locked($action, 'to delete it', $delete)
   . ']}', 'a deletion');
is(said(PUT => 'Leads', '{"data":[{"id":"1","Note":"x"}]}'),
   '400 {"data":[' . locked('"action":"record_locking","id":"1","json_path":"$.data[0].id"', 'to change Note') . ']}', 'an update by a list of one');

my $done = qr/\{"code":"SUCCESS",[^\[\]]*"status":"success"\}/;
my $two = said(PUT => 'Leads', '{"data":[{"id":"1","Note":"x"},{"id":"2","Note":"x"}]}');
my $item = locked('"action":"record_locking","id":"1","json_path":"$.data[0].id"', 'to change Note');

like($two, qr/^207 \{"data":\[\Q$item\E,$done\]\}$/, 'an update of many: the item');

$two = said(DELETE => 'Leads?ids=3,1');
$item = locked($action, 'to delete it', $delete);
like($two, qr/^207 \{"data":\[$done,\Q$item\E\]\}$/, 'a deletion of many: the item');

for ([ 'change_owner', '{"owner":{"id":"5"}}' ], [ 'convert', '{"data":[{"overwrite":true}]}' ],
     [ 'share', '{"share":[]}' ])
{
    my ($name, $body) = @$_;

    is(said(POST => "Leads/1/actions/$name", $body), '400 {"data":[' . locked($action, "the action $name") . ']}', $name);
}

is(said(POST => 'Leads/actions/change_owner', '{"owner":{"id":"5"},"ids":["1"]}'),
   '400 {"data":[' . locked($action, 'the action change_owner') . ']}', 'change_owner by a list');
is(said(POST => 'Leads/actions/mass_update', '{"data":[{"City":"Bern"}],"ids":["2","1"]}'),
   '400 {"data":[' . locked($action, 'the action mass_update') . ']}', 'a mass update');

for my $tags ('add_tags', 'remove_tags') {
    is(said(POST => "Leads/1/actions/$tags", '{"tags":[{"name":"a"}]}'),
       '400 {"data":[' . locked($action, "the action $tags") . '],"locked_count":1}', $tags);
}

for my $territories ('assign_territories', 'remove_territories') {
    is(said(POST => "Leads/1/actions/$territories", '{"data":[]}'),
       '400 {"data":[' . locked("\"resource_path_index\":1,$action", 'the action territories') . ']}', $territories);
}

# --- one that waits for an approval

my $waits = said(PUT => "Accounts/$account", $put);

like($waits, qr/^400 \{"code":"NOT_APPROVED","details":\{"resource_path_index":1,"reason":"[^"]*(?:\\"[^"]*)*","rule":"large","event":EVENT\},"message":"Cannot update record that is not approved yet","status":"error"\}$/,
     'an update');
like(said(DELETE => "Accounts/$account"),
     qr/^400 \{"data":\[\{"code":"NOT_APPROVED","details":\{"id":"$account","reason":"[^"]*(?:\\"[^"]*)*","rule":"large","event":EVENT\},"message":"cannot delete record that is not approved yet","status":"error"\}\]\}$/,
     'a deletion');

is(nginx_stop(), undef, 'nginx ends well');

done_testing();
