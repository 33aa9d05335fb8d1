import type { SchedulerEvent, SchedulerObserver } from '@cloudiful-scheduler/core';

/** Keeps every event that it is told of, for tests to look at. */
export class RecordingObserver implements SchedulerObserver {
  /** All events, oldest first. */
  readonly events: SchedulerEvent[] = [];

  /** Keeps the event. */
  onEvent(event: SchedulerEvent): void {
    this.events.push(event);
  }

  /** The events of one type. */
  ofType<Type extends SchedulerEvent['type']>(type: Type): Extract<SchedulerEvent, { type: Type }>[] {
    return this.events.filter(
      (event): event is Extract<SchedulerEvent, { type: Type }> => event.type === type,
    );
  }

  /** The types of all events, oldest first. */
  types(): SchedulerEvent['type'][] {
    return this.events.map((event) => event.type);
  }

  /** Forgets all events. */
  clear(): void {
    this.events.length = 0;
  }
}
