/** What goes on for a while: watches, commands in containers, logs, as the official client sees them. */

import { PassThrough } from 'node:stream';
import {
  Exec,
  Log,
  PatchStrategy,
  setHeaderOptions,
  type V1ObjectMeta,
  type V1Status,
  Watch,
} from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cluster, clusterObstacle, type ExecCall, openCluster } from './kube/cluster.ts';
import { textAt } from './kube/document.ts';
import { clientConfig, coreClient, failureOf, runPod } from './kube/official-client.ts';
import { until } from './program.ts';

const obstacle = clusterObstacle();
const title =
  obstacle === undefined ? 'streams of the stand-in' : `streams of the stand-in (skipped: ${obstacle})`;

/** Echoes its input, or says what it was asked. */
async function command(call: ExecCall): Promise<number> {
  if (call.command[0] === 'cat') {
    for await (const chunk of call.stdin) call.stdout.write(chunk);
    return 0;
  }
  call.stdout.write(call.command.join(' '));
  call.stderr.write('a warning');
  return call.command[0] === 'fail' ? 7 : 0;
}

describe.skipIf(obstacle !== undefined)(title, () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await openCluster({ exec: command, log: () => 'one\ntwo\nthree' });
  });
  afterAll(() => cluster?.close());

  test('a watch tells what happens, is cut, goes on where it was, and learns that it is too late', async () => {
    const seen: string[] = [];
    const watch = new Watch(clientConfig(cluster));
    const follow = async (resourceVersion: string): Promise<unknown> => {
      const { promise, resolve } = Promise.withResolvers<unknown>();
      const path = '/api/v1/namespaces/default/configmaps';
      await watch.watch(
        path,
        { resourceVersion, labelSelector: 'watched' },
        (type, object) => seen.push(`${type} ${object.metadata?.name ?? object.code}`),
        resolve,
      );
      return promise;
    };
    const api = coreClient(cluster);
    const { metadata } = await api.listNamespacedConfigMap({ namespace: 'default' });
    const first = follow(metadata?.resourceVersion ?? '');
    const body = { metadata: { name: 'w', labels: { watched: 'yes' } } };
    await api.createNamespacedConfigMap({ namespace: 'default', body });
    await until('it is told', () => seen.length === 1);
    expect(cluster.cutWatches('configmaps')).toBe(1);
    await first;
    await api.patchNamespacedConfigMap(
      { namespace: 'default', name: 'w', body: { metadata: { labels: { watched: null } } } },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
    const second = follow(metadata?.resourceVersion ?? '');
    await until('it is told again', () => seen.length === 3);
    // What no longer fits the selector is gone for who watches by it.
    expect(seen).toEqual(['ADDED w', 'ADDED w', 'DELETED w']);
    cluster.cutWatches();
    await second;
    cluster.forgetHistory();
    await follow(metadata?.resourceVersion ?? '');
    expect(seen.at(-1)).toBe('ERROR 410');
  });

  test('a watch begins with what is there, and says how far it is', async () => {
    const seen: string[] = [];
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const asked = {
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: true,
      timeoutSeconds: 1,
      fieldSelector: 'metadata.name=default',
    };
    const tell = (type: string, { metadata }: { readonly metadata: V1ObjectMeta }): void => {
      seen.push([type, metadata.name ?? '', ...Object.keys(metadata.annotations ?? {})].join(' '));
    };
    await new Watch(clientConfig(cluster)).watch('/api/v1/namespaces', asked, tell, resolve);
    await promise;
    expect(seen).toEqual(['ADDED default', 'BOOKMARK  k8s.io/initial-events-end', 'BOOKMARK ']);
  });

  test('commands run in containers, with input, output and exit codes', async () => {
    await runPod(cluster, 'shell');
    const run = async (words: readonly string[], input?: string) => {
      const [stdout, stderr] = [new PassThrough(), new PassThrough()];
      const stdin = input === undefined ? null : new PassThrough();
      const { promise, resolve } = Promise.withResolvers<V1Status>();
      const exec = new Exec(clientConfig(cluster));
      await exec.exec('default', 'shell', 'main', [...words], stdout, stderr, stdin, false, resolve);
      stdin?.end(input);
      return { status: await promise, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
    };
    const said = await run(['say', 'it']);
    expect(said).toMatchObject({ status: { status: 'Success' }, out: 'say it', err: 'a warning' });
    expect((await run(['cat'], 'typed')).out).toBe('typed');
    expect((await run(['fail'])).status).toMatchObject({
      status: 'Failure',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '7' }] },
    });
    const nowhere = new Exec(clientConfig(cluster)).exec(
      'default',
      'none',
      'main',
      'x',
      null,
      null,
      null,
      false,
    );
    await expect(nowhere).rejects.toMatchObject({ message: expect.stringContaining('404') });
  });

  test('logs, from their end, cut, and going on', async () => {
    await runPod(cluster, 'writer');
    const read = (options: object) =>
      coreClient(cluster).readNamespacedPodLog({ namespace: 'default', name: 'writer', ...options });
    expect(await read({})).toBe('one\ntwo\nthree\n');
    expect(await read({ tailLines: 1 })).toBe('three\n');
    expect(await read({ limitBytes: 5 })).toBe('one\nt');
    const stream = new PassThrough();
    let text = '';
    stream.on('data', (chunk) => {
      text += chunk;
    });
    await new Log(clientConfig(cluster)).log('default', 'writer', 'main', stream, {
      follow: true,
    });
    await until('it came', () => text.includes('three'));
    cluster.addLog({ namespace: 'default', pod: 'writer', container: 'main' }, 'four');
    await until('it came, too', () => text.endsWith('three\nfour\n'));
    // The client itself fails when it is asked to stop.
    const ended = new Promise((resolve) => stream.once('end', resolve));
    await coreClient(cluster).deleteNamespacedPod({ namespace: 'default', name: 'writer' });
    await ended;
    await runPod(cluster, 'writer');
    const wrong = await failureOf(read({ container: 'none' }));
    expect(wrong.status.message).toBe('container none is not valid for pod writer');
  });

  test('an ephemeral container is added and runs', async () => {
    await runPod(cluster, 'debugged');
    const body = { spec: { ephemeralContainers: [{ name: 'debug', image: 'busybox' }] } };
    await coreClient(cluster).patchNamespacedPodEphemeralcontainers(
      { namespace: 'default', name: 'debugged', body },
      setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
    );
    const stateOf = () => cluster.get('pods', 'default', 'debugged');
    await until(
      'it runs',
      () =>
        textAt(stateOf(), 'status', 'ephemeralContainerStatuses', 0, 'state', 'running', 'startedAt') !== '',
    );
  });
});
