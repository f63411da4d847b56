-- Deciding a group of ballots.

-- Whether the i-th remembered action came with this ballot: of the newest the ballot itself is at hand.
local function came_with(rec, i, vote)
    if i == 1 then return rec.lo == vote.lo and rec.hi == vote.hi end
    return rec.ring[2 * i] == vote.body
end

-- The action of the record that this vote repeats: replayed or key_reused and its sequence; or nil. A key names
-- its action whatever ballot comes with it; without a key the ballot must be the same, the one that stands is
-- repeated whatever key it had, and what was sent before a withdrawal may be meant anew after it.
local function remembered(rec, vote, tag)
    local keyed = vote.tag % 2 == 1
    if not keyed and vote.lo + vote.hi > 0 and came_with(rec, 1, vote) then return replayed, rec.seq end
    for i = 1, #rec.ring / 2 do
        if tag ~= 0 and rec.ring[2 * i - 1] == tag and (keyed or came_with(rec, i, vote)) then
            return came_with(rec, i, vote) and replayed or key_reused, rec.seq - i + 1
        end
        if rec.ring[2 * i] == 0 and not keyed then return nil end
    end
    return nil
end

-- How long the voter is to wait before the next action, in ms. Not at all where the clock was set back to before the
-- last one, because nobody knows how long ago that was.
local function wait_of(rec, pace, now)
    if not rec or not pace or rec.seq < pace.at_will or rec.stamp == 0 then return 0 end
    local since = now - epoch - rec.stamp
    if since < 0 then return 0 end
    return math.min(pace.between - since, 4294967295)
end

-- Verdict and sequence (of limited: the wait) of one vote, and its effect on sheet and moves. `st` is the status now.
local function decide(m, st, sheet, vote, now, moves, pace)
    local empty = vote.lo == 0 and vote.hi == 0
    local rec = sheet.get(vote.index)
    local standing = m.change ~= '1'
    local what, seq
    if rec then what, seq = remembered(rec, vote, sheet.short(vote.tag)) end
    if st ~= 'o' then
        if what == replayed and not (standing and empty) then return replayed, seq end
        if st == 'p' then return paused, 0 end
        if st == 'd' then return not_open, 0 end
        return closed, 0
    end
    if standing and empty then return change_not_allowed, 0 end
    if what == key_reused then return key_reused, 0 end
    if what then return what, seq end
    local had = rec ~= nil and (rec.lo ~= 0 or rec.hi ~= 0)
    if empty and not had then return not_voted, 0 end
    if (standing and had) or (rec and rec.seq == 16777215) then return already_voted, 0 end
    local wait = wait_of(rec, pace, now)
    if wait > 0 then return limited, wait end
    -- A stamp is never lower than the one before, whatever the clock says: it tells what is newer when it is applied
    -- again.
    seq = sheet.put(vote.index, vote.lo, vote.hi, vote.tag, vote.body, math.max(now - epoch, rec and rec.stamp or 0),
                    (rec and rec.seq or 0) + 1)
    if had then mark(m, rec.lo, rec.hi, -1, moves) end
    if empty then return withdrawn, seq end
    mark(m, vote.lo, vote.hi, 1, moves)
    return had and changed or counted, seq
end

-- An action as the log keeps it.
local function logged(m, a)
    return struct.pack('<I4', a.index) .. string.sub(struct.pack('<I4I4', a.lo, a.hi), 1, math.ceil(m.bits / 8)) ..
        struct.pack('<I4', a.tag)
end

-- All fields in two commands; text from format is made faster than Redis makes it from numbers.
local function move(counts, moves)
    local fields, set = {}, {}
    for field, by in pairs(moves) do
        if by ~= 0 then fields[#fields + 1] = field end
    end
    if #fields == 0 then return end
    for i, was in ipairs(redis.call('HMGET', counts, unpack(fields))) do
        set[2 * i - 1], set[2 * i] = fields[i], string.format('%d', tonumber(was or 0) + moves[fields[i]])
    end
    redis.call('HSET', counts, unpack(set))
end

-- The two ways to decide a group. Both fill moves and give
--   decisions   verdict (1 byte) and sequence (4) a vote
--   actions     what was counted, changed or withdrawn, as the log keeps it, and how many
--   received    how many votes go into the ledger

-- For every poll and state: read all records, decide one vote after the other, write what has changed.
local function cast_one_by_one(m, st, key, votes, now, moves, pace)
    local indexes, decisions, actions, received = {}, {}, {}, 0
    for i, v in ipairs(votes) do indexes[i] = v.index end
    local sheet = sheet_of(m, key, indexes)
    for i, v in ipairs(votes) do
        local what, seq = stale, 0
        if m.hold ~= '1' and v.revision >= m.brev then what, seq = decide(m, st, sheet, v, now, moves, pace) end
        local field = ledger_of[what]
        if field then
            received = received + 1
            moves[field] = (moves[field] or 0) + 1
        end
        if what == counted or what == changed or what == withdrawn then
            actions[#actions + 1] = logged(m, v)
        end
        decisions[i] = struct.pack('<I1I4', what, seq)
    end
    sheet.save()
    return table.concat(decisions), table.concat(actions), #actions, received
end

-- Of votes whose records are numbers those that met one: the ballot that was there is written back.
local function decide_repeated(m, key, packed, before, form, step, marks, moves)
    local kind, ballots, tags = 'u' .. m.bytes * 8, 2 ^ m.bits, 2 ^ (m.bytes * 8 - m.bits)
    local decisions, actions, stands, back = {}, {}, {}, {}
    local first = struct.pack('<I1I4', counted, 1)
    for i = 1, #before do
        local at = (i - 1) * step + 1
        if before[i] == 0 then
            decisions[i] = first
            actions[#actions + 1] = string.sub(packed, at, at + step - 1)
        else
            local v = { hi = 0 }
            v.index, v.lo, v.tag = struct.unpack(form, packed, at)
            -- Of a voter with several votes in this group, what the first one met.
            local value = stands[v.index]
            if not value then
                value = before[i]
                stands[v.index] = value
                local n = #back
                back[n + 1], back[n + 2], back[n + 3], back[n + 4] = 'SET', kind, '#' .. v.index, value
            end
            local what, seq = remembered(number_record(value, ballots), v, shortened(v.tag, tags))
            if what ~= replayed then what, seq = what or already_voted, 0 end
            moves[ledger_of[what]] = (moves[ledger_of[what]] or 0) + 1
            decisions[i] = struct.pack('<I1I4', what, seq)
            marks[v.lo] = marks[v.lo] - 1
        end
    end
    redis.call('BITFIELD', key, unpack(back))
    return table.concat(decisions), table.concat(actions), #actions
end

-- For an open poll whose records are numbers, at less than half the cost: nearly all votes are their voters'
-- first, so they are written without a look, and BITFIELD says what was there. Nothing, and nothing is done,
-- where a ballot is empty.
local function cast_at_once(m, key, packed, form, step, moves)
    local unpack_vote, format = struct.unpack, string.format
    local kind, ballots, tags = 'u' .. m.bytes * 8, 2 ^ m.bits, 2 ^ (m.bytes * 8 - m.bits)
    local set, size, marks, last = {}, 0, {}, 0
    for at = 1, #packed, step do
        local index, ballot, tag = unpack_vote(form, packed, at)
        if ballot == 0 then return nil end
        local short = tag % tags  -- as `shortened`
        if short == 0 and tag ~= 0 then short = 2 end
        set[size + 1], set[size + 2], set[size + 3], set[size + 4] =
            'SET', kind, format('#%d', index), format('%d', short * ballots + ballot)
        size = size + 4
        marks[ballot] = (marks[ballot] or 0) + 1
        if index > last then last = index end
    end
    make_room(key, (last + 1) * m.bytes)
    local before = redis.call('BITFIELD', key, unpack(set, 1, size))
    local n, repeated = #before, false
    for i = 1, n do
        if before[i] ~= 0 then repeated = true break end
    end
    local decisions, actions, firsts
    if repeated then
        decisions, actions, firsts = decide_repeated(m, key, packed, before, form, step, marks, moves)
    else
        decisions, actions, firsts = string.rep(struct.pack('<I1I4', counted, 1), n), packed, n
    end
    for ballot, count in pairs(marks) do mark(m, ballot, 0, count, moves) end
    moves.lc = firsts
    return decisions, actions, firsts, n
end

-- The votes of a group as tables, in either form.
local function votes_in(packed, form, step, revision)
    local votes = {}
    for at = 1, #packed, step or vote_bytes do
        local v = {}
        if form then
            v.index, v.lo, v.tag = struct.unpack(form, packed, at)
            v.hi, v.body, v.revision = 0, 0, revision
        else
            v.index, v.lo, v.hi, v.tag, v.body, v.revision = struct.unpack(vote_form, packed, at)
        end
        votes[#votes + 1] = v
    end
    return votes
end

-- cast: a group of votes is decided.
--   KEYS  meta counts sheet log          of the round in ARGV[1]
--   ARGV  round, votes: vote_form each; or, of records that are numbers, round, votes as the log keeps them,
--         their revision, and bits and bytes as their sender knows them, each '' otherwise; then the
--         revision that the poll has at least: a failover may have lost how it was placed last
--   →     { 0, ms, closed_at ms or -1, verdict (1 byte) and sequence (4; of limited: ms to wait) a vote, revision,
--           a snapshot that was published or "", 1 when this caller is to `flush` and otherwise 0, and in how many ms }
--         { 1 }                          nothing that new was placed here: `state` first
--         { 2, round }                   another round is current
local function cast(keys, args, pace)
    local m = read_meta(keys[1])
    if not m or m.rev < tonumber(args[6] or 0) then return { 1 } end
    if m.rnd ~= args[1] then return { 2, m.rnd } end
    local now = now_ms()
    local st, closed_at = status_at(m, now)
    local packed, moves, form, step = args[2], {}, nil, nil
    local revision = tonumber(args[3])
    if revision then
        local ballot_bytes = math.ceil(tonumber(args[4]) / 8)
        form, step = '<I4I' .. ballot_bytes .. 'I4', 8 + ballot_bytes
        -- Who takes the poll for another than it is has read its ballots wrongly.
        if not are_numbers(m) or m.bits ~= tonumber(args[4]) or m.bytes ~= tonumber(args[5]) then revision = -1 end
    end
    local decisions, actions, moved, received
    if revision and revision >= m.brev and st == 'o' and m.hold ~= '1' then
        decisions, actions, moved, received = cast_at_once(m, keys[3], packed, form, step, moves)
    end
    if not decisions then
        decisions, actions, moved, received =
            cast_one_by_one(m, st, keys[3], votes_in(packed, form, step, revision), now, moves, pace)
    end
    local text, flush, wait = '', 0, 0
    moves.lr, moves.v = received, moved
    move(keys[2], moves)
    if moved > 0 then
        redis.call('XADD', keys[4], '*', 's', now, 'a', actions)
        if m.dirty == 0 and now - m.pub >= between_snapshots then
            text = publish(keys, m, now)
        elseif m.dirty == 0 or now - m.dirty >= forgotten_after then
            redis.call('HSET', keys[1], 'dirty', now)
            redis.call('SPUBLISH', string.match(keys[1], '^{.-}') .. ':waiting', m.head)
            flush = 1
            wait = math.min(math.max(m.pub + between_snapshots - now, 0), between_snapshots)  -- clocks are set back
        end
    end
    return { 0, now, closed_at, decisions, m.rev, text, flush, wait }
end

-- cast_paced: cast where voters may act only so often. By a name of its own, so that a library that does not know
-- of it is replaced.
--   KEYS  as cast
--   ARGV  the six of cast, how many actions are at will, ms between two later ones
--   →     as cast
local function cast_paced(keys, args)
    return cast(keys, args, { at_will = tonumber(args[7]), between = tonumber(args[8]) })
end

redis.register_function('tallycast1_cast', cast)
redis.register_function('tallycast1_cast_paced', cast_paced)
