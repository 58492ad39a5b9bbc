/* oxlint-disable no-explicit-any */
export interface Request {
  body: any;
  params: Record<string, string>;
}
export interface Response {
  status(code: number): Response;
  json(body: unknown): Response;
  sendStatus(code: number): Response;
}
type Handler = (req: Request, res: Response, next: (error?: unknown) => void) => unknown;
export interface Router {
  post(path: string, handler: Handler): Router;
  put(path: string, handler: Handler): Router;
  patch(path: string, handler: Handler): Router;
  delete(path: string, handler: Handler): Router;
}
export declare function Router(): Router;
