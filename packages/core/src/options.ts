import { InvalidOptionError } from './errors.js';

/** Refuses anything but a plain options object with known names. */
export function checkOptionNames(path: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new InvalidOptionError(path, options, 'an object');
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw new InvalidOptionError(
        `${path}.${name}`,
        (options as Record<string, unknown>)[name],
        `one of ${known.join(', ')}`,
      );
    }
  }
}

/** Refuses anything but one of `allowed`; `undefined` stands for the default. */
export function checkLiteral<T extends string>(
  path: string,
  value: unknown,
  allowed: readonly T[],
  fallback: T,
): T {
  if (value === undefined) return fallback;
  if (!allowed.includes(value as T)) {
    throw new InvalidOptionError(path, value, `one of ${allowed.map((one) => `'${one}'`).join(', ')}`);
  }
  return value as T;
}

/** Refuses anything but a whole number in `[min, max]`. */
export function checkInteger(
  path: string,
  value: unknown,
  min: number,
  max = Number.MAX_SAFE_INTEGER,
): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
    const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`;
    throw new InvalidOptionError(path, value, `a whole number ${range}`);
  }
  return value;
}

/** Refuses anything but a string that is not empty. */
export function checkText(path: string, value: unknown): string {
  if (typeof value !== 'string' || value === '')
    throw new InvalidOptionError(path, value, 'a string that is not empty');
  return value;
}

/** Refuses an object that lacks one of the named methods. */
export function checkMethods(
  path: string,
  value: unknown,
  methods: readonly string[],
  what = 'an object',
): void {
  const allowed = `${what} with the methods ${methods.join(', ')}`;
  if (typeof value !== 'object' || value === null) throw new InvalidOptionError(path, value, allowed);
  for (const method of methods) {
    if (typeof (value as Record<string, unknown>)[method] !== 'function') {
      throw new InvalidOptionError(`${path}.${method}`, (value as Record<string, unknown>)[method], allowed);
    }
  }
}

const knownTimezones = new Set<string>(['UTC']);

/** Refuses anything but a time zone that `Intl` knows. */
export function checkTimezone(path: string, value: unknown): string {
  const allowed = "the IANA name of a time zone, such as 'Europe/Berlin'";
  if (typeof value !== 'string' || value === '') throw new InvalidOptionError(path, value, allowed);
  if (!knownTimezones.has(value)) {
    try {
      Intl.DateTimeFormat('en-US', { timeZone: value });
    } catch (cause) {
      throw new InvalidOptionError(path, value, allowed, cause);
    }
    knownTimezones.add(value);
  }
  return value;
}

/** Refuses anything but a valid `Date`; returns its epoch milliseconds. */
export function checkInstant(path: string, value: unknown): number {
  const allowed = 'a valid Date';
  if (!(value instanceof Date) || Number.isNaN(value.getTime()))
    throw new InvalidOptionError(path, value, allowed);
  return value.getTime();
}
