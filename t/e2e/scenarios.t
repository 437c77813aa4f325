# What people buy it for, from the client's request to somebody's mailbox: the
# big deal that management hears of when both figures cross their thresholds,
# the lead of high priority that its manager hears of at once, the deal that goes to
# accounting and comes back paid; and who owns what two rules would assign (T5).

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Chain qw(chain_key_file);
use Test::CRM::Jobs qw(key dead);
use Test::CRM::Mail;

redis_start();
crm_start();
relay_start();
receiver_start();

crm_rules(<<'EOT');
kind: module
name: Deals
fields:
  - { api_name: Deal_Name, data_type: text }
  - { api_name: Amount, data_type: currency }
  - { api_name: Probability, data_type: integer }
  - { api_name: Stage, data_type: picklist }
  - { api_name: Account_Name, data_type: lookup }
  - { api_name: Contact_Name, data_type: lookup }
---
kind: module
name: Leads
fields:
  - { api_name: Last_Name, data_type: text }
  - { api_name: Priority, data_type: picklist }
  - { api_name: Lead_Status, data_type: picklist }
---
kind: profile
name: Standard
---
kind: role
name: Sales Manager
---
kind: role
name: Sales Rep
---
kind: user
id: "11"
name: Mona
email: mona@example.test
profile: Standard
role: Sales Manager
status: active
---
kind: user
id: "12"
name: Ray
email: ray@example.test
profile: Standard
role: Sales Rep
status: active
---
kind: user
id: "13"
name: Gone
email: gone@example.test
profile: Standard
role: Sales Rep
status: inactive
---
kind: workflow_rule
name: big deal
module: Deals
execute_when: { type: create_or_edit }
conditions:
  - criteria:
      group_operator: AND
      group:
        - { field: Amount, comparator: greater_than, value: 100000 }
        - { field: Probability, comparator: greater_equal, value: 80 }
    instant_actions:
      - { type: email_notifications, name: big-deal }
---
kind: email_template
name: big-deal
subject: "Big deal: ${!Deals.Deal_Name}"
text: "${!Deals.Deal_Name} is worth ${!Deals.Amount}, at ${!Deals.Probability} %."
html: "<p>${!Deals.Deal_Name} is worth <b>${!Deals.Amount}</b>.</p>"
---
kind: email_notification
name: big-deal
module: Deals
template: big-deal
from: crm@example.test
recipients:
  - { type: role, name: Sales Manager }
  - { type: role, name: Sales Rep }
---
kind: workflow_rule
name: hot lead
module: Leads
execute_when: { type: create }
conditions:
  - criteria: { field: Priority, comparator: equal, value: High }
    instant_actions:
      - { type: email_notifications, name: hot-lead }
      - { type: field_updates, field: Lead_Status, value: Contacted }
---
kind: email_template
name: hot-lead
subject: "High priority: ${!Leads.Last_Name}"
text: "${!Leads.Last_Name} is ${!Leads.Lead_Status}."
---
kind: email_notification
name: hot-lead
module: Leads
template: hot-lead
from: crm@example.test
recipients:
  - { type: role, name: Sales Manager }
---
kind: webhook
name: accounting
module: Deals
url: $HOOK/invoices
body: { type: raw, format: JSON, content: '{"deal":"${!Deals.id}","name":"${!Deals.Deal_Name}","account":"${!Deals.Account_Name}","contact":"${!Deals.Contact_Name.id}","amount":"${!Deals.Amount}"}' }
---
kind: workflow_rule
name: to accounting
module: Deals
execute_when:
  type: field_update
  details: { repeat: true, criteria: { field: Stage, comparator: equal, value: Closed Won } }
conditions: [ { criteria: null, instant_actions: [ { type: webhooks, name: accounting } ] } ]
---
kind: webhook
name: cases
module: Cases
url: $HOOK/cases
---
kind: workflow_rule
name: first
module: Cases
sequence: 10
execute_when: { type: create }
conditions: [ { criteria: null, instant_actions: [ { type: assign_owner, assign_to: [ { type: user, id: "11" } ] } ] } ]
---
kind: workflow_rule
name: second
module: Cases
sequence: 20
execute_when: { type: create }
conditions:
  - criteria: null
    instant_actions:
      - { type: assign_owner, assign_to: [ { type: user, id: "12" } ] }
      - { type: webhooks, name: cases }
EOT

my $key = chain_key_file();

nginx_start(extra => "crm_chain_key_file $key;");
worker_start({}, '--smtp', relay_url(), '--smtp-tls', 'none', '--chain-key-file', $key,
             '--backend', guarded_url());

big_deal();
hot_lead();
accounting();
two_owners();

is(worker_stop(), 0, 'the worker stops when asked');
is(nginx_stop(), undef, 'nginx stops, clean');
relay_stop();

done_testing();


sub big_deal {
    my $r = http(POST => '/crm/v8/Deals',
                 body => '{"data":[{"Deal_Name":"Ship <1>","Amount":250000.50,"Probability":60}]}');

    is($r->{status}, 201, 'S1: a large deal, not likely yet');

    my $id = json_decode($r->{body})->{data}[0]{details}{id};

    is(http(PUT => "/crm/v8/Deals/$id", body => '{"data":[{"Probability":80}]}')->{status},
       200, 'S1: it becomes likely');

    wait_for { mails() >= 2 } 'the mails', 20;

    my @mails = sort { $a->{to} cmp $b->{to} } map { plain($_) } mails();

    is(join(' ', map { $_->{to} } @mails), 'mona@example.test ray@example.test',
       'S1: management and the team are told, each for himself, who left is not');
    is($_->{subject}, 'Big deal: Ship <1>', 'S1: the subject') for @mails;
    like($mails[0]{data}, qr/Ship <1> is worth 250000\.50, at 80 %\./,
         'S1: text with the figures as they are now');
    like($mails[0]{data}, qr/Ship &lt;1&gt; is worth <b>250000\.50<\/b>/,
         'S1: HTML, escaped');

    mails_reset();
    http(PUT => "/crm/v8/Deals/$id", body => '{"data":[{"Deal_Name":"Boat"}]}');
}


sub hot_lead {
    my $r = http(POST => '/crm/v8/Leads',
                 body => '{"data":[{"Last_Name":"Low","Priority":"Low"}]}');

    is($r->{status}, 201, 'S2: a lead like others');

    $r = http(POST => '/crm/v8/Leads',
              body => '{"data":[{"Last_Name":"Lee","Priority":"High"}]}');
    is($r->{status}, 201, 'S2: a lead of high priority');

    my ($write) = (crm_writes())[-1];
    like($write->{body}, qr/"Lead_Status":"Contacted"/, 'S2: its status is set in flight');

    my $mail = wait_for {
        (grep { $_->{subject} =~ /Lee|Low/ } map { plain($_) } mails())[0]
    } 'the mail', 20;

    is($mail->{subject}, 'High priority: Lee', 'S2: the manager is told of this one');
    is($mail->{to}, 'mona@example.test', 'S2: and nobody else');
    like($mail->{data}, qr/Lee is Contacted\./, 'S2: with the status that was set');
}


# Out by a webhook, back by a write like anyone's; what comes back starts nothing.
sub accounting {
    crm_seed('Deals', 7, '{"Deal_Name":"Ship","Stage":"Open","Amount":19.90,"Account_Name":{"name":"Sea","id":"70"},'
             . '"Contact_Name":{"name":"Ann","id":"71"},"Paid":false}');
    hooks_reset();
    is(http(PUT => '/crm/v8/Deals/7', body => '{"data":[{"Stage":"Closed Won"}]}')->{status}, 200,
       'S5: a deal is won');

    my $hook = wait_for { (hooks())[0] } 'accounting', 20;

    is_deeply(json_decode($hook->{body}),
              { deal => '7', name => 'Ship', account => 'Sea', contact => '71', amount => '19.90' },
              'S5: accounting gets deal, account and contact');
    is(http(PUT => '/crm/v8/Deals/7', body => '{"data":[{"Paid":true,"Stage":"Closed Won"}]}')->{status}, 200,
       'S5: the invoice is paid, and written here at once');
    is(json_decode(crm_record('Deals', 7))->{Paid}, JSON::PP::true, 'S5: the deal says so');

    # what is behind it in the queue has arrived: so would a second one
    http(PUT => '/crm/v8/Deals/7', body => '{"data":[{"Stage":"Open"}]}');
    http(PUT => '/crm/v8/Deals/7', body => '{"data":[{"Stage":"Closed Won"}]}');
    wait_for { hooks() >= 2 } 'the next one', 20;
    is(scalar hooks(), 2, 'S5: no loop between the two');
}


sub two_owners {
    hooks_reset();

    my $r = http(POST => '/crm/v8/Cases', body => '{"data":[{"Subject":"Help"}]}');
    my $id = json_decode($r->{body})->{data}[0]{details}{id};

    is($r->{status}, 201, 'T5: two rules would assign an owner');
    wait_for { (hooks())[0] && !grep { $_ } redis('LLEN', key('queue:records')), redis('ZCARD', key('lease')) }
        'what follows', 20;

    my $owner = json_decode(crm_record('Cases', $id))->{Owner};

    is(ref $owner ? $owner->{id} : $owner, '11', 'T5: the first one does');
    is((hooks())[0]{target}, '/cases', 'T5: the other runs its other actions');
    is_deeply([ dead() ], [], 'T5: nothing is dead');
}


# What a mail of the relay says, as far as these tests look.
sub plain {
    my ($mail) = @_;

    return {
        to      => "@{ $mail->{to} }",
        subject => $mail->{headers}{subject},
        data    => join("\n", map { $_->{text} } @{ $mail->{parts} }),
    };
}
