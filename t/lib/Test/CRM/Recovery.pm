package Test::CRM::Recovery;

# Writes whose outcome nobody has told Redis: how they come about, with the
# scripts themselves or with an nginx that is stopped at a chosen step, and what
# became of them.

use strict;
use warnings;

use Digest::SHA qw(sha256);
use Exporter qw(import);
use IO::Socket::INET;

use Test::CRM;
use Test::CRM::Jobs qw(key);
use Test::CRM::Process;

our @EXPORT = qw(script plant intents intent_state intent_reason due_now
    undetermined leases settled_as job_id backend_url crm_lookup
    crm_freeze crm_thaw unread_from nginx_ready nginx_sees nginx_freeze nginx_kill begin_write
    answer_of event_id);

my $serial = 0;


# --- Redis ----------------------------------------------------------------------

# script('begin', [keys], [args]): runs src/core/state/scripts/begin.lua.

sub script {
    my ($name, $keys, $args) = @_;

    my $dir = top_dir() . '/src/core/state/scripts';
    my $text = slurp("$dir/$name.lua");

    $text =~ s{^ *-- include (\S+)\n}{slurp("$dir/$1")}gme;

    return redis('EVAL', $text, scalar @$keys, @$keys, @$args);
}


# plant(operation => 'update', module => 'Deals', id => ID, request => JSON,
# before => JSON, changes => JSON, rules => JSON, revision => N, at => ms,
# event => ID, max_time => ms, state => 'begun', marks => JSON): an intent as nginx leaves it,
# due after max_time (1 ms). Gives its event id.

sub plant {
    my %o = (operation => 'update', module => 'Deals', max_time => 1,
             dialect => 'zoho',
             request => 'null', before => 'null', changes => '{}',
             rules => '[]', revision => redis('GET', key('revision')) || 1,
             at => int(Time::HiRes::time() * 1000), @_);

    my $event = $o{event} || sprintf '01JREC%020d', ++$serial;
    my @records = $o{operation} eq 'create' ? () : ("$o{module}/$o{id}");
    my $id = @records ? "\"$o{id}\"" : 'null';
    my $doc = defined $o{doc} ? $o{doc}
        : "{\"v\":1,\"event\":\"$event\",\"org\":\"@{[ crm_org() ]}\","
        . "\"at\":$o{at},\"revision\":$o{revision},\"dialect\":\"$o{dialect}\","
        . "\"operation\":\"$o{operation}\",\"module\":\"$o{module}\","
        . "\"record_id\":$id,\"actor\":{\"id\":\"\"},\"workflow\":true,"
        . "\"request\":$o{request},\"changes\":$o{changes},"
        . "\"before\":$o{before},\"rules\":$o{rules}}";

    my $ttl = $o{lease} || 10_000 + $o{max_time};
    my $epoch = redis('GET', key('epoch'));

    my $r = script('begin',
        [ map({ key($_) } 'epoch', 'intents', "intent:$event",
              "settled:$event"),
          map { (key("busy:$_"), key("record:$_")) } @records ],
        [ $event, defined $epoch ? $epoch : '', $ttl, json_encode(\@records),
          @records ? '' : $doc, scalar @records, $o{max_time} ]);

    die "begin: @$r\n" if $r->[0] ne 'ok';

    return $event if ($o{state} || '') eq 'begun' || !@records;

    $r = script('prepare',
        [ map({ key($_) } 'intents', "intent:$event", "settled:$event"),
          map { (key("busy:$_"), key("record:$_")) } @records ],
        [ $event, $doc, $ttl, scalar @records, $o{max_time}, $o{marks} || '' ]);

    die "prepare: @$r\n" if $r->[0] ne 'ok';

    return $event;
}


sub intents       { return @{ redis('ZRANGE', key('intents'), 0, -1) } }
sub undetermined  { return @{ redis('ZRANGE', key('undetermined'), 0, -1) } }
sub leases        { return @{ redis('KEYS', key('busy:*')) } }
sub intent_state  { return redis('HGET', key("intent:$_[0]"), 'state') }
sub intent_reason { return redis('HGET', key("intent:$_[0]"), 'reason') }
sub settled_as    { return redis('GET', key("settled:$_[0]")) || '' }


# Recovery need not wait for the time of this event.
sub due_now { redis('ZADD', key('intents'), 'XX', 1, $_[0]) }


# --- ids ------------------------------------------------------------------------

# The id of the webhook that an action of a write causes.

sub job_id {
    my ($event, $rule, $revision, $condition, $action, $record) = @_;

    my $bits = unpack 'B*', sha256(join "\n", $event, $rule, $revision,
                                   $condition, $action, $record);
    my @letters = ('a' .. 'z', 2 .. 7);

    return join '', map { $letters[ oct "0b$_" ] }
                    substr($bits, 0, 130) =~ /(.{5})/g;
}


# --- the demo CRM ---------------------------------------------------------------

sub backend_url { return 'http://127.0.0.1:' . crm_port() . '/crm/v8' }


# crm_lookup(0): the CRM knows nothing of events.
sub crm_lookup { Test::CRM::admin(crm_port(), 'POST', "/__lookup?event=$_[0]") }


# A frozen one takes connections and says nothing. When crm_thaw(N) returns, it
# has answered what was sent to it meanwhile, N writes in all.

sub crm_freeze { Test::CRM::crm_signal('STOP') }

sub crm_thaw {
    my ($writes) = @_;

    Test::CRM::crm_signal('CONT');

    # one loop: behind the second answer lies what was under way at the first
    wait_for { crm_writes() >= $writes } 'the CRM to do the write'
        if defined $writes;
    crm_log() for 1, 2;
}


# --- nginx ----------------------------------------------------------------------

# Returns when nginx, of one worker process, has acted on all that it was sent
# before: two rounds of its loop are over.

sub nginx_sees {
    for (1, 2) {
        my $r = http(GET => '/crm_status');

        die "nginx does not answer: $r->{status}\n" if $r->{status} != 200;
    }
}


sub nginx_freeze { kill 'STOP', nginx()->worker_pids }


# Returns when each worker process judges by the current rules.

sub nginx_ready {
    my $revision = redis('GET', key('revision'));

    wait_for {
        my $r = http(GET => '/crm_status');
        my %at = $r->{body} ? map { $_->{pid} => $_->{revision} }
                              @{ json_decode($r->{body})->{processes} } : ();
        my @pids = nginx()->worker_pids;

        @pids && !grep { ($at{$_} || 0) != $revision } @pids;
    } 'the rules in nginx', 20;
}


# kill -9 of the worker processes; returns when the master has others, and these
# judge.

sub nginx_kill {
    my @pids = nginx()->worker_pids;

    nginx()->{expect_kill} = 1;
    kill 'KILL', @pids;

    wait_for {
        my %now = map { $_ => 1 } nginx()->worker_pids;
        my $left = grep { $now{$_} } @pids;
        %now && !$left && nginx()->answers;
    } 'other processes of nginx';

    nginx_ready();
}


# Has a server on this port sent anything that its client has not read yet?

sub unread_from {
    my ($port) = @_;

    my $hex = sprintf '%04X', $port;

    return scalar grep { $_ ne '00000000' }
                  slurp('/proc/net/tcp') =~ /^\s*\d+: \w+:\w+ \w+:$hex \w+ \w+:(\w+)/gm;
}


# Sends a write and waits for nothing: the connection.

sub begin_write {
    my ($method, $path, $body) = @_;

    my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                  PeerPort => nginx_port())
        or die "connect: $!\n";

    $body = '' unless defined $body;
    $s->autoflush(1);
    print $s "$method /crm/v8/$path HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        . "Content-Type: application/json\r\n"
        . 'Content-Length: ' . length($body) . "\r\n\r\n$body";

    return $s;
}


# All that comes on it, which may be nothing.

sub answer_of {
    my ($s) = @_;

    my $text = '';

    1 while sysread $s, $text, 65536, length $text;

    return $text;
}


# The event that an answer names.
sub event_id { return $_[0] =~ /^CRM-Event: (\w{26})\r$/mi ? $1 : undef }

1;
