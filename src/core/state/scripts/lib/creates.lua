-- Writes that create records of a module whose records may enter a process by
-- that: as long as nobody knows what became of them they stand in a set of
-- their own, by module. Modules are told as one text, 'Leads/Deals'.
local function creates_of(intents, module)
    return string.sub(intents, 1, -1 - #'intents') .. 'creates:' .. module
end

local function note_creates(intents, modules, event, now)
    for module in string.gmatch(modules, '[^/]+') do
        redis.call('ZADD', creates_of(intents, module), now, event)
    end
end

local function forget_creates(intents, modules, event)
    for module in string.gmatch(modules or '', '[^/]+') do
        redis.call('ZREM', creates_of(intents, module), event)
    end
end

-- When the oldest of others began that has an intent still; those that have
-- none any more are taken out. 0: there is none.
local function oldest_create(intents, modules, event)
    local oldest = 0
    for module in string.gmatch(modules, '[^/]+') do
        local set = creates_of(intents, module)
        local all = redis.call('ZRANGE', set, 0, 99, 'WITHSCORES')
        for i = 1, #all, 2 do
            local intent = string.sub(intents, 1, -1 - #'intents') .. 'intent:'
                .. all[i]
            if redis.call('EXISTS', intent) == 0 then
                redis.call('ZREM', set, all[i])
            elseif all[i] ~= event then
                local at = tonumber(all[i + 1])
                oldest = oldest == 0 and at or math.min(oldest, at)
                break
            end
        end
    end
    return oldest
end
