-- What lies in the entrances becomes jobs of this call, kept in `fresh` until
-- it is decided who runs now. Only then a job is written, once.
--
-- fresh: class -> ring (endpoints in the order they came; it goes on at `at`),
-- lists (endpoint -> its jobs, the first of them at `at`)
-- job: id, text, sequence, to (class, endpoint, webhook: where it goes, shared
-- by those that go there), of few also foreign, order
local fresh, pairs_seen = {}, 0
local moved, moved_bytes, duplicates, malformed = 0, 0, 0, 0
local max_move_bytes = 1024 * 1024      -- reading must not hold Redis up
local sequence_key = prefix .. 'sequence'
local now_text = string.format('%d', now)

local function fresh_add(job)
    local to = job.to
    local of = fresh[to.class]
    if not of then
        of = {ring = {}, at = 1, lists = {}}
        fresh[to.class] = of
    end
    local list = of.lists[to.endpoint]
    if not list then
        list = {at = 1}
        of.lists[to.endpoint] = list
        of.ring[#of.ring + 1] = to.endpoint
        pairs_seen = pairs_seen + 1
    end
    list[#list + 1] = job
end

-- A job lacks what most do not have: order, foreign; and what follows from its
-- fence as long as it has not been retried: deliveries, attempts.
local function store(job, state, fence)
    local to = job.to
    redis.call('HSET', job_key(job.id), 'body', job.text, 'class', to.class,
        'endpoint', to.endpoint, 'webhook', to.webhook, 'since', now_text,
        'sequence', job.sequence, 'state', state, 'fence', fence)
    if job.foreign or job.order then
        redis.call('HSET', job_key(job.id), 'order', job.order or '',
            'foreign', job.foreign and '1' or '0')
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
