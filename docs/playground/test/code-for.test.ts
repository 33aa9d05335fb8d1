import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { codeFor } from '../src/code-for.js';
import { PRESETS } from '../src/presets.js';
import { DEFAULTS, type Settings } from '../src/settings.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** What the compiler says to programs that stand where the examples do. */
function complaintsOf(programs: readonly string[]): string[] {
  const config = ts.readConfigFile(`${root}tsconfig.json`, (file) => ts.sys.readFile(file)).config as object;
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const texts = new Map(programs.map((text, index) => [`${root}examples/guides/shown-${index}.mts`, text]));
  const host = ts.createCompilerHost(options);
  host.readFile = (file) => texts.get(file) ?? ts.sys.readFile(file);
  host.fileExists = (file) => texts.has(file) || ts.sys.fileExists(file);
  const program = ts.createProgram([...texts.keys()], options, host);
  return [...texts.keys()].flatMap((file) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(file))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
  );
}

describe('the code that the playground shows', () => {
  it('compiles, whatever is chosen', { timeout: 240_000 }, () => {
    const chosen: Partial<Settings>[] = [
      ...PRESETS.map(({ changes }) => changes),
      { schedule: 'times', zone: 'Europe/Berlin', instances: '2' },
      { schedule: 'cron', window: '09:00-12:00, 22:00-02:00', missed: 'skip', interrupted: 'skip' },
      { interval: '0.5', overlap: 'allow_parallel' },
      { interval: '7200', outage: 'none' },
    ];
    expect(complaintsOf(chosen.map((changes) => codeFor({ ...DEFAULTS, ...changes })))).toEqual([]);
    expect(complaintsOf([codeFor(DEFAULTS).replace('rerun', 're-run')])).toHaveLength(1);
  });

  it('writes durations and times as a person would', () => {
    const code = (changes: Partial<Settings>): string => codeFor({ ...DEFAULTS, ...changes });
    expect(code({})).toContain('every({ minutes: 5 })');
    expect(code({ interval: '7200' })).toContain('every({ hours: 2 })');
    expect(code({ interval: '90' })).toContain('every({ seconds: 90 })');
    expect(code({ interval: '0.5' })).toContain('every(500)');
    expect(code({ schedule: 'times', times: '09:10', zone: 'Europe/Berlin' })).toContain(
      "new Date('2026-03-02T08:10:00Z')",
    );
    expect(code({ window: '22:00-02:00' })).toContain("segments: [{ start: '22:00', end: '02:00' }]");
  });

  it('has the store that the picture needs, and the anchor that instances have in common', () => {
    const code = (changes: Partial<Settings>): string => codeFor({ ...DEFAULTS, ...changes });
    for (const outage of ['stop', 'crash'] as const)
      expect(code({ outage, zone: 'Europe/Berlin' })).toContain(
        "new Scheduler({ store: new FileStateStore('./state'), timezone: 'Europe/Berlin' })",
      );
    expect(code({ outage: 'none' })).toContain('new Scheduler()');
    expect(code({})).not.toContain('anchor');
    const shared = code({ instances: '2' });
    expect(shared).toContain('every({ minutes: 5 }, { anchor: new Date(0) })');
    expect(shared).toContain('new Scheduler({ store, guard })');
  });
});
