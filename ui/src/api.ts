/** The API, as the server declares it: names, parameters and answers have the types of its contract. */

import { operationPaths } from 'virtual:operations';
import type { OperationName, Operations, Problem } from '@peregrine/api/contract';

type Shape<S> = S extends { readonly _zod: { readonly output: infer T } } ? T : undefined;
type Input<S> = S extends { readonly _zod: { readonly input: infer T } } ? T : undefined;
export type Answer<K extends OperationName> = Shape<Operations[K]['answer']>;
export type Query<K extends OperationName> = Operations[K] extends { readonly query: infer S }
  ? Input<S>
  : undefined;
export type Body<K extends OperationName> = Operations[K] extends { readonly body: infer S }
  ? Input<S>
  : undefined;

export interface Request<K extends OperationName> {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Query<K>;
  readonly body?: Body<K>;
  readonly signal?: AbortSignal;
}

/** What the server says is wrong. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, problem: Problem, retryAfterSeconds?: number) {
    super(problem.error);
    this.status = status;
    this.code = problem.code;
    this.hint = problem.hint;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

let csrfToken = '';
let onSignedOut = (): void => {};

/** Of the session; and what to do when it has ended. */
export function useSession(token: string, signedOut: () => void): void {
  csrfToken = token;
  onSignedOut = signedOut;
}

export function pathOf(
  name: OperationName,
  params: Readonly<Record<string, string>> = {},
  query: object = {},
): string {
  const [, path = ''] = operationPaths[name] ?? [];
  const filled = path.replace(/\{(\w+)\}/g, (_, parameter: string) =>
    encodeURIComponent(params[parameter] ?? ''),
  );
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (Array.isArray(value)) for (const item of value) search.append(key, String(item));
    else if (value !== undefined && value !== '') search.set(key, String(value));
  }
  const text = search.toString();
  return `/api/v2${filled}${text === '' ? '' : `?${text}`}`;
}

/** Rejects with an `ApiProblem`, or with an `AbortError`. */
export async function call<K extends OperationName>(name: K, request: Request<K> = {}): Promise<Answer<K>> {
  const { params, query, body, signal } = request;
  const [method = 'GET'] = operationPaths[name] ?? [];
  const headers: Record<string, string> = {};
  if (method !== 'GET') headers['x-csrf-token'] = csrfToken;
  if (body !== undefined) headers['content-type'] = 'application/json';
  let response: Response;
  try {
    response = await fetch(pathOf(name, params, query ?? {}), {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiProblem(0, {
      error: 'the server does not answer',
      code: 'offline',
      hint: 'it is tried again',
    });
  }
  if (response.ok) return (await response.json()) as Answer<K>; // The server answers as the contract says.
  const problem = (await response.json().catch(() => undefined)) as Problem | undefined; // So it does for errors.
  if (response.status === 401 && name !== 'signIn') onSignedOut();
  throw new ApiProblem(
    response.status,
    problem ?? { error: `the server answered ${response.status}`, code: 'failed' },
    Number(response.headers.get('retry-after') ?? '') || undefined,
  );
}
