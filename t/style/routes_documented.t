# docs/routes.md and the table of routes hold the same rows in the same order.
# Fails when a route is judged, passes or does something that nobody can read.

use strict;
use warnings;

use Test::More;

my $code = slurp('src/core/record/crm_zoho_routes.c');
my $page = slurp('docs/routes.md');

my ($table) = $code =~ /routes\[\] = \{(.*?)\n\};/s;
my %does = (UPDATES => 'update', DELETES => 'delete', OWNS => 'change_owner',
            TAGS => 'tags', CONVERTS => 'convert');
my %kinds = (CREATE => 'create', UPDATE => 'update', DELETE => 'delete', UPSERT => 'upsert');
my (%code, %docs);

ok(defined $table, 'the table is found');

$table =~ s{/\*.*?\*/}{}gs;

while ($table =~ /(ONE\(|MANY\(|ALL\(|PASS\(|\{)((?:"[^"]*"|[^"(){}])*)[)}]/g) {
    my ($macro, $text) = ("$1", "$2");

    $macro =~ s{\(}{};

    my @a = map { s/^"|"$//gr } $text =~ /"[^"]*"|[A-Z_0-9|]+/g;

    if ($macro eq '{') {
        my ($methods, $path, $kind, $query) = @a[0, 1, 2, 6];

        push @{ $code{record} }, join ' | ', $methods, plain($path), $kinds{$1}, query($query)
            if $kind =~ /^CRM_ZOHO_((?!ACTION).*)/;
        push @{ $code{action} }, join ' | ', $methods, plain($path), $a[4], '', 'requests', ''
            if $kind eq 'CRM_ZOHO_ACTION';

    } elsif ($macro eq 'PASS') {
        push @{ $code{pass} }, join ' | ', $a[0], plain($a[1]);

    } else {
        my ($methods, $path, $action, $does, $query) = @a;

        $path = '{module}/{id}/' . $path if $macro eq 'ONE';
        $path = '{module}/' . $path if $macro eq 'MANY';

        push @{ $code{action} }, join ' | ', $methods, plain($path), $action,
            join(' ', map { $does{$_} } split /\|/, $does),
            { ONE => 'path', MANY => 'list', ALL => 'nobody' }->{$macro}, query($query);
    }
}

for ([record => 'Records', 4], [action => 'Actions', 6], [pass => 'What passes', 2]) {
    my ($kind, $head, $columns) = @$_;
    my ($text) = $page =~ /^## \Q$head\E\n(.*?)(?=^## |\z)/ms;
    my @rows = grep { !/^(?:methods |---)/ } map {
        my (undef, @cells) = split /\s*\|\s*/, s/`//gr, -1;
        join ' | ', @cells[0 .. $columns - 1];
    } grep { /^\|/ } split /\n/, $text;

    is_deeply(\@rows, $code{$kind}, "$head: the page has the rows of the table, in their order");
}

done_testing();


sub plain { return $_[0] =~ s{^\{version\}/}{}r }
sub query { return defined $_[0] && $_[0] ne 'NULL' ? $_[0] : '' }

sub slurp {
    my ($file) = @_;

    open my $fh, '<', $file or die "$file: $!\n";
    local $/;

    return scalar <$fh>;
}
