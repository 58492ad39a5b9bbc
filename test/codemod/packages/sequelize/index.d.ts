export declare class Transaction {
  commit(): Promise<void>;
  rollback(): Promise<void>;
  afterCommit(run: () => void): void;
}
interface Options {
  transaction?: Transaction;
  returning?: boolean;
  where?: object;
}
export declare class Model {
  static readonly sequelize?: Sequelize;
  readonly sequelize: Sequelize;
  static create<M extends Model>(this: new () => M, values: object, options?: Options): Promise<M>;
  static bulkCreate<M extends Model>(this: new () => M, values: object[], options?: Options): Promise<M[]>;
  static update<M extends Model>(
    this: new () => M,
    values: object,
    options: Options & { returning: true },
  ): Promise<[number, M[]]>;
  static update(values: object, options: Options): Promise<[number]>;
  static destroy(options: Options): Promise<number>;
  static count(options?: Options): Promise<number>;
  static addHook(name: string, run: (row: never, options: never) => Promise<void> | void): void;
  static findByPk<M extends Model>(this: new () => M, id: unknown, options?: Options): Promise<M | null>;
  static findOrCreate<M extends Model>(this: new () => M, options: object): Promise<[M, boolean]>;
  getDataValue(key: string): unknown;
  save(options?: Options): Promise<this>;
  update(values: object, options?: Options): Promise<this>;
  destroy(options?: Options): Promise<void>;
}
export declare class Sequelize {
  authenticate(): Promise<void>;
  define(name: string): typeof Model;
  transaction(): Promise<Transaction>;
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  transaction<T>(options: object, work: (transaction: Transaction) => Promise<T>): Promise<T>;
}
