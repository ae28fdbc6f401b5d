/** The API for people: what is read out of the OpenAPI document, for a page that is served and one in the documentation. */

import { openApiDocument } from './openapi.ts';

export interface ApiEntry {
  readonly method: string;
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  /** Who may. */
  readonly access: string;
  readonly inputs: readonly ApiInput[];
  readonly answer: string;
  readonly failures: readonly { readonly status: string; readonly text: string }[];
}

export interface ApiInput {
  readonly name: string;
  readonly place: 'path' | 'query' | 'body';
  readonly type: string;
  readonly isRequired: boolean;
  readonly doc: string;
}

/** As much of JSON Schema as our schemas come to. */
interface JsonSchema {
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly $ref?: string;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly required?: readonly string[];
}

interface Described {
  readonly summary: string;
  readonly tags: readonly string[];
  readonly description?: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: 'path' | 'query';
    readonly required: boolean;
    readonly description?: string;
    readonly schema: JsonSchema;
  }[];
  readonly requestBody?: { readonly content: Contents };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Contents }>>;
}

type Contents = Readonly<Record<string, { readonly schema: JsonSchema }>>;

const MOST_DEPTH = 3;
/** Answers of nearly every operation; they are told of once. */
const COMMON = ['200', '400', '401', '403'];

export function apiEntries(): readonly ApiEntry[] {
  return Object.entries(openApiDocument('').paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => entryOf(method, path, described as Described)),
  ); // As `openApiDocument` makes them.
}

function entryOf(method: string, path: string, described: Described): ApiEntry {
  const body = described.requestBody?.content['application/json']?.schema;
  return {
    method: method.toUpperCase(),
    path,
    tag: described.tags[0] ?? '',
    summary: described.summary,
    access: described.description ?? 'For everybody.',
    inputs: [
      ...described.parameters.map(({ name, in: place, required, description = '', schema }) => ({
        ...{ name, place, type: typeOf(schema), isRequired: required, doc: description },
      })),
      ...Object.entries(body?.properties ?? {}).map(([name, schema]) => ({
        ...{ name, place: 'body' as const, type: typeOf(schema), doc: schema.description ?? '' },
        isRequired: body?.required?.includes(name) ?? false,
      })),
    ],
    answer: Object.entries(described.responses['200']?.content ?? {})
      .map(([type, { schema }]) => (type === 'application/json' ? typeOf(schema) : type))
      .join(' or '),
    failures: Object.entries(described.responses).flatMap(([status, { description: text }]) =>
      COMMON.includes(status) ? [] : [{ status, text }],
    ),
  };
}

/** `{id, time, notes: [{user, text}]}`: names, and types where they are not plain. */
export function typeOf(schema: JsonSchema, depth = 0): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' or ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.$ref !== undefined) return 'the same again';
  if (schema.anyOf !== undefined)
    return [...new Set(schema.anyOf.map((part) => typeOf(part, depth)))].join(' or ');
  if (schema.type === 'array') return `[${typeOf(schema.items ?? {}, depth)}]`;
  if (schema.type === 'object' && schema.properties !== undefined) {
    if (depth >= MOST_DEPTH) return '{...}';
    const required = new Set(schema.required);
    const parts = Object.entries(schema.properties).map(
      ([name, part]) => `${name}${required.has(name) ? '' : '?'}: ${typeOf(part, depth + 1)}`,
    );
    return `{${parts.join(', ')}}`;
  }
  if (schema.type === 'object') {
    const of = schema.additionalProperties;
    return `map of ${typeof of === 'object' ? typeOf(of, depth + 1) : 'anything'}`;
  }
  return schema.format === 'date-time' ? 'time' : (schema.type ?? 'anything');
}

/** Said once, before all operations. */
export const apiIntroduction: readonly string[] = [
  'Sign in with `POST /api/v2/session`, and send the cookie with each request and `csrfToken` of the answer as `X-CSRF-Token` with whatever is not a GET; or send name and password with each request (`Authorization: Basic`), which needs neither.',
  'Bodies are JSON (`Content-Type: application/json`), at most 1 MiB. Lists go on with `cursor`, which is `next` of the answer before; ids and cursors stay valid while alerts come in. Numbers that JavaScript cannot hold come as `{"$number": "..."}`.',
  'From 400 on, answers are `{"error", "code", "hint"?, "places"?}`: 400 what is wrong with the request, 401 not signed in, 403 not allowed, 429 too often, with `Retry-After`.',
];
