-- The first elements of a list, up to so many; few where they are large.
local function gather(queue, most)
    local texts, bytes = {}, 0
    repeat
        local n = bytes < 4096 * #texts and most - #texts or math.min(most, 4)
        local some = redis.call('LPOP', queue.key, n) or {}
        for _, text in ipairs(some) do
            texts[#texts + 1] = text
            bytes = bytes + #text
        end
        queue.empty = #some < n
    until queue.empty or #texts >= most or bytes >= 4096 * #texts
    moved, moved_bytes = moved + #texts, moved_bytes + bytes
    return texts
end

-- A few of each entrance in turn, so that a full one does not shut the others:
-- of each at first as many as have room, queue.first; one whose class has none
-- stays as it is. enough() says when there is no need to look further.
local function empty_entrances(queues, enough)
    local found, later
    repeat
        found = false
        for _, queue in ipairs(queues) do
            local n = math.min(max_moves - moved, later or queue.first)
            if max_moves <= moved or moved_bytes >= max_move_bytes then
                return
            end
            local texts = not queue.empty and queue.first > 0
                and gather(queue, n)
            if texts and #texts > 0 then
                found = true
                admit(queue.class, texts)
            end
        end
        later = round_moves
    until not found or enough()
end
