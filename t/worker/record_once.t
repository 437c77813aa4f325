# Tasks and new records: filled in when their rule fired, written once, whatever
# dies in between. It would fail by a record that is there twice, by one that is
# never there, or by a due date on a holiday.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use POSIX qw(strftime);
use Test::More;
use Test::CRM;
use Test::CRM::Chain;
use Test::CRM::Jobs qw(key dead job_hash lease_over);
use Test::CRM::Process;

redis_start();
crm_start();

crm_rules(<<'EOT');
kind: organization
time_zone: Asia/Tokyo
---
kind: business_hours
week_starts_on: monday
type: 24_by_5
---
kind: profile
name: Standard
---
kind: user
id: "101"
name: Ann
profile: Standard
---
kind: user
id: "102"
name: Ben
profile: Standard
status: inactive
---
kind: task
name: call
module: Deals
subject: "Call about ${!Deals.Deal_Name}"
due: { unit: 2, period: business_days }
---
kind: task
name: sign
module: Deals
subject: Sign
due: { unit: 3, period: days }
assign_to: { type: user, id: "102" }
---
kind: workflow_rule
name: new
module: Deals
execute_when: { type: create }
conditions:
  - criteria: null
    instant_actions: [ { type: tasks, name: call } ]
---
kind: workflow_rule
name: won
module: Deals
execute_when: { type: edit }
conditions:
  - criteria: { field: Stage, comparator: equal, value: Won }
    instant_actions:
      - { type: tasks, name: sign }
      - type: create_record
        module: Projects
        fields: { Name: "${!Deals.Deal_Name}", Deal: "${!Deals.id}", Budget: { field: Amount }, Kind: 7 }
  - criteria: { field: Stage, comparator: equal, value: Lost }
    instant_actions: [ { type: create_record, module: Projects, fields: { Name: "${!Deals.Deal_Name}" } } ]
EOT

my $file = chain_key_file();
my @limits = ('--lease', '1s', '--timeout', '5', '--retry-schedule', '200ms,200ms,200ms,200ms,200ms,200ms');

nginx_start(extra => "crm_chain_key_file $file; crm_backend_max_time 1500ms; proxy_read_timeout 1s;");

my @worker = ('--backend', guarded_url(), '--chain-key-file', $file,
              @limits);

sub put { return http(PUT => "/crm/v8/Deals/$_[0]", body => "{\"data\":[$_[1]]}") }

# What the CRM has been asked to create in a module since the log was cleared.
sub asked {
    my ($module) = @_;

    return map { json_decode($_->{body})->{data}[0] }
           grep { $_->{method} eq 'POST' && $_->{target} eq "/crm/v8/$module" } crm_log();
}

sub there {
    my ($module) = @_;

    my $r = http(GET => "/crm/v8/$module");

    return $r->{status} == 204 ? () : @{ json_decode($r->{body})->{data} };
}

sub settled { return !grep { $_ } map { redis(@$_) } [ 'LLEN', key('queue:records') ],
    [ 'LLEN', key('ready:records') ], [ 'ZCARD', key('lease') ], [ 'ZCARD', key('delayed') ] }

sub fresh {
    my ($record) = @_;

    crm_reset();
    crm_seed('Deals', '1', $record || '{"Deal_Name":"Big","Stage":"Open","Amount":19.990,"Owner":{"id":"101"}}');
}

# A day in the organisation's zone, so many days from now, of work if so asked.
sub day {
    my ($days, $work) = @_;

    my $t = time() + 9 * 3600;

    while ($days) {
        $t += 86400;
        my $w = (gmtime $t)[6];
        $days-- unless $work && ($w == 0 || $w == 6);
    }

    return strftime('%Y-%m-%d', gmtime $t);
}

# --- what stands in them ---------------------------------------------------------

fresh();
is(put(1, '{"Stage":"Won"}')->{status}, 200, 'a deal is won');
is(worker_once(@worker)->{rc}, 0, 'the worker drains');

is_deeply([ asked('Tasks') ],
          [ { Subject => 'Sign', Due_Date => day(3), What_Id => { id => '1' }, '$se_module' => 'Deals',
              Owner => { id => '101' } } ],
          'a task, linked, due, for the owner where who should is inactive');

my ($project) = asked('Projects');

is_deeply($project, { Name => 'Big', Deal => '1', Budget => 19.990, Kind => 7, Owner => { id => '101' } },
          'a record, filled from this one, of the same owner');
like((grep { $_->{target} =~ /Projects/ } crm_log())[0]{body}, qr/"Budget":19\.990\b/, 'digit for digit');

# --- what only the CRM knows ------------------------------------------------------

fresh();

my $id = json_decode(http(POST => '/crm/v8/Deals', body => '{"data":[{"Deal_Name":"New"}]}')->{body})
         ->{data}[0]{details}{id};

is_deeply(json_decode(redis('LINDEX', key('queue:records'), 0))->{late}, ['Owner'],
          'the owner that the CRM gave a record is told late');
crm_seed('Deals', $id, '{"Deal_Name":"New","Owner":{"id":"777","name":"Zoe"}}');
crm_fail(fault => 'status', status => 503, method => 'POST', times => 1);

worker_start(@worker);
wait_for { asked('Tasks') == 2 && settled() } 'the task is written at the second attempt', 20;

my ($first, $second) = asked('Tasks');

is($second->{Owner}{id}, '777', 'by then the CRM was asked');
is($second->{Due_Date}, day(2, 1), 'two days of work from the day it was made');
is(scalar(grep { $_->{method} eq 'GET' && $_->{target} =~ m{/Deals/\Q$id\E$} } crm_log()), 1, 'once');
is_deeply($first, $second, 'each attempt is the same');
is(worker_stop(), 0, 'the worker stops');

# --- dies in between -------------------------------------------------------------

# The CRM takes its time; the worker is killed meanwhile. Its job is another's when
# the lease has run out.

fresh();
crm_hold(method => 'POST', times => 1);
put(1, '{"Stage":"Lost"}');

my $pid = worker_start(@worker);

wait_for { asked('Projects') } 'the CRM has been asked', 10;
kill_process($pid);
crm_release();

lease_over();
worker_start(@worker);
wait_for { settled() } 'another worker ends the job', 30;
is(scalar(asked('Projects')), 1, 'killed between the write and its note: written once');
is(scalar(there('Projects')), 1, 'and it is there');

# The CRM does it, and its answer is lost: recovery finds the record, and the job
# learns of it.

fresh();
crm_fail(fault => 'reset', method => 'POST', times => 1, commit => 1);
put(1, '{"Stage":"Lost"}');
wait_for { settled() && asked('Projects') } 'the job ends', 30;
is(scalar(asked('Projects')), 1, 'an answer that was lost: written once');
is(scalar(there('Projects')), 1, 'and it is there');

# The CRM does not do it.

fresh();
crm_fail(fault => 'reset', method => 'POST', times => 1);
put(1, '{"Stage":"Lost"}');
wait_for { settled() && asked('Projects') } 'the job ends', 30;
is(scalar(asked('Projects')), 2, 'what was never done is asked for again');
is(scalar(there('Projects')), 1, 'and it is there');

# Redis is away when nginx has the answer, and comes back.

fresh();
crm_hold(method => 'POST', times => 1);
put(1, '{"Stage":"Lost"}');
wait_for { asked('Projects') } 'the CRM has been asked', 10;
redis_stop();
crm_release();
redis_start();
wait_for { settled() } 'the job ends', 30;
is(scalar(there('Projects')), 1, 'Redis was away meanwhile: written once');
is_deeply([ map { $_->{reason} } dead() ], [], 'nothing is dead');

# --- refused ----------------------------------------------------------------------

fresh();
crm_fail(fault => 'status', status => 400, method => 'POST', times => 1);
put(1, '{"Stage":"Lost"}');
wait_for { dead() } 'the job is dead', 20;
like((dead())[0]{reason}, qr/^status_400/, 'what the CRM refuses is dead, with the reason');
is((dead())[0]{attempts}, 1, 'after one attempt');

is(worker_stop(), 0, 'the worker stops');
is(nginx_stop(), undef, 'nginx stops, clean');

# --- asked to come again ----------------------------------------------------------

receiver_start();
hooks_answer(status => 429, retry_after => 300);
redis('SADD', key('own'), 'later');
redis('RPUSH', key('queue:records'),
      json_encode({ %{ json_decode(Test::CRM::Jobs::job_json(id => 'later', type => 'create_record')) },
                    action => { module => 'Projects', fields => { Name => 'x' } } }));

my ($began) = @{ redis('TIME') };

worker_once(@worker, '--backend', 'http://127.0.0.1:' . receiver_port() . '/crm/v8',
            '--retry-schedule', '10s');

my ($ended) = @{ redis('TIME') };

like(job_hash('later')->{error}, qr/^status_429/, 'a CRM that is overrun is left alone');
cmp_ok(job_hash('later')->{due}, '>=', ($began + 300) * 1000, 'for as long as its Retry-After says');
cmp_ok(job_hash('later')->{due}, '<=', ($ended + 301) * 1000, 'and no longer');

done_testing();
