#!lua flags=allow-oom
-- The backend has accepted the write, or what was decided here needs none: its
-- jobs in, its intent and leases out.
--
-- KEYS  intents, intent, settled, undetermined, own, trace, then per record:
--       busy, record, then, if jobs wait: delayed, then the entrances that jobs
--       go to
-- ARGV  event, fence of recovery's claim, 'alone' if this is all there is to it
--       and no backend has done it, or '', n traces, per trace: doc,
--       n jobs, per job: entrance (counted from the last key, 0), id, JSON,
--       n records, per record:
--       created 0|1, n changes, per change: op (set, del, drop, add, keep,
--       enter, fill, rank, turn), field (of keep: seconds; of rank: the last
--       part of a sorted set's key; of turn: which of those that begin took is
--       used, from 0), value (of keep: the snapshot; of rank: score
--       or ''); then per job that waits: class, id, JSON, due ms, url of its
--       receiver or ''; of a timer instead of the url move or keep, and due -1
--       if there is nothing to wait for any more
--
-- {ok, pushed}
-- {done}          was committed before: nothing was done
-- {late, pushed}  the intent or a lease was gone, or recovery had given the
--                 event up: jobs pushed, of a record's state no more written
--                 than what it enters (enter, fill, rank) and has not got, the
--                 mark that prepare left stays, snapshots go
-- {stale}         the claim was not the caller's any more: nothing was done
-- {lapsed}        alone, and would be late: nothing was done, nor will be

-- A script makes its functions anew each time it runs: what a create without
-- marks has no use for is made where it is used.

-- include lib/many.lua
-- include lib/time.lua

local event, fence, n_traces = ARGV[1], ARGV[2], tonumber(ARGV[3])
local seven_days_s = '604800'

-- While there is an intent, nothing has been settled.
local intent = redis.call('HMGET', KEYS[2], 'state', 'creates', 'turns')
local state = intent[1]
if not state and redis.call('GET', KEYS[3]) == 'committed' then
    return {'done'}
end

local alone = fence == 'alone'
if fence ~= '' and not alone then
    -- include lib/claim.lua
    if not claimed(KEYS[2], fence) then
        return {'stale'}
    end
end

local at = 5 + n_traces
local n_jobs = tonumber(ARGV[4 + n_traces])
local n_records_at = at + 3 * n_jobs
local n_records = tonumber(ARGV[n_records_at])

local function each_record(visit)
    local pos = n_records_at + 1
    for i = 1, n_records do
        local n_changes = tonumber(ARGV[pos + 1])
        visit(KEYS[5 + 2 * i], KEYS[6 + 2 * i], ARGV[pos] == '1', pos + 2,
            n_changes)
        pos = pos + 2 + 3 * n_changes
    end
    return pos
end

local late = not state

local leases, changed = {}, false
local waiting_at = each_record(function(busy, record, created, pos, n_changes)
    if not created then
        leases[#leases + 1] = busy
    end
    changed = changed or n_changes > 0
end)

local function lease(i)
    return leases[i]
end

many('MGET', #leases, lease, function(holder)
    late = late or holder ~= event
end)

-- Somebody else may have decided meanwhile, and nothing has happened yet.
if alone and late then
    for _, busy in ipairs(leases) do
        if redis.call('GET', busy) == event then
            redis.call('DEL', busy)
        end
    end
    redis.call('DEL', KEYS[2])
    redis.call('ZREM', KEYS[1], event)
    redis.call('SET', KEYS[3], 'aborted', 'EX', seven_days_s)
    return {'lapsed'}
end

-- A job is ours from the moment it can be seen: take asks `own`.
for i = 1, n_jobs do
    redis.call('SADD', KEYS[5], ARGV[at + 1])
    redis.call('RPUSH', KEYS[#KEYS - ARGV[at]], ARGV[at + 2])
    at = at + 3
end

if waiting_at <= #ARGV then
    local delayed = KEYS[7 + 2 * n_records]
    -- include lib/endpoint.lua
    -- include lib/later.lua

    for i = waiting_at, #ARGV, 5 do
        local class, id, body = ARGV[i], ARGV[i + 1], ARGV[i + 2]
        local due = ARGV[i + 3]
        local job = string.sub(KEYS[1], 1, -1 - #'intents') .. 'job:' .. id
        local state = redis.call('HGET', job, 'state')
        if state and ARGV[i + 4] == 'move' then
            move(job, id, state, body, due)
        elseif not state and due ~= '-1' then
            wait(job, id, class, body, due, ARGV[i + 4])
        end
    end
end

local used = {}
if changed or #leases > 0 then
    -- include lib/snapshot.lua
    -- include lib/marks.lua

    each_record(function(busy, record, created, pos, n_changes)
        local exact = false
        for i = 1, n_changes do
            local op, field, value = ARGV[pos], ARGV[pos + 1], ARGV[pos + 2]
            exact = exact or field == 'lock' and (op == 'set' or op == 'del')
            if field == 'lock' and not late then
                note(record, op, value)
            end
            if op == 'rank' and not (late and value == '') then
                rank(record, field, value)
            elseif op == 'turn' then
                used[tonumber(field)] = true
            elseif op == 'fill' or op == 'enter' and late then
                redis.call('HSETNX', record, field, value)
            elseif late then
                op = 'none'         -- another may have written meanwhile
            elseif op == 'set' or op == 'enter' then
                redis.call('HSET', record, field, value)
            elseif op == 'del' then
                redis.call('HDEL', record, field)
            elseif op == 'add' then
                add(record, field, value)
            elseif op == 'keep' then
                redis.call('SET', snapshot_of(KEYS[1], record), value, 'EX',
                    field)
            else
                redis.call('DEL', record)
            end
            pos = pos + 3
        end
        if not created then
            if not late then
                forget_maybe(record, exact)
                return
            end
            redis.call('DEL', snapshot_of(KEYS[1], record))
            if redis.call('GET', busy) == event then
                redis.call('DEL', busy)
            end
        end
    end)
end
if not late then
    many('DEL', #leases, lease)
end

for i = 1, n_traces do
    redis.call('XADD', KEYS[6], 'MAXLEN', '~', '10000', '*', 'doc', ARGV[3 + i])
end

if intent[3] then
    -- include lib/turns.lua
    return_turns(string.sub(KEYS[1], 1, -1 - #'intents'), intent[3], used)
end

redis.call('DEL', KEYS[2])
redis.call('ZREM', KEYS[1], event)
if intent[2] then
    -- include lib/creates.lua
    forget_creates(KEYS[1], intent[2], event)
end
if state == 'undetermined' then
    redis.call('ZREM', KEYS[4], event)
end
redis.call('SET', KEYS[3], 'committed', 'EX', seven_days_s)
return {late and 'late' or 'ok', n_jobs + (#ARGV + 1 - waiting_at) / 5}
