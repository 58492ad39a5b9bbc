/* oxlint-disable no-explicit-any */
export interface NextApiRequest {
  method?: string;
  body: any;
  query: any;
}
export interface NextApiResponse {
  status(code: number): NextApiResponse;
  setHeader(name: string, value: string[]): NextApiResponse;
  json(body: unknown): void;
  end(): void;
}
