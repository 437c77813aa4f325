-- The key of a record's snapshot, by that of its hash.
local function snapshot_of(intents, record)
    local base = string.sub(intents, 1, -1 - #'intents')
    return base .. 'snapshot:' .. string.sub(record, #base + #'record:' + 1)
end
