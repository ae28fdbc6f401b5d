import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type ConfigNode, mapNode, plainOf, scalarNode } from './config-node.ts';
import {
  choice,
  decimal,
  flag,
  type Infer,
  integer,
  list,
  optional,
  readTree,
  schema,
  secret,
  text,
  textMap,
  tree,
  url,
} from './schema.ts';

const sample = schema({
  queue: schema({
    capacity: integer({ default: 10, min: 1, max: 100, doc: 'Alerts that may wait.' }),
    when_full: choice(['drop_oldest', 'drop_newest'], { default: 'drop_oldest', doc: 'What goes.' }),
  }),
  enabled: flag({ default: false, doc: 'Whether it runs.' }),
  share: decimal({ default: 0.5, min: 0, max: 1, doc: 'A share.' }),
  names: list(text({ doc: 'A name.' }), { default: [], doc: 'Names.' }),
  labels: textMap({ default: {}, doc: 'Labels.' }),
  extra: tree({ doc: 'Anything.', type: 'anything' }),
  note: optional(text({ doc: 'A note.' })),
});
type Sample = Infer<typeof sample>;

function node(value: unknown): ConfigNode {
  if (Array.isArray(value)) return { kind: 'list', items: value.map(node), span: undefined };
  if (value === null) return { kind: 'scalar', text: '', isNull: true, span: undefined };
  if (typeof value === 'object') {
    return mapNode(Object.entries(value).map(([key, child]): [string, ConfigNode] => [key, node(child)]));
  }
  return scalarNode(String(value));
}

const defaults: Sample = {
  queue: { capacity: 10, when_full: 'drop_oldest' },
  enabled: false,
  share: 0.5,
  names: [],
  labels: {},
  extra: undefined,
  note: undefined,
};

describe('a whole tree', () => {
  test('is made of defaults where nothing is set', () => {
    expect(readTree(sample, mapNode())).toEqual({ value: defaults, diagnostics: [] });
    expect(sample.fallback?.value).toEqual(defaults);
  });

  test('takes null as absent', () => {
    expect(readTree(sample, node({ queue: null, enabled: null, note: null })).value).toEqual(defaults);
  });

  test('reads every type', () => {
    const { value, diagnostics } = readTree(
      sample,
      node({
        queue: { capacity: '0x10', when_full: 'Drop_Newest' },
        enabled: 'Yes',
        share: '.25',
        names: ['a', 3],
        labels: { team: 'red' },
        extra: [1],
        note: 'x',
      }),
    );
    expect(diagnostics).toEqual([]);
    expect(value).toMatchObject({
      queue: { capacity: 16, when_full: 'drop_newest' },
      enabled: true,
      share: 0.25,
      names: ['a', '3'],
      labels: { team: 'red' },
      note: 'x',
    });
    expect(value?.extra && plainOf(value.extra)).toEqual(['1']);
  });
});

test.each([
  [{ enabeld: true }, 'unknown-key', 'unknown key `enabeld`', 'did you mean `enabled`?'],
  [{ enabled: 'perhaps' }, 'wrong-type', '`enabled` takes true or false, not `perhaps`', undefined],
  [{ enabled: [] }, 'wrong-type', '`enabled` takes true or false, not a list', undefined],
  [{ queue: 7 }, 'wrong-type', '`queue` takes a map of keys, not a single value', undefined],
  [
    { queue: { capacity: '1e3' } },
    'wrong-type',
    '`queue.capacity` takes whole number, 1 to 100, not `1e3`',
    undefined,
  ],
  [{ queue: { capacity: 0 } }, 'out-of-range', '`queue.capacity` is `0`, but must be 1 to 100', undefined],
  [{ share: 2 }, 'out-of-range', '`share` is `2`, but must be 0 to 1', undefined],
  [
    { queue: { when_full: 'drop_oldes' } },
    'not-a-choice',
    '`queue.when_full` cannot be `drop_oldes`',
    'did you mean `drop_oldest`?',
  ],
  [
    { queue: { when_full: 'x' } },
    'not-a-choice',
    '`queue.when_full` cannot be `x`',
    'it can be drop_oldest, drop_newest',
  ],
  [{ names: { a: 1 } }, 'wrong-type', '`names` takes a list, not a map of keys', undefined],
  [{ names: [[]] }, 'wrong-type', '`names[0]` takes text, not a list', undefined],
])('%j is refused', (value, code, message, hint) => {
  const { value: read, diagnostics } = readTree(sample, node(value));
  expect(read).toBeUndefined();
  expect(diagnostics).toMatchObject([{ code, message, hint, severity: 'error' }]);
});

test('shape findings may be warnings, and the default is taken then', () => {
  const { value, diagnostics } = readTree(sample, node({ typo: 1, enabled: 'perhaps', queue: 3 }), 'warning');
  expect(value).toEqual(defaults);
  expect(diagnostics.map(({ code, severity }) => [code, severity])).toEqual([
    ['unknown-key', 'warning'],
    ['wrong-type', 'warning'],
    ['wrong-type', 'warning'],
  ]);
});

test('a key without default must be set', () => {
  const needy = schema({ hostport: url({ doc: 'Address.' }), token: secret({ doc: 'Token.' }) });
  expect(readTree(needy, mapNode()).diagnostics.map((d) => d.message)).toEqual([
    '`hostport` is not set',
    '`token` is not set',
  ]);
  expect(readTree(needy, node({ hostport: 'ftp://x', token: 't' })).diagnostics).toMatchObject([
    { code: 'bad-url' },
  ]);
  const { value } = readTree(needy, node({ hostport: 'http://x:1/y', token: 'hush' }));
  expect(value?.hostport).toBe('http://x:1/y');
  expect(value?.token.reveal()).toBe('hush');
  expect(`${value?.token} ${JSON.stringify(value)} ${inspect(value)}`).not.toContain('hush');
});

test('a schema is a JSON schema, too', () => {
  expect(sample.json).toMatchObject({
    type: 'object',
    additionalProperties: false,
    properties: {
      queue: {
        type: 'object',
        properties: {
          capacity: { type: 'integer', minimum: 1, maximum: 100, description: 'Alerts that may wait.' },
          when_full: { enum: ['drop_oldest', 'drop_newest'] },
        },
      },
      enabled: { type: 'boolean' },
      names: { type: 'array', items: { type: 'string' } },
      labels: { type: 'object', additionalProperties: { type: 'string' } },
    },
  });
});
