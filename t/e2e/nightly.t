# S8: each night the contacts go to another system, and who has left a lead or a
# deal alone for a month hears of it; crm-worker and Redis are killed with -9
# meanwhile. It would fail by a night that is left out or done twice, a page
# that the other system cannot tell from one it has, or an alert that comes for
# what was touched, twice, or never.
#
#   CRM_TEST_SEED=7 prove -v t/e2e/nightly.t

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use List::Util qw(uniq);
use POSIX qw(strftime);
use Test::More;
use Time::HiRes qw(sleep);
use Test::CRM;
use Test::CRM::Chain;
use Test::CRM::Clock;
use Test::CRM::Jobs qw(key dead results_come);
use Test::CRM::Mail;

plan skip_all => 'the sanitizers are preloaded' if $ENV{CRM_TEST_ASAN};
plan skip_all => 'a function is /proc/self/exe, which is memcheck here' if $ENV{CRM_TEST_VALGRIND};

my $seed = $ENV{CRM_TEST_SEED} || 1 + time() % 1_000_000;

diag("seed $seed: CRM_TEST_SEED=$seed again does the same");
srand($seed);

my $midnight = int(time() / 86_400) * 86_400;
my $contacts = 250;

sub day { return strftime('%Y-%m-%d', gmtime($midnight + $_[0] * 86_400)) }

# Three in the morning of that day, from today on.
sub it_is {
    my ($day) = @_;

    set_clock($_, $midnight + $day * 86_400 + 3 * 3600 - time) for qw(redis rest);
}

set_clock($_, 0) for qw(redis rest);

with_clock(redis => sub { redis_start(appendfsync => 'always') });
crm_start();
receiver_start();
relay_start();

my $start = day(1);

crm_rules(<<"EOR");
>>> rules.yaml
kind: function
name: sync-contacts
file: sync-contacts.dg
arguments: [ { name: base, type: text }, { name: rows, type: integer } ]
---
kind: schedule
name: Nightly sync
function: sync-contacts
arguments: { base: "\$HOOK", rows: 100 }
start: ${start}T02:00
frequency: daily
---
kind: profile
name: Standard
---
kind: user
id: "11"
name: Mona
email: mona\@example.test
profile: Standard
---
kind: workflow_rule
name: Idle lead
module: Leads
execute_when: { type: date_or_datetime, details: { field: Modified_Time, unit: 30, period: days } }
conditions: [ { criteria: null, instant_actions: [ { type: email_notifications, name: idle-lead } ] } ]
---
kind: email_template
name: idle-lead
subject: "Idle lead: \${!Leads.Last_Name}"
text: "Nobody has touched \${!Leads.Last_Name} for a month."
---
kind: email_notification
name: idle-lead
module: Leads
template: idle-lead
from: crm\@example.test
recipients: [ { type: user, id: "11" } ]
---
kind: workflow_rule
name: Idle deal
module: Deals
execute_when: { type: date_or_datetime, details: { field: Modified_Time, unit: 30, period: days } }
conditions:
  - criteria: { field: Stage, comparator: not_equal, value: Closed Won }
    instant_actions: [ { type: email_notifications, name: idle-deal } ]
---
kind: email_template
name: idle-deal
subject: "Idle deal: \${!Deals.Deal_Name}"
text: "Nobody has touched \${!Deals.Deal_Name} for a month."
---
kind: email_notification
name: idle-deal
module: Deals
template: idle-deal
from: crm\@example.test
recipients: [ { type: user, id: "11" } ]
>>> sync-contacts.dg
void sync(string base, int rows)
{
    for each page in {1, 2, 3, 4, 5}
    {
        found = zoho.crm.getRecords("Contacts", page, rows);
        if (found.size() == 0)
        {
            break;
        }
        sent = List();
        for each contact in found
        {
            sent.add({"id": contact.get("id"), "name": contact.get("Last_Name")});
        }
        invokeurl
        [
            url: base + "/contacts"
            type: POST
            body: {"page": page, "rows": sent}.toString()
            content-type: "application/json"
        ];
        info "page " + page + ": " + sent.size();
    }
}
EOR

crm_seed('Contacts', 1000 + $_, qq({"Last_Name":"No $_"})) for 1 .. $contacts;

my $key = chain_key_file();

with_clock(rest => sub {
    nginx_start(http => crm_http_config('timeout=400ms'),
                extra => "crm_chain_key_file $key; crm_backend_max_time 2s; proxy_read_timeout 1s;"
                         . ' crm_commit_wait 500ms; crm_rules_wait 1s;');
});

my @worker = ('--backend', guarded_url(), '--chain-key-file', $key,
              '--smtp', relay_url(), '--smtp-tls', 'none', '--timeout', '2s', '--lease', '2s',
              '--retry-schedule', join ',', ('1s') x 20);

sub delayed { return @{ redis('ZRANGE', key('delayed'), 0, -1, 'WITHSCORES') } }
sub audit { return map { json_decode($_->[1][1]) } @{ redis('XRANGE', key('scheduled'), '-', '+') } }

# Nothing is under way, and nothing due: what waits is for another night.
sub done_by {
    my ($day) = @_;
    my %due = delayed();

    return redis('ZCARD', key('lease')) == 0
        && !grep({ redis('LLEN', key("queue:$_")) } qw(functions emails records webhooks))
        && !grep { $_ < ($midnight + $day * 86_400 + 4 * 3600) * 1000 } values %due;
}

# The night of that day, with deaths in it. How many there were.
sub night {
    my ($day, $deaths) = @_;

    it_is($day);
    hooks_reset();
    hooks_answer(delay_ms => 60, times => 100);    # long enough for a death to find a page under way

    for my $n (1 .. $deaths) {
        my $pid = with_clock(rest => sub { spawn(name => "worker$day.$n", cmd => worker_command(@worker)) });

        sleep 0.05 + rand 0.25;
        results_come();

        if ($n % 3) {
            kill_process($pid);

        } else {
            redis_kill();
            with_clock(redis => sub { redis_start() });
            kill_process($pid);
        }
    }

    wait_for {
        with_clock(rest => sub { worker_once(@worker) });
        done_by($day);
    } "the end of night $day", 60;

    return;
}

# A worker that dies behind the relay's word sends the mail again, as the same.
sub told {
    my %subject = map { $_->{headers}{'message-id'} => $_->{headers}{subject} } mails();

    return [ sort values %subject ];
}

sub touch {
    my ($module, $name, $day) = @_;

    crm_seed($module, $_->{id}, json_encode({ %$_, Modified_Time => day($day) . 'T12:00:00Z' }))
        for grep { join(' ', values %$_) =~ /\b$name\b/ } @{ json_decode(http(GET => "/crm/v8/$module")->{body})->{data} };
}

# --- what waits -------------------------------------------------------------------------

with_clock(rest => sub { worker_once(@worker) });
is((delayed())[1] / 1000, $midnight + 86_400 + 2 * 3600, 'the schedule waits for its first night');

for my $lead (qw(Left Loved)) {
    is(http(POST => '/crm/v8/Leads', body => qq({"data":[{"Last_Name":"$lead"}]}))->{status}, 201, "a lead: $lead");
}

for my $deal ([ Slow => 'Open' ], [ Busy => 'Open' ], [ Won => 'Closed Won' ]) {
    is(http(POST => '/crm/v8/Deals', body => qq({"data":[{"Deal_Name":"$deal->[0]","Stage":"$deal->[1]"}]}))->{status},
       201, "a deal: $deal->[0]");
}

# --- three nights --------------------------------------------------------------------------

for my $day (1 .. 3) {
    night($day, 6);

    my @sent = grep { $_->{target} eq '/contacts' } hooks();
    my %of;

    $of{ $_->{header}{'idempotency-key'} }{ $_->{body} }++ for @sent;

    my @pages = map { json_decode($_) } map { keys %$_ } values %of;

    is(join(' ', sort map { $_->{page} } @pages), '1 2 3', "night $day: three pages, each once");
    is(scalar(uniq map { $_->{id} } map { @{ $_->{rows} } } @pages), $contacts, "night $day: of all contacts");
}

# One that died behind its note is noted again: the same run, another attempt.
my @ended = grep { $_->{status} ne 'failed' } audit();

is_deeply([ uniq map { $_->{status} } @ended ], ['done'], 'the runs are audited, and they are done');
is(scalar(uniq map { $_->{job} } @ended), 3, 'one a night');
is(scalar mails(), 0, 'nobody has been told of anything');

# --- a month ----------------------------------------------------------------------------------

touch('Leads', 'Loved', 20);
touch('Deals', 'Busy', 20);

night(31, 6);

is_deeply(told(), [ 'Idle deal: Slow', 'Idle lead: Left' ],
          'what nobody has touched for a month is told, each once')
    or diag explain [ map { $_->{headers} } mails() ];
is(scalar(uniq map { $_->{header}{'idempotency-key'} } grep { $_->{target} eq '/contacts' } hooks()), 3,
   'the nights that were missed are one run');

night(51, 3);

is_deeply(told(), [ 'Idle deal: Busy', 'Idle deal: Slow', 'Idle lead: Left', 'Idle lead: Loved' ],
          'the others are told a month after they were touched, and none again');
is_deeply([ map { $_->{reason} } dead() ], [], 'nothing is dead');

done_testing();
