-- A webhook that was leased as it was read is kept as little as can be: a field
-- of `fresh` says what is known of it, and its body is job:ID, or an element of
-- a batch (lib/batch.lua). As all other jobs are kept:
local function facts_of(id, first)
    local endpoint, webhook, batch, at = string.match(first,
        '^(%x+) (%x+) (b%x+) 0*(%d+)$')
    local since, sequence, body
    if batch then
        since, sequence = string.match(redis.call('HGET', batches_key,
            batch .. ':') or '', '^(%d+) (%d+)$')
        sequence = string.format('%d', (sequence or 0) + at)
        body = redis.call('LINDEX', batch_key(batch), at)
    else
        endpoint, webhook, since, sequence = string.match(first,
            '^(%x+) (%x+) (%d+) 0*(%d+)$')
        body = redis.call('GET', job_key(id))
    end
    return {body = body or '', class = 'webhooks', endpoint = endpoint,
        webhook = webhook, since = since or '0', sequence = sequence,
        state = 'leased', fence = '1'}, batch
end
