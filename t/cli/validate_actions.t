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

    for my $what (qw(email_template email_notification task webhook tasks
                     create_record assign_owner field_updates webhooks
                     add_tags remove_tags email_notifications function functions
                     schedule date_or_datetime))
    {
        ok(!$of{$what}, "$what runs");
    }
}

# A clock that people set is not known to the core: this is crmctl's to say.
{
    my $dir = work_dir();

    spew("$dir/far.yaml", <<"EOT");
kind: function
name: f
source: info 1;
---
kind: schedule
name: far
function: f
start: @{[(gmtime)[5] + 1902]}-01-01T02:00
frequency: once
EOT
    my $r = crmctl('validate', $dir);

    is($r->{rc}, 1, 'a schedule that starts too far ahead is refused');
    like($r->{err}, qr/far\.yaml:8:8: error: start may be a year ahead at most/, 'and where');
}

done_testing();
