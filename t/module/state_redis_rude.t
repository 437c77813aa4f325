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

# What a peer may say instead of the answer.
our %Errors = map { ("-$_" => "-$_ is what it says\r\n") }
    qw(READONLY LOADING OOM NOSCRIPT BUSY MOVED UNBLOCKED NOPERM ERR);

our %Lies = (
    %Errors,
    'a status'          => "+OK\r\n",
    'an integer'        => ":1\r\n",
    'nil'               => "\$-1\r\n",
    'a nil list'        => "*-1\r\n",
    'an empty list'     => "*0\r\n",
    'a string'          => "\$2\r\nok\r\n",
    'an empty string'   => "\$0\r\n\r\n",
    'a list of lists'   => "*2\r\n*1\r\n*0\r\n:1\r\n",
    'an unknown word'   => "*1\r\n\$4\r\nfine\r\n",
    'a word cut short'  => "*1\r\n\$1\r\no\r\n",
    'a word in a list'  => "*1\r\n*1\r\n\$2\r\nok\r\n",
    'numbers that lie'  => "*6\r\n\$2\r\nok\r\n:-9\r\n:-9\r\n:-9\r\n:-9\r\n:-9\r\n",
    'a count too large' => "*3\r\n\$2\r\nok\r\n:1000000\r\n\$1\r\nx\r\n",
    'a negative count'  => "*3\r\n\$2\r\nok\r\n:-5\r\n\$1\r\nx\r\n",
);

# What other scripts might say.
our @Oks = ('numbers that lie', 'a count too large', 'a negative count');

# What no longer is a reply: the connection does not outlive it.
our %Noise = (
    'no RESP'            => { reply => "HTTP/1.1 400 Bad Request\r\n\r\n" },
    'a length that lies' => { reply => "\$-7\r\nxx\r\n" },
    'no length'          => { reply => "\$abc\r\nxx\r\n" },
    'lists too deep'     => { reply => '*1' . "\r\n*1" x 40 . "\r\n:1\r\n" },
    'a list of billions' => { reply => "*2000000000\r\n" },
    'lists of millions'  => { reply => "*200000\r\n" . "*200000\r\n" x 4 },
    'half a reply'       => { reply => "*2\r\n\$2\r\no", close => 0 },
    'half, then the end' => { cut => 5 },
    'the end'            => { close => 1 },
    'silence'            => { mute => 1 },
    '512 MB announced'   => { reply => "\$536870912\r\nxxxx" },
    'a reply too many'   => { extra => "+OK\r\n" },
);

sub rude_http { return main::http_with(rude_sock(), @_) }

sub http_with {
    return "crm_redis unix:$_[0] " . ($_[1] || 'timeout=150ms') . ";\ncrm_org acme;\n"
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

        wait_for { create()->{status} == 201 } 'good manners';
        wait_for { none_under_way() } 'calm';

        my $before = jobs();

        rude({ %$rule, on => 'commit' });

        my $r = create();

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

    wait_for { change(1)->{status} == 400 } 'good manners';
    wait_for { none_under_way() } 'calm';
    rude({ %$rule, on => 'abort' });
    is(change(1)->{status}, 400, "abort, $case: refused all the same");
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



=== TEST 12: the first connect meets lies
--- crm_rules eval: $::Rules
--- user_files
>>> password
right
--- redis_before
CONFIG SET requirepass right
--- http_config eval: main::rude_http('timeout=150ms password_file=$TEST_NGINX_SERVROOT/html/password')
--- crm_extra: crm_rules_wait 100ms;
--- init
undef $Worker;
my %cases = (%Lies, %Noise);
for my $on (qw(AUTH INFO SCRIPT)) {
    for my $case (sort keys %cases) {
        next if $on eq 'AUTH' && $case eq 'a status' || $case eq 'a reply too many';

        my $rule = $Noise{$case} || { reply => $Lies{$case} };

        wait_for { create()->{status} == 201 } 'good manners';
        crm_clear_log();

        # the connection ends, and the next one is met like this
        rude({ %$rule, on => $on }, { on => '*', close => 1, times => 1 });
        wait_for { create()->{status} == 503 } 'the end of the connection';
        is(create()->{status}, 503, "$on, $case: closed");
        is(create('Deals')->{status}, 201, "$on, $case: others pass");
        rude();
        ok(same_worker(), "$on, $case: the process lives");
    }
}
wait_for { create()->{status} == 201 } 'good manners';
pass('goes on');
--- request
GET /crm_status
--- error_code: 200
--- check
redis('CONFIG', 'SET', 'requirepass', '');



=== TEST 13: a database that is not chosen is not used
--- http_config eval: main::http_with(main::rude_sock() . ':/3')
--- crm_extra: crm_rules_wait 100ms;
--- init
wait_for { create()->{status} == 201 } 'good manners';
my $else = 'it answered AUTH or SELECT with something else than OK';
for ([ "-ERR DB index is out of range\r\n", 'DB index is out of range' ],
     [ ":0\r\n", $else ], [ "\$2\r\nOK\r\n", $else ])
{
    my ($reply, $why) = @$_;
    my $log = "$ENV{TEST_NGINX_SERVROOT}/logs/error.log";
    my $seen = length slurp($log);

    rude({ on => 'SELECT', reply => $reply }, { on => '*', close => 1, times => 1 });
    wait_for { substr(slurp($log), $seen) =~ /no connection to .*\Q$why\E/ }
        'the connection that is not used';
    ok(!status()->{redis}{up}, 'not up');
    rude();
    wait_for { status()->{redis}{up} } 'good manners';
}
--- request
GET /crm_status
--- error_code: 200
--- error_log: DB index is out of range



=== TEST 14: whoever may not ask for appendfsync knows the weaker promise
--- crm_rules eval: $::Rules
--- http_config eval: main::rude_http()
--- init
wait_for { create()->{status} == 201 } 'good manners';
redis('CONFIG', 'SET', 'appendfsync', 'always');
for my $case (sort keys %Lies) {
    rude({ on => 'CONFIG', reply => $Lies{$case} }, { on => '*', close => 1, times => 1 });
    wait_for { create()->{status} == 503 } 'the end of the connection';
    rude({ on => 'CONFIG', reply => $Lies{$case} });
    wait_for { create()->{status} == 201 } "the connection, CONFIG, $case";
    is(status()->{org}{acme}{durability}, 'standard', "CONFIG, $case: used, and called standard");
}
rude({ on => '*', close => 1, times => 1 });
wait_for { create()->{status} == 503 } 'the end of the connection';
wait_for { create()->{status} == 201 } 'good manners';
is(status()->{org}{acme}{durability}, 'strict', 'as it is');
redis('CONFIG', 'SET', 'appendfsync', 'everysec');
--- request
GET /crm_status
--- error_code: 200



=== TEST 15: in shadow, where it reads the record's state, everything passes
--- crm_rules eval: $::Rules
--- crm_seed
Leads/1 {"x":"closed"}
--- http_config
crm_redis unix:$TEST_NGINX_RUDE_SOCK timeout=150ms;
--- config
location /crm/ {
    crm_automation shadow;
    crm_org acme;
    crm_dialect zoho;
    crm_record_location /_crm_record;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT;
}
location /_crm_record/ { internal; proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT/; }
location = /crm_status { crm_status; }
--- init
undef $Worker;
wait_for { status()->{org}{acme}{revision} } 'the rules';
for my $case (sort(keys %Lies), grep { $_ ne 'a reply too many' } keys %Noise) {
    rude({ %{ $Noise{$case} || { reply => $Lies{$case} } }, on => 'HGETALL' });
    is(change(1)->{status}, 200, "HGETALL, $case: passes");
    rude();
    ok(same_worker(), "HGETALL, $case: the process lives");
}
--- request
GET /crm_status
--- error_code: 200



=== TEST 16: an organisation that cannot be looked up is held, then closed
--- crm_rules eval: $::Rules
--- http_config
crm_redis unix:$TEST_NGINX_RUDE_SOCK timeout=150ms;
map $uri $who { default acme; }
--- config
location /crm/ {
    crm_automation on;
    crm_org $who;
    crm_dialect zoho;
    crm_record_location /_crm_record;
    crm_rules_wait 100ms;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT;
}
location /_crm_record/ { internal; proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT/; }
location = /crm_status { crm_status; }
--- init
undef $Worker;
for my $case (sort(keys %Errors), 'a status', 'nil', 'an empty list', 'a string') {
    rude({ on => 'SISMEMBER', reply => $Lies{$case} });
    is(create()->{status}, 503, "SISMEMBER, $case: closed");
    ok(same_worker(), "SISMEMBER, $case: the process lives");
}
rude();
wait_for { create()->{status} == 201 } 'good manners';
pass('goes on');
--- request
GET /crm_status
--- error_code: 200
