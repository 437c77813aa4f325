# The rules through nginx, with a person's rights: dump, plan and apply with
# --server, and /crm_api/rules, processes and events by themselves. Fails when
# somebody changes what his profile does not permit, when a change overwrites
# another that it has not seen, or when what is sent can close nginx' rules.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use JSON::PP;
use Test::More;
use Test::CRM;
use Test::CRM::Rude;

redis_start();
crm_start();

my $people = <<'EOT';
kind: profile
name: Standard
---
kind: profile
name: Flow
permissions: [manage_workflow]
---
kind: profile
name: Modules
permissions: [modules_customization]
---
kind: profile
name: Administrator
permissions: [manage_workflow, modules_customization]
EOT

my %users = (ada => 'Administrator', flo => 'Flow', mo => 'Modules', stan => 'Standard');

$people .= "---\nkind: user\nid: \"$_\"\nname: User $_\nprofile: $users{$_}\n"
    for sort keys %users;

my $update = "kind: workflow_rule\nname: note\nmodule: Deals\nexecute_when: { type: edit }\n"
             . "conditions:\n  - criteria: null\n    instant_actions:\n"
             . "      - { type: field_updates, name: set }\n---\n"
             . "kind: field_update\nname: set\nmodule: Deals\nfield: Note\nvalue: TEXT\n";

crm_rules($people);

my ($tokens, %file) = (work_dir() . '/tokens');

spew($tokens, join '', map { "$_:0123456789abcdef-$_:$_\n" } sort(keys %users), 'nobody');
chmod 0600, $tokens;

for (keys %users, 'nobody') {
    $file{$_} = work_dir() . "/token-$_";
    spew($file{$_}, "0123456789abcdef-$_\n");
}

nginx_start(server => crm_server_config() . "location /crm_api/ {"
                      . " crm_api write=on guarded=/crm/v8;"
                      . " crm_api_token_file $tokens; }"
                      . "location /told/ { crm_api guarded=/crm/v8;"
                      . " crm_api_token_file $tokens; }");

my $url = 'http://127.0.0.1:' . nginx_port();

sub as { my ($who, @args) = @_; return crmctl(@args, '--server', $url, '--token-file', $file{$who}) }

sub call {
    my ($who, $method, $path, $body, @headers) = @_;

    return http($method => $path, body => $body,
                headers => [ Authorization => "Bearer 0123456789abcdef-$who", @headers,
                             defined $body ? ('Content-Type' => 'application/json') : () ]);
}

sub rules { return decode_json(call(ada => GET => '/crm_api/rules')->{body}) }

sub send_rules {
    my ($who, $rules, %more) = @_;

    return call($who, PUT => '/crm_api/rules',
                encode_json({ expected => $rules->{revision} + 0, bundle => $rules->{bundle},
                              %more }));
}

sub folder {
    my ($name, $text) = @_;

    spew(work_dir() . "/$name/rules.yaml", $text);
    return work_dir() . "/$name";
}

sub revision { return redis(GET => 'crm:{acme}:revision') }

sub noted { return decode_json(redis(HGET => 'crm:{acme}:revisions', revision())) }


# --- dump, plan, apply -------------------------------------------------------------------

is(noted()->{access}, 'operator', 'who writes to Redis himself is the operator');

is(as(ada => 'dump')->{out}, crmctl('dump')->{out}, 'dump is the same through nginx');
is(as(flo => 'dump', '-o', 'json')->{out}, crmctl('dump', '-o', 'json')->{out}, 'as JSON, too');

(my $one = $update) =~ s/TEXT/one/;
my $dir = folder('flow', $one);

is(as(flo => 'plan', $dir)->{out}, crmctl('plan', $dir)->{out}, 'and so is plan');
is(revision(), 1, 'which stores nothing');

my $r = as(flo => 'apply', $dir, '--message', 'a note on deals', '-o', 'json');
is($r->{rc}, 0, 'who may manage workflows applies some') or diag $r->{err};

my $said = decode_json($r->{out});
is($said->{revision}, 2, 'as the next revision');
is(scalar @{ $said->{processes} }, 1, 'which apply waits for');
is_deeply($said->{missing}, [], 'until all have it');

is(noted()->{author}, 'User flo (flo)', 'the author is the person');
is(noted()->{user}, 'flo', 'by id');
is(noted()->{access}, 'person', 'with a person\'s rights');
is(noted()->{message}, 'a note on deals', 'and says why');
is(noted()->{managed_by}, 'flow', 'the folder owns it');
is("@{[ map { noted()->{$_} } qw(added changed removed objects) ]}", '2 0 0 10', 'counted');

my ($live) = @{ decode_json(crmctl('history', '-o', 'json')->{out})->{revisions} };
is($live->{access}, 'person', 'history tells it');
is(crmctl('plan', $dir)->{out}, "no change: revision 2 is live\n", 'an operator sees the same rules');
is(as(flo => 'apply', $dir)->{out} =~ /^no change: revision 2/ ? 1 : 0, 1, 'once more changes nothing');

crm_seed('Deals', '7', '{"Stage":"Open"}');
is(http(PUT => '/crm/v8/Deals/7', body => '{"data":[{"Stage":"Won"}]}')->{status}, 200, 'a write');
is(decode_json(crm_record('Deals', '7'))->{Note}, 'one', 'obeys them at once');


# --- rights ----------------------------------------------------------------------------

my $role = folder('role', "kind: role\nname: Boss\n");

for ([ flo => $role, 'modules_customization', 'role Boss' ],
     [ mo => folder('other', $one =~ s/name: note/name: other/r =~ s/one/two/r), 'manage_workflow',
       'workflow_rule other' ])
{
    my ($who, $folder, $right, $what) = @$_;

    $r = as($who, 'apply', $folder);
    is($r->{rc}, 1, "$who may not change $what");
    like($r->{err}, qr/changing $what takes the permission $right, which your profile does not have/,
         'and hears what it takes');
}

is(revision(), 2, 'nothing is stored');
is(as(mo => 'apply', $role)->{rc}, 0, 'who may, may');
is(revision(), 3, 'and it is stored');

for ([ stan => 403, 'whose profile permits neither' ], [ nobody => 403, 'whom the rules do not know' ]) {
    my ($who, $status, $what) = @$_;

    is(call($who, GET => '/crm_api/rules')->{status}, $status, "GET by one $what");
    is(send_rules($who, rules())->{status}, $status, "PUT by one $what");
    is(call($who, GET => '/crm_api/processes')->{status}, $status, "processes for one $what");
    like(as($who, 'apply', $role)->{err}, qr/manage_workflow or modules_customization/, 'told, too');
}

my $mine = rules();
$_->{object}{profile} = 'Administrator' for grep { ($_->{object}{id} || '') eq 'flo' } @{ $mine->{bundle}{objects} };
is(send_rules(flo => $mine)->{status}, 403, 'nobody gives himself rights');

is(http(GET => '/crm_api/rules')->{status}, 401, 'nobody without a token');
is(call(ada => PUT => '/told/rules', '{}')->{status}, 403, 'nothing where write=on is missing');
is(call(ada => GET => '/told/rules')->{status}, 200, 'but what is live');
is(call(ada => DELETE => '/crm_api/rules')->{headers}{allow}, 'GET, HEAD, PUT', 'methods are told');
is(http(PUT => '/crm_api/rules', body => '{}', headers => [ 'Content-Type' => 'text/plain',
        Authorization => 'Bearer 0123456789abcdef-ada' ])->{status}, 415, 'JSON must say so');
is(call(ada => HEAD => '/crm_api/rules')->{headers}{'content-length'},
   length(call(ada => GET => '/crm_api/rules')->{body}), 'HEAD tells the length');


# --- what is sent ------------------------------------------------------------------------

my $now = rules();

for ([ '', qr/no JSON/ ], [ '[]', qr/must be a JSON object/ ], [ '{"bundle":{}}', qr/expected must be/ ],
     [ '{"expected":3,"expected":3}', qr/no JSON: duplicate/ ],
     [ '{"expected":3,"rules":{}}', qr/none of expected, epoch/ ],
     [ '{"expected":3,"message":"a\u000ab","bundle":{}}', qr/message must be one line/ ],
     [ '{"expected":3,"bundle":{"v":1,"objects":[]}}', qr/bundle must be a bundle/ ],
     [ '{"expected":3,"bundle":{"v":1,"org":"other","objects":[]}}', qr/another organisation/ ],
     [ '{"expected":3,"bundle":{"v":1,"org":"acme","objects":[{"object":{}}]}}', qr/objects\[0\]/ ],
     [ '{"expected":3,"bundle":{"v":2,"org":"acme","objects":[]}}', qr/version 1/ ],
     [ '{"expected":3,"bundle":{"v":1,"org":"acme","objects":[' . ('[' x 5000), qr/no JSON/ ],
     [ '{"expected":3,"bundle":{"v":1,"org":"acme","objects":[{"managed_by":"x","object":'
       . '{"kind":"role","name":"R","reports_to":"Nobody"}}]}}', qr/role R: / ])
{
    my ($body, $like) = @$_;

    $r = call(ada => PUT => '/crm_api/rules', $body);
    is($r->{status}, 400, 'refused: ' . substr $body, 0, 70);
    like($r->{body}, $like, 'with a reason');
}

is(call(ada => PUT => '/crm_api/rules', '{"expected":3,"message":"' . 'x' x (1024 * 1024) . '"}')->{status},
   413, 'above crm_max_body');
is(revision(), 3, 'nothing of that is stored');


# --- somebody was faster ------------------------------------------------------------------

my $stale = rules();
$stale->{revision}--;
push @{ $stale->{bundle}{objects} }, { managed_by => 'x', object => { kind => 'role', name => 'Late' } };
$r = send_rules(ada => $stale);
is($r->{status}, 409, 'a change of other rules than those that are live');
like($r->{body}, qr/made from revision 2, live is 3; make it again.*ALREADY_MODIFIED/, 'is told both');

my $plan = work_dir() . '/p.plan';
is(as(ada => 'plan', folder('new', "kind: role\nname: New\n"), '--out', $plan)->{rc}, 0, 'a plan is saved');
is(crmctl('apply', folder('between', "kind: role\nname: Between\n"))->{rc}, 0, 'another is faster');
like(as(ada => 'apply', $plan)->{err}, qr/was made at revision 3, live is 4: nothing was applied/,
     'and refused when another revision is live');
is(as(ada => 'plan', work_dir() . '/new', '--out', $plan)->{rc}, 0, 'made again');
is(as(ada => 'apply', $plan)->{rc}, 0, 'it is applied as it was shown');

$now = rules();
push @{ $now->{bundle}{objects} }, { managed_by => 'x', object => { kind => 'role', name => 'Twice' } };
is(decode_json(send_rules(ada => $now)->{body})->{revision}, 6, 'a change by hand');
is(decode_json(send_rules(ada => $now)->{body})->{changed}, JSON::PP::true,
   'that is repeated, its answer being lost, has been made');
is(revision(), 6, 'once');
is(send_rules(ada => rules(), epoch => 'Z' x 26)->{body} =~ /another Redis/ ? 1 : 0, 0,
   'what is live already needs no epoch');

my @many = in_parallel(6, sub { as(ada => 'apply', folder("m$_[0]", "kind: role\nname: M$_[0]\n"))->{rc} });
is_deeply(\@many, [ (0) x 6 ], 'six at once');
is(scalar(grep { ($_->{object}{name} || '') =~ /^M\d$/ } @{ rules()->{bundle}{objects} }), 6,
   'and nobody\'s change is lost');
like(as(ada => 'apply', $role, '--author', 'x')->{out} . as(ada => 'apply', folder('a', "kind: role\nname: A\n"),
     '--author', 'x')->{err}, qr/--author is for who writes to Redis/, 'the token says who it is');


# --- events ------------------------------------------------------------------------------

my @events = map { http(PUT => '/crm/v8/Deals/7', body => qq({"data":[{"Stage":"S$_"}]}))->{headers}{'crm-event'} }
             1 .. 22;

my $told = decode_json(call(stan => GET => "/crm_api/events/$events[3]")->{body});
is(scalar @{ $told->{data} }, 1, 'an event has a trace');
is($told->{data}[0]{event_id}, $events[3], 'its own');
is_deeply($told->{data}, decode_json(crmctl('explain', $events[3], '-o', 'json')->{out}), 'as explain has it');
is($told->{next}, undef, 'and no more');

$told = decode_json(call(stan => GET => '/crm_api/events/Deals/7')->{body});
is_deeply([ map { $_->{event_id} } @{ $told->{data} } ], [ (reverse @events)[ 0 .. 19 ] ],
          'a record has its last events, the newest first');
$told = decode_json(call(stan => GET => "/crm_api/events/Deals/7?cursor=$told->{next}")->{body});
is_deeply([ map { $_->{event_id} } @{ $told->{data} }[ 0, 1 ] ], [ (reverse @events)[ 20, 21 ] ],
          'and those before');
is($told->{next}, undef, 'up to the first');

is(call(stan => GET => '/crm_api/events/Deals/8')->{body}, '{"data":[],"next":null}', 'a record of no event');
is(call(stan => GET => '/crm_api/events/Deals/7?cursor=x')->{status}, 400, 'a cursor that is none');
is(call(stan => GET => '/crm_api/events/01K00000000000000000000000')->{status}, 404, 'an event that is none');
is(call(nobody => GET => "/crm_api/events/$events[3]")->{status}, 403, 'nothing for one whom the rules do not know');
is(call(stan => POST => "/crm_api/events/$events[3]", '{}')->{status}, 405, 'it is read alone');
is(call(stan => GET => $_)->{status}, 404, "$_ is nothing")
    for '/crm_api/events', '/crm_api/rules/', '/crm_api/rules/x', '/crm_api/events/a/b/c', '/crm_api/events//7';


# --- Redis -------------------------------------------------------------------------------

$now = rules();
push @{ $now->{bundle}{objects} }, { managed_by => 'x', object => { kind => 'role', name => 'Never' } };
my $before = revision();

redis_pause();
is(send_rules(ada => $now)->{status}, 503, 'without Redis nothing is applied');
is(call(ada => GET => '/crm_api/rules')->{status}, 503, 'nor told');
is(call(stan => GET => "/crm_api/events/$events[3]")->{status}, 503, 'of events neither');
redis_resume();

is(revision(), $before, 'and nothing came of it');

done_testing();
