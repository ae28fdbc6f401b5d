/** The commands that README and guides show do what they are shown for, as far as they need no root and no wait. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const pages = [
  join(root, 'README.md'),
  ...readdirSync(join(root, 'docs', 'guides')).map((name) => join(root, 'docs', 'guides', name)),
];
/** Live detection waits for Ctrl-C; everything else ends by itself. */
const ENDS =
  /^bin\/(peregrine (replay|rules|fields|events|version|functions (list|call) .*\.yaml|hub .*--check|outputs (list|show)|response (check|list|explain|rbac))|falco .*(-V|engine\.kind=replay))/;

const commands = pages.flatMap((page) =>
  [...readFileSync(page, 'utf8').matchAll(/^```(\w*)\n(.*?)^```/gms)]
    .flatMap((block) => (block[1] === '' ? (block[2] ?? '').split('\n') : []))
    .map((line) => line.replace(/\s+#.*$/, ''))
    .filter((line) => ENDS.test(line))
    .map((line) => ({ line, page: relative(root, page) })),
);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'peregrine-guides-'));
  symlinkSync(join(root, 'corpora'), join(folder, 'corpora'));
  const [, rules = ''] =
    /^```yaml\n(# my_rules\.yaml.*?)^```/ms.exec(readFileSync(pages[0] ?? '', 'utf8')) ?? [];
  writeFileSync(join(folder, 'my_rules.yaml'), rules);
  const functions = readFileSync(join(root, 'docs', 'guides', 'functions.md'), 'utf8');
  const [, manifest = ''] = /^```yaml\n(# hello\.yaml.*?)^```/ms.exec(functions) ?? [];
  writeFileSync(join(folder, 'hello.yaml'), manifest);
  const response = readFileSync(join(root, 'docs', 'guides', 'response.md'), 'utf8');
  writeFileSync(
    join(folder, 'response.yaml'),
    /^```yaml\n(# response\.yaml.*?)^```/ms.exec(response)?.[1] ?? '',
  );
  writeFileSync(join(folder, 'alert.json'), /^```json\n(.*?)^```/ms.exec(response)?.[1] ?? '');
  const hub = readFileSync(join(root, 'docs', 'guides', 'hub.md'), 'utf8');
  writeFileSync(join(folder, 'hub.yaml'), /^```yaml\n(# hub\.yaml.*?)^```/ms.exec(hub)?.[1] ?? '');
});
afterAll(() => rmSync(folder, { recursive: true }));

test('there are commands, and the rules they name', () => {
  expect(commands.length).toBeGreaterThanOrEqual(8);
  expect(readFileSync(join(folder, 'my_rules.yaml'), 'utf8')).toContain('- rule:');
});

test.each(commands)('$page: $line', ({ line }) => {
  const command = line.replace(/^bin\//, `${root}/bin/`);
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', command], { cwd: folder, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  expect(stdout).not.toBe('');
});
