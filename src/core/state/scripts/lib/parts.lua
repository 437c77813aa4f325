-- What comes of a job: another one, ready at once. Somebody else may have given a
-- job that very id.
local function make_part(id, class, endpoint, body, foreign, since)
    if not is_alive(id) then
        redis.call('HSET', job_key(id), 'body', body, 'class', class,
            'endpoint', endpoint, 'attempts', 0, 'deliveries', 0, 'fence', 0,
            'foreign', foreign, 'since', since)
        make_ready(id, class, endpoint)
    end
end
