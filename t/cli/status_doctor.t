# crmctl status and doctor: what is live, what waits, what is wrong. Were they
# broken, an operator would look at Redis by hand, and in the wrong keys.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;

my $sales = top_dir() . '/t/data/rules/good/sales';
my @queues = qw(webhooks emails records functions scores);

redis_start();


# --- before anything was applied --------------------------------------------------

{
    my $s = status();

    is($s->{org}, 'acme', 'status names the organisation');
    is($s->{revision}, 0, 'that has no revision yet');
    is_deeply($s->{processes}, [], 'and no processes');
    is_deeply($s->{queues}, { map { $_ => { waiting => 0, leased => 0, oldest_ms => 0 } }
                              @queues }, 'and empty queues');
    is_deeply([ @{$s}{qw(dead delayed undetermined)} ], [ 0, 0, 0 ],
              'nothing dead, delayed or undetermined');

    my $d = doctor();

    is($d->{rc}, 0, 'doctor finds no failure');
    is($d->{level}{rules}, 'warn', 'but that there are no rules');
    is($d->{level}{processes}, 'warn', 'and no processes');
    is($d->{level}{$_}, 'ok', "$_ is well")
        for qw(redis version memory durability clock intents jobs);
}


# --- rules, processes, jobs -----------------------------------------------------------

crmctl('apply', $sales);

my $now = now_ms();

process('web1:10', revision => 1);
redis('RPUSH', 'crm:{acme}:queue:webhooks', job(enqueued_at => $now - 5000),
      job(enqueued_at => $now));
redis('RPUSH', 'crm:{acme}:queue:emails', 'nonsense');
redis('RPUSH', 'crm:{acme}:ready:records', 'r1');
redis('HSET', 'crm:{acme}:job:r1', class => 'records', since => $now - 9000);
redis('RPUSH', 'crm:{acme}:ring:webhooks', 'e1');
redis('RPUSH', 'crm:{acme}:ready:webhooks:e1', 'w1', 'w2', 'w3');
redis('HSET', 'crm:{acme}:job:w1', class => 'webhooks', since => $now - 7000);
redis('ZADD', 'crm:{acme}:lease', $now, 'w4');
redis('HSET', 'crm:{acme}:job:w4', class => 'webhooks', since => $now);
redis('ZADD', 'crm:{acme}:delayed', $now, 'w5');
redis('RPUSH', 'crm:{acme}:dead', '{}', '{}');

{
    my $s = status();

    is($s->{revision}, 1, 'the revision');
    is_deeply([ map { "$_->{host}:$_->{pid} $_->{revision}" } @{ $s->{processes} } ],
              ['web1:10 1'], 'the processes');
    is($s->{queues}{webhooks}{waiting}, 5, 'what waits: in the entrance, and ready');
    is($s->{queues}{webhooks}{leased}, 1, 'what is at work');
    ok($s->{queues}{webhooks}{oldest_ms} >= 7000, 'and the age of the oldest');
    is($s->{queues}{emails}{waiting}, 1, 'an element that is no job waits, too');
    is($s->{queues}{records}{waiting}, 1, 'each class by itself');
    ok($s->{queues}{records}{oldest_ms} >= 9000, 'with its own oldest');
    is($s->{delayed}, 1, 'what runs later');
    is($s->{dead}, 2, 'what is dead');

    my $t = crmctl('status');

    is($t->{rc}, 0, 'status as a table');
    like($t->{out}, qr/^organisation acme: revision 1$/m, 'the revision');
    like($t->{out}, qr/^web1 +10 +1 *$/m, 'the process');
    like($t->{out}, qr/^webhooks +5 +1 +\d+\.\d{3} s$/m, 'the queue');
    like($t->{out}, qr/^delayed 1, dead 2, undetermined 0$/m, 'the rest');
}

{
    my $d = doctor();

    is($d->{rc}, 0, 'a warning is no failure');
    is($d->{level}{rules}, 'ok', 'the rules compile');
    is($d->{level}{epoch}, 'ok', 'there is an epoch');
    is($d->{level}{processes}, 'ok', 'the process runs the revision');
    is($d->{level}{jobs}, 'warn', 'dead jobs are worth a warning');

    my $t = crmctl('doctor');

    like($t->{out}, qr/^ok    rules       revision 1 compiles: 9 objects$/m,
         'as text, one line a check');
    like($t->{out}, qr/^warn  jobs        2 dead, 1 delayed; the reasons stand in /m,
         'with what to do');
}


# --- what doctor finds ------------------------------------------------------------------

finds('a process at an older revision', 'processes', 'FAIL',
      sub { process('web1:10', revision => 0) },
      sub { process('web1:10', revision => 1) });
finds('a process that refuses the revision', 'processes', 'FAIL',
      sub { process('web1:10', revision => 0,
                    rejected => { revision => 1, error => 'no' }) },
      sub { process('web1:10', revision => 1) });
finds('a missing epoch', 'epoch', 'FAIL',
      sub { redis('RENAME', 'crm:{acme}:epoch', 'x') },
      sub { redis('RENAME', 'x', 'crm:{acme}:epoch') });
finds('a revision without its rules', 'rules', 'FAIL',
      sub { redis('RENAME', 'crm:{acme}:rules:1', 'x') },
      sub { redis('RENAME', 'x', 'crm:{acme}:rules:1') });
finds('rules that do not compile', 'rules', 'FAIL',
      sub { redis('COPY', 'crm:{acme}:rules:1', 'x');
            redis('SET', 'crm:{acme}:rules:1',
                  '{"v":1,"org":"acme","objects":[{"managed_by":"a","object":{"kind":"rle"}}]}') },
      sub { redis('RENAME', 'x', 'crm:{acme}:rules:1') });
finds('an organisation that is not listed', 'listed', 'FAIL',
      sub { redis('SREM', 'crm:orgs', 'acme') },
      sub { redis('SADD', 'crm:orgs', 'acme') });
finds('an eviction policy', 'memory', 'FAIL',
      sub { redis('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru') },
      sub { redis('CONFIG', 'SET', 'maxmemory-policy', 'noeviction') });
finds('no append-only file', 'durability', 'warn',
      sub { redis('CONFIG', 'SET', 'appendonly', 'no') },
      sub { redis('CONFIG', 'SET', 'appendonly', 'yes') });
finds('appendfsync no', 'durability', 'warn',
      sub { redis('CONFIG', 'SET', 'appendfsync', 'no') },
      sub { redis('CONFIG', 'SET', 'appendfsync', 'everysec') });
finds('an old intent', 'intents', 'warn',
      sub { redis('ZADD', 'crm:{acme}:intents', now_ms() + 60000, 'E1');
            redis('HSET', 'crm:{acme}:intent:E1', 'state', 'prepared',
                  'begun', now_ms() - 200000) },
      sub { redis('DEL', 'crm:{acme}:intents', 'crm:{acme}:intent:E1') });
finds('a queue that nobody empties', 'jobs', 'warn',
      sub { redis('DEL', 'crm:{acme}:dead');
            redis('RPUSH', 'crm:{acme}:queue:functions',
                  job(enqueued_at => now_ms() - 90000)) },
      sub { redis('DEL', 'crm:{acme}:queue:functions');
            redis('RPUSH', 'crm:{acme}:dead', '{}') });
finds('a key of another type', 'jobs', 'FAIL',
      sub { redis('RENAME', 'crm:{acme}:dead', 'x');
            redis('SET', 'crm:{acme}:dead', '1') },
      sub { redis('RENAME', 'x', 'crm:{acme}:dead') });

redis_stop();

{
    my $d = doctor();

    is($d->{rc}, 1, 'doctor without Redis fails');
    is_deeply($d->{level}, { redis => 'FAIL' }, 'and says so in its own way');
}

done_testing();


sub status { return json_decode(crmctl('status', '-o', 'json')->{out}) }


sub doctor {
    my $r = crmctl('doctor', '-o', 'json');
    my $j = json_decode($r->{out});
    my (%level, %advice);
    my %rank = (ok => 0, warn => 1, FAIL => 2);

    for my $c (@{ $j->{checks} }) {
        $level{ $c->{check} } = $c->{level}
            if !$level{ $c->{check} }
               || $rank{ $c->{level} } > $rank{ $level{ $c->{check} } };
        $advice{ $c->{check} } = $c->{advice} if $c->{level} ne 'ok';
    }

    return { rc => $r->{rc}, level => \%level, advice => \%advice, ok => $j->{ok} };
}


sub finds {
    my ($what, $check, $level, $break, $mend) = @_;

    process('web1:10', revision => 1);
    $break->();

    my $d = doctor();

    $mend->();

    subtest "doctor finds $what" => sub {
        is($d->{level}{$check}, $level, 'the check');
        is($d->{rc}, $level eq 'FAIL' ? 1 : 0, 'the exit code');
        is($d->{ok} ? 1 : 0, $level eq 'FAIL' ? 0 : 1, 'ok as JSON');
    };
}


sub job { return json_encode({ v => 1, type => 'webhooks', org => 'acme',
                               action => {}, @_ }) }


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
