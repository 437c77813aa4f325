local health_index = prefix .. 'health'
local breaker_open_ms = 30000

local function health_key(hash)
    return prefix .. 'health:' .. hash
end
