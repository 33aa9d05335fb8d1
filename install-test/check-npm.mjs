import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Project } from './project.mjs';
import { mustRun } from './run-command.mjs';

/** Core alone brings nothing with it and runs. */
export async function checkCoreAlone(directory, tarballs) {
  const project = new Project(directory);
  await project.install(tarballs.core);
  const installed = readdirSync(join(directory, 'node_modules'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name === 'package.json')
    .map((entry) => entry.parentPath ?? entry.path);
  if (installed.length !== 1) throw new Error(`Core brings other packages:\n${installed.join('\n')}`);
  await mustCleanList(project);
  return project;
}

/** npm tells of a peer that a plugin needs and that is missing or too old. */
export async function checkPeers(directory, tarballs) {
  const old = new Project(join(directory, 'old'));
  await old.install('pino@8');
  const refused = await old.npm(
    'install',
    '--no-audit',
    '--no-fund',
    tarballs.core,
    tarballs['observer-pino'],
  );
  if (refused.code === 0 || !/ERESOLVE[\s\S]*peer pino@"\^9/.test(refused.output))
    throw new Error(`An old peer was taken:\n${refused.output}`);

  const missing = new Project(join(directory, 'missing'));
  await missing.install('--legacy-peer-deps', tarballs['store-valkey']);
  const { code, output } = await missing.npm('ls', '--all');
  const named = ['@cloudiful-scheduler/core@', 'iovalkey@^0.4.0'];
  if (
    code === 0 ||
    !named.every((peer) => new RegExp(`missing: ${peer.replace(/[.^]/g, '\\$&')}`).test(output))
  )
    throw new Error(`npm does not tell of the missing peers:\n${output}`);
}

/** The tree of what is installed has nothing missing, invalid or extraneous. */
export async function mustCleanList(project) {
  const output = await mustRun('npm', ['ls', '--all'], { cwd: project.directory });
  if (/UNMET DEPENDENCY|invalid|extraneous|missing:/.test(output)) throw new Error(output);
}
