# Timers of dates, in numbers: what a due one costs does not depend on how many
# wait, thousands that are due at once are done, each once, and live jobs do not
# wait for them. Were it broken, a night in which many dates come would keep the
# webhooks of the morning.
#
# The long form: CRM_TIMERS=100000 CRM_TIMERS_DUE=5000.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use POSIX qw(strftime);
use Test::More;
use Test::CRM;
use Test::CRM::Chain;
use Test::CRM::Jobs;
use Test::CRM::Recovery qw(backend_url);

my $pending = $ENV{CRM_TIMERS} || 5000;
my $n = $ENV{CRM_TIMERS_DUE} || 200;
my $later = (time + 30 * 86_400) * 1000;
my $midnight = (time - time % 86_400) * 1000;

redis_start();
crm_start();
receiver_start();
crm_rules(<<'EOR');
kind: workflow_rule
name: Reminder
module: Deals
execute_when: { type: date_or_datetime, details: { field: Due, unit: 0, period: days } }
conditions: [ { criteria: null, instant_actions: [ { type: webhooks, name: remind } ] } ]
---
kind: webhook
name: remind
module: Deals
url: $HOOK/remind
http_method: POST
body: { type: raw, format: JSON, content: '{"id":"${!Deals.id}"}' }
EOR

my $key = chain_key_file();

nginx_start(extra => "crm_chain_key_file $key;");

# As commit stores them: from record $from on, $count of them.
sub plant {
    my ($from, $count, $due) = @_;

    redis('EVAL', <<'EOL', 0, 'crm:{' . crm_org() . '}:', $from, $count, $due, crm_org());
local prefix, due = ARGV[1], ARGV[4]
for i = ARGV[2], ARGV[2] + ARGV[3] - 1 do
    local record = string.format('%.0f', i)
    local id = 'date:' .. string.sub(redis.sha1hex(record), 1, 26)
    local body = '{"v":1,"id":"' .. id .. '","type":"dates","org":"' .. ARGV[5]
        .. '","module":"Deals","record_id":"' .. record
        .. '","rule":"Reminder","action":{"name":"Reminder"},"due":' .. due .. '}'
    redis.call('HSET', prefix .. 'job:' .. id, 'body', body, 'class', 'functions',
        'endpoint', '', 'attempts', 0, 'deliveries', 0, 'fence', 1795305600000,
        'foreign', 0, 'since', due, 'due', due, 'state', 'delayed')
    redis.call('ZADD', prefix .. 'delayed', due, id)
end
EOL
}

sub memory { return (redis('INFO', 'memory') =~ /used_memory:(\d+)/)[0] }

# Commands that Redis runs, in scripts and by themselves, while the worker does what is due.
sub cost {
    redis('CONFIG', 'RESETSTAT');

    my $r = worker_once('--backend', backend_url(), '--chain-key-file', $key, '--endpoint-rate', 0);

    is($r->{rc}, 0, 'the worker') or diag $r->{err};

    my %calls = redis('INFO', 'commandstats') =~ /cmdstat_(\w+):calls=(\d+)/g;
    my $sum = 0;

    $sum += $_ for values %calls;

    return $sum;
}


# --- what one costs ------------------------------------------------------------------

plant(1_000_001, 100, 1);
cost();                                 # the first run loads scripts and rules
plant(1_000_001, 100, 1);

my $few = cost();
my $empty = memory();

plant(2_000_001, $pending, $later);

my $each = (memory() - $empty) / $pending;

plant(1_000_001, 100, 1);

my $many = cost();

note(sprintf '%d pending: %.0f bytes each; a hundred that are due: %d commands, %d without them',
     $pending, $each, $many, $few);
cmp_ok($many, '<=', $few * 1.5, 'a hundred that are due cost as much, whatever waits beside them');
cmp_ok($each, '<', 1500, 'and one that waits takes little more than a kilobyte');
is(redis('ZCARD', key('delayed')), $pending, 'those wait on');


# --- thousands at once, and live jobs beside them -------------------------------------

my $today = strftime('%Y-%m-%d', gmtime);

crm_seed('Deals', 3_000_000 + $_, qq({"Due":"$today"})) for 1 .. $n;
plant(3_000_001, $n, $midnight);

my $began = time;
my $pid = worker_start('--backend', backend_url(), '--chain-key-file', $key, '--endpoint-rate', 0);

wait_for { grep { $_->{target} eq '/remind' } hooks() } 'the first of them', 60;

my @live = map { push_job(url => receiver_url("/live/$_")) } 1 .. 20;

wait_for { 20 == grep { $_->{target} =~ m{^/live/} } hooks() } 'jobs that came later', 60;

my $left = redis('ZCOUNT', key('delayed'), '-inf', time * 1000) + redis('LLEN', key('ready:functions'));

wait_for { redis('ZCARD', key('delayed')) <= $pending && redis('ZCARD', key('lease')) == 0
           && redis('LLEN', key('ready:functions')) == 0 } 'all of them', 600;
note(sprintf '%d dates in %d s; %d were left when the live jobs were done', $n, time - $began, $left);
wait_for { $n <= grep { $_->{target} eq '/remind' } hooks() } 'all of their webhooks', 120;
is(worker_stop(), 0, 'the worker stops when asked');

my %seen;

$seen{ $_->{body} }++ for grep { $_->{target} eq '/remind' } hooks();
is(scalar(keys %seen), $n, 'each date is told of');
is(scalar(grep { $_ > 1 } values %seen), 0, 'once');
is(scalar(dead()), 0, 'nothing is dead');

done_testing();
