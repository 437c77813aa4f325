-- include lib/job.lua

-- A job lacks what most do not have: order, foreign; and what follows from its
-- fence as long as it has not been retried: deliveries, attempts.
local function store(job, state, fence)
    local to = job.to
    redis.call('HSET', job.key, 'body', job.text, 'class', to.class,
        'endpoint', to.endpoint, 'webhook', to.webhook, 'since', now_text,
        'sequence', string.format('%d', job.sequence), 'state', state,
        'fence', fence)
    if job.foreign or job.order then
        redis.call('HSET', job.key, 'order', job.order or '', 'foreign',
            job.foreign and '1' or '0')
    end
end

-- Those that do not run now wait in the ready lists.
local function spill(class)
    local of = fresh[class]
    fresh[class] = nil
    for i = 0, of and #of.ring - 1 or -1 do
        local endpoint = of.ring[(of.at - 1 + i) % #of.ring + 1]
        local list, ids = of.lists[endpoint], {}
        for k = list.at, #list do
            store(list[k], 'ready', '0')
            ids[#ids + 1] = list[k].id
        end
        if #ids > 0 then
            push_ready(class, endpoint, ids)
        end
    end
end
