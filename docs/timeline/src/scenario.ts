import type {
  InterruptedRunPolicy,
  MissedRunPolicy,
  OverlapPolicy,
  Schedule,
  TimeWindow,
} from '@cloudiful-scheduler/core';

/** A stretch of time in which instances are not there. */
export interface Outage {
  /** When the process dies or is told to stop, in milliseconds after the start. */
  readonly fromMs: number;
  /** When it is started anew, in milliseconds after the start. */
  readonly toMs: number;
  /** `crash`: it dies on the spot; `stop`: it is shut down and waits for its current run. Default `crash`. */
  readonly kind?: 'crash' | 'stop' | undefined;
  /** Which instance, from 0. Default all of them. */
  readonly instance?: number | undefined;
}

/** One job on one or more instances, and what befalls them. */
export interface Scenario {
  /** When the instances are started. */
  readonly start: Date;
  /** How long to look on, in milliseconds. */
  readonly spanMs: number;
  readonly schedule: Schedule;
  /** How long each run of the task takes, in milliseconds. */
  readonly taskMs: number;
  /** IANA name of the scheduler's time zone. Default `UTC`. */
  readonly timezone?: string | undefined;
  readonly missedRunPolicy?: MissedRunPolicy | undefined;
  readonly overlapPolicy?: OverlapPolicy | undefined;
  readonly interruptedRunPolicy?: InterruptedRunPolicy | undefined;
  readonly timeWindow?: TimeWindow | undefined;
  /** One has a store of its own; more share a store and a guard. Default 1. */
  readonly instances?: number | undefined;
  /** How long a lease lasts without renewal, in milliseconds. Default 30,000. */
  readonly leaseTtlMs?: number | undefined;
  readonly outages?: readonly Outage[] | undefined;
}
