import type { Api } from '../attach/api.ts';

/** Some of what there is, and where the rest begins. */
export interface Found<Item> {
  readonly items: readonly Item[];
  /** Undefined when there is no more. */
  readonly cursor: string | undefined;
}

interface PageBody<Item> {
  readonly data: readonly Item[];
  readonly nextCursor: string | null;
}

export type Query = Readonly<Record<string, string | undefined>>;

/** What a page of the API may have at most. */
const MAX_PAGE_SIZE = 100;

/** Asks page by page until there are as many as wanted. */
export async function readPages<Item>(
  api: Api,
  path: string,
  query: Query,
  limit: number,
): Promise<Found<Item>> {
  const items: Item[] = [];
  let cursor = query['cursor'];
  do {
    const pageSize = Math.min(limit - items.length, MAX_PAGE_SIZE);
    const page = (await api.call(
      'GET',
      path + queryText({ ...query, limit: String(pageSize), cursor }),
    )) as PageBody<Item>;
    items.push(...page.data);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && items.length < limit);
  return { items, cursor };
}

/** `?types=order.*&limit=5`; empty when nothing is asked for. */
function queryText(query: Query): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}
