import { format } from './report.mjs';

const WIDTH = 720;
const LABEL_WIDTH = 250;
const BAR_WIDTH = 330;
const ROW = 26;
const TOP = 44;

const escape = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

/** A bar for each contestant, on a scale by powers of ten where the figures are far apart. */
export function toSvg({ title, columns, plot }, results) {
  const shown = results.filter(({ values }) => values?.[plot.column] !== undefined);
  const figures = shown.map(({ values }) => Math.max(values[plot.column].median, 1e-6));
  const [least, most] = [Math.min(...figures), Math.max(...figures)];
  const isWide = most / least > 50;
  const floor = 10 ** Math.floor(Math.log10(least));
  const lengthOf = (value) => {
    const share = isWide ? Math.log10(value / floor) / Math.log10(most / floor) : value / most;
    return Math.max(2, Math.round(share * BAR_WIDTH));
  };
  const height = TOP + results.length * ROW + 12;
  const scale = isWide ? ', on a scale by powers of ten' : '';
  const heading = `${columns[plot.column]} (${plot.better} is better${scale})`;
  const bars = results.map(({ label, values, failure }, index) => {
    const y = TOP + index * ROW;
    const value = values?.[plot.column]?.median;
    const own = label.startsWith('ours') ? 'own' : 'other';
    const length = value === undefined ? 0 : lengthOf(Math.max(value, 1e-6));
    const bar =
      length === 0
        ? ''
        : `<rect class="${own}" x="${LABEL_WIDTH}" y="${y}" width="${length}" height="16" rx="2"/>`;
    const figure = value === undefined ? (failure ?? '–') : format(value);
    return `<text x="${LABEL_WIDTH - 8}" y="${y + 13}" text-anchor="end">${escape(label)}</text>${bar}<text x="${LABEL_WIDTH + length + 6}" y="${y + 13}">${escape(figure)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" font-family="system-ui, sans-serif" font-size="13">
<title>${escape(title)}</title>
<desc>${escape(`${heading}: ${results.map(({ label, values, failure }) => `${label} ${failure ?? format(values[plot.column]?.median ?? Number.NaN)}`).join('; ')}`)}</desc>
<style>text{fill:#1f2328}.own{fill:#0a6ebd}.other{fill:#9aa4af}@media (prefers-color-scheme:dark){text{fill:#e6edf3}.own{fill:#4aa3ef}.other{fill:#6e7681}}</style>
<text x="0" y="20" font-weight="600">${escape(heading)}</text>
${bars.join('\n')}
</svg>
`;
}
