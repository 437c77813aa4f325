# The organisation's time zone goes into the rules as a table, so that a day is
# the same for all who judge a record. Were it broken, a deal that closes today
# would close tomorrow in one process and today in another.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use File::Temp qw(tempdir);
use Test::More;
use Test::CRM;

my $dir = tempdir(CLEANUP => 1);
my $deals = <<'EOT';
---
kind: workflow_rule
name: Closes today
module: Deals
execute_when: { type: create }
conditions:
  - criteria:
      rows:
        - { field: Closing_Date, comparator: equal, value: "${TODAY}", type: pre_defined }
        - { field: Amount, comparator: greater_than, value: Budget, type: field }
      pattern: "1 and 2"
    instant_actions: [ { type: field_updates, field: Priority, value: High } ]
EOT


# --- a name that is none --------------------------------------------------------------

rules("kind: organization\ntime_zone: Europe/Pariss\n");

{
    my $r = crmctl('validate', $dir);

    is($r->{rc}, 1, 'a zone that nobody knows is an error');
    like($r->{err}, qr{rules\.yaml:2:12: error: there is no such time zone; write a name such as Europe/Paris$}m,
         'at its place');
}


# --- the table ------------------------------------------------------------------------

rules("kind: organization\ntime_zone: Europe/Paris\n$deals");
redis_start();

{
    my $r = crmctl('validate', '-o', 'json', $dir);

    is($r->{rc}, 0, 'a zone that is known');
    is_deeply(json_decode($r->{out})->{findings}, [], 'needs no remark');

    is(crmctl('apply', $dir)->{rc}, 0, 'is applied');

    my $zone = bundle(1)->{time_zone};
    my %offset = map { $_->[0] => $_->[1] } @{ $zone->{table} };

    is($zone->{name}, 'Europe/Paris', 'the table has its name');
    like($zone->{tzdata}, qr/^(?:\d{4}[a-z]|unknown)$/, 'and its version');
    is($offset{1774746000}, 7200, 'clocks are put forward on 2026-03-29');
    is($offset{1792890000}, 3600, 'and back on 2026-10-25');

    like(crmctl('apply', $dir)->{out}, qr/nothing changed|unchanged|no change/i,
         'the same again is no change');
    is(redis('GET', 'crm:{acme}:revision'), '1', 'and no revision');
}

{
    my $text = redis('GET', 'crm:{acme}:rules:1');

    $text =~ s/"tzdata":"[^"]*"/"tzdata":"1999a"/;
    redis('SET', 'crm:{acme}:rules:1', $text);

    like(crmctl('doctor')->{out},
         qr/^warn  zone        the table of Europe\/Paris is of zone data 1999a, this machine has \d{4}/m,
         'a table of older zone data is named by doctor');
    is(crmctl('apply', $dir)->{rc}, 0, 'newer zone data');
    is(redis('GET', 'crm:{acme}:revision'), '2', 'are a revision');
    isnt(bundle(2)->{time_zone}{tzdata}, '1999a', 'with their version');
    like(crmctl('doctor')->{out}, qr/^ok    zone        Europe\/Paris, by zone data \d{4}/m,
         'which doctor is content with');
}


# --- what it is for ---------------------------------------------------------------------

my $deal = "$dir/deal.txt";

open my $fh, '>', $deal or die "$deal: $!\n";
print $fh '{"Closing_Date":"2026-03-28","Amount":10,"Budget":9.99}';
close $fh or die "$deal: $!\n";

{
    my $r = crmctl('eval', $dir, '--module', 'Deals', '--record', $deal,
                   '--now', '2026-03-27T23:30:00Z');

    like($r->{out}, qr/^  fired +Closes today/m, 'it is tomorrow in Paris');
    like($r->{out}, qr/Closing_Date "2026-03-28" equal \$\{TODAY\} "2026-03-28": true$/m,
         'the token is shown with what it stands for');
    like($r->{out}, qr/Amount 10 greater_than Budget 9\.99: true$/m,
         'and the other field with its value');

    $r = crmctl('eval', $dir, '--module', 'Deals', '--record', $deal, '-o', 'json',
                '--now', '2026-03-27T22:30:00Z');

    my $leaf = json_decode($r->{out})->{rules}[0]{conditions}[0]{leaves}[0];

    is($leaf->{right}, '2026-03-27', 'an hour earlier today is another day');
    ok(!$leaf->{result}, 'and the deal does not close on it');
}

done_testing();


sub rules {
    my ($text) = @_;

    open my $f, '>', "$dir/rules.yaml" or die "$dir: $!\n";
    print $f $text;
    close $f or die "$dir: $!\n";
}

sub bundle {
    return json_decode(redis('GET', "crm:{acme}:rules:$_[0]"));
}
