/**
 * Recorded captures through the whole of detection: what Falco said of them with the rules in corpora/detect/seeds, and
 * what our default rules say, kept in corpora/detect/default (`npm run golden` rewrites the latter).
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Alert } from '@peregrine/alert';
import { createRuleset, Engine } from '@peregrine/engine';
import { createSyscallSource } from '@peregrine/fields';
import { type LoadOptions, loadRules } from '@peregrine/lang';
import { defaultLineOptions, renderAlert } from '@peregrine/outputs';
import { openCapture } from '@peregrine/sources/capture-file';
import { StateEngine } from '@peregrine/state';
import { describe, expect, test, vi } from 'vitest';

const corpora = join(import.meta.dirname, '..', 'corpora');
const captures = ['host', 'container'];
const RECORDED_ON = 'vm';
// Alerts show local time; the recordings were made in UTC.
vi.stubEnv('TZ', 'UTC');
const source = createSyscallSource();

describe.each(captures)('capture %s', (capture) => {
  test.each(['first', 'all'] as const)('seeds rules, matching %s: as Falco', (matching) => {
    const folder = join(corpora, 'detect', 'seeds');
    const alerts = alertsOf(capture, join(folder, 'rules.yaml'), matching, [{ suggestsFields: true }]);
    const expected = readFileSync(join(folder, `${capture}.${matching}.jsonl`), 'utf8');
    const options = { ...defaultLineOptions, isJson: true };
    expect(alerts.map((alert) => renderAlert(alert, options))).toEqual(expected.trimEnd().split('\n'));
  });

  test('default rules: as before', async () => {
    const alerts = alertsOf(capture, join(import.meta.dirname, 'peregrine_rules.yaml'), 'all');
    const text = alerts.map((alert) => `${alert.priority} ${alert.rule} | ${alert.message}\n`).join('');
    await expect(text).toMatchFileSnapshot(join(corpora, 'detect', 'default', `${capture}.txt`));
  });
});

function alertsOf(
  capture: string,
  rulesFile: string,
  matching: 'first' | 'all',
  outputAdditions: LoadOptions['outputAdditions'] = [],
): readonly Alert[] {
  const loaded = loadRules(
    [{ name: rulesFile, text: readFileSync(rulesFile, 'utf8') }],
    { sources: [source], engineVersion: '0.63.0', plugins: [{ name: 'container', version: '0.7.1' }] },
    { outputAdditions },
  );
  const ruleset = createRuleset(loaded.rules, source, {
    matching,
    isTimeIso8601: false,
    isBufferBase64: false,
  });
  const alerts: Alert[] = [];
  const state = new StateEngine({ needs: ruleset.needs });
  const engine = new Engine({
    state,
    ruleset,
    hostname: RECORDED_ON,
    onAlert: (alert) => alerts.push(alert),
    onBug: (error) => {
      throw error;
    },
  });
  const events = openCapture(join(corpora, 'captures', capture, `${capture}.scap.gz`));
  try {
    while (events.poll(state.sink, (view) => engine.process(view), 65_536) !== 'end');
  } finally {
    events.close();
  }
  return alerts;
}
