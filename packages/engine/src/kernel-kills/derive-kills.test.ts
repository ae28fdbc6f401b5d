/** Rules that the kernel answers by itself: which are taken, which are refused and why, and what the clauses say. */

import { createSyscallSource } from '@peregrine/fields';
import { type CheckedRule, loadRules } from '@peregrine/lang';
import type { EventContext } from '@peregrine/state';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DerivedKills, deriveKernelKills } from './derive-kills.ts';
import { FIRST_PATH_FACT, FIRST_UID_FACT, killFact } from './kill-facts.ts';

const source = createSyscallSource();
const calls = new Set([
  'open',
  'openat',
  'openat2',
  'creat',
  'execve',
  'execveat',
  'connect',
  'unlink',
  'ptrace',
]);

function derive(...conditions: readonly string[]): DerivedKills {
  const rules = conditions.map((condition, index) => ({
    rule: `Rule ${index}`,
    desc: '-',
    condition,
    output: 'seen',
    priority: 'NOTICE',
    kernel_response: 'kill',
  }));
  const loaded = loadRules([{ name: 'rules.yaml', text: JSON.stringify(rules) }], {
    sources: [source],
    engineVersion: '0.63.0',
    plugins: [{ name: 'container', version: '0.7.1' }],
  });
  expect(loaded.successful).toBe(true);
  const checked = loaded.rules.filter((rule): rule is CheckedRule<EventContext> => rule.source === 'syscall');
  return deriveKernelKills({ rules: checked, source, calls });
}

/** What the kernel's programs would decide for a call with these facts. */
function kills({ kills: { clauses, calls: byCall } }: DerivedKills, call: string, facts: number): boolean {
  const wanted = byCall.get(call) ?? 0;
  return clauses.some(
    ({ mask, value }, index) => (wanted & (1 << index)) !== 0 && (facts & mask) >>> 0 === value,
  );
}

const { reads, writes, success, fileKnown, programKnown } = killFact;
const uid = 1 << FIRST_UID_FACT;
const path = 1 << FIRST_PATH_FACT;

describe('what a rule becomes', () => {
  test('an open by flags, success and path', () => {
    const derived = derive(
      'evt.type in (open, openat) and evt.is_open_read=true and fd.num >= 0 and fd.name = /etc/shadow',
    );
    expect(derived.refusals).toEqual([]);
    const all = reads | success | fileKnown | path;
    expect(kills(derived, 'openat', all)).toBe(true);
    for (const missing of [reads, success, fileKnown, path])
      expect(kills(derived, 'openat', all & ~missing)).toBe(false);
    expect(kills(derived, 'openat2', all)).toBe(false);
    expect(kills(derived, 'execve', all)).toBe(false);
    expect(derived.kills.paths).toEqual([{ of: 'file', text: '/etc/shadow', isStart: false, facts: path }]);
  });

  test('a program by its path and its user', () => {
    const derived = derive(
      'evt.type in (execve, execveat) and proc.exepath startswith /tmp/ and not user.uid in (0, 33) and evt.failed = false',
    );
    const all = success | programKnown | path;
    expect(kills(derived, 'execve', all)).toBe(true);
    expect(kills(derived, 'execve', all | uid)).toBe(false);
    expect(kills(derived, 'execve', all | (uid << 1))).toBe(false);
    expect(derived.kills.uids).toEqual([0, 33]);
  });

  test('a path that is not known passes no test, and no negated one', () => {
    const derived = derive('evt.type = openat and evt.is_open_write = true and not fd.name startswith /var/');
    expect(kills(derived, 'openat', writes | success | fileKnown)).toBe(true);
    expect(kills(derived, 'openat', writes | success | fileKnown | path)).toBe(false);
    expect(kills(derived, 'openat', writes | success)).toBe(false);
    expect(kills(derived, 'openat', writes)).toBe(false);
  });

  test('a longer path has the facts of what it begins with', () => {
    const { paths } = derive(
      'evt.type = openat and fd.name startswith /etc/',
      'evt.type = openat and fd.name in (/etc/shadow, /root/key) and user.uid != 0',
    ).kills;
    const factsOf = (text: string): number | undefined => paths.find((path) => path.text === text)?.facts;
    expect(factsOf('/etc/')).toBe(path);
    expect(factsOf('/etc/shadow')).toBe(path | (path << 1));
    expect(factsOf('/root/key')).toBe(path << 1);
  });

  test('rules are told apart, and those without the key are left alone', () => {
    const { kills } = derive(
      'evt.type = ptrace and evt.failed = false',
      'evt.type = unlink and user.uid = 7',
    );
    expect(kills.rules).toEqual(['Rule 0', 'Rule 1']);
    expect(kills.clauses.map(({ rule }) => rule)).toEqual([0, 1]);
  });
});

describe('refusals', () => {
  test.each([
    ['evt.type = openat and proc.name = cat', '`proc.name` is not known there'],
    ['evt.type = openat and container.id != host', '`container.id` is not known there'],
    [
      'evt.type = openat and fd.name endswith .key',
      'paths can be compared with `=`, `!=`, `in` and `startswith`',
    ],
    ['evt.type = openat and fd.name = shadow', 'paths must be absolute'],
    ['evt.type = connect and fd.name = /run/x', '`fd.name` of connect is not known there'],
    ['evt.type = openat and evt.res = ENOENT', 'only success and failure are known there'],
    ['evt.type = openat and fd.num = 3', 'only success and failure are known there'],
    ['evt.type = openat and user.uid > 1000', '`user.uid` can be compared with'],
    ['evt.type = openat and proc.exepath = val(proc.pexepath)', 'it compares with a field'],
    ['evt.type = read and user.uid = 0', 'it may hold for `read`, which is not judged there'],
    ['proc.exepath = /bin/nc', 'which is not judged there; name calls with evt.type'],
  ])('%s', (condition, reason) => {
    const { refusals, kills } = derive(condition);
    expect(refusals).toHaveLength(1);
    expect(refusals[0]?.message).toContain(`\`kernel_response\` is not possible: `);
    expect(refusals[0]?.message).toContain(reason);
    expect(refusals[0]?.span?.file).toBe('rules.yaml');
    expect(kills.calls.size).toBe(0);
  });

  test('too many alternatives, users and paths', () => {
    const uids = Array.from({ length: 13 }, (_, index) => index).join(', ');
    expect(derive(`evt.type = ptrace and user.uid in (${uids})`).refusals).toHaveLength(1);
    const sets = Array.from({ length: 16 }, (_, index) => `fd.name = /${index}`).join(' or ');
    expect(derive(`evt.type = openat and (${sets})`).refusals).toHaveLength(1);
    const either = [
      'evt.failed = false or evt.is_open_read = true',
      'user.uid = 1 or user.uid = 2',
      'user.uid = 3 or user.uid = 4',
      'user.uid = 5 or user.uid = 6',
      'user.uid = 7 or user.uid = 8',
      'user.uid = 9 or user.uid = 10',
    ];
    expect(derive(`evt.type = openat and (${either.join(') and (')})`).refusals).toHaveLength(1);
  });
});

interface Tree {
  readonly text: string;
  holds(facts: number): boolean;
}

const leaves: readonly Tree[] = [
  { text: 'evt.is_open_read = true', holds: (facts) => (facts & reads) !== 0 },
  { text: 'evt.is_open_write = false', holds: (facts) => (facts & writes) === 0 },
  { text: 'evt.failed = true', holds: (facts) => (facts & success) === 0 },
  { text: 'fd.num >= 0', holds: (facts) => (facts & success) !== 0 },
  { text: 'user.uid in (0, 5)', holds: (facts) => (facts & (uid | (uid << 1))) !== 0 },
  { text: 'user.uid != 0', holds: (facts) => (facts & uid) === 0 },
];
const tree: fc.Memo<Tree> = fc.memo((depth) => {
  const leaf = fc.constantFrom(...leaves);
  if (depth <= 1) return leaf;
  const pair = fc.tuple(tree(), tree());
  return fc.oneof(
    leaf,
    tree().map((term): Tree => ({ text: `not (${term.text})`, holds: (facts) => !term.holds(facts) })),
    pair.map(
      ([a, b]): Tree => ({ text: `(${a.text}) and (${b.text})`, holds: (f) => a.holds(f) && b.holds(f) }),
    ),
    pair.map(
      ([a, b]): Tree => ({ text: `(${a.text}) or (${b.text})`, holds: (f) => a.holds(f) || b.holds(f) }),
    ),
  );
});

test('clauses hold exactly where the condition does', () => {
  fc.assert(
    fc.property(tree(4), ({ text, holds }) => {
      // A first rule settles which user has which fact.
      const derived = derive('evt.type = ptrace and user.uid in (0, 5)', `evt.type = openat and (${text})`);
      if (derived.refusals.length > 0) return;
      for (let word = 0; word < 32; word++) {
        const facts = (word & 7) | ((word >> 3) << FIRST_UID_FACT);
        expect(kills(derived, 'openat', facts), `${text} of ${facts}`).toBe(holds(facts));
      }
    }),
    { numRuns: 200 },
  );
});
