import { spawnSync } from 'node:child_process';

const { status } = spawnSync('npx', ['--yes', 'pnpm@10.34.9', 'install', '--frozen-lockfile'], { stdio: 'inherit' });
process.exit(status ?? 1);
