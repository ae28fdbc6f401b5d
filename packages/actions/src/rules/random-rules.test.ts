/** Whatever stands in a file, reading it ends with a plan or with what is wrong, and matching never throws. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alertOf } from '../../testing/alert-of.ts';
import { nodeOf } from '../../testing/node-of.ts';
import { World } from '../../testing/responder-world.ts';
import { rulesFor } from './plan.ts';
import { readResponseRules } from './read-response-rules.ts';

const word = fc.constantFrom(
  ...[
    '',
    'x',
    'true',
    'Label',
    'test:safe',
    'test:nope',
    'category:',
    '>=Error',
    '<',
    'a=b',
    'a!=b,c',
    '10m',
  ],
  ...['rule = "x"', 'steps.x.state = done', 'priority >= error', 'and', '((', '\u0000', '日本'],
);
const scalar = fc.oneof(word, fc.string(), fc.boolean(), fc.integer(), fc.constant(null));
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(
      fc.constantFrom(
        ...[
          'rule',
          'action',
          'actionner',
          'actions',
          'do',
          'match',
          'when',
          'parameters',
          'output',
          'target',
        ],
        ...[
          'rules',
          'priority',
          'tags',
          'output_fields',
          'source',
          'continue',
          'dry_run',
          'notifiers',
          'note',
        ],
        ...['additional_contexts', 'ignore_errors', 'approval', 'timeout', 'undo_after', 'cooldown', 'other'],
      ),
      tie('tree'),
      { maxKeys: 6 },
    ),
  ),
}));
/** Mostly of the right shape, so that more than the first check is reached. */
const likely = fc.array(
  fc.record(
    {
      rule: word,
      action: word,
      actionner: word,
      match: fc.record(
        {
          rules: fc.array(word),
          priority: word,
          tags: fc.array(word),
          output_fields: fc.array(word),
          source: word,
        },
        { requiredKeys: [] },
      ),
      when: word,
      do: fc.oneof(word, fc.array(word)),
      actions: fc.array(
        fc.oneof(
          word,
          fc.record({ action: word, actionner: word, when: word, continue: word }, { requiredKeys: [] }),
        ),
      ),
      parameters: fc.dictionary(fc.constantFrom('note', 'undoable', 'other'), scalar),
    },
    { requiredKeys: [] },
  ),
);

test('any files', () => {
  const { actions } = new World();
  fc.assert(
    fc.property(fc.array(fc.oneof(tree, likely), { maxLength: 3 }), (files) => {
      const { plan, diagnostics } = readResponseRules(files.map(nodeOf), { actions, stores: [] });
      const hasError = diagnostics.some(({ severity }) => severity === 'error');
      expect(plan === undefined).toBe(hasError);
      if (plan === undefined) return;
      for (const rule of rulesFor(plan, alertOf())) expect(rule.steps.length).toBeGreaterThan(0);
    }),
    { numRuns: 500 },
  );
});
