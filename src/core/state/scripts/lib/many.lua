-- A command over a key of each of n records: key(i) names it. So many at a time
-- as Lua's stack holds; visit, if given, gets each reply with its i.
local function many(command, n, key, visit)
    for first = 1, n, 1000 do
        local keys = {}
        for i = first, math.min(first + 999, n) do
            keys[#keys + 1] = key(i)
        end
        local replies = redis.call(command, unpack(keys))
        for i = 1, visit and #keys or 0 do
            visit(replies[i], first + i - 1)
        end
    end
end
