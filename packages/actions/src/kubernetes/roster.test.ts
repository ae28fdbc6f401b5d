import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parametersOf } from '../../testing/run-action.ts';
import { kubernetesActions } from './roster.ts';

describe.each(kubernetesActions)('$name', (action) => {
  test('has documentation, and a file of its name', () => {
    expect(action.doc).toMatch(/^[A-Z].*\.$/);
    const [category, name = ''] = action.name.split(':');
    const file = category === 'kubernetes' ? `${name}.ts` : `${category}-${name}.ts`;
    expect(readdirSync(join(import.meta.dirname))).toContain(file);
    expect(action.platform).toBe('kubernetes');
    for (const [key, { doc }] of Object.entries(action.parameters.keys)) expect([key, doc]).not.toContain('');
  });

  test.each(action.examples.map(({ doc, parameters }) => [doc, parameters] as const))(
    'example: %s',
    (_, own) => {
      const parameters = parametersOf(action, own);
      const permissions = action.permissions(parameters);
      expect(permissions.length).toBeGreaterThan(0);
      for (const { verbs } of permissions) expect(verbs.length).toBeGreaterThan(0);
      expect(action.timeoutMs(parameters)).toBeGreaterThanOrEqual(10_000);
    },
  );

  test('has an example, and no key that nobody declares', () => {
    expect(action.examples.length).toBeGreaterThan(0);
    expect(() => parametersOf(action, { no_such_key: 1 })).toThrow();
  });
});

test('names are there once', () => {
  const names = kubernetesActions.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
