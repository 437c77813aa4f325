#!lua
-- Somebody runs a function and waits for what it returns.
--
-- KEYS  queue:functions, own
-- ARGV  id, job
--
-- {ok}  it is queued; its end will lie in answer:ID for a while

redis.call('SADD', KEYS[2], ARGV[1])
redis.call('RPUSH', KEYS[1], ARGV[2])
return {'ok'}
