# A lead arrives: the whole way from the client's POST to the webhook at the
# receiver. Were it broken, the product would do nothing.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs;
use Test::CRM::Recovery;

my $secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

redis_start();
crm_start();
receiver_start();

crm_rules(<<'EOT');
kind: workflow_rule
name: hot
module: Leads
execute_when: { type: create }
conditions:
  - criteria: { field: Annual_Revenue, comparator: greater_equal, value: 19.99 }
    instant_actions:
      - { type: field_updates, field: Rating, value: Hot }
      - { type: webhooks, name: new-lead }
---
kind: webhook
name: new-lead
module: Leads
url: $HOOK/hooks/leads
http_method: POST
headers: { X-Source: crm }
body: { type: raw, format: JSON, content: '{"lead":"${!Leads.Last_Name}","rating":"${!Leads.Rating}"}' }
secret: env:HOOK_SECRET
---
kind: workflow_rule
name: stamped
module: Leads
execute_when: { type: create }
conditions:
  - criteria: { field: Last_Name, comparator: equal, value: Stamp }
    instant_actions: [ { type: webhooks, name: stamp } ]
---
kind: webhook
name: stamp
module: Leads
url: $HOOK/hooks/${!Leads.Last_Name}
http_method: POST
body: { type: raw, format: JSON, content: '{"at":"${!Leads.Created_Time}","of":"${!Leads.Owner|nobody}"}' }
---
kind: module
name: Deals
fields: [ { api_name: A, data_type: integer }, { api_name: Sum, data_type: formula } ]
---
kind: workflow_rule
name: summed
module: Deals
execute_when: { type: edit }
conditions:
  - criteria: null
    instant_actions: [ { type: webhooks, name: sum } ]
---
kind: webhook
name: sum
module: Deals
url: $HOOK/hooks/sum
http_method: POST
body: { type: raw, format: Text, content: '${OLD!Deals.Sum} to ${!Deals.Sum} for ${!Deals.A}' }
EOT

my @worker = ({ HOOK_SECRET => $secret }, '--secret-env', 'HOOK_SECRET',
              '--backend', backend_url(), '--retry-schedule', '100ms,100ms');

nginx_start();
worker_start(@worker);

my $sent = '{"data":[{"Last_Name":"Lee",  "Annual_Revenue":19.99,'
    . '"Big":4150868000000624033, "Caf\u00e9":1.10 } ],"trigger":["workflow"]}';
my $r = http(POST => '/crm/v8/Leads', body => $sent);

is($r->{status}, 201, 'the lead is created');
like($r->{headers}{'crm-event'}, qr/^[0-9A-HJKMNP-TV-Z]{26}$/,
     'the answer names its event, a ULID');
ok(!defined $r->{headers}{'crm-event-state'}, 'nothing is pending');

my ($seen) = crm_writes();

is($seen->{header}{'crm-event'}, $r->{headers}{'crm-event'},
   'the backend sees the same event');
is($seen->{header}{'idempotency-key'}, $r->{headers}{'crm-event'},
   'and the event as Idempotency-Key');
is($seen->{header}{'content-length'}, length $seen->{body},
   'the length fits the body');

# The new member is cut out again: what is left must be what was sent.
my $rest = $seen->{body};

like($rest, qr/"Rating"\s*:\s*"Hot"/, 'the field update is spliced in');
$rest =~ s/\s*,\s*"Rating"\s*:\s*"Hot"|"Rating"\s*:\s*"Hot"\s*,\s*//;
is($rest, $sent, 'every other byte is as it was sent');

my $hook = wait_for { (hooks())[0] } 'the webhook', 20;

is($hook->{method}, 'POST', 'the webhook is a POST');
is($hook->{target}, '/hooks/leads', 'to the path of the rule');
is($hook->{body}, '{"lead":"Lee","rating":"Hot"}',
   'rendered after the update');
is($hook->{header}{'x-source'}, 'crm', 'with the header of the rule');
is(verify_signature($hook, $secret), undef, 'its signature holds');
isnt(verify_signature({ %$hook, body => "$hook->{body} " }, $secret), undef,
     'which another body would not');

wait_for {
    my $org = crm_org();
    !redis('LLEN', "crm:{$org}:queue:webhooks")
        && !redis('ZCARD', "crm:{$org}:lease")
        && !redis('ZCARD', "crm:{$org}:delayed");
} 'nothing left to do', 10;

is(scalar(hooks()), 1, 'it arrived once');

# What only the CRM knows of a new record is read before the first attempt, and
# stays as it was read.
hooks_reset();
crm_fail(method => 'GET', fault => 'status', status => 500, times => 1);
hooks_answer(path => '/hooks/Stamp', status => 500, times => 1);

sub stamp {
    my $r = http(POST => '/crm/v8/Leads', body => '{"data":[{"Last_Name":"Stamp"}]}');

    return json_decode($r->{body})->{data}[0]{details}{id};
}

my $id = stamp();
my ($first) = wait_for { hooks() } 'the first attempt', 20;

crm_seed('Leads', $id, '{"Last_Name":"Other","Created_Time":"2001-01-01T00:00:00+00:00"}');
wait_for { @{[ hooks() ]} == 2 } 'the second', 20;

my @both = hooks();

like($both[0]{body}, qr/^\{"at":"20\d\d-\d\d-\d\dT[^"]+","of":"nobody"\}$/, 'what the CRM has set is told');
is($both[0]{target}, '/hooks/Stamp', 'where the rule says');
is($both[1]{body}, $both[0]{body}, 'and told the same again');
is($both[1]{header}{'webhook-id'}, $both[0]{header}{'webhook-id'}, 'under the same id');

is(worker_stop(), 0, 'the worker stops when asked');

$id = stamp();

my ($job) = map { json_decode($_) } @{ redis('LRANGE', key('queue:webhooks'), 0, -1) };

is_deeply($job->{late}, ['Owner'], 'a job says what it lacks');
is($job->{record}, undef, 'and has no record yet');
is($job->{action}{url}, receiver_url(), 'but whither it goes');
crm_reset();
worker_once(@worker[1 .. $#worker]);
like(dead_reason($job->{id}), qr/^record_deleted: what the job needs/, 'without its record it is dead');
is(scalar(hooks()), 2, 'and nobody hears of it');

# What it works out anew at an update is read likewise.
crm_seed('Deals', 7, '{"A":1,"Sum":1}');
is(http(PUT => '/crm/v8/Deals/7', body => '{"data":[{"A":2}]}')->{status}, 200, 'a deal is changed');
crm_seed('Deals', 7, '{"A":2,"Sum":4}');
worker_once(@worker[1 .. $#worker]);
is((hooks())[-1]{body}, '1 to 4 for 2', 'a formula is told as the change has left it');

is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();
