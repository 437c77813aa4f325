# S3, S4 and S5 as functions, with crm-worker and Redis killed with -9 all the
# while: the deal that is won and counted in its account, which gets another
# class; the account that moves, and its contacts with it; the deal that goes to
# accounting and comes back paid. It would fail by an amount that is counted
# twice or not at all, a contact that stays behind, a second invoice, or a loop.
#
#   CRM_TEST_SEED=7 CRM_TEST_ROUNDS=8 prove -v t/e2e/function_stories.t

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use List::Util qw(sum0 uniq);
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);
use Test::CRM;
use Test::CRM::Chain;
use Test::CRM::Jobs qw(key dead results_come);

plan skip_all => 'a function is /proc/self/exe, which is memcheck here' if $ENV{CRM_TEST_VALGRIND};

my $seed = $ENV{CRM_TEST_SEED} || 1 + time() % 1_000_000;
my $rounds = $ENV{CRM_TEST_ROUNDS} || 4;        # deals of an account
my @accounts = (501, 502, 503);

diag("seed $seed: CRM_TEST_SEED=$seed CRM_TEST_ROUNDS=$rounds again does the same");
srand($seed);

redis_start(appendfsync => 'always');
crm_start();
receiver_start();

crm_rules(<<'EOR');
>>> rules.yaml
kind: function
name: add-to-account-total
file: add-to-account-total.dg
arguments: [ { name: deal_id, type: text } ]
---
kind: function
name: move-contacts
file: move-contacts.dg
arguments: [ { name: account_id, type: text } ]
---
kind: function
name: to-accounting
file: to-accounting.dg
arguments: [ { name: deal_id, type: text }, { name: base, type: text } ]
---
kind: workflow_rule
name: Won
module: Deals
execute_when:
  type: field_update
  details: { criteria: { field: Stage, comparator: equal, value: Closed Won } }
conditions:
  - criteria: null
    instant_actions: [ { type: functions, name: add-to-account-total, arguments: { deal_id: "${!Deals.id}" } } ]
---
kind: workflow_rule
name: Won, not yet billed
module: Deals
execute_when: { type: edit }
conditions:
  - criteria:
      group_operator: AND
      group:
        - { field: Stage, comparator: equal, value: Closed Won }
        - { field: Invoice, comparator: equal, value: "${EMPTY}" }
    instant_actions: [ { type: functions, name: to-accounting, arguments: { deal_id: "${!Deals.id}", base: "$HOOK" } } ]
---
kind: workflow_rule
name: Moved
module: Accounts
execute_when:
  type: field_update
  details: { criteria: { field: Billing_City, comparator: equal, value: "${ANYVALUE}" } }
conditions:
  - criteria: null
    instant_actions: [ { type: functions, name: move-contacts, arguments: { account_id: "${!Accounts.id}" } } ]
>>> add-to-account-total.dg
void add(string deal_id)
{
    deal = zoho.crm.getRecordById("Deals", deal_id);
    account_id = deal.get("Account_Name").get("id");
    account = zoho.crm.getRecordById("Accounts", account_id);
    total = account.get("Total") + deal.get("Amount");
    class = "C";
    if (total >= 1000)
    {
        class = "A";
    }
    else if (total >= 500)
    {
        class = "B";
    }
    info "account " + account_id + ": " + total;
    zoho.crm.updateRecord("Accounts", account_id, {"Total": total, "Class": class});
}
>>> move-contacts.dg
void move(string account_id)
{
    account = zoho.crm.getRecordById("Accounts", account_id);
    for each page in {1, 2, 3}
    {
        changes = List();
        for each contact in zoho.crm.getRelatedRecords("Contacts", "Accounts", account_id, page, 50)
        {
            changes.add({"id": contact.get("id"), "Mailing_City": account.get("Billing_City")});
        }
        if (changes.size() > 0)
        {
            zoho.crm.bulkUpdate("Contacts", changes);
        }
    }
}
>>> to-accounting.dg
void bill(string deal_id, string base)
{
    deal = zoho.crm.getRecordById("Deals", deal_id);
    account = zoho.crm.getRecordById("Accounts", deal.get("Account_Name").get("id"));
    contact = zoho.crm.getRecordById("Contacts", deal.get("Contact_Name").get("id"));
    zoho.crm.updateRecord("Deals", deal_id, {"Billing": "sent"});
    invokeurl
    [
        url: base + "/invoices"
        type: POST
        body: {"deal": deal_id, "amount": deal.get("Amount"), "account": account.get("Account_Name"),
               "contact": contact.get("Last_Name")}.toString()
        content-type: "application/json"
        connection: "books"
    ];
    zoho.crm.updateRecord("Deals", deal_id, {"Invoice": "of " + deal_id});
}
EOR

my $key = chain_key_file();
my $secrets = work_dir() . '/secrets';

mkdir $secrets;
spew("$secrets/books.connection", receiver_url() . " Authorization: Bearer s3cret\n");
chmod 0600, "$secrets/books.connection";

nginx_start(workers => 2, http => crm_http_config('timeout=400ms'),
            extra => "crm_chain_key_file $key; crm_backend_max_time 2s; proxy_read_timeout 1s;"
                     . ' crm_commit_wait 500ms; crm_lease_wait 200ms; crm_rules_wait 1s;');

# --- what there is ----------------------------------------------------------------

my %amount;

for my $a (@accounts) {
    crm_seed('Accounts', $a, qq({"Account_Name":"Firm $a","Total":0,"Class":"C","Billing_City":"Ulm"}));

    for my $n (1 .. 60) {
        crm_seed('Contacts', "${a}0$n", qq({"Last_Name":"No $n","Account_Name":{"id":"$a"},"Mailing_City":"Ulm"}));
    }

    for my $n (1 .. $rounds) {
        $amount{"${a}9$n"} = 100 + int rand 200;
        crm_seed('Deals', "${a}9$n", qq({"Stage":"Open","Amount":$amount{"${a}9$n"},"Invoice":null,)
                 . qq("Account_Name":{"id":"$a"},"Contact_Name":{"id":"${a}01"}}));
    }
}

# Long enough for a kill to find writes at the backend.
crm_delay(ms => 20);

sub field { return json_decode(crm_record($_[0], $_[1]))->{ $_[2] } }

# --- clients: each has an account ---------------------------------------------------

# Until the CRM has it: an answer that is none, or "pending", says nothing, so
# that one looks before one asks again.
sub set_to {
    my ($module, $id, $name, $value) = @_;

    wait_for {
        my $r = http(PUT => "/crm/v8/$module/$id", body => json_encode({ data => [ { $name => $value } ] }),
                     timeout => 20);

        $r->{status} == 200 || (field($module, $id, $name) // '') eq $value;
    } "$module/$id: $name is $value", 60;
}

# A deal is won when the one before it is counted: two runs at once would each
# add to what they have read.
sub client {
    my ($a) = @_;
    my $total = 0;

    for my $n (1 .. $rounds) {
        my $deal = "${a}9$n";

        $total += $amount{$deal};
        set_to('Accounts', $a, 'Billing_City', "City $n") if $n % 2;
        set_to('Deals', $deal, 'Stage', 'Closed Won');
        wait_for { field('Accounts', $a, 'Total') >= $total } "account $a counts its deal $n", 60;
        wait_for { defined field('Deals', $deal, 'Invoice') } "deal $deal is billed", 60;
        set_to('Deals', $deal, 'Invoice_Status', 'Paid');
    }
}

# --- kills ----------------------------------------------------------------------------

sub a_worker {
    return spawn(name => 'worker' . $_[0], env => Test::CRM::worker_env(),
                 cmd => worker_command('--backend', guarded_url(),
                                       '--chain-key-file', $key, '--secrets', $secrets, '--timeout', '2s',
                                       '--lease', '2s', '--drain', '2s',
                                       '--retry-schedule', join ',', ('1s') x 20));
}

my @workers = map { a_worker($_) } 0, 1;
my (@died, %kids);
my %killed = (redis => 0, worker => 0);

for my $a (@accounts) {
    my $pid = Test::CRM::Process::fork_child('client');

    if ($pid == 0) {
        my $ok = eval { client($a); 1 };

        print STDERR $@ unless $ok;
        POSIX::_exit($ok ? 0 : 1);
    }

    $kids{$pid} = 1;
}

my $failed = 0;

while (%kids) {
    sleep 0.1 + rand 0.5;

    if (rand() < 0.25) {
        redis_kill();
        redis_start();
        $killed{redis}++;

    } else {
        my $i = int rand 2;

        results_come();
        push @died, "crm-worker $i" unless is_alive($workers[$i]);
        kill_process($workers[$i]);
        $workers[$i] = a_worker($i);
        $killed{worker}++;
    }

    while ((my $pid = waitpid -1, POSIX::WNOHANG()) > 0) {
        $failed++ if delete $kids{$pid} && $?;
    }
}

diag("killed: $killed{worker} workers, $killed{redis} times Redis");
is($failed, 0, 'each deal was won, counted, billed and paid');
is_deeply(\@died, [], 'and no worker died of itself');

# --- what came of it -------------------------------------------------------------------

sub open_ends {
    return map { @{ redis(KEYS => key($_)) } } 'queue:*', 'intent:*', 'busy:*', 'job:*';
}

ok(eval { wait_for { !open_ends() } 'the end', 60 }, 'nothing is left to do') or diag($@ . join "\n", open_ends());
is_deeply([ map { $_->{reason} } dead() ], [], 'nothing is dead');

# Of the functions' own writes, by the key of the effect.
my @writes = grep { ($_->{header}{'idempotency-key'} // '') =~ /:\d+\z/ } crm_writes();

is(scalar(uniq map { $_->{header}{'idempotency-key'} } @writes), scalar @writes, 'no write has reached the CRM twice');

for my $a (@accounts) {
    my $total = sum0(map { $amount{"${a}9$_"} } 1 .. $rounds);
    my $last = 'City ' . ($rounds % 2 ? $rounds : $rounds - 1);
    my @cities = uniq map { field('Contacts', "${a}0$_", 'Mailing_City') } 1 .. 60;

    is(field('Accounts', $a, 'Total'), $total, "S3: account $a holds what was won, once");
    is(field('Accounts', $a, 'Class'), $total >= 1000 ? 'A' : $total >= 500 ? 'B' : 'C', "S3: and account $a its class");
    is("@cities", $last, "S4: the contacts of account $a have moved with it");
}

is(scalar(grep { $_->{target} =~ m{/Contacts$} } @writes), @accounts * 2 * int(($rounds + 1) / 2),
   'S4: each move is written once, in two parts');

my %invoice;

for my $hook (hooks()) {
    my $body = json_decode($hook->{body});

    is($hook->{header}{authorization}, 'Bearer s3cret', 'S5: with the connection\'s key') if !$invoice{ $body->{deal} };
    push @{ $invoice{ $body->{deal} } }, $hook;
}

is_deeply([ sort keys %invoice ], [ sort keys %amount ], 'S5: accounting has heard of each deal');

for my $deal (sort keys %amount) {
    my @keys = uniq map { $_->{header}{'idempotency-key'} } @{ $invoice{$deal} };
    my ($a) = $deal =~ /^(\d{3})/;

    is(scalar @keys, 1, "S5: of deal $deal once, whatever died");
    is_deeply(json_decode($invoice{$deal}[0]{body}),
              { deal => $deal, amount => $amount{$deal}, account => "Firm $a", contact => 'No 1' },
              "S5: with its account and contact");
    is(field('Deals', $deal, 'Invoice_Status'), 'Paid', "S5: and deal $deal is paid here, too");
}

done_testing();
