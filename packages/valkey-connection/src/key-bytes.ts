const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * The key for a text, so that no two texts share one. UTF-8 turns every lone surrogate into the same
 * character; they are written here as the three bytes that UTF-8 would use if it allowed them.
 */
export function keyBytes(text: string): string | Buffer {
  if (!LONE_SURROGATE.test(text)) return text;
  return Buffer.concat(
    Array.from(text, (character) => {
      if (!LONE_SURROGATE.test(character)) return Buffer.from(character);
      const unit = character.charCodeAt(0);
      return Buffer.from([0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)]);
    }),
  );
}
