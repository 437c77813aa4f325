-- Every script of the worker begins with KEYS lease, delayed, dead, inflight.
-- The keys of single jobs and endpoints (job:ID, ready:CLASS[:ENDPOINT],
-- ring:CLASS, done:DAY, order:HASH, health:HASH, fresh,
-- pulls, batches, batch:BATCH) have names that only
-- the script learns; they are derived from the first key and share its hash tag.
local lease_key, delayed_key, dead_key = KEYS[1], KEYS[2], KEYS[3]
local inflight_key = KEYS[4]
local prefix = string.sub(lease_key, 1, -1 - #'lease')
local fresh_key, pulls_key = prefix .. 'fresh', prefix .. 'pulls'
local job_max_bytes = 1024 * 1024       -- CRM_MAX_JOB_BYTES

local function job_key(id)
    return prefix .. 'job:' .. id
end
