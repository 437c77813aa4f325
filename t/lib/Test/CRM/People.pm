package Test::CRM::People;

# Those whom rules are about: a profile, roles that report to one another, and
# users, as documents to set in front of others.
#
#   people(roles => [qw(Boss Rep)], users => [
#       { id => 1, role => 'Rep', email => 'ann@example.test' },
#       { id => 2, role => 'Boss', status => 'inactive' } ]);
#
# Each role reports to the one before it. The profile is Std.

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT = qw(people);


sub people {
    my (%o) = @_;

    my @documents = ("kind: profile\nname: Std\n");
    my $above;

    for my $role (@{ $o{roles} || [] }) {
        push @documents, "kind: role\nname: $role\n" . ($above ? "reports_to: $above\n" : '');
        $above = $role;
    }

    for my $user (@{ $o{users} || [] }) {
        push @documents, qq(kind: user\nid: "$user->{id}"\nprofile: Std\n)
            . join '', map { "$_: $user->{$_}\n" } grep { defined $user->{$_} } qw(role email status);
    }

    return join '', map { "$_---\n" } @documents;
}

1;
