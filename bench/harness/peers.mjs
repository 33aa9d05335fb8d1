// How each library is told to call a function: once at an instant, and again and again.

/** Registers one function for one instant. */
export const atInstant = {
  async ours() {
    const { atTimes, defineJob, Scheduler } = await import('@cloudiful-scheduler/core');
    const scheduler = new Scheduler();
    return (id, at, run) =>
      void scheduler.start(defineJob({ id, schedule: atTimes([new Date(at)]), task: run }));
  },
  async setTimeout() {
    return (_, at, run) => void setTimeout(() => run(), at - Date.now());
  },
  async toad() {
    const { SimpleIntervalJob, Task, ToadScheduler } = await import('toad-scheduler');
    const scheduler = new ToadScheduler();
    return (id, at, run) => {
      const task = new Task(id, () => {
        scheduler.removeById(id);
        run();
      });
      scheduler.addSimpleIntervalJob(new SimpleIntervalJob({ milliseconds: at - Date.now() }, task, { id }));
    };
  },
  async croner() {
    const { Cron } = await import('croner');
    return (name, at, run) => void new Cron(new Date(at), { name }, run);
  },
  async cron() {
    const { CronJob } = await import('cron');
    return (_, at, run) => void CronJob.from({ cronTime: new Date(at), onTick: run, start: true });
  },
  async nodeSchedule() {
    const { default: library } = await import('node-schedule');
    return (name, at, run) => void library.scheduleJob(name, new Date(at), run);
  },
  /** Knows no instants: a full second of the year instead, and stops after it. */
  async nodeCron() {
    const { default: library } = await import('node-cron');
    return (name, at, run) => {
      const due = new Date(at);
      const fields = [
        due.getUTCSeconds(),
        due.getUTCMinutes(),
        due.getUTCHours(),
        due.getUTCDate(),
        due.getUTCMonth() + 1,
      ];
      const options = { name, timezone: 'UTC', suppressMissedWarning: true };
      const task = library.schedule(
        `${fields.join(' ')} *`,
        () => {
          run();
          void task.destroy();
        },
        options,
      );
    };
  },
};

/** Registers one function for every minute, at a second of it. */
export const everyMinute = {
  async ours() {
    const { defineJob, every, Scheduler } = await import('@cloudiful-scheduler/core');
    const scheduler = new Scheduler();
    return (id, second, run) => {
      const anchor = new Date(second * 1_000);
      scheduler.start(defineJob({ id, schedule: every({ minutes: 1 }, { anchor }), task: run }));
    };
  },
  async setTimeout() {
    return (_, second, run) => {
      const next = () => {
        const wait = 60_000 - ((Date.now() - second * 1_000) % 60_000);
        setTimeout(() => {
          run();
          next();
        }, wait);
      };
      next();
    };
  },
  /** Knows no instants: a minute from when it is told. */
  async toad() {
    const { SimpleIntervalJob, Task, ToadScheduler } = await import('toad-scheduler');
    const scheduler = new ToadScheduler();
    return (id, _, run) =>
      scheduler.addSimpleIntervalJob(new SimpleIntervalJob({ minutes: 1 }, new Task(id, run), { id }));
  },
  async croner() {
    const { Cron } = await import('croner');
    return (name, second, run) => void new Cron(`${second} * * * * *`, { name }, run);
  },
  async cron() {
    const { CronJob } = await import('cron');
    return (_, second, run) =>
      void CronJob.from({ cronTime: `${second} * * * * *`, onTick: run, start: true });
  },
  async nodeCron() {
    const { default: library } = await import('node-cron');
    return (name, second, run) => void library.schedule(`${second} * * * * *`, run, { name });
  },
};

/** Registers one function for an hour or more from now. */
export const idle = {
  async ours() {
    const { defineJob, every, Scheduler } = await import('@cloudiful-scheduler/core');
    const scheduler = new Scheduler();
    return (id) => scheduler.start(defineJob({ id, schedule: every({ hours: 1 }), task: () => {} }));
  },
  async oursCron() {
    const { defineJob, Scheduler } = await import('@cloudiful-scheduler/core');
    const { cron } = await import('@cloudiful-scheduler/schedule-cron');
    const scheduler = new Scheduler();
    return (id) => scheduler.start(defineJob({ id, schedule: cron('0 0 1 1 *'), task: () => {} }));
  },
  async setTimeout() {
    return () => setTimeout(() => {}, 3_600_000);
  },
  async toad() {
    const { SimpleIntervalJob, Task, ToadScheduler } = await import('toad-scheduler');
    const scheduler = new ToadScheduler();
    return (id) =>
      scheduler.addSimpleIntervalJob(new SimpleIntervalJob({ hours: 1 }, new Task(id, () => {}), { id }));
  },
  async nodeCron() {
    const { default: library } = await import('node-cron');
    return (name) => library.schedule('0 0 1 1 *', () => {}, { name });
  },
  async cron() {
    const { CronJob } = await import('cron');
    return () => CronJob.from({ cronTime: '0 0 1 1 *', onTick: () => {}, start: true });
  },
  async croner() {
    const { Cron } = await import('croner');
    return (name) => new Cron('0 0 1 1 *', { name }, () => {});
  },
  async nodeSchedule() {
    const { default: library } = await import('node-schedule');
    return (name) => library.scheduleJob(name, '0 0 1 1 *', () => {});
  },
};
