-- The catalog: tenants, keys, events, polls and flags, all under one hash tag.

local most_looked_at = 1000  -- changes

local function tell(stream, kind, a, b)
    return redis.call('XADD', stream, 'MAXLEN', '~', 10000, '*', 'k', kind, 'a', a, 'b', b or '')
end

local function announce(stream, id)
    redis.call('SPUBLISH', string.match(stream, '^{.-}') .. ':changed', id)
end

-- define: writes rows if all is as the caller believes.
--   KEYS  the hashes tenants keys events polls codes counts rounds numbers dropped, and the stream changes
--   ARGV  JSON { checks: [...], writes: [...], changes: [...] }
--         check   ["is", hash, field, value or null]      ["below", hash, field, limit]
--         write   ["set", hash, field, value]   ["del", hash, field]   ["add", hash, field, number]
--         change  [kind, text, text]   told to every node, in order
--   →     { 1, id of the last change }   { 0, number of the check that failed }
local catalog = { tenants = 1, keys = 2, events = 3, polls = 4, codes = 5, counts = 6, rounds = 7, numbers = 8,
                  dropped = 9 }

local function define(keys, args)
    local what = cjson.decode(args[1])
    for i, c in ipairs(what.checks) do
        local there = redis.call('HGET', keys[catalog[c[2]]], c[3])
        local fine
        if c[1] == 'below' then fine = tonumber(there or 0) < c[4]
        elseif c[4] == nil or c[4] == cjson.null then fine = not there
        else fine = there == c[4] end
        if not fine then return { 0, i } end
    end
    for _, w in ipairs(what.writes) do
        local key = keys[catalog[w[2]]]
        if w[1] == 'set' then redis.call('HSET', key, w[3], w[4])
        elseif w[1] == 'del' then redis.call('HDEL', key, w[3])
        else redis.call('HINCRBY', key, w[3], w[4]) end
    end
    local id = ''
    for _, c in ipairs(what.changes) do id = tell(keys[10], c[1], c[2], c[3]) end
    if #what.changes > 0 then announce(keys[10], id) end
    return { 1, id }
end

-- Whether a row that names this owner was told after the change `since`, or may have been.
local function touched(stream, since, member, owner)
    if since == '' then return true end
    local entries = redis.call('XRANGE', stream, since == '0-0' and '-' or since, '+', 'COUNT', most_looked_at)
    local first = since == '0-0' and 1 or 2
    if #entries == most_looked_at or (first == 2 and (not entries[1] or entries[1][1] ~= since)) then return true end
    for i = first, #entries do
        local fields = entries[i][2]
        local is_row, row = pcall(cjson.decode, fields[4])
        if is_row and type(row) == 'table' and row[member] == owner then return true end
    end
    return false
end

-- define_untouched: define, if nothing of an owner was made or changed meanwhile. Whoever removes a tenant or an event
-- removes what it knows of it, and nothing may be left.
--   KEYS  as define
--   ARGV  JSON as define, the last change that the caller knows ("0-0": there was none), "event" or "tenant", its id
--   →     as define, or { 0, 0 }
local function define_untouched(keys, args)
    if touched(keys[10], args[2], args[3], args[4]) then return { 0, 0 } end
    return define(keys, args)
end

-- numbers: voter numbers that nobody else gets.
--   KEYS  the hashes events numbers
--   ARGV  event, how many, how many the event may have in all, and the highest that the caller knows
--         to be given: a server that took over may have heard of fewer
--   →     { 0, first, how many }   { 1 } no such event   { 2 } none are left
local function numbers(keys, args)
    if redis.call('HEXISTS', keys[1], args[1]) == 0 then return { 1 } end
    local taken = math.max(tonumber(redis.call('HGET', keys[2], args[1]) or 0), tonumber(args[4] or 0))
    local given = math.min(tonumber(args[2]), tonumber(args[3]) - taken)
    if given <= 0 then return { 2 } end
    redis.call('HSET', keys[2], args[1], taken + given)
    return { 0, taken + 1, given }
end

-- set_flag: a runtime flag, whatever it was before. Servers with functions of an older build lack this one,
-- and are given the library anew.
--   KEYS  the hash flags, and the stream changes
--   ARGV  its name, its row
--   →     id of the change
local function set_flag(keys, args)
    redis.call('HSET', keys[1], args[1], args[2])
    local id = tell(keys[2], 'flag', args[2])
    announce(keys[2], id)
    return id
end

redis.register_function('tallycast1_define', define)
-- What ends or removes something a full server takes as well, or it would stay full.
redis.register_function{ function_name = 'tallycast1_define_untouched', callback = define_untouched, flags = { 'allow-oom' } }
redis.register_function{ function_name = 'tallycast1_define_though_full', callback = define, flags = { 'allow-oom' } }
redis.register_function('tallycast1_numbers', numbers)
redis.register_function('tallycast1_set_flag', set_flag)
