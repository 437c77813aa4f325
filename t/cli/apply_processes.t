# crmctl apply waits for the nginx processes, and says which of them do not
# run what it has stored. Were it broken, "it is live" would be a guess.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use POSIX ();
use Test::More;
use Test::CRM;

my $n = 0;

redis_start();

{
    process('web1:10', revision => 0);
    process('web1:11', revision => 0, seen_ms => now_ms() - 60000);

    my $loader = in_background(sub {
        wait_for { redis('GET', 'crm:{acme}:revision') } 'the revision', 10;
        process('web1:10', revision => 1);
    });

    my $r = apply('A', '-o', 'json');
    my $j = json_decode($r->{out});

    is($r->{rc}, 0, 'apply waits until a process has loaded the revision');
    is_deeply($j->{processes}, [ { host => 'web1', pid => 10, revision => 1 } ],
              'and names those that have');
    is_deeply($j->{missing}, [], 'a process that is long gone is not missed');
    is($j->{changed}, JSON::PP::true, 'it was a change');
    waitpid $loader, 0;
}

{
    redis('DEL', 'crm:{acme}:processes');
    process('web1:10', revision => 2);
    process('[::1]:12', revision => 1,
            rejected => { revision => 2, error => 'rules[0]: too modern' });

    my $r = apply('B');

    is($r->{rc}, 1, 'a process that refuses the revision makes it a failure');
    like($r->{err}, qr/^crmctl: \[::1\]:12 refuses revision 2 and stays with 1: rules\[0\]: too modern$/m,
         'and is named with its reason');
    like($r->{out}, qr/^revision 2 is live/m, 'though the revision is stored');
    like($r->{out}, qr/^loaded by 1 of 2 processes$/m, 'and others have it');
}

{
    redis('DEL', 'crm:{acme}:processes');

    process('web1:10', revision => 2);      # alive, but it does not load

    my $r = apply('C', '-o', 'json');

    is($r->{rc}, 1, 'a process that does not load is waited for, then named');
    is_deeply(json_decode($r->{out}),
              { revision => 3, changed => JSON::PP::true, processes => [],
                missing => [ { host => 'web1', pid => 10, revision => 2 } ] },
              'as JSON');

    $r = apply('C');
    is($r->{rc}, 0, 'without a change there is nothing to wait for');
}

# One that stands still does not report: it is gone from no list before it was
# waited for, since it may wake up with the old rules. It has told of itself just
# now: five seconds later it would be gone before crmctl has looked.
{
    redis('DEL', 'crm:{acme}:processes');
    process('web1:10', revision => 2, seen_ms => now_ms() + 1000);

    my $r = apply('S');

    is($r->{rc}, 1, 'a process that falls silent is waited for, then named');
    like($r->{err}, qr/^crmctl: web1:10 has been silent for \d+ seconds and was at revision 2: it stands still or has ended$/m,
         'with what is known of it');
}

{
    my $host = lc((POSIX::uname())[1]);
    my $ended = fork;

    POSIX::_exit(0) if !$ended;
    waitpid $ended, 0;

    redis('DEL', 'crm:{acme}:processes');
    process("$host:$ended", revision => 2, seen_ms => now_ms() - 3000);
    process("$host:$$", revision => 99);

    my $r = apply('T');

    is($r->{rc}, 0, 'a process of this machine that has ended is not missed');
    like($r->{out}, qr/^loaded by 1 of 1 processes$/m, 'nor counted');

    process("$host:$$", revision => 2, seen_ms => now_ms() + 1000);
    like(apply('U')->{err}, qr/:$$ has been silent for/, 'one that runs but is silent is');
}

{
    redis('DEL', 'crm:{acme}:processes');
    process('web1:10', revision => 99, epoch => 'X' x 26, epoch_ok => JSON::PP::false);

    my $r = apply('V', '-o', 'json');

    is($r->{rc}, 1, 'a process that remembers another Redis has not loaded it');
    is_deeply(json_decode($r->{out})->{missing},
              [ { host => 'web1', pid => 10, revision => 99,
                  error => 'it remembers another Redis' } ],
              'whatever number it is at');
    like(apply('W')->{err}, qr/^crmctl: web1:10 remembers another Redis and is closed: see crmctl doctor$/m,
         'and what to do is said');
}

{
    redis('DEL', 'crm:{acme}:processes');
    redis('HSET', 'crm:{acme}:processes', 'nonsense', 'x', 'web:1', 'no JSON',
          'web:2', '[1]', 'web:3', '{}');

    is(apply('D')->{rc}, 0, 'entries that are no processes are passed over');
}

done_testing();


sub apply {
    my ($name, @options) = @_;
    my $dir = work_dir() . '/f' . ++$n;

    spew("$dir/r.yaml", "kind: role\nname: $name\n");

    return crmctl('apply', $dir, @options);
}


sub process {
    my ($field, %doc) = @_;

    redis('HSET', 'crm:{acme}:processes', $field,
          json_encode({ loaded_at => 1, rejected => undef,
                        seen_ms => now_ms() + 60000, %doc }));
}


sub now_ms {
    my ($s, $us) = @{ redis('TIME') };

    return $s * 1000 + int($us / 1000);
}


sub in_background {
    my ($code) = @_;
    my $pid = fork;

    die "fork: $!\n" if !defined $pid;

    if ($pid == 0) {
        $code->();
        POSIX::_exit(0);
    }

    return $pid;
}
