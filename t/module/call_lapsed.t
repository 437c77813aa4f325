# A decision that could not be stored before its record's lease was gone. Nothing
# has happened then, and somebody else may have decided: it is dropped whole.
# Fails when its actions run though its state does not move, when who waits is
# told a success, or when nobody can decide afterwards.

use strict;
use warnings;

use FindBin;
BEGIN { push @INC, "$FindBin::Bin/../lib" }

use IO::Socket::INET;

use Test::More;
use Test::CRM;
use Test::CRM::Jobs qw(key);
use Test::CRM::Rude;

redis_start();
crm_start();
rude_start();

crm_rules(<<'EOT');
kind: profile
name: Standard
---
kind: user
id: "1"
profile: Standard
---
kind: user
id: "2"
profile: Standard
---
kind: webhook
name: hook
module: Deals
url: https://h.example.test/
---
kind: approval_process
name: Large discount
module: Deals
execute_when: create_or_edit
rules:
  - criteria: { field: Discount, comparator: greater_than, value: 20 }
    approvers: [ { type: user, id: "2" } ]
    on_approve: [ { type: webhooks, name: hook } ]
EOT

my ($rude, $plain) = (rude_sock(), redis_sock());
my $conf = crm_http_config("timeout=@{[at_most(500)]}ms volatile") =~ s{\Q$plain\E}{$rude}r;

sub start { nginx_start(http => $conf, server => crm_server_config("crm_commit_wait $_[0];")) }

sub record {
    my $r = http(POST => '/crm/v8/Deals', body => '{"data":[{"Discount":30}]}',
                 headers => [ 'Content-Type' => 'application/json', 'X-CRM-User' => 1 ]);

    return json_decode($r->{body})->{data}[0]{details}{id};
}

sub path    { return "/crm/v8/Deals/$_[0]/actions/approvals" }
sub kept    { return redis(HGET => key("record:Deals/$_[0]"), 'approval') }
sub jobs    { return redis(LLEN => key('queue:webhooks')) }
sub refused { return scalar(() = nginx()->error_log =~ /crm enqueue: commit, event:/g) }
sub intents { return redis(ZCARD => key('intents')) }

sub decides {
    return http(POST => path($_[0]), body => '{"action":"approve"}',
                headers => [ 'Content-Type' => 'application/json', 'X-CRM-User' => 2 ]);
}

# Redis lets the lease run out, and then takes what it is told.
sub lapse {
    my ($id) = @_;

    is(redis(DEL => key("busy:Deals/$id")), 1, 'the lease ends');
    rude();
    wait_for { !intents() } 'the commit to be taken';
}


# --- one who has been told that it is pending

start('100ms');

my $id = record();
my $was = kept($id);

rude({ on => 'commit', reply => "-OOM is what it says\r\n" });

my $r = decides($id);

is($r->{status}, 200, 'a decision that Redis does not take is answered');
is($r->{headers}{'crm-event-state'}, 'pending', 'as pending');
lapse($id);
is(jobs(), 0, 'too late: it has no actions');
is(kept($id), $was, 'nor does the state move');
wait_for { nginx()->error_log =~ /the lease was lost, nothing is done, event:/ } 'the log to say so';

$r = decides($id);
is($r->{status}, 200, 'who decides again is heard');
is($r->{headers}{'crm-event-state'}, undef, 'at once');
is(jobs(), 1, 'and the actions are there, once');
is(redis(ZSCORE => key('approvals'), "Deals/$id"), undef, 'nothing waits any more');


# --- another has decided meanwhile

$id = record();
$was = jobs();
rude({ on => 'commit', reply => "-OOM is what it says\r\n" });
decides($id);
is(redis(SET => key("busy:Deals/$id"), 'another', PX => 60_000), 'OK', 'another has the lease');
rude();
wait_for { !intents() } 'the commit to be taken';
is(jobs(), $was, 'two decisions are not done both');
is(redis(GET => key("busy:Deals/$id")), 'another', 'its lease stays');

is(nginx_stop(), undef, 'nginx ends well');


# --- one who waits

start('20s');
redis(DEL => key("busy:Deals/$id"));
rude({ on => 'commit', reply => "-OOM is what it says\r\n" });

my $before = refused();
my $body = '{"action":"approve"}';
my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => nginx_port()) or die "connect: $!\n";

print $s join "\r\n", 'POST ' . path($id) . ' HTTP/1.1', 'Host: x', 'X-CRM-User: 2', 'Content-Type: application/json',
    'Content-Length: ' . length $body, 'Connection: close', '', $body;
$s->flush;
wait_for { refused() > $before } 'the first commit to be refused';
lapse($id);

my $answer = do { local $/; <$s> };

like($answer, qr/^HTTP\/1\.1 409 .*RECORD_BUSY/s, 'who waits for it is told that nothing was done');
is(jobs(), $was, 'nothing was');
is(decides($id)->{status}, 200, 'repeated, it is done');
is(jobs(), $was + 1, 'once');
is(nginx_stop(), undef, 'nginx ends well');

done_testing();
