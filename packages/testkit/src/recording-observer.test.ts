import { expect, it } from 'vitest';
import { RecordingObserver } from './recording-observer.js';

it('RecordingObserver keeps events in order until it is cleared', () => {
  const observer = new RecordingObserver();
  const at = new Date(0);
  observer.onEvent({ type: 'paused', jobId: 'a', at, scope: 'local' });
  observer.onEvent({ type: 'resumed', jobId: 'a', at, scope: 'shared' });
  expect(observer.types()).toEqual(['paused', 'resumed']);
  expect(observer.ofType('resumed').map(({ scope }) => scope)).toEqual(['shared']);
  observer.clear();
  expect(observer.events).toEqual([]);
});
