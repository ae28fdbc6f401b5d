/** The API as an OpenAPI document, made from the declarations that requests are checked with. */

import { z } from 'zod';
import { problem } from '../contract/common.ts';
import { type Operation, operations } from '../contract/index.ts';

export const API_ROOT = '/api/v2';

export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: unknown;
}

export function openApiDocument(version: string): OpenApiDocument {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [name, operation] of Object.entries<Operation>(operations)) {
    const path = `${API_ROOT}${operation.path}`;
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describe(name, operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Peregrine',
      version,
      description:
        'Alerts, and what people make of them. Errors are `Problem`s. What changes something needs the header `X-CSRF-Token` when the request is signed in by a cookie.',
    },
    paths,
    components: {
      schemas: { Problem: jsonSchemaOf(problem) },
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'peregrine-session' },
        password: { type: 'http', scheme: 'basic' },
      },
    },
  };
}

function jsonSchemaOf(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
}

function describe(
  name: string,
  { doc, tag, role, path, query, body, answer, failures = {} }: Operation,
): unknown {
  const failure = (description: string): unknown => ({
    description,
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } },
  });
  const content =
    'contentTypes' in answer
      ? Object.fromEntries(answer.contentTypes.map((type) => [type, { schema: { type: 'string' } }]))
      : { 'application/json': { schema: jsonSchemaOf(answer) } };
  return {
    operationId: name,
    summary: doc,
    tags: [tag],
    ...(role === 'anyone'
      ? {}
      : { description: `For ${role}s and above.`, security: [{ session: [] }, { password: [] }] }),
    parameters: [
      ...[...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => ({
        name: parameter,
        in: 'path',
        required: true,
        schema: { type: 'string' },
      })),
      ...(query === undefined ? [] : parametersOf(query)),
    ],
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: jsonSchemaOf(body) } } } }),
    responses: {
      200: { description: 'As asked.', content },
      400: failure('The request is wrong.'),
      ...(role === 'anyone' ? {} : { 401: failure('Not signed in.'), 403: failure('Not allowed.') }),
      ...Object.fromEntries(Object.entries(failures).map(([status, text]) => [status, failure(text)])),
    },
  };
}

function parametersOf(query: z.ZodType): readonly unknown[] {
  const { properties = {}, required = [] } = jsonSchemaOf(query) as {
    readonly properties?: Readonly<Record<string, { readonly description?: string; readonly type?: string }>>;
    readonly required?: readonly string[];
  }; // Queries are objects.
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(schema.description === undefined ? {} : { description: schema.description }),
    schema,
    ...(schema.type === 'array' ? { style: 'form', explode: true } : {}),
  }));
}
