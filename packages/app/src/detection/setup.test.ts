/** What a start loads: in a process of its own, since the tests' has loaded everything by now. */

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Libraries that are in the process after a setup with these overrides has been read. */
function librariesAfter(overrides: readonly string[]): string {
  const script = `
    const { readSetup } = await import(process.argv[1]);
    const overrides = JSON.parse(process.argv[2]);
    await readSetup({ configFile: undefined, overrides, ruleFiles: [], environment: {} });
    const { createRequire } = await import('node:module');
    process.stdout.write(Object.keys(createRequire(process.argv[1]).cache).join('\\n'));
  `;
  const args = ['--input-type=module', '-e', script, join(import.meta.dirname, 'setup.ts')];
  return execFileSync(process.execPath, [...args, JSON.stringify(overrides)], { encoding: 'utf8' });
}

// Standard output, once touched, loads sockets itself.
test('a replay loads neither sockets nor TLS nor child processes', () => {
  const script = `
    await import(process.argv[1]);
    const loaded = process.moduleLoadList.join(',');
    process.stdout.write(loaded);
  `;
  const args = ['--input-type=module', '-e', script, join(import.meta.dirname, 'replay.ts')];
  const loaded = execFileSync(process.execPath, args, { encoding: 'utf8' }).split(',');
  for (const name of ['net', 'http', 'https', 'tls', 'child_process'])
    expect(loaded).not.toContain(`NativeModule ${name}`);
}, 60_000);

test('the YAML library is loaded when there is YAML, and not before', () => {
  expect(librariesAfter(['priority=warning'])).not.toContain('/yaml/');
  expect(librariesAfter(['rules=[{disable: {tag: none}}]', 'webserver={enabled: false}'])).toContain(
    '/yaml/',
  );
}, 60_000);
