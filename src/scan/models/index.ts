import type { Project } from '../project.ts';
import type { JsonSchema } from '../report.ts';
import { merge } from '../schemas.ts';
import type { ModelReader } from './columns.ts';
import knex from './knex.ts';
import mongoose from './mongoose.ts';
import sequelize from './sequelize.ts';

const READERS: readonly ModelReader[] = [knex, sequelize, mongoose];

/** The sources that define tables and models. */
export function modelFiles(project: Project): string[] {
  return project.files.filter((file) => READERS.some(({ sign }) => sign.test(project.text(file))));
}

/** Rows of the tables and models that the project's sources define, by name. */
export function readModels(project: Project): Map<string, JsonSchema> {
  const models = new Map<string, JsonSchema>();
  for (const file of project.files) {
    const text = project.text(file);
    for (const reader of READERS) {
      if (!reader.sign.test(text)) continue;
      for (const { name, schema, isAddition } of reader.read(project.parse(file))) {
        const known = models.get(name);
        models.set(name, isAddition === true && known !== undefined ? merge([known, schema]) : schema);
      }
    }
  }
  return models;
}
