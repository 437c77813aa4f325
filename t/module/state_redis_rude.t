# Redis lies: wrong types, errors of every kind, half an answer, too much of
# one, one that nobody asked for. Each has its chosen end: what cannot be judged
# is 503 and not forwarded, what no rule concerns passes, what the backend has
# done is enqueued in the end, the worker process lives, and goes on as soon as
# Redis behaves. The Redis behind the rude peer is a real one.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use Test::CRM 'nginx';
use Test::CRM::Rude;
use Test::More;
use Test::Nginx::Socket 'no_plan';

rude_start();
$ENV{TEST_NGINX_RUDE_SOCK} = rude_sock();

our $Rules = <<'YAML';
kind: workflow_rule
name: told
module: Leads
execute_when: { type: create_or_edit }
conditions: [ { criteria: null, instant_actions: [ { type: webhooks, name: hook } ] } ]
---
kind: webhook
name: hook
module: Leads
url: http://127.0.0.1:9/
http_method: POST
---
kind: record_locking
module: Leads
lock_type: automatic
locking_rules:
  - name: closed
    lock_existing_records: true
    criteria: { field: x, comparator: equal, value: closed }
YAML

# What other scripts might say.
our @Oks = ('numbers that lie', 'a count too large', 'a negative count');

sub rude_http { return main::http_with(rude_sock(), @_) }

sub http_with {
    return "crm_redis unix:$_[0] " . ($_[1] || "timeout=@{[at_most(150)]}ms") . ";\ncrm_org acme;\n"
        . 'upstream crm_backend { server 127.0.0.1:$TEST_NGINX_CRM_PORT; }';
}

sub create { return http(POST => '/crm/v8/' . ($_[0] || 'Leads'), body => '{"data":[{"x":1}]}') }
sub change { return http(PUT => "/crm/v8/Leads/$_[0]", body => '{"data":[{"y":1}]}') }
sub status { return json_decode(http(GET => '/crm_status')->{body}) }
sub jobs   { return redis('LLEN', 'crm:{acme}:queue:webhooks') }
sub none_under_way { return redis('ZCARD', 'crm:{acme}:intents') == 0 }

# The one process that must outlive all of it.
our $Worker;
sub same_worker {
    my $pid = status()->{processes}[0]{pid};
    $Worker ||= $pid;
    return $pid == $Worker;
}

# Of each of these, whatever $what does is closed, and nothing is forwarded.
sub closed_by {
    my ($on, $what, %cases) = @_;

    for my $case (sort keys %cases) {
        my $rule = ref $cases{$case} ? $cases{$case} : { reply => $cases{$case} };

        wait_for { create()->{status} == 201 } 'good manners';
        crm_clear_log();
        rude({ %$rule, on => $on });

        my $r = $what->();
        my $other = create('Deals');

        rude();
        is($r->{status}, 503, "$on, $case: closed");
        ok($r->{headers}{'retry-after'}, "$on, $case: to be tried again");
        is($other->{status}, 201, "$on, $case: others pass");
        is(scalar crm_writes(), 1, "$on, $case: and only they were forwarded");
        ok(same_worker(), "$on, $case: the process lives");
    }

    wait_for { create()->{status} == 201 } 'good manners';
    wait_for { none_under_way() } 'the aborts';
    pass("$on: goes on, nothing is left");
}

# Of each of these, what the backend has done is pending, and a job in the end.
sub pending_by {
    my (%cases) = @_;

    for my $case (sort keys %cases) {
        my $rule = ref $cases{$case} ? $cases{$case} : { reply => $cases{$case} };

        my ($before, $r);

        # one whose begin was late on a busy machine is not what this is about
        wait_for {
            rude();
            wait_for { create()->{status} == 201 } 'good manners';
            wait_for { none_under_way() } 'calm';
            $before = jobs();
            rude({ %$rule, on => 'commit' });
            ($r = create())->{status} != 503;
        } 'a write that begins', 60;

        is($r->{status}, 201, "commit, $case: the backend's answer");
        is($r->{headers}{'crm-event-state'}, 'pending', "commit, $case: pending");
        rude();
        wait_for { jobs() == $before + 1 && none_under_way() } "the job of $case";
        ok(same_worker(), "commit, $case: the job is there, the process lives");
    }
}

no_long_string();
run_tests();

__DATA__

=== TEST 1: begin is answered with what is no answer
--- crm_rules eval: $::Rules
--- crm_seed
Leads/1 {"x":"open"}
--- http_config eval: main::rude_http()
--- init
undef $Worker;
closed_by(begin => sub { create() }, %Lies);
closed_by(begin => sub { change(1) }, map { $_ => $Lies{$_} } 'an empty list', 'a word in a list', @Oks);
--- request
GET /crm/v8/Leads/1
--- error_code: 200



=== TEST 2: begin is answered with what is no reply
--- crm_rules eval: $::Rules
--- http_config eval: main::rude_http()
--- init
undef $Worker;
delete local $Noise{'a reply too many'};
closed_by(begin => sub { create() }, %Noise);
--- request
GET /crm/v8/Leads
--- error_code: 200



=== TEST 3: prepare
--- crm_rules eval: $::Rules
--- crm_seed
Leads/1 {"x":"open"}
--- http_config eval: main::rude_http()
--- init
undef $Worker;
closed_by(prepare => sub { wait_for { !redis('EXISTS', 'crm:{acme}:busy:Leads/1') } 'the lease'; change(1) },
    %Lies, map { $_ => $Noise{$_} } grep { $_ ne 'a reply too many' } keys %Noise);
--- request
GET /crm/v8/Leads/1
--- error_code: 200



=== TEST 4: commit is repeated until it is answered as one
--- crm_rules eval: $::Rules
--- http_config eval: main::rude_http()
--- crm_extra: crm_commit_wait 100ms;
--- init
undef $Worker;
pending_by(%Lies, map { $_ => $Noise{$_} } grep { $_ ne 'a reply too many' } keys %Noise);
--- request
GET /crm/v8/Leads
--- error_code: 200



=== TEST 5: a commit that was done, and whose answer was lost, is done once
--- crm_rules eval: $::Rules
--- http_config eval: main::rude_http()
--- crm_extra: crm_commit_wait 100ms;
--- init
undef $Worker;
pending_by(map { ($_ => { reply => $Errors{$_}, after => 1 }) } keys %Errors);
--- request
GET /crm/v8/Leads
--- error_code: 200



=== TEST 6: abort is repeated as well, and the record is free in the end
--- crm_rules eval: $::Rules
--- crm_seed
Leads/1 {"x":"closed"}
--- http_config eval: main::rude_http()
--- init
undef $Worker;
for my $case (sort keys %Lies, grep { $_ ne 'a reply too many' } keys %Noise) {
    my $rule = $Noise{$case} || { reply => $Lies{$case} };

    my $r;

    # one whose begin was late has an abort of its own, which is repeated: nothing
    # begins any more as long as that is answered so
    wait_for {
        rude();
        wait_for { change(1)->{status} == 400 } 'good manners';
        wait_for { none_under_way() } 'calm';
        rude({ %$rule, on => 'abort' });
        ($r = change(1))->{status} != 503;
    } 'a write that begins', 60;

    is($r->{status}, 400, "abort, $case: refused all the same");
    rude();
    wait_for { none_under_way() && !redis('EXISTS', 'crm:{acme}:busy:Leads/1') } "the abort of $case";
    ok(same_worker(), "abort, $case: the record is free, the process lives");
}
--- request
GET /crm/v8/Leads/1
--- error_code: 200
--- backend_writes: 0



=== TEST 7: a script that stays unknown is not tried for ever
--- crm_rules eval: $::Rules
--- http_config eval: main::rude_http()
--- init
wait_for { create()->{status} == 201 } 'good manners';
rude({ on => 'begin', reply => "-NOSCRIPT No matching script.\r\n", times => 1 });
is(create()->{status}, 201, 'once is no matter: it is loaded, and sent again');
rude({ on => 'begin', reply => "-NOSCRIPT No matching script.\r\n" });
is(create()->{status}, 503, 'always is');
rude();
--- request
GET /crm_status
--- error_code: 200



=== TEST 8: the poll is answered with nonsense: the rules that are there judge
--- crm_rules eval: $::Rules
--- http_config eval: main::rude_http()
--- init
undef $Worker;
wait_for { create()->{status} == 201 } 'good manners';
for my $case (sort keys %Lies) {
    rude({ on => 'rules', reply => $Lies{$case} });
    is(create()->{status}, 201, "rules, $case: judged");
    ok(same_worker(), "rules, $case: the process lives");
}
rude({ on => 'rules', reply => "-BUSY says it\r\n" });
# told once, of the first of all these that a poll has met
wait_for { slurp("$ENV{TEST_NGINX_SERVROOT}/logs/error.log") =~ /crm rules: organisation "acme": / } 'the log';

# crmctl knows a process for five seconds behind its last poll
my $seen = sub { join ' ', @{ redis('HVALS', 'crm:{acme}:processes') } };
my $was = $seen->();
rude();
wait_for { $seen->() ne $was } 'a poll';
rude({ on => 'rules', reply => "-BUSY says it\r\n" });
eval { crm_rules($Rules =~ s|told|again|r) };
like($@, qr{exit 1\n}, "apply names the process that hears nothing of it");
rude();
wait_for { status()->{org}{acme}{revision} == 2 } 'the second revision';
pass('goes on');
--- request
GET /crm_status
--- error_code: 200



=== TEST 9: a bundle that does not come is asked for again
--- crm_rules eval: $::Rules
--- http_config eval: main::rude_http()
--- init
undef $Worker;
wait_for { create()->{status} == 201 } 'good manners';
my $n = 1;
for my $case (qw(-BUSY -LOADING), 'an integer') {
    rude({ on => 'GETRANGE', reply => $Lies{$case}, times => 1 });
    crm_rules($Rules =~ s/told/"told$n"/er);
    $n++;
    wait_for { status()->{org}{acme}{revision} == $n } "revision $n behind $case";
    is(status()->{org}{acme}{rejected}, undef, "GET, $case: nothing is rejected");
}
rude({ on => 'GETRANGE', reply => "\$9\r\n{\"v\":1,\"o\r\n", times => 1 });
eval { crm_rules($Rules =~ s/told/cut/r) };
wait_for { my $r = status()->{org}{acme}{rejected}; $r && $r->{revision} == $n + 1 } 'the rejection';
pass('half a bundle is rejected, and told of');
ok(same_worker(), 'the process lives');
--- request
GET /crm_status
--- error_code: 200



=== TEST 10: what nobody asked for ends the connection, not the process
--- crm_rules eval: $::Rules
--- http_config eval: main::rude_http()
--- init
undef $Worker;
wait_for { create()->{status} == 201 } 'good manners';
ok(same_worker(), 'one process');
for my $on (qw(begin commit rules)) {
    rude({ on => $on, extra => "+OK\r\n" });
    create();
    wait_for { slurp("$ENV{TEST_NGINX_SERVROOT}/logs/error.log") =~ /it answered what nobody had asked/ } 'the log';
    rude();
    wait_for { create()->{status} == 201 } 'good manners';
    ok(same_worker(), "$on: the process lives");
}
--- request
GET /crm_status
--- error_code: 200



=== TEST 11: half a gigabyte is not taken in
--- crm_rules eval: $::Rules
--- http_config eval: main::rude_http('timeout=60s')
--- init
return pass('a sanitizer keeps what is freed') if $ENV{CRM_TEST_ASAN};
undef $Worker;
wait_for { create()->{status} == 201 } 'good manners';
rude({ on => 'begin', reply => "\$536870912\r\n", flood => 1 });
is(create()->{status}, 503, 'closed');
rude();
wait_for { create()->{status} == 201 } 'good manners';
ok(same_worker(), 'the process lives');
my ($peak) = slurp("/proc/$Worker/status") =~ /VmHWM:\s+(\d+) kB/;
like(slurp("$ENV{TEST_NGINX_SERVROOT}/logs/error.log"), qr/it answered with too many bytes/, 'and says why');
cmp_ok($peak, '<', 400 * 1024, 'and never took half a gigabyte');
--- request
GET /crm_status
--- error_code: 200



=== TEST 12: crm_on_error open lets pass what nobody knows of, not what was refused or is another request by now
--- crm_rules eval: $::Rules
--- crm_seed
Leads/1 {"x":"closed"}
Leads/2 {"x":"open","Ext":"1"}
--- http_config eval: main::rude_http()
--- crm_extra: crm_on_error open;
--- init
my @ext = ('X-EXTERNAL' => 'Leads.Ext');
my $busy = "-BUSY x\r\n";

sub under {
    my ($on, $line, $body, @headers) = @_;
    my ($method, $path) = split / /, $line;

    crm_clear_log();
    rude({ on => $on, reply => $busy });

    my $r = http($method => $path, body => $body, headers => \@headers);

    rude();
    wait_for { none_under_way() } 'the abort';

    return join ' ', $r->{status}, map { "$_->{method} $_->{target} $_->{body}" } crm_writes();
}

wait_for { create()->{status} == 201 } 'good manners';
is(under(begin => 'PUT /crm/v8/Leads/2', '{"data":[{"a":1}]}'), '200 PUT /crm/v8/Leads/2 {"data":[{"a":1}]}', 'unknown');
is(under(prepare => 'PUT /crm/v8/Leads', '{"data":[{"id":"2","a":1},{"id":"1","a":1}]}'), '503', 'a locked record among others');
is(under(begin => 'PUT /crm/v8/Leads/1', '{"data":[{"a":1}]}', @ext), '503', 'by an external id in the path');
is(under(begin => 'PUT /crm/v8/Leads', '{"data":[{"id":"1","a":1}]}', @ext), '503', 'by one in the body');
is(under(begin => 'POST /crm/v8/Leads/upsert', '{"data":[{"Ext":"1","a":1}]}', @ext), '503', 'by one that an upsert looks by');
--- request
GET /crm_status
--- error_code: 200
