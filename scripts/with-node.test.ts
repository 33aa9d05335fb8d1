import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

describe('with-node', () => {
  const script = fileURLToPath(new URL('with-node.mjs', import.meta.url));
  const major = process.versions.node.split('.')[0] as string;
  const withNode = (...args: string[]) =>
    spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });

  it('runs a command with the Node that is asked for, and ends as it does', () => {
    const { status, stdout } = withNode(major, '--', 'node', '-e', 'console.log("ran"); process.exit(7)');
    expect(status).toBe(7);
    expect(stdout).toBe(`Node ${process.version}\nran\n`);
  });

  it('refuses a version that is not tested', () => {
    const { status, stderr } = withNode('19', '--', 'node', '--version');
    expect(status).not.toBe(0);
    expect(stderr).toContain('node19 is none of');
  });
});
