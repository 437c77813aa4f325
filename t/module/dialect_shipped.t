# The dialects that are shipped as files, each in front of a backend that plays
# it: EspoCRM, Directus, json-server. It would fail by letting a locked record
# be written by one of the ways that these backends take.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Player;

my @json = ('Content-Type' => 'application/json');
my $rules = <<'EOT';
kind: record_locking
module: MODULE
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: status, comparator: equal, value: Won }
restricted_actions: [update, delete]
---
kind: field_update
name: mark
module: MODULE
field: marked
value: "yes"
---
kind: workflow_rule
name: mark-new
module: MODULE
execute_when: { type: create_or_edit }
conditions:
  - instant_actions: [{ type: field_updates, name: mark }]
---
kind: workflow_rule
name: unowned
module: MODULE
execute_when: { type: create }
conditions:
  - criteria: { field: assignedUserId, comparator: equal, value: "${EMPTY}" }
    instant_actions: [{ type: field_updates, field: unowned, value: "yes" }]
EOT

sub rules_of { crm_rules($rules =~ s/MODULE/$_[0]/gr) }


# rows: name, method, path, headers, body, status, what must be true of it

sub ways {
    my ($what, @rows) = @_;

    for my $row (@rows) {
        my ($name, $method, $path, $headers, $body, $status) = @$row;

        my $before = () = play_writes();
        my $r = http($method, $path, headers => $headers,
                     defined $body ? (body => $body) : ());

        is($r->{status}, $status, "$what: $name: $method $path");

        my $seen = play_writes() - $before;

        is($seen, $status < 300 ? 1 : 0,
           $status < 300 ? 'the backend got it' : 'the backend saw nothing')
            or diag($r->{body});
    }
}


redis_start();

# --- EspoCRM

rules_of('Lead');
play('espocrm', location => '/api/v1/');

my @espo = ('X-Api-Key' => 'k', @json);
my ($won, $open) = ('66f0e1234567890ab', '66f0e1234567890ac');

my $r = http('POST', '/api/v1/Lead', headers => \@espo, body => '{"status":"New"}');
is($r->{status}, 200, 'EspoCRM: a record is created');
is(json_decode($r->{body})->{marked}, 'yes', 'and changed on its way');
is(json_decode($r->{body})->{unowned}, undef,
   'a field that the backend fills is not empty: nobody knows yet');

play_seed('Lead', $won, { id => $won, status => 'Won' });
play_seed('Lead', $open, { id => $open, status => 'New', versionNumber => 2 });

$r = http('PUT', "/api/v1/Lead/$won", headers => \@espo, body => '{"a":1}');
is($r->{status}, 409, 'EspoCRM: locked is a 409');
ok($r->{headers}{'x-status-reason'}, 'with a reason in its header');
is($r->{body}, '', 'and no body');

ways('EspoCRM',
    [ 'PUT keeps', 'PUT', "/api/v1/Lead/$open", \@espo, '{"a":1}', 200 ],
    [ 'PATCH', 'PATCH', "/api/v1/Lead/$open", \@espo, '{"a":2}', 200 ],
    [ 'PATCH of a locked one', 'PATCH', "/api/v1/Lead/$won", \@espo, '{"a":1}', 409 ],
    [ 'DELETE of a locked one', 'DELETE', "/api/v1/Lead/$won", \@espo, undef, 409 ],
    [ 'id in upper case', 'PUT', "/api/v1/Lead/\U$won", \@espo, '{"a":1}', 409 ],
    [ 'module in lower case', 'PUT', "/api/v1/lead/$won", \@espo, '{"a":1}', 400 ],
    [ 'an escaped letter', 'PUT', "/api/v1/%4Cead/$won", \@espo, '{"a":1}', 409 ],
    [ 'an escaped digit', 'PUT', '/api/v1/Lead/%366f0e1234567890ab', \@espo,
      '{"a":1}', 409 ],
    [ 'a trailing slash', 'PUT', "/api/v1/Lead/$won/", \@espo, '{"a":1}', 400 ],
    [ 'overridden', 'POST', "/api/v1/Lead/$won",
      [ @espo, 'X-HTTP-Method-Override' => 'PUT' ], '{"a":1}', 400 ],
    [ 'a form', 'PUT', "/api/v1/Lead/$won",
      [ 'X-Api-Key' => 'k', 'Content-Type' => 'application/x-www-form-urlencoded' ],
      'a=1', 415 ],
    [ 'gzip', 'PUT', "/api/v1/Lead/$won", [ @espo, 'Content-Encoding' => 'gzip' ],
      'x', 415 ],
    [ 'mass update of a locked one', 'POST', '/api/v1/MassAction', \@espo,
      qq({"entityType":"Lead","action":"update","params":{"ids":["$won"]},"data":{"b":1}}), 409 ],
    [ 'mass update of several, which one GET cannot read', 'POST',
      '/api/v1/MassAction', \@espo,
      qq({"entityType":"Lead","action":"update","params":{"ids":["$open","$won"]},"data":{"b":1}}), 503 ],
    [ 'mass update', 'POST', '/api/v1/MassAction', \@espo,
      qq({"entityType":"Lead","action":"update","params":{"ids":["$open"]},"data":{"b":1}}), 200 ],
    [ 'mass update by a filter', 'POST', '/api/v1/MassAction', \@espo,
      '{"entityType":"Lead","action":"update","params":{"where":[]},"data":{"b":1}}', 404 ],
    [ 'mass delete of a locked one', 'POST', '/api/v1/MassAction', \@espo,
      qq({"entityType":"Lead","action":"delete","params":{"ids":["$won"]}}), 409 ],
    [ 'the same, the module in lower case', 'POST', '/api/v1/MassAction', \@espo,
      qq({"entityType":"lead","action":"delete","params":{"ids":["$won"]}}), 400 ],
    [ 'another id in the body', 'PATCH', "/api/v1/Lead/$open", \@espo, qq({"id":"$won","a":1}), 400 ],
    [ 'text/plain', 'PUT', "/api/v1/Lead/$won",
      [ 'X-Api-Key' => 'k', 'Content-Type' => 'text/plain' ], '{"a":1}', 415 ],
    [ 'no type', 'PUT', "/api/v1/Lead/$won", [ 'X-Api-Key' => 'k', 'Content-Type' => '' ],
      '{"a":1}', 415 ],
    [ 'several parts', 'PUT', "/api/v1/Lead/$won",
      [ 'X-Api-Key' => 'k', 'Content-Type' => 'multipart/form-data; boundary=x' ], '--x--', 415 ],
    [ 'UTF-16', 'PUT', "/api/v1/Lead/$won",
      [ 'X-Api-Key' => 'k', 'Content-Type' => 'application/json; charset=utf-16' ], '{"a":1}', 415 ],
    [ 'index.php in the path', 'PUT', "/api/v1/index.php/Lead/$won", \@espo, '{"a":1}', 404 ],
    [ 'a suffix', 'PUT', "/api/v1/Lead/$won.json", \@espo, '{"a":1}', 400 ],
    [ 'another method by the query', 'POST', "/api/v1/Lead?http_method=PUT", \@espo, '{"a":1}', 400 ],
    [ 'an action', 'POST', '/api/v1/Action', \@espo,
      qq({"entityType":"Lead","action":"convert","id":"$won"}), 404 ],
    [ 'a link away', 'DELETE', "/api/v1/Lead/$won/meetings", \@espo, '{"id":"x"}', 404 ],
    [ 'another mass action', 'POST', '/api/v1/MassAction', \@espo,
      qq({"entityType":"Lead","action":"convert","params":{"ids":["$won"]}}), 404 ],
    [ 'a link', 'POST', "/api/v1/Lead/$won/meetings", \@espo, '{"id":"x"}', 404 ],
    [ 'convert', 'POST', '/api/v1/Lead/action/convert', \@espo, '{"id":"x"}', 404 ],
    [ 'repeated keys', 'PUT', "/api/v1/Lead/$open", \@espo, '{"a":1,"a":2}', 400 ],
    [ 'DELETE', 'DELETE', "/api/v1/Lead/$open", \@espo, undef, 200 ],
);

my ($put) = grep { $_->{method} eq 'PUT' } play_writes();

is($put->{header}{'x-version-number'}, 2, 'a write depends on the version that was judged');
is(play_record('Lead', $won)->{status}, 'Won', 'the locked lead is as it was');
is(play_record('Lead', $open), undef, 'the other is gone');

nginx_stop();
play_stop();
redis('FLUSHALL');

# --- Directus

rules_of('deals');
play('directus', location => '/');

my @dir = (Authorization => 'Bearer t', @json);

play_seed('deals', 7, { id => 7, status => 'Won' });
play_seed('deals', $_, { id => $_, status => 'New' }) for 8, 9;

$r = http('POST', '/items/deals', headers => \@dir, body => '{"status":"New"}');
is($r->{status}, 200, 'Directus: a record is created');
is(json_decode($r->{body})->{data}{marked}, 'yes', 'and changed on its way');

$r = http('POST', '/items/deals', headers => \@dir,
          body => '[{"status":"a"},{"status":"b"}]');
is($r->{status}, 200, 'Directus: two records are created');
is_deeply([ sort map { "$_->{status} $_->{marked}" }
            @{ json_decode($r->{body})->{data} } ], [ 'a yes', 'b yes' ],
          'both are changed');

$r = http('PATCH', '/items/deals/7', headers => \@dir, body => '{"a":1}');
is($r->{status}, 403, 'Directus: locked is a 403');
is(json_decode($r->{body})->{errors}[0]{extensions}{code}, 'RECORD_LOCKED',
   'with a code of its own');

ways('Directus',
    [ 'PATCH', 'PATCH', '/items/deals/8', \@dir, '{"a":1}', 200 ],
    [ 'the token in the query', 'PATCH', '/items/deals/8?access_token=t', [ @json ],
      '{"a":1}', 200 ],
    [ 'DELETE of a locked one', 'DELETE', '/items/deals/7', \@dir, undef, 403 ],
    [ 'another key in the body', 'PATCH', '/items/deals/8', \@dir, '{"id":7,"a":1}', 400 ],
    [ 'a parameter twice', 'PATCH', '/items/deals/8?fields=a&fields=b', \@dir, '{"a":1}', 400 ],
    [ 'a parameter twice, once escaped', 'PATCH', '/items/deals/8?fields=a&f%69elds=b', \@dir, '{"a":1}', 400 ],
    [ 'a parameter of nobody', 'PATCH', '/items/deals/8?filter=x', \@dir, '{"a":1}', 400 ],
    [ 'the collection in the other case', 'PATCH', '/items/Deals/7', \@dir, '{"a":1}', 400 ],
    [ 'the same, by keys', 'PATCH', '/items/DEALS', \@dir, '{"keys":[7],"data":{"a":1}}', 400 ],
    [ 'the same, several', 'DELETE', '/items/Deals', \@dir, '[7]', 400 ],
    [ 'the same, a new one', 'POST', '/items/Deals', \@dir, '{"a":1}', 400 ],
    [ 'by keys', 'PATCH', '/items/deals', \@dir,
      '{"keys":[8,7],"data":{"a":1}}', 403 ],
    [ 'by keys', 'PATCH', '/items/deals', \@dir,
      '{"keys":[8,9],"data":{"a":1}}', 200 ],
    [ 'each by itself', 'PATCH', '/items/deals', \@dir,
      '[{"id":9,"a":1},{"id":7,"a":1}]', 403 ],
    [ 'each by itself', 'PATCH', '/items/deals', \@dir,
      '[{"id":9,"a":1},{"id":8,"a":1}]', 200 ],
    [ 'by a query', 'PATCH', '/items/deals', \@dir,
      '{"query":{},"data":{"a":1}}', 404 ],
    [ 'a list of ids', 'DELETE', '/items/deals', \@dir, '[9,7]', 403 ],
    [ 'keys', 'DELETE', '/items/deals', \@dir, '{"keys":[7]}', 403 ],
    [ 'the path in capitals', 'PATCH', '/ITEMS/deals/7', \@dir, '{"a":1}', 403 ],
    [ 'the collection in capitals', 'PATCH', '/items/Deals/7', \@dir, '{"a":1}', 400 ],
    [ 'an escaped letter', 'PATCH', '/items/%64eals/7', \@dir, '{"a":1}', 403 ],
    [ 'a trailing slash', 'PATCH', '/items/deals/7/', \@dir, '{"a":1}', 403 ],
    [ 'an id in another form', 'PATCH', '/items/deals/07', \@dir, '{"a":1}', 400 ],
    [ 'PUT', 'PUT', '/items/deals/7', \@dir, '{"a":1}', 404 ],
    [ 'UTF-16', 'PATCH', '/items/deals/7',
      [ Authorization => 'x', 'Content-Type' => 'application/json; charset=utf-16' ],
      '{"a":1}', 415 ],
    [ 'gzip', 'PATCH', '/items/deals/7', [ @dir, 'Content-Encoding' => 'gzip' ],
      'x', 415 ],
    [ 'repeated keys', 'PATCH', '/items/deals/8', \@dir, '{"a":1,"a":2}', 400 ],
    [ 'a form', 'PATCH', '/items/deals/7',
      [ Authorization => 'x', 'Content-Type' => 'application/x-www-form-urlencoded' ], 'a=1', 415 ],
    [ 'several parts', 'PATCH', '/items/deals/7',
      [ Authorization => 'x', 'Content-Type' => 'multipart/form-data; boundary=x' ], '--x--', 415 ],
    [ 'text/plain', 'PATCH', '/items/deals/7',
      [ Authorization => 'x', 'Content-Type' => 'text/plain' ], '{"a":1}', 415 ],
    [ 'no type', 'PATCH', '/items/deals/7', [ Authorization => 'x', 'Content-Type' => '' ],
      '{"a":1}', 415 ],
    [ 'overridden', 'POST', '/items/deals/7',
      [ @dir, 'X-HTTP-Method-Override' => 'PATCH' ], '{"a":1}', 400 ],
    [ 'a collection of one', 'PATCH', '/items/deals', \@dir, '{"a":1}', 404 ],
    [ 'deleted by a query', 'DELETE', '/items/deals', \@dir, '{"query":{}}', 404 ],
    [ 'by keys and a query', 'PATCH', '/items/deals', \@dir,
      '{"keys":[8],"query":{"limit":1},"data":{"a":1}}', 404 ],
    [ 'users', 'PATCH', '/users/7', \@dir, '{"a":1}', 404 ],
    [ 'files', 'POST', '/files', \@dir, '{"a":1}', 404 ],
    [ 'an unknown parameter', 'PATCH', '/items/deals/8?version=x', \@dir, '{"a":1}', 400 ],
    [ 'GraphQL', 'POST', '/graphql', \@dir, '{"query":"x"}', 404 ],
    [ 'an import', 'POST', '/utils/import/deals', \@dir, '{}', 404 ],
    [ 'logging in', 'POST', '/auth/login', \@dir, '{}', 200 ],
    [ 'DELETE', 'DELETE', '/items/deals/8', \@dir, undef, 204 ],
);

is(http('SEARCH', '/items/deals', headers => \@dir, body => '{}')->{status}, 200,
   'Directus: SEARCH is a read');
is_deeply(play_record('deals', 7), { id => 7, status => 'Won' },
          'the locked deal is as it was');

$r = http('PATCH', '/items/deals/404', headers => \@dir, body => '{"a":1}');
is($r->{status}, 503, 'Directus: a record that cannot be seen is not judged');

nginx_stop();
play_stop();
redis('FLUSHALL');

# --- json-server

rules_of('deals');
play('json-server', location => '/api/');

my @form = ('Content-Type' => 'application/x-www-form-urlencoded');

play_seed('deals', 7, { id => 7, status => 'Won' });
play_seed('deals', 8, { id => 8, status => 'New', phone => '1' });

$r = http('POST', '/api/deals', headers => \@form, body => 'status=New&a=%26+x');
is($r->{status}, 201, 'json-server: a form creates a record');

my $new = json_decode($r->{body});
is_deeply([ @$new{qw(status a marked)} ], [ 'New', '& x', 'yes' ],
          'and what a rule sets in it is a field of the form');
is($new->{unowned}, 'yes', 'a field that nobody fills is empty');

ways('json-server',
    [ 'PATCH', 'PATCH', '/api/deals/8', \@json, '{"a":1}', 200 ],
    [ 'PUT', 'PUT', '/api/deals/8', \@json, '{"status":"x"}', 200 ],
    [ 'locked', 'PUT', '/api/deals/7', \@json, '{"status":"x"}', 423 ],
    [ 'locked', 'DELETE', '/api/deals/7', \@json, undef, 423 ],
    [ 'a form', 'PATCH', '/api/deals/7', \@form, 'status=x', 423 ],
    [ 'overridden', 'POST', '/api/deals/7',
      [ @json, 'X-HTTP-Method-Override' => 'PATCH' ], '{"a":1}', 423 ],
    [ 'overridden', 'POST', '/api/deals/8',
      [ @json, 'X-HTTP-Method-Override' => 'patch' ], '{"a":1}', 200 ],
    [ 'overridden by another header', 'POST', '/api/deals/7',
      [ @json, 'X-Method-Override' => 'PATCH' ], '{"a":1}', 400 ],
    [ 'another id in the body', 'PATCH', '/api/deals/8', \@json, '{"id":7,"a":1}', 400 ],
    [ 'another id in a form', 'PUT', '/api/deals/8', \@form, 'a=1&id=7', 400 ],
    [ 'another id, written otherwise', 'PATCH', '/api/deals/8', \@form, 'a=1&%69d=7', 400 ],
    [ 'its own id', 'PATCH', '/api/deals/8', \@json, '{"id":8,"a":3}', 200 ],
    [ 'overridden', 'POST', '/api/deals/7',
      [ @json, 'X-HTTP-Method-Override' => 'PUT' ], '{"a":1}', 423 ],
    [ 'by the query', 'POST', '/api/deals?_method=PATCH', \@json, '{"a":1}', 400 ],
    [ 'several parts', 'PATCH', '/api/deals/7',
      [ 'Content-Type' => 'multipart/form-data; boundary=x' ], '--x--', 415 ],
    [ 'text/plain', 'PATCH', '/api/deals/7', [ 'Content-Type' => 'text/plain' ], '{"a":1}', 415 ],
    [ 'UTF-16', 'PATCH', '/api/deals/7',
      [ 'Content-Type' => 'application/json; charset=utf-16' ], '{"a":1}', 415 ],
    [ 'gzip', 'PATCH', '/api/deals/7', [ @json, 'Content-Encoding' => 'gzip' ], 'x', 415 ],
    [ 'a suffix', 'PATCH', '/api/deals/7.json', \@json, '{"a":1}', 400 ],
    [ 'the whole resource', 'DELETE', '/api/deals', \@json, undef, 404 ],
    [ 'the whole data', 'POST', '/api/db', \@json, '{"a":1}', 404 ],
    [ 'repeated keys', 'PATCH', '/api/deals/8', \@json, '{"a":1,"a":2}', 400 ],
    [ 'in capitals', 'PATCH', '/api/DEALS/7', \@json, '{"a":1}', 400 ],
    [ 'a trailing slash', 'PATCH', '/api/deals/7/', \@json, '{"a":1}', 423 ],
    [ 'an escape', 'PATCH', '/api/deals/%37', \@json, '{"a":1}', 423 ],
    [ 'repeated fields', 'PATCH', '/api/deals/8', \@form, 'a=1&a=2', 400 ],
    [ 'DELETE', 'DELETE', '/api/deals/8', \@json, undef, 200 ],
);

is_deeply(play_record('deals', 7), { id => 7, status => 'Won' },
          'the locked deal is as it was');

done_testing();
