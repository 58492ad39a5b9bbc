/* oxlint-disable no-explicit-any */
export declare function Entity(): ClassDecorator;
type Class<T> = new () => T;
interface DeleteResult {
  affected?: number | null;
}
export declare class Repository<T extends object> {
  readonly target: Class<T>;
  readonly metadata: object;
  readonly manager: EntityManager;
  create(values: Partial<T>): T;
  save(entity: Partial<T>): Promise<T>;
  save(entities: Partial<T>[]): Promise<T[]>;
  remove(entity: T): Promise<T>;
  softRemove(entity: T): Promise<T>;
  update(id: unknown, values: object): Promise<DeleteResult>;
  delete(id: unknown): Promise<DeleteResult>;
  findOneBy(where: object): Promise<T | null>;
  createQueryBuilder(): any;
}
export declare class EntityManager {
  readonly queryRunner?: QueryRunner;
  getRepository<T extends object>(entity: Class<T>): Repository<T>;
  withRepository<R>(repository: R): R;
  save<T>(entity: T): Promise<T>;
  save<T>(entity: Class<T>, values: Partial<T>): Promise<T>;
  query(text: string, values?: unknown[]): Promise<any>;
  transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T>;
  transaction<T>(isolation: string, work: (manager: EntityManager) => Promise<T>): Promise<T>;
}
export declare class QueryRunner {
  readonly manager: EntityManager;
  readonly isTransactionActive: boolean;
  query(text: string, values?: unknown[]): Promise<any>;
  startTransaction(): Promise<void>;
  commitTransaction(): Promise<void>;
  rollbackTransaction(): Promise<void>;
  release(): Promise<void>;
}
export declare class DataSource {
  readonly manager: EntityManager;
  createQueryRunner(): QueryRunner;
  getRepository<T extends object>(entity: Class<T>): Repository<T>;
  transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T>;
  transaction<T>(isolation: string, work: (manager: EntityManager) => Promise<T>): Promise<T>;
  query(text: string, values?: unknown[]): Promise<any>;
}
export declare class BaseEntity {
  hasId(): boolean;
  save(): Promise<this>;
  softRemove(): Promise<this>;
  recover(): Promise<this>;
}
