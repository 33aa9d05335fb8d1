// Plain JavaScript, as Node loads it in the worker thread; used on both sides.

/** The brand by which core's `isSchedulerError` knows its errors. */
const BRAND = Symbol.for('@cloudiful-scheduler/error');

/** How deep causes are followed; also what ends a circle of them. */
const CAUSES = 8;

/** Where in `value` something is that cannot be cloned, and what it is. */
export function findNotCloneable(value, path, seen = new Set()) {
  if (isCloneable(value) || seen.has(value)) return undefined;
  seen.add(value);
  for (const [part, child] of partsOf(value)) {
    const found = findNotCloneable(child, `${path}${part}`, seen);
    if (found !== undefined) return found;
  }
  return { path, what: describe(value) };
}

/** What a thrown value is sent as: an error keeps its name, message, stack, cause and the data that it bears. */
export function encodeThrown(thrown, depth = 0) {
  try {
    return encode(thrown, depth);
  } catch {
    const message = 'What was thrown cannot be read: it throws an error itself';
    return { error: { name: 'Error', message, stack: `Error: ${message}`, branded: false, data: {} } };
  }
}

function encode(thrown, depth) {
  if (!(thrown instanceof Error)) {
    return isCloneable(thrown) ? { value: thrown } : { value: describe(thrown) };
  }
  const [name, message, stack, cause] = ['name', 'message', 'stack', 'cause'].map((key) => read(thrown, key));
  const data = {};
  for (const key of Object.keys(thrown)) {
    const value = read(thrown, key);
    if (key !== 'cause' && isCloneable(value)) data[key] = value;
  }
  return {
    error: {
      name: text(name),
      message: text(message),
      stack: text(stack),
      branded: BRAND in thrown,
      data,
    },
    cause: cause === undefined || depth === CAUSES ? undefined : encodeThrown(cause, depth + 1),
  };
}

/** The thrown value again. An error is an `Error` with the name, not an instance of its class. */
export function decodeThrown({ value, error, cause }) {
  if (error === undefined) return value;
  const decoded = new Error(error.message, cause === undefined ? undefined : { cause: decodeThrown(cause) });
  Object.assign(decoded, error.data);
  Object.defineProperty(decoded, 'name', { value: error.name, configurable: true, writable: true });
  Object.defineProperty(decoded, 'stack', { value: error.stack, configurable: true, writable: true });
  if (error.branded) Object.defineProperty(decoded, BRAND, { value: true });
  return decoded;
}

/** A property, or what stands for it where reading it throws. */
function read(object, key) {
  try {
    return object[key];
  } catch {
    return `(${key} cannot be read)`;
  }
}

function isCloneable(value) {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

/** The parts that the structured clone of `value` would hold, each with how to write its place. */
function* partsOf(value) {
  if (typeof value !== 'object') return;
  if (value instanceof Map) {
    for (const [key, child] of value) {
      yield ['.keys()', key];
      yield [`.get(${typeof key === 'string' ? JSON.stringify(key) : describe(key)})`, child];
    }
  } else if (value instanceof Set) {
    for (const child of value) yield ['.values()', child];
  } else {
    const named = Object.entries(Object.getOwnPropertyDescriptors(value));
    for (const [key, { enumerable, value: child }] of named) {
      if (enumerable) yield [partName(key, Array.isArray(value)), child];
    }
  }
}

function partName(key, inArray) {
  if (inArray && /^\d+$/.test(key)) return `[${key}]`;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

/** Whatever somebody made of a text of an error. */
function text(value) {
  return typeof value === 'string' ? value : describe(value);
}

function describe(value) {
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  const name = value.constructor?.name;
  return typeof name === 'string' && name !== '' && name !== 'Object'
    ? `an object of class ${name}`
    : 'an object';
}
