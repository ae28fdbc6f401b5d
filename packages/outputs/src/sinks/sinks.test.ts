/** What holds for every output; each has a test of its own beside it where there is more to say. */

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HttpReceiver, openHttpReceiver } from '../../testing/http-receiver.ts';
import { sampleAlerts } from '../../testing/sample-alerts.ts';
import { exampleOf, settingsOf, wireTextOf } from '../../testing/sink-contract.ts';
import { readSection, sectionSchemaOf } from '../settings/sink-settings.ts';
import { sinkRoster } from './roster.ts';

const corpora = join(import.meta.dirname, '../../../../corpora/sinks');

let receiver: HttpReceiver;
beforeAll(async () => {
  receiver = await openHttpReceiver();
});
afterAll(() => receiver.close());

test('names, titles and labels are all different', () => {
  for (const of of ['name', 'title'] as const) {
    const all = sinkRoster.map((sink) => sink[of]);
    expect(new Set(all).size).toBe(all.length);
  }
});

describe.each(sinkRoster)('$name', (sink) => {
  test('says what it is, and each key what it is for', () => {
    expect(sink.doc).toMatch(/^[A-Z].*\.$/);
    for (const [name, key] of Object.entries(sectionSchemaOf(sink).keys)) {
      expect(name).toMatch(/^[a-z0-9_]+$/);
      if (key.doc !== '') expect(key.doc, name).toMatch(/^[A-Z`].*\.$/s);
    }
  });

  test('is off where nothing is set, which is no error', () => {
    expect(readSection(sink, undefined)).toEqual({ settings: undefined, diagnostics: [] });
  });

  if (sink.retired === undefined) {
    test('is on with its example', () => {
      expect(settingsOf(sink).sink).toBe(sink);
      expect(Object.keys(exampleOf(sink))).toEqual(expect.arrayContaining([...sink.enabledBy]));
    });
  } else {
    test('is refused', () => {
      expect(() => settingsOf(sink)).toThrow(`\`${sink.name}\` ${sink.retired}`);
    });
  }

  test('names a key that is mistyped', () => {
    const { diagnostics } = readSection(sink, {
      kind: 'map',
      entries: new Map([['timeuot', { kind: 'scalar', text: '1s', isNull: false, span: undefined }]]),
      span: undefined,
    });
    expect(diagnostics.map(({ message }) => message)).toContain(`unknown key \`${sink.name}.timeuot\``);
  });
});

describe.each(sinkRoster.filter(({ kind }) => kind === 'http'))('$name over HTTP', (sink) => {
  test.each(sampleAlerts)('sends the alert %s', async (title, alert) => {
    const text = await wireTextOf(settingsOf(sink), alert, receiver);
    await expect(text).toMatchFileSnapshot(join(corpora, sink.name, `${title}.http`));
    // Nothing that an alert says ends a header or is sent as a request of its own.
    expect(receiver.requests.at(-1)?.headers.map(([name]) => name)).not.toContain('X-Evil');
  });
});
