# X-EXTERNAL on creates and upserts, and on lookup fields: what names a record by
# a value of a field is looked up first, judged as the id that it is, and goes
# out by it. Fails when a locked record is reached by such a value, when a rule
# sees another record in a lookup than the CRM does, when a look-up that says
# nothing lets a write through, or when records are asked for one by one. Row 45
# of the bypass table has the rest: t/e2e/ways_around_targets.t.

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

crm_rules(<<'EOR');
kind: record_locking
module: Contacts
lock_type: automatic
restricted_actions: [update, delete]
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: State, comparator: equal, value: closed }
---
kind: validation_rule
name: not with them
module: Contacts
run: always
criteria: { field: Account_Name, comparator: equal, value: "71" }
field: Account_Name
message: "They are no customers."
---
kind: workflow_rule
name: any
module: Contacts
execute_when: { type: create_or_edit }
conditions:
  - criteria: null
    instant_actions: [ { type: webhooks, name: tell }, { type: field_updates, field: Rating, value: Hot } ]
---
kind: webhook
name: tell
module: Contacts
url: https://hooks.example.test/x
http_method: POST
body: { type: raw, format: JSON, content: '{"account":"${!Contacts.Account_Name.id}"}' }
---
kind: workflow_rule
name: quoted
module: Quotes
execute_when: { type: create_or_edit }
conditions:
  - criteria: null
    instant_actions: [ { type: field_updates, field: Rating, value: Hot } ]
---
kind: validation_rule
name: asked for
module: Vendors
criteria: { field: Account_Name, comparator: equal, value: "71" }
field: Account_Name
message: "They are no customers."
EOR

nginx_start(workers => 1, extra => 'crm_max_records 20; crm_backend_max_time 3s; crm_lease_wait 300ms;',
            http => 'proxy_read_timeout 1s;' . crm_http_config('timeout=3s'));
nginx_ready('Contacts');

sub again {
    redis('DEL', key('queue:webhooks'));
    crm_reset();
    crm_seed('Contacts', 1, '{"Ext":"c1","State":"closed","Email":"one@x"}');
    crm_seed('Contacts', 2, '{"Ext":"c2","State":"open","Email":"two@x"}');
    crm_seed('Accounts', 70, '{"Key":"a0","Name":"Good"}');
    crm_seed('Accounts', 71, '{"Key":"a1","Name":"Bad"}');
    crm_seed('Accounts', $_, '{"Key":"twin"}') for 72, 73;
    crm_seed('Products', 80 + $_, "{\"Sku\":\"p$_\"}") for 0 .. 14;
    crm_clear_log();
}

sub send_as {
    my ($header, $method, $target, $body, @how) = @_;

    return http($method, "/crm/v8/$target", headers => [ 'Content-Type' => 'application/json', 'X-EXTERNAL' => $header ],
                (defined $body ? (body => $body) : ()), @how);
}

sub codes { return join ' ', map { $_->{code} . ($_->{action} ? " $_->{action}" : '') } @{ json_decode($_[0]{body})->{data} || [ json_decode($_[0]{body}) ] } }
sub reason { return (json_decode($_[0]{body})->{details} || {})->{reason} // $_[0]{body} }
sub got  { return join ' ', map { $_->{target} =~ m{/v8/(.*)} } grep { $_->{method} eq 'GET' } crm_log() }
sub sent { return (crm_writes())[-1]{body} }
sub header { return (crm_writes())[-1]{header}{'x-external'} }
sub told { return join ' ', map { json_decode(json_decode($_)->{action}{body})->{account} } @{ redis('LRANGE', key('queue:webhooks'), 0, -1) } }

sub quiet {
    my ($what) = @_;

    ok(all_ended(), "$what: no intent is left");
    is(join(' ', leases()), '', "$what: nothing is leased");
}

sub untouched {
    my ($what) = @_;

    is(scalar(crm_writes()), 0, "$what: the backend was sent no write");
    is(redis('LLEN', key('queue:webhooks')), 0, "$what: no action follows");
    quiet($what);
}

my $account = 'Contacts.Account_Name.Key';


# Creates.

again();
my $r = send_as('Contacts.Ext', 'POST', 'Contacts', '{"data":[{"Ext":"new","A":1}]}');
is($r->{status}, 201, 'what is created with such a value is created');
is(sent(), '{"data":[{"Ext":"new","A":1,"Rating":"Hot"}]}', 'as it was sent, with what rules set');
is(header(), 'Contacts.Ext', 'and under its header');
is(got(), '', 'nobody is looked for');
quiet('a create');

again();
$r = send_as('Contacts.Ext', 'POST', 'Contacts', '{"data":[{"id":"c1","A":1}]}');
is($r->{status}, 400, 'a create that names a record in the place of its id');
untouched('an id in a create');

again();
$r = send_as($account, 'POST', 'Contacts', '{"data":[ {"N":1, "Account_Name":{"Key":"a0"}}, {"N":2,"Account_Name": {"id":"9", "Key":"a0"} },{"N":3} ]}');
is(codes($r), 'SUCCESS SUCCESS SUCCESS', 'lookup fields by a value');
is(got(), 'Accounts/search?fields=Key&criteria=(Key:equals:a0)', 'one value is asked for once');
is(sent(), '{"data":[ {"N":1, "Account_Name":{"id":"70","Key":"a0"},"Rating":"Hot"},'
           . ' {"N":2,"Account_Name": {"id":"70", "Key":"a0"},"Rating":"Hot" },{"N":3,"Rating":"Hot"} ]}',
   'they go out by the id, the rest to the byte; an id beside the value, which the vendor does not look at, is that of the value');
is(header(), undef, 'without the header');
is(told(), '70 70 ', 'and rules see the id');
quiet('lookup fields');

again();
$r = send_as($account, 'POST', 'Contacts', '{"data":[{"N":1,"Account_Name":{"Key":"a1"}},{"N":2,"Account_Name":{"Key":"a0"}}]}');
is($r->{status}, 207, 'a rule that refuses by the record that a lookup names');
is(codes($r), 'INVALID_DATA SUCCESS', 'refuses that one');
is(got(), 'Accounts/search?fields=Key&criteria=((Key:equals:a1)or(Key:equals:a0))', 'they are asked for together');
quiet('refused by a lookup');

again();
$r = send_as($account, 'POST', 'Vendors', '{"data":[{"Account_Name":{"Key":"a0"}}]}');
is($r->{status}, 400, 'a header of another module');
untouched('another module');

$r = send_as('Vendors.Account_Name.Key', 'POST', 'Vendors', '{"data":[{"Account_Name":{"Key":"a0"}}]}');
is($r->{status}, 201, 'rules that nobody has asked for');
is(sent(), '{"data":[{"Account_Name":{"id":"70","Key":"a0"}}]}', 'still by its id, for there is no header any more');
quiet('not asked for');

again();
$r = send_as($account, 'POST', 'Deals', '{"data":[{"Account_Name":{"Key":"a1"}}]}');
is(header(), $account, 'where no rule is, it goes as it came');
is(sent(), '{"data":[{"Account_Name":{"Key":"a1"}}]}', 'to the byte');

# In the objects of a list; more than ten at once.

again();
my @lines = map { "{\"Product_Name\":{\"Sku\":\"p$_\"},\"Qty\":$_}" } 0 .. 11;
$r = send_as('Quotes.Quoted_Items.Product_Name.Sku', 'POST', 'Quotes', '{"data":[{"Quoted_Items":[' . join(',', @lines, 7, '{}', '{"Product_Name":null}') . ']}]}');
is($r->{status}, 201, 'lookups in the lines of a record');
is(scalar(grep { $_->{method} eq 'GET' } crm_log()), 2, 'ten are asked for at once');
like(sent(), qr/^\{"data":\[\{"Quoted_Items":\[\{"Product_Name":\{"id":"80","Sku":"p0"\},"Qty":0\},.*\{"id":"91","Sku":"p11"\},"Qty":11\},7,\{\},\{"Product_Name":null\}\],"Rating":"Hot"\}\]\}$/,
     'each by its id');


# Updates, with both.

again();
$r = send_as("Contacts.Ext, $account", 'PUT', 'Contacts', '{"data":[{"Ext":"c2","Account_Name":{"Key":"a0"}},{"Ext":"c1","Account_Name":{"Key":"a0"}}]}');
is(codes($r), 'SUCCESS RECORD_LOCKED', 'records and lookups, both by values');
is(sent(), '{"data":[{"id":"2","Ext":"c2","Account_Name":{"id":"70","Key":"a0"},"Rating":"Hot"}]}', 'what goes out has ids');
quiet('both');

again();
$r = send_as("Contacts.Ext,$account", 'PUT', 'Contacts/c2', '{"data":[{"Account_Name":{"Key":"a0"}}]}');
is($r->{status}, 200, 'the record in the path, the lookup in the body');
is((crm_writes())[-1]{target}, '/crm/v8/Contacts/2', 'by its id');
is(sent(), '{"data":[{"Account_Name":{"id":"70","Key":"a0"},"Rating":"Hot"}]}', 'both');

again();
$r = send_as($account, 'PUT', 'Contacts/2', '{"data":[{"Account_Name":{"Key":"a0"}}]}');
is($r->{status}, 200, 'a lookup alone: the path is an id');
$r = send_as($account, 'PUT', 'Contacts/c.2', '{"data":[{"Account_Name":{"Key":"a0"}}]}');
is($r->{status}, 400, 'and nothing else');
$r = send_as($account, 'PUT', 'Contacts/1', '{"data":[{"Account_Name":{"Key":"a0"}}]}');
is(codes($r), 'RECORD_LOCKED', 'of a locked record');
quiet('a lookup alone');


# Upserts.

my $look = 'Contacts/search?fields=Ext&criteria=';

again();
$r = send_as('Contacts.Ext', 'POST', 'Contacts/upsert', '{"data":[{"Ext":"c1","A":1},{"Ext":"c2","A":1},{"Ext":"c3","A":1}]}');
is(codes($r), 'RECORD_LOCKED SUCCESS update SUCCESS insert', 'an upsert by such a value');
is(got(), "$look((Ext:equals:c1)or(Ext:equals:c2)or(Ext:equals:c3)) Contacts?ids=1,2", 'looks for it');
is(sent(), '{"duplicate_check_fields":["Ext"],"data":[{"id":"2","Ext":"c2","A":1,"Rating":"Hot"},{"Ext":"c3","A":1,"Rating":"Hot"}]}',
   'and the backend is told to look there alone');
is(header(), undef, 'without the header');
quiet('an upsert');

again();
$r = send_as("Contacts.Ext,$account", 'POST', 'Contacts/upsert', '{"data":[{"Ext":"c2","Email":"one@x","Account_Name":{"Key":"a0"}},{"Ext":"c9","Email":"ONE@x","A":2}],"duplicate_check_fields":["Email","Ext"]}');
is(codes($r), 'INVALID_DATA', 'one value for two of its records is refused');
untouched('one value twice');

$r = send_as("Contacts.Ext,$account", 'POST', 'Contacts/upsert', '{"data":[{"Ext":"c2","Email":"one@x","Account_Name":{"Key":"a0"}}],"duplicate_check_fields":["Email"]}');
is(codes($r), 'SUCCESS update', 'it comes in front of duplicate_check_fields');
is(sent(), '{"data":[{"id":"2","Ext":"c2","Email":"one@x","Account_Name":{"id":"70","Key":"a0"},"Rating":"Hot"}],"duplicate_check_fields":["Email"]}',
   'the record that has it is written, with the lookup by its id');
again();
$r = send_as('Contacts.Ext', 'POST', 'Contacts/upsert', '{"data":[{"Ext":"c9","Email":"one@x","A":1}],"duplicate_check_fields":["Email"]}');
is(codes($r), 'RECORD_LOCKED', 'and behind it the others count');
$r = send_as('Contacts.Ext', 'POST', 'Contacts/upsert', '{"data":[{"id":"c1","A":1}]}');
like(reason($r), qr/^with X-EXTERNAL a record is named by that field/, 'a value in the place of an id');
quiet('upserts');


# What cannot be told.

for (['a value that nobody has', 'a9', 'no record has this value'], ['in another case', 'A0', 'no record has this value'],
     ['one that two have', 'twin', 'several records have this value'], ['one that cannot be asked for', 'a\\\\', 'the CRM cannot be asked'],
     ['no text', undef, 'the CRM cannot be asked'])
{
    my ($what, $value, $why) = @$_;

    again();
    $r = send_as($account, 'POST', 'Contacts', '{"data":[{"Account_Name":{"Key":' . (defined $value ? "\"$value\"" : '{}') . '}}]}');
    is("$r->{status} " . codes($r), '400 INVALID_DATA', "$what: refused in the vendor's words");
    like(reason($r), qr/^\Q$why\E/, "$what: with the reason");
    untouched($what);
}

again();
$r = send_as($account, 'POST', 'Contacts', '{"data":[{"Account_Name":{"Key":"a0"}},{"Account_Name":{"Key":"A0"}}]}');
like(reason($r), qr/^two values that differ in the case/, 'two spellings of a value');
untouched('two spellings');

for (['a lookup of whoever knows what', 'Contacts.Custom.Key'], ['two fields of its own', 'Contacts.Ext,Contacts.Key'], ['the id', 'Contacts.Account_Name.id'],
     ['nothing', 'Contacts.'], ['a list of lists', 'Contacts.A.B.Account_Name.Key'], ['an empty part', 'Contacts.Ext,'],
     ['many', join(',', ($account) x 9)], ['another name', 'Contacts.Ext;x'])
{
    my ($what, $header) = @$_;

    for my $target ('Contacts', 'Contacts/upsert') {
        again();
        $r = send_as($header, 'POST', $target, '{"data":[{"A":1}]}');
        is("$r->{status} " . codes($r), '400 INVALID_URL_PATTERN', "$what, $target: refused");
        untouched("$what, $target");
    }
}

for (['DELETE', 'Contacts/2'], ['POST', 'Contacts/2/actions/share', '{}']) {
    again();
    $r = send_as($account, @$_);
    is("$r->{status} " . codes($r), '400 INVALID_URL_PATTERN', "$_->[0] $_->[1] has no lookups");
    untouched("$_->[0] $_->[1]");
}

again();
$r = send_as($account, 'POST', 'Contacts', '{"data":[' . join(',', map { "{\"Account_Name\":{\"Key\":\"k$_\"}}" } 0 .. 20) . ']}');
is(codes($r), 'LIMIT_EXCEEDED', 'more than crm_max_records');
untouched('too many');

for ('{"data":', '{"data":{}}', '[]', '{"data":[7]}') {
    again();
    is(send_as($account, 'POST', 'Contacts', $_)->{status}, 400, "$_: refused");
    untouched($_);
}


# A look-up that says nothing, Redis, a client that leaves.

my $create = '{"data":[{"Account_Name":{"Key":"a0"}}]}';

for my $fault ([ fault => 'status', status => 500 ], [ fault => 'html' ], [ fault => 'truncate' ], [ fault => 'reset' ], [ fault => 'silent' ]) {
    again();
    crm_fail(@$fault, match => '/search');
    is(send_as($account, 'POST', 'Contacts', $create)->{status}, 503, "@$fault: a create is closed");
    untouched("@$fault");

    again();
    crm_fail(@$fault, match => '/search');
    is(send_as('Contacts.Ext', 'POST', 'Contacts/upsert', '{"data":[{"Ext":"c2"}]}')->{status}, 503, "@$fault: an upsert is closed");
    untouched("@$fault, upsert");
}

again();
crm_delay(ms => 300, match => '/search');
is(send_as($account, 'POST', 'Contacts', $create)->{status}, 201, 'a slow one is waited for');

again();
redis_pause();
is(send_as($account, 'POST', 'Contacts', $create, timeout => 30)->{status}, 503, 'Redis that does not answer closes');
redis_resume();
wait_for { eval { redis('PING') } } 'Redis';
wait_for { !leases() && !intents() } 'what it heard too late is taken back';
is(scalar(crm_writes()), 0, 'nothing is sent');

again();
crm_hold(match => '/search', times => 1);
my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => nginx_port()) or die "connect: $!\n";
print $s "POST /crm/v8/Contacts HTTP/1.1\r\nHost: x\r\nX-EXTERNAL: $account\r\nContent-Length: " . length($create) . "\r\n\r\n$create";
$s->flush;
wait_for { got() =~ /search/ } 'the look-up';
close $s;
is(send_as($account, 'POST', 'Contacts', $create)->{status}, 201, 'a client that leaves holds nobody up');
crm_release();
is(scalar(crm_writes()), 1, 'and nothing of its is sent');
quiet('a client that leaves');
is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();
