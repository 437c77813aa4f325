-- The ruler's sequence: of 15 turns the first class has 8, the next 4, 2, 1.
-- A turn that its class cannot use goes to the first class that can.
local classes = {'records', 'functions', 'emails', 'webhooks'}
local turns = {1, 2, 1, 3, 1, 2, 1, 4, 1, 2, 1, 3, 1, 2, 1}
local background = 'scores'

local function live_job(turn)
    for rank = 0, #classes do
        local class = classes[rank > 0 and rank or turns[turn + 1]]
        local job = room[class] and job_of(class)
        if job then
            return job
        end
    end
end

-- Behind each job of the background one of the others goes first, if there is
-- any: so it has half of the turns at most, over all calls. Its last turn and
-- theirs are one number: that of theirs, and 15 more if the last was its own.
local function next_job(turn)
    local live = turn % #turns
    local job = turn < #turns and room[background] and job_of(background)
    if job then
        return job, live + #turns
    end
    job = live_job(live)
    if job then
        return job, (live + 1) % #turns
    end
    return room[background] and job_of(background), live + #turns
end
