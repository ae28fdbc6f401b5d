import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { disk } from '../config/disk.ts';
import { readRuleFiles } from './rule-files.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'peregrine-rule-files-'));
  mkdirSync(join(folder, 'rules.d', 'below.yaml'), { recursive: true });
  for (const name of ['b.yaml', 'a.yml', 'notes.txt', 'a.yaml.old', 'x.yaml.yaml']) {
    writeFileSync(join(folder, 'rules.d', name), name);
  }
  symlinkSync(join(folder, 'rules.d'), join(folder, 'link'));
  writeFileSync(join(folder, 'one.yaml'), 'one');
});
afterAll(() => rmSync(folder, { recursive: true }));

test('files and folders in the order asked for, folders sorted, links followed', () => {
  const asked = [join(folder, 'one.yaml'), join(folder, 'rules.d'), join(folder, 'link')];
  const { files, diagnostics, paths } = readRuleFiles(asked, 'command-line', disk);
  expect(diagnostics).toEqual([]);
  expect(paths).toEqual(asked);
  expect(files.map(({ name }) => name.slice(folder.length + 1))).toEqual([
    'one.yaml',
    'rules.d/a.yml',
    'rules.d/b.yaml',
    'link/a.yml',
    'link/b.yaml',
  ]);
  expect(files[1]?.text).toBe('a.yml');
});

test('what is not there matters on the command line only', () => {
  expect(readRuleFiles(['/nowhere/x.yaml'], 'configuration', disk)).toEqual({
    files: [],
    diagnostics: [],
    paths: [],
  });
  expect(readRuleFiles(['/nowhere/x.yaml'], 'command-line', disk).diagnostics).toMatchObject([
    { code: 'rules-file-missing', message: expect.stringContaining('`/nowhere/x.yaml`') },
  ]);
});

test('a file of another name is refused', () => {
  const { files, diagnostics } = readRuleFiles([join(folder, 'rules.d', 'notes.txt')], 'configuration', disk);
  expect(files).toEqual([]);
  expect(diagnostics).toHaveLength(1);
});
