-- Elements of a list that others push to and pop from meanwhile: each is named
-- by the place where it was seen and by itself. Taken out, it leaves a stone in
-- its place until the end of the script, so that places hold.
local stone = '\0taken out'
local stones = 0
local searches = 10             -- a long list is not searched for each

local function take_out(list, place, element)
    if redis.call('LINDEX', list, place) == element then
        redis.call('LSET', list, place, stone)
        stones = stones + 1
        return true
    end
    searches = searches - 1
    return searches >= 0 and redis.call('LREM', list, 1, element) == 1
end

local function clear_stones(list)
    if stones > 0 then
        redis.call('LREM', list, 0, stone)
    end
end
