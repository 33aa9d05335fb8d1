export const title = 'Runs on demand';
export const about = [
  'One job is asked to run again and again, each time after the last one was accepted. Ours claims each run in the store',
  'that it was given, here the in-memory one, and records its end; the others call a function.',
];
export const columns = { perSecond: 'runs a second' };
export const plot = { column: 'perSecond', better: 'more' };
export const rounds = 2;

const LIBRARIES = {
  async ours(run) {
    const { defineJob, every, Scheduler } = await import('@cloudiful-scheduler/core');
    const job = defineJob({
      id: 'job',
      schedule: every({ hours: 1 }),
      overlapPolicy: 'allow_parallel',
      task: run,
    });
    const handle = new Scheduler({ historyLimit: 0 }).start(job);
    return () => handle.trigger();
  },
  async croner(run) {
    const { Cron } = await import('croner');
    const job = new Cron('0 0 1 1 *', run);
    return () => job.trigger();
  },
  async 'node-cron'(run) {
    const { default: library } = await import('node-cron');
    const task = library.schedule('0 0 1 1 *', run);
    return () => task.execute();
  },
  async cron(run) {
    const { CronJob } = await import('cron');
    const job = CronJob.from({ cronTime: '0 0 1 1 *', onTick: run });
    return () => job.fireOnTick();
  },
  async 'node-schedule'(run) {
    const { default: library } = await import('node-schedule');
    const job = library.scheduleJob('0 0 1 1 *', run);
    return () => job.invoke();
  },
};

export const contestants = Object.fromEntries(
  Object.entries(LIBRARIES).map(([label, make]) => [
    label,
    {
      async measure() {
        let ran = 0;
        const trigger = await make(() => {
          ran += 1;
        });
        let asked = 0;
        const ask = async (ms) => {
          const began = performance.now();
          ran = 0;
          for (asked = 0; asked % 64 !== 0 || performance.now() - began < ms; asked += 1) await trigger();
          await new Promise((resolve) => {
            setTimeout(resolve, 10);
          });
          return performance.now() - began - 10;
        };
        await ask(500);
        const took = await ask(2_000);
        if (ran !== asked) throw new Error(`Error: ${asked} asked, ${ran} ran`);
        return { perSecond: (ran / took) * 1_000 };
      },
    },
  ]),
);
