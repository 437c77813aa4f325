# What people buy it for, from the client's request to somebody's mailbox: the
# big deal that management hears of when both figures cross their thresholds,
# and the lead of high priority that its manager hears of at once.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Mail;

redis_start();
crm_start();
relay_start();

crm_rules(<<'EOT');
kind: module
name: Deals
fields:
  - { api_name: Deal_Name, data_type: text }
  - { api_name: Amount, data_type: currency }
  - { api_name: Probability, data_type: integer }
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
EOT

nginx_start();
worker_start({}, '--smtp', relay_url(), '--smtp-tls', 'none');

big_deal();
hot_lead();

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


# What a mail of the relay says, as far as these tests look.
sub plain {
    my ($mail) = @_;

    return {
        to      => "@{ $mail->{to} }",
        subject => $mail->{headers}{subject},
        data    => join("\n", map { $_->{text} } @{ $mail->{parts} }),
    };
}
