import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EvtgenError } from '../ui/errors.ts';
import { ExitCode } from '../ui/exit-code.ts';
import type { Terminal } from '../ui/terminal.ts';
import { startEmbeddedDatabase, type DemoDatabase } from './database.ts';
import { createNarrator, type Narrator } from './narrator.ts';
import { installPackages, migrate, runEvtgen, startApp, startWorker } from './processes.ts';
import { httpMessage, startReceiver, type ReceivedWebhook, type Receiver } from './receiver.ts';
import { createShopClient, type ShopClient } from './shop-client.ts';
import { followStream, type StreamFollower } from './stream.ts';
import { copyShop } from './workspace.ts';

/** Half a second and a second instead of minutes and hours: giving up takes two seconds. */
const RETRY_SECONDS = '0.5,1';
const ATTEMPTS = 3;
const PATIENCE_MS = 15_000;
const POLL_MS = 20;

export interface DemoOptions {
  /** A new or empty folder for the shop; a temporary one when left out. */
  readonly dir?: string | undefined;
  /** A database to use instead of the embedded one; it gets the shop's tables. */
  readonly databaseUrl?: string | undefined;
}

/** What runs while the story goes on. */
interface Stage {
  readonly dir: string;
  readonly narrator: Narrator;
  readonly shop: ShopClient;
  readonly receiver: Receiver;
  readonly stream: StreamFollower;
  readonly secret: string;
}

/**
 * Plays the whole story on a copy of the sample shop and verifies every step.
 * @throws EvtgenError when the environment does not allow it (exit code 2) or a step did not hold (70).
 */
export async function playDemo(options: DemoOptions, terminal: Terminal): Promise<void> {
  const narrator = createNarrator(terminal);
  const closers: (() => Promise<void>)[] = [];
  try {
    narrator.step('An Express API with a PostgreSQL database, as many teams have one');
    const dir = await copyShop(options.dir);
    narrator.did(`copied the sample shop to ${dir}`);
    narrator.look('src/api/orders.ts');
    const environment = startEnvironment(dir, options);
    closers.push(() => environment.close());

    await addEvents(dir, narrator);
    const stage = await bringUp(dir, environment, narrator, closers);
    await eventArrives(stage);
    await receiverDies(stage);
    await verifyByHand(stage);
    terminal.result(`\nAll of it is plain TypeScript in ${dir}. Remove the folder when you are done.`);
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

/** What takes its time and does not wait for the first steps of the story. */
interface Environment {
  /** The packages that the shop had before. */
  readonly installed: Promise<void>;
  readonly database: Promise<DemoDatabase>;
  close(): Promise<void>;
}

function startEnvironment(dir: string, { databaseUrl }: DemoOptions): Environment {
  const database =
    databaseUrl === undefined
      ? startEmbeddedDatabase()
      : Promise.resolve({ url: databaseUrl, title: 'your database', close: () => Promise.resolve() });
  const installed = installPackages(dir, []);
  const settled = Promise.allSettled([database, installed]);
  return {
    installed,
    database,
    async close() {
      const [opened] = await settled;
      if (opened.status === 'fulfilled') await opened.value.close();
    },
  };
}

async function addEvents(dir: string, narrator: Narrator): Promise<void> {
  narrator.step('evtgen scan --write');
  const found = await runEvtgen(dir, ['scan', '--write']);
  for (const line of found.filter((text) => / order\.(created|shipped|cancelled) /.test(text)))
    narrator.did(line);
  narrator.did(found.at(-1) ?? '');
  narrator.look('events/catalog.json, events/schemas/order.created.v1.json');

  narrator.step('evtgen generate --wire');
  const files = await changedFiles(dir);
  narrator.did(`${files.created} files written, emit calls put into ${files.wired} files of the shop`);
  const service = await readFile(path.join(dir, 'src/services/order-service.ts'), 'utf8');
  const emit = service.split('\n').find((line) => line.includes("events.emit(client, 'order.created'"));
  check(emit !== undefined, 'the emit call is not in src/services/order-service.ts');
  narrator.did(`+ ${emit.trim()}`);
  narrator.look('src/services/order-service.ts (the line above), src/events/setup.ts (yours to edit)');
}

async function changedFiles(dir: string): Promise<{ created: number; wired: number }> {
  const output = await runEvtgen(dir, ['generate', '--wire', '--allow-dirty', '--json']);
  const { changes } = JSON.parse(output.join('\n')) as { changes: { kind: string; owner: string }[] };
  return {
    created: changes.filter(({ kind }) => kind === 'create').length,
    wired: changes.filter(({ kind, owner }) => kind === 'update' && owner === 'D').length,
  };
}

async function bringUp(
  dir: string,
  environment: Environment,
  narrator: Narrator,
  closers: (() => Promise<void>)[],
): Promise<Stage> {
  narrator.step('npm install zod');
  await environment.installed;
  await installPackages(dir, ['zod']);
  narrator.did('zod is the only package that the generated code adds; it does not import evtgen');
  narrator.look('package.json');

  narrator.step('Migrate, then start the shop and its event worker');
  const database = await environment.database;
  const env = {
    DATABASE_URL: database.url,
    EVTGEN_SECRET_KEY: randomBytes(32).toString('base64'),
    EVTGEN_WEBHOOK_ALLOW: '127.0.0.1',
    EVTGEN_RETRY_SECONDS: RETRY_SECONDS,
  };
  const applied = await migrate(dir, env);
  narrator.did(`${applied.filter((line) => line !== '').length} migrations applied to ${database.title}`);
  const app = await startApp(dir, { ...env, PORT: '0' });
  closers.push(() => app.stop());
  const worker = startWorker(dir, env);
  closers.push(() => worker.stop());
  narrator.did(`the shop listens on ${app.url}`);
  narrator.look('src/events/worker.ts, src/routes/webhooks.ts');

  narrator.step('Subscribe a receiver, and open the live stream');
  const receiver = await startReceiver();
  closers.push(() => receiver.close());
  const shop = createShopClient(app.url);
  const { secret } = await shop.subscribe(receiver.url, ['order.*']);
  receiver.trust(secret);
  narrator.did(`POST /webhooks: order.* goes to ${receiver.url}, the secret is shown once`);
  const stream = await followStream(`${app.url}/events/stream?types=order.*`);
  closers.push(async () => stream.close());
  narrator.did('GET /events/stream?types=order.*: open');
  return { dir, narrator, shop, receiver, stream, secret };
}

async function eventArrives({ narrator, shop, receiver, stream }: Stage): Promise<void> {
  narrator.step('Place an order');
  const order = await shop.placeOrder();
  narrator.did(`POST /api/v1/orders: order ${order.id}, ${(order.total_cents / 100).toFixed(2)} EUR`);

  const webhook = await eventually('the webhook', () => receiver.received[0]);
  check(webhook.failure === undefined, `the webhook does not verify: ${webhook.failure}`);
  const envelope = envelopeOf(webhook);
  check(envelope.eventType === 'order.created', `the webhook is a ${envelope.eventType}`);
  check(envelope.subject === String(order.id), `the webhook is about ${envelope.subject}`);
  narrator.did(`webhook received, signature verified: ${envelope.eventType} ${envelope.eventId}`);

  const entry = await eventually('the stream entry', () => stream.entries[0]);
  check(entry.event === 'order.created', `the stream says ${entry.event}`);
  narrator.did(`live stream: id ${entry.id}, event ${entry.event}`);
}

async function receiverDies({ narrator, shop, receiver }: Stage): Promise<void> {
  narrator.step('Break the receiver, and place another order');
  receiver.answerWith(500);
  const order = await shop.placeOrder();
  const letter = await eventually('the dead letter', async () => (await shop.deadLetters())[0]);
  const attempts = receiver.received.filter(({ status }) => status === 500);
  check(attempts.length === ATTEMPTS, `${attempts.length} attempts were made`);
  narrator.did(`order ${order.id} is placed all the same; ${ATTEMPTS} attempts answered with 500`);
  narrator.did(`dead letter ${letter.id}: ${letter.eventType}`);

  narrator.step('Mend the receiver, and replay the dead letter');
  receiver.answerWith(204);
  await shop.replay(letter.id);
  const replayed = await eventually('the replayed webhook', () =>
    receiver.received.find(
      (webhook) => webhook.status === 204 && webhook.headers['webhook-id'] === letter.eventId,
    ),
  );
  check(replayed.failure === undefined, `the replayed webhook does not verify: ${replayed.failure}`);
  await eventually('the end of the dead letter', async () => (await shop.deadLetters()).length === 0);
  narrator.did('delivered with the same webhook-id, signature verified; no dead letter is left');
}

async function verifyByHand(stage: Stage): Promise<void> {
  const { dir, narrator, receiver, secret } = stage;
  narrator.step('evtgen verify-sig --request received.http --secret-file secret.txt');
  const [webhook] = receiver.received;
  check(webhook !== undefined, 'nothing was received');
  await writeFile(path.join(dir, 'received.http'), httpMessage(webhook));
  await writeFile(path.join(dir, 'secret.txt'), `${secret}\n`, { mode: 0o600 });
  const args = ['verify-sig', '--request', 'received.http', '--secret-file', 'secret.txt'];
  narrator.did((await runEvtgen(dir, args))[0] ?? '');
  narrator.look('received.http');
}

interface ReceivedEnvelope {
  readonly eventId: string;
  readonly eventType: string;
  readonly subject: string;
}

function envelopeOf(webhook: ReceivedWebhook): ReceivedEnvelope {
  return JSON.parse(webhook.body.toString('utf8')) as ReceivedEnvelope;
}

/** Asks until there is an answer; what takes longer than the story can bear has failed. */
async function eventually<Answer>(
  what: string,
  ask: () => Answer | undefined | Promise<Answer | undefined>,
): Promise<Answer> {
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw stepFailed(`${what} did not come within ${PATIENCE_MS / 1000} s`);
}

function check(holds: boolean, failure: string): asserts holds {
  if (!holds) throw stepFailed(failure);
}

function stepFailed(message: string): EvtgenError {
  return new EvtgenError('demo_step_failed', message, { exitCode: ExitCode.bug });
}
