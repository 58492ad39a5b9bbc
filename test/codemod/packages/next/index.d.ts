/* oxlint-disable no-explicit-any */
export interface NextApiRequest {
  method?: string;
  body: any;
}
export interface NextApiResponse {
  status(code: number): NextApiResponse;
  setHeader(name: string, value: string[]): NextApiResponse;
  json(body: unknown): void;
  end(): void;
}
