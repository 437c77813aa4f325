# The example of every action, function and schedule is taken as it stands, and
# what does not run yet is said. Were it not, an administrator could not write
# what the rule language promises, or would wait for mail that never comes.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;

my $data = top_dir() . '/t/data/rules/good/actions';

{
    my $r = crmctl('validate', '-o', 'json', $data);
    my @found = @{ json_decode($r->{out})->{findings} };

    is($r->{rc}, 0, 'the example exits 0');
    is_deeply([ grep { $_->{severity} eq 'error' } @found ], [],
              'without an error');

    my %of = map { $_->{message} =~ /^(\w+) is checked and stored/
                   ? ($1 => 1) : () } @found;

    for my $what (qw(schedule date_or_datetime))
    {
        ok($of{$what}, "$what is said not to run yet");
    }

    for my $what (qw(email_template email_notification task webhook tasks
                     create_record assign_owner field_updates webhooks
                     add_tags remove_tags email_notifications function functions))
    {
        ok(!$of{$what}, "$what runs");
    }
}

done_testing();
