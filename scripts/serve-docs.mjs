// Serves docs/site, as `npm run docs` made it, or another folder, to this machine alone.
//
//   node scripts/serve-docs.mjs [port] [folder]
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import { root } from './packages.mjs';

const [port = '4173', folder = join(root, 'docs', 'site')] = process.argv.slice(2);
const site = resolve(folder);

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
};

const server = createServer((request, response) => {
  const file = fileOf(request.url ?? '/');
  if (file === undefined) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('There is no such page.\n');
    return;
  }
  if (file.redirect !== undefined) {
    response.writeHead(301, { location: file.redirect }).end();
    return;
  }
  response.writeHead(200, { 'content-type': TYPES[extname(file.path)] ?? 'application/octet-stream' });
  if (request.method === 'HEAD') response.end();
  else createReadStream(file.path).pipe(response);
});

server.on('error', (error) => {
  console.error(`Cannot serve: ${error.message}`);
  process.exitCode = 1;
});
server.listen(Number(port), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/`);
});

/** The file that an address names, if it lies in the site. */
function fileOf(url) {
  const [path] = url.split(/[?#]/);
  let wanted;
  try {
    wanted = resolve(site, `.${decodeURIComponent(path)}`);
    if (wanted !== site && !wanted.startsWith(site + sep)) return undefined;
    if (!statSync(wanted).isDirectory()) return { path: wanted };
    // With two slashes at its beginning, either way round, it would name another host.
    if (!path.endsWith('/')) return { redirect: `${path.replace(/^[/\\]+/, '/')}/` };
    wanted = join(wanted, 'index.html');
    return statSync(wanted).isFile() ? { path: wanted } : undefined;
  } catch {
    return undefined;
  }
}
