-- A poll in its slice: placed, published, read.

-- The version from which a new round goes on: that of the last one that was placed here. A slice that was away may
-- have missed the round before.
local function version_before(m, keys, round)
    local counts = keys[5]
    if m and tonumber(m.rnd) < tonumber(round) then
        counts = string.gsub(keys[2], '%d+:counts$', m.rnd .. ':counts')
    end
    return counts == keys[2] and 0 or tonumber(redis.call('HGET', counts, 'v') or 0)
end

-- place: a poll as it now is, from its row in the catalog. Older than what is here, it does nothing.
--   KEYS  meta counts sheet log          of the round in ARGV
--         counts                         of the round before (the same again in the first)
--   ARGV  mode, then meta_fields 1 to 13 in order
--         mode  place      as it is
--               hold       ballots wait from now on, unless there was one in this round
--               release    a hold of this revision ends: whoever holds finds that there are votes
--   →     { 0, ms, snapshot }   { 3, ms, snapshot } something newer is here   { 4, ms, snapshot } there are votes
--         { 5, ms, snapshot } ballots wait: of a revision that is held only a later one ends the waiting, because
--                             whoever holds it may be about to write what ballots mean from then on
local function place(keys, args)
    local mode = args[1]
    local now = now_ms()
    local m = read_meta(keys[1])
    local rev = tonumber(args[2])
    if mode ~= 'place' then
        if not m or m.rev ~= rev then return { 3, now, m and snapshot(m, keys[2], now) or '' } end
        if mode == 'hold' and tonumber(redis.call('HGET', keys[2], 'lc') or 0) > 0 then
            return { 4, now, snapshot(m, keys[2], now) }
        end
        redis.call('HSET', keys[1], 'hold', mode == 'hold' and 1 or 0)
        return { 0, now, snapshot(m, keys[2], now) }
    end
    if m and m.rev > rev then return { 3, now, snapshot(m, keys[2], now) } end
    local fields = {}
    for i = 1, 13 do
        fields[2 * i - 1], fields[2 * i] = meta_fields[i], args[i + 1]
    end
    local again = m and m.rev == rev
    redis.call('HSET', keys[1], 'hold', again and m.hold or 0, unpack(fields))
    if redis.call('EXISTS', keys[4]) == 0 then
        redis.call('XADD', keys[4], '*', 's', 0, 'a', '')
        redis.call('SETRANGE', keys[3], 0, '\0')
        redis.call('HSETNX', keys[2], 'v', version_before(m, keys, args[4]))
    end
    if again then return { m.hold == '1' and 5 or 0, now, snapshot(read_meta(keys[1]), keys[2], now) } end
    redis.call('HINCRBY', keys[2], 'v', 1)
    return { 0, now, publish(keys, read_meta(keys[1]), now) }
end

-- flush: publishes what waits.
--   KEYS  meta counts
--   →     { 0, ms, snapshot }   { 1 } nothing was placed here
local function flush(keys)
    local m = read_meta(keys[1])
    if not m then return { 1 } end
    local now = now_ms()
    if m.dirty == 0 then return { 0, now, snapshot(m, keys[2], now) } end
    return { 0, now, publish(keys, m, now) }
end

-- raise: the version is at least this one, which a failover has forgotten, and is published.
--   KEYS  meta counts
--   ARGV  version
--   →     as flush
local function raise(keys, args)
    local m = read_meta(keys[1])
    if not m then return { 1 } end
    if tonumber(redis.call('HGET', keys[2], 'v') or 0) < tonumber(args[1]) then
        redis.call('HSET', keys[2], 'v', args[1])
    end
    local now = now_ms()
    return { 0, now, publish(keys, m, now) }
end

-- read: the counts of any round.
--   KEYS  meta counts
--   →     { 0, ms, snapshot }   { 1 } nothing was placed here
local function read(keys)
    local m = read_meta(keys[1])
    if not m then return { 1 } end
    local now = now_ms()
    return { 0, now, snapshot(m, keys[2], now) }
end

-- Little, and what a full server needs most: a poll that ends there. `place` has a name of its own since it keeps a
-- hold, so that a library that does not is replaced; nodes of before call it `state`.
for name, callback in pairs({ place = place, state = place, flush = flush, raise = raise }) do
    redis.register_function{ function_name = 'tallycast1_' .. name, callback = callback, flags = { 'allow-oom' } }
end
redis.register_function{ function_name = 'tallycast1_read', callback = read, flags = { 'no-writes' } }
