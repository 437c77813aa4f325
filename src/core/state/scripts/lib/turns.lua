-- Who is next among those who take turns. A turn that was taken for a write
-- that does not happen is given back, and the next taker gets it first.
local turns_kept_s = 7 * 86400

local function next_turn(base, of)
    local back = redis.call('LPOP', base .. 'returned:' .. of)
    return tonumber(back or redis.call('HINCRBY', base .. 'turns', of, 1) - 1)
end

local function return_turn(base, of, turn)
    redis.call('RPUSH', base .. 'returned:' .. of, turn)
    redis.call('EXPIRE', base .. 'returned:' .. of, turns_kept_s)
end

-- Those that nobody used. Whatever a hand has written there, it is passed over.
local function return_turns(base, kept, used)
    local ok, list = pcall(cjson.decode, kept or '[]')
    for i, one in ipairs(ok and type(list) == 'table' and list or {}) do
        if type(one) == 'table' and not used[i - 1]
            and (tonumber(one[3]) or -1) >= 0
        then
            return_turn(base, tostring(one[1]), tostring(one[2]))
            if (one[4] or '') ~= '' then
                redis.call('HINCRBY', one[4], one[5], -1)
            end
        end
    end
end
