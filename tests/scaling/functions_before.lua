#!lua name=tallycast1
-- What Redis decides for Tallycast. The number in the library's and the functions' names is the version of the
-- keys, arguments and replies below; nodes of two versions may run side by side.
--
-- A SLICE of a poll is a place of its own: every key of it has the same {hash tag}. Of each slice there are
--
--   meta    hash    what decides a ballot: see `meta_fields`
--   counts  hash    of one round: v the version, n the voters, o<i> marks (below), l<name> the ledger
--   sheet   string  of one round: the ballot of the voter with index i lies at i * record bytes
--   log     stream  of one round: an entry a group, s the time in ms, a its actions:
--                   index (4) ballot (ballot bytes) tag (4) each
--
-- All four are made by `state` and stand from then on, so that a slot on its way to another server answers
-- TRYAGAIN before anything has happened, never in the middle.
--
-- A BALLOT is the word of domain/ballot.hpp as two halves, lo and hi. Its marks are what it adds to the count:
-- o<i>, i the index of an option or the rating - 1; for a ranking i = option * ranks + rank.
--
-- A RECORD of the sheet is, where ballots stand,    ballot (ballot bits) and, above it, a short tag; 2 bytes or more
--                           where they may change,  ballot (ballot bytes) sequence (3) stamp (5) 8 * { tag (4) body (2) }
-- all little-endian (but a standing record of at most 6 bytes is one number in network order, which BITFIELD
-- reads many of at once). The stamp is the time of the action in ms since 2020; tag, body and the ring of the
-- last eight are those of domain/ballot_sheet.hpp.
--
-- Every argument is looked at before the first write: a function that fails has changed nothing.

local meta_fields = {
    'rev',    -- 1  revision of the poll that was placed here last
    'st',     -- 2  status: d(raft) o(pen) p(aused) c(losed) a(rchived)
    'rnd',    -- 3  round
    'brev',   -- 4  revision since which ballots have their meaning
    'opens',  -- 5  ms, -1: a draft does not open by itself
    'till',   -- 6  ms, -1: nothing closes it by itself
    'closed', -- 7  ms, -1
    'type',   -- 8  s(ingle) m(ultiple) r(ating) k (ranking)
    'bits',   -- 9  of a ballot
    'bytes',  -- 10 of a record
    'change', -- 11 1: ballots may be changed
    'ranks',  -- 12 of a ranking, otherwise 0
    'head',   -- 13 "<poll> <slice>", how a snapshot begins
    'pub',    -- 14 when the last snapshot was published, ms
    'dirty',  -- 15 since when something waits to be published, ms; 0: nothing does
    'hold',   -- 16 1: the definition is about to change, ballots wait
}

local vote_form = '<I4I4I4I4I2I4'  -- index, lo, hi, tag, body, revision
local vote_bytes = 22
-- Where records are numbers a vote is written as the log keeps it: index (4) ballot (ballot bytes) tag (4).
local again_form = '<I4I4I4I4I2I4' -- index, lo, hi, tag, body, sequence
local epoch = 1577836800000        -- 2020-01-01, the zero of stamps
local between_snapshots = 100      -- ms
local forgotten_after = 1000       -- ms: whoever was to publish has not

-- Verdicts, as domain::verdict numbers them.
local counted, changed, replayed, withdrawn, already_voted, key_reused, not_voted, change_not_allowed,
    not_open, paused, closed, stale = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12

-- Where the ledger puts a verdict. Those that are missing are in no ledger.
local ledger_of = {
    [counted] = 'lc', [changed] = 'lg', [replayed] = 'lp', [withdrawn] = 'lw',
    [already_voted] = 'l4', [key_reused] = 'l0', [not_voted] = 'l0', [change_not_allowed] = 'l0',
    [not_open] = 'l2', [paused] = 'l2', [closed] = 'l3',
}

local function now_ms()
    local t = redis.call('TIME')
    return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- Meta as a table by name, or nil.
local function read_meta(key)
    local got = redis.call('HMGET', key, unpack(meta_fields))
    if not got[1] then return nil end
    local m = {}
    for i, name in ipairs(meta_fields) do m[name] = got[i] end
    for _, name in ipairs({'rev', 'brev', 'opens', 'till', 'closed', 'bits', 'bytes', 'ranks', 'pub', 'dirty'}) do
        m[name] = tonumber(m[name])
    end
    return m
end

-- Status and closing time at this moment, although nobody may have written them down yet.
local function status_at(m, now)
    local st, closed_at = m.st, m.closed
    if st == 'd' and m.opens >= 0 and now >= m.opens then st = 'o' end
    if (st == 'o' or st == 'p') and m.till >= 0 and now >= m.till then st, closed_at = 'c', m.till end
    return st, closed_at
end

-- "<poll> <slice> <round> <revision> <ms> {field value}": what a reader of results wants to know.
local function snapshot(m, counts, now)
    return table.concat({m.head, m.rnd, m.rev, now,
                         table.concat(redis.call('HGETALL', counts), ' ')}, ' ')
end

local function publish(keys, m, now)
    local text = snapshot(m, keys[2], now)
    redis.call('SPUBLISH', string.match(keys[1], '^{.-}') .. ':results', text)
    redis.call('HSET', keys[1], 'pub', now, 'dirty', 0)
    return text
end

-- The marks of a ballot, added to the table `moves` with the weight `by`.
local function mark(m, lo, hi, by, moves)
    local function at(i) local f = 'o' .. i; moves[f] = (moves[f] or 0) + by end
    moves.n = (moves.n or 0) + by
    if m.type == 's' or m.type == 'r' then return at(lo - 1) end
    if m.type == 'k' then
        local rest, rank = hi * 4294967296 + lo, 0  -- 48 bits: exact
        while rest > 0 do
            at((rest % 16 - 1) * m.ranks + rank)
            rest, rank = math.floor(rest / 16), rank + 1
        end
        return
    end
    for i = 0, 31 do if bit.band(lo, bit.lshift(1, i)) ~= 0 then at(i) end end
    if hi ~= 0 then for i = 0, 31 do if bit.band(hi, bit.lshift(1, i)) ~= 0 then at(32 + i) end end end
end
-- Sheets: a group reads all its records at first and keeps what is written until `save`.
--   get(i)                  the record of index i: { lo, hi, seq, stamp, ring = { tag, body, ... } } or nil
--   put(i, lo, hi, tag, body, stamp, seq)  the voter's next action

-- Sheets grow by a 64th at a time and take what they need: left to itself Redis takes twice as much, and a
-- copy takes no more than it holds.
local function make_room(key, bytes)
    local there = redis.call('STRLEN', key)
    if bytes <= there then return end
    redis.call('SETRANGE', key, math.max(bytes, there + 512, math.floor(there / 64 * 65)) - 1, '\0')
    redis.call('BITOP', 'OR', key, key)
end

-- What a standing record keeps of a tag: bit 0 (the ballot has a key) and as much as there is room for.
local function shortened(tag, tags)
    local short = tag % tags
    return short == 0 and tag ~= 0 and 2 or short
end

local function number_record(value, ballots)
    local ballot = value % ballots
    return { lo = ballot % 4294967296, hi = math.floor(ballot / 4294967296), seq = 1, stamp = 0,
             ring = { math.floor(value / ballots), -1 } }
end

-- Ballots that stand, in records of at most 6 bytes: numbers.
local function number_sheet(m, key, indexes)
    local kind = 'u' .. m.bytes * 8
    local ballots = 2 ^ m.bits
    local tags = 2 ^ (m.bytes * 8 - m.bits)
    local get = {}
    for i, index in ipairs(indexes) do
        get[3 * i - 2], get[3 * i - 1], get[3 * i] = 'GET', kind, '#' .. index
    end
    local found = redis.call('BITFIELD_RO', key, unpack(get))
    local known, set = {}, {}
    for i, index in ipairs(indexes) do known[index] = found[i] end
    local sheet = {}
    function sheet.short(tag) return shortened(tag, tags) end
    function sheet.get(index)
        if known[index] == 0 then return nil end
        return number_record(known[index], ballots)
    end
    function sheet.put(index, lo, hi, tag)
        local value = shortened(tag, tags) * ballots + hi * 4294967296 + lo
        known[index] = value
        set[#set + 1] = 'SET'; set[#set + 1] = kind; set[#set + 1] = '#' .. index
        set[#set + 1] = value
        return 1
    end
    function sheet.save()
        if #set == 0 then return end
        make_room(key, (math.max(unpack(indexes)) + 1) * m.bytes)
        redis.call('BITFIELD', key, unpack(set))
    end
    return sheet
end

-- All other records: strings.
local function string_sheet(m, key)
    local ballot_bytes = math.ceil(m.bits / 8)
    local changeable = m.change == '1'
    local known, dirty = {}, {}
    local pad = string.rep('\0', 8 - ballot_bytes)
    local sheet = {}
    function sheet.short(tag) return changeable and tag or shortened(tag, 65536) end
    function sheet.get(index)
        local text = known[index]
        if text == nil then
            text = redis.call('GETRANGE', key, index * m.bytes, (index + 1) * m.bytes - 1)
            if #text < m.bytes then text = text .. string.rep('\0', m.bytes - #text) end
            known[index] = text
        end
        local lo, hi = struct.unpack('<I4I4', string.sub(text, 1, ballot_bytes) .. pad)
        if not changeable then
            if lo == 0 and hi == 0 then return nil end
            return { lo = lo, hi = hi, seq = 1, stamp = 0, ring = { struct.unpack('<I2', text, ballot_bytes + 1), -1 } }
        end
        local a, b, s, t = struct.unpack('<I2I1I4I1', text, ballot_bytes + 1)
        local seq = b * 65536 + a
        if seq == 0 then return nil end
        local ring = { struct.unpack('<I4I2I4I2I4I2I4I2I4I2I4I2I4I2I4I2', text, ballot_bytes + 9) }
        return { lo = lo, hi = hi, seq = seq, stamp = t * 4294967296 + s, ring = ring, text = text }
    end
    function sheet.put(index, lo, hi, tag, body, stamp, seq)
        local text = string.sub(struct.pack('<I4I4', lo, hi), 1, ballot_bytes)
        if changeable then
            local older = string.sub(known[index], ballot_bytes + 9, m.bytes - 6)
            text = text .. struct.pack('<I2I1I4I1I4I2', seq % 65536, math.floor(seq / 65536), stamp % 4294967296,
                                       math.floor(stamp / 4294967296), tag, body) .. older
        else
            text = text .. struct.pack('<I2', shortened(tag, 65536))
        end
        known[index], dirty[index] = text, true
        return seq
    end
    function sheet.save()
        local last = -1
        for index in pairs(dirty) do last = math.max(last, index) end
        make_room(key, (last + 1) * m.bytes)
        for index in pairs(dirty) do redis.call('SETRANGE', key, index * m.bytes, known[index]) end
    end
    return sheet
end

local function are_numbers(m) return m.change ~= '1' and m.bytes <= 6 end

local function sheet_of(m, key, indexes)
    if are_numbers(m) then return number_sheet(m, key, indexes) end
    return string_sheet(m, key)
end
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

-- Verdict and sequence of one vote, and its effect on sheet and moves. `st` is the status now.
local function decide(m, st, sheet, vote, now, moves)
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
    seq = sheet.put(vote.index, vote.lo, vote.hi, vote.tag, vote.body, now - epoch, (rec and rec.seq or 0) + 1)
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
local function cast_one_by_one(m, st, key, votes, now, moves)
    local indexes, decisions, actions, received = {}, {}, {}, 0
    for i, v in ipairs(votes) do indexes[i] = v.index end
    local sheet = sheet_of(m, key, indexes)
    for i, v in ipairs(votes) do
        local what, seq = stale, 0
        if m.hold ~= '1' and v.revision >= m.brev then what, seq = decide(m, st, sheet, v, now, moves) end
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
--         their revision, and bits and bytes as their sender knows them
--   →     { 0, ms, closed_at ms or -1, verdict (1 byte) and sequence (4) a vote, revision,
--           a snapshot that was published or "", 1 when this caller is to `flush` in a moment, otherwise 0 }
--         { 1 }                          nothing was placed here: `state` first
--         { 2, round }                   another round is current
local function cast(keys, args)
    local m = read_meta(keys[1])
    if not m then return { 1 } end
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
            cast_one_by_one(m, st, keys[3], votes_in(packed, form, step, revision), now, moves)
    end
    local text, flush = '', 0
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
        end
    end
    return { 0, now, closed_at, decisions, m.rev, text, flush }
end

redis.register_function('tallycast1_cast', cast)
-- A poll in its slice: placed, published, read.

-- state: a poll as it now is, from its row in the catalog. Older than what is here, it does nothing.
--   KEYS  meta counts sheet log          of the round in ARGV
--         counts                         of the round before (the same again in the first)
--   ARGV  mode, then meta_fields 1 to 13 in order
--         mode  place      as it is
--               hold       ballots wait from now on, unless there was one in this round
--               release    a hold of this revision ends
--   →     { 0, ms, snapshot }   { 3, ms, snapshot } something newer is here   { 4, ms, snapshot } there are votes
local function state(keys, args)
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
    redis.call('HSET', keys[1], 'hold', 0, unpack(fields))
    if redis.call('EXISTS', keys[4]) == 0 then
        redis.call('XADD', keys[4], '*', 's', 0, 'a', '')
        redis.call('SETRANGE', keys[3], 0, '\0')
        local version = keys[5] == keys[2] and 0 or tonumber(redis.call('HGET', keys[5], 'v') or 0)
        redis.call('HSETNX', keys[2], 'v', version)
    end
    if m and m.rev == rev then return { 0, now, snapshot(read_meta(keys[1]), keys[2], now) } end
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

redis.register_function('tallycast1_state', state)
redis.register_function('tallycast1_flush', flush)
redis.register_function('tallycast1_raise', raise)
redis.register_function{ function_name = 'tallycast1_read', callback = read, flags = { 'no-writes' } }
-- Applying again what was acknowledged and a replaced primary did not have.

-- Whether the voter's last action came before this one.
local function older(rec, stamp, seq)
    return rec.stamp < stamp or (rec.stamp == stamp and rec.seq < seq)
end

-- again: actions that were acknowledged are applied unless they, or newer ones, are there. Open or not: they
-- were decided while it was.
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
    for _, a in ipairs(list) do
        local rec = sheet.get(a.index)
        if not rec or (m.change == '1' and older(rec, at - epoch, a.seq)) then
            local had = rec ~= nil and (rec.lo ~= 0 or rec.hi ~= 0)
            local empty = a.lo == 0 and a.hi == 0
            sheet.put(a.index, a.lo, a.hi, a.tag, a.body, at - epoch, math.max(a.seq, (rec and rec.seq or 0) + 1))
            if had then mark(m, rec.lo, rec.hi, -1, moves) end
            if not empty then mark(m, a.lo, a.hi, 1, moves) end
            local field = empty and (had and 'lw') or (had and 'lg' or 'lc')
            if field then
                moves[field] = (moves[field] or 0) + 1
                moves.lr = (moves.lr or 0) + 1
            end
            actions[#actions + 1] = logged(m, a)
        end
    end
    if #actions == 0 then return { 0, 0 } end
    sheet.save()
    moves.v = #actions
    move(keys[2], moves)
    redis.call('XADD', keys[4], '*', 's', at, 'a', table.concat(actions))
    if redis.call('EXISTS', keys[1]) == 1 then redis.call('HSET', keys[1], 'dirty', now_ms()) end
    return { 0, #actions }
end

redis.register_function('tallycast1_again', again)
-- The catalog: tenants, keys, events and polls, all under one hash tag.

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
    for _, c in ipairs(what.changes) do
        id = redis.call('XADD', keys[10], 'MAXLEN', '~', 10000, '*', 'k', c[1], 'a', c[2], 'b', c[3] or '')
    end
    if #what.changes > 0 then redis.call('SPUBLISH', string.match(keys[10], '^{.-}') .. ':changed', id) end
    return { 1, id }
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

redis.register_function('tallycast1_define', define)
redis.register_function('tallycast1_numbers', numbers)
