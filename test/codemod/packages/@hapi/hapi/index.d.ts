/* oxlint-disable no-explicit-any */
export interface ResponseToolkit {
  response(body: unknown): { code(status: number): object };
}
export interface Server {
  route(route: {
    method: string;
    path: string;
    handler(request: { payload: any }, h: ResponseToolkit): unknown;
  }): void;
}
