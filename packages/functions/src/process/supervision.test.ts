import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { countsByNamespace, supervised, unenclosed } from './supervision.ts';
import { countTasks } from './task-count.ts';

test.each([
  ['5.13.0-1-amd64', false],
  ['5.14.0', true],
  ['4.18.0-553.el8', false],
  ['6.1.0-13-cloud-amd64', true],
  ['odd', false],
])('kernel %s counts tasks by namespace: %s', (release, counts) => {
  expect(countsByNamespace(release)).toBe(counts);
});

test('a command keeps its words', () => {
  const words = supervised({ ...unenclosed, prefix: ['x', '--'] }, '/folder', ['a b', '$c']);
  expect(words.slice(0, 4)).toEqual(['x', '--', '/bin/sh', '-c']);
  expect(words.slice(5)).toEqual(['sh', '/folder', 'a b', '$c']);
});

test('tasks of a user are counted with their threads', () => {
  const folder = mkdtempSync(join(tmpdir(), 'peregrine-proc-'));
  const put = (name: string, text: string): void => {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'status'), text);
  };
  put('1', 'Name:\tinit\nUid:\t0\t0\t0\t0\nThreads:\t1\n');
  put('20', 'Uid:\t65534\t65534\t65534\t65534\nThreads:\t7\n');
  put('21', 'Uid:\t65534\t0\t0\t0\nThreads:\t1\n');
  put('22', 'Uid:\t0\t65534\t0\t0\nThreads:\t1\n');
  mkdirSync(join(folder, '23'));
  mkdirSync(join(folder, 'self'));
  expect(countTasks(65_534, folder)).toBe(8);
  rmSync(folder, { recursive: true });
});
