-- An *endpoint* is scheme, host and port: jobs of one share a ready list, a
-- limit, a rate and a breaker. A *webhook* is a rule's webhook by its name at
-- an endpoint: it is what is disabled. Both are known by 16 digits of a hash.
local function short_hash(text)
    return string.sub(redis.sha1hex(text), 1, 16)
end

-- Scheme, host and port of a URL, the port left out where it is the scheme's.
local function origin_of(url)
    local scheme, host = string.match(string.lower(url),
        '^(%a[%w+.-]*)://([^/?#\\]*)')
    host = string.gsub(host or '', '^.*@', '')
    if scheme == 'https' then
        host = string.gsub(host, ':443$', '')
    elseif scheme == 'http' then
        host = string.gsub(host, ':80$', '')
    end
    return (scheme or '') .. '://' .. host
end

local function text_of(value)
    return type(value) == 'string' and value or ''
end

-- Of a class that knows none it is empty; all mail goes to the relay.
local function endpoint_of(class, url)
    if class == 'emails' then
        return 'relay'
    end
    return class == 'webhooks' and short_hash(origin_of(url)) or ''
end

-- What others push cannot disable what rules say, even under the same name.
local function webhook_of(name, url, foreign)
    return short_hash((foreign and 'foreign' or 'own') .. '\n' .. name .. '\n'
        .. origin_of(url))
end
