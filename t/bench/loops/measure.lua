-- Runs a loop so many times: the median of its CPU time, in microseconds, and
-- what it returns.
local loop = assert(loadfile(arg[1]))
local times, result = {}, nil

for i = 1, tonumber(arg[2]) do
    collectgarbage()
    local start = os.clock()
    result = loop()
    times[i] = os.clock() - start
end

table.sort(times)
print(string.format("%.1f %s", times[(#times + 1) // 2] * 1e6, result))
