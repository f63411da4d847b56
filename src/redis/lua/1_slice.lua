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
    not_open, paused, closed, stale, limited = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14

-- Where the ledger puts a verdict. Those that are missing are in no ledger.
local ledger_of = {
    [counted] = 'lc', [changed] = 'lg', [replayed] = 'lp', [withdrawn] = 'lw',
    [already_voted] = 'l4', [key_reused] = 'l0', [not_voted] = 'l0', [change_not_allowed] = 'l0',
    [not_open] = 'l2', [paused] = 'l2', [closed] = 'l3', [limited] = 'l5',
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
