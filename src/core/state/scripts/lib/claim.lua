-- Is the intent under the claim that this fence was given with? Settled, it is
-- gone; claimed anew, it has another fence.
local function claimed(intent, fence)
    local now = redis.call('HMGET', intent, 'state', 'fence')
    return now[1] ~= 'undetermined' and now[2] == fence
end

-- Of KEYS from first on, those that the event holds.
local function give_back(event, first)
    for i = first, #KEYS do
        if redis.call('GET', KEYS[i]) == event then
            redis.call('DEL', KEYS[i])
        end
    end
end
