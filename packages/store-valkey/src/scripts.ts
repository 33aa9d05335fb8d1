import { Script } from '@cloudiful-scheduler/valkey-connection';

/**
 * KEYS: record. ARGV: revision that is expected ('' for none), new record. Answers 1 when it was written,
 * also by an earlier try whose answer was lost, and 0 on a conflict.
 */
export const SAVE = new Script(
  `
local current = redis.call('GET', KEYS[1])
if current == ARGV[2] then return 1 end
if current then
  if redis.sha1hex(current) ~= ARGV[1] then return 0 end
elseif ARGV[1] ~= '' then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2])
return 1
`,
  { keys: 1, values: 2, subject: 0 },
);
