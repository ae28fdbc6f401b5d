import { rareSyscalls, reportable } from '@peregrine/sources';
import { StateEngine } from '@peregrine/state';
import { expect, test } from 'vitest';
import { setupOf } from '../../testing/setup.ts';
import { listIgnoredSyscalls } from '../rules/list-catalogue.ts';
import { prepareRules } from './detector.ts';
import { selectSyscalls } from './select-syscalls.ts';

function select(condition: string, base = '{}', covered = reportable) {
  const rule = `- {rule: r, desc: d, condition: "${condition}", output: o, priority: INFO}`;
  const setup = setupOf([rule], `base_syscalls: ${base}`);
  const { ruleset } = prepareRules(setup);
  if (ruleset === undefined) throw new Error(`bad rule: ${condition}`);
  const stateCodes = new StateEngine({ needs: ruleset.needs }).wantedCodes();
  const needs = {
    ofRules: ruleset.rules.map(({ syscalls }) => syscalls),
    stateCodes,
    covered,
  };
  return selectSyscalls(needs, setup.config.base_syscalls);
}

test('what a rule speaks of, and what tables follow', () => {
  const { watched, notes } = select('evt.type = ptrace');
  expect(watched).toEqual(expect.arrayContaining(['ptrace', 'openat', 'close', 'socket', 'chdir', 'execve']));
  expect(watched).not.toContain('kill');
  expect(notes).toEqual([]);
});

test('what tables follow takes no more programs than one for each call of the machine', () => {
  const rare: ReadonlySet<string> = new Set(rareSyscalls);
  expect(select('evt.type = ptrace').watched.filter((name) => rare.has(name))).toEqual([]);
  expect(select('evt.type in (ptrace, mmap)').watched.filter((name) => rare.has(name))).toEqual(['mmap']);
});

test('a rule of any event has all calls watched, without a word on those that cannot be', () => {
  const frequent = new Set([
    ...listIgnoredSyscalls(),
    'sched_switch',
    'page_fault_user',
    'page_fault_kernel',
  ]);
  const watched = reportable.filter((name) => !frequent.has(name));
  expect(select('proc.name = cat')).toEqual({ watched, notes: [] });
});

test('context switches and page faults are watched only where they are named', () => {
  expect(select('proc.vmsize > 5').watched).not.toContain('sched_switch');
  expect(select('evt.type = switch').watched).toContain('sched_switch');
  expect(select('evt.type = page_fault').watched).toEqual(
    expect.arrayContaining(['page_fault_user', 'page_fault_kernel']),
  );
  expect(select('evt.type = kill', '{custom_set: [sched_switch]}').watched).toContain('sched_switch');
});

test('a custom set takes the place of what tables follow', () => {
  const { watched } = select('evt.type = ptrace', '{custom_set: [kill, "!chdir"]}');
  expect(watched).toEqual(['kill', 'ptrace']);
});

test('only exclusions: the rest stays as it is', () => {
  const { watched, notes } = select('evt.type in (ptrace, kill)', '{custom_set: ["!kill", "!close"]}');
  expect(watched).toEqual(expect.arrayContaining(['ptrace', 'openat']));
  expect(watched).not.toContain('kill');
  expect(watched).not.toContain('close');
  expect(notes).toEqual(['rules speak of system calls that are not activated: kill']);
});

test('repair adds what processes, files and sockets need', () => {
  const forFiles = select('evt.type = openat', '{repair: true}').watched;
  expect(forFiles).toEqual(expect.arrayContaining(['openat', 'close', 'chdir', 'setuid', 'execve', 'clone']));
  expect(forFiles).not.toContain('socket');
  const forSockets = select('evt.type = connect', '{repair: true, custom_set: [kill]}').watched;
  expect(forSockets).toEqual(expect.arrayContaining(['connect', 'socket', 'bind', 'kill', 'execve']));
  expect(forSockets).not.toContain('openat');
});

test('frequent input and output is left out unless all is asked for', () => {
  const without = select('evt.type = write');
  expect(without.watched).not.toContain('write');
  expect(without.notes).toEqual(['rules speak of system calls that are not activated: write']);
  const withAll = select('evt.type = write', '{all: true}');
  expect(withAll.watched).toContain('write');
  expect(withAll.notes).toEqual([]);
  expect(listIgnoredSyscalls()).toEqual(expect.arrayContaining(['read', 'write', 'sendfile']));
});

test('calls that the probe has no event for, and names that are none', () => {
  const few = reportable.filter((name) => name !== 'quotactl');
  const { notes } = select('evt.type in (quotactl, openat)', '{custom_set: [opennat, "!nothing"]}', few);
  expect(notes).toEqual([
    '`base_syscalls.custom_set`: there is no opennat, !nothing',
    'rules speak of system calls that the probe has no events for: quotactl',
  ]);
});
