import { mapNode, readTree, scalarNode } from '@peregrine/base';
import { directRoster } from '@peregrine/outputs';
import { expect, test } from 'vitest';
import { configSchema } from './config.ts';
import { enabledOutputs } from './enabled-outputs.ts';

test('every output of the roster can be switched on, and alerts go to them in its order', () => {
  const on = mapNode([['enabled', scalarNode('true')]]);
  const { value } = readTree(configSchema, mapNode(directRoster.map(({ name }) => [`${name}_output`, on])));
  expect(value && enabledOutputs(value).map(({ name }) => name)).toEqual(
    directRoster.map(({ name }) => name),
  );
  const { value: none } = readTree(configSchema, mapNode());
  expect(none && enabledOutputs(none)).toEqual([]);
});
