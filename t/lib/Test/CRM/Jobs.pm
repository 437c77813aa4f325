package Test::CRM::Jobs;

# Jobs as commit pushes them, and what became of them, for tests that need no
# nginx. Redis must have been started with Test::CRM.

use strict;
use warnings;

use Exporter qw(import);

use Test::CRM;
use Test::CRM::Process;

our @EXPORT = qw(key push_job push_text job_json commit_json job_hash job_gone
                 jobs_known dead dead_reason lease_over waiting worker_log settled endpoints_well
                 results_come);

my $serial = 0;


# key('dead') is crm:{acme}:dead.
sub key { return 'crm:{' . crm_org() . '}:' . $_[0] }


# The text of a webhook job. Of %o: id, type, org, foreign and those of action.

sub job_json {
    my %o = @_;

    my %job = (v => 1, type => $o{type} || 'webhooks',
               org => $o{org} || crm_org(), event => '01JD0000000000000000000000',
               module => 'Leads', record_id => '4150868000000624033',
               rule => 'hot', revision => 1, record => { Last_Name => 'Lee' },
               before => undef, actor => { id => 'u1' }, late => [],
               attempt => 0, enqueued_at => 1_790_000_000_000,
               chain => { id => 'c', depth => 0, fired => [],
                          cascade => JSON::PP::false,
                          ignore_lock => JSON::PP::false });

    for (qw(id module record_id)) {
        $job{$_} = $o{$_} if defined $o{$_};
    }

    $job{action} = { name => 'hook', method => 'POST', headers => {},
                     body => '{"a":1}', secret => undef,
                     ordered => JSON::PP::false,
                     allow_http => JSON::PP::false };

    for (qw(name url method headers body secret ordered allow_http retry_schedule refused)) {
        $job{action}{$_} = $o{$_} if exists $o{$_};
    }

    delete $job{action}{$_} for @{ $o{without} || [] };

    return json_encode(\%job);
}


# The same, its members in the order in which nginx writes them.

sub commit_json {
    my $job = json_decode(job_json(@_));
    my $object = sub {
        my ($o, @names) = @_;

        return '{' . join(',', map { exists $o->{$_}
            ? '"' . $_ . '":' . json_encode($o->{$_}) : () } @names) . '}';
    };

    my $action = $object->($job->{action}, qw(name url method headers body
                           refused secret ordered allow_http));
    my $text = $object->($job, qw(v id event type org module record_id rule
                         revision action record before actor chain late
                         attempt enqueued_at));
    my $sorted = json_encode($job->{action});
    my $at = index $text, $sorted;

    substr $text, $at, length $sorted, $action;

    return $text;
}


# Pushes a job as commit does, or, with foreign => 1, as somebody else does.
# Returns its id.

sub push_job {
    my %o = @_;

    $o{id} = sprintf 'job%06d', ++$serial unless exists $o{id};
    redis('SADD', key('own'), $o{id}) if defined $o{id} && !$o{foreign};
    redis('RPUSH', key('queue:webhooks'), job_json(%o));

    return $o{id};
}


sub push_text { redis('RPUSH', key('queue:webhooks'), $_[0]) }


# What Redis keeps of a job (of another organisation), all of it read at the same moment. Of a webhook that
# was leased as it was read that is its body and one line.
sub job_hash {
    my ($id, $org) = @_;
    my @keys = map { 'crm:{' . ($org || crm_org()) . "}:$_" } "job:$id", 'fresh';
    my ($type, $first, @kept) = @{ redis('EVAL', <<'EOL', 2, @keys, $id) };
local kind = redis.call('TYPE', KEYS[1]).ok
local reply = {kind, redis.call('HGET', KEYS[2], ARGV[1]) or ''}
local kept = kind == 'hash' and redis.call('HGETALL', KEYS[1])
    or kind == 'string' and {redis.call('GET', KEYS[1])} or {}
for _, text in ipairs(kept) do
    reply[#reply + 1] = text
end
return reply
EOL

    return {@kept} unless $type eq 'string';

    my %job = (body => $kept[0], class => 'webhooks', state => 'leased', fence => 1);

    @job{qw(endpoint webhook since sequence)} = split / /, $first;
    $job{sequence} += 0;

    return \%job;
}


sub jobs_known {
    my %ids = map { $_ => 1 } (map { /job:(.*)/s } @{ redis('KEYS', key('job:*')) }), @{ redis('HKEYS', key('fresh')) };

    return keys %ids;
}


sub job_gone { return !redis('EXISTS', key("job:$_[0]")) && !redis('HEXISTS', key('fresh'), $_[0]) }


# The elements of the dead list, decoded.
sub dead { return map { json_decode($_) } @{ redis('LRANGE', key('dead'), 0, -1) } }


# Why the job of that id is dead, or undef.
sub dead_reason {
    my ($id) = @_;

    for (dead()) {
        return $_->{reason}
            if ref $_->{job} && ($_->{job}{id} || '') eq $id;
    }

    return undef;
}


# The leases of jobs (of all, if none is named) run out now, as they would with
# time: who comes first takes them. Whoever renews meanwhile keeps his.
sub lease_over {
    my @ids = @_ ? @_ : @{ redis('ZRANGE', key('lease'), 0, -1) };

    redis('ZADD', key('lease'), 'XX', 1, $_) for @ids;
}


# Before a worker is killed: a job that was given out five times without a result
# is dead, and rightly. Returns when none is near that.
sub results_come {
    wait_for {
        !grep { (job_hash($_)->{deliveries} || 0) >= 3 } jobs_known();
    } 'results of what was given out again and again', 60;
}


# Jobs that have not ended: at the entrance, pulled, ready, leased or delayed. In
# one script, since they go from one to the other meanwhile.
sub waiting {
    return redis('EVAL', <<'EOT', 1, key('queue:webhooks'));
        local prefix = string.sub(KEYS[1], 1, -1 - #'queue:webhooks')
        local n = redis.call('LLEN', KEYS[1])
        for _, pull in ipairs(redis.call('XRANGE', prefix .. 'pulls', '-', '+')) do
            n = n + redis.call('LLEN', prefix .. 'batch:' .. pull[2][2])
        end
        local ids = {}
        for _, key in ipairs(redis.call('KEYS', prefix .. 'job:*')) do
            ids[string.sub(key, #prefix + 5)] = true
        end
        for _, id in ipairs(redis.call('HKEYS', prefix .. 'fresh')) do
            ids[id] = true
        end
        for _ in pairs(ids) do
            n = n + 1
        end
        return n
EOT
}


# Forgets what is known of endpoints: none is disabled or left alone.
sub endpoints_well {
    my @keys = @{ redis('KEYS', key('health*')) };

    redis('DEL', @keys) if @keys;
}


sub settled    { return waiting() == 0 }
sub worker_log { return slurp(work_dir() . '/worker.log') }

1;
