# Memory that runs out at any allocation of a write of many records ends it in an
# error or leaves it complete. Fails when a refused record is written, when one
# that was written has no actions and no intent, or when a worker process dies.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::More;
use Test::CRM;
use Test::CRM::Jobs qw(key);
use Test::CRM::Process;

plan skip_all => 'sanitizers bring an allocator of their own'
    if $ENV{CRM_TEST_ASAN};

my $stride = $ENV{CRM_TEST_STRIDE} || 1;
my $lib = work_dir() . '/no_memory.so';
my $cc = run_command([ 'cc', '-O1', '-shared', '-fPIC', '-o', $lib,
                       top_dir() . '/t/lib/no_memory.c', '-ldl' ]);

is($cc->{rc}, 0, 'the allocator is built') or BAIL_OUT($cc->{err});

my $file = spew(work_dir() . '/no_memory', "\0" x 56);

open my $control, '+<:raw', $file or die "$file: $!\n";

redis_start();
crm_start();

crm_rules(<<'EOT');
kind: record_locking
module: Leads
lock_type: automatic
restricted_actions: [update, delete]
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: Status, comparator: equal, value: closed }
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
kind: webhook
name: hook
module: Leads
url: https://hooks.example.test/leads
http_method: POST
body: { type: raw, format: JSON, content: '{}' }
EOT

{
    local $ENV{LD_PRELOAD} = $lib;
    local $ENV{CRM_NO_MEMORY} = $file;

    my $extra = 'crm_commit_wait 300ms; crm_rules_wait 300ms; crm_backend_max_time 60s;';
    my $server = Test::CRM::crm_server_config($extra);

    nginx_start(server => $server . <<"EOT");
        location /known/ {
            crm_automation on;
            crm_dialect zoho;
            crm_user nobody;
            crm_record_location /_crm_known;
            crm_record_source snapshot;
            $extra
            proxy_pass http://crm_backend/crm/;
        }
        location /_crm_known/known/ { internal; proxy_pass http://crm_backend/crm/; }
EOT
}

my $pid = wait_for { (nginx()->worker_pids)[0] } 'the worker process';
my @ids = map { 4150868000000000000 + $_ } 1 .. 20;
my @wrong;
my %answers;

sub steer {
    sysseek $control, 0, 0;
    syswrite $control, pack 'q7', $pid, $_[0], $_[1] || 0, 0, 0, 0, 1;
}

sub told {
    sysseek $control, 32, 0;
    sysread $control, my $text, 16;

    return unpack 'q2', $text;
}

my $path = '/crm/v8/Leads';
my $ready = sub { };
my $send = sub { return http('PUT', $path, timeout => 5, body => list(@ids)) };

sub list { return '{"data":[' . join(',', map { "{\"id\":\"$_\",\"Mark\":\"new\"}" } @_) . ']}' }

# The same in requests of one: an update, an upsert, and an action beside them.
sub composite {
    my $named = '{"data":[' . join(',', map { "{\"Name\":\"r$_\",\"Mark\":\"new\"}" } 10 .. 19) . '],"duplicate_check_fields":["Name"]}';

    return http('POST', '/crm/v8/__composite_requests', timeout => 5, body => '{"__composite_requests":['
        . '{"method":"PUT","uri":"\/crm/v8/Leads","body":' . list(@ids[0 .. 9]) . '},'
        . '{"method":"POST","uri":"/crm/v8/Leads/upsert","body":' . $named . '},'
        . '{"method":"POST","uri":"/crm/v8/Leads/7/actions/share","body":{}}]}');
}

# Every other record is locked.
sub one {
    my ($n, $all) = @_;

    crm_seed('Leads', $ids[$_], sprintf '{"Mark":"old","Status":"%s","Name":"r%d"}', $_ % 2 ? 'closed' : 'open', $_) for 0 .. $#ids;
    crm_seed('Leads', 7, '{"Status":"open"}');
    redis('DEL', key('queue:webhooks'), key('intents'), @{ redis('KEYS', key('busy:*')) });

    $ready->();
    steer($n, $all);
    my $r = $send->();
    my ($seen, $failed) = told();
    steer(0);

    my @new = grep { crm_record('Leads', $ids[$_]) =~ /"new"/ } 0 .. $#ids;
    my $what = "allocation $n" . ($all ? ' and all behind it' : '') . ", status $r->{status}";

    $answers{ $r->{status} }++;
    push @wrong, "$what: a locked record is written" if grep { $_ % 2 } @new;
    push @wrong, "$what: " . @new . ' are written' if @new != 0 && @new != 10;
    push @wrong, "$what: the answer" if $r->{status} == 207 && @new != 10;

    # more than ten where the write before this one was told to Redis only now
    push @wrong, "$what: what was written has neither actions nor an intent"
        if @new && !eval { wait_for { redis('LLEN', key('queue:webhooks')) >= 10 || redis('ZCARD', key('intents')) } 'its outcome', 5 };

    return $failed;
}

# As above, when all of them are known from their last write.
sub known {
    my $epoch = redis('GET', key('epoch'));

    redis('SET', key("snapshot:Leads/$ids[$_]"), sprintf "%s 1 1 0 zoho\n" . '{"id":"%s","Mark":"old","Status":"%s"}',
        $epoch, $ids[$_], $_ % 2 ? 'closed' : 'open') for 0 .. $#ids;
}

ok(!one(0), 'all goes well');
is($answers{207}, 1, 'as it should');

for my $all (0, 1) {
    for (my $n = 1; $n < 2000; $n += $stride) {
        last unless one($n, $all);
    }
}

my $put = $send;

$send = \&composite;
%answers = ();
one(0);
is($answers{207}, 1, 'requests in one: as it should');

for (my $n = 1; $n < 2000; $n += $stride) {
    last unless one($n, 0);
}

$send = $put;
$ready = \&known;
$path = '/known/v8/Leads';
crm_clear_log();
one(0);
is(join(' ', map { $_->{method} } crm_log()), 'PUT', 'what is known is not read');

for (my $n = 1; $n < 2000; $n += $stride) {
    last unless one($n, 0);
}

is_deeply(\@wrong, [], 'each write is complete, or is not');
cmp_ok($answers{207}, '>', 1, 'some were');
ok(kill(0, $pid), 'the process lives');
is_deeply([ nginx()->worker_pids ], [ $pid ], 'it is the one that began');
diag(join ', ', map { "$_: $answers{$_}" } sort keys %answers) if $ENV{CRM_TEST_VERBOSE};

done_testing();
