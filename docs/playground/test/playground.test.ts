import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../../scripts/chromium.mjs';
import { buildPlayground } from '../build.mjs';
import { PRESETS } from '../src/presets.js';
import { DEFAULTS, toHash } from '../src/settings.js';
import { PATIENCE_MS, PlaygroundPage, serve } from './browser-page.js';

const found = findChromium();
const isMissing = 'missing' in found;
if (isMissing) {
  if (process.env['REQUIRE_BROWSER'] === '1') throw new Error(`A browser is required: ${found.missing}`);
  console.warn(`The playground is not tested: ${found.missing}`);
}

describe.skipIf(isMissing)('the playground in Chromium', { timeout: 4 * PATIENCE_MS }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'playground-'));
  const file = pathToFileURL(join(folder, 'index.html')).href;
  let browser: Browser;
  let served: { readonly url: string; readonly server: ChildProcess };

  beforeAll(async () => {
    await buildPlayground(folder);
    served = await serve(folder);
    browser = await chromium.launch({
      executablePath: isMissing ? '' : found.path,
      // Chromium refuses its sandbox to root; the shared memory of a container may be too small for it.
      args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-dev-shm-usage'],
      timeout: 2 * PATIENCE_MS,
    });
  }, 4 * PATIENCE_MS);

  afterAll(async () => {
    await browser?.close();
    served?.server.kill();
    rmSync(folder, { recursive: true, force: true });
  }, PATIENCE_MS);

  async function withPage(
    address: string,
    options: Parameters<Browser['newPage']>[0],
    test: (page: PlaygroundPage) => Promise<void>,
  ): Promise<void> {
    const page = await browser.newPage(options);
    const playground = new PlaygroundPage(page);
    try {
      await playground.open(address);
      await test(playground);
      expect(playground.complaints).toEqual([]);
    } finally {
      await page.close();
    }
  }

  it('draws what the chosen policy does, tells it in words, and shows the code', async () => {
    await withPage(file, {}, async (playground) => {
      const { page } = playground;
      expect(await playground.text('#summary')).toBe(
        '11 occurrences due: 8 ran, 3 made up for by a later run.',
      );
      const caughtUp = await playground.drawing();
      expect(caughtUp).toContain('class="caught"');

      await playground.change(() => page.getByRole('radio', { name: 'skip drops them' }).check());
      expect(await playground.text('#summary')).toBe('11 occurrences due: 7 ran, 4 skipped (missed).');
      const skipped = await playground.drawing();
      expect(skipped).not.toBe(caughtUp);
      expect(skipped).toContain('missed ×4');
      expect(await playground.text('#code')).toContain("missedRunPolicy: 'skip'");
      expect(await page.locator('#rows tr').count()).toBe(11);
      expect(await page.locator('#rows tr').nth(3).textContent()).toContain('skipped: missed');

      await playground.change(() => page.getByLabel('Instances').selectOption('3'));
      expect(await playground.drawing()).toContain('instance 3');
      expect(await playground.text('#code')).toContain('new ValkeyExecutionGuard');
    });
  });

  it('keeps the settings in its address, from a file server too', async () => {
    const hash = toHash({ ...DEFAULTS, overlap: 'allow_parallel', task: '720', outage: 'none' });
    await withPage(`${served.url}#${hash}`, {}, async (playground) => {
      const { page } = playground;
      expect(await page.getByRole('radio', { name: 'allow_parallel' }).isChecked()).toBe(true);
      expect(await page.getByLabel('Gone from').isVisible()).toBe(false);
      await playground.change(() => page.getByRole('radio', { name: 'forbid' }).check());
      expect(new URL(page.url()).hash).toBe(`#${toHash({ ...DEFAULTS, task: '720', outage: 'none' })}`);
      await playground.change(() => page.getByRole('link', { name: 'Replay every missed run' }).click());
      expect(await page.getByRole('radio', { name: 'replay_all' }).isChecked()).toBe(true);
      await playground.change(() => page.goBack());
      expect(await page.getByLabel('Each run takes').inputValue()).toBe('720');
      await playground.change(() => page.getByRole('button', { name: 'Start over' }).click());
      expect(await page.getByLabel('Each run takes').inputValue()).toBe(DEFAULTS.task);
    });
  });

  it('shows the same by a click on a preset as by its address', async () => {
    const shown = async (playground: PlaygroundPage): Promise<object> => ({
      drawing: await playground.drawing(),
      summary: await playground.text('#summary'),
      rows: await playground.text('#rows'),
      code: await playground.text('#code'),
    });
    await withPage(`${file}#${toHash({ ...DEFAULTS, task: '1' })}`, {}, async (clicked) => {
      for (const { name, changes } of PRESETS) {
        await clicked.change(() => clicked.page.getByRole('link', { name }).click());
        await withPage(`${file}#${toHash({ ...DEFAULTS, ...changes })}`, {}, async (loaded) => {
          expect({ name, ...(await shown(clicked)) }).toEqual({ name, ...(await shown(loaded)) });
        });
      }
    });
  });

  it('copies the code', async () => {
    const permissions = ['clipboard-read', 'clipboard-write'];
    await withPage(served.url, { permissions }, async ({ page }) => {
      await page.getByRole('button', { name: 'Copy' }).click();
      await page.getByRole('button', { name: 'Copied' }).waitFor();
      const copied = await page.evaluate(() => navigator.clipboard.readText());
      expect(copied).toBe(await page.locator('#code').textContent());
    });
  });

  it('shows what is wrong beside its field, in the words of the library', async () => {
    await withPage(file, {}, async (playground) => {
      const { page } = playground;
      const before = await playground.drawing();
      await playground.change(() => page.getByLabel('Schedule').selectOption('cron'));
      const drawn = await playground.drawing();
      expect(drawn).not.toBe(before);
      const cron = page.getByLabel('Cron expression');
      await playground.change(() => cron.fill('61 * * * *'));
      expect(await playground.text('#cron-error')).toMatch(/^Invalid option cron\.expression: received "61 /);
      expect(await cron.getAttribute('aria-invalid')).toBe('true');
      expect(await playground.text('#summary')).toBe(
        'One of the settings cannot be used. Below is what was drawn last.',
      );
      expect(await playground.drawing()).toBe(drawn);
      await playground.change(() => cron.fill('*/20 * * * *'));
      expect(await playground.text('#cron-error')).toBe('');
      expect(await cron.getAttribute('aria-invalid')).toBeNull();
      expect(await playground.text('#summary')).toMatch(/^2 occurrences due/);

      const wrong = [
        ['Time window', '9-12', 'timeWindow.segments[0].start'],
        ['Each run takes', 'long', 'Enter a number'],
        ['Gone from', 'noon', 'Enter a time'],
        ['Back at', '09:01', 'has to come back'],
      ] as const;
      for (const [label, value, message] of wrong) {
        const field = page.getByLabel(label);
        const good = await field.inputValue();
        await playground.change(() => field.fill(value));
        const id = await field.getAttribute('id');
        expect(await playground.text(`#${id}-error`)).toContain(message);
        await playground.change(() => field.fill(good));
        expect(await playground.text(`#${id}-error`)).toBe('');
      }
      await playground.change(() => page.getByLabel('Schedule').selectOption('every'));
      await playground.change(() => page.getByLabel('Interval').fill('-5'));
      expect(await playground.text('#interval-error')).toBe('Enter a number from 0.001');
      await playground.change(() => page.getByLabel('Interval').fill('1'));
      expect(await playground.text('#span-error')).toContain('too many to draw');
    });
  });

  it('can be used with the keyboard alone', async () => {
    await withPage(file, {}, async (playground) => {
      const { page } = playground;
      const focused = (): Promise<string> =>
        page.evaluate(() => {
          const element = document.activeElement as HTMLInputElement | null;
          return element?.name || element?.id || element?.textContent || '';
        });
      const controls =
        'schedule interval task window missed overlap interrupted outage from to instances start span zone reset copy';
      const reached: string[] = [];
      for (let press = 0; press < 80 && !reached.includes('copy'); press += 1) {
        await page.keyboard.press('Tab');
        const name = await focused();
        // A field for a date has several parts.
        if (name !== reached.at(-1)) reached.push(name);
      }
      expect(reached).toEqual([
        'skip',
        'cloudiful-scheduler',
        ...PRESETS.map(({ name }) => name),
        ...controls.split(' '),
      ]);

      await page.locator('input[name=missed]:checked').focus();
      await playground.change(() => page.keyboard.press('ArrowDown'));
      expect(await playground.text('#code')).toContain("missedRunPolicy: 'replay_all'");

      const chosen = page.url();
      await page.getByRole('link', { name: 'Skip to what happens' }).focus();
      await page.keyboard.press('Enter');
      expect(await focused()).toBe('result');
      expect(page.url()).toBe(chosen);
      expect(await playground.text('#code')).toContain("missedRunPolicy: 'replay_all'");

      await page.getByLabel('Instances').focus();
      await playground.change(() => page.keyboard.press('2'));
      expect(await playground.drawing()).toContain('instance 2');
      expect(await page.getByLabel('Gone', { exact: true }).isVisible()).toBe(true);
      await page.getByRole('link', { name: 'The clocks go forward' }).focus();
      await playground.change(() => page.keyboard.press('Enter'));
      expect(await playground.drawing()).toContain('America/New_York');
    });
  });

  it('has a label on each control, and an outline on what has the focus', async () => {
    await withPage(file, {}, async ({ page }) => {
      const unnamed = await page.evaluate(() =>
        [...document.querySelectorAll<HTMLInputElement>('input, select')]
          .filter(({ labels }) => (labels?.[0]?.textContent ?? '').trim() === '')
          .map(({ name }) => name),
      );
      expect(unnamed).toEqual([]);
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      const outline = await page.evaluate(() => {
        const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement as Element);
        return `${outlineStyle} ${outlineWidth}`;
      });
      expect(outline).toBe('solid 2px');
      const drawing = page.getByRole('img', { name: /^What happens 11 occurrences due: 8 ran/ });
      expect(await drawing.count()).toBe(1);
    });
  });

  it.each(['light', 'dark'] as const)('can be read in the %s colour scheme', async (colorScheme) => {
    const hash = toHash({ ...DEFAULTS, cron: 'every day', schedule: 'cron' });
    await withPage(file, { colorScheme }, async (playground) => {
      await playground.change(() =>
        playground.page.evaluate((wrong) => {
          location.hash = wrong;
        }, hash),
      );
      const { ground, contrasts } = await playground.page.evaluate(() => {
        const luminance = (colour: string): number => {
          const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map((part) => {
            const value = Number(part) / 255;
            return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
          });
          return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        };
        const groundOf = (element: Element | null): string => {
          if (element === null) return 'rgb(255, 255, 255)';
          const { backgroundColor } = getComputedStyle(element);
          return backgroundColor === 'rgba(0, 0, 0, 0)' ? groundOf(element.parentElement) : backgroundColor;
        };
        const contrast = (front: string, back: string): number => {
          const [dark = 0, light = 0] = [luminance(front), luminance(back)].sort((a, b) => a - b);
          return (light + 0.05) / (dark + 0.05);
        };
        const selectors = [
          'h1',
          '.lead',
          'nav a',
          '.field label',
          '.hint',
          '#cron-error',
          '#summary',
          'button',
          'select',
          '.choices span',
          '.choices code',
        ];
        const ofPage = selectors.map((selector) => {
          const element = document.querySelector(selector) as Element;
          return [selector, contrast(getComputedStyle(element).color, groundOf(element))] as const;
        });
        const paper = getComputedStyle(document.querySelector('.timeline .paper') as Element).fill;
        const ofDrawing = ['text', '.strong', '.run', '.due', '.caught'].map((selector) => {
          const { fill, stroke } = getComputedStyle(
            document.querySelector(`.timeline ${selector}`) as Element,
          );
          return [selector, contrast(selector === '.caught' ? stroke : fill, paper)] as const;
        });
        return {
          ground: luminance(getComputedStyle(document.body).backgroundColor),
          contrasts: [...ofPage, ...ofDrawing],
        };
      });
      expect(ground > 0.5).toBe(colorScheme === 'light');
      expect(contrasts.filter(([, ratio]) => ratio < 4.5)).toEqual([]);
    });
  });

  it('has the colours that the reader has chosen on the site', async () => {
    await withPage(served.url, { colorScheme: 'light' }, async (playground) => {
      const { page } = playground;
      const coloursOf = (): Promise<string[]> =>
        page.evaluate(() => [
          getComputedStyle(document.body).backgroundColor,
          getComputedStyle(document.querySelector('.timeline .paper') as Element).fill,
        ]);
      const light = ['rgb(244, 246, 248)', 'rgb(255, 255, 255)'];
      const dark = ['rgb(11, 15, 20)', 'rgb(18, 23, 30)'];
      expect(await coloursOf()).toEqual(light);
      await page.evaluate(() => localStorage.setItem('tsd-theme', 'dark'));
      await playground.open(served.url);
      expect(await coloursOf()).toEqual(dark);
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.evaluate(() => localStorage.setItem('tsd-theme', 'light'));
      await playground.open(served.url);
      expect(await coloursOf()).toEqual(light);
      await page.evaluate(() => localStorage.setItem('tsd-theme', 'os'));
      await playground.open(served.url);
      expect(await coloursOf()).toEqual(dark);
    });
  });

  it.each([1280, 390])(
    'has no text upon another and nothing to scroll to the side at %i pixels',
    async (width) => {
      for (const { name, changes } of PRESETS) {
        const hash = toHash({ ...DEFAULTS, ...changes });
        await withPage(`${file}#${hash}`, { viewport: { width, height: 800 } }, async (playground) => {
          expect({ name, texts: await playground.textsInTheWay('#drawing svg') }).toEqual({
            name,
            texts: [],
          });
          const widths = await playground.page.evaluate(() => [
            document.documentElement.scrollWidth,
            document.documentElement.clientWidth,
          ]);
          expect(widths[0]).toBe(widths[1]);
        });
      }
    },
  );

  it('draws anew when its width changes', async () => {
    await withPage(file, { viewport: { width: 1280, height: 800 } }, async ({ page }) => {
      const widthOf = (): Promise<number> =>
        page.locator('#drawing svg').evaluate((svg) => Number(svg.getAttribute('width')));
      const wide = await widthOf();
      await page.setViewportSize({ width: 500, height: 800 });
      await page.waitForFunction(
        (before) => Number(document.querySelector('#drawing svg')?.getAttribute('width')) < before,
        wide,
      );
      expect(await widthOf()).toBeLessThan(500);
    });
  });

  it('has no text upon another in the pictures of the guides', async () => {
    const figures = fileURLToPath(new URL('../../guides/figures/', import.meta.url));
    await withPage(file, { viewport: { width: 1000, height: 800 } }, async (playground) => {
      for (const name of readdirSync(figures)) {
        await playground.page.evaluate(
          (svg) => {
            document.body.innerHTML = svg;
          },
          readFileSync(join(figures, name), 'utf8'),
        );
        expect({ name, texts: await playground.textsInTheWay('body > svg') }).toEqual({ name, texts: [] });
      }
    });
  });
});
