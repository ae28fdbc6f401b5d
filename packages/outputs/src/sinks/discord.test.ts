import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hugeAlert, sampleAlert } from '../../testing/sample-alerts.ts';
import { bodyOf, outcomeOf, settingsOf } from '../../testing/sink-contract.ts';
import { discord } from './discord.ts';

interface Message {
  readonly avatar_url?: string;
  readonly embeds: readonly [
    {
      readonly description: string;
      readonly fields: readonly { readonly name: string; readonly value: string }[];
    },
  ];
}

function messageOf(alert: Parameters<typeof bodyOf>[1], written = {}): Message {
  return bodyOf(settingsOf(discord, written), alert) as Message; // What the sink made.
}

test.each([
  [0, 0],
  [24, 20],
  [30, 5],
  [60, 100],
  [25, 5_000],
  [3_000, 300],
  [1, 1_000_000],
])('%i fields with texts of %i are within the limits of Discord', (fieldCount, textLength) => {
  const [embed] = messageOf(hugeAlert(fieldCount, textLength)).embeds;
  expect(embed.description.length).toBeLessThanOrEqual(4_096);
  expect(embed.fields.length).toBeLessThanOrEqual(25);
  let size = embed.description.length;
  for (const { name, value } of embed.fields) {
    expect(name.length).toBeGreaterThan(0);
    expect(name.length).toBeLessThanOrEqual(256);
    expect(value.length).toBeGreaterThan(0);
    expect(value.length).toBeLessThanOrEqual(1_024);
    size += name.length + value.length;
  }
  expect(size).toBeLessThanOrEqual(6_000);
  const shown = embed.fields.filter(({ name }) => name.startsWith('field.')).length;
  const rest = embed.fields.find(({ name }) => name === 'not shown')?.value;
  expect(rest).toBe(shown === fieldCount ? undefined : `${fieldCount - shown} more fields`);
});

test('nothing in a value ends its block or names a language', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('`', 'a', '\n', '#'), maxLength: 60 }), (text) => {
      const alert = { ...sampleAlert('test'), fields: { text } };
      const value = messageOf(alert).embeds[0].fields.find(({ name }) => name === 'text')?.value ?? '';
      expect(value).toMatch(/^```.*```$/s);
      expect(value.slice(3, -3)).not.toMatch(/^`|``|`$/);
      expect(value).not.toMatch(/^```[\w+.#-]+\n/);
    }),
  );
});

test('without a picture it is that of the webhook', () => {
  expect(messageOf(sampleAlert('whole'), { icon: '' })).not.toHaveProperty('avatar_url');
});

test.each([
  [204, 'delivered'],
  [400, 'rejected'],
  [401, 'retry'],
  [404, 'retry'],
  [429, 'retry'],
  [500, 'retry'],
])('status %i: %s', (status, kind) => {
  expect(outcomeOf(settingsOf(discord), sampleAlert('whole'), { status })).toMatchObject({ kind });
});
