/* oxlint-disable no-explicit-any */
export interface FastifyRequest {
  body: any;
  params: any;
}
export interface FastifyReply {
  code(status: number): FastifyReply;
  send(body: unknown): FastifyReply;
}
export interface FastifyInstance {
  post(
    path: string,
    options: object,
    handler: (request: FastifyRequest, reply: FastifyReply) => unknown,
  ): FastifyInstance;
}
