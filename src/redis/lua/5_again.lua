-- Applying again what was acknowledged and a replaced primary did not have.

-- Whether the voter's last action came before this one.
local function older(rec, stamp, seq)
    return rec.stamp < stamp or (rec.stamp == stamp and rec.seq < seq)
end

-- An acknowledged action that the ledger has lost, by its field there; false: it moved nothing.
local function note(moves, field)
    if not field then return end
    moves[field] = (moves[field] or 0) + 1
    moves.lr = (moves.lr or 0) + 1
end

-- again: actions that were acknowledged are applied unless they, or newer ones, are there. Open or not: they
-- were decided while it was. Of those that are older than what is there the key is remembered, in its place.
--   KEYS  meta counts sheet log          of the round they were decided in
--   ARGV  bits, bytes, change, ranks, type, ms of the decision, actions (again_form each)
--   →     { 0, how many were applied }
local function again(keys, args)
    local m = { bits = tonumber(args[1]), bytes = tonumber(args[2]), change = args[3],
                ranks = tonumber(args[4]), type = args[5] }
    local at, packed, list, indexes = tonumber(args[6]), args[7], {}, {}
    for pos = 1, #packed, vote_bytes do
        local a = {}
        a.index, a.lo, a.hi, a.tag, a.body, a.seq = struct.unpack(again_form, packed, pos)
        list[#list + 1] = a
        indexes[#indexes + 1] = a.index
    end
    local sheet = sheet_of(m, keys[3], indexes)
    local moves, actions = {}, {}
    local recalled = false
    for _, a in ipairs(list) do
        local rec = sheet.get(a.index)
        local had = rec ~= nil and (rec.lo ~= 0 or rec.hi ~= 0)
        local empty = a.lo == 0 and a.hi == 0
        if not rec or (m.change == '1' and older(rec, at - epoch, a.seq)) then
            local next = (rec and rec.seq or 0) + 1
            local seq = math.max(a.seq, next)
            sheet.put(a.index, a.lo, a.hi, a.tag, a.body, at - epoch, seq, seq - next)
            if had then mark(m, rec.lo, rec.hi, -1, moves) end
            if not empty then mark(m, a.lo, a.hi, 1, moves) end
            note(moves, empty and (had and 'lw') or (had and 'lg' or 'lc'))
            actions[#actions + 1] = logged(m, a)
        elseif m.change == '1' and sheet.recall(a.index, a.seq, a.tag, a.body) then
            recalled = true
            note(moves, 'lg')  -- whatever it was: what the others came to already adds up to the voters there are
        end
    end
    if recalled or #actions > 0 then sheet.save() end
    if recalled and #actions == 0 then move(keys[2], moves) end
    if #actions == 0 then return { 0, 0 } end
    moves.v = #actions
    move(keys[2], moves)
    redis.call('XADD', keys[4], '*', 's', at, 'a', table.concat(actions))
    if redis.call('EXISTS', keys[1]) == 1 then redis.call('HSET', keys[1], 'dirty', now_ms()) end
    return { 0, #actions }
end

-- again_where_placed: again, but not at a poll that was removed, which would make keys that nobody removes.
--   KEYS  as again
--   ARGV  as again
--   →     as again, or { 1 } nothing was placed here: `state` first, if there is such a poll
local function again_where_placed(keys, args)
    if redis.call('EXISTS', keys[1]) == 0 then return { 1 } end
    return again(keys, args)
end

redis.register_function('tallycast1_again', again)
redis.register_function('tallycast1_again_where_placed', again_where_placed)
