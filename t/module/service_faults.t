# The services of crm_api, lists of approvals, functions by URL, decorated reads,
# X-EXTERNAL and turns, whose Redis lies or whose client leaves: closed in the
# words of who asked, or read as the backend has it. Fails when something is told
# that Redis has not said, when a lease, an intent or a turn stays, or when the
# process dies or waits for nobody.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use IO::Socket::INET;

use Test::More;
use Test::CRM;
use Test::CRM::Rude;

redis_start();
crm_start();
rude_start();

crm_rules(<<'YAML');
>>> rules.yaml
kind: profile
name: Administrator
permissions: [manage_workflow, modules_customization]
---
kind: user
id: "rep"
profile: Administrator
---
kind: user
id: "rip"
profile: Administrator
---
kind: function
name: adds
file: adds.dg
arguments: [ { name: a, type: integer } ]
---
kind: record_locking
module: Deals
lock_type: manual
---
kind: validation_rule
name: positive
module: Leads
field: Age
criteria: { field: Age, comparator: less_than, value: 0 }
message: Nobody is that young.
---
kind: assignment_rule
name: Turns
id: turns
module: Leads
entries: [ { criteria: null, assign_to: { type: round_robin, users: ["rep", "rip"], threshold: 100000 } } ]
>>> adds.dg
return a + 1;
YAML

my ($rude, $plain) = (rude_sock(), redis_sock());

nginx_start(http => crm_http_config("timeout=@{[at_most(300)]}ms volatile") =~ s{\Q$plain\E}{$rude}r,
            server => crm_server_config('crm_decorate on; crm_max_answer 4k; crm_commit_wait 300ms; proxy_intercept_errors on;'
                                        . ' error_page 410 =200 /none.json; error_page 502 504 = @again;')
                      . 'location = /none.json { default_type application/json; return 200 "{}"; }'
                      . 'location @again { proxy_pass http://crm_backend; }'
                      . 'location /plain/ { proxy_pass http://crm_backend/; }'
                      . 'location /crm_api/ { crm_api write=on guarded=/crm/v8 auth=none; }');

sub call {
    my ($method, $path, $body, @headers) = @_;

    return http($method => $path, defined $body ? (body => $body) : (),
                headers => [ 'X-CRM-User' => 'rep', 'Content-Type' => 'application/json', @headers ]);
}

sub presence { return call(@_ ? (PUT => '/crm_api/users/rip/presence', "{\"online\":$_[0]}") : (GET => '/crm_api/users/rip/presence')) }
sub live     { return json_decode(call(GET => '/crm_api/rules')->{body}) }
sub calm     { return redis(ZCARD => 'crm:{acme}:intents') == 0 && !@{ redis(KEYS => 'crm:{acme}:busy:*') } }
sub manners  { wait_for { call(GET => '/crm_api/processes')->{status} == 200 } 'good manners' }

my $turns = 'assignment:Turns:1';
my $created = 0;
sub lost { return (redis(HGET => 'crm:{acme}:turns', $turns) || 0) - redis(LLEN => "crm:{acme}:returned:$turns") - $created }

wait_for { call(GET => '/crm_api/processes')->{status} == 200 } 'the rules';
my ($pid) = nginx()->worker_pids;

my $rules = live();
my $change = sub { '{"expected":' . $rules->{revision} . ',"bundle":' . json_encode($rules->{bundle}) . '}' };

my %rude = (map({ $_ => { reply => $Lies{$_} } } qw(-OOM -LOADING nil), 'a status', 'an integer', 'a string', 'an empty string',
                'an empty list', 'a list of lists', 'numbers that lie'),
            half => { cut => 2 }, map { $_ => $Noise{$_} } 'the end', 'silence');

# What is asked, on what Redis lies, which lies could be true.
my $list = [ 'an empty list', 'a list of lists', 'numbers that lie' ];
my @asked = (
    [ 'processes, the time', 'TIME', sub { call(GET => '/crm_api/processes') } ],
    [ 'processes', 'HGETALL', sub { call(GET => '/crm_api/processes') }, @$list ],
    [ 'events of a record', 'XREVRANGE', sub { call(GET => '/crm_api/events/Leads/1') }, @$list ],
    [ 'is he online?', 'HGET', sub { presence() }, 'nil', 'a string', 'an empty string' ],
    [ 'he is', 'HDEL', sub { presence('true') }, 'an integer' ],
    [ 'approvals', 'waits', sub { call(GET => '/crm_api/approvals') } ],
    [ 'the rules', 'MGET', sub { call(GET => '/crm_api/rules') } ],
    [ 'the rules, their note', 'HGET', sub { call(GET => '/crm_api/rules') }, 'nil', 'a string', 'an empty string' ],
    [ 'the rules, their length', 'STRLEN', sub { call(GET => '/crm_api/rules') } ],
    [ 'the rules, their bundle', 'GETRANGE', sub { call(GET => '/crm_api/rules') } ],
    [ 'rules to compare', 'GETRANGE', sub { call(PUT => '/crm_api/rules', $change->()) } ],
);

for my $row (@asked) {
    my ($what, $on, $ask, @fits) = @$row;
    my %fits = map { $_ => 1 } @fits;

    for my $case (sort keys %rude) {
        rude({ %{ $rude{$case} }, on => $on });
        my $r = $ask->();
        rude();
        my $ours = ($r->{headers}{'content-type'} || '') eq 'application/problem+json';

        ok($fits{$case} ? $r->{status} == 200 : $r->{status} == 503 && $ours && $r->{headers}{'retry-after'}, "$what: $case")
            or diag("$r->{status} $r->{body}");
        ok(eval { ref json_decode($r->{body}) }, "$what: $case is answered with JSON") or diag($r->{body});
        manners();
    }

    is($ask->()->{status}, 200, "$what: repeated it is");
}

for my $lie ([ 'TIME', "*2\r\n:9223372036854775807\r\n:9223372036854775807\r\n" ],
             [ 'MGET', "*2\r\n\$1\r\nx\r\n\$1\r\n1\r\n" ], [ 'STRLEN', ":9223372036854775807\r\n" ])
{
    rude({ on => $lie->[0], reply => $lie->[1] });
    is(call(GET => $lie->[0] eq 'TIME' ? '/crm_api/processes' : '/crm_api/rules')->{status}, 503, "a $lie->[0] that cannot be");
    rude();
}
rude({ on => 'HSET', reply => $Lies{-OOM} });
is(presence('false')->{status}, 503, 'Redis is full: nobody is said to be away');
rude();
is(json_decode(presence()->{body})->{online} ? 1 : 0, 1, 'and he is not');

# a change of the rules that may be stored or not
for my $case ('-OOM', 'nil', 'the end', 'silence') {
    $_->{object}{name} = "Rip, $case" for grep { ($_->{object}{id} || '') eq 'rip' } @{ $rules->{bundle}{objects} };
    rude({ %{ $rude{$case} }, on => 'publish' });
    my $r = call(PUT => '/crm_api/rules', $change->());
    rude();
    is($r->{status}, 503, "a change, $case") or diag($r->{body});
    like($r->{body}, qr/whether the rules are stored is not known/, "$case: that is said") if !$rude{$case}{reply};
    manners();
    is(live()->{revision}, $rules->{revision}, "$case: nothing is stored") if $rude{$case}{reply};
    is(call(PUT => '/crm_api/rules', $change->())->{status}, 200, "$case: repeated, it is") if !$rude{$case}{reply};
    $rules = live();
}

# a function: whether it runs is known, or said not to be
sub jobs { return redis(LLEN => 'crm:{acme}:queue:functions') }
sub runs { return call(POST => '/crm_api/functions/adds/execute', '{"arguments":{"a":1}}') }

for my $case (sort keys %rude) {
    rude({ %{ $rude{$case} }, on => 'ask' });
    my $r = runs();
    rude();
    is($r->{status}, 503, "a function, $case") or diag($r->{body});
    is(jobs(), 0, "a function, $case: it is not queued") if $rude{$case}{reply};
    like($r->{body}, qr/whether the function runs is not known/, "a function, $case: that is said") if !$rude{$case}{reply};
    manners();
}
my %answer = (
    'done' => [ 200, '{"status":"done","result":42,"log":""}', qr/"result":42/ ],
    'done with nothing' => [ 200, '{"status":"done"}', qr/"result":null/ ],
    'an end of no kind' => [ 422, '{}', qr/"detail":null/ ],
    'a number' => [ 503, '7', qr/none/ ],
    'half an answer' => [ 503, '{"status":"do', qr/none/ ],
);
for my $case (sort keys %answer) {
    my ($status, $text, $like) = @{ $answer{$case} };

    rude({ on => 'GET', times => 1, reply => $Lies{-LOADING} }, { on => 'GET', times => 1, reply => $Lies{'an empty string'} },
         { on => 'GET', reply => '$' . length($text) . "\r\n$text\r\n" });
    my $r = runs();
    rude();
    is($r->{status}, $status, "the answer of a function is $case") or diag($r->{body});
    like($r->{body}, $like, "$case: that is told");
    ok(eval { ref json_decode($r->{body}) }, "$case: in JSON");
    manners();
}
redis(DEL => 'crm:{acme}:queue:functions');

# a read is a read
crm_seed('Deals', 1, '{"Stage":"Open","Amount":19.990}');
sub deal { return http(GET => "/$_[0]/v8/Deals/1", headers => [ 'X-CRM-User' => 'rep' ]) }
my $as_is = http(GET => '/plain/crm/v8/Deals/1')->{body};

for my $case (sort keys %rude) {
    rude({ %{ $rude{$case} }, on => 'HGETALL' });
    my $r = deal('crm');
    rude();
    is($r->{status}, 200, "a decorated read, $case");
    is($r->{body}, $as_is, "$case: as the backend has it") if $case ne 'an empty list';
    is($r->{headers}{'content-length'}, length $r->{body}, "$case: whole");
    manners();
}
for my $fault (qw(truncate garbage html other)) {
    my @r = map { crm_fail(fault => $fault, method => 'GET', match => '/Deals/1', times => 1);
                  http(GET => "$_/crm/v8/Deals/1", headers => [ 'X-CRM-User' => 'rep' ]) } '/plain', '';
    is("$r[1]{status} $r[1]{body}", "$r[0]{status} $r[0]{body}", "the backend, $fault: a decorated read is as another");
}
crm_fail(fault => 'status', status => 410, method => 'GET', match => '/Deals/1', times => 1);
is(join(' ', @{ deal('crm') }{qw(status body)}), '200 {}', 'what error_page answers instead comes whole');
crm_fail(fault => 'reset', method => 'GET', match => '/Deals/1', times => 1);
is(join(' ', @{ deal('crm') }{qw(status body)}), "200 $as_is", 'what another location reads instead, too');
like(deal('crm')->{body}, qr/"Locked__s":false/, 'and then it is decorated again');

# a turn that is taken comes back, unless a record has used it
sub create { my $r = call(POST => '/crm/v8/Leads', '{"data":[{"Age":1}],"lar_id":"turns"}'); $created++ if $r->{status} == 201; return $r }

is(create()->{status}, 201, 'a create in turns');
crm_clear_log();
for my $case (sort keys %rude) {
    for my $after ($rude{$case}{reply} ? (0, 1) : 0) {
        rude({ %{ $rude{$case} }, on => 'begin', after => $after });
        is(create()->{status}, 503, "a turn, $case" . ($after ? ', and Redis has given one' : ''));
        rude();
        manners();
        wait_for { calm() && lost() == 0 } "the turn of $case";
    }
}
is(scalar crm_writes(), 0, 'nothing was created');
for my $turn (-2, 2, 7, 9223372036854775807) {
    rude({ on => 'begin', reply => "*2\r\n\$2\r\nok\r\n*1\r\n:$turn\r\n" });
    isnt(create()->{status}, 201, "a turn of nobody: $turn");
    rude();
    manners();
}
for my $on ('prepare', 'commit') {
    rude({ on => $on, reply => $Lies{-OOM} });
    create();
    rude();
    wait_for { calm() && lost() == 0 } "the turn behind $on";
}
is(create()->{status}, 201, 'then turns go on');

# records by a field of theirs
crm_seed('Deals', 7, '{"Ext":"E7","Age":1}');
sub ext { return call(PUT => '/crm/v8/Deals/E7', '{"data":[{"Age":2}]}', 'X-EXTERNAL' => 'Deals.Ext') }

crm_clear_log();
for my $f (map({ [ $_, fault => $_ ] } qw(reset half truncate garbage html other)), [ 'a 500', fault => 'status', status => 500 ]) {
    my ($case, @fault) = @$f;

    crm_fail(@fault, method => 'GET', match => '/search', times => 1);
    is(ext()->{status}, 503, "X-EXTERNAL, the look-up: $case");
}
for my $case ('-OOM', 'nil', 'the end', 'silence') {
    rude({ %{ $rude{$case} }, on => 'begin' });
    is(ext()->{status}, 503, "X-EXTERNAL, begin: $case");
    rude();
    manners();
}
is(scalar crm_writes(), 0, 'nothing was written');
wait_for { calm() } 'the aborts';
is(ext()->{status}, 200, 'then it is');

# clients that leave
sub leaves {
    my ($then, $method, $path, $body, @headers) = @_;

    my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => nginx_port()) or die "connect: $!\n";

    $body //= '';
    $s->autoflush(1);
    print $s join "\r\n", "$method $path HTTP/1.1", 'Host: x', 'X-CRM-User: rep', 'Content-Type: application/json', @headers,
        'Content-Length: ' . length $body, '', $body;
    wait_for { $then->() } "the moment to leave $path";
    close $s;
}

sub calls { return redis(INFO => 'commandstats') =~ /cmdstat_$_[0]:calls=(\d+)/ ? $1 : 0 }

crm_clear_log();
for my $case ([ 'time', 'TIME', GET => '/crm_api/processes' ], [ 'xrevrange', 'XREVRANGE', GET => '/crm_api/events/Leads/1' ],
              [ 'hget', 'HGET', GET => '/crm_api/users/rip/presence' ], [ 'evalsha', 'waits', GET => '/crm_api/approvals' ],
              [ 'getrange', 'GETRANGE', GET => '/crm_api/rules' ], [ 'hgetall', 'HGETALL', GET => '/crm/v8/Deals/1' ],
              [ 'rpush', 'ask', POST => '/crm_api/functions/adds/execute', '{"arguments":{"a":1}}' ],
              [ 'rpush', 'GET', POST => '/crm_api/functions/adds/execute', '{"arguments":{"a":1}}' ],
              [ 'getrange', 'GETRANGE', PUT => '/crm_api/rules', $change->() ],
              [ 'hincrby', 'begin', POST => '/crm/v8/Leads', '{"data":[{"Age":1}],"lar_id":"turns"}' ])
{
    my ($stat, $on, @request) = @$case;
    my $n = calls($stat);

    rude({ on => $on, delay => 0.12 });
    leaves(sub { calls($stat) > $n || $stat eq 'hincrby' && redis(LLEN => "crm:{acme}:returned:$turns") == 0 }, @request);
    rude();
    manners();
    wait_for { calm() } "$request[1] to end";

    if (my $late = () = crm_writes()) {         # we were: once more
        $created += $late;
        crm_clear_log();
        redo;
    }

    pass("$request[1] is left while Redis has $on");
}
wait_for { calm() && lost() == 0 } 'what was left behind';

# while a thread compares and compiles
my $large = json_encode($rules->{bundle});
for my $round (1 .. 4) {
    my $n = calls('getrange');

    leaves(sub { calls('getrange') > $n }, PUT => '/crm_api/rules',
           '{"expected":' . $rules->{revision} . ",\"message\":\"$round\",\"bundle\":$large}" . ' ' x 400_000);
}
manners();

crm_hold(method => 'GET', match => '/search', times => 1);
leaves(sub { grep { $_->{target} =~ /search/ } crm_log() }, PUT => '/crm/v8/Deals/E7', '{"data":[{"Age":9}]}', 'X-EXTERNAL: Deals.Ext');
wait_for { call(GET => '/crm_api/processes')->{status} == 200 && calm() } 'calm';
crm_release();
is(scalar crm_writes(), 0, 'what nobody waits for is not written');

# the next requests of a connection
my ($raw) = http_raw(join '', map { "$_ HTTP/1.1\r\nHost: x\r\nX-CRM-User: rep\r\n" . (/rules/ ? "Connection: close\r\n" : '') . "\r\n" }
    'GET /crm_api/processes', 'HEAD /crm_api/users/rip/presence', 'GET /crm_api/events/Leads/1', 'HEAD /crm/v8/Deals/1',        # which the demo CRM has not
    'GET /crm/v8/Deals/1', 'GET /crm_api/approvals', 'GET /crm_api/rules');
is(scalar(() = $raw =~ m{HTTP/1\.1 (?:200|404) }g), 7, 'seven in a row, each is answered') or diag($raw);

is(join(' ', nginx()->worker_pids), $pid, 'the process lives');
unlike(nginx()->error_log, qr/\[(?:alert|crit|emerg)\]/, 'the error log has nothing to say');
is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();
