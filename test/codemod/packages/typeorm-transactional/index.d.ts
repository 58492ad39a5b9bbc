export declare function Transactional(): MethodDecorator;
