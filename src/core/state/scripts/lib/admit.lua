local dead_keep_bytes = 64 * 1024       -- of an element that is no job

-- cjson takes more than JSON: 0x10, nan, 01, raw control characters. What it
-- has taken is strict when its strings and its bare words are.
local function is_strict(text)
    local plain = string.gsub(text, '\\.', '')
    if string.find(plain, '[%z\1-\31]') then
        for s in string.gmatch(plain, '"([^"]*)"') do
            if string.find(s, '[%z\1-\31]') then
                return false
            end
        end
    end
    plain = string.gsub(plain, '"[^"]*"', ' ')
    for word in string.gmatch(plain, '[^%[%]{}:,%s]+') do
        local int = string.match(word, '^-?(%d+)%.?')
        local tail = string.gsub(word, '^-?%d+', '')
        tail = string.gsub(tail, '^%.%d+', '')
        tail = string.gsub(tail, '^[eE][+-]?%d+', '')
        if word ~= 'true' and word ~= 'false' and word ~= 'null'
            and (not int or tail ~= '' or string.find(int, '^0%d'))
        then
            return false
        end
    end
    return is_utf8(text)
end

-- What keeps an element from being a job of org, or nil.
local function fault(job, org)
    if job.v ~= 1 then
        return 'v must be 1'
    elseif type(job.type) ~= 'string' or job.type == '' then
        return 'type must be a text'
    elseif job.org ~= org then
        return 'org must be "' .. org .. '", as in the name of the list'
    elseif type(job.action) ~= 'table' or job.action[1] ~= nil then
        return 'action must be an object'
    elseif job.id == nil or job.id == cjson.null then
        return nil
    elseif type(job.id) ~= 'string' or #job.id > 128
        or not string.find(job.id, '^[%w_:-]+$')
    then
        return 'id must be 1 to 128 letters, digits, "_", "-" or ":"'
    end
end

local function cut(text)
    return quote(string.sub(text, 1, dead_keep_bytes))
end

local not_strict = 'not JSON: look at numbers, control characters, UTF-8'

-- The element as a table, or nil, why, and JSON that stands for it.
local function decode(text, org)
    if #text > job_max_bytes then
        return nil, string.format('larger than %d bytes', job_max_bytes),
            cut(text)
    end
    local ok, job = pcall(cjson.decode, text)
    if not ok then
        return nil, 'not JSON: ' .. tostring(job), cut(text)
    end
    local object = string.find(text, '^%s*{')
    local why = object and fault(job, org) or not object and 'not an object'
    if not why then
        return job
    elseif not is_strict(text) then
        return nil, not_strict, cut(text)
    end
    return nil, why, object and text or cut(text)
end
