-- Sheets: a group reads all its records at first and keeps what is written until `save`.
--   get(i)                  the record of index i: { lo, hi, seq, stamp, ring = { tag, body, ... } } or nil
--   put(i, lo, hi, tag, body, stamp, seq, lost)  the voter's next action; lost: how many there were right before it of
--                           which nothing is known, nil: none
--   recall(i, seq, tag, body)  one of those is known now; whether it was one

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

-- An action that is known to have been there, and no more. No tag of a key is 0.
local lost_tag, lost_body = 0, 1
local entry_form, entry_bytes = '<I4I2', 6

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
    function sheet.put(index, lo, hi, tag, body, stamp, seq, lost)
        local text = string.sub(struct.pack('<I4I4', lo, hi), 1, ballot_bytes)
        if changeable then
            lost = math.min(lost or 0, 7)
            local older = string.sub(known[index], ballot_bytes + 9, m.bytes - entry_bytes * (1 + lost))
            text = text .. struct.pack('<I2I1I4I1', seq % 65536, math.floor(seq / 65536), stamp % 4294967296,
                                       math.floor(stamp / 4294967296)) ..
                struct.pack(entry_form, tag, body) .. string.rep(struct.pack(entry_form, lost_tag, lost_body), lost) .. older
        else
            text = text .. struct.pack('<I2', shortened(tag, 65536))
        end
        known[index], dirty[index] = text, true
        return seq
    end
    function sheet.recall(index, seq, tag, body)
        local rec = sheet.get(index)
        local i = rec.seq - seq + 1
        if i < 1 or rec.ring[2 * i - 1] ~= lost_tag or rec.ring[2 * i] ~= lost_body then return false end
        local at = ballot_bytes + 8 + entry_bytes * (i - 1)
        known[index] = string.sub(known[index], 1, at) .. struct.pack(entry_form, tag, body) ..
            string.sub(known[index], at + entry_bytes + 1)
        dirty[index] = true
        return true
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
