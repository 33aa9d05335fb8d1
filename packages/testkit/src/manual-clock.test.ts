import { describe, expect, it } from 'vitest';
import { ManualClock } from './manual-clock.js';

describe('ManualClock', () => {
  it('stands still until it is moved', async () => {
    const clock = new ManualClock('2026-01-01T00:00:00Z');
    expect([clock.now(), clock.monotonic()]).toEqual([Date.UTC(2026, 0, 1), 0]);
    await clock.advance(1_500);
    expect([clock.now(), clock.monotonic()]).toEqual([Date.UTC(2026, 0, 1) + 1_500, 1_500]);
  });

  it('fires timers in order of time, then of setting, at their own instants', async () => {
    const clock = new ManualClock(0);
    const fired: string[] = [];
    const set = (name: string, delayMs: number) =>
      clock.setTimer(delayMs, () => fired.push(`${name} ${clock.now()}`));
    set('c', 300);
    set('a', 100);
    set('b', 100);
    set('never', 10_000);
    const cancel = set('cancelled', 50);
    cancel();
    expect(clock.pendingTimers).toBe(4);
    await clock.advance(300);
    expect(fired).toEqual(['a 100', 'b 100', 'c 300']);
    expect(clock.pendingTimers).toBe(1);
  });

  it('lets promises settle between timers, and fires those that are set on the way', async () => {
    const clock = new ManualClock(0);
    const at: number[] = [];
    const wait = (ms: number) => new Promise<void>((resolve) => clock.setTimer(ms, resolve));
    const work = async (): Promise<void> => {
      for (let step = 0; step < 3; step += 1) {
        await wait(100);
        at.push(clock.now());
      }
    };
    const done = work();
    await clock.advance(1_000);
    await done;
    expect(at).toEqual([100, 200, 300]);
  });

  it('steps the wall clock back and forth without time passing', async () => {
    const clock = new ManualClock(1_000_000);
    let fired = false;
    clock.setTimer(100, () => {
      fired = true;
    });
    clock.jump(3_600_000);
    clock.jump(-7_200_000);
    expect([clock.now(), clock.monotonic(), fired]).toEqual([1_000_000 - 3_600_000, 0, false]);
    clock.set(new Date(5));
    await clock.advance(100);
    expect([clock.now(), clock.monotonic(), fired]).toEqual([105, 100, true]);
  });

  it('refuses what is no time', async () => {
    expect(() => new ManualClock('yesterday')).toThrow(RangeError);
    expect(() => new ManualClock().set(Number.NaN)).toThrow(RangeError);
    await expect(new ManualClock().advance(-1)).rejects.toThrow(RangeError);
  });
});
