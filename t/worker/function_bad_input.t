# What a function is given that it cannot use, and a CRM that answers nonsense
# to its writes: an error with a line that the script can catch, or a dead job
# that says what is wrong. It would fail by a run that goes on with less than it
# was to have, by an answer that is taken for what it is not, or by a write that
# is half done and in nobody's log.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Chain;
use Test::CRM::Jobs qw(key dead dead_reason job_json);

plan skip_all => 'a function is /proc/self/exe, which is memcheck here' if $ENV{CRM_TEST_VALGRIND};

redis_start();
crm_start();

# Each of its writes fails, and it tells how.
my %write = (
    create   => [ Tasks => 'zoho.crm.createRecord("Tasks", {"Subject": "x"})' ],
    update   => [ Tasks => 'zoho.crm.updateRecord("Tasks", "1", {"Subject": "x"})' ],
    upsert   => [ Tasks => 'zoho.crm.upsert("Tasks", {"Subject": "x"}, {"duplicate_check_fields": {"Subject"}})' ],
    bulk     => [ Tasks => 'zoho.crm.bulkUpdate("Tasks", {{"id": "1", "Subject": "x"}})' ],
    related  => [ Contacts => 'zoho.crm.updateRelatedRecord("Contacts", "2", "Accounts", "3", {"Role": "x"})' ],
    converts => [ Leads => 'zoho.crm.convertLead("4")' ],
    attaches => [ Attachments => 'zoho.crm.attachFile("Accounts", "3", "x".toFile("x.txt"))' ],
);

my ($rules, $files) = ('', '');

sub function {
    my ($name, $source, $arguments, $values) = @_;

    $files .= ">>> $name.dg\n$source\n";
    $rules .= "---\nkind: function\nname: $name\nfile: $name.dg\narguments: $arguments\n";
    $rules .= <<"EOR";
---
kind: workflow_rule
name: $name
module: Deals
execute_when: { type: edit }
conditions:
  - criteria: { field: Stage, comparator: equal, value: $name }
    instant_actions: [ { type: functions, name: $name, arguments: $values } ]
EOR
}

my @id = ('[ { name: id, type: text } ]', '{ id: "${!Deals.id}" }');

for my $name (sort keys %write) {
    function($name, <<"EOR", @id);
said = "went well";
try
{
    answer = $write{$name}[1];
    said = "answered " + answer;
}
catch (e)
{
    said = e.lineNo + ": " + e.message;
}
zoho.crm.updateRecord("Deals", id, {"Said": said});
EOR
}

function('halves', <<'EOR', @id);
made = zoho.crm.createRecord("Tasks", {"Subject": "first of " + id});
zoho.crm.updateRecord("Accounts", "3", {"Seen": id});
zoho.crm.updateRecord("Deals", id, {"Said": made.get("id")});
EOR
function('lacks', <<'EOR', '[ { name: id, type: text }, { name: n, type: integer } ]', '{ id: "${!Deals.id}", n: "${!Deals.Nothing}" }');
said = "";
try { said = "sum " + (n + 1); }
catch (e) { said = e.lineNo + ": " + e.message; }
try { zoho.crm.getRecordById("Deals", n); }
catch (e) { said = said + "; " + e.lineNo + ": " + e.message; }
zoho.crm.updateRecord("Deals", id, {"Said": said});
EOR

# Arguments that would lead out of the guarded location: curl and nginx take .. out of a path.
my @climbs = (
    'zoho.crm.getRecordById("..", "..")', 'zoho.crm.getRecordById("Deals", ".")',
    'zoho.crm.getRecords("..")', 'zoho.crm.searchRecords("..", "(A:equals:b)")',
    'zoho.crm.getRelatedRecords("secret", "..", "..")', 'zoho.crm.createRecord("..", {"A": "b"})',
    'zoho.crm.updateRecord("..", "secret", {"A": "b"})', 'zoho.crm.upsert("..", {"A": "b"})',
    'zoho.crm.bulkUpdate("..", {{"id": "1", "A": "b"}})',
    'zoho.crm.updateRelatedRecord("Deals", "7", "..", "..", {"A": "b"})',
    'zoho.crm.convertLead("..")', 'zoho.crm.attachFile("..", "..", "x".toFile("x.txt"))',
);

function('climbs', join("\n", 'said = "";',
                        (map { "try { x = $_; said = said + x; } catch (e) { said = said + e.lineNo + \" \"; if (!e.message.contains(\"may not be . or ..\")) { said = said + e.message; } }" } @climbs),
                        'zoho.crm.updateRecord("Deals", id, {"Said": said});'), @id);

crm_rules(">>> rules.yaml\nkind: profile\nname: Standard\n$rules$files");

my $key = chain_key_file();

nginx_start(extra => "crm_chain_key_file $key; crm_backend_max_time 4s; proxy_read_timeout 3s;");

my @worker = ('--backend', guarded_url(), '--chain-key-file', $key,
              '--retry-schedule', '1s,1s,1s,1s');

sub begin {
    my ($n, $name) = @_;

    is(http(PUT => "/crm/v8/Deals/$n", body => qq({"data":[{"Stage":"$name"}]}))->{status}, 200, "$name: it begins");
}

sub drain {
    wait_for {
        my $r = worker_once(@worker);

        die "crm-worker: exit $r->{rc}\n$r->{err}" if $r->{rc};
        redis('LLEN', key('queue:functions')) + redis('ZCARD', key('delayed')) + redis('ZCARD', key('lease')) == 0;
    } 'the functions have their end', 60;
}

sub said { return json_decode(crm_record('Deals', $_[0]))->{Said} }

my $n = 100;

for my $name (sort keys %write) {
    for my $fault ([ status => 500 ], [ status => 403 ], [ html => 200 ], [ truncate => 200 ], [ reset => 0 ]) {
        crm_reset();
        crm_seed('Deals', ++$n, '{}');
        crm_seed(@$_, '{}') for [ Tasks => 1 ], [ Contacts => 2 ], [ Accounts => 3 ], [ Leads => 4 ];
        begin($n, $name);
        crm_fail(fault => $fault->[0], status => $fault->[1], match => "/$write{$name}[0]",
                 method => $name =~ /update|bulk|related/ ? 'PUT' : 'POST', times => 1);
        drain();

        # a no is an answer; what is none is an error, in the line of the task

        my $want = $fault->[1] == 403 ? qr/^answered .*"status":"error"/ : qr/^4: (?:the CRM answered|there is no answer: connection_lost)/;

        like(said($n), $want, "$name: the CRM answers $fault->[0] $fault->[1]");
    }
}
is_deeply([ map { $_->{reason} } dead() ], [], 'all have caught it');

# --- in the middle --------------------------------------------------------------------

for my $fault ([ status => 500 ], [ html => 200 ]) {
    redis('DEL', @{ redis('KEYS', key('effects:*')) });
    crm_reset();
    crm_seed('Deals', ++$n, '{}');
    crm_seed('Accounts', 3, '{}');
    begin($n, 'halves');
    crm_fail(fault => $fault->[0], status => $fault->[1], match => '/Accounts/3', method => 'PUT', times => 1);

    my $r = worker_once(@worker);
    my ($log) = @{ redis('KEYS', key('effects:*')) };

    is(scalar(grep { $_->{target} =~ m{/Tasks\z} } crm_writes()), 1, "halves, $fault->[0]: the first write is done");
    is(redis('LLEN', $log), 2, 'and alone in the log of effects, behind the time');
    is(redis('ZCARD', key('delayed')), 1, 'the run is tried again');
    drain();
    is(scalar(grep { $_->{target} =~ m{/Tasks\z} } crm_writes()), 1, 'which makes the first one no second time');
    is(json_decode(crm_record('Accounts', 3))->{Seen}, $n, 'does the other');
    is(said($n), json_decode(http(GET => '/crm/v8/Tasks', port => crm_port())->{body})->{data}[0]{id},
       'and knows what the first was told');
}

# --- what it is given ------------------------------------------------------------------

crm_seed('Deals', ++$n, '{}');
begin($n, 'lacks');
drain();
like(said($n), qr/^2: .*NULL.*; 4: zoho\.crm\.getRecordById takes as argument 2 a TEXT\z/i,
     'a field that the record lacks is null, and null is no number and no id');

crm_seed('Deals', ++$n, '{}');
begin($n, 'climbs');
crm_clear_log();
drain();
is(said($n), join('', map { "$_ " } 2 .. 1 + @climbs), 'nothing leads out of the guarded location: each throws');
is_deeply([ grep { !m{^/crm/v8/Deals/$n\b} && !m{ids=$n\b} } map { $_->{target} } crm_log() ], [], 'and nobody is asked');

# Jobs that no rule makes; NUMBER stands for one that JSON has and a script has not.
sub pushed {
    my ($id, $action) = @_;
    my $job = json_decode(job_json(id => $id, type => 'functions', module => 'Deals'));

    $job->{action} = $action;
    $job = json_encode($job);
    $job =~ s/"NUMBER"/'9' x 41/e;
    redis('SADD', key('own'), $id);
    redis('RPUSH', key('queue:functions'), $job);
    drain();

    return dead_reason($id);
}

like(pushed('long', { name => 'lacks', arguments => { id => '1', n => 'NUMBER' } }),
     qr/^function_limit: line 1: its arguments do not fit: a number has 34 digits at most/,
     'a number that no script can hold ends the run at once, by that name');

like(pushed('job1', { name => 'nobody', arguments => {} }), qr/^malformed_job: the rules have no function of that name/,
     'a function that the rules do not have');
like(pushed('job2', { name => 'halves', arguments => {} }), qr/^function_error: line \d+: .*\bid\b/,
     'an argument that is missing');
like(pushed('job3', { name => 'halves', arguments => [1] }), qr/^malformed_job: /, 'arguments that are none');
like(pushed('job4', { arguments => {} }), qr/^malformed_job: /, 'no name');

{
    my $dir = work_dir() . '/latin';

    mkdir $dir;
    spew("$dir/rules.yaml", "kind: function\nname: latin\nfile: latin.dg\narguments: []\n");
    spew("$dir/latin.dg", "x = \"caf\xe9\";\n");

    my $r = crmctl('validate', $dir);

    is($r->{rc}, 1, 'a script that is not UTF-8 is refused');
    like($r->{out} . $r->{err}, qr/UTF-8/, 'by that name');
}

done_testing();
