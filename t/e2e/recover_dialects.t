# Writes whose outcome nobody saw, of backends that are not the vendor's: the
# worker reads back by the dialect of the guarded location, one that is built in
# or a file that the rules carry. It would fail by a write that is done and has
# no webhook, by one that is not done and has one, or by guessing where such a
# backend cannot tell.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use POSIX qw(strftime);
use Test::More;
use Test::CRM;
use Test::CRM::Jobs qw(key);
use Test::CRM::Player;
use Test::CRM::Process;
use Test::CRM::Recovery;

redis_start();
receiver_start();

my @json = ('Content-Type' => 'application/json');
my $rules = <<'EOT';
kind: webhook
name: tell
module: MODULE
url: $HOOK/told
http_method: POST
body: { type: raw, format: JSON, content: '{"n":"${!MODULE.n}"}' }
---
kind: workflow_rule
name: told
module: MODULE
execute_when: { type: create_or_edit }
conditions: [ { criteria: null, instant_actions: [ { type: webhooks, name: tell } ] } ]
---
kind: workflow_rule
name: gone
module: MODULE
execute_when: { type: delete }
conditions: [ { criteria: null, instant_actions: [ { type: webhooks, name: tell } ] } ]
EOT

my $told;       # the worker's log


# A write that the backend does ("done") or not ("lost"), and answers 500; what
# recovery makes of it, and how many webhooks follow.

sub doubt {
    my ($base, $how, $method, $path, $headers, $body, $end, $more) = @_;

    my $what = "$method $path, $how";

    hooks_reset();
    play_fail($how);

    my $r = http($method, $path, headers => $headers, defined $body ? (body => $body) : ());
    my ($event) = intents();

    play_fail();
    is($r->{status}, 500, "$what: the client sees the failure") or diag($r->{body});
    ok($event, 'its intent stays') or return;
    $more->() if $more;
    due_now($event);

    $told = worker_once({ CRM_KEY => 'k' }, '--secret-env', 'CRM_KEY', '--backend',
                        'http://127.0.0.1:' . play_port() . $base)->{err};

    if ($end eq 'undetermined' || $end eq 'postponed') {
        is($end eq 'undetermined' ? join(' ', undetermined()) : join(' ', intents()), $event,
           "and is $end") or diag($told);
        is(scalar(hooks()), 0, 'nobody is told');
        redis('DEL', key('undetermined'), key("intent:$event")) if $end eq 'undetermined';
        return $event;
    }

    is(settled_as($event), $end, 'recovery settles it') or diag($told);
    is(join(' ', intents(), leases()), '', 'nothing is held');
    is(scalar(hooks()), $end eq 'committed' ? 1 : 0, 'so many webhooks');

    return $event;
}


sub of {
    my ($module, $headers, $dialect) = @_;

    return $rules =~ s/MODULE/$module/gr
        . "---\nkind: backend\nurl: http://127.0.0.1:9\ndialect: $dialect\nheaders: $headers\n";
}

sub over {
    nginx_stop();
    play_stop();
    redis('FLUSHALL');
}


# --- EspoCRM: newest records by createdAt, without a zone; ids of hex digits

my ($lead, $other) = ('66123456789012e45', '66123456789012e46');

crm_rules(of('Lead', '{ X-Api-Key: "env:CRM_KEY" }', 'espocrm'));
play('espocrm', location => '/api/v1/');

my @espo = (@json, 'X-Api-Key' => 'k');

play_seed('Lead', $_, { id => $_, n => 0, createdAt => '2026-01-01 00:00:00',
                        modifiedAt => '2026-01-01 00:00:00' }) for $lead, $other;

doubt('/api/v1', 'done', 'POST', '/api/v1/Lead', \@espo, '{"n":1}', 'committed');
is((hooks())[0]{body}, '{"n":"1"}', 'of the record that was created');
doubt('/api/v1', 'lost', 'POST', '/api/v1/Lead', \@espo, '{"n":2}', 'aborted');

my ($find) = grep { $_->{method} eq 'GET' && $_->{target} =~ /orderBy/ } play_log();

like($find->{target}, qr/^\/api\/v1\/Lead\?orderBy=createdAt.*select=createdAt,modifiedAt,n$/,
     'what was written is asked for');

doubt('/api/v1', 'done', 'PUT', "/api/v1/Lead/$lead", \@espo, '{"n":3}', 'committed');
doubt('/api/v1', 'lost', 'PUT', "/api/v1/Lead/\U$other", \@espo, '{"n":4}', 'aborted');
doubt('/api/v1', 'lost', 'DELETE', "/api/v1/Lead/$lead", \@espo, undef, 'aborted');
doubt('/api/v1', 'done', 'DELETE', "/api/v1/Lead/$lead", \@espo, undef, 'committed');
doubt('/api/v1', 'done', 'POST', '/api/v1/Lead', \@espo, '{"n":5}', 'undetermined',
      sub { http('POST', '/api/v1/Lead', port => play_port(), headers => \@espo, body => '{"n":5}') });
like($told, qr/several records of that time/, 'two that are alike cannot be told apart');
over();


# --- Directus: a record that is gone is one that a list by its id lacks

crm_rules(of('deals', '{ Authorization: "env:CRM_KEY" }', 'directus'));
play('directus', location => '/');

my @dir = (@json, Authorization => 'Bearer t');

play_seed('deals', $_, { id => $_, n => 0 }) for 7, 8;
doubt('/items', 'done', 'PATCH', '/items/deals/7', \@dir, '{"n":3}', 'committed');
doubt('/items', 'lost', 'PATCH', '/items/deals/8', \@dir, '{"n":4}', 'aborted');
doubt('/items', 'lost', 'DELETE', '/items/deals/7', \@dir, undef, 'aborted');
doubt('/items', 'done', 'DELETE', '/items/deals/7', \@dir, undef, 'committed');
doubt('/items', 'lost', 'DELETE', '/items/deals/8', \@dir, undef, 'aborted');
play_reset();
doubt('/items', 'done', 'POST', '/items/deals', \@dir, '{"n":1}', 'committed');
doubt('/items', 'lost', 'POST', '/items/deals', \@dir, '{"n":2}', 'aborted');
over();


# --- json-server: its records say nothing of events, nor when they were made,
# unless who writes them says so

crm_rules(of('leads', '{}', 'json-server'));
play('json-server', location => '/api/');

play_seed('leads', $_, { id => $_, n => 0, name => 'a' }) for 1, 2;
doubt('/api', 'done', 'PATCH', '/api/leads/1', \@json, '{"n":3}', 'committed');
doubt('/api', 'lost', 'PATCH', '/api/leads/2', \@json, '{"n":4}', 'aborted');
doubt('/api', 'done', 'PUT', '/api/leads/2', \@json, '{"n":5}', 'committed');
doubt('/api', 'lost', 'PUT', '/api/leads/1', \@json, '{"n":6}', 'aborted');
doubt('/api', 'lost', 'DELETE', '/api/leads/1', \@json, undef, 'aborted');
doubt('/api', 'done', 'DELETE', '/api/leads/1', \@json, undef, 'committed');
doubt('/api', 'lost', 'POST', '/api/leads', \@json, '{"n":8}', 'aborted');
play_reset();
doubt('/api', 'done', 'POST', '/api/leads', \@json, '{"n":7}', 'undetermined');
doubt('/api', 'done', 'POST', '/api/leads', \@json, '{"n":9,"createdAt":"' . strftime('%Y-%m-%dT%H:%M:%SZ', gmtime) . '"}',
      'committed');
over();


# --- a file of its own: the rules carry it; a field that is unique finds records

my $file = json_decode(slurp(top_dir() . '/src/dialects/rest.json'));

$file->{name} = 'our-crm';
$file->{find} = { path => '{module}?_sort=createdAt&_order=desc', records => '/*', page => 100,
                  created => 'createdAt', unique => 'code', unique_path => '{module}?code={value}' };
spew(work_dir() . '/our-crm.json', json_encode($file));

crm_rules($rules =~ s/MODULE/deals/gr);
play('rest', location => '/api/', dialect => work_dir() . '/our-crm.json');

play_seed('deals', 7, { id => 7, n => 0 });
play_seed('deals', 9, { id => 9, n => 0, code => 'old', createdAt => '2026-01-01T00:00:00Z' });

my $event = doubt('/api', 'done', 'PUT', '/api/deals/7', \@json, '{"n":3}', 'postponed');

like($told, qr/the dialect "our-crm" is neither built in nor among the rules: apply its file/,
     'a dialect that the worker does not have is named');

crm_rules(of('deals', '{}', 'our-crm') . "---\n" . json_encode({ %$file, kind => 'dialect' }) . "\n");
due_now($event);
worker_once('--backend', 'http://127.0.0.1:' . play_port() . '/api');
is(settled_as($event), 'committed', 'when it is applied the write is settled');

doubt('/api', 'done', 'POST', '/api/deals', \@json, '{"n":1,"code":"a b"}', 'committed');
doubt('/api', 'lost', 'POST', '/api/deals', \@json, '{"n":2,"code":"c"}', 'aborted');
doubt('/api', 'lost', 'POST', '/api/deals', \@json, '{"n":0,"code":"old"}', 'aborted');
like($told, qr/created at another time/, 'the record with that code is older');
doubt('/api', 'done', 'DELETE', '/api/deals/7', \@json, undef, 'committed');

($find) = grep { $_->{target} =~ /code=/ } play_log();
is($find->{target}, '/api/deals?code=a%20b', 'it was asked for by its code');
over();


# --- one that cannot find what was created says so, and nothing is guessed

crm_rules(of('deals', '{}', 'rest'));
play('rest', location => '/api/');

doubt('/api', 'done', 'POST', '/api/deals', \@json, '{"n":1}', 'undetermined');
like($told, qr/has no "find"/, 'without "find"');

done_testing();
