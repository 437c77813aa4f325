#!lua flags=allow-oom
-- What a worker has counted since it told the last time.
--
-- KEYS  stats
-- ARGV  per counter: its name, how many more
--
-- {ok}

for i = 1, #ARGV, 2 do
    redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1])
end
return {'ok'}
