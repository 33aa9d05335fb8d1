import { type JobHandle, Scheduler, type SchedulerOptions } from '@cloudiful-scheduler/core';
import {
  type DynamicModule,
  Injectable,
  type InjectionToken,
  Module,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type Type,
} from '@nestjs/common';

/** The options of the scheduler itself, what starts the jobs, and how long runs may still take at the end. */
interface SchedulerModuleOptions extends SchedulerOptions {
  readonly start: (scheduler: Scheduler) => readonly JobHandle[];
  readonly graceMs?: number;
}

/** Runs jobs as long as the application runs. */
@Injectable()
export class SchedulerService implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #start: SchedulerModuleOptions['start'];
  readonly #graceMs: number;
  readonly #scheduler: Scheduler;
  readonly #handles = new Map<string, JobHandle>();

  constructor({ start, graceMs = 10_000, ...options }: SchedulerModuleOptions) {
    this.#start = start;
    this.#graceMs = graceMs;
    this.#scheduler = new Scheduler(options);
  }

  /** The handle of a started job, to see, pause or trigger it. */
  handle(jobId: string): JobHandle | undefined {
    return this.#handles.get(jobId);
  }

  onApplicationBootstrap(): void {
    for (const handle of this.#start(this.#scheduler)) this.#handles.set(handle.jobId, handle);
  }

  // Modules are destroyed before those that they import: runs end before what they use is closed.
  onModuleDestroy(): Promise<void> {
    return this.#scheduler.shutdown({ graceMs: this.#graceMs });
  }
}

@Module({})
export class SchedulerModule {
  /** Jobs that are made of other providers: `inject` names these, and `imports` the modules that export them. */
  static registerAsync<Injected extends unknown[]>(options: {
    readonly imports: Type[];
    readonly inject: { [Index in keyof Injected]: InjectionToken<Injected[Index]> };
    readonly useFactory: (...injected: Injected) => SchedulerModuleOptions;
  }): DynamicModule {
    return {
      module: SchedulerModule,
      imports: options.imports,
      providers: [
        {
          provide: SchedulerService,
          inject: options.inject,
          useFactory: (...injected: Injected) => new SchedulerService(options.useFactory(...injected)),
        },
      ],
      exports: [SchedulerService],
    };
  }
}
