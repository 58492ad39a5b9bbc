import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SCRIPTS = fileURLToPath(new URL('../../services/', import.meta.url));
const RECEIVER = fileURLToPath(new URL('./receiver.mjs', import.meta.url));
const RECEIVERS = 10;
/** Unlike in the tests, a commit has to reach the disk: that is part of what `emit` is compared with. */
const POSTGRES_OPTIONS =
  '-c fsync=on -c shared_buffers=512MB -c max_wal_size=8GB -c checkpoint_timeout=30min';

/** Private PostgreSQL and Redis servers, and ten receivers of webhooks, as the environment of the drivers. */
export async function startServices() {
  const folder = mkdtempSync(join(tmpdir(), 'evtgen-bench-'));
  chmodSync(folder, 0o755);
  const servers = join(folder, 'servers');
  const exports = execFileSync(join(SCRIPTS, 'start.sh'), [servers], {
    encoding: 'utf8',
    env: { ...process.env, EVTGEN_POSTGRES_OPTIONS: POSTGRES_OPTIONS },
  });
  const receiver = await startReceiver(folder);
  return {
    env: {
      BENCH_POSTGRES_URL: valueOf(exports, 'EVTGEN_TEST_POSTGRES_URL'),
      BENCH_REDIS_URL: valueOf(exports, 'EVTGEN_TEST_REDIS_URL'),
      BENCH_RECEIVERS: receiver.origins.join(),
    },
    receiver: receiver.name,
    async stop() {
      receiver.stop();
      spawnSync(join(SCRIPTS, 'stop.sh'), [servers]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function valueOf(exports, name) {
  return new RegExp(`^export ${name}=(.*)$`, 'm').exec(exports)[1];
}

/** nginx where there is one, because it leaves more of the machine to the sender; else Node. */
async function startReceiver(folder) {
  const ports = await freePorts(RECEIVERS);
  const origins = ports.map((port) => `http://127.0.0.1:${port}`);
  const nginx = ['/usr/sbin/nginx', '/usr/local/bin/nginx', '/opt/homebrew/bin/nginx'].find(existsSync);
  if (nginx === undefined) {
    const child = spawn(process.execPath, [RECEIVER, ...ports], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    return { name: 'node:http', origins, stop: () => child.kill() };
  }
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, nginxConfig(folder, ports));
  const child = spawn(nginx, ['-c', file, '-e', join(folder, 'nginx.log')], { stdio: 'inherit' });
  await waitUntilUp(origins.at(-1));
  return { name: 'nginx', origins, stop: () => child.kill() };
}

function nginxConfig(folder, ports) {
  const listens = ports.map((port) => `listen 127.0.0.1:${port};`).join(' ');
  return `daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 1000000;
  keepalive_timeout 300s;
  client_body_buffer_size 16k;
  client_body_temp_path ${folder}/bodies;
  server { ${listens} location / { return 200 "ok"; } }
}
`;
}

async function freePorts(count) {
  const { createServer } = await import('node:net');
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((resolve) => {
          const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function waitUntilUp(origin) {
  for (let tries = 0; tries < 100; tries++) {
    const isUp = await fetch(origin).then(
      () => true,
      () => false,
    );
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the receiver at ${origin} did not start`);
}
