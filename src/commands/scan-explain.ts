import { resolve } from 'node:path';
import { EvtgenError } from '../ui/errors.ts';
import type { Terminal } from '../ui/terminal.ts';

/** `scan --explain METHOD PATH`: prints how what scan says of one route came about. */
export async function explain(
  dir: string,
  given: readonly string[],
  isJson: boolean,
  terminal: Terminal,
): Promise<void> {
  const [method, path, folder] = given.flatMap((word, index) =>
    index === 0 ? word.trim().split(/\s+/) : [word],
  );
  if (method === undefined || path === undefined) {
    throw new EvtgenError('usage', '--explain needs a method and a path', {
      hint: 'for example: evtgen scan --explain POST /orders',
    });
  }
  const root = resolve(terminal.cwd, folder ?? dir);
  const [{ explainRoutes }, { partsOf }, { loadConfig }] = await Promise.all([
    import('../scan/explain.ts'),
    import('../scan/scan-packages.ts'),
    import('../config/load.ts'),
  ]);
  const routes = explainRoutes(
    partsOf(root, (folder) => ({ ...loadConfig(folder).scan })),
    method,
    path,
  );
  if (isJson) {
    terminal.result(JSON.stringify({ schemaVersion: 1, root, routes }, null, 2));
    return;
  }
  const [{ formatExplanation }, { createPaint }] = await Promise.all([
    import('../scan/explanation.ts'),
    import('../ui/paint.ts'),
  ]);
  const paint = createPaint(terminal);
  routes.forEach((route, index) => {
    if (index > 0) terminal.result('');
    for (const line of formatExplanation(route, paint)) terminal.result(line);
  });
}
