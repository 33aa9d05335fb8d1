import { Script } from '@cloudiful-scheduler/valkey-connection';

// A lease is a string 'fencing token:owner token' that the server expires. Whatever reads comes before
// whatever writes, so that a key of another type stops a script before it has changed anything. A server which is
// full refuses a script at its first write, if that needs memory: acquiring begins with such a write, renewing
// and releasing do not.

/**
 * KEYS: lease, resource, open, fence, done. ARGV: token, ttl, member, how long a fencing token is remembered.
 * Answers 'acquired' with the fencing token, 'contended', 'completed' or 'corrupt'.
 */
export const ACQUIRE = new Script(
  `
local token, ttl, member = ARGV[1], tonumber(ARGV[2]), ARGV[3]
if redis.call('EXISTS', KEYS[5]) == 1 then return {'completed'} end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local held = redis.call('GET', KEYS[1])
local fence
if held then
  local number, owner = string.match(held, '^(%d+):(.*)$')
  if not number then return {'corrupt', KEYS[1]} end
  if owner ~= token then return {'contended'} end
  fence = tonumber(number)
  redis.call('PEXPIRE', KEYS[1], ttl)
else
  if member ~= '' then
    if redis.call('EXISTS', KEYS[2]) == 1 then return {'contended'} end
  elseif redis.call('ZCOUNT', KEYS[3], now, '+inf') > 0 then
    return {'contended'}
  end
  local last = tonumber(redis.call('GET', KEYS[4]) or 0)
  if not last then return {'corrupt', KEYS[4]} end
  fence = math.max(last + 1, time[1] * 1000000 + time[2])
  local text = string.format('%.0f', fence)
  redis.call('SET', KEYS[4], text, 'PX', ARGV[4])
  redis.call('SET', KEYS[1], text .. ':' .. token, 'PX', ttl)
  redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', '(' .. now)
end
if member ~= '' then
  redis.call('ZADD', KEYS[3], now + ttl + 1, member)
  if redis.call('PTTL', KEYS[3]) <= ttl then redis.call('PEXPIRE', KEYS[3], ttl + 1) end
end
return {'acquired', fence}
`,
  { keys: 5, values: 4, subject: 2 },
);

/** KEYS: lease, open. ARGV: token, ttl, member. Answers 1, or 0 when the lease is not this token's. */
export const RENEW = new Script(
  `
local token, ttl, member = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local held = redis.call('GET', KEYS[1])
if not held or string.match(held, '^%d+:(.*)$') ~= token then return 0 end
redis.call('PEXPIRE', KEYS[1], ttl)
if member ~= '' then
  local time = redis.call('TIME')
  redis.call('ZADD', KEYS[2], time[1] * 1000 + math.floor(time[2] / 1000) + ttl + 1, member)
  if redis.call('PTTL', KEYS[2]) <= ttl then redis.call('PEXPIRE', KEYS[2], ttl + 1) end
end
return 1
`,
  { keys: 2, values: 3, subject: 1 },
);

/**
 * KEYS: lease, open, done. ARGV: token, member, how long to leave a done marker (0 leaves none).
 * Answers 1, or 0 when the lease is not this token's and it left no done marker either.
 */
export const RELEASE = new Script(
  `
local token, member, remember = ARGV[1], ARGV[2], tonumber(ARGV[3])
local held = redis.call('GET', KEYS[1])
local done = redis.call('GET', KEYS[3])
if not held or string.match(held, '^%d+:(.*)$') ~= token then
  if remember > 0 and done == token then return 1 end
  return 0
end
redis.call('DEL', KEYS[1])
if member ~= '' then redis.call('ZREM', KEYS[2], member) end
if remember > 0 then redis.call('SET', KEYS[3], token, 'PX', remember) end
return 1
`,
  { keys: 3, values: 3, subject: 1 },
);
