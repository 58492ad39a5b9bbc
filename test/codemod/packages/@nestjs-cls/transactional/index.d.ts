export declare function Transactional(): MethodDecorator;
export declare class TransactionHost<Adapter> {
  readonly tx: Adapter;
  withTransaction<T>(work: () => Promise<T>): Promise<T>;
}
