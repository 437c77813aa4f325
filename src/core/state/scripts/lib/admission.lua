-- Elements of an entrance are read, and what is known already is dropped.

-- What crm_job_head() writes before the action. In such an element nothing
-- stands that could be taken for another part of it: the id, and of a webhook
-- name and URL, are found without taking all of it apart. %b"" is a text with
-- its quotes, if no backslash stands in it: what stands in front of `at` has
-- none.
local head_like = '^{"v":1,"id":"([%w_:-]+)","event":%b"","type":"[%l_]+"'
    .. ',"org":(%b""),"module":%b"","record_id":%b"","rule":%b""'
    .. ',"revision":%d+,"action":{()'
local webhook_like = head_like .. '"name":(%b""),"url":(%b"")()'
local quoted_org = '"' .. org .. '"'
local known_now = {}
local receivers = {[true] = {}, [false] = {}}   -- foreign? -> URL -> name
local endpoints, webhooks, others = {}, {}, {}  -- by origin; by class

local function new_receiver(name, url, foreign)
    name, url = string.sub(name, 2, -2), string.sub(url, 2, -2)
    local origin = string.match(url, '^https?://[^/?#\\]*') or url
    local full = (foreign and 'f' or 'o') .. name .. '\n' .. origin
    endpoints[origin] = endpoints[origin] or endpoint_of('webhooks', url)
    webhooks[full] = webhooks[full] or webhook_of(name, url, foreign)
    local to = {class = 'webhooks', endpoint = endpoints[origin],
        webhook = webhooks[full]}
    to.facts = not foreign
        and table.concat({to.endpoint, to.webhook, now_text, ''}, ' ')
    return to
end

-- Where a job goes, name and URL in quotes. Of many there are few; a hash is
-- dear.
local function receiver(class, name, url, foreign)
    if class ~= 'webhooks' then
        others[class] = others[class]
            or {class = class, endpoint = endpoint_of(class, ''), webhook = ''}
        return others[class]
    end
    local names = receivers[foreign][url]
    if not names then
        names = {}
        receivers[foreign][url] = names
    end
    local to = names[name]
    if not to then
        to = new_receiver(name, url, foreign)
        names[name] = to
    end
    return to
end

local function read_head(class, text, sequence)
    local id, of, at, name, url, behind = string.match(text,
        class == 'webhooks' and webhook_like or head_like)
    if of ~= quoted_org or #id > 128 or #text > job_max_bytes then
        return nil
    end
    local escape = string.find(text, '\\', 1, true)
    if escape and escape < (behind or at) then
        return nil
    elseif behind and string.find(text, ':true', behind, true)
        and string.find(text, '"ordered":true', behind, true)
    then
        return nil
    end
    return {id = id, key = prefix .. 'job:' .. id, text = text,
        sequence = sequence, to = receiver(class, name, url, false)}
end

-- What does not begin so is taken apart.
local function read_all(text, sequence)
    local doc, why, dead = odd().decode(text, org)
    if not doc then
        odd().bury(dead, why, now)
        malformed = malformed + 1
        return nil
    end
    local id = doc.id
    if id == nil or id == cjson.null then
        id = redis.sha1hex(text)
    end
    return {id = id, key = prefix .. 'job:' .. id, text = text,
        sequence = sequence, doc = doc}
end

-- What others pushed must be strict: it goes on to people and programs that
-- read JSON. What our scripts pushed is known to be.
local function read_foreign(job)
    job = job.doc and job or read_all(job.text, job.sequence)
    if job and not odd().is_strict(job.text) then
        odd().bury(odd().cut(job.text), odd().not_strict, now)
        malformed = malformed + 1
        return nil
    elseif job then
        job.foreign = true
    end
    return job
end

-- The jobs that may go on; `own` says which of them are ours.
local function only_trusted(jobs, own)
    local kept, ours = {}, {}
    for i, job in ipairs(jobs) do
        if own[i] == 1 then
            ours[#ours + 1] = job.id
        else
            job = read_foreign(job)
        end
        kept[#kept + 1] = job
    end
    if #ours > 0 then
        redis.call('SREM', own_key, unpack(ours))
    end
    return kept
end

-- Of what was taken apart it is not known yet where it goes.
local function set_receiver(class, job)
    local action = job.doc.action
    job.to = receiver(class, '"' .. text_of(action.name) .. '"',
        '"' .. text_of(action.url) .. '"', job.foreign == true)
    if class == 'webhooks' then
        local hash = order().of(job.doc, job.to.endpoint)
        job.order = hash ~= '' and hash or nil
    end
end

local function enter(class, job)
    if job.doc then
        set_receiver(class, job)
    end
    if job.order then
        -- Others of its record may lie in pulls, which were here before it.
        local texts = not joined and redis.call('XLEN', pulls_key) > 0
            and empty_pulls() or {}
        joined = true
        if #texts > 0 then
            moved = moved + #texts
            admit('webhooks', texts)
        end
        lists().store(job, 'waiting', '0')
        order().join(job.order, job.id)
    else
        fresh_add(job)
    end
end

local function enter_new(class, jobs)
    local ids, keys = {}, {}
    for i = 1, #jobs do
        ids[i], keys[i] = jobs[i].id, jobs[i].key
    end
    local any = redis.call('EXISTS', unpack(keys)) > 0
    local pulled = redis.call('EXISTS', prefix .. 'batches') == 1
        and redis.call('HMGET', fresh_key, unpack(ids)) or {}
    local done = were_done(ids, now)
    for i = 1, #jobs do
        local id = ids[i]
        if known_now[id] or done[i] or pulled[i]
            or any and redis.call('EXISTS', keys[i]) == 1
        then
            duplicates = duplicates + 1
        else
            known_now[id] = true
            enter(class, jobs[i])
        end
    end
end

local function admit_all(class, texts)
    local jobs, ids = {}, {}
    local before = redis.call('INCRBY', sequence_key, #texts) - #texts
    for i = 1, #texts do
        local job = read_head(class, texts[i], before + i)
            or read_all(texts[i], before + i)
        if job then
            jobs[#jobs + 1], ids[#ids + 1] = job, job.id
        end
    end
    if #jobs > 0 then
        jobs = only_trusted(jobs, redis.call('SMISMEMBER', own_key,
            unpack(ids)))
    end
    if #jobs > 0 then
        enter_new(class, jobs)
    end
end
