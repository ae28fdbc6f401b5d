import { expect, test } from 'vitest';
import { setupOf } from '../../testing/setup.ts';
import { describeRules } from './describe-rules.ts';

const rules = `
- required_engine_version: 0.50.0
- list: shells
  items: [sh, bash]
- list: programs
  items: [shells, "c d"]
- list: idle
  items: []
- macro: opened
  condition: (evt.type in (open, openat) and fd.num >= 0)
- macro: by_shell
  condition: opened and proc.name in (programs)
- rule: Shadow read
  desc: Somebody read the password file.
  condition: by_shell and not container.id = host and fd.name = val(proc.exepath)
  output: "%proc.name read %fd.name with %evt.arg.flags"
  priority: INFO
  tags: [b, a]
  exceptions:
    - name: known
      fields: [proc.name, fd.name]
      comps: [=, startswith]
      values: [[cat, /etc/]]
- rule: Shadow read
  append: true
  condition: and proc.pid > 1
- rule: Called
  desc: d
  condition: evt.type in (getuid, procexit)
  output: o
  priority: DEBUG
  enabled: false
`;

test('a rule', () => {
  const { report, description } = describeRules(setupOf([rules]));
  expect(report.isUsable).toBe(true);
  expect(description.rules[0]).toEqual({
    info: {
      name: 'Shadow read',
      description: 'Somebody read the password file.',
      condition: 'by_shell and not container.id = host and fd.name = val(proc.exepath) and proc.pid > 1',
      output: '%proc.name read %fd.name with %evt.arg.flags',
      priority: 'Informational',
      source: 'syscall',
      enabled: true,
      tags: ['a', 'b'],
    },
    details: {
      macros: ['by_shell'],
      lists: [],
      condition_operators: ['=', '>', '>=', 'in', 'startswith'],
      condition_fields: [
        ...['container.id', 'evt.type', 'fd.name', 'fd.num', 'proc.exepath', 'proc.name', 'proc.pid'],
      ],
      condition_compiled:
        '(((evt.type in (open, openat) and fd.num >= 0) and proc.name in (sh, bash, "c d")) and not container.id = host and fd.name = val(proc.exepath) and proc.pid > 1) and not (proc.name = cat and fd.name startswith /etc/)',
      events: ['asyncevent', 'open', 'openat'],
      output_fields: ['evt.arg.flags', 'fd.name', 'proc.name'],
      output_compiled: '%proc.name read %fd.name with %evt.arg.flags',
      exception_names: ['known'],
      exception_operators: ['=', 'startswith'],
      exception_fields: ['fd.name', 'proc.name'],
      plugins: ['container'],
    },
  });
  expect(description.rules[1]).toMatchObject({
    info: { enabled: false },
    details: { events: expect.arrayContaining(['getuid', 'procexit']) },
  });
  expect(description.rules[1]?.details.events).not.toContain('getgid');
});

test('macros and lists', () => {
  const { macros, lists, required_engine_version } = describeRules(setupOf([rules])).description;
  expect(required_engine_version).toBe('0.50.0');
  expect(macros.find(({ info }) => info.name === 'by_shell')).toEqual({
    info: { name: 'by_shell', condition: 'opened and proc.name in (programs)' },
    details: {
      used: true,
      macros: ['opened'],
      lists: ['programs'],
      condition_operators: ['in'],
      condition_fields: ['proc.name'],
      condition_compiled: '(evt.type in (open, openat) and fd.num >= 0) and proc.name in (sh, bash, "c d")',
    },
  });
  expect(lists.find(({ info }) => info.name === 'programs')).toEqual({
    info: { name: 'programs', items: ['shells', 'c d'] },
    details: { used: true, lists: ['shells'], items_compiled: ['sh', 'bash', '"c d"'] },
  });
  expect(lists.find(({ info }) => info.name === 'idle')?.details.used).toBe(false);
});
