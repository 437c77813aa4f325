package Test::CRM::Upsert;

# Rules that tell what an upsert was judged as: a lead that is closed is locked;
# one that is created becomes New and tells /made, one that is updated becomes
# Known and tells /changed.
#
#   crm_rules(upsert_rules() . $documents);

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT = qw(upsert_rules);


sub upsert_rules {
    return <<'EOT';
kind: record_locking
module: Leads
lock_type: automatic
restricted_actions: [update, delete]
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: Lead_Status, comparator: equal, value: Closed }
---
kind: workflow_rule
name: created
module: Leads
execute_when: { type: create }
conditions:
  - criteria: null
    instant_actions: [ { type: webhooks, name: made }, { type: field_updates, field: Rating, value: New } ]
---
kind: workflow_rule
name: edited
module: Leads
execute_when: { type: edit }
conditions:
  - criteria: null
    instant_actions: [ { type: webhooks, name: changed }, { type: field_updates, field: Rating, value: Known } ]
---
kind: webhook
name: made
module: Leads
url: $HOOK/made
http_method: POST
body: { type: raw, format: JSON, content: '{"id":"${!Leads.id}"}' }
---
kind: webhook
name: changed
module: Leads
url: $HOOK/changed
http_method: POST
body: { type: raw, format: JSON, content: '{"id":"${!Leads.id}"}' }
---
EOT
}

1;
