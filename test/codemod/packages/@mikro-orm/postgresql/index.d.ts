type Class<T> = new () => T;
export declare class EntityManager {
  isInTransaction(): boolean;
  getTransactionContext<T = unknown>(): T | undefined;
  getConnection(): {
    execute(query: string, parameters?: unknown[], method?: 'all' | 'get' | 'run', context?: unknown): Promise<unknown>;
  };
  execute(query: string, parameters?: unknown[]): Promise<unknown>;
  create<T>(entity: Class<T>, values: object): T;
  assign<T>(entity: T, values: object): T;
  persist(entity: object): EntityManager;
  remove(entity: object): EntityManager;
  persistAndFlush(entity: object): Promise<void>;
  removeAndFlush(entity: object): Promise<void>;
  flush(): Promise<void>;
  getReference<T>(entity: Class<T>, id: unknown): T;
  findOneOrFail<T>(entity: Class<T>, where: object): Promise<T>;
  nativeDelete<T>(entity: Class<T>, where: object): Promise<number>;
  begin(): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  transactional<T>(work: (em: EntityManager) => Promise<T>): Promise<T>;
}
export declare function Property(options?: { serializedName?: string }): (target: object, property: string) => void;
