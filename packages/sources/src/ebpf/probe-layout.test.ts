/** The C side says what the TypeScript side says: event codes, parameter counts, call numbers, shared layouts. */

import { existsSync, readFileSync } from 'node:fs';
import { eventTypeOf, syscallByName } from '@peregrine/events';
import { describe, expect, test } from 'vitest';
import { compatGenericNumbers } from './compat-generic-numbers.ts';
import { compatNumbers } from './compat-numbers.ts';
import { entryOf } from './hook-mode.ts';
import {
  controlLayout,
  countersLayout,
  EVENT_TABLE_SIZE,
  interestFlag,
  killEntryLayout,
  killsLayout,
  LONGEST_RECORD_BYTES,
  lossTable,
  SYSCALL_TABLE_SIZE,
} from './probe-layout.ts';
import {
  compatCalls,
  compatNumbersOf,
  coveredSyscalls,
  genericIds,
  genericSyscalls,
  interestTable,
  rareSyscalls,
  ringSyscalls,
  usualSyscalls,
} from './syscall-coverage.ts';

const readC = (name: string): string =>
  readFileSync(new URL(`../../../../bpf/${name}`, import.meta.url), 'utf8');

const eventLines = [...readC('events.h').matchAll(/^\tEVENT\((\w+), (\d+), (\d+)\)/gm)].map(
  ([, name = '', code, params]) => ({ name, code: Number(code), paramCount: Number(params) }),
);
const numbers = new Map(
  [...readC('arch-x86.h').matchAll(/^\tNR_(\w+) = (\d+),/gm)].map(([, name = '', number]) => [
    name,
    Number(number),
  ]),
);
const casesOf = (name: string): readonly string[] =>
  [...readC(name).matchAll(/^\tcase NR_(\w+):/gm)].map(([, call = '']) => call);
const usual = casesOf('dispatch.h');
const rare = casesOf('dispatch-rare.h');
const handled = new Set([...usual, ...rare]);

test('the longest record', () => {
  const control = readC('control.h');
  const defined = (name: string): number =>
    Number(new RegExp(`^#define ${name} (\\w+)$`, 'm').exec(control)?.[1]);
  expect(control).toContain('#define RECORD_BYTES (RECORD_LIMIT + 1 + LONGEST_TEXT + 1024)');
  expect(LONGEST_RECORD_BYTES).toBe(defined('RECORD_LIMIT') + 1 + defined('LONGEST_TEXT') + 1_024);
});

describe('events of the probe', () => {
  test('there are as many as expected', () => {
    expect(eventLines.length).toBeGreaterThan(90);
  });

  test.each(eventLines)('$name ($code)', ({ name, code, paramCount }) => {
    const type = eventTypeOf(code);
    expect(type?.name).toBe(name);
    expect(type?.params).toHaveLength(paramCount);
    expect(type?.lengthBytes).toBe(2);
  });
});

describe('system calls of the probe', () => {
  test.each([...numbers])('%s is number %i', (name, number) => {
    expect(syscallByName(name)?.x86Number).toBe(number);
    expect(handled).toContain(name);
  });

  test('the covered calls are those that the probe handles', () => {
    expect([...usualSyscalls].sort()).toEqual([...usual].sort());
    expect([...rareSyscalls].sort()).toEqual([...rare].sort());
    expect([...numbers.keys()].sort()).toEqual([...handled].sort());
  });

  test('each has a program at its end for fexit mode, named for the kernel’s function', () => {
    const programs = [
      ...readC('fexit.h').matchAll(/^FEXIT(?:_RARE)?(?:_NAMED)?\((\w+)(?:, (\w+))?\)$/gm),
    ].map(([, call = '', entry = call]) => ({ call, entry }));
    expect(programs.map(({ call }) => call).sort()).toEqual([...handled].sort());
    for (const { call, entry } of programs) expect(entryOf(call)).toBe(`__x64_sys_${entry}`);
  });

  test('the table marks the chosen calls, and their numbers in the 32-bit table', () => {
    const table = interestTable(['openat', 'close'], true);
    expect([...table.entries()].filter(([, value]) => value !== 0)).toEqual([
      [3, 1 + 32],
      [6, 4],
      [257, 3 + 32 + 64],
      [295, 4],
    ]);
  });

  test('each call with an event type has a number in the 32-bit table, and so have all others but few', () => {
    expect([...handled].filter((name) => compatNumbersOf(name).length === 0)).toEqual([]);
    const without = genericSyscalls.filter((name) => compatNumbersOf(name).length === 0);
    expect([...without].sort()).toEqual([
      'epoll_ctl_old',
      'epoll_wait_old',
      'kexec_file_load',
      'uprobe',
      'uretprobe',
    ]);
  });

  test('what stands in a table is used', () => {
    expect(Object.keys(compatNumbers).filter((name) => !handled.has(name))).toEqual([]);
    expect(Object.keys(compatGenericNumbers).filter((name) => !genericSyscalls.includes(name))).toEqual([]);
  });

  /** One call for all that sockets do, and one for semaphores and their like. */
  const shared = new Set([102, 117]);
  /** What the 32-bit table calls a call's other forms. */
  const variantsOf = (name: string): readonly string[] => [
    ...['32', '64', '_time64', '_64', '2'].map((ending) => `${name}${ending}`),
    ...[`u${name}`, `_new${name}`, `old${name}`, `_ll${name.slice(1)}`],
    `${name.replace(/^new/, '')}64`,
    ...(name === 'wait4' ? ['waitpid'] : []),
    ...(name === 'umount2' ? ['umount'] : []),
  ];

  const header = '/usr/include/x86_64-linux-gnu/asm/unistd_32.h';
  test.skipIf(!existsSync(header))('the 32-bit numbers are those of the C headers', () => {
    const text = readFileSync(header, 'utf8');
    const names = new Map(
      [...text.matchAll(/__NR_(\w+) (\d+)$/gm)].map(([, name = '', number]) => [Number(number), name]),
    );
    for (const name of coveredSyscalls)
      for (const number of compatNumbersOf(name))
        if (!shared.has(number) && names.has(number))
          expect([name, ...variantsOf(name)]).toContain(names.get(number));
    expect([...shared].map((number) => names.get(number))).toEqual(['socketcall', 'ipc']);
  });

  test('calls without an event that others turn out to be have their own numbers', () => {
    const generic = [...readC('arch-x86.h').matchAll(/^\tGENERIC_(\w+) = (\d+),/gm)];
    expect(generic.length).toBeGreaterThan(5);
    for (const [, name = '', number] of generic)
      expect([syscallByName(name)?.isGeneric, syscallByName(name)?.x86Number]).toEqual([
        true,
        Number(number),
      ]);
  });

  test('32-bit numbers lead to the machine’s own', () => {
    const calls = compatCalls();
    expect([calls[5], calls[295], calls[182], calls[17]]).toEqual([2, 257, 92, 0xffff]);
  });

  test('the calls of requests to rings are those that the probe takes them for', () => {
    const source = readC('uring-requests.h');
    const dedicated = [...source.matchAll(/stands_for(?:_transfer)?\(r, NR_(\w+)(?:, NR_(\w+))?\)/g)];
    const generic = [...source.matchAll(/GENERIC_(\w+)/g)];
    const taken = [...dedicated, ...generic].flatMap(([, ...names]) =>
      names.filter((name) => name !== undefined),
    );
    expect([...new Set(taken)].sort()).toEqual([...ringSyscalls].sort());
    const emitted = new Set([...readC('io-uring.h').matchAll(/case NR_(\w+):/g)].map(([, name]) => name));
    expect(dedicated.flatMap(([, ...names]) => names).filter((name) => name && !emitted.has(name))).toEqual(
      [],
    );
  });

  test('a call without an event type is marked as one', () => {
    const number = syscallByName('getpid')?.x86Number ?? -1;
    expect(interestTable(['getpid'], false)[number]).toBe(16);
    expect(genericIds()[number]).toBe(syscallByName('getpid')?.id);
  });

  test('only calls that the filters go through are left to them', () => {
    const others = coveredSyscalls.filter((name) => !usualSyscalls.includes(name));
    const ofFilters = interestFlag.filter | interestFlag.makesFds;
    expect(interestTable(others, false).some((interest) => (interest & ofFilters) !== 0)).toBe(false);
  });

  test('a call that the machine does not have is refused', () => {
    expect(() => interestTable(['nocall'], false)).toThrowError('no event for the system call `nocall`');
  });
});

/** Sizes of C types in the order of a struct's members: where each member begins. */
function offsetsOf(source: string, struct: string): Record<string, number> {
  const body = new RegExp(`^struct ${struct} \\{\\n([^}]*)\\n\\};`, 'm').exec(source)?.[1] ?? '';
  const offsets: Record<string, number> = {};
  let offset = 0;
  for (const [, type, name = '', count] of body.matchAll(/^\t(u\d+) (\w+)(?:\[(\w+)\])?;/gm)) {
    offsets[name] = offset;
    const elements = count === undefined ? 1 : count.endsWith('_SIZE') ? 512 : Number(count);
    offset += (Number(type?.slice(1)) / 8) * elements;
  }
  return { ...offsets, end: offset };
}

describe('shared memory', () => {
  const source = readC('control.h');

  test('struct control', () => {
    expect(offsetsOf(source, 'control')).toEqual({
      boot_to_epoch_ns: controlLayout.bootToEpochNs,
      scope_cgroup: controlLayout.scopeCgroup,
      scope_hierarchy: controlLayout.scopeHierarchy,
      scope_level: controlLayout.scopeLevel,
      ignored_tgid: controlLayout.ignoredTgid,
      hooks: controlLayout.hooks,
      open_flags: controlLayout.openFlags,
      enabled: controlLayout.isEnabled,
      account_hierarchy: controlLayout.accountHierarchy,
      reader_waits: controlLayout.readerWaits,
      filter_slot: controlLayout.filterSlot,
      fd_generation: controlLayout.fdGeneration,
      has_untold: controlLayout.hasUntold,
      reserved: controlLayout.hasUntold + 4,
      interest: controlLayout.interest,
      generic_ids: controlLayout.genericIds,
      compat_calls: controlLayout.compatCalls,
      end: controlLayout.sizeBytes,
    });
  });

  test('struct cpu_counters', () => {
    const bytes = (word: number): number => word * 8;
    expect(offsetsOf(source, 'cpu_counters')).toEqual({
      sequence: bytes(countersLayout.sequence),
      failed_reads: bytes(countersLayout.failedReads),
      scratch_busy: bytes(countersLayout.scratchBusy),
      emitted: bytes(countersLayout.emitted),
      unattributed: bytes(countersLayout.unattributed),
      filtered: bytes(countersLayout.filtered),
      reserved: bytes(countersLayout.filtered + 1),
      dropped: bytes(countersLayout.dropped),
      limited: bytes(countersLayout.limited),
      end: bytes(countersLayout.words),
    });
  });

  test('rules that end processes, and the log of that', () => {
    const kills = readC('kills.h').replaceAll('struct kill_clause clauses[KILL_CLAUSES]', 'u32 clauses[96]');
    const sized = kills
      .replaceAll('[KILL_UIDS]', '[12]')
      .replaceAll(/\tstruct kill_entry log.*/g, '\tu64 log[2048];')
      .replaceAll('volatile struct', 'struct');
    const { clauseBytes, logEntries, entryBytes, pathKeyBytes, ...layout } = killsLayout;
    expect(offsetsOf(sized, 'kills')).toMatchObject({
      mode: layout.mode,
      uid_count: layout.uidCount,
      uids: layout.uids,
      clauses: layout.clauses,
      clauses_of: layout.clausesOf,
      logged: layout.logged,
      log: layout.log,
    });
    expect(layout.sizeBytes).toBe(layout.log + logEntries * entryBytes);
    expect([clauseBytes, entryBytes, pathKeyBytes]).toEqual([12, 64, 260]);
    const { commBytes, timeNs, ...entry } = killEntryLayout;
    expect(
      offsetsOf(sized.replaceAll('s32', 'u32').replace('char comm[16]', 'u8 comm[16]'), 'kill_entry'),
    ).toEqual({
      ...entry,
      time_ns: timeNs,
      padding: entry.mode + 4,
      end: entry.comm + commBytes,
    });
  });

  test('the table of losses', () => {
    const fairness = readC('fairness.h');
    const words = { key: offsetsOf(fairness, 'loss_key').end, value: offsetsOf(fairness, 'loss').end };
    expect(words).toEqual({ key: 8 * lossTable.keyWords, value: 8 * lossTable.valueWords });
    expect(/max_entries, (\d+)\);\n\t__type\(key, struct loss_key/.exec(fairness)?.[1]).toBe(
      String(lossTable.entries),
    );
  });

  test('table sizes', () => {
    expect(source).toContain(`#define SYSCALL_TABLE_SIZE ${SYSCALL_TABLE_SIZE}\n`);
    expect(source).toContain(`#define EVENT_TABLE_SIZE ${EVENT_TABLE_SIZE}\n`);
  });
});
