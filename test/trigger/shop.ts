import { runTrigger, type TriggerOptions } from '../../src/trigger/run.ts';
import { EvtgenError } from '../../src/ui/errors.ts';
import { recordedTerminal, type RecordedTerminal } from '../helpers/recorded-terminal.ts';

const text = { type: 'string' };

const order = {
  type: 'object',
  properties: {
    id: text,
    customer_id: text,
    status: { type: 'string', enum: ['pending', 'paid'] },
    total: { type: 'integer', minimum: 0 },
    note: { type: ['string', 'null'] },
    items: {
      type: 'array',
      minItems: 1,
      items: { type: 'object', properties: { sku: text, quantity: { type: 'integer' } }, required: ['sku'] },
    },
  },
  required: ['id', 'status', 'total', 'items'],
};
const payment = {
  type: 'object',
  properties: { id: text, order_id: text, amount: { type: 'integer' }, reference: text },
  required: ['id', 'order_id', 'amount'],
};

/** The contract of a small shop. */
export const shopFiles = {
  'package.json': { name: 'shop' },
  'events/catalog.json': {
    catalogVersion: 1,
    eventTypes: {
      'order.created': { version: 1, audience: 'public', subject: 'id' },
      'order.paid': { version: 1, audience: 'public', subject: 'id' },
      'payment.captured': { version: 1, audience: 'public', subject: 'order_id' },
      'customer.flagged': { version: 1, audience: 'internal', subject: 'id' },
    },
    mutations: {},
  },
  'events/schemas/order.created.v1.json': order,
  'events/schemas/order.paid.v1.json': order,
  'events/schemas/payment.captured.v1.json': payment,
  'events/schemas/customer.flagged.v1.json': { type: 'object', properties: { id: text } },
};

/** What the command was told, where it differs from nothing. */
export async function trigger(
  cwd: string,
  options: Partial<TriggerOptions>,
  terminal: RecordedTerminal = recordedTerminal(cwd),
): Promise<{ readonly exitCode: number; readonly terminal: RecordedTerminal }> {
  const exitCode = await runTrigger(
    {
      type: undefined,
      scenario: undefined,
      set: [],
      data: undefined,
      subject: undefined,
      tenant: undefined,
      count: 1,
      rate: undefined,
      seed: undefined,
      url: undefined,
      databaseUrl: undefined,
      isDryRun: false,
      isJson: false,
      ...options,
    },
    terminal,
  );
  return { exitCode, terminal };
}

/** What would be sent. */
export async function planned(
  cwd: string,
  options: Partial<TriggerOptions>,
): Promise<{ type: string; subject?: string; data: Record<string, unknown> }[]> {
  const { terminal } = await trigger(cwd, { ...options, isDryRun: true, isJson: true });
  return JSON.parse(terminal.results.join('\n')).events;
}

/** The error that a person gets to read. */
export async function refusal(
  run: Promise<unknown>,
): Promise<{ code: string; text: string; exitCode: number }> {
  const error: unknown = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof EvtgenError)) throw new Error('it was not refused', { cause: error });
  const { code, message, hint, exitCode } = error;
  return { code, exitCode, text: hint === undefined ? message : `${message}\nhint: ${hint}` };
}
