import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { sharedPath } from '../../testing/corpus.ts';
import { eventFlag } from '../event-type.ts';
import { flagRoster, flagTable } from '../flags/roster.ts';
import { codeOfWireName, eventCodesOf, eventNames, eventRoster, eventTypeOf } from './roster.ts';
import { syscallById, syscallByName, syscallRoster } from './syscalls.ts';
import { variantsOf } from './variants.ts';

const usedTypes = eventRoster.filter((type) => !(type.flags & eventFlag.unused));

test('codes are the indexes of the roster', () => {
  expect(eventRoster).toHaveLength(454);
  expect(eventRoster.every((type, index) => type.code === index)).toBe(true);
});

test('every type has a sentence, and tables for what its parameters name', () => {
  for (const type of usedTypes) {
    expect(type.doc, type.wireName).toMatch(/^[A-Z].*\.$/);
    for (const param of type.params) {
      if (param.flags !== undefined) expect(flagTable(param.flags), param.flags).toBeDefined();
      if (param.type === 'DYN') expect(variantsOf(param.variants ?? ''), param.name).not.toHaveLength(0);
      if (param.type === 'FSRELPATH') {
        expect(type.params[param.dirfdParamIndex ?? -1]?.type, type.wireName).toBe('FD');
      }
    }
  }
});

test('the flag roster lists every table of every file', () => {
  const folder = new URL('../flags/', import.meta.url);
  const declared = readdirSync(folder)
    .filter((file) => file.endsWith('-flags.ts') && file !== 'define-flags.ts')
    .flatMap((file) => [...readFileSync(new URL(file, folder), 'utf8').matchAll(/defineFlags\('(\w+)'/g)])
    .map((match) => match[1]);
  expect(flagRoster.map((table) => table.name).sort()).toEqual(declared.sort());
});

describe('names', () => {
  test('a name gives every version, enter and exit', () => {
    expect(eventCodesOf('openat')).toEqual([102, 103, 306, 307]);
    expect(eventCodesOf('procexit')).toEqual([16, 186]);
    expect(eventCodesOf('accept')).toEqual([26, 27, 56, 57, 246, 247, 248, 249]);
  });

  test('a call without a type of its own gives the generic codes', () => {
    expect(eventCodesOf('getpid')).toEqual([0, 1]);
  });

  test('nothing bears other names', () => {
    expect(eventCodesOf('NA')).toEqual([]);
    expect(eventCodesOf('no_such_call')).toEqual([]);
    expect(eventNames()).toContain('getpid');
    expect(eventNames()).not.toContain('NA');
  });

  test('wire names', () => {
    expect(codeOfWireName('PPME_SYSCALL_EXECVE_19_X')).toBe(293);
    expect(eventTypeOf(454)).toBeUndefined();
  });
});

test('system calls agree with the event types that report them', () => {
  expect(syscallRoster).toHaveLength(452);
  for (const syscall of syscallRoster) {
    expect(syscallById(syscall.id)).toBe(syscall);
    expect(syscallByName(syscall.name)).toBe(syscall);
    const names = syscall.eventCodes.map((code) => eventRoster[code]?.name);
    if (!syscall.isGeneric) expect(names, syscall.name).toContain(syscall.eventName);
  }
});

const reference = sharedPath('spec/events.json');

test.skipIf(reference === undefined)('the roster is the reference table (needs ../shared/spec)', () => {
  const table: {
    events: { code: number; enum: string; name: string; params: { name: string; type: string }[] }[];
  } = JSON.parse(readFileSync(reference ?? '', 'utf8'));
  for (const event of table.events) {
    const type = eventRoster[event.code];
    expect([type?.wireName, type?.name]).toEqual([event.enum, event.name]);
    if (event.name === 'NA') continue;
    expect(type?.params.map((param) => [param.name, `PT_${param.type}`])).toEqual(
      event.params.map((param) => [param.name, param.type]),
    );
  }
});
