import { InvalidOptionError } from '@cloudiful-scheduler/core';
import type { ValkeyEndpoint } from './client.js';

/** Refuses anything but an options object with known names. */
export function checkOptionNames(path: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new InvalidOptionError(path, options, 'an object');
  }
  for (const [name, value] of Object.entries(options)) {
    if (!known.includes(name))
      throw new InvalidOptionError(`${path}.${name}`, value, `one of ${known.join(', ')}`);
  }
}

/** Refuses anything but a whole number in `[min, max]`. */
export function checkMilliseconds(path: string, value: unknown, min: number, max = 2 ** 31 - 1): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw new InvalidOptionError(path, value, `a whole number of milliseconds from ${min} to ${max}`);
  }
  return value;
}

/** Refuses anything but a string. */
export function checkString(path: string, value: unknown): string {
  if (typeof value !== 'string') throw new InvalidOptionError(path, value, 'a string');
  return value;
}

const METHODS = ['getBuffer', 'del', 'evalsha', 'eval'] as const;

/** Refuses anything but one client or one URL. No part of a URL is shown, since it may hold a password. */
export function checkEndpoint(path: string, endpoint: unknown): ValkeyEndpoint {
  if (typeof endpoint !== 'object' || endpoint === null || Array.isArray(endpoint)) {
    throw new InvalidOptionError(
      path,
      typeof endpoint === 'string' ? 'a string' : endpoint,
      'an object with client or url',
    );
  }
  for (const name of Object.keys(endpoint)) {
    if (name !== 'client' && name !== 'url')
      throw new InvalidOptionError(`${path}.${name}`, 'a value', 'one of client, url');
  }
  const { client, url } = endpoint as { client?: unknown; url?: unknown };
  if ((client === undefined) === (url === undefined)) {
    throw new InvalidOptionError(path, client === undefined ? 'neither' : 'both', 'either client or url');
  }
  if (client !== undefined) {
    for (const method of METHODS) {
      if (typeof (client as Record<string, unknown> | null)?.[method] !== 'function') {
        throw new InvalidOptionError(`${path}.client`, client, 'a client of iovalkey (Redis or Cluster)');
      }
    }
  } else {
    checkUrl(`${path}.url`, url);
  }
  return endpoint as ValkeyEndpoint;
}

function checkUrl(path: string, value: unknown): void {
  const allowed = 'a URL such as valkey://host:6379';
  if (typeof value !== 'string') throw new InvalidOptionError(path, typeof value, allowed);
  const parsed = URL.canParse(value) ? new URL(value) : undefined;
  if (parsed === undefined || parsed.hostname === '')
    throw new InvalidOptionError(path, 'a URL that cannot be read', allowed);
  if (!['valkey:', 'valkeys:', 'redis:', 'rediss:'].includes(parsed.protocol)) {
    throw new InvalidOptionError(path, `a URL that begins with ${parsed.protocol}`, allowed);
  }
  if (!/^\/?\d*$/.test(parsed.pathname))
    throw new InvalidOptionError(path, 'a URL with another path', `${allowed} or valkey://host:6379/2`);
}
