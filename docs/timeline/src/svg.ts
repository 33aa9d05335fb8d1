type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element as text; numbers are rounded to a tenth, so that a drawing is the same on every machine. */
export function element(name: string, attributes: Attributes, content?: string): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) => ` ${key}="${typeof value === 'number' ? rounded(value) : escapeText(value ?? '')}"`,
    )
    .join('');
  return content === undefined ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

export function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}

export function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

const NARROW = /[ .,:;'|!()fijlrt]/;
const WIDE = /[mwMW×]/;

/** About how wide a text is in the small type of the drawings; rather too wide than too narrow. */
export function widthOf(text: string): number {
  return Array.from(text).reduce((width, letter) => {
    if (NARROW.test(letter)) return width + 4;
    return width + (WIDE.test(letter) ? 10 : 7);
  }, 0);
}
