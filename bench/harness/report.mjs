/** A number as a person reads it. */
export function format(value) {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(Math.abs(value) >= 10 ? 3 : 2)));
}

/** The results of a case as a Markdown table: medians, and the spread in brackets. */
export function toTable({ columns }, results) {
  const names = Object.keys(columns);
  const rows = results.map(({ label, values, failure }) => [
    label,
    ...names.map((name, index) => {
      if (failure !== undefined) return index === 0 ? failure : '';
      const value = values[name];
      if (value === undefined) return '';
      const spread = value.least === value.most ? '' : ` (${format(value.least)}–${format(value.most)})`;
      return `${format(value.median)}${spread}`;
    }),
  ]);
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [
    line(['', ...names.map((name) => columns[name])]),
    line(['---', ...names.map(() => '---:')]),
    ...rows.map(line),
  ].join('\n');
}

/** Everything that was measured, as a page. */
export function toMarkdown(cases) {
  const parts = [
    '---',
    'title: What it costs',
    'category: Reference',
    '---',
    '',
    '# What it costs, beside others',
    '',
    'Each figure is the median of its rounds, with the least and the most in brackets. Every contestant runs in',
    'a process of its own, in turn with the others. The machine is a small virtual one with noisy neighbours: ratios',
    'count, not single times.',
    '',
    'To repeat it: `npm run bench`, or `npm run bench -- <case>` for one case.',
  ];
  for (const { name, title, about, columns, results, plot, measuredOn } of cases) {
    parts.push('', `## ${title}`, '', ...about, '', toTable({ columns }, results));
    if (plot !== undefined) parts.push('', `![${title}: ${columns[plot.column]}](${name}.svg)`);
    parts.push('', `Case \`${name}\`. ${place(measuredOn)}`);
  }
  return `${parts.join('\n')}\n`;
}

function place({ processor, memory, node, server, libraries, date }) {
  return `Measured on ${processor}, ${memory}, Node ${node}, ${server}, on ${date}, with ${libraries}.`;
}
