-- The ledger of a slice, for what no slice decided.

-- note: ballots that nodes refused by themselves.
--   KEYS  meta counts
--   ARGV  a field of counts and by how much it grows, again and again
--   →     { 0 }   { 1 } nothing was placed here: `state` first, if there is such a poll
local function note(keys, args)
    if redis.call('EXISTS', keys[1]) == 0 then return { 1 } end
    for i = 1, #args, 2 do redis.call('HINCRBY', keys[2], args[i], args[i + 1]) end
    return { 0 }
end

redis.register_function('tallycast1_note', note)
