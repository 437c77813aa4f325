-- What lies in the entrances becomes jobs of this call, kept in `fresh` until
-- it is decided who runs now. Only then a job is written, once.
--
-- fresh: class -> ring (endpoints in the order they came; it goes on at `at`),
-- lists (endpoint -> its jobs, the first of them at `at`)
-- job: id, key, text, sequence, to (class, endpoint, webhook: where it goes,
-- shared by those that go there), of few also foreign, order
local fresh, pairs_seen = {}, 0
local moved, moved_bytes, duplicates, malformed = 0, 0, 0, 0
local max_move_bytes = 1024 * 1024      -- reading must not hold Redis up

-- So long that Redis keeps what ends in it in a table: a short hash of short
-- values is a list, which is read from its beginning for each job.
local hundreds, hundreds_text

local function sequence_text(n)
    local rest = n % 100
    if n - rest ~= hundreds then
        hundreds = n - rest
        hundreds_text = string.format('%015d', hundreds / 100)
    end
    return hundreds_text .. two_digits(rest)
end

local function fresh_add(job)
    local to = job.to
    local of = fresh[to.class]
    if not of then
        of = {ring = {}, at = 1, lists = {}}
        fresh[to.class] = of
    end
    local list = of.lists[to.endpoint]
    if not list then
        list = {at = 1}
        of.lists[to.endpoint] = list
        of.ring[#of.ring + 1] = to.endpoint
        pairs_seen = pairs_seen + 1
    end
    list[#list + 1] = job
end
