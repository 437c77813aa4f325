# A body is judged whole, however slowly, in whatever pieces and under whatever
# settings of nginx it comes; until then nothing is leased and nobody is asked.
# Fails when a part of a body is judged for all of it, when one that never ends
# holds a record, or when what nginx refuses leaves something behind.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
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

our $Short = '{"data":[{"n":19.90,"Last":"D\u00f6e"}]}';
our $ShortOut = '{"data":[{"n":19.90,"Last":"D\u00f6e","Rating":"Hot"}]}';
our $Long = '{"data":[{"Last":"' . 'abcdefgh' x 75000 . '"}]}';
our $LongOut = $Long =~ s/\}\]\}$/,"Rating":"Hot"}]}/r;

our $Seed = <<'EOT';
Leads/1 {"x":"closed"}
Leads/2 {"x":"open"}
EOT

our $Nothing = <<'EOT';
ZCARD crm:{acme}:intents => 0
LLEN crm:{acme}:queue:webhooks => 0
KEYS crm:{acme}:busy:* => 
XLEN crm:{acme}:trace => 0
EOT

our $Done = <<'EOT';
ZCARD crm:{acme}:intents => 0
LLEN crm:{acme}:queue:webhooks => 1
KEYS crm:{acme}:busy:* => 
EOT

sub head {
    my ($method, $path, @headers) = @_;

    return join("\r\n", "$method /crm/v8/$path HTTP/1.1", 'Host: x', 'Connection: close',
                'Content-Type: application/json', @headers, '', '');
}

sub post { return head('POST', 'Leads', @_) }

# Pieces that each come a little after the one before.
sub slowly {
    my ($seconds, @pieces) = @_;

    my $first = shift @pieces;

    return [ $first, map { { value => $_, delay_before => $seconds } } @pieces ];
}

sub chunks { return (map({ sprintf("%x\r\n", length) . "$_\r\n" } @_), "0\r\n\r\n") }

sub all_of { return CORE::join('', @_) }

sub leases { return scalar @{ redis(KEYS => 'crm:{acme}:busy:*') } }

no_long_string();
run_tests();

__DATA__

=== TEST 1: byte for byte over time, with a length
--- crm_rules eval: $::Rules
--- raw_request eval
main::slowly(0.005, main::post('Content-Length: ' . length $::Short), split //, $::Short)
--- error_code: 201
--- backend_body eval: $::ShortOut
--- redis_check eval: $::Done



=== TEST 2: chunk by chunk over time
--- crm_rules eval: $::Rules
--- raw_request eval
main::slowly(0.01, main::post('Transfer-Encoding: chunked'), main::chunks(unpack '(a3)*', $::Short))
--- error_code: 201
--- backend_body eval: $::ShortOut
--- backend_headers
Content-Length: 55
!Transfer-Encoding
--- redis_check eval: $::Done



=== TEST 3: chunks whose sizes come in pieces, and a trailer
--- crm_rules eval: $::Rules
--- raw_request eval
main::slowly(0.005, main::post('Transfer-Encoding: chunked', 'Trailer: X-Sum'),
    split(//, sprintf("%x;a=b\r\n", length $::Short)), "$::Short\r", "\n0", "\r\nX-Sum: 1\r\n", "\r\n")
--- error_code: 201
--- backend_body eval: $::ShortOut
--- redis_check eval: $::Done



=== TEST 4: 600 KB over time, spooled and changed
--- crm_rules eval: $::Rules
--- raw_request eval
main::slowly(0.01, main::post('Content-Length: ' . length $::Long), unpack '(a60000)*', $::Long)
--- error_code: 201
--- backend_body eval: $::LongOut
--- error_log: a client request body is buffered to a temporary file
--- redis_check eval: $::Done



=== TEST 5: the same chunked, behind Expect, unbuffered, over HTTP/1.1 to the backend
--- crm_rules eval: $::Rules
--- crm_extra
proxy_http_version 1.1;
proxy_request_buffering off;
--- raw_request eval
main::slowly(0.01, main::post('Transfer-Encoding: chunked', 'Expect: 100-continue'),
    main::chunks(unpack '(a60000)*', $::Long))
--- error_code: 201
--- backend_body eval: $::LongOut
--- backend_headers eval: "Content-Length: " . length($::LongOut) . "\n!Transfer-Encoding\n!Expect\n"
--- redis_check eval: $::Done



=== TEST 6: all of it in a file, or all of it in one buffer
--- crm_rules eval: $::Rules
--- crm_extra
client_body_in_file_only clean;
client_body_in_single_buffer on;
--- request eval: ["POST /crm/v8/Leads\n$::Short", "POST /crm/v8/Leads\n$::Long"]
--- error_code eval: [201, 201]
--- backend_body eval: [$::ShortOut, $::LongOut]
--- redis_check
LLEN crm:{acme}:queue:webhooks => 2



=== TEST 7: a buffer that holds next to nothing
--- crm_rules eval: $::Rules
--- crm_extra: client_body_buffer_size 1;
--- request eval: "POST /crm/v8/Leads\n$::Short"
--- error_code: 201
--- backend_body eval: $::ShortOut



=== TEST 8: above client_max_body_size nginx refuses, with a length and chunked
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- crm_extra: client_max_body_size 100k;
--- raw_request eval
main::post('Content-Length: ' . length $::Long) . $::Long
--- error_code: 413
--- backend_requests: 0
--- redis_check eval: $::Nothing



=== TEST 9: chunked, it is known only on the way
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- crm_extra: client_max_body_size 100k;
--- raw_request eval
main::head('PUT', 'Leads/2', 'Transfer-Encoding: chunked') . main::all_of(main::chunks(unpack '(a7001)*', $::Long))
--- error_code: 413
--- backend_requests: 0
--- redis_check eval: $::Nothing



=== TEST 10: an error page for that does not let it through
--- crm_rules eval: $::Rules
--- http_config
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
crm_org acme;
--- config
location /crm/ {
    crm_automation on;
    crm_dialect zoho;
    crm_record_location /_crm_record;
    client_max_body_size 100k;
    error_page 413 500 = @again;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT;
}
location @again { proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT; }
location /_crm_record/ { internal; proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT/; }
--- raw_request eval
main::head('PUT', 'Leads/2', 'Transfer-Encoding: chunked') . main::all_of(main::chunks(unpack '(a7001)*', $::Long))
--- error_code: 500
--- backend_requests: 0
--- redis_check eval: $::Nothing



=== TEST 11: Expect and never a body holds nothing, and ends
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- crm_extra: client_body_timeout 300ms;
--- raw_request eval
main::head('PUT', 'Leads/2', 'Expect: 100-continue', 'Content-Length: 30')
--- timeout: 5
--- error_code:
--- backend_requests: 0
--- redis_check eval: $::Nothing
--- check: is(leases(), 0, 'no lease');



=== TEST 12: half a body, and then nothing
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- crm_extra: client_body_timeout 300ms;
--- raw_request eval
main::head('PUT', 'Leads/2', 'Content-Length: 30') . '{"data":[{"x"'
--- timeout: 5
--- error_code:
--- backend_requests: 0
--- redis_check eval: $::Nothing



=== TEST 13: while a body is on its way its record is free for others
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- init
my $answers = [ in_parallel(2, sub {
    return [ (http_raw([ main::head('PUT', 'Leads/2', 'Content-Length: 20'), [ 0.6, '{"data":[{"slow":1}]' ] ],
                       timeout => 0.4))[1] || '' ] if $_[0] == 0;
    select undef, undef, undef, 0.1;
    return http(PUT => '/crm/v8/Leads/2', body => '{"data":[{"y":1}]}');
}) ];
is($answers->[1]{status}, 200, 'the other write has passed');
is($answers->[0][0], 'timeout', 'while the slow one was on its way');
--- request
GET /crm/v8/Leads/2
--- error_code: 200
--- redis_check eval: $::Done
--- backend_body: {"data":[{"y":1,"Rating":"Hot"}]}



=== TEST 14: no body, and a body of nothing
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- request eval: ['PUT /crm/v8/Leads/2', 'POST /crm/v8/Leads', 'PUT /crm/v8/Leads/2', 'DELETE /crm/v8/Leads/2']
--- more_headers eval: ['', '', 'Content-Length: 0', 'Content-Length: 0']
--- error_code eval: [400, 400, 400, 200]
--- response_body_like eval: [('INVALID_DATA') x 3, 'SUCCESS']
--- backend_writes: 1
--- redis_check
ZCARD crm:{acme}:intents => 0



=== TEST 15: two lengths
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- raw_request eval
main::head('PUT', 'Leads/2', 'Content-Length: 30', 'Content-Length: 40') . $::Short
--- error_code: 400
--- backend_requests: 0
--- redis_check eval: $::Nothing



=== TEST 16: a length beside chunks
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- raw_request eval
main::head('PUT', 'Leads/2', 'Content-Length: 5', 'Transfer-Encoding: chunked') . main::all_of(main::chunks($::Short))
--- error_code: 400
--- backend_requests: 0
--- redis_check eval: $::Nothing



=== TEST 17: a locked record is locked for a slow body too
--- crm_rules eval: $::Rules
--- crm_seed eval: $::Seed
--- raw_request eval
main::slowly(0.01, main::head('PUT', 'Leads/1', 'Transfer-Encoding: chunked'), main::chunks(unpack '(a5)*', $::Short))
--- error_code: 400
--- response_body_like: RECORD_LOCKED
--- backend_writes: 0
--- redis_check eval: $::Nothing =~ s{^XLEN.*trace.*\n}{}mr
