# HTTP/2 is judged as HTTP/1 is. Fails when a stream that waits for Redis or the
# backend hangs, or when a body or a path is read differently there.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
use Test::CRM::Process qw(run_command spew work_dir);
use Test::More;
use Test::Nginx::Socket 'no_plan';

our $Rules = <<'YAML';
kind: workflow_rule
name: told
module: Leads
execute_when: { type: create_or_edit }
conditions:
  - criteria: null
    instant_actions: [ { type: field_updates, field: Rating, value: Hot }, { type: webhooks, name: hook } ]
---
kind: webhook
name: hook
module: Leads
url: http://127.0.0.1:9/
http_method: POST
---
kind: record_locking
module: Leads
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: x, comparator: equal, value: closed }
YAML

our $Seed = <<'EOT';
Leads/1 {"x":"closed"}
Leads/2 {"x":"open"}
EOT

our $Config = <<'EOT';
listen 127.0.0.1:$TEST_NGINX_SPARE_PORT http2;
location /crm/ {
    crm_automation on;
    crm_org acme;
    crm_dialect zoho;
    crm_record_location /_crm_record;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT;
}
location /_crm_record/ { internal; proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT/; }
EOT

our $Http = 'crm_redis unix:$TEST_NGINX_REDIS_SOCK;';

# curl over cleartext HTTP/2: body, version and status of each answer. nginx
# answers a refusal before it has read the body, which not every client bears;
# so the ways around are tried with DELETE, which has none.
sub h2 {
    my $r = run_command([ h2_command('--max-time', 20, @_) ]);

    return $r->{out} . $r->{err};
}

sub h2_command {
    my (@args) = @_;

    my $base = "http://127.0.0.1:$ENV{TEST_NGINX_SPARE_PORT}";

    s{^(?=/{1,2}crm)}{$base} for @args;

    return ('curl', '-sS', '--http2-prior-knowledge', '--path-as-is', '-H', 'Content-Type: application/json',
            '-w', '\n%{http_version} %{http_code}\n', @args);
}

sub file {
    my ($text) = @_;

    my $name = work_dir() . '/body';

    spew($name, $text);

    return '@' . $name;
}

our $Long = '{"data":[{"Last":"' . 'abcdefgh' x 75000 . '"}]}';

no_long_string();
run_tests();

__DATA__

=== TEST 1: a create is changed, committed and answered
--- crm_rules eval: $::Rules
--- http_config eval: $::Http
--- config eval: $::Config
--- init
my $out = h2('-i', '-d', '{"data":[{"n":19.90}]}', '/crm/v8/Leads');
like($out, qr/^HTTP\/2 201/, 'answered');
like($out, qr/^crm-event: [0-9A-Z]{26}/m, 'with its event');
like($out, qr/SUCCESS.*\n2 201\n$/s, 'and its body');
is((crm_writes())[-1]{body}, '{"data":[{"n":19.90,"Rating":"Hot"}]}', 'the body');
--- request
GET /crm/v8/Leads
--- error_code: 200
--- redis_check
LLEN crm:{acme}:queue:webhooks => 1
ZCARD crm:{acme}:intents => 0



=== TEST 2: a locked record is refused, a free one is not
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- http_config eval: $::Http
--- config eval: $::Config
--- init
like(h2('-X', 'PUT', '-d', '{"data":[{"y":1}]}', '/crm/v8/Leads/1'), qr/RECORD_LOCKED.*2 400\n/s, 'locked');
is(scalar(() = crm_writes()), 0, 'nothing was forwarded');
like(h2('-X', 'PUT', '-d', '{"data":[{"y":1}]}', '/crm/v8/Leads/2'), qr/SUCCESS.*2 200\n/s, 'free');
like(h2('-X', 'DELETE', '/crm/v8/Leads/2'), qr/SUCCESS.*2 200\n/s, 'deleted');
--- request
GET /crm/v8/Leads/1
--- error_code: 200
--- redis_check
ZCARD crm:{acme}:intents => 0
EXISTS crm:{acme}:busy:Leads/1 => 0



=== TEST 3: the ways around are closed
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- http_config eval: $::Http
--- config eval: $::Config
--- init
for my $path ('//crm/v8/Leads/1', '/crm//v8/Leads/1', '/crm/./v8/Leads/1', '/crm/v8/Leads/%31', '/crm/v8/Leads%2f1', '/crm/v8/Leads/1/', '/crm/v8/Leads/1;x') {
    like(h2('-X', 'DELETE', $path), qr/INVALID_URL_PATTERN.*2 400\n/s, $path);
}
like(h2('-H', 'X-HTTP-Method-Override: DELETE', '/crm/v8/Leads/1'), qr/2 400\n/, 'override');
like(h2('-X', 'FOO', '/crm/v8/Leads/1'), qr/2 404\n/, 'FOO');
like(h2('-d', '{"data":[{"y":1,"\u0079":2}]}', '/crm/v8/Leads'), qr/duplicate key.*2 400\n/s, 'a key twice');
is(scalar(() = crm_writes()), 0, 'nothing was forwarded');
--- request
GET /crm/v8/Leads/1
--- error_code: 200



=== TEST 4: 600 KB with a length and without one
--- crm_rules eval: $::Rules
--- http_config eval: $::Http
--- config eval: $::Config
--- init
like(h2('--data-binary', file($::Long), '/crm/v8/Leads'), qr/2 201\n/, 'with a length');
like(h2('-X', 'POST', '-T', substr(file($::Long), 1), '-H', 'Content-Length:', '/crm/v8/Leads'), qr/2 201\n/, 'without');
is_deeply([map { $_->{body} eq $::Long =~ s/\}\]\}$/,"Rating":"Hot"}]}/r ? 1 : length $_->{body} } crm_writes()], [1, 1], 'whole');
--- request
GET /crm/v8/Leads
--- error_code: 200



=== TEST 5: many clients at a time
--- crm_rules eval: $::Rules
--- http_config eval: $::Http
--- config eval: $::Config
--- init
my @out = in_parallel(12, sub { return h2('-d', '{"data":[{"x":"open"}]}', '/crm/v8/Leads') });
is(scalar(grep { /SUCCESS.*2 201\n/s } @out), 12, 'each is answered');
--- request
GET /crm/v8/Leads
--- error_code: 200
--- redis_check
LLEN crm:{acme}:queue:webhooks => 12
ZCARD crm:{acme}:intents => 0



=== TEST 6: a client that goes away does not take the write along
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- http_config eval: $::Http
--- config eval: $::Config
--- init
crm_hold(method => 'PUT', times => 1);
my $curl = spawn(name => 'curl', cmd => [ h2_command('-X', 'PUT', '-d', '{"data":[{"y":1}]}', '/crm/v8/Leads/2') ]);
wait_for { crm_writes() } 'the write';
kill_process($curl);
crm_release();
--- request
GET /crm/v8/Leads/2
--- error_code: 200
--- redis_check
LLEN crm:{acme}:queue:webhooks => 1
ZCARD crm:{acme}:intents => 0
EXISTS crm:{acme}:busy:Leads/2 => 0



=== TEST 7: a body that comes slowly, and one that is too long
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- http_config eval: $::Http
--- config eval: $::Config =~ s/crm_automation on;/crm_automation on; client_max_body_size 700k;/r
--- init
like(h2('--limit-rate', '2m', '--data-binary', main::file($::Long), '/crm/v8/Leads'), qr/2 201\n/, 'slowly');
like(h2('-X', 'PUT', '--data-binary', main::file($::Long . ' ' x 200_000), '/crm/v8/Leads/2'), qr/2 413\n|curl: \(92\)/, "too long");
like(h2('-X', 'PUT', '-T', substr(main::file($::Long . ' ' x 200_000), 1), '-H', 'Content-Length:', '/crm/v8/Leads/2'), qr/2 413\n/, 'too long, without a length');
is(scalar(() = crm_writes()), 1, 'one was forwarded');
--- request
GET /crm/v8/Leads/2
--- error_code: 200
--- redis_check
LLEN crm:{acme}:queue:webhooks => 1
ZCARD crm:{acme}:intents => 0
EXISTS crm:{acme}:busy:Leads/2 => 0



=== TEST 8: a backend that breaks off is told of, and leaves the write in doubt
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- http_config eval: $::Http
--- config eval: $::Config
--- crm_fail: fault=truncate method=PUT commit=1
--- init
my $out = h2('-i', '-X', 'PUT', '-d', '{"data":[{"y":1}]}', '/crm/v8/Leads/2');
like($out, qr/^HTTP\/2 502/, 'answered');
like($out, qr/^crm-event: [0-9A-Z]{26}/m, 'with its event');
unlike($out, qr/SUCCESS/, 'and with nothing of what broke off');
--- request
GET /crm/v8/Leads/2
--- error_code: 200
--- redis_check
LLEN crm:{acme}:queue:webhooks => 0
ZCARD crm:{acme}:intents => 1
EXISTS crm:{acme}:busy:Leads/2 => 1
