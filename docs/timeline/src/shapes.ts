import { element, rounded } from './svg.js';

interface RunShape {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly height: number;
  readonly className: string;
  /** `torn`: its process died; `open`: it goes on beyond the drawing. */
  readonly end: 'whole' | 'torn' | 'open';
  readonly title?: string | undefined;
}

/** The bar of a run. Catch-up runs are striped, so that no sign is told from another by its colour alone. */
export function runShape({ left, right, top, height, className, end, title }: RunShape): string {
  const content = title === undefined ? undefined : element('title', {}, title);
  const fill = className === 'caught' ? 'url(#timeline-stripe)' : undefined;
  const shared = { class: className, fill };
  if (end === 'whole') {
    return element('rect', { x: left, y: top, width: right - left, height, rx: 2, ...shared }, content);
  }
  const edge =
    end === 'torn'
      ? tornEdge(right, top, height)
      : [
          [right - 6, top],
          [right, top + height / 2],
          [right - 6, top + height],
        ];
  const points = [[left, top], ...edge, [left, top + height]];
  const body = element('polygon', { points: pointsOf(points), ...shared }, content);
  return end === 'torn' ? body + element('polyline', { points: pointsOf(edge), class: 'skip' }) : body;
}

function tornEdge(right: number, top: number, height: number): number[][] {
  return [0, 1, 2, 3, 4].map((part) => [right - (part % 2 === 0 ? 0 : 4), top + (part * height) / 4]);
}

function pointsOf(points: readonly (readonly number[])[]): string {
  return points.map((point) => point.map(rounded).join(',')).join(' ');
}

/** The sign of a skipped occurrence. */
export function skipMark(x: number, y: number, radius: number, title?: string): string {
  const reach = radius * 0.9;
  const path = [
    `M${rounded(x - reach)} ${rounded(y - reach)}L${rounded(x + reach)} ${rounded(y + reach)}`,
    `M${rounded(x - reach)} ${rounded(y + reach)}L${rounded(x + reach)} ${rounded(y - reach)}`,
  ].join('');
  return element(
    'path',
    { d: path, class: 'skip' },
    title === undefined ? undefined : element('title', {}, title),
  );
}

/** The sign of an occurrence that nothing has become of yet. */
export function diamond(x: number, y: number, radius: number, title?: string): string {
  const points = [
    [x, y - radius],
    [x + radius, y],
    [x, y + radius],
    [x - radius, y],
  ];
  const content = title === undefined ? undefined : element('title', {}, title);
  return element('polygon', { points: pointsOf(points), class: 'pending' }, content);
}
