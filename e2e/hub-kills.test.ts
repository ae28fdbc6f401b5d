/** A hub that is killed at any moment loses nothing that it acknowledged. `bench/hub-kills.ts` does it more often. */

import { expect, test } from 'vitest';
import { killRepeatedly } from './hub-kills.ts';

test('killed ten times under load, it loses nothing, and what comes twice comes under the same key', async () => {
  const report = await killRepeatedly(10, () => 20 + Math.random() * 200);
  expect(report.acknowledgedCount).toBeGreaterThan(100);
  expect(report).toMatchObject({ lost: [], strangers: [], disordered: [], trouble: '' });
}, 240_000);
