/** The writing statement of a query, as far as columns go. */
export interface SqlWrite {
  readonly verb: 'insert' | 'update' | 'delete';
  /** Lower case, without schema and quotes. */
  readonly table: string;
  /** Columns set by it. */
  readonly columns: readonly string[];
  /** Columns of its `returning` clause; null without one, `*` for all. */
  readonly returning: readonly string[] | null;
}

const NAME = String.raw`"?[\w$]+"?(?:\."?[\w$]+"?)?`;

/** Reads `insert into`, `update` and `delete from`, also behind a `with` clause; null for all else. */
export function parseSqlWrite(text: string): SqlWrite | null {
  const sql = text
    .replaceAll(/--[^\n]*/g, ' ')
    .replaceAll(/\/\*[\s\S]*?\*\//g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const insert = new RegExp(`\\binsert into (${NAME})(?: as \\w+)? ?\\(([^()]*)\\)`, 'i').exec(sql);
  if (insert !== null) return write('insert', insert[1], splitNames(insert[2] ?? ''), sql);
  const update = new RegExp(
    `^(?:with .*?\\) )?update (?:only )?(${NAME})(?: (?:as )?\\w+)? set (.*)$`,
    'i',
  ).exec(sql);
  if (update !== null) return write('update', update[1], setColumns(update[2] ?? ''), sql);
  const deleted = new RegExp(`^(?:with .*?\\) )?delete from (${NAME})`, 'i').exec(sql);
  return deleted === null ? null : write('delete', deleted[1], [], sql);
}

function write(verb: SqlWrite['verb'], table: string | undefined, columns: string[], sql: string): SqlWrite {
  const returning = /\breturning (.*?);?$/i.exec(sql)?.[1];
  return {
    verb,
    table: plainName(table ?? ''),
    columns,
    returning: returning === undefined ? null : splitTopLevel(returning).map(columnAlias),
  };
}

function plainName(name: string): string {
  return (name.split('.').at(-1) ?? name).replaceAll('"', '').toLowerCase();
}

function splitNames(list: string): string[] {
  return list
    .split(',')
    .map((name) => plainName(name.trim()))
    .filter((name) => /^[\w$]+$/.test(name));
}

/** `a as b`, `t.a`, `a::text`: the name under which a row has the column. */
function columnAlias(item: string): string {
  const alias = / as "?([\w$]+)"?$/i.exec(item)?.[1];
  return alias ?? (/(?:\.|^)\*$/.test(item) ? '*' : plainName(item.replace(/::[\w\s]+$/, '')));
}

function setColumns(assignments: string): string[] {
  const clause = assignments.split(/ (?:where|from|returning) /i)[0] ?? '';
  return splitTopLevel(clause).flatMap((assignment) => {
    const name = new RegExp(`^(${NAME}) ?=`).exec(assignment)?.[1];
    return name === undefined ? [] : [plainName(name)];
  });
}

function splitTopLevel(list: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const character of list) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (character === ',' && depth === 0) {
      parts.push(part.trim());
      part = '';
    } else {
      part += character;
    }
  }
  return [...parts, part.trim()].filter((item) => item !== '');
}
