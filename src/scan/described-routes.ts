import type { Run } from './run.ts';
import { unresolvedAt } from './unresolved.ts';

/** Packages that register what a description of an API says, such as a document of OpenAPI. */
const IMPORT_OF_DESCRIBED =
  /(?:\bfrom|\brequire\s*\()\s*['"](hapi-openapi(?:-\d)?|swaggerize-(?:express|hapi)|openapi-backend|express-openapi|exegesis(?:-express|-koa)?|@?oas-tools(?:\/core)?|swagger-tools|swagger-routes(?:-express)?|swagger-express-mw|swagger-hapi|swagger-node-runner|fastify-openapi-glue)['"]/g;

/** Says of every file that was followed where routes come from a description and not from code. */
export function reportDescribed(run: Run): void {
  for (const { file, source } of run.modules.values()) {
    for (const { 1: name, index } of source.text.matchAll(IMPORT_OF_DESCRIBED)) {
      const { line } = source.getLineAndCharacterOfPosition(index);
      const path = run.project.relativePath(file);
      run.unresolved.push(unresolvedAt(path, line + 1, `described_routes: ${name}`));
    }
  }
}
