-- A sorted set that is short is a list, which is read from its beginning for
-- each job; one long member, for a moment, makes it a tree for good.
local function leases_are_many(n, deadline)
    if n >= 8 and redis.call('OBJECT', 'ENCODING', lease_key) == 'listpack'
    then
        local long = string.rep('-', 65)
        redis.call('ZADD', lease_key, deadline, long)
        redis.call('ZREM', lease_key, long)
    end
end
