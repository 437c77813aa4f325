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

$r = http('PATCH', '/api/deals/8', @json, body => '{"Stage":"Later"}');
is($r->{status}, 200, 'PATCH of another record goes through');
is(play_record('deals', 8)->{Phone}, '1', 'PATCH keeps');
$r = http('PUT', '/api/deals/8', @json, body => '{"Stage":"Open"}');
is($r->{status}, 200, 'PUT of it goes through');
is_deeply(play_record('deals', 8), { id => 8, Stage => 'Open' },
          'PUT replaces: nothing is added to the body');
is(redis('LLEN', 'crm:{acme}:queue:webhooks'), 1,
   'a field that PUT left out is empty for the rules, one PATCH left out not');

$r = http('DELETE', '/api/deals/8');
is($r->{status}, 200, 'a record that is not locked is deleted');
is(play_record('deals', 8), undef, 'it is gone');

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

is(http('GET', '/api/deals/7')->{status}, 200, 'reads pass');
is(http('POST', '/api/other', @json, body => '{"a":1}')->{status}, 201,
   'and so do modules without rules');

done_testing();
