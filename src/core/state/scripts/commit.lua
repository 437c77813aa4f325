#!lua flags=allow-oom
-- The backend has accepted the write: its jobs in, its intent and leases out.
--
-- KEYS  intents, intent, settled, own, trace, queue:webhooks, queue:emails,
--       queue:records, queue:functions, then per record: busy, record
-- ARGV  event, trace doc or '', n jobs, per job: queue 1..4, id, JSON,
--       n records, per record: created 0|1, n changes, per change: op (set,
--       del, drop), field, value
--
-- {ok, pushed}
-- {done}          was committed before: nothing was done
-- {late, pushed}  the intent or a lease was gone, or recovery had given the
--                 event up: jobs pushed, no record's state written

local event = ARGV[1]
local seven_days_s = 7 * 86400

if redis.call('GET', KEYS[3]) == 'committed' then
    return {'done'}
end

local at = 4
local n_jobs = tonumber(ARGV[3])
local n_records_at = at + 3 * n_jobs
local n_records = tonumber(ARGV[n_records_at])

local function each_record(visit)
    local pos = n_records_at + 1
    for i = 1, n_records do
        local n_changes = tonumber(ARGV[pos + 1])
        visit(KEYS[8 + 2 * i], KEYS[9 + 2 * i], ARGV[pos] == '1', pos + 2,
            n_changes)
        pos = pos + 2 + 3 * n_changes
    end
end

local late = redis.call('EXISTS', KEYS[2]) == 0

each_record(function(busy, record, created)
    if not created and redis.call('GET', busy) ~= event then
        late = true
    end
end)

-- A job is ours from the moment it can be seen: take asks `own`.
for i = 1, n_jobs do
    redis.call('SADD', KEYS[4], ARGV[at + 1])
    redis.call('RPUSH', KEYS[5 + tonumber(ARGV[at])], ARGV[at + 2])
    at = at + 3
end

each_record(function(busy, record, created, pos, n_changes)
    for i = 1, late and 0 or n_changes do
        local op, field, value = ARGV[pos], ARGV[pos + 1], ARGV[pos + 2]
        if op == 'set' then
            redis.call('HSET', record, field, value)
        elseif op == 'del' then
            redis.call('HDEL', record, field)
        else
            redis.call('DEL', record)
        end
        pos = pos + 3
    end
    if redis.call('GET', busy) == event then
        redis.call('DEL', busy)
    end
end)

if ARGV[2] ~= '' then
    redis.call('XADD', KEYS[5], 'MAXLEN', '~', 10000, '*', 'doc', ARGV[2])
end

redis.call('DEL', KEYS[2])
redis.call('ZREM', KEYS[1], event)
redis.call('SET', KEYS[3], 'committed', 'EX', seven_days_s)
return {late and 'late' or 'ok', n_jobs}
