-- Who may go now, one after the other (lib/room.lua), and until when to wait.

local function wait_for(ms)
    if wait_ms < 0 or ms < wait_ms then
        wait_ms = math.ceil(ms)
    end
end

local function may_go(e)
    if e.at_work >= e.limit then
        return false
    elseif e.full_at then
        local over = over_rate(e)
        if over > 0 then
            wait_for(over)
            return false
        end
        e.full_at = e.full_at + 1000 / rate
    end
    return true
end
