import { every } from '@cloudiful-scheduler/core';
import { describe, expect, it } from 'vitest';
import { drawTimeline } from './draw-timeline.js';
import { simulate } from './simulate.js';

const MINUTE = 60_000;
const words = { title: 'A <title>', description: 'What "is" seen' };

async function draw(width?: number): Promise<string> {
  const timeline = await simulate({
    start: new Date('2026-03-02T09:00:00Z'),
    spanMs: 60 * MINUTE,
    schedule: every({ minutes: 5 }),
    taskMs: 7 * MINUTE,
    instances: 2,
    outages: [{ fromMs: 22 * MINUTE, toMs: 40 * MINUTE }],
  });
  return drawTimeline(timeline, { ...words, width });
}

describe('drawTimeline', () => {
  it('is an image with a name and a description for those who do not see it', async () => {
    const svg = await draw();
    expect(svg).toContain('role="img"');
    expect(svg).toContain('aria-labelledby="timeline-title timeline-description"');
    expect(svg).toContain('<title id="timeline-title">A &lt;title&gt;</title>');
    expect(svg).toContain('<desc id="timeline-description">What &quot;is&quot; seen</desc>');
    expect(svg).toContain('prefers-color-scheme:dark');
  });

  it('is as wide as it is asked to be, and the same each time', async () => {
    expect(await draw(500)).toContain('viewBox="0 0 500 ');
    expect(await draw(500)).toBe(await draw(500));
  });

  it('keeps every bar within the drawing', async () => {
    const svg = await draw(360);
    const bars = [
      ...svg.matchAll(/<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"[^>]* class="(?:run|caught|again)"/g),
    ];
    expect(bars.length).toBeGreaterThan(2);
    for (const [, x, width] of bars) expect(Number(x) + Number(width)).toBeLessThanOrEqual(360);
  });
});
