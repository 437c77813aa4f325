-- Who runs now: the turns of classes and endpoints, and the leases.

-- The next job of this call whose endpoint has room.
local function pop_fresh(of)
    for _ = 1, #of.ring do
        local endpoint = of.ring[of.at]
        local list = of.lists[endpoint]
        list.e = list.e or endpoint ~= '' and look(endpoint)
        local job = (not list.e or may_go(list.e)) and list[list.at]
        if job then
            list.at = list.at + 1
        end
        if list.at <= #list then
            of.at = of.at % #of.ring + 1
        else
            table.remove(of.ring, of.at)
            of.at = of.at > #of.ring and 1 or of.at
        end
        if job then
            return job
        end
    end
end


local leases, n_leases, n_reply = {}, 0, #reply

local function lease(endpoint, id, what, sequence, body)
    leases[n_leases + 1], leases[n_leases + 2] = deadline, id
    n_leases = n_leases + 2
    local e = seen[endpoint]
    if e then
        e.at_work, e.given = e.at_work + 1, e.given + 1
    elseif endpoint ~= '' then
        redis.call('HINCRBY', inflight_key, endpoint, 1)
    end
    local n = n_reply
    reply[n + 1], reply[n + 2] = id, what
    reply[n + 3], reply[n + 4] = sequence, body
    n_reply = n + 4
    return true
end

-- Jobs that have waited, and those that are not to run, need these.
local stored_functions

local function stored()
    if not stored_functions then
        -- include lib/stored.lua
        stored_functions = {pop_ring = pop_ring, give_out = give_out,
            is_disabled = is_disabled, cancel = cancel}
    end
    return stored_functions
end

-- A job of this call, or the id of one that is ready.
local function pop(class)
    if fresh[class] then
        return pop_fresh(fresh[class])
    elseif backlog[class] == 0 then
        return nil
    elseif has_ring(class) then
        return stored().pop_ring(class)
    end
    return redis.call('LPOP', lists().key(class, ''))
end

local function job_of(class)
    local job = room[class] > 0 and pop(class)
    if job then
        room[class] = room[class] - 1
        return job
    end
    room[class] = nil
end

-- What is written of all jobs at once: bodies and facts of those that are kept
-- as little as can be (lib/job.lua).
local bodies, facts, n_bare = {}, {}, 0

local function give_out_fresh(job)
    local to = job.to
    if troubled and stored().is_disabled(to.webhook) then
        stored().cancel(to.webhook, job.text, {id = job.id, class = to.class,
            foreign = job.foreign and '1',
            sequence = string.format('%d', job.sequence)})
        return false
    end
    if to.facts then
        bodies[n_bare + 1], bodies[n_bare + 2] = job.key, job.text
        facts[n_bare + 1] = job.id
        facts[n_bare + 2] = to.facts .. sequence_text(job.sequence)
        n_bare = n_bare + 2
    else
        lists().store(job, 'leased', '1')
    end
    return lease(to.endpoint, job.id, to.class .. (job.foreign and ' 1 0 1 1'
        or ' 1 0 1 0'), job.sequence, job.text)
end

-- What the jobs given out have in common is written once.
local function note_given()
    if n_leases == 0 then
        return
    end
    if n_bare > 0 then
        redis.call('MSET', unpack(bodies))
        redis.call('HSET', fresh_key, unpack(facts))
    end
    leases_are_many(n_leases / 2, deadline)
    redis.call('ZADD', lease_key, unpack(leases))
    for endpoint, e in pairs(seen) do
        if e.given > 0 then
            redis.call('HINCRBY', inflight_key, endpoint,
                string.format('%d', e.given))
        end
        if e.given > 0 and e.full_at then
            redis.call('ZADD', rate_key, e.full_at, endpoint)
        end
    end
end

-- Jobs that next() names one after the other, with the turn behind it.
local function give_out_all(turn, next)
    local given, passed = 0, 0

    while given < max_jobs do
        local job, following = next(turn)
        if not job then
            break
        end
        local give_out = type(job) == 'table' and give_out_fresh
            or stored().give_out
        if give_out(job) then
            given, turn = given + 1, following
        else
            passed = passed + 1
            if passed >= max_passed then
                wait_for(0)     -- there is more, for another call
                break
            end
        end
    end

    note_given()
    return given, turn
end
