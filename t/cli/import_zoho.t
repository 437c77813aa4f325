# crmctl import zoho: exported rules become rule files, and a report accounts
# for every key of them. Were it broken, a company would move its automation
# and lose a part of it that nobody has named.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use File::Temp qw(tempdir);
use Test::More;
use Test::CRM;

my $data = top_dir() . '/t/data/import';
my @export = ("$data/zoho-workflow-rules.json", "$data/zoho-actions.json");
my $dir = tempdir(CLEANUP => 1);


# --- documents and report -----------------------------------------------------------

{
    my $r = crmctl('import', 'zoho', @export);

    is($r->{rc}, 1, 'what was left out makes the exit code 1');
    is($r->{out}, slurp("$data/zoho.yaml"), 'the documents are printed');
    is($r->{err}, slurp("$data/zoho.report"), 'and the report on stderr');

    $r = crmctl('import', 'zoho', reverse @export);
    is_deeply([ sort split /^(?:---)?\n(?=kind)|^---\n/m, $r->{out} ],
              [ sort split /^(?:---)?\n(?=kind)|^---\n/m, slurp("$data/zoho.yaml") ],
              'the order of files does not matter');
}

{
    my $r = crmctl('import', 'zoho', '-o', 'json', @export);
    my $report = json_decode($r->{out});

    is($r->{rc}, 1, 'as JSON it exits 1 too');
    is_deeply([ @$report{qw(imported changed not_imported)} ], [ 2, 8, 4 ],
              'and counts');
    is(scalar @{ $report->{objects} }, 14, 'every object of the source is there');
    is(scalar @{ $report->{documents} }, 10, 'with the documents');

    my %result = map { $_->{path} => $_->{result} } @{ $report->{objects} };

    is($result{'workflow_rules[0]'}, 'imported', 'a rule as it is');
    is($result{'workflow_rules[1]'}, 'changed', 'a rule with a change');
    is($result{'workflow_rules[4]'}, 'not_imported', 'a trigger that is not there');
}


# --- files --------------------------------------------------------------------------

{
    my $r = crmctl('import', 'zoho', @export, '--out', "$dir/rules");

    is($r->{rc}, 1, 'with --out it exits the same');
    is_deeply([ map { s{.*/}{}r } sort glob "$dir/rules/*" ],
              [ 'Deals.yaml', 'Leads.yaml', 'import-report.txt' ],
              'a file for each module, and the report');
    is($r->{out}, slurp("$data/zoho.report"), 'the report is printed');
    is(slurp("$dir/rules/import-report.txt"), $r->{out}, 'and kept');

    my $deals = slurp("$dir/rules/Deals.yaml");

    unlike($deals, qr/module: Leads/, 'a file holds its module');
    like($deals, qr/name: Big deal\n/, 'with its rules');

    $r = crmctl('validate', '-o', 'json', "$dir/rules");
    is_deeply([ sort map { $_->{message} =~ /there is no (\w+ "[^"]*")/ }
                grep { $_->{severity} eq 'error' }
                @{ json_decode($r->{out})->{findings} } ],
              [ 'email_template "Big deal"', 'role "Sales Manager"',
                'user "4150868000000225013"', 'webhook "Not exported"' ],
              'validate misses what the export does not hold, and nothing else');

    my $before = slurp("$dir/rules/Deals.yaml");

    $r = crmctl('import', 'zoho', @export, '--out', "$dir/rules");
    is($r->{rc}, 1, 'a second time it does not write');
    like($r->{err}, qr{Deals\.yaml is there already: give --out a folder of},
         'over what is there, and says so');
    is(slurp("$dir/rules/Deals.yaml"), $before, 'which stays as it is');
}


# --- every key is accounted for ------------------------------------------------------

{
    my $source = json_decode(slurp($export[0]));
    my @planted;

    for my $i (0 .. 2) {
        plant($source->{workflow_rules}[$i], "workflow_rules[$i]", \@planted);
    }

    spew("$dir/planted.json", json_encode($source));

    my $r = crmctl('import', 'zoho', '-o', 'json', "$dir/planted.json",
                   $export[1]);
    my %told = map { $_ => 1 } @{ json_decode($r->{out})->{unknown_keys} };

    cmp_ok(scalar @planted, '>', 30, 'keys that nobody knows, in all maps');
    is_deeply([ grep { !$told{$_} } @planted ], [], 'are all in the report');
}

{
    my $empty = '{"workflow_rules":[]}';

    spew("$dir/empty.json", $empty);
    is(crmctl('import', 'zoho', "$dir/empty.json")->{rc}, 0,
       'an export without rules is none the worse');
}


# --- what is no export ----------------------------------------------------------------

refused('{"data":[]}', qr/holds no workflow_rules, .*it is no export of/);
refused('[]', qr/is no map: an export begins with/);
refused('{"workflow_rules":[', qr/no\.json:1:\d+: /);

for my $odd ('null', '7', '"x"', '[]', '{}', '[null,7,"x",[]]',
             '[{"name":"a","module":7,"execute_when":[],"conditions":{}}]',
             '[{"name":"a","module":"M","execute_when":{"type":"edit",'
             . '"details":"x"},"conditions":[7,{"instant_actions":{"actions":'
             . '[null,{"type":"add_tags","details":{"tags":"x"}}]}}]}]')
{
    spew("$dir/odd.json", qq({"workflow_rules":$odd,"webhooks":$odd,)
                          . qq("tasks":$odd,"field_updates":$odd,)
                          . qq("email_notifications":$odd}));
    my $r = crmctl('import', 'zoho', '-o', 'json', "$dir/odd.json");

    cmp_ok($r->{rc}, '<=', 1, "rules that are $odd do no harm");
}

{
    my $r = crmctl('import', 'salesforce', $export[0]);

    is($r->{rc}, 64, 'another system is wrong use');
    like($r->{err}, qr/import knows zoho, not "salesforce"/, 'and says so');
}

done_testing();


sub refused {
    my ($text, $why) = @_;

    spew("$dir/no.json", $text);
    my $r = crmctl('import', 'zoho', "$dir/no.json");

    is($r->{rc}, 1, "$text is refused");
    like($r->{err}, $why, 'with a reason');
    is($r->{out}, '', 'and nothing is printed');
}

# A key in each map that is read, and its path; who wrote what when is not read.
sub plant {
    my ($value, $path, $planted) = @_;

    if (ref $value eq 'ARRAY') {
        plant($value->[$_], "$path\[$_]", $planted) for 0 .. $#$value;

    } elsif (ref $value eq 'HASH') {
        for my $key (sort keys %$value) {
            next if $key =~ /^(?:created_by|modified_by|lock_status|value|layout)$/;
            next if $key eq 'module' && $path =~ /^workflow_rules\[0\].*details$/;
            plant($value->{$key}, "$path.$key", $planted);
        }

        return if $path =~ /actions\[\d+\]\.details\.carry_tags|assign_to\[1\]/
                  || $path =~ /workflow_rules\[1\].*actions\[2\]/;

        $value->{zzz} = 'who knows';
        push @$planted, "$path.zzz";
    }
}
