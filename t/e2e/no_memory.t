# Memory that runs out at any allocation of a guarded write, once or from there
# on, ends the write in an error or leaves it complete. Fails when a write goes
# out that no rule has judged, when a locked record is written, when an outcome
# is neither committed nor left to recovery, when a call is told that was not
# made, or when a worker process dies. It may die where hiredis finds no memory
# for a connection, and the rest holds then.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Process;

plan skip_all => 'sanitizers bring an allocator of their own'
    if $ENV{CRM_TEST_ASAN};

# Every allocation, or every so many, beginning somewhere.
my $stride = $ENV{CRM_TEST_STRIDE} || 1;
my ($count, $hiredis) = (0, 0);

my $lib = work_dir() . '/no_memory.so';
my $cc = run_command([ 'cc', '-O1', '-shared', '-fPIC', '-o', $lib,
                       top_dir() . '/t/lib/no_memory.c', '-ldl' ]);

is($cc->{rc}, 0, 'the allocator is built') or BAIL_OUT($cc->{err});

my $file = spew(work_dir() . '/no_memory', "\0" x 56);

open my $control, '+<:raw', $file or die "$file: $!\n";

redis_start();
crm_start();

crm_rules(<<'EOT');
kind: profile
name: Standard
---
kind: user
id: "rep"
profile: Standard
---
kind: user
id: "rip"
profile: Standard
---
kind: assignment_rule
name: Turns
id: turns
module: Leads
entries: [ { criteria: null, assign_to: { type: round_robin, users: ["rep", "rip"], threshold: 100000 } } ]
---
kind: record_locking
module: Deals
lock_type: manual
---
kind: scoring_rule
name: Fit
module: Notes
field_rules: [ { score: 5, criteria: { field: Stage, comparator: equal, value: New } } ]
---
kind: scoring_rule
name: Hot
module: Leads
write_to: { score: Score }
field_rules: [ { score: 7, criteria: { field: Rating, comparator: equal, value: Hot } } ]
---
kind: blueprint
name: Pipeline
module: Cases
field: Stage
transitions:
  - { id: propose, name: Propose, from: [New], to: Proposal, after: [ { type: webhooks, name: told } ] }
---
kind: webhook
name: told
module: Cases
url: https://hooks.example.test/cases
http_method: POST
body: { type: raw, format: JSON, content: '{}' }
---
kind: record_locking
module: Leads
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: Status, comparator: equal, value: closed }
locked_for: all_profiles
restricted_actions: [update, delete]
---
kind: workflow_rule
name: tell
module: Leads
execute_when: { type: create_or_edit }
conditions:
  - criteria: null
    instant_actions:
      - { type: field_updates, field: Rating, value: Hot }
      - { type: webhooks, name: hook }
---
kind: workflow_rule
name: gone
module: Leads
execute_when: { type: delete }
conditions:
  - criteria: null
    instant_actions: [ { type: webhooks, name: hook } ]
---
kind: webhook
name: hook
module: Leads
url: https://hooks.example.test/leads
http_method: POST
body: { type: raw, format: JSON, content: '{"mark":"${!Leads.Mark}"}' }
EOT

{
    local $ENV{LD_PRELOAD} = $lib;
    local $ENV{CRM_NO_MEMORY} = $file;

    nginx_start(server => crm_server_config('crm_commit_wait 300ms; crm_rules_wait 300ms; crm_decorate on;'
            . ' error_page 500 502 503 = @again;')
            . ' location @again { proxy_pass http://crm_backend; }'
            . ' location /crm_api/ { crm_api write=on guarded=/crm/v8 auth=none; }');
}

my $pid = wait_for { (nginx()->worker_pids)[0] } 'the worker process';

sub steer {
    my ($n, $all) = @_;

    sysseek $control, 0, 0;
    syswrite $control, pack 'q7', $pid, $n, $all || 0, $hiredis, 0, 0, 1;
}

sub told {
    sysseek $control, 32, 0;
    sysread $control, my $text, 16;

    return unpack 'q2', $text;
}

# method, stored fields, what a write of it must have been answered when all
# is well, bytes beside, what the body says beside its records.
my %kind = (
    create          => [ 'POST', undef, 201, 0 ],
    'owned create'  => [ 'POST', undef, 201, 0, ',"lar_id":"turns"' ],
    update          => [ 'PUT', '"Status":"open"', 200, 0 ],
    'long update'   => [ 'PUT', '"Status":"open"', 200, 70_000 ],
    delete          => [ 'DELETE', '"Status":"open"', 200, 0 ],
    'locked update' => [ 'PUT', '"Status":"closed"', 400, 0 ],
    'locked delete' => [ 'DELETE', '"Status":"closed"', 400, 0 ],
);

sub clients { return scalar(() = redis('CLIENT', 'LIST') =~ /^id=/mg) }

# The process, or the one that takes its place.
sub connect_anew {
    my $many = clients();

    redis(CLIENT => 'KILL', 'TYPE', 'normal');
    wait_for { clients() >= $many } 'nginx to be connected again';
}

# A write of its own record, while the n-th allocation fails.
sub write_one {
    my ($kind, $n, $all) = @_;

    my ($method, $fields, undef, $more, $options) = @{ $kind{$kind} };
    my $mark = sprintf 'm%06d', ++$count;
    my $id = 4150868000000000000 + $count;
    my $body = "{\"data\":[{\"Mark\":\"$mark\"" . ($more ? ',"x":"' . 'y' x $more . '"' : '')
             . '}]' . ($options || '') . '}';

    crm_seed('Leads', $id, "{\"Mark\":\"old\",$fields}") if $fields;

    steer($n, $all);

    # hiredis allocates for connections, and for none of their commands
    connect_anew() if $hiredis;

    my $r = http($method => '/crm/v8/Leads' . ($fields ? "/$id" : ''),
                 $method eq 'DELETE' ? () : (body => $body), timeout => 5);
    my ($seen, $failed) = told();

    steer(0);

    return { kind => $kind, n => $n, mark => $mark, id => $id, seen => $seen,
             failed => $failed, status => $r->{status},
             pending => $r->{headers}{'crm-event-state'} ? 1 : 0,
             error => $r->{error} || '' };
}

# What is wrong with one of them, or nothing.
sub wrong {
    my ($w, $world) = @_;

    my ($method, $fields, $good) = @{ $kind{ $w->{kind} } };
    my $key = $fields ? $w->{id} : $w->{mark};
    my $wrote = $world->{wrote}{$key};
    my $job = $world->{jobs}{$key} || 0;
    my $intent = $world->{intents}{$key} || 0;
    my $status = $w->{status};
    my @bad;

    push @bad, "answered $status"
        if $status && $status < 500 && $status != $good;
    push @bad, 'no answer in time' if $w->{error} eq 'timeout';
    push @bad, 'a locked record was written' if $good == 400 && $wrote;
    push @bad, 'an unjudged write went out'
        if $wrote && $method ne 'DELETE' && $wrote->[0] !~ /"Rating":"Hot"/;
    push @bad, 'it has no score'
        if $wrote && $method ne 'DELETE' && $wrote->[0] !~ /"Score":7/;
    push @bad, 'nobody owns it'
        if $wrote && $kind{ $w->{kind} }[4] && $wrote->[0] !~ /"Owner"/;
    push @bad, 'it was sent ' . @$wrote . ' times' if $wrote && @$wrote > 1;
    push @bad, 'a success that the backend has not seen'
        if $good < 400 && $status == $good && !$wrote;
    push @bad, "done, with $job jobs and $intent intents"
        if $wrote && $job + $intent != 1;
    push @bad, 'acknowledged, and no job'
        if $wrote && $status == $good && !$w->{pending} && $job != 1;
    push @bad, "not done, with $job jobs" if !$wrote && $job;

    return map { "$w->{kind}, allocation $w->{n}: $_" } @bad;
}

# What the backend has received, which jobs and intents there are, by record
# id, and for creates by mark.
sub world {
    my %is;

    for (crm_writes()) {
        my ($key) = $_->{target} =~ m{(?:Leads|Cases)/(\d+)};

        ($key) = $_->{body} =~ /"Mark":"(\w+)"/ unless defined $key;
        push @{ $is{wrote}{$key} }, $_->{body};
    }

    for (@{ redis(LRANGE => 'crm:{acme}:queue:webhooks', 0, -1) }) {
        my $job = json_decode($_);
        my ($mark) = /"mark\\":\\"(\w+)/;

        $is{jobs}{$_}++ for $job->{record_id}, defined $mark ? $mark : ();
    }

    for (@{ redis(ZRANGE => 'crm:{acme}:intents', 0, -1) }) {
        my ($doc, $records) = map { defined $_ ? $_ : '' }
            @{ redis(HMGET => "crm:{acme}:intent:$_", 'doc', 'records') };
        my ($mark) = $doc =~ /"Mark\\?":\\?"(\w+)/;

        $is{intents}{$_}++ for defined $mark ? $mark : (),
                               $records =~ m{(?:Leads|Cases)/(\d+)}g;
    }

    return \%is;
}


# Turns that are taken, and neither used by a write nor its intent's still.
sub turns_lost {
    my ($world) = @_;

    my $of = 'assignment:Turns:1';
    my $held = grep { redis(HEXISTS => "crm:{acme}:intent:$_", 'turns') }
               @{ redis(ZRANGE => 'crm:{acme}:intents', 0, -1) };

    return (redis(HGET => 'crm:{acme}:turns', $of) || 0) - redis(LLEN => "crm:{acme}:returned:$of")
           - $held - grep { $world->{jobs}{$_} } keys %{ $world->{wrote} || {} };
}


# Every n of one kind of write, once, or with all that follow the n-th.
sub every {
    my ($kind, $all) = @_;

    my $least = write_one($kind, 0);
    my $plain = write_one($kind, 0);
    my $from = $stride > 1 ? 1 + int rand $stride : 1;
    my $name = "$kind: " . ($all ? 'all' : 'one') . ' of '
             . ($hiredis ? "hiredis'" : 'our') . ' allocations';
    my (@writes, %status, @wrong);

    cmp_ok($plain->{seen}, '>', $hiredis ? 1 : 8, "$name: counted");
    is($plain->{status}, $kind{$kind}[2], "$name: with memory it ends well");

    for (my $n = $from; $n <= $plain->{seen} + $stride; $n += $stride) {
        my $w = write_one($kind, $n, $all);

        push @writes, $w;
        $status{ $w->{status} . ($w->{pending} ? ' pending' : '') }++;

        # hiredis ends the process when it has no memory to connect
        $pid = wait_for { (nginx()->worker_pids)[0] } 'a worker process' if $hiredis;
    }

    my $well = eval {
        wait_for {
            my $now = world();
            !(@wrong = map { wrong($_, $now) } $plain, @writes);
        } 'all to be settled', 5;
    };

    ok($well, "$name: an error, or complete") or diag(join "\n", @wrong);
    diag("$name: $plain->{seen}, from $from by $stride: "
         . join ', ', map { "$_ x $status{$_}" } sort keys %status)
        if $ENV{CRM_TEST_VERBOSE};

    is_deeply([ nginx()->worker_pids ], [ $pid ], "$name: the worker process lives");

    if ($kind{$kind}[4]) {
        ok(eval { wait_for { turns_lost(world()) == 0 } 'turns to come back', 5 }, "$name: no turn is lost");
    }

    crm_reset();
    redis(DEL => 'crm:{acme}:queue:webhooks', 'crm:{acme}:intents', 'crm:{acme}:turns',
          'crm:{acme}:returned:assignment:Turns:1');
}


for my $kind (sort keys %kind) {
    every($kind, $_) for 0, 1;
}

# A call and what it is answered when all is well. What it leaves is whole: a
# lock that is told stands, one that is not told away does, a transition is made
# by the backend and in Redis, with its job, or by neither.
my $lock = '{"id":"L1","by":"rep","name":"R","reason":"why","at":1763800000000,"event":"01E","confirmed":true}';
my $in = '{"blueprint":"Pipeline","state":"New","since":1763800000000,"transition":null,"event":"01E"}';
my %call = (
    lock       => [ POST => 'locks/Deals', '{"reason":"why"}', 201 ],
    unlock     => [ DELETE => 'locks/Deals', undef, 204, manual => $lock ],
    transition => [ PUT => 'blueprint/Cases', '{"transition":"propose"}', 200, blueprint => $in ],
    score      => [ PUT => 'scores/Notes', '{}', 200 ],
    why        => [ GET => 'why/Deals', undef, 200, manual => $lock ],
    events     => [ GET => 'events/Deals', undef, 200 ],
    decorated  => [ GET => '/crm/v8/Deals', undef, 200, manual => $lock ],
);

sub call_one {
    my ($kind, $n, $all) = @_;

    my ($method, $path, $body, $good, $field, $doc) = @{ $call{$kind} };
    my $id = 4150868000000000000 + ++$count;
    my ($module) = $path =~ m{/(\w+)$};
    my $key = "crm:{acme}:record:$module/$id";
    my @wrong;

    crm_seed($module, $id, '{"Stage":"New"}');
    redis(HSET => $key, $field, $doc) if $field;
    # a long answer of Redis that finds no memory is a lost connection, see above
    redis(XTRIM => 'crm:{acme}:trace', MAXLEN => 1);
    steer($n, $all);
    my $r = http($method => ($path =~ m{^/} ? $path : "/crm_api/$path") . "/$id", defined $body ? (body => $body) : (), timeout => 5,
                 headers => [ 'X-CRM-User', 'rep' ]);
    my ($seen, $failed) = told();
    steer(0);

    my $status = $r->{status};
    my $manual = redis(HGET => $key, 'manual') || '';

    push @wrong, "answered $status" if $status && $status < 500 && $status != $good;
    push @wrong, 'no answer in time' if ($r->{error} || '') eq 'timeout';
    push @wrong, 'told, and does not stand' if $kind eq 'lock' && $status == $good && $manual !~ /"confirmed":true/;
    push @wrong, 'told away, and stands' if $kind eq 'unlock' && $status == $good && $manual ne '';
    push @wrong, 'told, and not kept' if $kind eq 'score' && $status == $good
        && (redis(HGET => $key, 'score') || '') ne '{"Fit":[5,0]}';
    push @wrong, 'it was changed by asking' if $method eq 'GET' && $field && $manual ne $lock;
    push @wrong, "half an answer: $r->{body}"
        if $method eq 'GET' && $status == 200 && !eval { ref json_decode($r->{body}) };

    if ($kind eq 'transition') {
        my $wrote = crm_record($module, $id) =~ /"Proposal"/ ? 1 : 0;
        my $whole = eval { wait_for {
            my $world = world();
            my $moved = (redis(HGET => $key, 'blueprint') || '') =~ /"state":"Proposal"/ ? 1 : 0;
            my ($job, $intent) = map { $world->{$_}{$id} || 0 } qw(jobs intents);

            $wrote ? $job + $intent == 1 && $moved == $job : !$job && !$moved;
        } 'its outcome', 5 };

        push @wrong, "neither made nor left alone, written: $wrote" if !$whole;
        push @wrong, 'told, and not written' if $status == $good && !$wrote;
    }

    return { seen => $seen, failed => $failed, status => $status,
             wrong => [ map { "$kind, allocation $n" . ($all ? ' and all behind it' : '') . ": $_" } @wrong ] };
}

for my $kind (sort keys %call) {
    for my $all (0, 1) {
        my ($name, @wrong, %status) = ("call, $kind: " . ($all ? 'all' : 'one') . ' of our allocations');

        call_one($kind, 0);
        my $plain = call_one($kind, 0);

        is($plain->{status}, $call{$kind}[3], "$name: with memory it ends well");

        for (my $n = 1; $n <= $plain->{seen} + $stride; $n += $stride) {
            my $c = call_one($kind, $n, $all);

            push @wrong, @{ $c->{wrong} };
            $status{ $c->{status} }++;
        }

        is(join("\n", @wrong), '', "$name: an error, or complete");
        is_deeply([ nginx()->worker_pids ], [ $pid ], "$name: the worker process lives");
        diag("$name: $plain->{seen}: " . join ', ', map { "$_ x $status{$_}" } sort keys %status) if $ENV{CRM_TEST_VERBOSE};
        crm_reset();
        redis(DEL => 'crm:{acme}:queue:webhooks', 'crm:{acme}:intents');
    }
}

my @died = grep { /exited on signal/ } split /\n/, nginx()->error_log;

is("@died", '', 'no worker process has died');

$hiredis = 1;
nginx()->{expect_kill} = 1;
every($_, 0) for qw(create update delete);
$hiredis = 0;

is(http(POST => '/crm/v8/Leads', body => '{"data":[{"Mark":"end"}]}')->{status}, 201,
   'behind all that it works as before');
is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();
