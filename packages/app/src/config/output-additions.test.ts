import { readTree } from '@peregrine/base';
import { expect, test } from 'vitest';
import { configSchema } from './config.ts';
import { readOutputAdditions } from './output-additions.ts';
import { readYamlTree } from './read-yaml.ts';

test('all that an entry can say', () => {
  const text = `append_output:
  - suggested_output: true
  - match: {source: syscall, tags: [a, b], rule: R}
    extra_output: "on %evt.hostname"
    extra_fields: [evt.num, {where: "%proc.cwd"}]
`;
  const { root } = readYamlTree('x', text, (value) => value);
  const { value } = readTree(configSchema, root ?? { kind: 'map', entries: new Map(), span: undefined });
  expect(readOutputAdditions(value?.append_output ?? [])).toEqual({
    diagnostics: [],
    additions: [
      {
        source: undefined,
        rule: undefined,
        tags: undefined,
        extraOutput: undefined,
        extraFields: undefined,
        suggestsFields: true,
      },
      {
        source: 'syscall',
        rule: 'R',
        tags: ['a', 'b'],
        extraOutput: 'on %evt.hostname',
        extraFields: ['evt.num', { name: 'where', format: '%proc.cwd' }],
        suggestsFields: false,
      },
    ],
  });
});
