/** A file in this folder that receives webhooks in one framework. */
export interface ReceiverBinding {
  /** As `receiver` in evtgen.config.json names it. */
  readonly id: string;
  /** Below `src` of evtgen and below `output` of the project alike. */
  readonly file: string;
}

export const receivers: readonly ReceiverBinding[] = ['express', 'fastify', 'koa', 'nest', 'node', 'web'].map(
  (id) => ({ id, file: `receivers/${id}.ts` }),
);
