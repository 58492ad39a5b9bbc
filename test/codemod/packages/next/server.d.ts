/* oxlint-disable no-explicit-any */
export interface NextRequest {
  json(): Promise<any>;
}
export declare class NextResponse {
  static json(body: unknown, init?: { status?: number }): NextResponse;
}
