local dead_max = 100000

local function is_utf8(s)
    local tail = '[\128-\191]'
    s = string.gsub(s, '[%z\1-\127]+', ' ')
    -- Each sequence gives way to a blank, so that nothing new can form.
    for _, sequence in ipairs({
        '[\194-\223]' .. tail,
        '\224[\160-\191]' .. tail,
        '[\225-\236\238\239]' .. tail .. tail,
        '\237[\128-\159]' .. tail,
        '\240[\144-\191]' .. tail .. tail,
        '[\241-\243]' .. tail .. tail .. tail,
        '\244[\128-\143]' .. tail .. tail
    }) do
        s = string.gsub(s, sequence, ' ')
    end
    return not string.find(s, '[\128-\255]')
end

-- Any bytes as a JSON string; those that are no UTF-8 as if they were Latin-1.
local function quote(s)
    if not is_utf8(s) then
        s = string.gsub(s, '[\128-\255]', function(c)
            local b = string.byte(c)
            return b < 192 and '\194' .. c or '\195' .. string.char(b - 64)
        end)
    end
    return cjson.encode(s)
end

-- job is JSON and stays as it is: numbers would not survive a new encoding. Of
-- what was a job, known holds what its hash knew, so that it can live again:
-- id, attempts, class, foreign, sequence.
local function bury(job, reason, now, known)
    local doc = '{"job":' .. job .. ',"reason":' .. quote(reason)
        .. string.format(',"at":%.0f', now)
    if known then
        doc = doc .. string.format(',"attempts":%d,"class":%s,"foreign":%s',
            tonumber(known.attempts or 0), quote(known.class or ''),
            known.foreign == '1' and 'true' or 'false')
            .. (known.sequence and ',"sequence":' .. known.sequence or '')
            .. ',"id":' .. quote(known.id)
    end
    redis.call('RPUSH', dead_key, doc .. '}')
    redis.call('LTRIM', dead_key, -dead_max, -1)
end
