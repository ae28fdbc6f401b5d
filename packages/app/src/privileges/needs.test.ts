import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { mapNode, scalarNode } from '@peregrine/base';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Config, checkConfig } from '../config/config.ts';
import { setAt } from '../config/key-path.ts';
import { needsOf, parseKernelVersion } from './needs.ts';

function configOf(keys: Readonly<Record<string, string>>): Config {
  let root: ReturnType<typeof setAt> = mapNode();
  for (const [path, value] of Object.entries(keys)) {
    if (typeof root === 'string') break;
    const steps = path.split('.').map((name) => ({ kind: 'key' as const, name }));
    root = setAt(root, steps, scalarNode(value));
  }
  const { config } = checkConfig(typeof root === 'string' ? mapNode() : root);
  if (config === undefined) throw new Error('the configuration is bad');
  return config;
}

test.each([
  ['6.18.44-amd64', [6, 18]],
  ['5.4.0', [5, 4]],
  ['unknown', [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]],
])('version %s', (text, version) => {
  expect(parseKernelVersion(text)).toEqual(version);
});

describe('needs', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'peregrine-needs-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const needs = (
    keys: Readonly<Record<string, string>>,
    writes: readonly string[] = [],
    canWrite: (path: string, isFolder: boolean) => boolean = () => false,
  ) => needsOf({ config: configOf(keys), watchesKernel: true, hostRoot: folder, writes, canWrite });

  test('a port only where a server listens', () => {
    expect(needs({ 'webserver.listen_port': '80' }).ports).toEqual([]);
    expect(needs({ 'webserver.enabled': 'true', 'webserver.listen_port': '80' }).ports).toEqual([80]);
  });

  test('files that outputs, metrics and recordings write, and their folders', () => {
    const file = join(folder, 'alerts.log');
    const keys = { 'file_output.filename': file, 'capture.path_prefix': join(folder, 'recording') };
    expect(needs(keys).foreignFiles).toEqual([]);
    expect(needs({ ...keys, 'file_output.enabled': 'true' }).foreignFiles).toEqual([folder]);
    expect(needs({ ...keys, 'capture.enabled': 'true' }).foreignFiles).toEqual([folder]);
    writeFileSync(file, '');
    expect(needs({ ...keys, 'file_output.enabled': 'true' }).foreignFiles).toEqual([folder, file]);
    const metrics = { 'metrics.enabled': 'true', 'metrics.output_file': file };
    expect(needs(metrics, [], (_, isFolder) => isFolder).foreignFiles).toEqual([file]);
    expect(needs(metrics, [], () => true).foreignFiles).toEqual([]);
  });

  test('sockets of container runtimes', async () => {
    const socket = join(folder, 'run/podman/podman.sock');
    mkdirSync(dirname(socket), { recursive: true });
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    expect(needs({}).foreignFiles).toEqual([socket]);
    expect(needs({}, [], () => true).foreignFiles).toEqual([]);
    await new Promise((resolve) => server.close(resolve));
  });

  test('files that the command line names; folders that are not there are told of by whoever opens them', () => {
    expect(needs({}, [join(folder, 'x.scap'), '/nowhere/x']).foreignFiles).toEqual([folder]);
  });
});
