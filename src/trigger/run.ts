import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { z } from 'zod';
import { findServer } from '../attach/find-server.ts';
import { parseJson, readTextIfPresent } from '../config/json-file.ts';
import { loadConfig } from '../config/load.ts';
import { packageName } from '../config/package-name.ts';
import { sourceOf } from '../config/source.ts';
import type { Json } from '../samples/sample.ts';
import { loadRegistry, type LocalRegistry } from '../serve/registry.ts';
import { EvtgenError } from '../ui/errors.ts';
import { ExitCode } from '../ui/exit-code.ts';
import { createProgressBar } from '../ui/progress-bar.ts';
import type { Terminal } from '../ui/terminal.ts';
import { databaseSink, serveSink, type EventSink } from './event-sink.ts';
import { parseOverride, planSamples } from './plan-samples.ts';
import type { PlannedEvent } from './planned-event.ts';
import { planScenario } from './plan-scenario.ts';
import { listReport, planReport, sentReport } from './report.ts';
import { loadScenario, scenarioNames } from './scenario-file.ts';
import { SendError, sendEvents, type SentEvent } from './send-events.ts';

export interface TriggerOptions {
  readonly type: string | undefined;
  /** Name of a scenario, or the path of its file. */
  readonly scenario: string | undefined;
  /** `data.total=4200` */
  readonly set: readonly string[];
  /** File with the data, `-` for stdin. */
  readonly data: string | undefined;
  readonly subject: string | undefined;
  readonly tenant: string | undefined;
  readonly count: number;
  readonly rate: number | undefined;
  readonly seed: number | undefined;
  readonly url: string | undefined;
  /** True stands for DATABASE_URL. */
  readonly databaseUrl: string | true | undefined;
  readonly isDryRun: boolean;
  readonly isJson: boolean;
}

const MAX_SEED = 2 ** 31;

/** Plans the events, and sends them or shows them. */
export async function runTrigger(options: TriggerOptions, terminal: Terminal): Promise<ExitCode> {
  const registry = await loadRegistry(terminal.cwd);
  checkTarget(options, registry);
  const events = await plan(options, registry, terminal);
  if (options.isDryRun) {
    for (const line of planReport(events, options.isJson)) terminal.result(line);
    return ExitCode.done;
  }
  const sink = await openSink(options, registry, terminal);
  try {
    return await send(events, sink, options, terminal);
  } finally {
    await sink.close();
  }
}

/** Shows the scenarios of the project. */
export function runScenarioList(isJson: boolean, terminal: Terminal): ExitCode {
  const scenarios = scenarioNames(terminal.cwd).map((name) => ({
    name,
    ...loadScenario(terminal.cwd, name),
  }));
  for (const line of listReport(scenarios, isJson)) terminal.result(line);
  return ExitCode.done;
}

function checkTarget({ databaseUrl, url, tenant }: TriggerOptions, registry: LocalRegistry): void {
  if (databaseUrl !== undefined && url !== undefined) {
    throw new EvtgenError('usage', '--url and --database-url exclude each other');
  }
  if (databaseUrl === undefined && tenant !== undefined) {
    throw new EvtgenError('usage', '--tenant goes with --database-url: evtgen serve knows no tenants');
  }
  if (databaseUrl !== undefined && registry.eventTypes === null) {
    throw new EvtgenError(
      'no_catalog',
      'there is no events/catalog.json here, so nothing says what the events are',
      {
        hint: 'run it in the folder of the application whose database it is',
      },
    );
  }
}

async function plan(
  options: TriggerOptions,
  registry: LocalRegistry,
  terminal: Terminal,
): Promise<PlannedEvent[]> {
  const { type, scenario, subject, count, seed } = options;
  const common = {
    count,
    seed: seed ?? randomInt(MAX_SEED),
    // A seed asks for the same bytes every time.
    time: seed === undefined ? Date.now() : undefined,
  };
  if (scenario !== undefined) {
    if (type !== undefined || options.set.length > 0 || options.data !== undefined || subject !== undefined) {
      throw new EvtgenError(
        'usage',
        'a scenario says itself what it sends: no type, --set, --data or --subject',
      );
    }
    return planScenario(loadScenario(terminal.cwd, scenario), common, registry);
  }
  if (type === undefined) {
    throw new EvtgenError('usage', 'which event? Name its type, such as "evtgen trigger order.created"', {
      hint:
        registry.eventTypes === null
          ? undefined
          : `events/catalog.json has ${registry.eventTypes.join(', ')}`,
    });
  }
  const overrides = options.set.map(parseOverride);
  const data = options.data === undefined ? undefined : await readData(options.data, terminal);
  const request = {
    type,
    data,
    overrides,
    subject,
    ...common,
  };
  const events = planSamples(request, registry, terminal.note);
  if (registry.definitions[type]?.audience === 'internal') {
    terminal.note(`note: ${type} is internal: brokers get it, webhooks and streams do not`);
  }
  return events;
}

async function readData(file: string, terminal: Terminal): Promise<Json> {
  if (file === '-') return parseJson('stdin', await textOf(process.stdin), z.json()) as Json;
  const text = readTextIfPresent(resolve(terminal.cwd, file));
  if (text === undefined) throw new EvtgenError('unreadable_file', `--data: there is no file ${file}`);
  return parseJson(file, text, z.json()) as Json;
}

async function openSink(
  { databaseUrl, url, tenant }: TriggerOptions,
  registry: LocalRegistry,
  terminal: Terminal,
): Promise<EventSink> {
  if (databaseUrl === undefined) return serveSink(await findServer(url, terminal));
  const source = sourceOf(loadConfig(terminal.cwd), packageName(terminal.cwd), terminal.cwd);
  return databaseSink({ url: databaseUrl, registry, source, tenant, terminal });
}

async function send(
  events: readonly PlannedEvent[],
  sink: EventSink,
  { rate, isJson }: TriggerOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const interrupt = new AbortController();
  // A second one finds no handler and ends the process.
  const onInterrupt = (): void => interrupt.abort();
  process.once('SIGINT', onInterrupt);
  const bar = createProgressBar(terminal);
  const start = performance.now();
  const seconds = (): number => (performance.now() - start) / 1_000;
  let sent: readonly SentEvent[];
  try {
    sent = await sendEvents(events, {
      sink,
      rate,
      signal: interrupt.signal,
      onSent: (count) => {
        if (events.length > 1) bar.show(count, events.length, `${Math.round(count / seconds())} a second`);
      },
    });
  } catch (error) {
    if (!(error instanceof SendError)) throw error;
    bar.end();
    if (error.sent.length > 0)
      terminal.note(`${error.sent.length} of ${events.length} events were sent before this:`);
    throw error.cause;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
  bar.end();
  for (const line of sentReport(
    { sent, wanted: events.length, seconds: seconds(), place: sink.place },
    isJson,
  )) {
    terminal.result(line);
  }
  return sent.length < events.length ? ExitCode.interrupted : ExitCode.done;
}
