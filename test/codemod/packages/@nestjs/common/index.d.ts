export declare function Injectable(): ClassDecorator;
export declare function Controller(path: string): ClassDecorator;
export declare function Post(path?: string): MethodDecorator;
export declare function Patch(path?: string): MethodDecorator;
export declare function Delete(path?: string): MethodDecorator;
export declare function Body(): ParameterDecorator;
export declare function Param(name: string): ParameterDecorator;
export declare class NotFoundException extends Error {}
