/** Answers every request with 200: `node receiver.mjs PORT …`. Prints a line once it listens. */
import { createServer } from 'node:http';

const listening = process.argv.slice(2).map((port) => {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.end('ok'));
  });
  server.keepAliveTimeout = 300_000;
  return new Promise((resolve) => server.listen(Number(port), '127.0.0.1', resolve));
});
await Promise.all(listening);
process.stdout.write('ready\n');
