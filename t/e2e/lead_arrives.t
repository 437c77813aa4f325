# A lead arrives: the whole way from the client's POST to the webhook at the
# receiver. Were it broken, the product would do nothing.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;

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
EOT

nginx_start();
worker_start({ HOOK_SECRET => $secret }, '--secret-env', 'HOOK_SECRET');

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

is(worker_stop(), 0, 'the worker stops when asked');
is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();
