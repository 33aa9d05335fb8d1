import { clockChanges } from './local-time.js';
import type { Occurrence } from './occurrences.js';
import { element, widthOf } from './svg.js';
import { diamond, runShape, skipMark } from './shapes.js';
import type { Timeline } from './timeline.js';

interface Entry {
  readonly text: string;
  /** Draws the sample with its left middle at the origin; it is 22 wide. */
  readonly sample: string;
}

const ROW = 18;
const SAMPLE = 28;
const GAP = 16;

/** Explains the signs that a drawing uses, and no others. */
export function drawLegend(
  timeline: Timeline,
  occurrences: readonly Occurrence[],
  place: { readonly left: number; readonly right: number; readonly top: number },
): { readonly svg: string; readonly height: number } {
  let [x, y] = [place.left, place.top];
  const drawn: string[] = [];
  const words = [...entriesOf(timeline, occurrences), { text: `times in ${timeline.timezone}`, sample: '' }];
  for (const { text, sample } of words) {
    const indent = sample === '' ? 0 : SAMPLE;
    const width = indent + widthOf(text);
    if (x + width > place.right && x > place.left) {
      x = place.left;
      y += ROW;
    }
    const label = element('text', { x: indent, y: 4 }, text);
    drawn.push(element('g', { transform: `translate(${Math.round(x)} ${y + ROW / 2})` }, sample + label));
    x += width + GAP;
  }
  return { svg: drawn.join(''), height: y + ROW - place.top };
}

function entriesOf(
  { start, end, timezone, runs, outages, closed }: Timeline,
  occurrences: readonly Occurrence[],
): Entry[] {
  const has = (disposition: string): boolean => occurrences.some((one) => one.disposition === disposition);
  const bar = (className: string, shape: 'whole' | 'torn' | 'open' = 'whole'): string =>
    runShape({ left: 0, right: 22, top: -6, height: 12, className, end: shape });
  const area = (id: string): string =>
    element('rect', { x: 0, y: -7, width: 22, height: 14, class: `${id}-ground` }) +
    element('rect', { x: 0, y: -7, width: 22, height: 14, fill: `url(#timeline-${id})` });
  const entries: [boolean, string, string][] = [
    [has('run'), 'due', element('circle', { cx: 11, cy: 0, r: 4, class: 'due' })],
    [has('coalesced'), 'due, made up for later', element('circle', { cx: 11, cy: 0, r: 4, class: 'open' })],
    [has('skipped'), 'due, skipped', skipMark(11, 0, 4)],
    [has('pending'), 'due, not acted on yet', diamond(11, 0, 4.5)],
    [runs.some(({ catchUp, attempt }) => !catchUp && attempt === 1), 'run', bar('run')],
    [runs.some(({ catchUp }) => catchUp), 'catch-up run', bar('caught')],
    [runs.some(({ catchUp, attempt }) => !catchUp && attempt > 1), 'run again', bar('again')],
    [
      runs.some(({ queuedAt }) => queuedAt !== undefined),
      'queued',
      element('rect', { x: 0, y: -4, width: 22, height: 8, rx: 2, class: 'wait' }),
    ],
    [runs.some(({ outcome }) => outcome === 'interrupted'), 'interrupted', bar('run', 'torn')],
    [runs.some(({ outcome }) => outcome === 'running'), 'still running', bar('run', 'open')],
    [outages.length > 0, 'process is down', area('hatch')],
    [
      clockChanges(start, end, timezone).length > 0,
      'the clocks change',
      element('line', { x1: 11, y1: -7, x2: 11, y2: 7, class: 'change' }),
    ],
    [closed.length > 0, 'outside the time window', area('dot')],
  ];
  return entries.flatMap(([shown, text, sample]) => (shown ? [{ text, sample }] : []));
}
