# When the backend has done a write, its webhooks are in Redis before the client
# hears of it: complete, rendered, under an id that the same write always gives.
# Fails when a job is lost, doubled, cannot be told from another, or carries
# what a record's text injected into it.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Digest::SHA qw(sha256);
use Test::CRM 'nginx';
use Test::More;
use Test::Nginx::Socket 'no_plan';

our $Rules = <<'YAML';
kind: workflow_rule
name: told
module: Leads
sequence: 5
execute_when: { type: create_or_edit }
conditions:
  - criteria: { field: Amount, comparator: greater_than, value: 1000 }
    instant_actions:
      - { type: webhooks, name: plain }
  - criteria: null
    instant_actions:
      - { type: field_updates, field: Rating, value: Hot }
      - { type: webhooks, name: rendered }
      - { type: webhooks, name: form }
---
kind: workflow_rule
name: also told
id: "5501"
module: Leads
sequence: 1
cascade: true
execute_when: { type: create_or_edit }
conditions:
  - criteria: { field: Amount, comparator: less_than, value: 1000 }
    instant_actions:
      - { type: webhooks, name: plain }
---
kind: webhook
name: plain
module: Leads
url: http://127.0.0.1:9/plain
http_method: POST
secret: env:SECRET
ordered: true
---
kind: webhook
name: rendered
module: Leads
url: http://127.0.0.1:9/leads/${!Leads.Last}?c=${!Leads.Company}
http_method: PUT
headers: { X-Last: "${!Leads.Last}", X-Fixed: "1" }
body: { type: raw, format: JSON, content: '{"last":"${!Leads.Last}","rating":"${!Leads.Rating}","was":"${OLD!Leads.Last|nobody}","amount":${!Leads.Amount|0}}' }
---
kind: webhook
name: form
module: Leads
url: http://127.0.0.1:9/form
http_method: POST
body: { type: form_data, parameters: { last: "${!Leads.Last}", both: "${!Leads.Last} & ${!Leads.Company}" } }
---
kind: workflow_rule
name: bodies
module: Deals
execute_when: { type: create }
conditions:
  - criteria: null
    instant_actions: [ { type: webhooks, name: xml }, { type: webhooks, name: text } ]
---
kind: webhook
name: xml
module: Deals
url: http://127.0.0.1:9/xml
http_method: POST
body: { type: raw, format: XML, content: '<d>${!Deals.Name}</d>' }
---
kind: webhook
name: text
module: Deals
url: http://127.0.0.1:9/text
http_method: POST
body: { type: raw, format: Text, content: '${!Deals.Name}' }
YAML

# The jobs that wait, in order.
sub jobs {
    return map { json_decode($_) }
           @{ redis('LRANGE', 'crm:{acme}:queue:webhooks', 0, -1) };
}

# INTERFACES: lower-case RFC 4648 base32, first 26 characters, of SHA-256 over
# event, rule, revision, condition, action, record id, joined by one LF.
sub job_id {
    my $bits = unpack 'B*', sha256(join "\n", @_);
    my $text = '';

    $text .= ('a' .. 'z', 2 .. 7)[oct "0b$1"] while $bits =~ /\G(.{5})/g;

    return substr $text, 0, 26;
}

no_long_string();
run_tests();

__DATA__

=== TEST 1: a job lands with everything that its delivery needs
--- crm_rules eval: $::Rules
--- more_headers
X-CRM-User: 1001
--- request
POST /crm/v8/Leads
{"data":[{"Last":"Doe","Amount":1000.01}]}
--- error_code: 201
--- redis_check
LLEN crm:{acme}:queue:webhooks => 1
SCARD crm:{acme}:own => 1
XLEN crm:{acme}:trace => 1
ZCARD crm:{acme}:intents => 0
--- check
my ($job) = jobs();
my $id = '4150868000624000001';
my $event = (crm_writes())[-1]{header}{'crm-event'};
is($job->{v}, 1, 'v');
is($job->{id}, job_id($event, 'told', 1, 1, 1, $id), 'id');
is($job->{event}, $event, 'event is what the backend was told');
is(join(' ', @$job{qw(type org module record_id rule revision attempt)}), "webhooks acme Leads $id told 1 0", 'what and where');
is_deeply($job->{action}, { name => 'plain', url => 'http://127.0.0.1:9/plain', method => 'POST',
    headers => { 'Content-Type' => 'application/json' }, body => $job->{action}{body}, secret => 'env:SECRET',
    ordered => JSON::PP::true, allow_http => JSON::PP::false }, 'action');
is_deeply($job->{record}, { Last => 'Doe', Amount => 1000.01, id => $id }, 'record');
is($job->{before}, undef, 'before');
is_deeply($job->{actor}, { id => '1001' }, 'actor');
is_deeply($job->{chain}, { id => $event, depth => 0, fired => ['told'], cascade => JSON::PP::false,
    ignore_lock => JSON::PP::false }, 'chain');
is_deeply($job->{late}, [], 'late');
like($job->{enqueued_at}, qr/^\d{13}$/, 'enqueued_at');
is(redis('SISMEMBER', 'crm:{acme}:own', $job->{id}), 1, 'known as ours');
is(redis('GET', "crm:{acme}:settled:$event"), 'committed', 'settled');
is(redis('EXISTS', "crm:{acme}:intent:$event"), 0, 'no intent');
my $body = json_decode($job->{action}{body});
is($body->{type}, 'Leads.create', 'the default body says what happened');
is($body->{data}{record}{Last}, 'Doe', 'and to what');



=== TEST 2: rules in their order, actions in theirs, each with its own id
--- crm_rules eval: $::Rules
--- request
POST /crm/v8/Leads
{"data":[{"Last":"Doe","Amount":7}]}
--- error_code: 201
--- check
my @jobs = jobs();
my $event = (crm_writes())[-1]{header}{'crm-event'};
my $id = '4150868000624000001';
is(join(' ', map { $_->{action}{name} } @jobs), 'plain rendered form', 'order');
is(join(' ', map { $_->{rule} } @jobs), '5501 told told', 'the id of a rule that has one, else its name');
is($jobs[0]{id}, job_id($event, '5501', 1, 1, 1, $id), 'first');
is($jobs[1]{id}, job_id($event, 'told', 1, 2, 2, $id), 'second: condition 2, action 2');
is($jobs[2]{id}, job_id($event, 'told', 1, 2, 3, $id), 'third');
is_deeply($jobs[0]{chain}{fired}, ['5501'], 'fired');
ok($jobs[0]{chain}{cascade}, 'cascade');



=== TEST 3: the first condition that matches counts
--- crm_rules eval: $::Rules
--- request
POST /crm/v8/Leads
{"data":[{"Last":"Doe","Amount":1000}]}
--- error_code: 201
--- check
is(join(' ', map { $_->{action}{name} } jobs()), 'rendered form', 'the second');



=== TEST 4: payloads render behind all updates, with the record before and after
--- crm_rules eval: $::Rules
--- crm_seed
Leads/1 {"Last":"Lee","Company":"Acme","Amount":12.50,"Deep":{"a":[1,2.50]}}
--- request
PUT /crm/v8/Leads/1
{"data":[{"Last":"Doe","Amount":2000.10,"Amount2":1}]}
--- error_code: 200
--- check
my ($job) = jobs();
is($job->{action}{name}, 'plain', 'the after-image is judged');
my $raw = redis('LINDEX', 'crm:{acme}:queue:webhooks', 0);
like($raw, qr/"record":\{"id":"1","Last":"Doe","Company":"Acme","Amount":2000\.10,"Deep":\{"a":\[1,2\.50\]\}/, 'after, digit for digit');
like($raw, qr/"before":\{"id":"1","Last":"Lee","Company":"Acme","Amount":12\.50,/, 'before, digit for digit');



=== TEST 5: merge fields in a JSON body
--- crm_rules eval: $::Rules
--- crm_seed
Leads/1 {"Last":"Lee","Company":"Acme","Amount":1}
--- request
PUT /crm/v8/Leads/1
{"data":[{"Last":"Doe"}]}
--- error_code: 200
--- check
my ($job) = grep { $_->{action}{name} eq 'rendered' } jobs();
is($job->{action}{body}, '{"last":"Doe","rating":"Hot","was":"Lee","amount":1}', 'after all updates');
is($job->{record}{Rating}, 'Hot', 'in the record too');



=== TEST 6: what a record holds does not break out of where it is put
--- crm_rules eval: $::Rules
--- request eval
"POST /crm/v8/Leads\n" . '{"data":[{"Last":"a\"b\\\\c\r\nX-Evil: 1/../?&=#\u00e9%","Company":"x y&z=1","Amount":5}]}'
--- error_code: 201
--- check
my ($job) = grep { $_->{action}{name} eq 'rendered' } jobs();
my $last = "a\"b\\c\r\nX-Evil: 1/../?&=#\x{e9}%";
is($job->{action}{url}, 'http://127.0.0.1:9/leads/a%22b%5Cc%0D%0AX-Evil%3A%201%2F..%2F%3F%26%3D%23%C3%A9%25?c=x%20y%26z%3D1', 'url');
is($job->{action}{headers}{'X-Last'}, "a\"b\\cX-Evil: 1/../?&=#\x{e9}%", 'header');
is($job->{action}{headers}{'X-Fixed'}, '1', 'a fixed header');
is(JSON::PP->new->decode($job->{action}{body})->{last}, $last, 'JSON body');
my ($form) = grep { $_->{action}{name} eq 'form' } jobs();
is($form->{action}{headers}{'Content-Type'}, 'application/x-www-form-urlencoded', 'type of a form');
is($form->{action}{body}, 'last=a%22b%5Cc%0D%0AX-Evil%3A%201%2F..%2F%3F%26%3D%23%C3%A9%25&both='
    . 'a%22b%5Cc%0D%0AX-Evil%3A%201%2F..%2F%3F%26%3D%23%C3%A9%25%20%26%20x%20y%26z%3D1', 'form');



=== TEST 7: nor out of XML
--- crm_rules eval: $::Rules
--- request
POST /crm/v8/Deals
{"data":[{"Name":"<a href='x'>&\"]]>"}]}
--- error_code: 201
--- check
my ($xml, $text) = jobs();
is($xml->{action}{body}, '<d>&lt;a href=&#39;x&#39;&gt;&amp;&quot;]]&gt;</d>', 'XML');
is($text->{action}{body}, "<a href='x'>&\"]]>", 'text');



=== TEST 8: the answer's event is the job's, the backend's and the trace's
--- crm_rules eval: $::Rules
--- crm_extra: add_header X-Event $crm_event_id always;
--- request
POST /crm/v8/Leads
{"data":[{"Last":"Doe","Amount":2000}]}
--- error_code: 201
--- response_headers_like
CRM-Event: [0-9A-Z]{26}
X-Event: [0-9A-Z]{26}
--- check
my ($job) = jobs();
my $trace = json_decode(redis('XRANGE', 'crm:{acme}:trace', '-', '+')->[0][1][1]);
is($trace->{event_id}, $job->{event}, 'trace');
is($job->{event}, (crm_writes())[-1]{header}{'crm-event'}, 'backend');
is($trace->{backend_status}, 201, 'backend status');
like(join(' ', map { $_->{rule_id} } @{ $trace->{rules} }), qr/told/, 'rules');



=== TEST 9: the same event in the answer and in the job
--- crm_rules eval: $::Rules
--- init
my $r = http(POST => '/crm/v8/Leads', body => '{"data":[{"Last":"Doe","Amount":2000}]}');
is($r->{status}, 201, 'done');
is($r->{headers}{'crm-event'}, (jobs())[0]{event}, 'the same');
--- request
GET /crm/v8/Leads
--- error_code: 200



=== TEST 10: two writes are two events
--- crm_rules eval: $::Rules
--- request eval: [("POST /crm/v8/Leads\n{\"data\":[{\"Last\":\"Doe\",\"Amount\":2000}]}") x 2]
--- error_code eval: [201, 201]
--- check
my ($one, $two) = jobs();
isnt($one->{id}, $two->{id}, 'two jobs');
isnt($one->{event}, $two->{event}, 'two events');
is(redis('XLEN', 'crm:{acme}:trace'), 2, 'two traces');



=== TEST 11: a rule that no longer exists enqueues nothing
--- crm_rules eval: $::Rules
--- init
http(POST => '/crm/v8/Leads', body => '{"data":[{"Last":"Doe","Amount":2000}]}');
crm_rules("kind: workflow_rule\nname: other\nmodule: Leads\nexecute_when: { type: create }\n"
    . "conditions: [ { criteria: null, instant_actions: [ { type: field_updates, field: A, value: 1 } ] } ]\n");
wait_for { http(GET => '/crm_status')->{body} =~ /"revision":2,/ } 'the new revision';
--- request
POST /crm/v8/Leads
{"data":[{"Last":"Doe","Amount":2000}]}
--- error_code: 201
--- backend_body: {"data":[{"Last":"Doe","Amount":2000,"A":1}]}
--- redis_check
LLEN crm:{acme}:queue:webhooks => 1
--- check
is((jobs())[0]{revision}, 1, 'of the first revision');
