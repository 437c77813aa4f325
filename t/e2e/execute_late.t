# A function that is run by URL and does not end in time, or whose caller has
# left; and one that a blueprint's transition starts. It would fail by a caller
# who waits for ever, by a run that nobody ends, that is done twice or not at
# all because nobody listens, or by a transition whose function never ran.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use IO::Socket::INET;
use Test::More;
use Test::CRM;
use Test::CRM::Chain;
use Test::CRM::Jobs qw(key dead);

plan skip_all => 'a function is /proc/self/exe, which is memcheck here' if $ENV{CRM_TEST_VALGRIND};

redis_start();
crm_start();
receiver_start();

crm_rules(<<'EOR');
>>> rules.yaml
kind: profile
name: Standard
---
kind: user
id: "1002"
name: Sam Sales
profile: Standard
---
kind: function
name: counts
file: counts.dg
arguments: [ { name: id, type: text } ]
---
kind: function
name: asks
file: asks.dg
arguments: [ { name: id, type: text }, { name: base, type: text } ]
---
kind: function
name: follows
file: follows.dg
arguments: [ { name: id, type: text }, { name: from, type: text } ]
---
kind: blueprint
name: Sale
module: Orders
field: Status
transitions:
  - id: send
    name: Send
    from: [Draft]
    to: Sent
    after: [ { type: functions, name: follows, arguments: { id: "${!Orders.id}", from: "${!Orders.Memo}" } } ]
>>> counts.dg
deal = zoho.crm.getRecordById("Deals", id);
zoho.crm.updateRecord("Deals", id, {"Count": deal.get("Count") + 1});
return "counted";
>>> asks.dg
invokeurl [ url: base + "/asked" type: POST ];
deal = zoho.crm.getRecordById("Deals", id);
zoho.crm.updateRecord("Deals", id, {"Count": deal.get("Count") + 1});
return "asked";
>>> follows.dg
zoho.crm.createRecord("Tasks", {"Subject": "send " + id + " " + from});
EOR

my $key = chain_key_file();

nginx_start(server => crm_server_config("crm_chain_key_file $key;")
                      . 'location /crm_api/ { crm_api write=on guarded=/crm/v8 auth=none; }');

my @worker = ('--backend', guarded_url(), '--chain-key-file', $key);

sub queued { return redis('LLEN', key('queue:functions')) }
sub count { return json_decode(crm_record('Deals', $_[0]))->{Count} }
sub ended { return map { json_decode($_->[1][1]) } @{ redis('XRANGE', key('runs'), '-', '+') } }

sub drain {
    wait_for {
        my $r = worker_once(@worker);

        die "crm-worker: exit $r->{rc}\n$r->{err}" if $r->{rc};
        queued() + redis('ZCARD', key('delayed')) + redis('ZCARD', key('lease')) == 0;
    } 'the functions have their end', 30;
}

# A call whose answer nobody has waited for yet.
sub call {
    my ($path, $body) = @_;
    my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => nginx_port()) or die "nginx: $!\n";

    print $s "POST $path HTTP/1.1\r\nHost: x\r\nX-CRM-User: 1002\r\nContent-Type: application/json\r\n"
           . 'Content-Length: ' . length($body) . "\r\nConnection: close\r\n\r\n$body";

    return $s;
}

sub answer {
    my ($s) = @_;

    local $/;
    my ($head, $body) = split /\r\n\r\n/, <$s> // '', 2;
    my ($status) = ($head // '') =~ m{^HTTP/1.1 (\d+)};

    return ($status, json_decode($body || 'null'));
}

crm_seed('Deals', $_, '{"Count":0}') for 1 .. 4;

# --- nobody takes it ------------------------------------------------------------------

{
    my $ours = call('/crm_api/functions/counts/execute', '{"arguments":{"id":"1"}}');
    my $vendors = call('/crm/v8/functions/counts/actions/execute', '{"arguments":{"id":"2"}}');
    my ($status, $body) = answer($ours);

    is($status, 504, 'crm_api: no worker has taken it in 35 s');
    is($body->{code}, 'REQUEST_TIMEOUT', 'it says so');
    my $job = $body->{details}{job};

    ($status, $body) = answer($vendors);
    is("$status $body->{code}", '504 REQUEST_TIMEOUT', "the vendor's path, too");
    is(http(GET => '/crm/v8/Deals/1')->{status}, 200, 'nginx serves');

    drain();
    is(count(1) . count(2), '11', 'a worker that comes late runs each, once');
    is_deeply({ map { $_->{job} => $_->{status} } ended() }, { $job => 'done', $body->{details}{job} => 'done' },
              'and their end is noted, under the jobs that were told');
}

# --- who called has left ----------------------------------------------------------------

redis('DEL', key('runs'));

{
    my $s = call('/crm_api/functions/counts/execute', '{"arguments":{"id":"3"}}');

    wait_for { queued() == 1 } 'the job';
    close $s;
    drain();
    is(count(3), 1, 'before it began: it runs, once');

    hooks_answer(delay_ms => 500, times => 1);

    my $pid = worker_start(@worker);

    $s = call('/crm_api/functions/asks/execute', json_encode({ arguments => { id => '4', base => receiver_url() } }));
    wait_for { hooks() == 1 } 'the function at work';
    close $s;
    wait_for { ended() == 2 } 'its end';
    is(count(4), 1, 'in the middle of it: it goes on to its end');
    is((ended())[1]{status}, 'done', 'which is noted');
    is(worker_stop(), 0, 'the worker is well');
    is(nginx()->error_log =~ /\[(?:alert|crit|emerg)\]/ ? 1 : 0, 0, 'and nginx');
}

# --- a transition ------------------------------------------------------------------------

crm_seed('Orders', 9, '{"Status":"Draft","Memo":"by hand"}');
is(http(PUT => '/crm/v8/Orders/9', body => '{"data":[{"Memo":"by Sam"}]}')->{status}, 200, 'a record enters');
is(http(PUT => '/crm_api/blueprint/Orders/9', headers => [ 'X-CRM-User' => '1002' ],
        body => '{"transition":"send","data":{}}')->{status}, 200, 'and is sent');
is(queued(), 1, 'the transition has its function');
drain();

my @tasks = map { json_decode($_->{body})->{data}[0]{Subject} } grep { $_->{target} =~ m{/Tasks\z} } crm_writes();

is_deeply(\@tasks, ['send 9 by Sam'], 'which runs once, with the values of the record');
is(json_decode(crm_record('Orders', 9))->{Status}, 'Sent', 'and the record is where it was sent');
is(() = dead(), 0, 'nothing is dead');
is(nginx_stop(), undef, 'nginx stops, clean');

done_testing();
