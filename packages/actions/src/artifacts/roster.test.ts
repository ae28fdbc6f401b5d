/** Every store has what rules and documentation need of it. */

import { type Keys, mapNode, type ObjectSchema, readTree } from '@peregrine/base';
import { describe, expect, test } from 'vitest';
import { storeProblems } from '../../testing/keep.ts';
import { nodeOf } from '../../testing/node-of.ts';
import { artifactStores } from './roster.ts';

test('the names are those of Talon', () => {
  expect(artifactStores.map(({ name }) => name)).toEqual(['local:file', 'aws:s3', 'minio:s3', 'gcp:gcs']);
});

/** Of the keys that must be set. */
function exampleOf(parameters: ObjectSchema<Keys>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(parameters.keys).flatMap(([name, key]) =>
      key.fallback === undefined ? [[name, key.example ?? '']] : [],
    ),
  );
}

describe.each(artifactStores)('$name', (store) => {
  test('it is documented', () => {
    const keys = [store.parameters, ...(store.settings === undefined ? [] : [store.settings.schema])];
    expect(store.doc).toMatch(/^[A-Z].*\.$/);
    for (const key of keys.flatMap((schema) => Object.values(schema.keys)))
      expect(key.doc).toMatch(/^[A-Z`].*\.$/s);
  });

  test('what its keys give as examples can be used', () => {
    expect(storeProblems(store, exampleOf(store.parameters))).toEqual([]);
  });

  test('nothing of the hub must be set for a rule to be read', () => {
    const { settings } = store;
    if (settings !== undefined) expect(readTree(settings.schema, mapNode()).diagnostics).toEqual([]);
  });

  test('keys that there are not are told of', () => {
    const written = nodeOf({ ...exampleOf(store.parameters), nonsense: 1 });
    expect(readTree(store.parameters, written).diagnostics.map(({ code }) => code)).toEqual(['unknown-key']);
  });
});
