# json-server as npm has it, unmodified, behind the module with its dialect:
# records are created, updated, replaced and deleted through it, changed in
# flight, and locked. `make test-backends`; needs npm, so no part of `make test`.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use POSIX qw(strftime);
use Test::CRM;
use Test::CRM::Jobs qw(key);
use Test::CRM::Player;
use Test::CRM::Process;
use Test::CRM::Recovery;

my $version = '0.17.4';
my $home = top_dir() . '/build/backends/json-server';
my @json = ('Content-Type' => 'application/json');

plan skip_all => 'there is no npm' if run_command([ qw(npm --version) ])->{rc};

unless (-x "$home/node_modules/.bin/json-server") {
    system('mkdir', '-p', $home);

    my $r = run_command([ qw(npm install --silent --no-audit --no-fund --prefix), $home,
                          "json-server\@$version" ], timeout => 300);

    plan skip_all => "npm cannot install json-server: $r->{err}" if $r->{rc};
}

my $port = free_port();
my $db = spew(work_dir() . '/db.json',
    '{"leads":[{"id":1,"status":"New","name":"a","amount":19.99},{"id":2,"status":"Won"}]}');

my $pid = spawn(name => 'json-server', cmd => [ 'node', "$home/node_modules/.bin/json-server",
    '--quiet', '--host', '127.0.0.1', '--port', $port, $db ]);

wait_for { eval { http(GET => '/leads/1', port => $port)->{status} == 200 } || !is_alive($pid) }
    'json-server', 30;

redis_start();
crm_rules(<<'EOT');
kind: record_locking
module: leads
lock_type: automatic
locking_rules:
  - name: won
    lock_existing_records: true
    criteria: { field: status, comparator: equal, value: Won }
locked_for: all_profiles
restricted_actions: [update, delete]
---
kind: workflow_rule
name: mark
module: leads
execute_when: { type: create_or_edit }
conditions:
  - criteria: null
    instant_actions:
      - { type: field_updates, field: marked, value: "yes" }
      - { type: webhooks, name: tell }
---
kind: webhook
name: tell
module: leads
url: http://127.0.0.1:9/
http_method: POST
---
kind: backend
url: http://127.0.0.1:9
dialect: json-server
EOT

play_nginx($port, dialect => 'json-server', location => '/', extra => 'proxy_read_timeout 1s;');

sub stored {
    my $r = http(GET => "/leads/$_[0]", port => $port);

    return $r->{status} == 200 ? json_decode($r->{body}) : undef;
}

sub sent {
    my ($method, $path, $body) = @_;

    return http($method, $path, headers => \@json, defined $body ? (body => $body) : ());
}

sub told { return redis('LLEN', 'crm:{' . crm_org() . '}:queue:webhooks') }


my $r = sent(POST => '/leads', '{"name":"b","status":"New"}');

is($r->{status}, 201, 'a record is created');
my $id = json_decode($r->{body})->{id};
is_deeply(stored($id), { id => $id, name => 'b', status => 'New', marked => 'yes' },
          'and changed on its way');
is(told(), 1, 'others are told');

is(sent(PATCH => "/leads/$id", '{"name":"c"}')->{status}, 200, 'a record is updated');
is_deeply(stored($id), { id => $id, name => 'c', status => 'New', marked => 'yes' },
          'what the update does not name stays');

is(sent(PUT => '/leads/1', '{"name":"d"}')->{status}, 200, 'a record is replaced');
is_deeply(stored(1), { id => 1, name => 'd', marked => 'yes' },
          'what the replacement does not name is gone, what the rule sets is there');

for my $case ([ PATCH => '{"name":"x"}' ], [ PUT => '{"name":"x"}' ], [ 'DELETE' ]) {
    $r = sent($case->[0], '/leads/2', $case->[1]);

    is($r->{status}, 423, "$case->[0] of a locked record is refused");
    is($r->{headers}{'content-type'}, 'application/problem+json', 'as a problem');
    is(json_decode($r->{body})->{rule}, 'won', 'that names the rule');
}

is_deeply(stored(2), { id => 2, status => 'Won' }, 'it is as it was');

is(sent(PUT => '/leads/1', '{"name":"d","status":"Won"}')->{status}, 200, 'a record becomes locked');
is(sent(PATCH => '/leads/1', '{"name":"e"}')->{status}, 423, 'and stays as it is');

is(sent(DELETE => "/leads/$id")->{status}, 200, 'a record is deleted');
is(stored($id), undef, 'and gone');

is(http(POST => '/leads/2', headers => [ @json, 'X-HTTP-Method-Override' => 'PATCH' ],
        body => '{"name":"x"}')->{status}, 423, 'a method in a header is the method');
is(sent(PATCH => '/Leads/2', '{"name":"x"}')->{status}, 400, 'a name in another case is none of ours');
is_deeply(stored(2), { id => 2, status => 'Won' }, 'by no way');


# All records are read page by page, in order, whatever the size of a page.

http(POST => '/leads', port => $port, headers => \@json, body => "{\"id\":$_,\"n\":$_}") for 901 .. 1105;

my (@ids, $last);

while (1) {
    my $page = json_decode(http(GET => '/leads?_sort=id&_order=asc&_limit=200'
        . (defined $last ? "&id_gte=$last&id_ne=$last" : ''), port => $port)->{body});

    last unless @$page;
    push @ids, map { $_->{id} } @$page;
    $last = $ids[-1];
}

is("@ids", join(' ', 1, 2, 901 .. 1105), 'a list goes on behind the last record');
like(slurp(top_dir() . '/src/dialects/json-server.json'), qr/_limit=200&id_gte=\{after\}&id_ne=\{after\}"/,
     'as the dialect asks for it');
http(DELETE => "/leads/$_", port => $port) for 901 .. 1105;


# Nobody saw the outcome: a server that hangs does the write when it goes on. Its
# records know no event, nor when they were made: what they hold is all there is.

sub hung {
    my ($method, $path, $body, $seen, $end) = @_;

    kill STOP => $pid;

    my $r = sent($method, $path, $body);
    my ($event) = intents();

    kill CONT => $pid;
    is($r->{status}, 504, "$method $body: no answer");
    wait_for { $seen->() } 'it is done';
    due_now($event);
    worker_once('--backend', "http://127.0.0.1:$port");

    return is($end eq 'undetermined' ? join(' ', undetermined()) : settled_as($event),
              $end eq 'undetermined' ? $event : $end, "and is $end");
}

sub having { my ($n) = @_; return json_decode(http(GET => "/leads?n=$n", port => $port)->{body})->[0] }

my $now = strftime('%Y-%m-%dT%H:%M:%SZ', gmtime);

hung(POST => '/leads', "{\"n\":71,\"createdAt\":\"$now\"}", sub { having(71) }, 'committed');
hung(POST => '/leads', '{"n":72}', sub { having(72) }, 'undetermined');

is(nginx_stop(), undef, 'nginx stops, clean');
stop_process($pid);

done_testing();
