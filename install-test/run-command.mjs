import { spawn } from 'node:child_process';

/** The environment without what `npm run` adds to it, which would change what npm does in another project. */
export const cleanEnvironment = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) =>
      !/^(npm_(package|lifecycle|command|execpath|node|config_(local_prefix|loglevel))|NODE_OPTIONS$|INIT_CWD$)/i.test(
        name,
      ),
  ),
);

/** Runs a command to its end and resolves to its exit code and all that it wrote. */
export function runCommand(command, args, { cwd, env = {}, timeoutMs = 300_000 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...cleanEnvironment, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    let output = '';
    const collect = (chunk) => {
      output += chunk;
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code: code ?? signal, output }));
  });
}

/** Like {@link runCommand}, and rejects with the output when the command fails. */
export async function mustRun(command, args, options) {
  const { code, output } = await runCommand(command, args, options);
  if (code !== 0) throw new Error(`${[command, ...args].join(' ')} ended with ${code}:\n${output}`);
  return output;
}
