/** Reference of falco.yaml's keys, from the schema that reads them. */

import type { Keys, ObjectSchema, ValueSchema } from '@peregrine/base';
import { configSchema } from '../../packages/app/src/config/config.ts';
import { code, type Page, table } from './markdown.ts';

export function configurationPage(): Page {
  return {
    name: 'configuration.md',
    title: 'Configuration',
    summary: 'Every key of falco.yaml: type, default, meaning.',
    body: [
      'The same keys can be given on the command line: `-o json_output=true`, `-o http_output.url=https://example.org/`.',
      '',
      table(['key', 'type', 'default', 'meaning'], rowsOf(configSchema.keys, '')),
    ].join('\n'),
  };
}

export function rowsOf(keys: Keys, prefix: string): readonly (readonly string[])[] {
  return Object.entries(keys).flatMap(([name, schema]) => {
    const path = `${prefix}${name}`;
    if (isObject(schema)) {
      const own = schema.doc === '' ? [] : [[code(path), 'map', '', schema.doc]];
      return [...own, ...rowsOf(schema.keys, `${path}.`)];
    }
    return [[code(path), schema.type, defaultOf(schema), schema.doc + exampleOf(schema)]];
  });
}

export function isObject(schema: ValueSchema<unknown>): schema is ObjectSchema<Keys> {
  return 'keys' in schema;
}

function defaultOf(schema: ValueSchema<unknown>): string {
  if (schema.fallback === undefined) return 'must be set';
  const value = schema.defaultText ?? schema.fallback.value;
  if (value === undefined || value === '') return '';
  return code(typeof value === 'string' ? value : JSON.stringify(value));
}

function exampleOf(schema: ValueSchema<unknown>): string {
  return schema.example === undefined ? '' : ` For example ${code(schema.example)}.`;
}
