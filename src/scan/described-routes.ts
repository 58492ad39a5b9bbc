import type { Run } from './run.ts';
import { unresolvedAt } from './unresolved.ts';

/** Packages that register what a description of an API says, such as a document of OpenAPI. */
const IMPORT_OF_DESCRIBED =
  /(?:\bfrom|\brequire\s*\()\s*['"](hapi-openapi(?:-\d)?|swaggerize-(?:express|hapi)|openapi-backend|express-openapi|exegesis(?:-express|-koa)?|@?oas-tools(?:\/core)?|swagger-tools|swagger-routes(?:-express)?|swagger-express-mw|swagger-hapi|swagger-node-runner|fastify-openapi-glue)['"]/g;

/** Packages that make the routes of a model, such as one of Mongoose or Sequelize. */
const IMPORT_OF_MODEL_ROUTES =
  /(?:\bfrom|\brequire\s*\()\s*['"](resourcejs|express-restify-mongoose|finale-rest|epilogue|node-restful|baucis|express-crud-router|rest-hapi|@feathersjs\/(?:express|koa|feathers))['"]/g;

/** Says of every file that was followed where routes come from a description, or from models, and not from code. */
export function reportDescribed(run: Run): void {
  for (const { file, source } of run.modules.values()) {
    const report = (code: 'described_routes' | 'model_routes', pattern: RegExp): void => {
      for (const { 1: name, index } of source.text.matchAll(pattern)) {
        const { line } = source.getLineAndCharacterOfPosition(index);
        const path = run.project.relativePath(file);
        run.unresolved.push(unresolvedAt(path, line + 1, `${code}: ${name}`));
      }
    };
    report('described_routes', IMPORT_OF_DESCRIBED);
    report('model_routes', IMPORT_OF_MODEL_ROUTES);
  }
}
