/** Writes what happens for a person to follow: one line per run, begun when the run begins. */
export class ConsoleReport {
  #lineOpen = false;

  onEvent(event) {
    switch (event.type) {
      case 'state_loaded':
        return this.say(loaded(event));
      case 'trigger_emitted':
        if (event.catchUp)
          this.say(`catch-up: one run for ${count(event.coalesced + 1, 'missed occurrence')}`);
        return;
      case 'run_started':
        if (event.attempt > 1) this.say(`rerun: the run of ${clock(event.scheduledAt)} was interrupted`);
        return this.#begin(
          `run ${event.triggerCount} of ${clock(event.scheduledAt)}, attempt ${event.attempt}`,
        );
      case 'run_completed':
        if (event.status === 'failed') this.say(`run ${event.triggerCount} failed: ${event.error?.message}`);
        return;
      case 'run_skipped':
        return this.say(`skipped: ${count(event.count, 'occurrence')}, ${event.reason}`);
      case 'store_degraded':
      case 'store_recovered':
        return this.say(event.type);
    }
  }

  /** Ends the line of the run that is under way. */
  sampled({ load1, cpuBusy, memoryTotal, memoryFree, interfaces, receivedBytes, sentBytes }) {
    const network =
      receivedBytes === undefined
        ? count(interfaces, 'network interface')
        : `network +${bytes(receivedBytes)} in, +${bytes(sentBytes)} out`;
    const used = `memory ${bytes(memoryTotal - memoryFree)} of ${bytes(memoryTotal)}`;
    const line = `load ${load1.toFixed(2)}, cpu ${Math.round(cpuBusy * 100)} %, ${used}, ${network}`;
    if (!this.#lineOpen) return this.say(`  … ${line}`);
    process.stdout.write(`${line}\n`);
    this.#lineOpen = false;
  }

  say(line) {
    process.stdout.write(`${this.#lineOpen ? '\n' : ''}${line}\n`);
    this.#lineOpen = false;
  }

  finished({ state, history, stopReason, lastSkipReason }, samplePath) {
    const failed = history.filter((run) => run.status === 'failed').length;
    const repeated = history.filter((run) => run.attempt > 1).length;
    const catchUps = history.filter((run) => run.catchUp).length;
    this.say('');
    this.say(`Report of ${state.jobId} (${stopReason})`);
    this.say(
      `  last runs here: ${history.length}, ${failed} failed, ${repeated} repeated, ${catchUps} catch-up`,
    );
    this.say(`  since the first start: ${count(state.triggerCount, 'occurrence')} consumed`);
    this.say(`  last skip: ${lastSkipReason ?? 'none'}; still in flight: ${state.inFlight.length}`);
    this.say(`  next run: ${state.nextRunAt?.toISOString() ?? 'none'}`);
    this.say(`  samples: ${samplePath}`);
  }

  #begin(line) {
    process.stdout.write(`${this.#lineOpen ? '\n' : ''}${line}: `);
    this.#lineOpen = true;
  }
}

function loaded({ source, triggerCount, inFlight, nextRunAt }) {
  const next = nextRunAt === undefined ? 'none' : clock(nextRunAt);
  if (source === 'new') return `state: new, first run at ${next}`;
  return `state: ${source}, ${count(triggerCount, 'occurrence')} consumed, ${inFlight} in flight, next run was due at ${next}`;
}

const clock = (date) => date.toISOString().slice(11, 23);
const count = (number, noun) => `${number} ${noun}${number === 1 ? '' : 's'}`;

function bytes(number) {
  if (number >= 2 ** 30) return `${(number / 2 ** 30).toFixed(1)} GiB`;
  if (number >= 2 ** 20) return `${(number / 2 ** 20).toFixed(1)} MiB`;
  return `${(number / 1024).toFixed(1)} KiB`;
}
