export interface SQL {
  readonly sql: true;
}
export declare function eq(left: unknown, right: unknown): SQL;
export declare function sql(strings: TemplateStringsArray, ...values: unknown[]): SQL;
