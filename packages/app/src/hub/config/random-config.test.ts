/** Whatever a configuration holds, reading it ends, and with findings rather than an exception. */

import {
  type ConfigNode,
  type Keys,
  mapNode,
  type ObjectSchema,
  scalarNode,
  type ValueSchema,
} from '@peregrine/base';
import { sectionSchemaOf, sinkRoster } from '@peregrine/outputs/hub';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hubSchema } from './keys.ts';
import { readHubConfig } from './read-hub-config.ts';

const words = [
  '',
  'x',
  'true',
  '0',
  '1',
  '-1',
  '70000',
  '10s',
  'error',
  'https://example.org/x',
  'http://',
  'a,b',
  'k:v,k2:v2',
  '{{ .Rule }}',
  '{{ .Rule',
  '127.0.0.1',
  '/nowhere',
  '09:00',
  'mon',
  'slack',
  'rule = x',
  'rule = (',
  '\0',
  '漢字',
] as const;

const leaf: fc.Arbitrary<ConfigNode> = fc.oneof(
  fc.constantFrom(...words).map((word) => scalarNode(word)),
  fc.string().map((word) => scalarNode(word)),
  fc.constant<ConfigNode>({ kind: 'scalar', text: '', isNull: true, span: undefined }),
);
const anything: fc.Arbitrary<ConfigNode> = fc.letrec<{ node: ConfigNode }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc
      .array(tie('node'), { maxLength: 3 })
      .map((items): ConfigNode => ({ kind: 'list', items, span: undefined })),
    fc
      .dictionary(fc.constantFrom('a', 'name', '__proto__'), tie('node'))
      .map((entries) => mapNode(Object.entries(entries))),
  ),
})).node;

/** Some of the keys, with what fits or with anything. */
function treeOf(keys: Keys): fc.Arbitrary<ConfigNode> {
  const entries = Object.entries(keys).map(([name, of]) =>
    fc
      .oneof(fc.constant(undefined), isObject(of) ? treeOf(of.keys) : fc.oneof(leaf, anything))
      .map((node) => (node === undefined ? undefined : ([name, node] as const))),
  );
  return fc.tuple(...entries).map((found) => mapNode(found.filter((entry) => entry !== undefined)));
}

function isObject(of: ValueSchema<unknown>): of is ObjectSchema<Keys> {
  return 'keys' in of;
}

test('of the hub itself', () => {
  fc.assert(
    fc.property(treeOf(hubSchema.keys), (tree) => {
      const { config, diagnostics } = readHubConfig(tree, {});
      expect(config !== undefined || diagnostics.some(({ severity }) => severity === 'error')).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test.each(sinkRoster.map((sink) => [sink.name, sink] as const))('of %s', (name, sink) => {
  const [first = '', second] = name.split('.');
  fc.assert(
    fc.property(treeOf(sectionSchemaOf(sink).keys), (section) => {
      const tree = mapNode([[first, second === undefined ? section : mapNode([[second, section]])]]);
      const { config, diagnostics } = readHubConfig(tree, {});
      expect(config !== undefined || diagnostics.some(({ severity }) => severity === 'error')).toBe(true);
    }),
    { numRuns: 15 },
  );
});
