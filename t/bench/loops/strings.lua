local outer = {}
for i = 1, 500 do outer[i] = "" end
local inner = { "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta",
                "theta" }
local n = 0
for _, a in ipairs(outer) do
    local s = ""
    for _, w in ipairs(inner) do
        s = s .. w .. ", "
        n = n + #w
    end
    n = n + s:upper():find("THETA", 1, true) - 1
end
return n
