-- What a worker has pulled, and runs as it is (lib/pulled.lua), stays where it
-- was pulled to until all of it has ended.
--
-- batch:BATCH (list): the bodies
-- batches: BATCH -> how many of its jobs run; BATCH: -> since when, and the
-- sequence of the first
local batches_key = prefix .. 'batches'

local function batch_key(batch)
    return prefix .. 'batch:' .. batch
end

-- So many of its jobs have ended, or are kept as others are.
local function leave_batch(batch, n)
    if redis.call('HINCRBY', batches_key, batch, -n) <= 0 then
        redis.call('HDEL', batches_key, batch, batch .. ':')
        redis.call('DEL', batch_key(batch))
    end
end
