import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createSecret } from '../../src/kernel/secret.ts';
import { eventually, startServe, type Overview } from './local-server.ts';

it('tells its secrets once, and neither in the log nor in what the page gets', async () => {
  const secret = createSecret();
  const cwd = mkdtempSync(join(tmpdir(), 'evtgen-secrets-'));
  const server = await startServe(cwd, '--in-memory', '--retry', '10ms', '--secret', secret);
  onTestFinished(async () => void (await server.running.stop('SIGTERM')));
  const url = `${server.url}/_receive/other`;
  const headers = { authorization: 'Bearer do-not-tell' };
  const made = await server.request('POST', '/webhooks', { url, eventTypes: ['*'], headers });
  expect(made.status).toBe(201);
  const { id, secret: told } = made.body as { id: string; secret: string };
  const rotated = await server.request('POST', `/webhooks/${id}/rotate-secret`, {});
  const hidden = [secret, told, (rotated.body as { secret: string }).secret, 'do-not-tell'];
  await server.request('PUT', '/_receive/other/behaviour', { status: 500 });
  const { body } = await server.request('POST', '/events', { type: 'order.created' });
  const { eventId } = body as { eventId: string };
  await eventually(server.overview, ({ deadLetters }: Overview) => deadLetters.length === 1);
  const paths = [
    '/',
    '/healthz',
    '/_serve/overview',
    `/_serve/exchanges?${String(new URLSearchParams({ url, eventId }))}`,
    '/webhooks',
    `/webhooks/${id}`,
    `/webhooks/${id}/deliveries`,
    '/dead-letters',
    '/events',
  ];
  const answers = await Promise.all(
    paths.map(async (path) => {
      const response = await fetch(server.url + path);
      expect([path, response.status]).toEqual([path, 200]);
      return response.text();
    }),
  );
  expect(answers[3]).toContain('webhook-signature');
  const { stdout, stderr } = await server.running.stop('SIGTERM');
  const [ready, ...log] = stdout.split('\n');
  expect(ready).toContain(secret);
  for (const each of hidden) expect([...answers, ...log, stderr].join('\n')).not.toContain(each);
});
