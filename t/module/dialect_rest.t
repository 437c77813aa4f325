# The rest dialect in front of a backend that speaks plain REST: PUT replaces,
# PATCH keeps, refusals are problem+json. It would fail by letting a write of a
# locked record through, or by judging another record than the backend writes.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Player;

redis_start();

crm_rules(<<'EOT');
kind: record_locking
module: deals
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: Stage, comparator: equal, value: Won }
restricted_actions: [update, delete]
---
kind: record_locking
module: cases
lock_type: automatic
locking_rules:
  - name: solved
    lock_existing_records: true
    criteria: { field: Stage, comparator: equal, value: Solved }
excluded_fields: [Note]
restricted_actions: [update]
---
kind: field_update
name: seen
module: cases
field: Seen
value: "yes"
---
kind: workflow_rule
name: mark-seen
module: cases
execute_when: { type: edit }
conditions:
  - criteria:
      group_operator: AND
      group:
        - { field: Stage, comparator: equal, value: Open }
        - { field: Total, comparator: not_equal, value: 99 }
    instant_actions: [{ type: field_updates, name: seen }]
---
kind: validation_rule
name: no-debt
module: deals
run: always
criteria: { field: Amount, comparator: less_than, value: 0 }
field: Amount
message: An amount is not negative.
---
kind: field_update
name: mark
module: deals
field: Marked
value: "yes"
---
kind: workflow_rule
name: mark-new
module: deals
execute_when: { type: create }
conditions:
  - instant_actions: [{ type: field_updates, name: mark }]
---
kind: webhook
name: tell
module: deals
url: http://127.0.0.1:9/cleared
http_method: POST
---
kind: workflow_rule
name: phone-cleared
module: deals
execute_when: { type: edit }
conditions:
  - criteria: { field: Phone, comparator: equal, value: "${EMPTY}" }
    instant_actions: [{ type: webhooks, name: tell }]
EOT

play('rest', location => '/api/');

my @json = (headers => [ 'Content-Type' => 'application/json' ]);

my $r = http('POST', '/api/deals', @json, body => '{"Name":"a","Stage":"New"}');
is($r->{status}, 201, 'a record is created');

my $new = json_decode($r->{body});
is($new->{Marked}, 'yes', 'and changed on its way');

my @keys = redis('KEYS', 'crm:{acme}:intent*');
is_deeply([ grep { defined } map { ref $_ ? @$_ : $_ } @keys ], [],
          'its outcome is known: the id stood in the answer');

play_seed('deals', 7, { id => 7, Stage => 'Won', Amount => 19.99 });
play_seed('deals', 8, { id => 8, Stage => 'Open', Phone => '1', Big => 'x' });

for my $m (qw(PUT PATCH DELETE)) {
    $r = http($m, '/api/deals/7', $m eq 'DELETE' ? ()
              : (@json, body => '{"Amount":1}'));

    is($r->{status}, 423, "$m of a locked record is refused");
    is($r->{headers}{'content-type'}, 'application/problem+json',
       'as a problem');

    my $p = json_decode($r->{body});

    is_deeply([ @$p{qw(type status code module id rule fields)} ],
              [ 'about:blank', 423, 'RECORD_LOCKED', 'deals', '7', 'closed',
                [] ], 'that says which record and which rule');
    ok($p->{title} && $p->{detail} && $p->{event}, 'and what for');
    is($p->{event}, $r->{headers}{'crm-event'}, 'and in which event');
}

is(play_record('deals', 7)->{Stage}, 'Won', 'the backend saw nothing of it');

$r = http('PATCH', '/api/deals/8', @json, body => '{"Amount":-1}');
is_deeply([ @{ json_decode($r->{body}) }{qw(status code detail rule fields)} ],
          [ 422, 'INVALID_DATA', 'An amount is not negative.', 'no-debt', [ 'Amount' ] ],
          'a validation rule tells its message and its field');

$r = http('PATCH', '/api/deals/8', @json, body => '{"Stage":"Later"}');
is($r->{status}, 200, 'PATCH of another record goes through');
is(play_record('deals', 8)->{Phone}, '1', 'PATCH keeps');

my ($last) = reverse play_writes();

is($last->{header}{'if-match'}, '"v1"', 'it depends on the version that was judged');
http('PATCH', '/api/deals/8', body => '{"Stage":"Later"}', headers => [
    'Content-Type' => 'application/json', 'If-Match' => '"mine"' ]);
($last) = reverse play_writes();
is($last->{header}{'if-match'}, '"mine"', 'but where the client depends on one itself');

$r = http('PUT', '/api/deals/8', @json, body => '{"Stage":"Open"}');
is($r->{status}, 200, 'PUT of it goes through');
is_deeply(play_record('deals', 8), { id => 8, Stage => 'Open' },
          'PUT replaces: nothing is added to the body');
is(redis('LLEN', 'crm:{acme}:queue:webhooks'), 1,
   'a field that PUT left out is empty for the rules, one PATCH left out not');

$r = http('DELETE', '/api/deals/8');
is($r->{status}, 200, 'a record that is not locked is deleted');
is(play_record('deals', 8), undef, 'it is gone');


# --- PUT replaces: what it leaves out it empties

my $full = '"Stage":"Solved","Amount":5.00,"Tag":null';

for (
    [ 'PUT', "{$full,\"Note\":\"b\"}", 200, 'all of it, and a field that may change' ],
    [ 'PUT', '{"Stage":"Solved","Amount":5,"Note":"c"}', 200, 'without what was empty' ],
    [ 'PUT', "{$full}", 200, 'without what may change' ],
    [ 'PUT', '{"Stage":"Solved","Tag":null}', 423, 'without what is locked' ],
    [ 'PUT', '{"Amount":5}', 423, 'without what locks it' ],
    [ 'PUT', '{}', 423, 'without anything' ],
    [ 'PUT', "{$full,\"Other\":null}", 200, 'with something empty besides' ],
    [ 'PUT', "{$full,\"Other\":1}", 423, 'with something besides' ],
    [ 'PATCH', '{"Note":"d"}', 200, 'PATCH of what may change' ],
    [ 'PATCH', '{}', 200, 'PATCH of nothing' ],
    [ 'PATCH', '{"Amount":null}', 423, 'PATCH of what is locked' ],
) {
    my ($method, $body, $status, $what) = @$_;

    play_seed('cases', 1, { id => 1, Stage => 'Solved', Amount => 5, Note => 'a' });
    $r = http($method, '/api/cases/1', @json, body => $body);
    is($r->{status}, $status, "a locked record: $what");
    is((play_writes())[-1]{body}, $status == 200 ? $body : undef, 'the backend sees it as it came') if $status == 200;
}

play_seed('cases', 2, { id => 2, Stage => 'Open', Amount => 5, Total => 1 });
http('PUT', '/api/cases/2', @json, body => '{"Stage":"Open","Note":"x"}');
is((play_writes())[-1]{body}, '{"Stage":"Open","Note":"x","Seen":"yes"}', 'what rules set goes into what replaces');
ok(!exists play_record('cases', 2)->{Amount}, 'what was left out is gone');

for my $bad (
    [ 'POST', '/api/deals', '{"Name":1,"Name":2}', 400, 'INVALID_DATA' ],
    [ 'POST', '/api/deals', '{"Name":', 400, 'INVALID_DATA' ],
    [ 'POST', '/api/deals', '[{"Name":1}]', 400, 'INVALID_DATA' ],
    [ 'POST', '/api/deals', '{"id":7}', 400, 'INVALID_DATA' ],
    [ 'PATCH', '/api/deals/7', '{"id":8}', 400, 'INVALID_DATA' ],
    [ 'PATCH', '/api/deals/%37', '{"a":1}', 400, 'INVALID_URL_PATTERN' ],
    [ 'PATCH', '/api/deals/7/', '{"a":1}', 400, 'INVALID_URL_PATTERN' ],
    [ 'PATCH', '/api/deals//7', '{"a":1}', 400, 'INVALID_URL_PATTERN' ],
    [ 'PATCH', '/api/deals/07', '{"a":1}', 400, 'INVALID_URL_PATTERN' ],
    [ 'PATCH', '/api/deals/7?_method=GET', '{"a":1}', 400,
      'INVALID_URL_PATTERN' ],
    (map { [ 'GET', "/api/deals/7?$_=DELETE", '', 400, 'INVALID_URL_PATTERN' ] }
     qw(_method _METHOD %5fMethod http_method a=1&HTTP_Method)),
    [ 'PATCH', '/api/deals/7?id=8', '{"a":1}', 400, 'INVALID_URL_PATTERN' ],
    [ 'PATCH', '/api/deals', '{"a":1}', 404, 'INVALID_URL_PATTERN' ],
    [ 'POST', '/api/deals/7/notes', '{"a":1}', 404, 'INVALID_URL_PATTERN' ],
) {
    my ($method, $path, $body, $status, $code) = @$bad;

    my $before = () = play_writes();
    $r = http($method, $path, @json, body => $body);

    is($r->{status}, $status, "$method $path $body is refused");
    is(json_decode($r->{body})->{code}, $code, 'with a code');
    is(scalar(() = play_writes()), $before, 'the backend sees nothing');
}

$r = http('PATCH', '/api/deals/7', body => '{"a":1}',
          headers => [ 'Content-Type' => 'application/xml' ]);
is($r->{status}, 415, 'a type that is not JSON is refused');


# --- what its last write made of a record: crm_record_source snapshot

nginx_stop();
play_nginx(play_port(), dialect => 'rest', location => '/api/', extra => 'crm_record_source snapshot;');

sub asked {
    my ($method, $id, $body) = @_;

    my $n = () = play_log();
    my $got = http($method, "/api/cases/$id", @json, body => $body);
    my @log = play_log();

    return join ' ', $got->{status}, map { $_->{method} } @log[$n .. $#log];
}

play_seed('cases', 3, { id => 3, Stage => 'New', Amount => 5 });
is(asked(PATCH => 3, '{"Note":"a"}'), '200 GET PATCH', 'it is read once');
is(asked(PUT => 3, '{"Stage":"Solved","Note":"a"}'), '200 PUT', 'and then known');
is(asked(PUT => 3, '{"Stage":"Solved","Amount":null}'), '200 PUT', 'what PUT left out is known to be empty');
is(asked(PUT => 3, '{"Stage":"Solved","Amount":5}'), '423', 'and what it was, gone');

play_seed('cases', 4, { id => 4, Stage => 'New', Total => 7 });
is(asked(PATCH => 4, '{"Note":"a"}'), '200 GET PATCH', 'a record of which the answer tells something else');
is(asked(PATCH => 4, '{"Note":"b"}'), '200 GET PATCH', 'than was written, where rules look: it is read again');

is(http('GET', '/api/deals/7')->{status}, 200, 'reads pass');
is(http('POST', '/api/other', @json, body => '{"a":1}')->{status}, 201,
   'and so do modules without rules');

done_testing();
