import type { Model as Base } from 'sequelize';

export declare class Model extends Base {
  id?: unknown;
}
export declare function Column(target: object, property: string): void;
export declare function PrimaryKey(target: object, property: string): void;
