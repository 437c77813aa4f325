# docs/routes.md and the routes of src/dialects/zoho.json hold the same rows in the same order.
# Fails when a route is judged, passes or does something that nobody can read.

use strict;
use warnings;

use JSON::PP;
use Test::More;

my $file = decode_json(slurp('src/dialects/zoho.json'));
my $page = slurp('docs/routes.md');

my (%code, %docs);

cmp_ok(scalar @{ $file->{routes} }, '>', 50, 'the routes are found');

for my $route (@{ $file->{routes} }) {
    my $methods = join ' ', @{ $route->{match}{methods} };
    my $path = plain($route->{match}{path});
    my $query = join ' ', @{ $route->{query} || [] };
    my ($op, $name) = split /:/, $route->{op};

    if ($methods eq 'GET') {
        push @{ $code{read} }, join ' | ', $methods, $path, $name;

    } elsif ($op eq 'ignore') {
        push @{ $code{pass} }, join ' | ', $methods, $path;

    } elsif ($op eq 'composite') {
        push @{ $code{action} }, join ' | ', $methods, $path, $op, '', 'requests', $query;

    } elsif ($op eq 'action' || $op eq 'call') {
        my $by = { path => 'path', list => 'list', none => 'nobody' }->{ $route->{id} || 'path' };

        push @{ $code{action} }, join ' | ', $methods, $path, $name, join(' ', @{ $route->{restricts} }), $by, $query;

    } else {
        push @{ $code{record} }, join ' | ', $methods, $path, $op, $query;
    }
}

for ([record => 'Records', 4], [action => 'Actions', 6], [read => 'Reads', 3], [pass => 'What passes', 2]) {
    my ($kind, $head, $columns) = @$_;
    my ($text) = $page =~ /^## \Q$head\E\n(.*?)(?=^## |\z)/ms;
    my @rows = grep { !/^(?:methods |---)/ } map {
        my (undef, @cells) = split /\s*\|\s*/, s/`//gr, -1;
        join ' | ', @cells[0 .. $columns - 1];
    } grep { /^\|/ } split /\n/, $text;

    is_deeply(\@rows, $code{$kind}, "$head: the page has the rows of the file, in their order");
}

done_testing();


sub plain { return $_[0] =~ s{^\{version\}/}{}r }

sub slurp {
    my ($name) = @_;

    open my $fh, '<', $name or die "$name: $!\n";
    local $/;

    return scalar <$fh>;
}
