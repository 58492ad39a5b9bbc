import type { PGlite } from '@electric-sql/pglite';

/** Where the demo's shop keeps its data. */
export interface DemoDatabase {
  readonly url: string;
  /** How it is called in the story. */
  readonly title: string;
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 20;
/** Parse, Bind, Describe, Execute, Close, Flush: the messages that leave an extended-query batch open. */
const MESSAGES_WITHIN_A_BATCH = new Set([...'PBDECH'].map((letter) => letter.charCodeAt(0)));

/**
 * PostgreSQL in this process (PGlite), spoken to over a socket on loopback, so that the shop's own `pg` pool
 * needs to know nothing of it.
 */
export async function startEmbeddedDatabase(): Promise<DemoDatabase> {
  const [{ createPGlite }, { PGLiteSocketServer }] = await Promise.all([
    import('../serve/pglite.ts'),
    import('@electric-sql/pglite-socket'),
  ]);
  const db = await createPGlite();
  const server = new PGLiteSocketServer({
    db: oneBatchAtATime(db),
    host: '127.0.0.1',
    port: 0,
    maxConnections: MAX_CONNECTIONS,
  });
  await server.start();
  return {
    url: `postgres://postgres@${server.getServerConn()}/postgres`,
    title: 'an embedded PostgreSQL (PGlite)',
    async close() {
      await server.stop();
      await db.close();
    },
  };
}

/**
 * The socket server keeps to one connection only while a transaction is open. Between the messages of an
 * extended query it takes those of other connections, and their Parse replaces the unnamed statement that the
 * first is about to bind. So a batch is made to look like a transaction until its Sync.
 * @see https://github.com/electric-sql/pglite/issues/1046
 */
function oneBatchAtATime(db: PGlite): PGlite {
  let isWithinBatch = false;
  const overrides: Partial<PGlite> = {
    isInTransaction: () => isWithinBatch || db.isInTransaction(),
    execProtocolRawStream(message, options) {
      isWithinBatch = MESSAGES_WITHIN_A_BATCH.has(message[0] ?? 0);
      return db.execProtocolRawStream(message, options);
    },
    // How the server clears up after a connection that went away.
    exec(query, options) {
      isWithinBatch = false;
      return db.exec(query, options);
    },
  };
  return new Proxy(db, {
    get(target, name) {
      const value: unknown = Reflect.get(Object.hasOwn(overrides, name) ? overrides : target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
