local outer = {}
for i = 1, 150 do outer[i] = "" end
local n = 0
for _, a in ipairs(outer) do
    local l = {}
    for i in ipairs(outer) do
        l[#l + 1] = i - 1
    end
    for _, x in ipairs(l) do
        n = n + x
    end
    n = n + l[11] + #l
end
return n
