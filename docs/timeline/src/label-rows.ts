import { widthOf } from './svg.js';

/** A text that wants to stand at `x`. */
export interface Label {
  readonly x: number;
  readonly text: string;
  readonly className: string;
}

/** A text with the place it got: the left edge and the row, counted from the nearest one. */
export interface PlacedLabel extends Label {
  readonly left: number;
  readonly row: number;
}

const GAP = 6;

/** Gives each label the nearest row where it touches no other; one that finds none is left out. */
export function placeLabels(
  labels: readonly Label[],
  options: {
    readonly left: number;
    readonly right: number;
    readonly rows: number;
    readonly centred: boolean;
  },
): PlacedLabel[] {
  const placed: PlacedLabel[] = [];
  for (const label of labels) {
    const width = widthOf(label.text);
    const wanted = options.centred ? label.x - width / 2 : label.x;
    const left = Math.max(options.left, Math.min(wanted, options.right - width));
    const row = Array.from({ length: options.rows }, (_, index) => index).find((candidate) =>
      placed.every(
        (other) =>
          other.row !== candidate ||
          left > other.left + widthOf(other.text) + GAP ||
          left + width + GAP < other.left,
      ),
    );
    if (row !== undefined) placed.push({ ...label, left, row });
  }
  return placed;
}
