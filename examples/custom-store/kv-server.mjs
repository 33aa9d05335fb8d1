// A key/value service as many exist: each value has an ETag, and a write may say which one it expects.
//   PUT with If-None-Match: * creates, PUT with If-Match: <ETag> replaces; what does not hold answers 412.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

/** Starts the service; its values are gone when it is closed. `now` is its clock. */
export async function startKeyValueServer(port = 0, now = Date.now) {
  const values = new Map();
  const serve = async (request, response) => {
    const body = await text(request); // all of it, so that what follows happens in one turn
    const [status, stored] = answer(values, request.method, request.url, request.headers, body);
    response.statusCode = status;
    response.setHeader('Time-Ms', now()); // milliseconds since 1970, by the one clock that all clients share
    if (stored !== undefined) response.setHeader('ETag', stored.etag);
    response.end(request.method === 'GET' ? stored?.value : undefined);
  };
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy()); // a client that went away
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function answer(values, method, key, headers, body) {
  const current = values.get(key);
  switch (method) {
    case 'GET':
      return current === undefined ? [404] : [200, current];
    case 'PUT': {
      if (headers['if-none-match'] === '*' && current !== undefined) return [412];
      if (headers['if-match'] !== undefined && headers['if-match'] !== current?.etag) return [412];
      // Never given twice, not even to a value that is deleted and written again.
      const written = { value: body, etag: `"${randomUUID()}"` };
      values.set(key, written);
      return [204, written];
    }
    case 'DELETE':
      return [values.delete(key) ? 204 : 404];
    default:
      return [405];
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { url } = await startKeyValueServer(Number(process.env.KV_PORT ?? 8_321));
  console.log(`key/value service at ${url}`);
}
