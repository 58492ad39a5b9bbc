import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { git, makeOlder } from '../generate/older.ts';
import { repositoryRoot } from '../helpers/exec.ts';
import { brokerClientOf } from './broker-clients.ts';
import { mustRun } from './commands.ts';
import { CHECKS } from './formatter-checks.ts';
import type { Journey } from './journey.ts';
import { addPackages } from './modules.ts';
import { arrived, openShop, type Delivered, type Shop, type Subscriber } from './shop.ts';

/** A part of the way; `skips` says why a fixture has nothing to do there. */
export interface Stage {
  readonly name: string;
  readonly title: string;
  skips?(journey: Journey): string | undefined;
  run(journey: Journey): Promise<void>;
}

const evtgen = (journey: Journey, args: string): Promise<string> =>
  mustRun(`evtgen ${args}`, journey.project.root, journey.env);

/** The line of a script in package.json. */
function scriptOf({ project }: Journey, name: string): string | undefined {
  const { scripts } = JSON.parse(project.read('package.json')) as { scripts?: Record<string, string> };
  return scripts?.[name];
}

async function runScript(journey: Journey, name: string): Promise<void> {
  const line = scriptOf(journey, name);
  if (line === undefined) throw new Error(`package.json has no script ${name}`);
  await mustRun(line, journey.project.root, journey.env);
}

function shopOf({ shop }: Journey): Shop {
  if (shop === undefined) throw new Error('the application was not started');
  return shop;
}

/** Places an order; resolves when its event was delivered to the subscriber. */
async function orderSeenBy(subscriber: Subscriber, shop: Shop): Promise<Delivered> {
  const before = subscriber.delivered().length;
  await shop.order();
  await arrived(() => subscriber.delivered().length > before, shop);
  const delivered = subscriber.delivered().at(-1);
  if (delivered === undefined) throw new Error('there is none');
  return delivered;
}

export const STAGES: readonly Stage[] = [
  {
    name: 'init',
    title: 'init finds the stack',
    async run(journey) {
      const { framework, store, formatter = 'none', broker } = journey.fixture;
      const flags = framework === 'node' ? ' --framework node' : '';
      const said = await evtgen(journey, `init --broker ${broker}${flags}`);
      const found = new Map(said.split('\n').map((line) => line.split(/ {2,}/) as [string, string]));
      expect([found.get('framework'), found.get('store'), found.get('formatter')]).toEqual([
        framework,
        store,
        formatter,
      ]);
      expect(JSON.parse(journey.project.read('evtgen.config.json'))).toMatchObject({ broker });
    },
  },
  {
    name: 'scan',
    title: 'scan finds the orders',
    async run(journey) {
      await evtgen(journey, 'scan --write');
      const catalog = JSON.parse(journey.project.read('events/catalog.json')) as { eventTypes: object };
      expect(catalog.eventTypes).toHaveProperty(['order.created']);
    },
  },
  {
    name: 'generate',
    title: 'generate writes the code, which is wired as its next steps say',
    async run(journey) {
      const { project, fixture } = journey;
      const said = await evtgen(journey, fixture.isWired === true ? 'generate --wire' : 'generate');
      // What it says has to be installed, and no more.
      const commands = said.split('\n').filter((line) => /^\W*(?:npm install|pnpm add|yarn add)/.test(line));
      const names = commands.flatMap((line) => line.split(/\s+/)).filter((word) => /^@?[a-z]/.test(word));
      await addPackages(
        project.root,
        fixture,
        names
          .filter((name) => !['npm', 'install', 'pnpm', 'yarn', 'add'].includes(name))
          .map((name) => name.replace(/(?<=.)@\d+$/, '')),
      );
      journey.testCommand = /Run the tests that came with it.*\n\s*(.*)/.exec(said)?.[1] ?? '';
      const patch = join(repositoryRoot, 'test/e2e/wired', `${fixture.name}.patch`);
      if (fixture.isWired !== true) await mustRun(`git apply -p1 '${patch}'`, project.root, journey.env);
    },
  },
  {
    name: 'types',
    title: "it type-checks in the project's own configuration",
    skips: ({ fixture }) => (fixture.typescript === undefined ? 'JavaScript' : undefined),
    async run(journey) {
      const line = scriptOf(journey, 'typecheck') ?? 'tsc --noEmit';
      await mustRun(line, journey.project.root, journey.env);
    },
  },
  {
    name: 'format',
    title: 'its formatter finds nothing to do in what was written',
    skips: ({ fixture }) => (fixture.formatter === undefined ? 'no formatter' : undefined),
    async run({ fixture: { formatter }, project, env, written }) {
      if (formatter === undefined) return;
      const files = written().filter((path) => /\.[cm]?[jt]s$/.test(path));
      await mustRun(`${CHECKS[formatter]} ${files.map((path) => `'${path}'`).join(' ')}`, project.root, env);
    },
  },
  {
    name: 'migrate',
    title: "its migrations run by the project's own tool",
    async run(journey) {
      const { fixture, project, env } = journey;
      if (fixture.migrate === undefined) await runScript(journey, 'migrate');
      else await mustRun(fixture.migrate, project.root, env);
    },
  },
  {
    name: 'tests',
    title: 'the tests that came with it pass',
    async run({ project, env, testCommand }) {
      // Vitest says how many on the one stream, Jest on the other.
      const output = await mustRun(`${testCommand} --testTimeout=60000 2>&1`, project.root, env);
      expect(output).toMatch(/Tests:? .*passed/);
    },
  },
  {
    name: 'webhook',
    title: 'an order over HTTP is a webhook that the library of the standard verifies',
    async run(journey) {
      const { fixture, project, env } = journey;
      if (scriptOf(journey, 'build') !== undefined) await runScript(journey, 'build');
      const script = scriptOf(journey, 'start');
      if (script === undefined) throw new Error('package.json has no script start');
      const shop = await openShop(fixture, script, project.root, env);
      journey.shop = shop;
      const { eventType, data } = await orderSeenBy(await shop.subscribe(), shop);
      expect(eventType).toBe('order.created');
      expect(Object.keys(data)).toContain('id');
    },
  },
  {
    name: 'stream',
    title: 'the eventsource package reads the stream, from the beginning and live',
    async run(journey) {
      const shop = shopOf(journey);
      const stream = shop.openStream();
      await arrived(() => stream.eventIds().length === 1, shop);
      const { eventId } = await orderSeenBy(await shop.subscribe(), shop);
      await arrived(() => stream.eventIds().length === 2, shop);
      expect(stream.eventIds()[1]).toBe(eventId);
      stream.close();
    },
  },
  {
    name: 'broker',
    title: "the broker's own command-line client reads the event",
    skips: ({ fixture }) => brokerClientOf(fixture.broker).missing,
    async run(journey) {
      const shop = shopOf(journey);
      const { eventId } = await orderSeenBy(await shop.subscribe(), shop);
      let received = '';
      const isThere = async (): Promise<boolean> =>
        (received = await journey.broker.received()).includes(eventId);
      await arrived(isThere, shop).catch((error: unknown) => {
        throw new Error(`the broker has: ${received}`, { cause: error });
      });
      expect(received).toContain('order.created');
    },
  },
  {
    name: 'replay',
    title: 'what a receiver refused is a dead letter, and replaying it delivers',
    async run(journey) {
      const shop = shopOf(journey);
      const { receiver, delivered } = await shop.subscribe();
      receiver.answer = (_, response) => void response.writeHead(500).end();
      await shop.order();
      await arrived(async () => (await shop.deadLetters()).length === 1, shop);
      const [letter] = await shop.deadLetters();
      const before = receiver.requests.length;
      expect(before).toBe(3);
      receiver.answer = (_, response) => void response.writeHead(204).end();
      await shop.replay(letter?.id ?? '');
      await arrived(() => receiver.requests.length > before, shop);
      expect(await shop.deadLetters()).toEqual([]);
      expect(delivered().map(({ eventId }) => eventId)).toEqual(Array(before + 1).fill(letter?.eventId));
    },
  },
  {
    name: 'again',
    title: 'generate again changes no byte',
    async run(journey) {
      await shopOf(journey).close();
      journey.shop = undefined;
      const { project } = journey;
      git(project, 'init', '--quiet');
      writeFileSync(project.path('.git/info/exclude'), 'node_modules\ndist\n.next\n');
      git(project, 'add', '--all');
      git(project, 'commit', '--quiet', '--message', 'everything');
      await evtgen(journey, 'generate');
      expect(git(project, 'status', '--porcelain')).toBe('');
      await evtgen(journey, 'generate --check');
    },
  },
  {
    name: 'edit',
    title: 'an edit of an emitted file survives the next version of the kernel',
    async run(journey) {
      const { project } = journey;
      const path = journey.written().find((each) => /\/kernel\/retry\.[jt]s$/.test(each)) ?? '';
      const current = project.read(path);
      makeOlder(project, path, /^(?=.*RETRY_SCHEDULE_SECONDS)/m, '// As it was.\n', journey.manifestPath());
      git(project, 'commit', '--quiet', '--all', '--message', 'as an older evtgen wrote it');
      writeFileSync(project.path(path), `${project.read(path)}\n// ours\n`);
      await evtgen(journey, 'generate');
      expect(project.read(path)).toBe(`${current}\n// ours\n`);
    },
  },
];
