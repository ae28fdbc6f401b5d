import { encodeAlert, type HubAlert } from '@peregrine/alert';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HeldTally, noiseMark } from './held-tally.ts';
import { Noise, type NoiseSettings, type RollUp } from './noise.ts';

const settings: NoiseSettings = { name: 'n', groupBy: ['rule'], windowMs: 10_000, most: 2, hasRollUp: true };

function alertOf(rule: string): HubAlert {
  const alert = {
    uuid: 'u',
    output: 'o',
    priority: 'Warning' as const,
    rule,
    time: '2024-03-01T10:00:00Z',
    timeNs: 0n,
    source: 'syscall',
    tags: [],
    hostname: '',
    fields: { a: 1 },
  };
  return { ...alert, json: encodeAlert(alert) };
}

const heldIn = (rollUps: readonly RollUp[]): number =>
  rollUps.reduce((sum, { alert }) => sum + Number(alert.fields['hub.held']), 0);

test('of alerts that were held, as many are told of as nobody told of before, whenever the hub is killed', () => {
  const steps = fc.array(
    fc.oneof(
      fc.constantFrom('a', 'b').map((rule) => ({ rule })),
      fc.nat(8_000).map((pauseMs) => ({ pauseMs })),
    ),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(steps, (all) => {
      const noise = new Noise(settings, () => 'x');
      const tally = new HeldTally([settings]);
      let nowMs = 0;
      let toldCount = 0;
      for (const step of all) {
        if ('pauseMs' in step) nowMs += step.pauseMs;
        else {
          const alert = alertOf(step.rule);
          tally.note(alert, noise.passes(alert, undefined, nowMs) ? undefined : noiseMark('n'));
        }
        const rollUps = noise.collect(nowMs);
        toldCount += heldIn(rollUps);
        for (const { alert } of rollUps) tally.note(alert, undefined);
      }
      const after = tally.rollUps(
        () => ['slack'],
        () => 'y',
      );
      expect(toldCount + heldIn(after)).toBe(noise.heldCount);
      for (const { to, alert } of after) expect([to, alert.fields['hub.noise']]).toEqual([['slack'], 'n']);
    }),
  );
});

test('others are none of its affair: silences, noise that is not told of, counts from before what is read', () => {
  const tally = new HeldTally([settings, { ...settings, name: 'quiet', hasRollUp: false }]);
  tally.note(alertOf('a'), 'silence s');
  tally.note(alertOf('a'), noiseMark('quiet'));
  tally.note(alertOf('a'), noiseMark('gone'));
  const earlier = { ...alertOf('b'), fields: { 'hub.noise': 'n', 'hub.held': 5 } };
  tally.note(earlier, undefined);
  expect(
    tally.rollUps(
      () => undefined,
      () => 'y',
    ),
  ).toEqual([]);
  tally.note(alertOf('b'), noiseMark('n'));
  expect(
    heldIn(
      tally.rollUps(
        () => undefined,
        () => 'y',
      ),
    ),
  ).toBe(1);
});
