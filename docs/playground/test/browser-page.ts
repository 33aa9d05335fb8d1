import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';

/** Ten times what a page takes at most on a machine that has nothing else to do. */
export const PATIENCE_MS = 60_000;

/** The page of the playground in a browser, and what it complained of. */
export class PlaygroundPage {
  readonly complaints: string[] = [];

  constructor(readonly page: Page) {
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('console', (message) => this.complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('requestfailed', (request) => this.complaints.push(`not loaded: ${request.url()}`));
  }

  /** Opens the page and waits for its first drawing. */
  async open(address: string): Promise<void> {
    await this.page.goto(address);
    await this.page.waitForSelector('body[data-turn]');
  }

  /** Does something and waits for the run that follows from it. */
  async change(act: () => Promise<unknown>): Promise<void> {
    const before = await this.#turn();
    await act();
    await this.page.waitForFunction((turn) => document.body.dataset['turn'] !== turn, before);
  }

  drawing(): Promise<string> {
    return this.page.locator('#drawing').innerHTML();
  }

  async text(selector: string): Promise<string> {
    return (await this.page.locator(selector).textContent()) ?? '';
  }

  /** The texts of an SVG drawing that touch one another or leave it, as they are really set. */
  textsInTheWay(selector: string): Promise<string[]> {
    return this.page.evaluate((drawing) => {
      const svg = document.querySelector(drawing);
      if (svg === null) return [`there is no ${drawing}`];
      const room = svg.getBoundingClientRect();
      const texts = [...svg.querySelectorAll('text')].map((element) => ({
        text: element.textContent,
        box: element.getBoundingClientRect(),
      }));
      const found: string[] = [];
      for (const [index, { text, box }] of texts.entries()) {
        if (box.left < room.left || box.right > room.right || box.bottom > room.bottom)
          found.push(`${text} leaves the drawing`);
        for (const other of texts.slice(index + 1)) {
          const isApart =
            box.right <= other.box.left ||
            other.box.right <= box.left ||
            // The boxes of lines leave room above and below the letters.
            box.bottom - 3 <= other.box.top ||
            other.box.bottom - 3 <= box.top;
          if (!isApart) found.push(`${text} touches ${other.text}`);
        }
      }
      return found;
    }, selector);
  }

  #turn(): Promise<string | undefined> {
    return this.page.evaluate(() => document.body.dataset['turn']);
  }
}

/** Serves a folder as `npm run docs:serve` does. */
export async function serve(
  folder: string,
): Promise<{ readonly url: string; readonly server: ChildProcess }> {
  const script = fileURLToPath(new URL('../../../scripts/serve-docs.mjs', import.meta.url));
  const server = spawn(process.execPath, [script, '0', folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(server.stdout, 'data')) as [Buffer];
  return { url: line.toString().trim(), server };
}
