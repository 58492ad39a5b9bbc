import { packSnapshot } from './pglite-snapshot.ts';

await packSnapshot();
