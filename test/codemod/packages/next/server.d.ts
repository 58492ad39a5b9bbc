/* oxlint-disable no-explicit-any */
export interface NextRequest {
  json(): Promise<any>;
}
export declare const NextResponse: {
  json(body: unknown, init?: { status?: number }): object;
};
