import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun, runCommand } from './run-command.mjs';

/** An empty folder outside the workspace, as that of someone who has never seen it. */
export class Project {
  constructor(directory) {
    this.directory = directory;
    mkdirSync(directory, { recursive: true });
    this.write('package.json', JSON.stringify({ name: 'project', private: true, type: 'module' }));
  }

  write(file, text) {
    const path = join(this.directory, file);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** Installs tarballs or packages of the registry with npm. */
  install(...packages) {
    return mustRun('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...packages], {
      cwd: this.directory,
    });
  }

  /** Runs npm here and resolves to its exit code and output. */
  npm(...args) {
    return runCommand('npm', args, { cwd: this.directory });
  }
}
