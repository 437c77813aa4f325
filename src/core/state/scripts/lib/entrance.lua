-- What lies in the entrances becomes jobs of this call: read, known ids
-- dropped, and kept in `fresh` until it is decided who runs now. Only then a
-- job is written, once.
--
-- fresh: class -> ring (endpoints in the order they came), lists (endpoint ->
-- its jobs, the first of them at `at`)
local fresh, pairs_seen = {}, 0
local sequence_key = prefix .. 'sequence'
local moved, moved_bytes, duplicates, malformed = 0, 0, 0, 0
local max_move_bytes = 1024 * 1024      -- reading must not hold Redis up
local now_text = string.format('%.0f', now)
local known_now, endpoints, webhooks = {}, {}, {}

local function fresh_add(job)
    local of = fresh[job.class]
    if not of then
        of = {ring = {}, lists = {}}
        fresh[job.class] = of
    end
    local list = of.lists[job.endpoint]
    if not list then
        list = {at = 1}
        of.lists[job.endpoint] = list
        of.ring[#of.ring + 1] = job.endpoint
        pairs_seen = pairs_seen + 1
    end
    list[#list + 1] = job
end

-- A job lacks what most do not have: order, foreign.
local function store(job, state, count)
    redis.call('HSET', job_key(job.id), 'body', job.text, 'class', job.class,
        'endpoint', job.endpoint, 'webhook', job.webhook, 'since', now_text,
        'sequence', job.sequence, 'state', state, 'fence', count,
        'deliveries', count, 'attempts', '0')
    if job.foreign or job.order ~= '' then
        redis.call('HSET', job_key(job.id), 'order', job.order, 'foreign',
            job.foreign and '1' or '0')
    end
end

-- Those that do not run now wait in the ready lists.
local function spill(class)
    local of = fresh[class]
    fresh[class] = nil
    for _, endpoint in ipairs(of and of.ring or {}) do
        local list, ids = of.lists[endpoint], {}
        for i = list.at, #list do
            store(list[i], 'ready', '0')
            ids[#ids + 1] = list[i].id
        end
        if #ids > 0 then
            push_ready(class, endpoint, ids)
        end
    end
end

-- What crm_job_head() writes before the action. In such an element nothing
-- stands that could be taken for another part of it: the id, and of a webhook
-- name and URL, are found without taking all of it apart.
local text_like = '"([^"\\]*)"'
local head_like = '^{"v":1,"id":"([%w_:-]+)","event":' .. text_like
    .. ',"type":"[%l_]+","org":' .. text_like .. ',"module":' .. text_like
    .. ',"record_id":' .. text_like .. ',"rule":' .. text_like
    .. ',"revision":%d+,"action":{()'
local webhook_like = '^"name":' .. text_like .. ',"url":' .. text_like

local function read_head(class, text)
    local id, _, of, _, _, _, at = string.match(text, head_like)
    if of ~= org or #id > 128 or #text > job_max_bytes then
        return nil
    elseif class ~= 'webhooks' then
        return {id = id, name = '', url = ''}
    end
    local name, url = string.match(text, webhook_like, at)
    if not url or string.find(text, '"ordered":true', at, true) then
        return nil
    end
    return {id = id, name = name, url = url}
end

local function read_all(text)
    local doc, why, dead = decode(text, org)
    if not doc then
        bury(dead, why, now)
        malformed = malformed + 1
        return nil
    end
    local id = doc.id
    if id == nil or id == cjson.null then
        id = redis.sha1hex(text)
    end
    return {id = id, name = text_of(doc.action.name),
        url = text_of(doc.action.url), doc = doc}
end

-- Of many there are few endpoints; a hash is dear.
local function set_endpoint(job)
    job.order, job.webhook = '', ''
    if job.class ~= 'webhooks' then
        job.endpoint = endpoint_of(job.class, '')
        return
    end
    local origin = string.match(job.url, '^https?://[^/?#\\@]*') or job.url
    if not endpoints[origin] then
        endpoints[origin] = endpoint_of('webhooks', job.url)
    end
    job.endpoint = endpoints[origin]
    local name = (job.foreign and 'f' or 'o') .. job.name .. '\n' .. origin
    if not webhooks[name] then
        webhooks[name] = webhook_of(job.name, job.url, job.foreign)
    end
    job.webhook = webhooks[name]
    if job.doc then
        job.order = order_of(job.doc, job.endpoint)
    end
end

local function ids_of(jobs)
    local ids = {}
    for i, job in ipairs(jobs) do
        ids[i] = job.id
    end
    return ids
end

-- What others pushed is taken apart, and must be strict: it goes on to people
-- and programs that read JSON. What our scripts pushed is known to be.
local function only_trusted(jobs)
    local kept, ours = {}, {}
    local own = redis.call('SMISMEMBER', own_key, unpack(ids_of(jobs)))
    for i, job in ipairs(jobs) do
        local text = job.text
        job.foreign = own[i] == 0
        if not job.foreign then
            ours[#ours + 1] = job.id
        elseif not job.doc then
            job = read_all(text)
        end
        if job and job.foreign ~= false and not is_strict(text) then
            bury(cut(text), not_strict, now)
            malformed = malformed + 1
        elseif job then
            job.foreign = job.foreign ~= false
            job.text = text
            kept[#kept + 1] = job
        end
    end
    if #ours > 0 then
        redis.call('SREM', own_key, unpack(ours))
    end
    return kept
end

local function only_new(jobs)
    local keys, kept = {}, {}
    for i, job in ipairs(jobs) do
        keys[i] = job_key(job.id)
    end
    local any = redis.call('EXISTS', unpack(keys)) > 0
    local done = were_done(ids_of(jobs), now)
    for i, job in ipairs(jobs) do
        if known_now[job.id] or done[i]
            or any and redis.call('EXISTS', keys[i]) == 1
        then
            duplicates = duplicates + 1
        else
            known_now[job.id] = true
            kept[#kept + 1] = job
        end
    end
    return kept
end

local function admit(class, texts)
    local jobs = {}
    local last = redis.call('INCRBY', sequence_key, #texts)
    for i, text in ipairs(texts) do
        local job = read_head(class, text) or read_all(text)
        if job then
            job.text = text
            job.sequence = string.format('%d', last - #texts + i)
            jobs[#jobs + 1] = job
        end
    end
    jobs = #jobs > 0 and only_trusted(jobs) or jobs
    jobs = #jobs > 0 and only_new(jobs) or jobs
    for _, job in ipairs(jobs) do
        job.class = class
        set_endpoint(job)
        if job.order == '' then
            fresh_add(job)
        else
            store(job, 'waiting', '0')
            order_join(job.order, job.id)
        end
    end
end

-- The first elements of a list, up to so many; few where they are large.
local function gather(queue, most)
    local texts, bytes = {}, 0
    repeat
        local n = bytes < 4096 * #texts and most - #texts or math.min(most, 4)
        local some = redis.call('LPOP', queue.key, n) or {}
        for _, text in ipairs(some) do
            texts[#texts + 1] = text
            bytes = bytes + #text
        end
        queue.empty = #some < n
    until queue.empty or #texts >= most or bytes >= 4096 * #texts
    moved, moved_bytes = moved + #texts, moved_bytes + bytes
    return texts
end

-- A few of each entrance in turn, so that a full one does not shut the others:
-- of each at first as many as have room, queue.first; one whose class has none
-- stays as it is. enough() says when there is no need to look further.
local function empty_entrances(queues, enough)
    local found, later
    repeat
        found = false
        for _, queue in ipairs(queues) do
            local n = math.min(max_moves - moved, later or queue.first)
            if max_moves <= moved or moved_bytes >= max_move_bytes then
                return
            end
            local skip = queue.empty or queue.first == 0
            local texts = skip and {} or gather(queue, n)
            if #texts > 0 then
                found = true
                admit(queue.class, texts)
            end
        end
        later = round_moves
    until not found or enough()
end
