/** Whatever happens between decision and action, what hurts when it is done twice is done once at most, and all is accounted for. */

import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { alertOf } from '../../testing/alert-of.ts';
import { World } from '../../testing/responder-world.ts';
import type { ActionOutcome } from '../action.ts';
import { isOver } from './progress.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'restarts-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const rules = [
  {
    rule: 'R',
    match: { rules: ['Terminal shell in container'] },
    actions: [
      { actionner: 'test:safe', ignore_errors: true },
      { actionner: 'test:hurts', ignore_errors: true },
      { actionner: 'test:hurts', parameters: { note: 'x' } },
    ],
  },
];
const outcome = fc.constantFrom<ActionOutcome>(
  { kind: 'done', summary: 'done' },
  { kind: 'retry', reason: '500', afterMs: undefined },
  { kind: 'unknown', reason: 'cut' },
  { kind: 'refused', reason: 'no' },
);
/** An alert, or a kill of the program some turns later: then all alerts come again. */
const step = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: 'alert' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('kill' as const), turns: fc.nat(6) }) },
);

test('alerts, failures and kills in any order', async () => {
  let number = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 12 }),
      fc.array(outcome, { maxLength: 20 }),
      async (steps, outcomes) => {
        const world = new World();
        world.outcomes.push(...outcomes);
        world.turns = 2;
        // Every alert is decided about by itself.
        world.settings = { ...world.settings, cooldownMs: 0, dedupWindowMs: 0 };
        let path = join(folder, `${number++}.db`);
        let responder = world.open(rules, path);
        const alerts = [];
        for (const own of steps) {
          if (own.kind === 'alert') {
            const fields = { 'k8s.ns.name': 'default', 'k8s.pod.name': `pod-${alerts.length}` };
            const alert = alertOf({ output: `shell ${alerts.length}`, fields });
            alerts.push(alert);
            responder.take(alert, 0);
            continue;
          }
          for (let i = 0; i < own.turns; i++) await new Promise((resolve) => setImmediate(resolve));
          world.kill();
          const copy = join(folder, `${number++}.db`);
          copyFileSync(path, copy);
          copyFileSync(`${path}-wal`, `${copy}-wal`);
          await responder.stop(0);
          path = copy;
          responder = world.open(rules, path);
          for (const alert of alerts) responder.take(alert, 0);
        }
        await responder.progress.settled();
        const hurting = world.effects.filter((effect) => effect.startsWith('test:hurts'));
        expect(hurting.length).toBe(new Set(hurting).size);
        const { runs } = responder.runs({ limit: 1_000 });
        expect(runs.length).toBe(alerts.length * 3);
        expect(runs.filter(({ state }) => !isOver(state))).toEqual([]);
        await responder.stop(0);
      },
    ),
    { numRuns: 100 },
  );
}, 120_000);
