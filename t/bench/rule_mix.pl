#!/usr/bin/perl
#
# Rules as people write them, any number of them, the same each time:
#
#     rule_mix.pl COUNT [FORM]
#
# FORM bundle (the default) is what Redis holds as a revision, docs a rule
# folder's file (YAML documents, each a line of JSON).
#
# A rule asks three things of a lead: a word of a choice list to be equal to
# one of sixteen (four in five) or among three of them; a number or a date to
# lie in a range (one bound or two, a constant or a day from today on); and a
# text to contain a word, or a choice not to be one. About one in eleven passes
# the first. Rules 1 and 2 match the record of the bench, with all others drawn
# so that they do not: what differs between one count and another is the rules
# alone.

use strict;
use warnings;

use constant WORDS => 16;

my ($count, $form) = (@ARGV, 'bundle');
my $seed = 20261122;

# field => its value in the record; a list has the words "value 0" to 15
my %choice = (Lead_Source => 1, Industry => 2, Country => 3, Segment => 4,
              Region => 5, Product => 6, Channel => 7, Campaign => 8);
my @choices = sort keys %choice;
my %number = (Annual_Revenue => 1250000.5, No_of_Employees => 42,
              Score => 77, Discount => 12.5);
my %span = (Annual_Revenue => 10000000, No_of_Employees => 500, Score => 100,
            Discount => 40);
my @numbers = sort keys %number;
my %text = (Company => 'Analytical Engines', Last_Name => 'Lovelace',
            City => 'London', Email => 'ada@example.test');
my @texts = sort keys %text;
my @parts = qw(engine tool ada byte love ware mond lond ing corp ltd gmbh .test
               .com berg ford burg ton ham shire);

print $form eq 'bundle' ? '{"v":1,"org":"acme","objects":[' : '';
put({ kind => '"webhook"', name => '"tell"', module => '"Leads"',
      url => '"http://127.0.0.1:9/hook"', http_method => '"POST"',
      body => '{"type":"raw","format":"JSON",'
              . '"content":"{\"name\":\"${!Leads.Last_Name}\"}"}' }, 1);
put(rule($_), 0) for 1 .. $count;
print $form eq 'bundle' ? ']}' : '';


sub put {
    my ($object, $first) = @_;

    my $json = '{"kind":' . $object->{kind} . join('', map {
        qq(,"$_":$object->{$_}) } grep { $_ ne 'kind' } sort keys %$object)
        . '}';

    print $form eq 'bundle'
        ? ($first ? '' : ',') . qq({"managed_by":"bench","object":$json})
        : "---\n$json\n";
}


sub rule {
    my ($i) = @_;

    my @leaves = map { leaf($i, $_) } 0 .. 2;

    if ($i > 2 && !grep { !$_->[1] } @leaves) {
        return rule($i);            # it would match as well
    }

    my $action = $i == 1
        ? '{"type":"field_updates","field":"Rating","value":"Hot"}'
        : '{"type":"webhooks","name":"tell"}';

    return { kind => '"workflow_rule"', name => "\"rule $i\"",
             module => '"Leads"', sequence => $i,
             execute_when => '{"type":"create_or_edit"}',
             conditions => '[{"criteria":{"group_operator":"AND","group":['
                 . join(',', map { $_->[0] } @leaves)
                 . "]},\"instant_actions\":[$action]}]" };
}


# The JSON of the n-th leaf, and whether the record passes it.

sub leaf {
    my ($i, $n) = @_;

    my @draw = (\&choice_leaf, \&range_leaf, \&text_leaf);

    return $draw[$n]->($i <= 2);
}


sub choice_leaf {
    my ($pass) = @_;

    my $field = $choices[below(scalar @choices)];
    my @words = map { below(WORDS) } 1 .. (below(5) ? 1 : 3);

    $words[0] = $choice{$field} if $pass;

    my $list = join ',', map { "\"value $_\"" } @words;

    return [ @words == 1 ? "{\"field\":\"$field\",\"comparator\":\"equal\","
             . "\"value\":$list}"
             : "{\"field\":\"$field\",\"comparator\":\"in\","
               . "\"value\":[$list]}",
             scalar grep { $_ == $choice{$field} } @words ];
}


# Days are counted from today on, where the record has its own date.

sub range_leaf {
    my ($pass) = @_;

    if (below(8) == 0) {
        my $n = below(60) - 30;

        $n = $n > 0 ? $n : 1 - $n if $pass;

        return [ '{"field":"Next_Contact","comparator":"less_than","type":'
                 . "\"pre_defined\",\"value\":\"\${TODAY"
                 . ($n < 0 ? $n : "+$n") . '}"}', 1 ];
    }

    my $field = $numbers[below(scalar @numbers)];
    my ($low, $high) = sort { $a <=> $b }
        map { $span{$field} * below(1000) / 1000 } 1, 2;
    my $is = $number{$field};

    ($low, $high) = ($is / 2, $is * 2) if $pass;

    my $how = below(4);

    return $how == 0 ? [ range_json($field, 'greater_than', $low), $is > $low ]
         : $how == 1 ? [ range_json($field, 'less_equal', $high),
                         $is <= $high ]
         : [ range_json($field, 'between', "[$low,$high]"),
             $is >= $low && $is <= $high ];
}


sub range_json {
    my ($field, $comparator, $value) = @_;

    return "{\"field\":\"$field\",\"comparator\":\"$comparator\","
           . "\"value\":$value}";
}


sub text_leaf {
    my ($pass) = @_;

    if ($pass || below(2)) {
        my $field = $choices[below(scalar @choices)];
        my $word = below(WORDS);

        $word = 0 if $pass;

        return [ "{\"field\":\"$field\",\"comparator\":\"not_equal\","
                 . "\"value\":\"value $word\"}", $word != $choice{$field} ];
    }

    my $field = $texts[below(scalar @texts)];
    my $part = $parts[below(scalar @parts)];

    return [ "{\"field\":\"$field\",\"comparator\":\"contains\","
             . "\"value\":\"$part\"}",
             index(lc $text{$field}, $part) >= 0 ];
}


sub below {
    my ($n) = @_;

    $seed = ($seed * 1103515245 + 12345) % 2147483648;

    return int($seed / 65536) % $n;
}
