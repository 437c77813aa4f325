# Who changed a record, and when, is what its backend has set at this update: its
# answer shows it, or a worker reads it. What was stored before is the truth of
# the time before; a receiver that is told it blames the wrong person.

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
    instant_actions: [ { type: webhooks, name: who } ]
---
kind: webhook
name: who
module: Leads
url: http://127.0.0.1:9/who
http_method: POST
body: { type: raw, format: JSON, content: '{"by":"${!Leads.Modified_By}","at":"${!Leads.Modified_Time}","was":"${OLD!Leads.Modified_By}","x":"${!Leads.x}"}' }
YAML

our $Whole = $Rules =~ s/^body:.*\n//mr;

our $Formula = $Rules =~ s/\$\{!Leads.x\}/\${!Leads.Sum}/r . <<'YAML';
---
kind: module
name: Leads
fields:
  - { api_name: x, data_type: integer }
  - { api_name: Sum, data_type: formula }
  - { api_name: Modified_By, data_type: userlookup }
  - { api_name: Modified_Time, data_type: datetime }
YAML

our $Seed = '{"x":0,"Sum":0,"Modified_By":{"id":"9","name":"Before"},"Modified_Time":"2001-01-01T00:00:00+00:00"}';

our $Espo = <<'EOT';
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
crm_org acme;
server {
    listen unix:$TEST_NGINX_SERVROOT/espo.sock;
    default_type application/json;
    location / {
        if ($request_method = PUT) {
            return 200 '{"id":"1","x":1,"modifiedAt":"2026-02-02 02:02:02","modifiedByName":"Now"}';
        }
        return 200 '{"id":"1","x":0,"modifiedAt":"2001-01-01 01:01:01","modifiedByName":"Before"}';
    }
}
EOT

our $Config = <<'EOT';
location /api/v1/ {
    crm_automation on;
    crm_dialect espocrm;
    crm_record_location /_crm_record;
    proxy_pass http://unix:$TEST_NGINX_SERVROOT/espo.sock:/;
}
location /_crm_record/ { internal; proxy_pass http://unix:$TEST_NGINX_SERVROOT/espo.sock:/; }
EOT

sub jobs {
    return map { json_decode($_) }
           @{ redis('LRANGE', 'crm:{acme}:queue:webhooks', 0, -1) };
}

# by/was/x of each, and whether the time is of now.
sub told {
    return join ' ', map {
        my $b = json_decode($_->{action}{body});
        join('/', @$b{qw(by was x)}) . ($b->{at} =~ /^20(?!01)\d\d-/ ? '' : " at $b->{at}")
    } jobs();
}

no_long_string();
run_tests();

__DATA__

=== TEST 1: what is told of an update is what the answer shows
--- crm_rules eval: $::Rules
--- crm_seed eval: "Leads/1 $::Seed"
--- request
PUT /crm/v8/Leads/1
{"data":[{"x":1,"Modified_By":"Me"}]}
--- error_code: 200
--- check
is(told(), 'Demo/Before/1', 'who it was');
is_deeply((jobs())[0]{late}, [], 'nothing is waited for');



=== TEST 2: of many records each its own
--- crm_rules eval: $::Rules
--- crm_seed eval: "Leads/1 $::Seed\nLeads/2 $::Seed"
--- request
PUT /crm/v8/Leads
{"data":[{"id":"1","x":1},{"id":"2","x":2}]}
--- error_code: 200
--- check: is(told(), 'Demo/Before/1 Demo/Before/2', 'who it was');



=== TEST 3: so of requests in a request
--- crm_rules eval: $::Rules
--- crm_seed eval: "Leads/1 $::Seed\nLeads/2 $::Seed"
--- more_headers
Content-Type: application/json
--- request eval
my $put = sub { qq({"method":"PUT","uri":"/crm/v8/Leads/$_[0]","body":{"data":[{"x":$_[0]}]}}) };
qq(POST /crm/v8/__composite_requests\n{"__composite_requests":[) . CORE::join(',', $put->(1), $put->(2)) . ']}'
--- error_code: 200
--- check: is(told(), 'Demo/Before/1 Demo/Before/2', 'who it was');



=== TEST 4: what the answer does not show waits for a worker that reads it
--- crm_rules eval: $::Formula
--- crm_seed eval: "Leads/1 $::Seed"
--- request
PUT /crm/v8/Leads/1
{"data":[{"x":1}]}
--- error_code: 200
--- check
my ($job) = jobs();
is_deeply($job->{late}, ['Sum'], 'it says what it lacks');
is($job->{record}, undef, 'and holds no record');
is($job->{waits}{operation}, 'update', 'it waits as of an update');
is($job->{waits}{block}, 0, 'and is due at once');



=== TEST 5: a record that is told whole says nothing old
--- crm_rules eval: $::Whole
--- crm_seed eval: "Leads/1 $::Seed"
--- request
PUT /crm/v8/Leads/1
{"data":[{"x":1}]}
--- error_code: 200
--- check
my $data = json_decode((jobs())[0]{action}{body})->{data};
is($data->{record}{Modified_By}{name}, 'Demo', 'who it was');
is($data->{before}{Modified_By}{name}, 'Before', 'and who before');



=== TEST 6: a new record has what the answer shows
--- crm_rules eval: $::Rules =~ s/Modified/Created/gr
--- request
POST /crm/v8/Leads
{"data":[{"x":1}]}
--- error_code: 201
--- check: is(told(), 'Demo//1', 'who it was');



=== TEST 7: a backend that answers with the record shows it there
--- crm_rules eval: $::Rules =~ s/Modified_By/modifiedByName/gr =~ s/Modified_Time/modifiedAt/gr =~ s/Leads/Lead/gr
--- http_config eval: $::Espo
--- config eval: $::Config
--- more_headers
Content-Type: application/json
--- request
PUT /api/v1/Lead/1
{"x":1}
--- error_code: 200
--- check: is(told(), 'Now/Before/1', 'who it was');



=== TEST 8: an answer of another record shows nothing of this one
--- crm_rules eval: $::Rules =~ s/Modified_By/modifiedByName/gr =~ s/Modified_Time/modifiedAt/gr =~ s/Leads/Lead/gr
--- http_config eval: $::Espo =~ s/"id":"1","x":1,/"x":1,/r
--- config eval: $::Config
--- more_headers
Content-Type: application/json
--- request
PUT /api/v1/Lead/1
{"x":1}
--- error_code: 200
--- check
is_deeply((jobs())[0]{late}, ['modifiedByName', 'modifiedAt'], 'it is read');
