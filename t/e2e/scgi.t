# A CRM behind scgi_pass: what holds for proxy_pass holds for nginx' other passes
# as well. It would fail by a write that is judged and forwarded as another, or
# that a client takes along that leaves, or by an answer that sends nginx
# elsewhere.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use IO::Socket::INET;
use Test::More;
use Test::CRM;
use Test::CRM::Jobs qw(key);

my ($socket, $log) = (work_dir() . '/scgi.sock', work_dir() . '/scgi.log');
my $reads = work_dir() . '/reads.sock';
my @json = ('Content-Type' => 'application/json');

spawn(name => 'scgi', cmd => [ $^X, top_dir() . '/t/lib/scgi_crm.pl', $socket, $log ]);
redis_start();
crm_rules(<<'EOT');
kind: record_locking
module: deals
lock_type: automatic
locking_rules: [ { name: won, lock_existing_records: true, criteria: { field: stage, comparator: equal, value: Won } } ]
locked_for: all_profiles
restricted_actions: [update, delete]
---
kind: workflow_rule
name: mark
module: deals
execute_when: { type: create_or_edit }
conditions:
  - criteria: null
    instant_actions:
      - { type: field_updates, field: marked, value: "yes" }
      - { type: webhooks, name: tell }
---
kind: webhook
name: tell
module: deals
url: https://hooks.example.test/tell
http_method: POST
EOT

my $redis = redis_sock();
my $scgi = 'scgi_param REQUEST_METHOD $request_method; scgi_param DOCUMENT_URI $uri;'
    . " scgi_param SCGI 1; scgi_pass unix:$socket;";

wait_for { -S $socket } 'the CRM';
nginx_start(http => <<"EOT", server => <<"EOT2");
crm_redis unix:$redis volatile; crm_org acme;
server { listen unix:$reads; location / { $scgi } }
EOT
location /api/ {
    crm_automation on;
    crm_dialect rest;
    crm_user nobody;
    crm_record_location /_crm_record;
    $scgi
}
location /by_scgi/ {
    crm_automation on;
    crm_dialect rest;
    crm_user nobody;
    crm_record_location /_scgi_record;
    $scgi
}
location /_crm_record/ { internal; proxy_pass http://unix:$reads:/; }
location /_scgi_record/ { internal; $scgi }
location /elsewhere { internal; return 200 elsewhere; }
EOT2

sub seen { return map { json_decode($_) } split /\n/, slurp($log) }
sub told { return redis(LLEN => key('queue:webhooks')) }
sub begun { return redis(ZCARD => key('intents')) }


my $r = http(POST => '/api/deals', headers => \@json, body => '{"stage":"New"}');

is($r->{status}, 201, 'a record is created') or diag $r->{body};
is((seen())[-1]{body}, '{"stage":"New","marked":"yes"}', 'and changed on its way, its length with it');
is(told(), 1, 'others are told');

$r = http(PATCH => '/api/deals/1', headers => \@json, body => '{"stage":"Open"}');
is($r->{status}, 200, 'one is updated, judged by what is stored') or diag $r->{body};
is_deeply(json_decode($r->{body}), { id => 1, stage => 'Open', owner => 'ada', marked => 'yes' }, 'what it was not sent stays');

my $before = () = seen();

for my $case ([ PATCH => '{"stage":"New"}' ], [ PUT => '{"stage":"New"}' ], [ 'DELETE' ]) {
    $r = http($case->[0], '/api/deals/2', headers => \@json, defined $case->[1] ? (body => $case->[1]) : ());
    is($r->{status}, 423, "$case->[0] of a locked record is refused") or diag $r->{body};
}

is(scalar(() = seen()), $before, 'none of them got through');


# --- a subrequest that tells the method and the target of the write is no read

for my $case ([ PATCH => '{"stage":"New"}' ], [ PUT => '{"stage":"New"}' ], [ 'DELETE' ]) {
    $r = http($case->[0], '/by_scgi/deals/2', headers => \@json, defined $case->[1] ? (body => $case->[1]) : ());
    is($r->{status}, 503, "$case->[0], where the record is read by scgi_pass") or diag $r->{body};
}

is(scalar(() = seen()), $before, 'is not sent in place of the read');
like(nginx()->errors_logged(), qr/scgi_pass of "[^"]*" would send the write where the record is to be read/, 'and it is told why');


# --- a client that leaves does not take the write along

my $told = told();
my $c = IO::Socket::INET->new(PeerAddr => '127.0.0.1:' . nginx_port()) or die;
my $body = '{"note":"wait"}';

print $c "PATCH /api/deals/1 HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: "
    . length($body) . "\r\n\r\n$body";
wait_for { (seen())[-1]{body} =~ /wait/ } 'the CRM has it';
is(begun(), 1, 'the write is under way');
close $c;
wait_for { begun() == 0 } 'it ends';
is(told(), $told + 1, 'a client that leaves does not take the write along');


# --- nor does the CRM send nginx elsewhere

$r = http(PATCH => '/api/deals/1', headers => \@json, body => '{"note":"away"}');
is($r->{status}, 200, 'an answer that names another place') or diag $r->{body};
unlike($r->{body}, qr/elsewhere/, 'is the answer nevertheless');
is(told(), $told + 2, 'and others are told');

done_testing();
