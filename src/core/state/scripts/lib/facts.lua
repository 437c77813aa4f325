-- A webhook that was leased as it was read is kept as little as can be: job:ID
-- is its body, and a field of `fresh` says the rest. As all other jobs are kept:
local function facts_of(first, body)
    local endpoint, webhook, since, sequence = string.match(first,
        '^(%x+) (%x+) (%d+) 0*(%d+)$')
    return {body = body, class = 'webhooks', endpoint = endpoint,
        webhook = webhook, since = since, sequence = sequence,
        state = 'leased', fence = '1'}
end
