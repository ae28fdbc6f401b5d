/** Whatever an alert holds, an output over HTTP makes a request of it that is one, and no larger than it has to be. */

import { ExactNumber, encodeAlert, type HubAlert, type HubValue, priorities } from '@peregrine/alert';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sampleAlert } from '../../testing/sample-alerts.ts';
import { sampleCall, settingsOf } from '../../testing/sink-contract.ts';
import { splitSettings } from '../settings/sink-settings.ts';
import type { AnyHttpSink } from '../sink.ts';
import { prepareRequest } from '../transport/prepare-request.ts';
import { sinkRoster } from './roster.ts';

const text = fc.oneof(
  fc.constantFrom(
    '',
    '<NA>',
    'null',
    '\0',
    '\r\nX-Evil: 1',
    '{{ .Rule }}',
    '```',
    '"',
    "'",
    '\\',
    '</script>',
    '🦅',
    '\ud800',
    'a'.repeat(5_000),
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

const value: fc.Arbitrary<HubValue> = fc.letrec<{ value: HubValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'xsmall' },
    text,
    fc.integer(),
    fc.bigInt(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom(new ExactNumber('1.10'), new ExactNumber('1e999')),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(text, tie('value'), { maxKeys: 2 }),
  ),
})).value;

const fieldName = fc.oneof(
  fc.constantFrom(
    'k8s.ns.name',
    'k8s.pod.name',
    'proc.name',
    'user.name',
    'evt.time',
    'container.id',
    'n_drops',
    'proc.aname[2]',
    '__proto__',
    'constructor',
  ),
  text,
);

const alert: fc.Arbitrary<HubAlert> = fc
  .record({
    uuid: fc.uuid(),
    output: text,
    priority: fc.constantFrom(...priorities),
    rule: text.filter((rule) => rule !== ''),
    time: fc.constantFrom('2024-03-01T10:20:05Z', '2024-03-01T10:20:05.5+02:00', '0100-01-01T00:00:00Z'),
    timeNs: fc.constantFrom(1_709_288_405_000_000_000n, 1_709_288_405_500_000_000n, -1n),
    source: text,
    tags: fc.array(text, { maxLength: 4 }),
    hostname: text,
    fields: fc.dictionary(fieldName, value, { maxKeys: 12 }),
  })
  .map((made) => ({ ...made, json: encodeAlert(made) }));

test.each(sinkRoster.flatMap((sink) => (sink.kind === 'http' ? [[sink.name, sink] as const] : [])))(
  '%s',
  (_, sink: AnyHttpSink) => {
    const [settings] = splitSettings(settingsOf(sink));
    if (settings === undefined) throw new Error('an output has a destination');
    const originsFor = (sample: HubAlert): readonly string[] =>
      [sink.request(sample, settings.config, sampleCall)]
        .flat()
        .map((request) => prepareRequest(request, {}, sampleCall).url.origin);
    const [origin] = originsFor(sampleAlert('whole'));
    fc.assert(
      fc.property(alert, (sample) => {
        // No alert chooses where it is sent.
        for (const found of originsFor(sample)) expect(found).toBe(origin);
        for (const request of [sink.request(sample, settings.config, sampleCall)].flat()) {
          const { url, headers, body } = prepareRequest(request, {}, sampleCall);
          expect(['http:', 'https:']).toContain(url.protocol);
          for (const [name, content] of Object.entries(headers)) {
            expect(name).toMatch(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/);
            expect(content).toMatch(/^[\t\x20-\x7e\x80-\xff]*$/);
          }
          if (/json/.test(headers['Content-Type'] ?? '') && !/ndjson/.test(headers['Content-Type'] ?? '')) {
            const written = Buffer.from(body).toString('utf8');
            if (!written.trimEnd().includes('\n')) expect(() => JSON.parse(written)).not.toThrow();
          }
          // Six is what escapes make of a character; what is said twice counts twice.
          expect(body.length).toBeLessThan(20_000 + sample.json.length * 12);
        }
      }),
      { numRuns: 100 },
    );
  },
);
