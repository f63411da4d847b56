-- Quotas: buckets of tokens that all nodes take from.

-- lease: as many tokens as there are, up to what is wanted; they are gone from the bucket then. It is one instant,
-- that at which it is full again, in microseconds since 2020; without the key it is full.
--   KEYS  bucket                         each with a hash tag of its own
--   ARGV  ns between two tokens at the steady rate, how many a full bucket has, how many are wanted
--   →     { how many were granted, ms until there is one more }
local function lease(keys, args)
    local interval, burst, wanted = tonumber(args[1]) / 1000, tonumber(args[2]), tonumber(args[3])
    local t = redis.call('TIME')
    local now = (t[1] - epoch / 1000) * 1000000 + t[2]
    local depth = interval * burst
    -- Never further ahead than an empty bucket: the clock may have been set back, or the rate lowered.
    local full_at = math.min(math.max(tonumber(redis.call('GET', keys[1]) or 0), now), now + depth)
    -- A hair more, for what was lost in fractions.
    local granted = math.min(wanted, math.floor((now + depth - full_at) / interval + 0.001))
    if granted > 0 then
        full_at = full_at + granted * interval
        redis.call('SET', keys[1], string.format('%.3f', full_at), 'PX',
                   string.format('%d', math.ceil((full_at - now) / 1000) + 1))
    end
    return { granted, math.max(math.ceil((full_at + interval - now - depth) / 1000), 0) }
end

redis.register_function('tallycast1_lease', lease)
