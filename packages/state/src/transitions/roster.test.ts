import { readdirSync } from 'node:fs';
import { eventTypeOf } from '@peregrine/events';
import { expect, test } from 'vitest';
import { transitionRoster } from './roster.ts';

const SHARED = ['roster.ts', 'transition.ts', 'socket-address.ts'];

test('the roster lists the families of every file beside it', async () => {
  const files = readdirSync(import.meta.dirname).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !SHARED.includes(file),
  );
  const families: unknown[] = [];
  for (const file of files) {
    const exported: Readonly<Record<string, unknown>> = await import(`./${file}`);
    families.push(
      ...Object.entries(exported)
        .filter(([name]) => name.endsWith('Transitions'))
        .map(([, value]) => value),
    );
  }
  expect(new Set(transitionRoster)).toEqual(new Set(families));
  expect(families.length).toBe(transitionRoster.length);
});

test('each event code has one transition, and is that of a current event', () => {
  const codes = transitionRoster.flatMap((family) => [
    ...Object.keys(family.transitions ?? {}),
    ...Object.keys(family.threadless ?? {}),
  ]);
  expect(new Set(codes).size).toBe(codes.length);
  for (const code of codes) expect(eventTypeOf(Number(code))?.params.length).toBeGreaterThan(0);
});

test('names tell the families apart', () => {
  const names = transitionRoster.map((family) => family.name);
  expect(new Set(names).size).toBe(names.length);
});
