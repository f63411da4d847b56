-- Whether the user of a node may do what the functions above do.

-- trial: does once, on keys that nobody else has, whatever the functions do, and leaves nothing. An answer for a node
-- that starts: a function that is refused half-way keeps what it wrote.
--   KEYS  meta counts sheet log          named as those of a slice
--   ARGV  channels
--   →     { command, what Redis said, ... } of each command that is refused
local function trial(keys, args)
    local refused = {}
    local function try(command, ...)
        local got = redis.pcall(command, ...)
        if type(got) ~= 'table' or not got.err then return end
        refused[#refused + 1], refused[#refused + 2] = command, got.err
    end
    local meta, counts, sheet, log = unpack(keys)
    try('TIME')
    for _, command in ipairs({ 'HSET', 'HSETNX' }) do try(command, meta, 'rev', 1) end
    for _, command in ipairs({ 'HGET', 'HMGET', 'HEXISTS', 'HDEL' }) do try(command, meta, 'rev') end
    try('HINCRBY', counts, 'n', 1)
    try('HGETALL', counts)
    try('SETRANGE', sheet, 1, '\0')
    try('STRLEN', sheet)
    try('GETRANGE', sheet, 0, 1)
    try('BITOP', 'OR', sheet, sheet)
    try('BITFIELD', sheet, 'SET', 'u8', '#0', 1)
    try('BITFIELD_RO', sheet, 'GET', 'u8', '#0')
    try('XADD', log, 'MAXLEN', 1, '*', 's', 0, 'a', '')
    try('EXISTS', log)
    for _, channel in ipairs(args) do try('SPUBLISH', channel, '') end
    try('SET', counts, 0, 'PX', 1000)
    try('GET', counts)
    try('UNLINK', meta, counts, sheet, log)
    return refused
end

redis.register_function{ function_name = 'tallycast1_trial', callback = trial, flags = { 'allow-oom' } }
