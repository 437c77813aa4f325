# What the gates cost at Redis: a PUT on a module with a lock, an approval, a
# blueprint and a validation rule asks Redis no more often than one on a module
# with a single workflow rule, and three times at most; counted by MONITOR. Fails
# when a gate brings a round trip of its own.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use IO::Socket::UNIX;
use Test::More;
use Test::CRM;
use Test::CRM::Jobs qw(key);

redis_start();
crm_start();

crm_rules(<<'EOT');
kind: profile
name: Standard
---
kind: user
id: "1"
name: Sal
profile: Standard
---
kind: workflow_rule
name: plain
module: Leads
execute_when: { type: edit }
conditions:
  - criteria: null
    instant_actions: [ { type: field_updates, field: Seen, value: "yes" } ]
---
kind: record_locking
module: Deals
lock_type: both
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: Stage, comparator: equal, value: Closed }
restricted_actions: [update, delete]
---
kind: validation_rule
name: positive
module: Deals
run: always
criteria: { field: Amount, comparator: less_than, value: 0 }
field: Amount
message: "Above zero."
---
kind: approval_process
name: large
module: Deals
execute_when: create_or_edit
rules:
  - criteria: { field: Amount, comparator: greater_than, value: 1000 }
    approvers: [ { type: user, id: "1" } ]
---
kind: blueprint
name: pipeline
module: Deals
field: Stage
criteria: null
states: [ { name: Open }, { name: Won } ]
transitions:
  - { id: win, name: Win, from: [Open], to: Won }
EOT

my $monitor;

sub watch {
    $monitor = IO::Socket::UNIX->new(Type => SOCK_STREAM, Peer => redis_sock()) or die "$!\n";
    print $monitor "MONITOR\r\n";
    my $ok = <$monitor>;
    die $ok unless $ok =~ /^\+OK/;
}

# Commands that clients have sent, without those of the second's poll for rules
# and what a script does inside.
sub asked {
    redis('ECHO', 'so far');
    my @lines;

    while (my $line = <$monitor>) {
        last if $line =~ /"ECHO" "so far"/i;
        push @lines, $line if $line !~ /\[\d+ lua\]/ && $line !~ /processes"/;
    }

    return map { substr $_, 0, 160 } @lines;
}

sub put {
    my ($module, $fields) = @_;
    my $r = http('PUT', "/crm/v8/$module/1", body => "{\"data\":[$fields]}",
                 headers => ['Content-Type' => 'application/json', 'X-CRM-User' => '1']);
    return $r->{status};
}

for my $source (qw(backend snapshot)) {
    nginx_start(extra => "crm_record_source $source;");
    crm_seed($_, 1, '{"Stage":"Open","Amount":5}') for 'Leads', 'Deals';
    redis('DEL', key('record:Deals/1'));

    # scripts are known and snapshots kept from here on
    is(put($_, '{"Amount":6}'), 200, "$source: $_ is written") for 'Leads', 'Deals';

    watch();
    is(put('Leads', '{"Amount":7}'), 200, "$source: with one workflow rule");
    my @one = asked();
    is(put('Deals', '{"Amount":7}'), 200, "$source: with all gates");
    my @all = asked();
    is(put('Deals', '{"Amount":7000}'), 200, "$source: entering an approval");
    my @enters = asked();
    is(put('Deals', '{"Amount":7001}'), 200, "$source: by who decides it");
    my @waits = asked();
    close $monitor;

    ok(@one > 0, "$source: what one rule asks is seen");
    cmp_ok(scalar @all, '<=', scalar @one, "$source: all gates ask no more often") or diag(@all);
    cmp_ok(scalar @all, '<=', 3, "$source: three times at most") or diag(@all);
    cmp_ok(scalar @enters, '<=', scalar @one, "$source: nor does who enters an approval") or diag(@enters);
    cmp_ok(scalar @waits, '<=', scalar @one, "$source: nor what waits") or diag(@waits);

    nginx_stop();
}

done_testing();
