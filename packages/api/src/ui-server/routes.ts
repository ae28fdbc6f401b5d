/** Which operation of the contract a request is for. */

import { z } from 'zod';
import { type Operation, type OperationName, operations } from '../contract/index.ts';

export interface Route {
  readonly name: OperationName;
  readonly operation: Operation;
  readonly parts: readonly (string | { readonly parameter: string })[];
  /** Parameters of the query that are lists. */
  readonly lists: ReadonlySet<string>;
}

export type RouteMatch =
  | { readonly kind: 'found'; readonly route: Route; readonly params: Readonly<Record<string, string>> }
  | { readonly kind: 'other-method'; readonly methods: readonly string[] }
  | { readonly kind: 'none' };

const routes: readonly Route[] = Object.entries<Operation>(operations).map(([name, operation]) => ({
  name: name as OperationName, // A key of the operations.
  operation,
  parts: operation.path
    .slice(1)
    .split('/')
    .map((part) => {
      const parameter = /^\{(\w+)\}$/.exec(part)?.[1];
      return parameter === undefined ? part : { parameter };
    }),
  lists: listsOf(operation.query),
}));

function listsOf(query: z.ZodType | undefined): ReadonlySet<string> {
  if (!(query instanceof z.ZodObject)) return new Set();
  const isList = (schema: unknown): boolean =>
    schema instanceof z.ZodOptional ? isList(schema.unwrap()) : schema instanceof z.ZodArray;
  return new Set(Object.entries(query.shape).flatMap(([name, schema]) => (isList(schema) ? [name] : [])));
}

/** `parts`: the path behind the root of the API, decoded. Words win over parameters. */
export function routeOf(method: string, parts: readonly string[]): RouteMatch {
  const fitting = routes.filter(
    (route) =>
      route.parts.length === parts.length &&
      route.parts.every((part, i) => typeof part !== 'string' || part === parts[i]),
  );
  const words = (route: Route): number => route.parts.filter((part) => typeof part === 'string').length;
  const most = Math.max(...fitting.map(words));
  const best = fitting.filter((route) => words(route) === most);
  const wanted = method === 'HEAD' ? 'GET' : method;
  const route = best.find(({ operation }) => operation.method === wanted);
  if (route === undefined) {
    if (best.length === 0) return { kind: 'none' };
    return { kind: 'other-method', methods: best.map(({ operation }) => operation.method) };
  }
  const params: Record<string, string> = Object.create(null);
  for (const [i, part] of route.parts.entries())
    if (typeof part !== 'string') params[part.parameter] = parts[i] ?? '';
  return { kind: 'found', route, params };
}
