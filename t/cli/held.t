# crmctl why, locks, approvals: what holds a record, and an end to it. Fails
# when a record is called free that a gate refuses, when an operator's release
# leaves no trace, or when wrong use is not told.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use JSON::PP;
use Test::More;
use Test::CRM;

my $id = '4150868000000624033';
my $record = "crm:{acme}:record:Deals/$id";

redis_start();
crm_start();

crm_rules(<<'EOT');
kind: profile
name: Standard
---
kind: user
id: "u1"
name: Ann Lee
profile: Standard
---
kind: record_locking
module: Deals
lock_type: both
locking_rules:
  - name: closed
    criteria: { field: Stage, comparator: equal, value: Closed Won }
locked_for: all_profiles
excluded_fields: [Description]
restricted_actions: [update, delete]
---
kind: workflow_rule
name: remind
module: Deals
execute_when: { type: edit }
conditions:
  - criteria: null
    scheduled_actions:
      - execute_after: { unit: 2, period: days }
        actions: [ { type: webhooks, name: tell } ]
---
kind: webhook
name: tell
module: Deals
url: https://hooks.example.test/deals
http_method: POST
body: { type: raw, format: JSON, content: '{}' }
EOT

my $tokens = work_dir() . '/tokens';
my $file = work_dir() . '/token';

spew($tokens, "ann:0123456789abcdef-ann:u1\n");
chmod 0600, $tokens;
spew($file, "0123456789abcdef-ann\n");

nginx_start(server => crm_server_config() . "location /crm_api/ {"
                      . " crm_api write=on guarded=/crm/v8;"
                      . " crm_api_token_file $tokens; }");

my $backend = 'http://127.0.0.1:' . crm_port() . '/crm/v8';


# --- why ---------------------------------------------------------------------

crm_seed('Deals', $id, '{"Stage":"Open"}');
my $free = why("Deals/$id", '--backend', $backend);
is($free->{locked}, JSON::PP::false, 'a free record is free');
is($free->{stored}, 'read', 'as the CRM has it');

my $won = http(PUT => "/crm/v8/Deals/$id",
               body => '{"data":[{"Stage":"Closed Won"}]}');
is($won->{status}, 200, 'a save that locks it');

my $event = $won->{headers}{'crm-event'};
my $held = why("Deals/$id", '--backend', $backend, '--user', 'u1');
is($held->{locked}, JSON::PP::true, 'then it is locked');
is($held->{locked_for_user}, JSON::PP::true, 'for that user, too');
is($held->{locks}[0]{rule}, 'closed', 'by the rule');
is($held->{locks}[0]{event}, $event, 'through that event');
ok($held->{locks}[0]{at} > 1.7e12, 'since then');
is(scalar @{ $held->{timers} }, 1, 'with one timer');
is($held->{timers}[0]{rule}, 'remind', 'of the rule');

my $said = crmctl('why', "Deals/$id", '--backend', $backend);
is($said->{rc}, 0, 'for people');
like($said->{out}, qr/^locked by the rule "closed", which looks at Stage$/m, 'which rule');
like($said->{out}, qr/^since \S+Z, through event $event$/m, 'since when, through what');
like($said->{out}, qr/^an automatic lock goes when /m, 'what would unlock it');
like($said->{out}, qr/^everybody may write Description all the same$/m, 'what is open');
like($said->{out}, qr/^a timer of "remind" runs at /m, 'what waits');

my $unread = why("Deals/$id");
is($unread->{locked}, undef, 'without the stored record nobody knows');
is($unread->{stored}, 'unread', 'and that is told');
like(join("\n", @{ $unread->{says} }), qr/--backend URL/, 'with what to do');

is(why('Deals/5', '--backend', $backend)->{stored}, 'gone', 'what the CRM has not');
is(why('Other/5')->{locked}, JSON::PP::false, 'a module without rules');


# --- locks -------------------------------------------------------------------

my $manual = '{"id":"L1","by":"u1","name":"Ann Lee","reason":"Audit",'
             . '"at":1795305600000,"event":"01KAE"}';

redis(HSET => 'crm:{acme}:record:Deals/77', manual => $manual);

my $locks = json('locks', 'ls');
is_deeply([ map { "$_->{module}/$_->{id} $_->{source}" }
            sort { $a->{id} cmp $b->{id} } @{ $locks->{locks} } ],
          [ "Deals/$id automatic", 'Deals/77 manual' ], 'all locks');
is($locks->{more}, JSON::PP::false, 'these are all');

my $one = json('locks', 'ls', 'Deals/77')->{locks};
is(scalar @$one, 1, 'those of one record');
is($one->[0]{reason}, 'Audit', 'with the reason');
is($one->[0]{by}, 'u1', 'and who');

like(crmctl('locks', 'ls')->{out}, qr/Deals\/77\s+manual\s+2026-11-22\S+\s+u1\s+Audit/,
     'for people');

my $why = why('Deals/77');
is($why->{locked}, JSON::PP::true, 'locked by hand is locked, unread');
like($why->{says}[0], qr/^locked by Ann Lee \(u1\) since 2026-11-22/, 'by whom');

my $released = crmctl('locks', 'release', 'Deals/77');
is($released->{rc}, 0, 'an operator releases it');
is(redis(HEXISTS => 'crm:{acme}:record:Deals/77', 'manual'), 0, 'and it is free');

my $trace = redis('XREVRANGE', 'crm:{acme}:trace', '+', '-', 'COUNT', 1);
my $told = decode_json($trace->[0][1][1]);
is($told->{op}, 'unlock', 'which is told');
is($told->{actor}{user}, 'operator', 'as the operator');
is($told->{record_id}, '77', 'of that record');
is($told->{lock}, $manual, 'with the lock that it was');

my $again = crmctl('locks', 'release', 'Deals/77');
is($again->{rc}, 1, 'once');
like($again->{err}, qr/is not locked by hand/, 'and that is told');

my $auto = crmctl('locks', 'release', "Deals/$id");
is($auto->{rc}, 1, 'a lock by a rule cannot be released');
like($auto->{err}, qr/crmctl why Deals\/$id/, 'why says more');
is(json('locks', 'ls', "Deals/$id")->{locks}[0]{rule}, 'closed', 'it stands');

redis(HSET => 'crm:{acme}:record:Deals/78', manual => '{broken');
is(why('Deals/78')->{locked}, JSON::PP::true, 'what nobody can read locks');
is(crmctl('locks', 'release', 'Deals/78')->{rc}, 0, 'and can be released');


# --- through nginx, as a person ----------------------------------------------

my @ann = ('--server', 'http://127.0.0.1:' . nginx_port(), '--token-file', $file);
my $seen = why("Deals/$id", @ann);

is($seen->{user}, 'u1', 'the user is the token\'s');
is($seen->{locked_for_user}, JSON::PP::true, 'for whom it is locked');

my $mine = why("Deals/$id", '--backend', $backend, '--user', 'u1');
delete @$_{qw(now)} for $seen, $mine;
is_deeply($seen, $mine, 'nginx and crmctl say the same');

is(why('Deals/5', @ann)->{stored}, 'gone', 'what the CRM has not');
is(why('Other/5', @ann)->{locked}, JSON::PP::false, 'a module without rules');

crm_seed('Deals', '79001', '{"Stage":"Open"}');
redis(HSET => 'crm:{acme}:record:Deals/79001', manual => $manual);

is_deeply(json('locks', 'ls', 'Deals/79001', @ann)->{locks},
          json('locks', 'ls', 'Deals/79001')->{locks}, 'and of a lock, too');
is(crmctl('locks', 'release', 'Deals/79001', @ann)->{rc}, 0, 'who has locked, releases');
is(redis(HEXISTS => 'crm:{acme}:record:Deals/79001', 'manual'), 0, 'and it is free');

my $rule = crmctl('locks', 'release', "Deals/$id", @ann);
is($rule->{rc}, 1, 'not what a rule locks');
like($rule->{err}, qr/refuses it \(4\d\d\): /, 'which is told');

like(crmctl('why', "Deals/$id", @ann[0, 1])->{err}, qr/\(401\): .*--token-file/,
     'nobody without a token');


# --- approvals ---------------------------------------------------------------

is(crmctl('approvals', 'ls')->{out}, "nothing waits for an approval\n", 'none yet');

redis(HSET => 'crm:{acme}:record:Deals/79', approval => encode_json({
    process => 'Discount', state => 'waiting', level => 2, submitter => 'u1',
    approvers => [ ['u1'], [ 'u2', 'u3' ] ], given => [], at => 1795305600000 }));
redis(ZADD => 'crm:{acme}:approvals', 1795305600000 => "Deals/$_") for 79, 80;
redis(HSET => 'crm:{acme}:record:Deals/80', approval => encode_json({
    process => 'Discount', state => 'rejected', level => 1, approvers => [] }));

my $waiting = json('approvals', 'ls')->{data};
is(scalar @$waiting, 1, 'what waits, and nothing else');
is_deeply($waiting->[0], { module => 'Deals', id => '79', process => 'Discount',
                           level => 2, approvers => [ 'u2', 'u3' ],
                           submitted_by => 'u1', at => 1795305600000 },
          'who is asked now');
like(crmctl('approvals', 'ls')->{out}, qr/Deals\/79\s+Discount\s+2\s+u2, u3\s+u1\s+2026/,
     'for people');


# --- wrong use ---------------------------------------------------------------

wrong(['why', 'Deals'], 'takes a record as MODULE/ID');
wrong(['why', 'Deals/1/2'], 'takes a record as MODULE/ID');
wrong(['why', "Deals/$_"], 'can be no id') for 'a b', '..';
wrong(['locks', 'list'], 'locks takes ls or release, not "list"');
wrong(['locks', 'releas', 'Deals/1'], 'did you mean release?');
wrong(['locks', 'release'], 'crmctl locks release MODULE/ID');
wrong(['locks', 'ls', '--server', 'http://127.0.0.1:1'], 'one record at a time');
wrong(['approvals', 'approve', 'Deals/1'], 'give --server URL --token-file FILE');
wrong(['approvals', 'approve'], 'crmctl approvals approve|reject MODULE/ID');
wrong(['approvals', 'aprove', 'Deals/1'], 'did you mean approve?');
wrong(['why', 'Deals/1', '--token-file', 'x'], '--token-file goes with --server');
wrong(['why', 'Deals/1', '--server', $_], '--server takes the address')
    for 'nginx', 'http://', 'http://a/b?c', 'http://u@h', 'ftp://x';


# --- what --server says when it cannot ---------------------------------------

my @to = ('--server', 'http://127.0.0.1:' . free_port());

like(crmctl('why', 'Deals/1', @to)->{err}, qr/does not answer/, 'nobody is there');
like(crmctl('why', 'Deals/1', @to, '--token-file', "$file.none")->{err},
     qr/cannot be read/, 'no such file');

spew($file, "ann:secret:u1 x\n");
like(crmctl('why', 'Deals/1', @to, '--token-file', $file)->{err},
     qr/is no token: it holds the token alone/, 'no token in it');

my $crm = 'http://127.0.0.1:' . crm_port() . '/crm/v8';
my $other = crmctl('why', "Deals/$id", '--server', $crm);
is($other->{rc}, 1, 'somebody else');
like($other->{err}, qr/refuses it \(\d+\)|not as crm_api does/, 'is not taken for nginx');

done_testing();


sub json {
    my @args = @_;

    my $got = crmctl(@args, '-o', 'json');
    is($got->{rc}, 0, "@args") or diag($got->{err});

    return decode_json($got->{out} || '{}');
}


sub why {
    return json('why', @_);
}


sub wrong {
    my ($args, $says) = @_;

    my $got = crmctl(@$args);
    is($got->{rc}, 64, "@$args: wrong use");
    like($got->{err}, qr/\Q$says\E/, "@$args: told");
}
