const LIGHT = {
  paper: '#ffffff',
  ink: '#1f2328',
  muted: '#59636e',
  grid: '#e3e7ec',
  lane: '#f6f8fa',
  run: '#0b62c4',
  'run-soft': '#9cc5f5',
  caught: '#8a3ffc',
  'caught-soft': '#d9c5ff',
  bad: '#c22f2f',
  down: '#8c959f',
  closed: '#b08500',
};

const DARK: Readonly<Record<keyof typeof LIGHT, string>> = {
  paper: '#12171e',
  ink: '#e6edf3',
  muted: '#9aa6b2',
  grid: '#2a323c',
  lane: '#1a212a',
  run: '#5aa9ff',
  'run-soft': '#1f4a7c',
  caught: '#c297ff',
  'caught-soft': '#4b2f7a',
  bad: '#ff8078',
  down: '#77828e',
  closed: '#d4a72c',
};

const variables = (colours: typeof LIGHT): string =>
  Object.entries(colours)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';');

export type ColourScheme = 'light' | 'dark';

/** The style sheet of a drawing, in one colour scheme or in both, by the wish of the reader's system. */
export function styleOf(scheme: ColourScheme | undefined): string {
  const colours = `.timeline{${variables(scheme === 'dark' ? DARK : LIGHT)};${FONT}}`;
  const inTheDark = `@media (prefers-color-scheme:dark){.timeline{${variables(DARK)}}}`;
  return colours + (scheme === undefined ? inTheDark : '') + SHAPES;
}

const FONT = 'font:11px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif';

const SHAPES = [
  '.timeline text{fill:var(--muted)}',
  '.timeline .strong{fill:var(--ink);font-weight:600}',
  '.timeline .paper{fill:var(--paper);stroke:var(--grid)}',
  '.timeline .lane{fill:var(--lane)}',
  '.timeline .grid{stroke:var(--grid)}',
  '.timeline .axis{stroke:var(--muted)}',
  '.timeline .link{stroke:var(--muted);stroke-width:1;opacity:.55;fill:none}',
  '.timeline .due{fill:var(--ink);stroke:var(--ink)}',
  '.timeline .open{fill:var(--paper);stroke:var(--ink);stroke-width:1.5}',
  '.timeline .pending{fill:none;stroke:var(--muted);stroke-width:1.5;stroke-dasharray:2 2}',
  '.timeline .skip{stroke:var(--bad);stroke-width:2;stroke-linecap:round;fill:none}',
  '.timeline text.why{fill:var(--bad)}',
  '.timeline .run{fill:var(--run);stroke:var(--run)}',
  '.timeline .caught{stroke:var(--caught);stroke-width:1.5}',
  '.timeline .again{fill:var(--run-soft);stroke:var(--run);stroke-width:1.5}',
  '.timeline .wait{fill:none;stroke:var(--run);stroke-width:1.2;stroke-dasharray:3 2}',
  '.timeline .torn{fill:var(--paper);stroke:var(--bad);stroke-width:1.5}',
  '.timeline .stripe{stroke:var(--caught);stroke-width:3}',
  '.timeline .stripe-ground{fill:var(--caught-soft)}',
  '.timeline .hatch{stroke:var(--down);stroke-width:1;opacity:.75}',
  '.timeline .hatch-ground{fill:var(--down);opacity:.14}',
  '.timeline .dot{fill:var(--closed);opacity:.8}',
  '.timeline .dot-ground{fill:var(--closed);opacity:.09}',
  '.timeline .change{stroke:var(--closed);stroke-width:1.5;stroke-dasharray:4 3}',
  '.timeline .edge{stroke:var(--down);stroke-dasharray:3 3}',
].join('');
