import {
  dispositionInWords,
  drawTimeline,
  instantInWords,
  occurrencesOf,
  simulate,
  summaryOf,
  type Timeline,
} from '@cloudiful-scheduler/docs-timeline';
import { chosenScheme } from './chosen-scheme.js';
import { codeFor } from './code-for.js';
import { PRESETS } from './presets.js';
import { fieldOf, scenarioOf } from './scenario-of.js';
import { DEFAULTS, type Field, FIELDS, fromHash, type Settings, toHash } from './settings.js';

const LEAST_WIDTH = 320;

/** The page: what its controls say is run and drawn at once. */
class Playground {
  readonly #form = byId('settings') as HTMLFormElement;
  readonly #drawing = byId('drawing');
  readonly #summary = byId('summary');
  readonly #rows = byId('rows');
  readonly #code = byId('code');
  readonly #scheme = chosenScheme();
  #running = new AbortController();
  #turn = 0;
  #timeline: Timeline | undefined;
  #drawnWidth = 0;

  start(): void {
    if (this.#scheme !== undefined) document.documentElement.dataset['theme'] = this.#scheme;
    this.#listPresets();
    this.#apply(fromHash(location.hash));
    this.#form.addEventListener('input', () => this.#changed());
    this.#form.addEventListener('submit', (event) => event.preventDefault());
    byId('reset').addEventListener('click', () => {
      this.#apply(DEFAULTS);
      this.#changed();
    });
    byId('copy').addEventListener('click', () => void this.#copy());
    byId('skip').addEventListener('click', (event) => {
      event.preventDefault(); // the hash of the address is for the settings
      byId('result').focus();
    });
    window.addEventListener('hashchange', () => {
      if (location.hash.slice(1) === toHash(this.#read())) return;
      this.#apply(fromHash(location.hash));
      void this.#run();
    });
    new ResizeObserver(() => this.#draw()).observe(this.#drawing);
    void this.#run();
  }

  #listPresets(): void {
    const links = PRESETS.map(({ name, changes }) => {
      const link = document.createElement('a');
      link.href = `#${toHash({ ...DEFAULTS, ...changes })}`;
      link.textContent = name;
      const item = document.createElement('li');
      item.append(link);
      return item;
    });
    byId('presets').replaceChildren(...links);
  }

  #markPreset(settings: Settings): void {
    const hash = `#${toHash(settings)}`;
    for (const link of byId('presets').querySelectorAll('a')) {
      if (link.getAttribute('href') === hash) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
  }

  #changed(): void {
    const { affected, instances } = this.#read();
    if (Number(affected) > Number(instances)) (byId('affected') as HTMLSelectElement).value = 'all';
    const hash = toHash(this.#read());
    history.replaceState(undefined, '', `${location.pathname}${location.search}#${hash}`);
    void this.#run();
  }

  #read(): Settings {
    const data = new FormData(this.#form);
    const entries = FIELDS.map((field) => {
      const value = data.get(field);
      return [field, typeof value === 'string' ? value : DEFAULTS[field]];
    });
    return Object.fromEntries(entries);
  }

  #apply(settings: Settings): void {
    for (const field of FIELDS) {
      const control = this.#form.elements.namedItem(field) as
        | RadioNodeList
        | HTMLInputElement
        | HTMLSelectElement;
      control.value = settings[field];
      // A value that a list or a group of buttons does not have leaves it without a choice.
      if (control.value === '' && settings[field] !== '') control.value = DEFAULTS[field];
    }
    // A form does not tell of an option that is not on offer.
    this.#showWhatApplies(settings);
  }

  /** Runs the settings; only what was asked for last is shown. */
  async #run(): Promise<void> {
    this.#running.abort();
    this.#running = new AbortController();
    const { signal } = this.#running;
    const settings = this.#read();
    this.#showWhatApplies(settings);
    this.#markPreset(settings);
    try {
      const timeline = await simulate(scenarioOf(settings), signal);
      if (signal.aborted) return;
      this.#timeline = timeline;
      this.#drawnWidth = 0;
      this.#showError(undefined, '');
      this.#draw();
      this.#describe(timeline);
      this.#code.textContent = codeFor(settings);
    } catch (error) {
      if (signal.aborted) return;
      this.#showError(fieldOf(error, settings), error instanceof Error ? error.message : String(error));
    }
    this.#turn += 1;
    document.body.dataset['turn'] = String(this.#turn);
  }

  /** Hides the controls that have no effect on the rest, and offers no instance that there is not. */
  #showWhatApplies({ schedule, outage, instances }: Settings): void {
    const chosen: Readonly<Record<string, string>> = {
      schedule,
      outage: outage === 'none' ? 'none' : 'some',
      affected: outage === 'none' || instances === '1' ? 'none' : 'some',
    };
    for (const element of this.#form.querySelectorAll<HTMLElement>('[data-when]')) {
      const [name = '', value] = (element.dataset['when'] ?? '').split('=');
      element.hidden = chosen[name] !== value;
    }
    for (const option of this.#form.querySelectorAll<HTMLOptionElement>('#affected option')) {
      option.disabled = Number(option.value) > Number(instances);
    }
  }

  #showError(field: Field | undefined, message: string): void {
    for (const element of this.#form.querySelectorAll<HTMLElement>('.error')) {
      const isMeant = field !== undefined && element.id === `${field}-error`;
      element.textContent = isMeant ? message : '';
    }
    for (const control of this.#form.querySelectorAll('input[aria-describedby]')) {
      if (control.getAttribute('name') === field) control.setAttribute('aria-invalid', 'true');
      else control.removeAttribute('aria-invalid');
    }
    document.body.classList.toggle('stale', message !== '');
    if (message === '') return;
    const last = this.#timeline === undefined ? '' : ' Below is what was drawn last.';
    this.#summary.textContent = field === undefined ? message : `One of the settings cannot be used.${last}`;
  }

  #draw(): void {
    const width = Math.max(LEAST_WIDTH, Math.floor(this.#drawing.clientWidth));
    if (this.#timeline === undefined || width === this.#drawnWidth) return;
    this.#drawnWidth = width;
    this.#drawing.innerHTML = drawTimeline(this.#timeline, {
      title: 'What happens',
      description: summaryOf(this.#timeline),
      width,
      scheme: this.#scheme,
    });
  }

  #describe(timeline: Timeline): void {
    this.#summary.textContent = summaryOf(timeline);
    const rows = occurrencesOf(timeline).map((occurrence) => {
      const row = document.createElement('tr');
      const due = document.createElement('th');
      due.scope = 'row';
      due.textContent = instantInWords(occurrence.scheduledAt, timeline);
      const what = document.createElement('td');
      what.textContent = dispositionInWords(occurrence, timeline);
      row.dataset['disposition'] = occurrence.disposition;
      row.append(due, what);
      return row;
    });
    this.#rows.replaceChildren(...rows);
  }

  async #copy(): Promise<void> {
    const button = byId('copy');
    try {
      await navigator.clipboard.writeText(this.#code.textContent ?? '');
      button.textContent = 'Copied';
    } catch {
      getSelection()?.selectAllChildren(this.#code);
      button.textContent = 'Selected: press Ctrl+C';
    }
    setTimeout(() => {
      button.textContent = 'Copy';
    }, 2_000);
  }
}

function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no element ${id}`);
  return element;
}

new Playground().start();
