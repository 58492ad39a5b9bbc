/* oxlint-disable no-explicit-any */
export interface Context {
  req: { json(): Promise<any>; param(name: string): string };
  json(body: unknown, status?: number): object;
}
export declare class Hono {
  post(path: string, handler: (c: Context) => unknown): this;
}
