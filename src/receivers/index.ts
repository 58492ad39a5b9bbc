/** A file in this folder that receives webhooks in one framework. */
export interface ReceiverBinding {
  /** As `receiver` in evtgen.config.json names it. */
  readonly id: string;
  /** Below `src` of evtgen and below `output` of the project alike. */
  readonly file: string;
  /** How it is put to use. */
  readonly mount: string;
}

const RECEIVER = 'webhookReceiver({ secrets: [secret] }, async (webhook) => { … })';

export const receivers: readonly ReceiverBinding[] = [
  {
    id: 'express',
    file: 'receivers/express.ts',
    mount: `app.post('/hooks/shop', ${RECEIVER}); // before any app.use(express.json())`,
  },
  {
    id: 'fastify',
    file: 'receivers/fastify.ts',
    mount: `app.register(${RECEIVER}, { prefix: '/hooks/shop' });`,
  },
  {
    id: 'koa',
    file: 'receivers/koa.ts',
    mount: `router.post('/hooks/shop', ${RECEIVER}); // before any app.use(bodyParser())`,
  },
  {
    id: 'nest',
    file: 'receivers/nest.ts',
    mount: `app.use('/hooks/shop', ${RECEIVER}); // in main.ts, before app.listen`,
  },
  { id: 'node', file: 'receivers/node.ts', mount: `createServer(${RECEIVER});` },
  { id: 'web', file: 'receivers/web.ts', mount: `export const POST = ${RECEIVER};` },
];
