/** A hub in the process of a sensor, given alerts as the sensor makes them. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Alert } from '@peregrine/alert';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startEmbeddedHub } from './embedded-hub.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'peregrine-embedded-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const alert: Alert = {
  rule: 'Terminal shell in container',
  priority: 'Notice',
  source: 'syscall',
  tags: ['shell'],
  hostname: 'node-7',
  timeNs: 1_610_667_584_834_631_763n,
  message: 'a shell',
  output: '23:39:44.834631763: Notice a shell',
  fields: { 'evt.time': 1_610_667_584_834_631_763n, 'k8s.ns.name': null, 'proc.pid': 7 },
};

test('takes alerts and keeps them; listens nowhere unless asked', async () => {
  const file = join(folder, 'hub.yaml');
  writeFileSync(
    file,
    `journal: { path: ${folder}/state }\nwebhook: { address: "http://127.0.0.1:1/" }\ndelivery: { deadletters: 5 }\n`,
  );
  const lines: string[] = [];
  const start = () =>
    startEmbeddedHub({
      file,
      environment: {},
      write: (text) => lines.push(text),
      onDiagnostics: () => {},
      patienceMs: 1_000,
    });
  const { output, stop } = await start();
  const rendered = { alert, line: '' };
  expect(await output.output.send([rendered, rendered], new AbortController().signal)).toEqual({
    kind: 'delivered',
  });
  await output.output.close();
  await vi.waitFor(() => expect(lines.join('')).toContain('ECONNREFUSED'), { timeout: 10_000 });
  await stop();
  expect(lines.join('')).not.toContain('listening');
  expect(await output.output.send([rendered], AbortSignal.abort())).toEqual({
    kind: 'rejected',
    reason: 'the journal is closed',
  });
});

test('with a configuration that cannot be used is a fault', async () => {
  const file = join(folder, 'hub.yaml');
  writeFileSync(file, 'listenport: many\n');
  await expect(
    startEmbeddedHub({ file, environment: {}, write: () => {}, onDiagnostics: () => {}, patienceMs: 1 }),
  ).rejects.toMatchObject({ code: 'hub-config' });
});
