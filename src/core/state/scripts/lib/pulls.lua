-- A *pull* is what a worker has moved out of the webhooks' entrance, at once
-- and in its order, into a list of its own, and has not taken yet.
--
-- pulls (stream): when and in which order they were made; field `batch` names
-- the list (lib/batch.lua)

-- That pull, and all that were made behind it, go back to where they were, so
-- that the order holds. Whoever takes one of them later is told that it is gone.
local function put_back(from)
    local queue, elements = prefix .. 'queue:webhooks', 0
    for _, pull in ipairs(redis.call('XREVRANGE', pulls_key, '+', from)) do
        local batch = batch_key(pull[2][2])
        while redis.call('LMOVE', batch, queue, 'RIGHT', 'LEFT') do
            elements = elements + 1
        end
        redis.call('XDEL', pulls_key, pull[1])
    end
    return elements
end

-- What all pulls hold, in order, for who goes on with it.
local function empty_pulls()
    local texts = {}
    for _, pull in ipairs(redis.call('XRANGE', pulls_key, '-', '+')) do
        local batch = batch_key(pull[2][2])
        for _, text in ipairs(redis.call('LRANGE', batch, 0, -1)) do
            texts[#texts + 1] = text
        end
        redis.call('DEL', batch)
        redis.call('XDEL', pulls_key, pull[1])
    end
    return texts
end
