import { axisTicks } from './axis.js';
import { dispositionInWords, instantInWords, runInWords } from './in-words.js';
import { drawLegend } from './legend.js';
import { type Label, type PlacedLabel, placeLabels } from './label-rows.js';
import { type Lane, lanesOf, type PlacedRun } from './lanes.js';
import { clockChanges, dateOf, timeOfDay } from './local-time.js';
import { type Occurrence, occurrencesOf } from './occurrences.js';
import { type ColourScheme, styleOf } from './palette.js';
import { diamond, runShape, skipMark } from './shapes.js';
import { element, escapeText, rounded } from './svg.js';
import type { Timeline, TimelineRun } from './timeline.js';

/** How to draw a timeline. */
export interface DrawOptions {
  /** Read out for the drawing. */
  readonly title: string;
  /** What is to be seen, in words. */
  readonly description: string;
  /** In pixels. Default 640. */
  readonly width?: number | undefined;
  /** Default that of the reader's system. */
  readonly scheme?: ColourScheme | undefined;
  /** Remarks above occurrences. */
  readonly notes?: readonly { readonly at: Date; readonly text: string }[] | undefined;
}

const MARGIN = 14;
const GUTTER = 84;
/** Below this width instances are told by their number alone, to leave room for what happens. */
const NARROW = 560;
const NARROW_GUTTER = 48;
const LABEL_ROW = 15;
const LABEL_ROWS = 3;
const DUE_ROW = 20;
const LINKS = 26;
const BAR = 16;
const BAR_GAP = 5;
const LANE_PADDING = 9;
const LANE_GAP = 6;
const AXIS = 22;
const LEAST_BAR = 3;
const LARGEST_MARK = 4.5;

/** Draws a timeline as SVG. The same timeline and options always give the same text. */
export function drawTimeline(timeline: Timeline, options: DrawOptions): string {
  return new Drawing(timeline, options).draw();
}

class Drawing {
  readonly #timeline: Timeline;
  readonly #options: DrawOptions;
  readonly #occurrences: readonly Occurrence[];
  readonly #width: number;
  readonly #left: number;
  readonly #right: number;
  readonly #mark: number;

  constructor(timeline: Timeline, options: DrawOptions) {
    this.#timeline = timeline;
    this.#options = options;
    this.#occurrences = occurrencesOf(timeline);
    this.#width = options.width ?? 640;
    this.#left = this.#width < NARROW ? NARROW_GUTTER : GUTTER;
    this.#right = this.#width - MARGIN - 10;
    const gaps = timeline.due.map(
      (due, index) => this.#x(due) - this.#x(timeline.due[index - 1] ?? Number.NaN),
    );
    const smallest = Math.min(...gaps.filter((gap) => !Number.isNaN(gap)), 4 * LARGEST_MARK);
    this.#mark = Math.max(1.5, Math.min(LARGEST_MARK, smallest / 2 - 1));
  }

  draw(): string {
    const { title, description, scheme } = this.#options;
    const lanes = lanesOf(this.#timeline);
    const labels = placeLabels(this.#dueLabels(), {
      left: this.#left - 34,
      right: this.#width - MARGIN,
      rows: LABEL_ROWS,
      centred: true,
    });
    const rowsOfLabels = labels.length === 0 ? 0 : Math.max(...labels.map(({ row }) => row)) + 1;
    const dueY = MARGIN + rowsOfLabels * LABEL_ROW + DUE_ROW / 2;
    const lanesTop = dueY + DUE_ROW / 2 + LINKS;
    const drawnLanes = this.#drawLanes(lanes, lanesTop);
    const axisY = drawnLanes.bottom + 4;
    const axis = this.#drawAxis(axisY, dueY);
    const legendTop = axisY + axis.height + 10;
    const legend = drawLegend(this.#timeline, this.#occurrences, {
      left: MARGIN,
      right: this.#width - MARGIN,
      top: legendTop,
    });
    const height = legendTop + legend.height + MARGIN - 4;

    const content = [
      element('title', { id: 'timeline-title' }, escapeText(title)),
      element('desc', { id: 'timeline-description' }, escapeText(description)),
      element('style', {}, styleOf(scheme)),
      element('defs', {}, patterns()),
      element('rect', { x: 0.5, y: 0.5, width: this.#width - 1, height: height - 1, rx: 8, class: 'paper' }),
      drawnLanes.grounds,
      this.#drawClosed(dueY - DUE_ROW / 2, axisY),
      axis.svg,
      drawnLanes.links.map((drawLinks) => drawLinks(dueY)).join(''),
      this.#drawDue(dueY),
      labels.map((label) => drawLabel(label, dueY - DUE_ROW / 2 - 3 - label.row * LABEL_ROW)).join(''),
      drawnLanes.bars,
      legend.svg,
    ];
    return `${element(
      'svg',
      {
        xmlns: 'http://www.w3.org/2000/svg',
        viewBox: `0 0 ${rounded(this.#width)} ${rounded(height)}`,
        width: this.#width,
        height,
        class: 'timeline',
        role: 'img',
        'aria-labelledby': 'timeline-title timeline-description',
      },
      `\n${content.filter((part) => part !== '').join('\n')}\n`,
    )}\n`;
  }

  #x(instant: number): number {
    const { start, end } = this.#timeline;
    return this.#left + ((instant - start) / (end - start)) * (this.#right - this.#left);
  }

  /** The reasons of skipped occurrences, once for each row of them, and the notes. */
  #dueLabels(): Label[] {
    const { notes = [] } = this.#options;
    const labels: Label[] = notes.map(({ at, text }) => ({
      x: this.#x(at.getTime()),
      text,
      className: 'strong',
    }));
    let group: Occurrence[] = [];
    const close = (): void => {
      const [first, last] = [group[0], group.at(-1)];
      if (first?.reason === undefined || last === undefined) return;
      labels.push({
        x: (this.#x(first.scheduledAt) + this.#x(last.scheduledAt)) / 2,
        text: group.length === 1 ? first.reason : `${first.reason} ×${group.length}`,
        className: 'why',
      });
    };
    for (const occurrence of this.#occurrences) {
      if (occurrence.disposition === 'skipped' && occurrence.reason === group[0]?.reason)
        group.push(occurrence);
      else {
        close();
        group = occurrence.disposition === 'skipped' ? [occurrence] : [];
      }
    }
    close();
    return labels;
  }

  #drawDue(y: number): string {
    const marks = this.#occurrences.map((occurrence) => {
      const { scheduledAt, disposition } = occurrence;
      const [x, radius] = [this.#x(scheduledAt), this.#mark];
      const title = `${instantInWords(scheduledAt, this.#timeline)}: ${dispositionInWords(occurrence, this.#timeline)}`;
      if (disposition === 'skipped') return skipMark(x, y, radius, title);
      if (disposition === 'pending') return diamond(x, y, radius, title);
      const className = disposition === 'run' ? 'due' : 'open';
      return element('circle', { cx: x, cy: y, r: radius, class: className }, element('title', {}, title));
    });
    return this.#gutterLabel('due', y) + marks.join('');
  }

  #nameOf({ instance }: Lane, instances: number): string {
    if (instances === 1) return 'runs';
    return this.#width < NARROW ? `no. ${instance + 1}` : `instance ${instance + 1}`;
  }

  #gutterLabel(text: string, y: number): string {
    return element('text', { x: MARGIN, y: y + 4, class: 'strong' }, text);
  }

  #drawLanes(
    lanes: readonly Lane[],
    top: number,
  ): {
    readonly grounds: string;
    readonly bars: string;
    readonly links: readonly ((dueY: number) => string)[];
    readonly bottom: number;
  } {
    const grounds: string[] = [];
    const bars: string[] = [];
    const links: ((dueY: number) => string)[] = [];
    const places = new Map<TimelineRun, { readonly top: number }>();
    let y = top;
    for (const lane of lanes) {
      const labels = this.#labelsOf(lane);
      const pitch = BAR + BAR_GAP + (labels.length > 0 ? LABEL_ROW - 2 : 0);
      const height = 2 * LANE_PADDING + lane.rows * pitch - BAR_GAP;
      grounds.push(this.#drawGround(lane, y, height));
      bars.push(this.#gutterLabel(this.#nameOf(lane, lanes.length), y + LANE_PADDING + BAR / 2));
      for (const { run, row } of lane.runs) {
        const barTop = y + LANE_PADDING + row * pitch;
        places.set(run, { top: barTop });
        bars.push(this.#drawRun(run, barTop));
      }
      for (const { label, row } of labels) {
        bars.push(drawLabel(label, y + LANE_PADDING + row * pitch + BAR + 11));
      }
      y += height + LANE_GAP;
    }
    for (const [run, place] of places) links.push((dueY) => this.#drawLinks(run, place.top, dueY, places));
    return { grounds: grounds.join(''), bars: bars.join(''), links, bottom: y - LANE_GAP };
  }

  #drawGround(lane: Lane, top: number, height: number): string {
    const width = this.#right - this.#left;
    const ground = element('rect', { x: this.#left, y: top, width, height, rx: 3, class: 'lane' });
    const outages = this.#timeline.outages
      .filter(({ instance }) => instance === lane.instance)
      .map(({ from, to }) => this.#drawArea('hatch', from, to, top, height));
    return ground + outages.join('');
  }

  #drawClosed(top: number, bottom: number): string {
    return this.#timeline.closed
      .map(({ from, to }) => this.#drawArea('dot', from, to, top, bottom - top))
      .join('');
  }

  #drawArea(pattern: 'hatch' | 'dot', from: number, to: number, y: number, height: number): string {
    const x = this.#x(from);
    const area = { x, y, width: this.#x(Math.min(to, this.#timeline.end)) - x, height };
    return (
      element('rect', { ...area, class: `${pattern}-ground` }) +
      element('rect', { ...area, fill: `url(#timeline-${pattern})` })
    );
  }

  #drawRun(run: TimelineRun, top: number): string {
    const start = this.#x(run.startedAt);
    const end = Math.max(this.#x(run.endedAt), start + LEAST_BAR);
    const waited =
      run.queuedAt === undefined
        ? ''
        : element('rect', {
            x: this.#x(run.queuedAt),
            y: top + 4,
            width: start - this.#x(run.queuedAt),
            height: BAR - 8,
            rx: 2,
            class: 'wait',
          });
    const ends = { success: 'whole', failed: 'whole', interrupted: 'torn', running: 'open' } as const;
    const plain = run.attempt > 1 ? 'again' : 'run';
    return (
      waited +
      runShape({
        left: start,
        right: end,
        top,
        height: BAR,
        className: run.catchUp ? 'caught' : plain,
        end: end - start < 8 ? 'whole' : ends[run.outcome],
        title: runInWords(run, this.#timeline),
      })
    );
  }

  #labelsOf({ runs, rows, instance }: Lane): { readonly label: PlacedLabel; readonly row: number }[] {
    const isAmongSeveral = rows > 1 || this.#timeline.due.length > 40;
    const found: { label: PlacedLabel; row: number }[] = [];
    for (let row = 0; row < rows; row += 1) {
      const labels = runs.filter((placed) => placed.row === row).flatMap((placed) => this.#labelOf(placed));
      if (row === rows - 1) labels.push(...this.#skipLabels(instance));
      const room = { left: this.#left, right: this.#width - MARGIN, rows: 1, centred: false };
      const placed = placeLabels(labels, room);
      found.push(...placed.map((label) => ({ label, row })));
    }
    return isAmongSeveral && found.every(({ label }) => label.className === 'plain') ? [] : found;
  }

  #labelOf({ run }: PlacedRun): Label[] {
    const words = [
      ...(run.catchUp && run.coalesced > 0 ? [`for ${run.coalesced + 1} occurrences`] : []),
      ...(run.attempt > 1 ? [`attempt ${run.attempt}`] : []),
      ...(run.outcome === 'interrupted' || run.outcome === 'failed' ? [run.outcome] : []),
    ];
    if (words.length === 0) return [];
    const className = run.outcome === 'interrupted' || run.outcome === 'failed' ? 'why' : 'plain';
    return [{ x: this.#x(run.startedAt), text: words.join(', '), className }];
  }

  /** What an instance did not run though it, or another, had begun to. */
  #skipLabels(instance: number): Label[] {
    return this.#timeline.skips
      .filter((skip) => skip.instance === instance && skip.at <= this.#timeline.end)
      .filter(({ reason }) => ['interrupted', 'contended', 'already_completed'].includes(reason))
      .map(({ at, reason }) => ({ x: this.#x(at), text: `skipped: ${reason}`, className: 'why' }));
  }

  /** From the occurrences of a run to its bar, or from the attempt before it. */
  #drawLinks(
    run: TimelineRun,
    top: number,
    dueY: number,
    places: ReadonlyMap<TimelineRun, { readonly top: number }>,
  ): string {
    const x = this.#x(run.queuedAt ?? run.startedAt);
    const previous = [...places].find(
      ([other]) => other.scheduledAt === run.scheduledAt && other.attempt === run.attempt - 1,
    );
    if (previous !== undefined) {
      const [other, place] = previous;
      return link(this.#x(other.endedAt), place.top + BAR / 2, x, top + BAR / 2, '2 3');
    }
    const end = run.queuedAt === undefined ? top : top + 4;
    return this.#occurrences
      .filter(({ runs, scheduledAt, disposition }) =>
        disposition === 'coalesced' ? runs[0] === run : scheduledAt === run.scheduledAt,
      )
      .map(({ scheduledAt }) => link(this.#x(scheduledAt), dueY + this.#mark, x, end))
      .join('');
  }

  #drawAxis(y: number, dueY: number): { readonly svg: string; readonly height: number } {
    const { start, end, timezone } = this.#timeline;
    const { ticks, step } = axisTicks(start, end, timezone, {
      length: this.#right - this.#left,
      leastGap: leastGapFor(end - start),
    });
    const inDays = step >= 86_400_000;
    const spansDays = dateOf(start, timezone) !== dateOf(end - 1, timezone);
    let date = spansDays && !inDays ? '' : undefined;
    const drawn = ticks.map((tick) => {
      const x = this.#x(tick);
      const parts = [
        element('line', { x1: x, y1: dueY - DUE_ROW / 2, x2: x, y2: y, class: 'grid' }),
        element('line', { x1: x, y1: y, x2: x, y2: y + 4, class: 'axis' }),
        element(
          'text',
          { x, y: y + 16, 'text-anchor': 'middle' },
          inDays ? dateOf(tick, timezone) : timeOfDay(tick, timezone, step < 60_000),
        ),
      ];
      if (date !== undefined && date !== dateOf(tick, timezone)) {
        date = dateOf(tick, timezone);
        parts.push(element('text', { x, y: y + 30, 'text-anchor': 'middle', class: 'strong' }, date));
      }
      return parts.join('');
    });
    const changes = clockChanges(start, end, timezone).map((at) =>
      element('line', { x1: this.#x(at), y1: dueY - DUE_ROW / 2, x2: this.#x(at), y2: y, class: 'change' }),
    );
    const line = element('line', { x1: this.#left, y1: y, x2: this.#right, y2: y, class: 'axis' });
    return { svg: drawn.join('') + changes.join('') + line, height: AXIS + (date === undefined ? 0 : 14) };
  }
}

/** What the labels of an axis need: times, those with seconds, or dates. */
function leastGapFor(spanMs: number): number {
  if (spanMs > 4 * 86_400_000) return 74;
  return spanMs < 600_000 ? 66 : 43;
}

function drawLabel({ left, text, className }: PlacedLabel, y: number): string {
  return element('text', { x: left, y, class: className }, escapeText(text));
}

function link(x1: number, y1: number, x2: number, y2: number, dashes?: string): string {
  return element('line', { x1, y1, x2, y2, class: 'link', 'stroke-dasharray': dashes });
}

function patterns(): string {
  const pattern = (id: string, size: number, content: string, turn?: string): string =>
    element(
      'pattern',
      {
        id: `timeline-${id}`,
        width: size,
        height: size,
        patternUnits: 'userSpaceOnUse',
        patternTransform: turn,
      },
      content,
    );
  const upright = { x1: 0, y1: 0, x2: 0 };
  return [
    pattern(
      'stripe',
      6,
      element('rect', { width: 6, height: 6, class: 'stripe-ground' }) +
        element('line', { ...upright, y2: 6, class: 'stripe' }),
      'rotate(45)',
    ),
    pattern('hatch', 6, element('line', { ...upright, y2: 6, class: 'hatch' }), 'rotate(-45)'),
    pattern('dot', 7, element('circle', { cx: 3.5, cy: 3.5, r: 1, class: 'dot' })),
  ].join('');
}
