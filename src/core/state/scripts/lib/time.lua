-- What goes to Redis as an argument is a text that string.format('%d') made: a
-- number Redis itself would write with 17 digits, which is dear.
local function now_ms()
    local t = redis.call('TIME')
    return t[1] * 1000 + math.floor(t[2] / 1000)
end
