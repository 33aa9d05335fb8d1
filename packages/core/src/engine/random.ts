/** Uniform in [0, 1), as `Math.random` gives it. */
export type Random = () => number;

const words = new Uint32Array(1_024);
let used = words.length;

/** Random numbers of 32 bits from the platform's cryptographic generator. */
export const secureRandom: Random = () => {
  if (used === words.length) {
    crypto.getRandomValues(words);
    used = 0;
  }
  const word = words[used] as number;
  used += 1;
  return word / 0x1_0000_0000;
};

/** 128 random bits in hexadecimal digits. */
export function randomToken(random: Random): string {
  let token = '';
  for (let word = 0; word < 4; word += 1) {
    token += Math.floor(random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0');
  }
  return token;
}
