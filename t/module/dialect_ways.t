# Dialects of backends whose records are named by filters, read by a POST, written
# as multipart forms, or created unless they are there: each way in front of a
# backend that has it. It would fail by a locked record that is written, or by a
# write that the backend could not read any more.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use JSON::PP;
use Test::More;
use Test::CRM;
use Test::CRM::Player;

my @json = ('Content-Type' => 'application/json');

redis_start();
crm_rules(<<'EOT');
kind: record_locking
module: Leads
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: status, comparator: equal, value: Won }
restricted_actions: [update, delete]
---
kind: workflow_rule
name: mark
module: Leads
execute_when: { type: create_or_edit }
conditions:
  - instant_actions: [{ type: field_updates, field: marked, value: "yes" }]
---
kind: workflow_rule
name: odd
module: Leads
execute_when: { type: create_or_edit }
conditions:
  - criteria: { field: status, comparator: equal, value: Odd }
    instant_actions: [{ type: field_updates, field: odd, value: "yes" }]
EOT

my $errors = '"errors": { "default": { "body": { "code": "{code}", "message": "{message}" } } }';

sub dialect {
    my ($name, $text) = @_;

    my $file = work_dir() . "/$name.json";

    spew($file, qq({ "name": "$name", $text, $errors }\n));

    return $file;
}

sub told {
    my ($what, $r, $status, %record) = @_;

    is($r->{status}, $status, $what) or diag($r->{body});

    for my $id (sort keys %record) {
        my $has = play_record('Leads', $id);

        is($has->{$_}, $record{$id}{$_}, "... $id: $_") for sort keys %{ $record{$id} };
    }
}

sub last_write { return (play_writes())[-1] }


# --- records that a filter names

play('filters', location => '/api/', dialect => dialect('filters', <<'EOT'));
    "id_form": "int",
    "query": ["*"],
    "routes": [
        { "match": { "methods": ["POST"], "path": "{module}",
                     "query": { "on_conflict": "email" } },
          "op": "upsert", "record": "" },
        { "match": { "methods": ["PATCH"], "path": "{module}" },
          "op": "update", "id": "filter:id", "record": "",
          "on_unknown_set": "resolve",
          "resolve": { "path": "{module}?{query}", "records": "/*", "max": 3,
                       "as_query": { "id": "in.({ids})" } } },
        { "match": { "methods": ["DELETE"], "path": "{module}" },
          "op": "delete", "id": "filter:id",
          "on_unknown_set": "resolve",
          "resolve": { "path": "{module}?{query}", "records": "/*", "max": 3,
                       "as_query": { "id": "in.({ids})" } } }
    ],
    "new_id": ["body:/0/id"],
    "get": { "path": "{module}?id=eq.{id}", "record": "/0",
             "many": "{module}?id=in.({ids})", "records": "/*",
             "version": "field:version" },
    "guard": { "query": { "version": "eq.{v}" } },
    "find": { "path": "{module}", "records": "/*",
              "unique": "email", "unique_path": "{module}?email=eq.{value}" }
EOT

sub seeded {
    play_reset();
    play_seed('Leads', 1, { id => 1, status => 'Won', n => 1, version => 4, email => 'a@x' });
    play_seed('Leads', 2, { id => 2, status => 'New', n => 2, version => 7, email => 'b@x' });
    play_seed('Leads', 3, { id => 3, status => 'New', n => 3, version => 8, email => 'c@x' });
}

sub filtered {
    my ($method, $query, $body) = @_;

    return http($method, "/api/Leads$query", defined $body ? (headers => \@json, body => $body) : ());
}

seeded();
wait_for { filtered(PATCH => '?id=eq.1', '{"n":9}')->{status} == 423 } 'the rules';
seeded();

told('one by its id', filtered(PATCH => '?id=eq.2', '{"n":9}'), 200, 2 => { n => 9, marked => 'yes' });
like(last_write()->{target}, qr/\?id=eq\.2&version=eq\.7$/, 'depends on the version that was judged');

told('a set without a locked one', filtered(PATCH => '?status=eq.New', '{"n":5}'), 200,
     2 => { n => 5, marked => 'yes' }, 3 => { n => 5, marked => 'yes' }, 1 => { n => 1, marked => undef });
like(last_write()->{target}, qr/\?status=eq\.New&id=in\.\(2,3\)$/, 'is written by its ids');

told('a set of which one is locked', filtered(PATCH => '?n=gt.0', '{"n":6}'), 423, 2 => { n => 5 }, 1 => { n => 1 });
told('ids by another filter', filtered(PATCH => '?id=gt.1', '{"n":7}'), 200, 3 => { n => 7 });
told('no filter: all of them', filtered(DELETE => ''), 423, 1 => { n => 1 }, 2 => { n => 7 });
told('none is meant', filtered(PATCH => '?n=eq.99', '{"n":1}'), 404);

play_seed('Leads', 4, { id => 4, status => 'New', n => 4 });
told('more than may be', filtered(PATCH => '?n=gt.0', '{"n":1}'), 400, 2 => { n => 7 });
told('the id of another', filtered(PATCH => '?id=eq.2', '{"id":1,"n":1}'), 400, 2 => { n => 7 });
told('a set that is deleted', filtered(DELETE => '?n=gt.6'), 200);
is(play_record('Leads', 2), undef, 'is gone');

# --- records that are created unless they are there

seeded();
told('an upsert of a locked record', filtered(POST => '?on_conflict=email', '{"email":"a@x","n":9}'), 423, 1 => { n => 1 });
told('of another', filtered(POST => '?on_conflict=email', '{"email":"b@x","n":9}'), 200, 2 => { n => 9, marked => 'yes' });
told('of one that is not there', filtered(POST => '?on_conflict=email', '{"email":"d@x","n":4}'), 201);
is((grep { ($_->{email} // '') eq 'd@x' } @{ decode_json(play_crm(GET => '/api/Leads')) })[0]{marked}, 'yes', 'is created');
told('by what cannot be asked for', filtered(POST => '?on_conflict=email', '{"email":["a@x"],"n":4}'), 400);

nginx_stop();
play_stop();

# --- records that are read by a POST, by who asks in the body

play('rpc', location => '/', dialect => dialect('rpc', <<'EOT'));
    "id_form": "int",
    "routes": [
        { "match": { "methods": ["POST"], "path": "rpc",
                     "body": { "/method": "write", "/where": { "present": true } } },
          "op": "update", "module": "body:/model",
          "shared": { "ids": "/ids/*", "record": "/values" },
          "on_unknown_set": "resolve",
          "resolve": { "method": "POST", "path": "rpc?{module}", "records": "/result/*",
                       "body": { "model": "{module}", "method": "read", "key": "{body:/key}",
                                 "where": "{body:/where}" },
                       "as_body": { "model": "{module}", "method": "write", "key": "{body:/key}",
                                    "ids": "{ids_json}", "values": "{body:/values}" } } },
        { "match": { "methods": ["POST"], "path": "rpc", "body": { "/method": "write" } },
          "op": "update", "module": "body:/model",
          "shared": { "ids": "/ids/*", "record": "/values" } }
    ],
    "ok": { "body": { "/error": { "present": false } } },
    "get": { "method": "POST", "path": "rpc",
             "body": { "model": "{module}", "method": "read", "key": "{body:/key}", "ids": ["{id_json}"] },
             "many": "rpc",
             "many_body": { "model": "{module}", "method": "read", "key": "{body:/key}", "ids": "{ids_json}" },
             "record": "/result/0", "records": "/result/*", "version": "field:rev" },
    "guard": { "body": { "rev": "{v}" } }
EOT

sub called { return http(POST => '/rpc', headers => \@json, body => $_[0]) }

play_seed('Leads', 1, { id => 1, status => 'Won', n => 1, rev => 4 });
play_seed('Leads', 2, { id => 2, status => 'New', n => 2, rev => 7 });
play_seed('Leads', 3, { id => 3, status => 'New', n => 3, rev => 9 });

told('one', called('{"model":"Leads","method":"write","key":"sesame","ids":[2],"values":{"n":8}}'), 200,
     2 => { n => 8, marked => 'yes', rev => 8 });
is(last_write()->{body}, '{"model":"Leads","method":"write","key":"sesame","ids":[2],"values":{"rev":7,"n":8,"marked":"yes"}}',
   'with the version that was judged, as the number that it is');
told('a locked one', called('{"model":"Leads","method":"write","key":"sesame","ids":[1],"values":{"n":8}}'), 423, 1 => { n => 1 });
told('a locked one of two', called('{"model":"Leads","method":"write","key":"sesame","ids":[2,1],"values":{"n":9}}'), 423,
     2 => { n => 8 });
told('two', called('{"model":"Leads","method":"write","key":"sesame","ids":[2,3],"values":{"n":9}}'), 200,
     2 => { n => 9 }, 3 => { n => 9 });
play_seed('Leads', 5, { id => 5, status => 'Odd', n => 0, rev => 1 });
told('two of which rules would make something else',
     called('{"model":"Leads","method":"write","key":"sesame","ids":[2,5],"values":{"n":7}}'), 400, 2 => { n => 9 }, 5 => { n => 0 });
told('with another key nothing can be read', called('{"model":"Leads","method":"write","key":"no","ids":[2],"values":{"n":1}}'),
     503, 2 => { n => 9 });
told('those above a value', called('{"model":"Leads","method":"write","key":"sesame","where":{"above":1},"values":{"n":5}}'), 200,
     2 => { n => 5, marked => 'yes' }, 3 => { n => 5 });
is(last_write()->{body}, '{"model":"Leads","method":"write","key":"sesame","ids":[2,3],"values":{"n":5}}',
   'are written by their ids');
told('among which is a locked one',
     called('{"model":"Leads","method":"write","key":"sesame","where":{"above":0},"values":{"n":6}}'), 423, 2 => { n => 5 });

nginx_stop();
play_stop();

# --- forms of several parts, one of which is the record

play('form', location => '/', dialect => dialect('form', <<'EOT'));
    "id_form": "int",
    "body_types": { "types": { "multipart/form-data": "multipart",
                               "application/x-www-form-urlencoded": "form" } },
    "forward_auth": { "body": { "session": "/session" } },
    "routes": [
        { "match": { "methods": ["POST"], "path": "service", "form": { "operation": "update" } },
          "op": "update", "module": "const:Leads", "decode": "json-string:element",
          "id": "body:/element/id", "record": "/element" }
    ],
    "ok": { "body": { "/success": true } },
    "get": { "path": "service?of={module}&id={id}", "record": "/result" }
EOT

sub part { return qq(--x1\r\nContent-Disposition: form-data; name="$_[0]"\r\n\r\n$_[1]\r\n) }

sub parts {
    my ($element, %o) = @_;

    my $body = $o{body} // part('operation', 'update') . part('session', $o{session} // 's1')
                           . part('element', $element) . "--x1--\r\n";

    return http(POST => '/service', headers => [ 'Content-Type' => $o{type} // 'multipart/form-data; boundary=x1' ],
                body => $body);
}

play_seed('Leads', 1, { id => 1, status => 'Won', n => 1 });
play_seed('Leads', 2, { id => 2, status => 'New', n => 2 });

told('a form of several parts', parts('{"id":2,"n":8}'), 200, 2 => { n => 8, marked => 'yes' });
is(last_write()->{body}, part('operation', 'update') . part('session', 's1')
   . part('element', '{"id":2,"n":8,"marked":"yes"}') . "--x1--\r\n", 'is written as one again');
told('a locked record', parts('{"id":1,"n":8}'), 423, 1 => { n => 1 });
told('without the session nothing can be read', parts('{"id":2,"n":9}', session => 's2'), 503, 2 => { n => 8 });

my $good = part('operation', 'update') . part('session', 's1') . part('element', '{"id":2,"n":9}');

for my $row (
    [ 'no boundary', 415, undef, type => 'multipart/form-data' ],
    [ 'two boundaries', 415, undef, type => 'multipart/form-data; boundary=x1; boundary=x2' ],
    [ 'another boundary', 400, undef, type => 'multipart/form-data; boundary=x2' ],
    [ 'no end', 400, $good ],
    [ 'text in front', 400, "x\r\n$good--x1--\r\n" ],
    [ 'text behind', 400, "$good--x1--\r\nx" ],
    [ 'a part twice', 400, $good . part('element', '{"id":1}') . "--x1--\r\n" ],
    [ 'a file', 400, $good =~ s/"element"/"element"; filename="a"/r . "--x1--\r\n" ],
    [ 'an encoding', 400, $good =~ s/"element"\r\n/"element"\r\nContent-Transfer-Encoding: base64\r\n/r . "--x1--\r\n" ],
    [ 'a boundary behind a bare line feed', 400, part('operation', "update\n--x1") . $good . "--x1--\r\n" ],
    [ 'a folded header', 400, $good =~ s/form-data; name="element"/form-data;\r\n name="element"/r . "--x1--\r\n" ],
) {
    my ($what, $status, $body, %o) = @$row;
    my $before = () = play_writes();

    told($what, parts('{"id":2,"n":9}', body => $body, %o), $status, 2 => { n => 8 });
    is(scalar(() = play_writes()), $before, '... the backend saw nothing');
}

told('a form that begins as JSON does', http(POST => '/service', body => '{"operation":"update","id":1}',
     headers => [ 'Content-Type' => 'application/x-www-form-urlencoded' ]), 400, 1 => { n => 1 });

nginx_stop();
play_stop();

done_testing();
