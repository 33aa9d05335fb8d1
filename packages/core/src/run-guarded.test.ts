import { ManualClock, RecordingObserver } from '@cloudiful-scheduler/testkit';
import { describe, expect, it } from 'vitest';
import { GuardError } from './errors.js';
import type { ExecutionSlot } from './execution-guard.js';
import { InMemoryExecutionGuard } from './guards/in-memory-execution-guard.js';
import { type GuardedContext, runGuarded } from './run-guarded.js';

const slot: ExecutionSlot = {
  jobId: 'migrate',
  resourceId: 'table',
  scope: 'resource',
  scheduledAt: new Date(0),
};

class Setup {
  readonly clock = new ManualClock();
  readonly observer = new RecordingObserver();
  readonly guard = new InMemoryExecutionGuard({ ttlMs: 3_000, renewEveryMs: 1_000, clock: this.clock });
  readonly options = { clock: this.clock, observers: [this.observer] };

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.clock.setTimer(ms, resolve);
    });
  }
}

describe('runGuarded', () => {
  it('gives the result, with the lease renewed meanwhile and a done marker left', async () => {
    const setup = new Setup();
    const { clock, guard, observer, options } = setup;
    const work = async ({ lease }: GuardedContext) => {
      await setup.wait(10_000);
      return lease.fencingToken;
    };
    const running = runGuarded(guard, slot, work, options);
    await clock.advance(5_000);
    expect(await runGuarded(guard, slot, () => 'never', options)).toEqual({ status: 'contended' });
    await clock.advance(5_100);
    expect(await running).toEqual({ status: 'completed', value: 1 });
    expect(observer.ofType('guard_renewed').length).toBeGreaterThan(7);
    expect(await runGuarded(guard, slot, () => 'never', options)).toEqual({ status: 'already_completed' });
    expect(clock.pendingTimers).toBe(0);
  });

  it('passes on what the work throws, and lets it be tried again', async () => {
    const { guard, options } = new Setup();
    const boom = () => {
      throw new Error('boom');
    };
    await expect(runGuarded(guard, slot, boom, options)).rejects.toThrow('boom');
    expect(await runGuarded(guard, slot, () => 5, options)).toEqual({ status: 'completed', value: 5 });
  });

  it('aborts the signal when the lease is lost', async () => {
    const setup = new Setup();
    setup.guard.renew = () => Promise.reject(new Error('connection refused'));
    const work = ({ signal }: { signal: AbortSignal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    const running = runGuarded(setup.guard, slot, work, setup.options);
    const lost = expect(running).rejects.toMatchObject({ code: 'ERR_LEASE_LOST' });
    await setup.clock.advance(2_700);
    await setup.clock.advance(10_000);
    await lost;
    expect(setup.observer.ofType('guard_lost')).toHaveLength(1);
  });

  it('asks again with the same token after a lost reply, and gives up in the end', async () => {
    const setup = new Setup();
    const acquire = setup.guard.acquire.bind(setup.guard);
    const tokens: string[] = [];
    setup.guard.acquire = async (asked, token) => {
      tokens.push(token);
      const answer = await acquire(asked, token);
      if (tokens.length === 1) throw new Error('connection reset');
      return answer;
    };
    const running = runGuarded(setup.guard, slot, ({ lease }) => lease.fencingToken, setup.options);
    await setup.clock.advance(500);
    expect(await running).toEqual({ status: 'completed', value: 1 });
    expect(tokens[0]).toBe(tokens[1]);

    setup.guard.acquire = () => Promise.reject(new Error('connection refused'));
    const refused = expect(runGuarded(setup.guard, slot, () => 5, setup.options)).rejects.toThrow(
      'connection refused',
    );
    await setup.clock.advance(60_000);
    await refused;

    const denied = new GuardError('ERR_GUARD_DENIED', 'no permission');
    setup.guard.acquire = () => Promise.reject(denied);
    await expect(runGuarded(setup.guard, slot, () => 5, setup.options)).rejects.toBe(denied);
  });

  it('does not wait for a guard that hangs once the caller gave up, and gives back what comes later', async () => {
    const { clock, guard, observer, options } = new Setup();
    const acquire = guard.acquire.bind(guard);
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    guard.acquire = async (...args) => {
      await gate;
      return acquire(...args);
    };
    const controller = new AbortController();
    const stopped = expect(
      runGuarded(guard, slot, () => 5, { ...options, signal: controller.signal }),
    ).rejects.toBe('enough');
    await clock.advance(100);
    controller.abort('enough');
    await stopped;
    open();
    await clock.advance(10);
    expect(observer.types()).toEqual(['guard_acquired', 'guard_released']);
    expect((await acquire(slot, 'next')).status).toBe('acquired');
    expect(clock.pendingTimers).toBe(0);
  });

  describe('with a guard whose answers take longer than its leases can be trusted', () => {
    function slowSetup() {
      const setup = new Setup();
      const acquire = setup.guard.acquire.bind(setup.guard);
      let asked = 0;
      setup.guard.acquire = async (...args) => {
        asked += 1;
        const answer = await acquire(...args);
        await setup.wait(2_800);
        return answer;
      };
      return { setup, acquire, asked: () => asked };
    }

    it('gives up in the end', async () => {
      const { setup, asked } = slowSetup();
      const { clock, guard, options } = setup;
      const late = expect(runGuarded(guard, slot, () => 5, options)).rejects.toMatchObject({
        code: 'ERR_TIMEOUT',
        message: 'guard.acquire did not answer within 2700 ms',
      });
      await clock.advance(60_000);
      await late;
      expect(asked()).toBe(5);
      expect(clock.pendingTimers).toBe(0);
    });

    it('gives back what nobody needs any more', async () => {
      const { setup, acquire, asked } = slowSetup();
      const { clock, guard, observer, options } = setup;
      const controller = new AbortController();
      const running = runGuarded(guard, slot, () => 5, { ...options, signal: controller.signal });
      const stopped = expect(running).rejects.toBe('enough');
      await clock.advance(1_000);
      controller.abort('enough');
      await clock.advance(1_810);
      await stopped;
      expect(asked()).toBe(1);
      expect(observer.ofType('guard_released')).toHaveLength(1);
      expect((await acquire(slot, 'next')).status).toBe('acquired');
    });
  });

  it('follows the signal of the caller', async () => {
    const { guard, clock, options } = new Setup();
    const controller = new AbortController();
    const { signal } = controller;
    let seen: unknown;
    const work = (context: { signal: AbortSignal }) =>
      new Promise<string>((resolve) => {
        context.signal.addEventListener('abort', () => {
          seen = context.signal.reason;
          resolve('stopped');
        });
      });
    const running = runGuarded(guard, slot, work, { ...options, signal });
    await clock.settle();
    controller.abort('enough');
    expect(await running).toEqual({ status: 'completed', value: 'stopped' });
    expect(seen).toBe('enough');
    await expect(runGuarded(guard, { ...slot, jobId: 'b' }, () => 5, { ...options, signal })).rejects.toBe(
      'enough',
    );
  });

  const { guard } = new Setup();
  const work = (): number => 5;
  const BAD: readonly [unknown[], string][] = [
    [[{}, slot, work], 'guard.acquire'],
    [[guard, { ...slot, jobId: '' }, work], 'slot.jobId'],
    [[guard, { ...slot, scope: 'job' }, work], 'slot.scope'],
    [[guard, { ...slot, scheduledAt: 5 }, work], 'slot.scheduledAt'],
    [[guard, slot, 5], 'work'],
    [[guard, slot, work, { timeout: 5 }], 'runGuarded.timeout'],
  ];
  it.each(BAD)('refuses arguments that are not allowed, case %#', async (args, option) => {
    await expect(runGuarded(...(args as Parameters<typeof runGuarded>))).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
      option,
    });
  });
});
