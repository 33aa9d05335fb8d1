import { fileURLToPath } from 'node:url';

/** Where the service listens; 0 takes any free port. */
export const port = Number(process.env.PORT ?? 8_322);
/** Where the job's state is kept. */
export const dataDirectory = process.env.DATA_DIR ?? fileURLToPath(new URL('./data', import.meta.url));
/** How often the job is due, and how long a run takes. */
export const everyMs = Number(process.env.EVERY_MS ?? 5_000);
export const taskMs = Number(process.env.TASK_MS ?? 2_000);
/** How long a run may still take after the first SIGTERM. Stay below what your platform allows. */
export const graceMs = Number(process.env.GRACE_MS ?? 20_000);
