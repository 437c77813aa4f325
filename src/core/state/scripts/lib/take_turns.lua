-- One who is asked may be away, or have had enough: load is the hash of what
-- each has got, whose fields begin with module.
local function may_get(base, pool, user, had)
    if pool.online and redis.call('HGET', base .. 'presence', user) == '0' then
        return false
    end
    if pool.limit and not had[user] then
        had[user] = tonumber(redis.call('HGET', pool.load,
            pool.module .. '/' .. user) or 0)
    end
    return not pool.limit or had[user] < pool.limit
end

-- The turn, and who it comes to: the next at or behind it who may get it; below
-- 0 nobody may, and the turn stays.
local function take_turn(base, pool, had)
    local turn = next_turn(base, pool.of)
    if #pool.users == 0 then
        return turn, turn % pool.members, ''
    end
    for i = 0, pool.members - 1 do
        local member = (turn + i) % pool.members
        local user = pool.users[member + 1]
        if may_get(base, pool, user, had) then
            if pool.limit then
                had[user] = redis.call('HINCRBY', pool.load,
                    pool.module .. '/' .. user, 1)
                redis.call('EXPIRE', pool.load, 2 * 86400)
            end
            return turn, member, user
        end
    end
    return_turn(base, pool.of, turn)
    return turn, -1, ''
end

-- All that ARGV asks for from at on, see begin; what is taken is kept with the
-- intent, so that a begin that comes twice takes once.
local function take_turns(base, intent, day, at)
    local kept = redis.call('HGET', intent, 'turns')
    local taken = kept and cjson.decode(kept) or {}
    for _ = 1, kept and 0 or tonumber(ARGV[at]) do
        local pool = {
            of = ARGV[at + 1], members = tonumber(ARGV[at + 2]),
            limit = tonumber(ARGV[at + 4]), online = ARGV[at + 5] == '1',
            module = ARGV[at + 6], load = base .. 'load:' .. day, users = {},
        }
        local takes, n_users = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 7])
        for i = 1, n_users do
            pool.users[i] = ARGV[at + 7 + i]
        end
        at = at + 7 + n_users
        local had = {}
        for _ = 1, takes do
            local turn, member, user = take_turn(base, pool, had)
            taken[#taken + 1] = {pool.of, turn, member, pool.limit and
                pool.load or '', pool.module .. '/' .. user}
        end
    end
    if not kept then
        redis.call('HSET', intent, 'turns', cjson.encode(taken))
    end
    local members = {}
    for i, one in ipairs(taken) do
        members[i] = one[3]
    end
    return members
end
