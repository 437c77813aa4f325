-- Jobs of one receiver share a list: scheme, host and port, hashed.
local function endpoint_of(class, url)
    if class ~= 'webhooks' then
        return ''
    end
    local scheme, host = string.match(string.lower(url),
        '^(%a[%w+.-]*)://([^/?#\\]*)')
    host = string.gsub(host or '', '^.*@', '')
    if scheme == 'https' then
        host = string.gsub(host, ':443$', '')
    elseif scheme == 'http' then
        host = string.gsub(host, ':80$', '')
    end
    return string.sub(redis.sha1hex((scheme or '') .. '://' .. host), 1, 16)
end
