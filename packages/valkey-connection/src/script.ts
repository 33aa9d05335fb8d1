import { createHash } from 'node:crypto';

/** What a script takes for each item. */
export interface ScriptShape {
  /** How many keys. */
  readonly keys: number;
  /** How many values. */
  readonly values: number;
  /** Which of the keys stands for what it changes: items with the same one keep their order. */
  readonly subject: number;
}

/**
 * A constant Lua script. Data reaches it by KEYS and ARGV alone. It is written as if for one item, and is sent with
 * the keys and values of any number of them, one item's after another's. It answers with a list of what each item
 * came to; an item that fails leaves an error there and harms no other. If it is the only one, the script fails.
 */
export class Script {
  readonly source: string;
  /** What the server calls it. */
  readonly sha1: string;
  /** The place among the keys of an item of the one that stands for what is changed. */
  readonly subject: number;

  constructor(body: string, { keys, values, subject }: ScriptShape) {
    this.subject = subject;
    this.source = `
local function one(KEYS, ARGV)
${body.trim()}
end
if #KEYS == ${keys} then return {one(KEYS, ARGV)} end
local function slice(list, from, count)
  local part = {}
  for index = 1, count do part[index] = list[from + index] end
  return part
end
local answers = {}
for item = 0, #KEYS / ${keys} - 1 do
  local ok, answer = pcall(one, slice(KEYS, item * ${keys}, ${keys}), slice(ARGV, item * ${values}, ${values}))
  if not ok and type(answer) ~= 'table' then answer = {err = tostring(answer)} end
  answers[item + 1] = answer
end
return answers
`;
    this.sha1 = createHash('sha1').update(this.source).digest('hex');
  }
}
