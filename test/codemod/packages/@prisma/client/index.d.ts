export interface Order {
  id: number;
  total: number;
  status: string;
}
interface Delegate<Row> {
  create(args: { data: object }): Promise<Row>;
  update(args: { where: object; data: object }): Promise<Row>;
  upsert(args: { where: object; create: object; update: object }): Promise<Row>;
  delete(args: { where: object }): Promise<Row>;
  deleteMany(args: { where: object }): Promise<{ count: number }>;
  updateMany(args: { where: object; data: object }): Promise<{ count: number }>;
  findUnique(args: { where: object }): Promise<Row | null>;
}
declare class Models {
  order: Delegate<Order>;
  courseEnrollment: Delegate<{ userId: number; courseId: number }>;
  availableOrder: Delegate<{ id: number; orderId: number }>;
  auditLog: Delegate<{ id: number; text: string }>;
  $executeRawUnsafe(query: string, ...values: unknown[]): Promise<number>;
  $queryRawUnsafe(query: string, ...values: unknown[]): Promise<unknown>;
}
export declare class PrismaClient extends Models {
  $connect(): Promise<void>;
  $transaction<T>(work: (tx: Models) => Promise<T>, options?: object): Promise<T>;
  $transaction<T>(queries: readonly Promise<T>[]): Promise<T[]>;
}
