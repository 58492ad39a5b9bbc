/** One field at fault; `pointer` is a JSON Pointer into the request body, as a URI fragment. */
export interface FieldProblem {
  readonly pointer: string;
  readonly detail: string;
}

export interface ProblemOptions {
  readonly status: number;
  /** Stable and machine-readable, e.g. `validation_failed`. */
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly FieldProblem[] | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** An answer that is not a success; thrown by handlers, turned into a response by `handleProblems`. */
export class ProblemError extends Error {
  override readonly name: string = 'ProblemError';
  readonly problem: ProblemOptions;

  constructor(problem: ProblemOptions) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** What statuses are called (RFC 9110, section 15). */
export const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  410: 'Gone',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  500: 'Internal Server Error',
};

/** The media type of RFC 9457. */
export const PROBLEM_TYPE = 'application/problem+json';

/** A problem document of RFC 9457; its `type` is `about:blank`, what went wrong is in `code`. */
export function problemBody(problem: ProblemOptions): string {
  const { status, code, detail, errors } = problem;
  return JSON.stringify({
    type: 'about:blank',
    title: TITLES[status] ?? 'Error',
    status,
    code,
    detail,
    errors,
  });
}

export function problemResponse(problem: ProblemOptions): Response {
  const headers = { ...problem.headers, 'content-type': PROBLEM_TYPE, 'cache-control': 'no-store' };
  return new Response(problemBody(problem), { status: problem.status, headers });
}

/** 422 with every field at fault. */
export function validationProblem(errors: readonly FieldProblem[]): ProblemError {
  const detail = errors.map((error) => `${error.pointer} ${error.detail}`).join('; ');
  return new ProblemError({ status: 422, code: 'validation_failed', detail, errors });
}

export const notFound: ProblemOptions = { status: 404, code: 'not_found', detail: 'there is nothing here' };

/** What a caller learns of a bug: nothing but that there was one. */
export const internalError: ProblemOptions = {
  status: 500,
  code: 'internal_error',
  detail: 'the request could not be processed',
};

/** Answers with the problem that `run` throws. Every other error is a bug and passes. */
export async function handleProblems<Answer>(run: () => Promise<Answer>): Promise<Answer | Response> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ProblemError) return problemResponse(error.problem);
    throw error;
  }
}
