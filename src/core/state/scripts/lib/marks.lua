-- The members of value, a JSON list, that the list in the field lacks.
local function add(record, field, value)
    local known, ok, list = {}, pcall(cjson.decode,
        redis.call('HGET', record, field) or '[]')
    list = ok and type(list) == 'table' and list or {}
    for _, name in ipairs(list) do
        known[name] = true
    end
    for _, name in ipairs(cjson.decode(value)) do
        if not known[name] then
            list[#list + 1] = name
        end
    end
    redis.call('HSET', record, field, cjson.encode(list))
end

-- The record's place in a sorted set, by its name.
local function rank(record, set, score)
    local base = string.sub(KEYS[1], 1, -1 - #'intents')
    local name = string.sub(record, #base + #'record:' + 1)
    if score == '' then
        redis.call('ZREM', base .. set, name)
    else
        redis.call('ZADD', base .. set, score, name)
    end
end

-- What made the mark, and when: for people who ask why.
local function note(record, op, value)
    if op == 'del' then
        redis.call('HDEL', record, 'lock_by')
    elseif redis.call('HGET', record, 'lock') ~= value then
        redis.call('HSET', record, 'lock_by',
            cjson.encode({event = event, at = now_ms()}))
    end
end

-- What prepare marked for this event; where its own mark is exact, so is what
-- the events before it came to.
local function forget_maybe(record, all)
    redis.call('HDEL', record, 'maybe:' .. event)
    for _, field in ipairs(all and redis.call('HKEYS', record) or {}) do
        if string.sub(field, 1, #'maybe:') == 'maybe:' then
            redis.call('HDEL', record, field)
        end
    end
end
