# A call whose Redis lies, whose record cannot be read, whose client is gone or
# whose body is none: it is closed or refused in the words of who asked, changes
# nothing or all, and works when it is repeated. Fails when a lock is told that
# does not stand, when a call becomes a write of the backend's, or when the
# process dies or goes on working for nobody.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use IO::Socket::INET;

use Test::CRM 'nginx';
use Test::CRM::Rude;
use Test::More;
use Test::Nginx::Socket 'no_plan';

rude_start();
$ENV{TEST_NGINX_RUDE_SOCK} = rude_sock();

our $Rules = <<'YAML';
kind: profile
name: Standard
---
kind: user
id: "rep"
profile: Standard
---
kind: record_locking
module: Deals
lock_type: manual
---
kind: scoring_rule
name: Fit
module: Deals
touch_point_rules: [ { event: email_opened, score: 3 } ]
---
kind: blueprint
name: Pipeline
module: Leads
field: Stage
transitions:
  - id: propose
    name: Propose
    from: [New]
    to: Proposal
    during: { fields: [ { field: Amount, required: true }, { field: Note, required: true } ] }
    after: [ { type: webhooks, name: hook } ]
---
kind: webhook
name: hook
module: Leads
url: http://127.0.0.1:9/
---
kind: validation_rule
name: positive
module: Contacts
run: opt_in
field: Age
criteria: { field: Age, comparator: less_than, value: 0 }
message: Nobody is that young.
YAML

our @Rep = ('X-CRM-User', 'rep');

sub conf {
    my ($extra) = @_;

    return <<"CONF";
location /crm/ {
    crm_automation on;
    crm_dialect zoho;
    crm_user \$http_x_crm_user trusted=127.0.0.1;
    crm_record_location /_crm_record;
    crm_max_body 64k;
    crm_max_answer 4k;
    $extra
    proxy_pass http://crm_backend;
}
location /_crm_record/ { internal; proxy_read_timeout 300ms; proxy_pass http://crm_backend/; }
location /crm_api/ { crm_api write=on guarded=/crm/v8 auth=none; }
location = /crm_status { crm_status; }
CONF
}

# A guarded location of its own, whose crm_automation is $off or $shadow.
sub guarded {
    my ($mode) = @_;

    return <<"CONF";
location /$mode/ {
    crm_automation \$$mode;
    crm_dialect zoho;
    crm_user rep;
    crm_record_location /_$mode;
    proxy_pass http://crm_backend/crm/;
}
location /_$mode/$mode/ { internal; proxy_pass http://crm_backend/crm/; }
location /api_$mode/ { crm_api write=on guarded=/$mode/v8 auth=none; }
CONF
}

# Of a Redis that is silent little is to be waited for; of a well one, all.
sub http_with {
    my ($sock, $timeout) = @_;

    return "crm_redis unix:$sock$timeout volatile;\ncrm_org acme;\n"
        . 'upstream crm_backend { server 127.0.0.1:$TEST_NGINX_CRM_PORT; }';
}

sub rude_http  { return http_with(rude_sock(), " timeout=@{[at_most(150)]}ms") . "crm_commit_wait 100ms;" }
sub plain_http { return http_with(redis_sock(), " timeout=5s") }

# The calls, by the vendor's path and by crm_api. A record of its own for each.
our %Call = (
    lock   => sub { call(POST => "/crm/v8/Deals/$_[0]/Locking_Information__s", '{"data":[{"Locked_Reason__s":"why"}]}') },
    unlock => sub { call(DELETE => "/crm/v8/Deals/$_[0]/Locking_Information__s") },
    moves  => sub { call(PUT => "/crm/v8/Leads/$_[0]/actions/blueprint",
        '{"blueprint":[{"transition_id":"propose","data":{"Amount":1,"Note":"n"}}]}') },
    saves  => sub { call(PUT => "/crm/v8/Leads/$_[0]/actions/blueprint",
        '{"blueprint":[{"transition_id":"propose","data":{"Amount":1}}]}') },
    'api lock'   => sub { call(POST => "/crm_api/locks/Deals/$_[0]", '{"reason":"why"}') },
    'api unlock' => sub { call(DELETE => "/crm_api/locks/Deals/$_[0]") },
    'api moves'  => sub { call(PUT => "/crm_api/blueprint/Leads/$_[0]",
        '{"transition":"propose","data":{"Amount":1,"Note":"n"}}') },
    'api saves'  => sub { call(PUT => "/crm_api/blueprint/Leads/$_[0]", '{"transition":"propose","data":{"Amount":1}}') },
    'api scores' => sub { call(POST => "/crm_api/scores/Deals/$_[0]/events", '{"event":"email_opened","id":"m-1"}') },
    'api why'    => sub { call(GET => "/crm_api/why/Deals/$_[0]") },
);

# How each of them ends when all is well.
our %Good = (lock => 201, unlock => 200, moves => 200, saves => 200, 'api lock' => 201, 'api unlock' => 204,
             'api moves' => 200, 'api saves' => 200, 'api scores' => 200, 'api why' => 200);

sub call {
    my ($method, $path, $body, @headers) = @_;

    return http($method => $path, defined $body ? (body => $body) : (), headers => [@Rep, @headers]);
}

sub record { return "crm:{acme}:record:$_[0]" }
sub manual { return redis(HGET => record("Deals/$_[0]"), 'manual') // '' }
sub status { return json_decode(http(GET => '/crm_status')->{body}) }
sub calm   { return redis(ZCARD => 'crm:{acme}:intents') == 0 && !@{ redis(KEYS => 'crm:{acme}:busy:*') } }
sub log_of { return slurp("$ENV{TEST_NGINX_SERVROOT}/logs/$_[0].log") }

our ($Worker, $Entered, $Last);
sub same_worker {
    my $pid = status()->{processes}[0]{pid};
    $Worker ||= $pid;
    return $pid == $Worker;
}

# What must be there for a call: a record, locked, or in its blueprint.
sub ready {
    my ($what) = @_;
    my $id = ++$Last;

    if ($what =~ /moves|saves/) {
        crm_seed('Leads', $id, '{"Stage":"New"}');
        $Entered ||= do {
            call(PUT => "/crm/v8/Leads/$id", '{"data":[{"Memo":"x"}]}');
            redis(HGET => record("Leads/$id"), 'blueprint');
        };
        redis(HSET => record("Leads/$id"), 'blueprint', $Entered);
        return $id;
    }

    crm_seed('Deals', $id, '{"Amount":1}');
    redis(HSET => record("Deals/$id"), 'manual', '{"id":"L1","by":"rep","name":"R","reason":"why",'
          . '"at":1763800000000,"event":"01E","confirmed":true}') if $what =~ /unlock/;

    return $id;
}

sub module_of { return $_[0] =~ /moves|saves/ ? 'Leads' : 'Deals' }

sub state_of {
    my ($what, $id) = @_;

    return join ' ', map { defined $_ ? $_ : '-' } @{ redis(HMGET => record(module_of($what) . "/$id"), 'manual', 'blueprint') };
}

# 503 in the words of who asked.
sub is_closed {
    my ($r, $what) = @_;

    my $type = $r->{headers}{'content-type'} || '';
    my $ours = $what =~ /^api/;

    return $r->{status} == 503 && $r->{headers}{'retry-after'} && $r->{body} =~ /"INTERNAL_ERROR"/
           && ($type eq 'application/problem+json') == $ours
           && (ref json_decode($r->{body}) eq 'HASH')
        ? 'closed' : "$r->{status} $type $r->{body}";
}

sub manners { wait_for { call(GET => '/crm_api/why/Tasks/1')->{status} == 200 } 'good manners' }

sub begin_all {
    undef $Worker;
    undef $Entered;
    $Last = 0;
    crm_seed('Tasks', 1, '{"a":1}');
    manners();
    ready('moves');
    same_worker();
}

# Whatever $on says instead of its answer, the calls are closed, the process
# lives, and repeating works.
sub closed_by {
    my ($on, $whats, %cases) = @_;

    for my $case (sort keys %cases) {
        my $rule = ref $cases{$case} ? $cases{$case} : { reply => $cases{$case} };
        my %id = map { $_ => ready($_) } @$whats;
        my %was = map { $_ => state_of($_, $id{$_}) } @$whats;

        crm_clear_log();
        for my $what (@$whats) {
            manners();
            rude({ %$rule, on => $on });
            my $r = $Call{$what}->($id{$what});
            rude();
            is(is_closed($r, $what), 'closed', "$on, $case: $what is closed");
            # where Redis has not heard of it
            is(state_of($what, $id{$what}), $was{$what}, "$on, $case: $what has changed nothing")
                if $rule->{reply} && !$rule->{after};
        }
        manners();
        wait_for { calm() } "the aborts of $on, $case" if $on ne 'lock';

        for my $what (@$whats) {
            my $stands = $what =~ /\block/ && manual($id{$what}) =~ /"confirmed":true/;
            my $gone = $what eq 'unlock' && !manual($id{$what});
            my $r = $Call{$what}->($id{$what});

            # a call that was done, and whose answer was lost
            is($r->{status}, $stands ? 403 : $gone ? 400 : $Good{$what}, "$on, $case: $what is repeated");
            like(manual($id{$what}), qr/"confirmed":true/, "$on, $case: $what: it stands") if $what =~ /\block/;
            is(manual($id{$what}), '', "$on, $case: $what: it is gone") if $what =~ /unlock/;
        }
        is(scalar crm_writes(), scalar(grep { /moves/ } @$whats), "$on, $case: the backend has seen transitions alone");
    }

    ok(same_worker(), "$on: the process lives");
}

our %Rude = (%Lies, map { $_ => $Noise{$_} } grep { !/a reply too many/ } keys %Noise);

# Of the errors, and of what is no list of words, one is as the next.
our %Few = %Rude;
delete @Few{grep { !/-(?:OOM|BUSY)$/ } keys %Errors};
delete @Few{'512 MB announced', 'a list of billions', 'a count too large', 'a negative count', 'an empty string', 'lists too deep',
             'half a reply', 'lists of millions', 'no length'};

# A client that goes away when $then holds.
sub leaves {
    my ($method, $path, $body, $then) = @_;

    my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $ENV{TEST_NGINX_PORT}) or die "connect: $!\n";

    $s->autoflush(1);
    print $s "$method $path HTTP/1.1\r\nHost: x\r\nX-CRM-User: rep\r\nContent-Type: application/json\r\n"
             . 'Content-Length: ' . length($body) . "\r\n\r\n$body";
    wait_for { $then->() } "the moment to leave $path";
    close $s;
}

sub are_gone { my ($n) = @_; wait_for { (() = log_of('access') =~ / (?:499|000) /g) >= $n } 'nginx to notice' }

# How often a lock was looked at between two polls of the rules: PTTL is its own.
sub looks {
    my $stat = sub { redis(INFO => 'commandstats') =~ /cmdstat_$_[0]:calls=(\d+)/ ? $1 : 0 };
    my ($scripts, $looks) = ($stat->('evalsha'), $stat->('pttl'));

    wait_for { $stat->('evalsha') >= $scripts + 1 } 'a poll';

    return $stat->('pttl') - $looks;
}

no_long_string();
run_tests();

__DATA__

=== TEST 1: the scripts lock, unlock and holds
--- crm_rules eval: $::Rules
--- http_config eval: main::rude_http()
--- config eval: main::conf('crm_lock_wait 30ms;')
--- init
begin_all();
closed_by('lock', ['lock', 'api lock'], %Few);
closed_by('lock', ['lock', 'api lock'], 'another epoch' => "*2\r\n\$5\r\nepoch\r\n\$1\r\nx\r\n",
    'wait without an end' => "*1\r\n\$4\r\nwait\r\n", 'ok and more' => "*2\r\n\$2\r\nok\r\n:1\r\n");
my $id = ready('lock');
rude({ on => 'lock', reply => "*2\r\n\$4\r\nwait\r\n:-9223372036854775808\r\n" });
is($Call{$_}->($id)->{status}, 409, "$_ is told to wait for ever, and waits for crm_lock_wait") for 'lock', 'api lock';
rude({ on => 'lock', reply => "*1\r\n\$4\r\ngone\r\n" });
is($Call{$_}->($id)->{status}, 409, "$_: a lock that is gone is not told as one") for 'lock', 'api lock';
rude();
is(manual($id), '', 'nothing stands of all that');
closed_by('unlock', ['unlock'], map { $_ => $Few{$_} } grep { !ref $Few{$_} } keys %Few);
closed_by('unlock', ['api unlock'], map { $_ => $Few{$_} } grep { ref $Few{$_} } keys %Few);
closed_by('holds', ['api why'], %Few,
    'fields that are none' => "*8\r\n\$2\r\nok\r\n:1\r\n\$0\r\n\r\n:-2\r\n:1\r\n:0\r\n:0\r\n:0\r\n",
    'counts that overflow' => "*8\r\n\$2\r\nok\r\n:1\r\n\$0\r\n\r\n:-2\r\n:9223372036854775807\r\n"
        . ":9223372036854775807\r\n:9223372036854775807\r\n:0\r\n",
    'a busy that is a list' => "*8\r\n\$2\r\nok\r\n:1\r\n*0\r\n:-2\r\n:0\r\n:0\r\n:0\r\n:0\r\n");
--- request
GET /crm_status
--- error_code: 200



=== TEST 2: what is known of the record, begin, prepare and commit
--- crm_rules eval: $::Rules
--- http_config eval: main::rude_http()
--- config eval: main::conf('')
--- init
begin_all();
my %some = map { $_ => $Rude{$_} } qw(-OOM nil silence), 'a status', 'numbers that lie', 'the end', 'no RESP';
closed_by('begin', ['moves', 'api moves'], %some);
closed_by('begin', ['saves', 'api saves'], map { $_ => $some{$_} } '-OOM', 'nil', 'the end');
closed_by('prepare', ['moves', 'api moves'], map { $_ => $some{$_} } '-OOM', 'nil', 'silence', 'the end');
closed_by('begin', ['api scores'], %some, 'points that are none' => "*4\r\n\$2\r\nok\r\n:1\r\n\$9\r\ntouch+Fit\r\n\$1\r\nx\r\n");
delete $some{'numbers that lie'};
closed_by('HGETALL', ['api lock'], %some);
wait_for { calm() } 'the aborts';

# an event whose commit is lost is counted in the end, once, however often it is repeated
for my $case ('-OOM', 'silence', 'the end') {
    manners();
    my $id = ready('api scores');
    rude({ ref $Rude{$case} ? %{ $Rude{$case} } : (reply => $Rude{$case}), on => 'commit', times => 1 });
    $Call{'api scores'}->($id);
    rude();
    manners();
    wait_for { calm() } "the commit, $case";
    is($Call{'api scores'}->($id)->{status}, 200, "commit, $case: the event is repeated");
    is(redis(HGET => record("Deals/$id"), 'touch+Fit'), 3, "commit, $case: counted once");
}

# a commit is pending, and done in the end, once
for my $case ('-OOM', 'silence', 'the end') {
    for my $what ('moves', 'api moves', 'saves', 'api saves') {
        manners();
        my $jobs = redis(LLEN => 'crm:{acme}:queue:webhooks');
        my $rule = ref $Rude{$case} ? $Rude{$case} : { reply => $Rude{$case} };

        rude({ %$rule, on => 'commit' });
        # one whose begin was late on a busy machine is not what this is about
        my ($id, $r);
        wait_for { $id = ready($what); ($r = $Call{$what}->($id))->{status} != 503 } 'one that begins';
        rude();
        is($r->{status} . ' ' . ($r->{headers}{'crm-event-state'} || ''), '200 pending', "commit, $case: $what is pending");
        wait_for { calm() } "the commit of $case";
        is(redis(LLEN => 'crm:{acme}:queue:webhooks') - $jobs, $what =~ /moves/ ? 1 : 0, "commit, $case: its jobs, once");
        like(state_of($what, $id), $what =~ /moves/ ? qr/"state":"Proposal"/ : qr/"Amount":1/, "commit, $case: $what is done");
    }
}
ok(same_worker(), 'the process lives');
--- request
GET /crm_status
--- error_code: 200



=== TEST 3: the record cannot be read
--- crm_rules eval: $::Rules
--- http_config eval: main::plain_http()
--- config eval: main::conf('')
--- init
begin_all();
my @faults = map { [ $_, fault => $_ ] } qw(reset half truncate silent garbage html gzip other);
for my $f (@faults, [ 'a 500', fault => 'status', status => 500 ], [ 'a 401', fault => 'status', status => 401 ], [ 'slow' ],
    [ 'too large' ])
{
    my ($case, @fault) = @$f;

    for my $what ($case eq 'html' ? sort keys %Call : ('lock', 'api moves', 'api why')) {
        my $id = ready($what);
        my $was = state_of($what, $id);

        crm_seed(module_of($what), $id, '{"Stage":"New","x":"' . 'y' x 5000 . '"}') if $case eq 'too large';
        crm_clear_log();
        crm_fail(@fault, method => 'GET', match => "/$id", times => 1) if @fault;
        crm_delay(ms => 600, method => 'GET', match => "/$id", times => 1) if $case eq 'slow';
        is(is_closed($Call{$what}->($id), $what), 'closed', "$case: $what is closed");
        is(state_of($what, $id) . scalar(crm_writes()), $was . 0, "$case: $what has changed nothing");
    }
}
wait_for { calm() } 'the aborts';
ok(same_worker(), 'the process lives');
--- request
GET /crm_status
--- error_code: 200



=== TEST 4: the client is gone
--- crm_rules eval: $::Rules
--- http_config eval: main::rude_http()
--- config eval: main::conf('crm_lock_wait 60s; crm_lease_wait 60s;')
--- init
begin_all();
my $body = '{"data":[{"Locked_Reason__s":"why"}]}';
my $move = '{"transition":"propose","data":{"Amount":1,"Note":"n"}}';
my ($a, $b) = (ready('lock'), ready('lock'));

# a lock that waits to be confirmed
redis(SET => "crm:{acme}:busy:Deals/$_", 'another', 'PX', 60000) for $a, $b;
leaves(POST => "/crm/v8/Deals/$a/Locking_Information__s", $body, sub { manual($a) });
leaves(POST => "/crm_api/locks/Deals/$b", '{"reason":"why"}', sub { manual($b) });
are_gone(2);
is(looks(), 0, 'nobody looks any more');
redis(DEL => "crm:{acme}:busy:Deals/$_") for $a, $b;
unlike(manual($_), qr/"confirmed":true/, "what nobody waits for is not confirmed") for $a, $b;
is($Call{lock}->($a)->{status}, 201, 'repeated it is, by the vendor');
is($Call{'api lock'}->($b)->{status}, 201, 'and by crm_api');

# while Redis is asked, and while the backend is
for my $on (qw(lock HGETALL)) {
    my $id = ready('lock');
    rude({ on => $on, delay => 0.12 });
    leaves(POST => "/crm/v8/Deals/$id/Locking_Information__s", $body, sub { $on eq 'lock' ? manual($id) : 1 });
    rude();
    manners();
    ok(manual($id) eq '' || $on eq 'lock', "$on: laid or not");
    like($Call{lock}->($id)->{status}, qr/^(201|403)$/, "$on: repeated it is, or was");
    like(manual($id), qr/"confirmed":true/, "$on: it stands");
}
my $c = ready('why');
my $n = () = log_of('access') =~ / (?:499|000) /g;
my $asked = 0;
crm_hold(method => 'GET', match => "/$c", times => 2);
for (['GET', "/crm_api/why/Deals/$c", ''], ['POST', "/crm_api/locks/Deals/$c", '{"reason":"why"}']) {
    $asked++;
    leaves(@$_, sub { $asked == grep { $_->{target} =~ m{/$c$} } crm_log() });
}
are_gone($n + 2);
crm_release();
is(manual($c), '', 'what was not judged is not laid');

# a transition: before the backend was sent it nothing, behind it all of it
my $d = ready('moves');
crm_hold(method => 'GET', match => "/$d", times => 1);
leaves(PUT => "/crm_api/blueprint/Leads/$d", $move, sub { grep { $_->{target} =~ m{/$d\b} } crm_log() });
wait_for { calm() } 'the abort';
crm_release();
like(state_of('moves', $d), qr/"state":"New"/, 'not sent: it is where it was');
like(crm_record('Leads', $d), qr/"New"/, 'the record too');

my $e = ready('moves');
crm_delay(ms => 250, method => 'PUT', match => "/$e", times => 1);
leaves(PUT => "/crm_api/blueprint/Leads/$e", $move, sub { grep { $_->{method} eq 'PUT' && $_->{target} =~ m{/$e\b} } crm_log() });
wait_for { calm() } 'the commit';
like(crm_record('Leads', $e), qr/"Proposal"/, 'sent: the record is written');
like(state_of('moves', $e), qr/"state":"Proposal"/, 'and has moved');

for my $on (qw(begin prepare commit)) {
    my $id = ready('moves');
    crm_clear_log();
    rude({ on => $on, delay => 0.12 });
    leaves(PUT => "/crm/v8/Leads/$id/actions/blueprint",
        '{"blueprint":[{"transition_id":"propose","data":{"Amount":1,"Note":"n"}}]}',
        sub { redis(EXISTS => "crm:{acme}:busy:Leads/$id") || state_of('moves', $id) =~ /Proposal"/ });
    rude();
    wait_for { calm() } "the end of $on";
    is(crm_record('Leads', $id) =~ /"Proposal"/ ? 1 : 0, state_of('moves', $id) =~ /"state":"Proposal"/ ? 1 : 0,
        "$on: all of it, or nothing");
}
wait_for { calm() } 'calm';
ok(same_worker(), 'the process lives');
unlike(log_of('error'), qr/\[(alert|crit|emerg)\]/, 'the error log has nothing to say');
--- request
GET /crm_status
--- error_code: 200



=== TEST 5: a call is never a write of the backend's
--- crm_rules eval: $::Rules
--- http_config eval: main::plain_http()
--- config eval
'set $off off; set $shadow shadow;' . main::conf('') . CORE::join '', map { main::guarded($_) } qw(off shadow)
--- init
crm_seed($_, 1, '{"Age":1}') for qw(Tasks Contacts Deals Leads);
my %want = (on => 400, shadow => 400, off => 404);
for my $mode (qw(on shadow off)) {
    for my $module (qw(Tasks Contacts), $mode eq 'on' ? () : 'Deals') {
        for (['POST', 'locks', '{"reason":"x"}'], ['DELETE', 'locks'], ['PUT', 'blueprint', '{"transition":"propose","data":{}}'],
             ['POST', 'locks', '{"data":[{"Age":-1}],"apply_feature_execution":[{"name":"criteria_validation_rule"}],"reason":"x"}'])
        {
            my ($method, $topic, $body) = @$_;
            my $api = $mode eq 'on' ? 'crm_api' : "api_$mode";
            my $r = call($method, "/$api/$topic/$module/1", $body);
            my ($type) = $r->{headers}{'content-type'} || '';

            is($r->{status}, $mode eq 'on' && $topic eq 'blueprint' ? 409 : $want{$mode}, "$mode: $method $topic of $module") or diag($r->{body});
            is($type, 'application/problem+json', "$mode: $method $topic of $module: in our words") if $mode ne 'off';
        }
    }
}
is(scalar crm_writes(), 0, 'the backend has seen none of it');

# the vendor's paths are the backend's where no record_locking, no blueprint is
for my $module (qw(Tasks Contacts)) {
    for (['GET', 'Locking_Information__s'], ['POST', 'Locking_Information__s', '{"data":[{"Locked_Reason__s":"x"}]}'],
         ['DELETE', 'Locking_Information__s/L1'], ['GET', 'actions/blueprint'],
         ['PUT', 'actions/blueprint', '{"blueprint":[{"transition_id":"propose","data":{"Age":-1}}]}'])
    {
        my ($method, $path, $body) = @$_;

        crm_clear_log();
        my $r = call($method, "/crm/v8/$module/1/$path", $body);
        is(join(' ', map { "$_->{method} $_->{target}" } crm_log()), "$method /crm/v8/$module/1/$path",
            "$method $path of $module goes to the backend as it is") or diag("$r->{status} $r->{body}");
        is((crm_log())[-1]{body}, $body, 'to the byte') if defined $body;
    }
}
--- request
GET /crm_status
--- error_code: 200



=== TEST 6: nor where the organisation has no rules at all
--- http_config eval: main::plain_http()
--- config eval: main::conf('')
--- init
crm_seed('Deals', 1, '{"Age":1}');
for (['POST', 'locks', '{"reason":"x"}'], ['DELETE', 'locks'], ['PUT', 'blueprint', '{"transition":"propose"}'], ['GET', 'why'],
     ['GET', 'locks'])
{
    my ($method, $topic, $body) = @$_;
    my $r = call($method, "/crm_api/$topic/Deals/1", $body);

    like("$r->{status} $r->{body}", qr/^400 .*no rules/, "$method $topic");
}
--- request
GET /crm_status
--- error_code: 200
--- backend_requests: 0



=== TEST 7: bodies that are none
--- crm_rules eval: $::Rules
--- http_config eval: main::plain_http()
--- config eval: main::conf('')
--- init
begin_all();
my ($deal, $lead) = (ready('lock'), ready('moves'));
my ($vendor, $ours) = ("Deals/$deal/Locking_Information__s", "locks/Deals/$deal");
my ($long, $deep) = ('x' x 3001, '[' x 2000 . ']' x 2000);
my @any = ('', 'nonsense', '{', '[]', '[{"reason":"x"}]', '"x"', 'null', '7', '{}', '{"reason":"x"} {}', "\xff\xfe{}",
    "{\"reason\":\"\xff\"}", '{"reason":"\\ud800"}', '{"reason":"x","reason":"x"}', '{"\\u0072eason":"x","reason":"x"}', $deep,
    "{\"reason\":$deep}", '{"reason":["x"]}', '{"reason":{"a":"b"}}', '{"reason":null}', '{"reason":""}', '{"reason":"\\u0020\\t"}',
    "{\"reason\":\"$long\"}", '{"reason":true}', '{"transition":"propose"}');
my @lists = ('{"data":{}}', '{"data":[]}', '{"data":[7]}', '{"data":[[]]}', '{"data":[{"Locked_Reason__s":"x"},{}]}', '{"data":null}',
    '{"data":[{"Locked_Reason__s":"x","Locked_Reason__s":"y"}]}', "{\"data\":[{\"Locked_Reason__s\":\"$long\"}]}",
    '{"data":[{"Locked_Reason__s":"x"}],"data":[]}');
my @moves = ('{"transition":""}', '{"transition":null}', '{"transition":7}', '{"transition":["propose"]}', '{"transition":"nowhere"}',
    '{"transition":"propose","data":[]}', '{"transition":"propose","data":"x"}', '{"transition":"propose","data":7}',
    '{"transition":"propose","data":{"Other":1}}', '{"transition":"propose","data":{"Amount":1,"Stage":"Elsewhere"}}',
    '{"transition":"propose","data":{"Amount":1,"id":"77"}}', '{"transition":"propose","data":{"Amount":1,"Amount":2}}',
    '{"transition":"propose","data":{}}', "{\"transition\":\"propose\",\"data\":{\"Amount\":$deep}}",
    '{"transition":"propose","transition":"propose"}');
my @wrapped = map { "{\"blueprint\":$_}" } '[]', '{}', 'null', '[7]', '[[]]', map { "[$_]" }
    map { s/"transition"/"transition_id"/gr } @moves;
my $was = state_of('lock', $deal) . state_of('moves', $lead);

sub refused {
    my ($method, $path, $bodies, $code) = @_;
    my @wrong;

    $code = { map { $_ => 1 } split / /, $code };
    for my $body (@$bodies) {
        my $r = call($method, $path, $body);

        push @wrong, "$r->{status} $r->{body} for " . substr $body, 0, 70
            if !$code->{ $r->{status} } || !eval { ref json_decode($r->{body}) eq 'HASH' };
    }
    is(join("\n", @wrong), '', "$method $path: each is " . join ' or ', sort keys %$code);
}
refused(POST => "/crm_api/$ours", \@any, 400);
refused(POST => "/crm/v8/$vendor", [@any, @lists], 400);
refused(PUT => "/crm_api/blueprint/Leads/$lead", [(grep { !/"(|nowhere)"|:7\}/ } @moves), grep { !/"transition"/ } @any], 400);
refused(PUT => "/crm_api/blueprint/Leads/$lead", ['{"transition":""}', '{"transition":7}', '{"transition":"nowhere"}'], 409);
refused(PUT => "/crm/v8/Leads/$lead/actions/blueprint", [@wrapped, @any], 400);
my $huge = '{"reason":"' . 'x' x 70000 . '"}';
refused($_->[0], $_->[1], [$huge], 413) for ['POST', "/crm_api/$ours"], ['POST', "/crm/v8/$vendor"],
    ['PUT', "/crm_api/blueprint/Leads/$lead"], ['PUT', "/crm/v8/Leads/$lead/actions/blueprint"];
my $chunked = http(POST => "/crm_api/$ours", body => $huge, headers => [@Rep, 'Transfer-Encoding', 'chunked']);
is($chunked->{status}, 413, 'nor in chunks');
is(state_of('lock', $deal) . state_of('moves', $lead), $was, 'nothing has changed');
is(scalar(grep { $_->{target} !~ m{Leads/1$} } crm_writes()), 0, 'nothing was written');
is(call(POST => "/crm_api/$ours", '{"reason":"' . "\xc3\xa4" x 3000 . '","more":1}')->{status}, 201, '3000 characters are none too many');
wait_for { calm() } 'the aborts';
ok(same_worker(), 'the process lives');
--- request
GET /crm_status
--- error_code: 200



=== TEST 8: behind a rewrite a transition is the update of its record, too
--- crm_rules eval: $::Rules
--- crm_seed
Leads/1 {"Stage":"New"}
--- http_config
crm_redis unix:$TEST_NGINX_REDIS_SOCK;
crm_org acme;
--- config
location /api/ {
    crm_automation on;
    crm_dialect zoho;
    crm_user $http_x_crm_user trusted=127.0.0.1;
    crm_record_location /_crm_record;
    rewrite ^/api/(.*) /crm/$1 break;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT;
}
location /_crm_record/api/ {
    internal;
    proxy_pass http://127.0.0.1:$TEST_NGINX_CRM_PORT/crm/;
}
--- check
my $id = json_decode(call(POST => '/api/v8/Leads', '{"data":[{"Stage":"New"}]}')->{body})->{data}[0]{details}{id};
my $r = call(PUT => "/api/v8/Leads/$id/actions/blueprint",
             '{"blueprint":[{"transition_id":"propose","data":{"Amount":1,"Note":"why"}}]}');
is($r->{status}, 200, 'it is made');
is(join(' ', map { "$_->{method} $_->{target} $_->{body}" } (crm_writes())[1]),
   "PUT /crm/v8/Leads/$id " . '{"data":[{"Amount":1,"Note":"why","Stage":"Proposal"}]}', 'by the update');
--- request
GET /api/v8/Leads/1
--- error_code: 200
