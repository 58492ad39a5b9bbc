export declare function InjectRepository(entity: Function): ParameterDecorator;
