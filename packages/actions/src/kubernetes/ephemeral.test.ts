/** Containers and jobs that are made for a look: debug, tcpdump, sysdig. */

import { beforeEach, describe, expect, test } from 'vitest';
import { alertOf } from '../../testing/alert-of.ts';
import { FakeKube } from '../../testing/fake-kube.ts';
import { alpine, podOf, putAlpine } from '../../testing/pods-of.ts';
import { runAction } from '../../testing/run-action.ts';
import { debug } from './debug.ts';
import { jobs, pods } from './kinds.ts';
import { specOf } from './object-view.ts';
import { sysdig } from './sysdig.ts';
import { tcpdump } from './tcpdump.ts';

let kube: FakeKube;
beforeEach(() => {
  kube = new FakeKube();
  putAlpine(kube);
});

const output = (stdout: Buffer, exitCode = 0): ReturnType<FakeKube['onExec']> => ({
  ...{ stdout, stderr: Buffer.from('tool: said something'), exitCode, isCut: false },
});

/** As a kubelet does with what was put into the pod. */
function startsAs(state: Readonly<Record<string, unknown>>): void {
  let isTold = false;
  kube.onChange = (verb) => {
    if (verb !== 'patch ephemeralcontainers' || isTold) return;
    isTold = true;
    const name = 'tcpdump-00000000';
    kube.change(alpine, { status: { ephemeralContainerStatuses: [{ name, state }] } });
  };
}

describe('kubernetes:debug', () => {
  test('a container is put in once, with what its command names', async () => {
    const fields = { 'k8s.ns.name': 'default', 'k8s.pod.name': 'alpine', 'fd.name': '$(reboot)' };
    const parameters = { image: 'busybox:1', command: ['sh', '-c', 'ls "$FD_NAME"'] };
    const request = { ports: kube.ports, alert: alertOf({ fields }), parameters };
    expect(await runAction(debug, request)).toMatchObject({
      kind: 'done',
      results: { container: 'debug-00000000' },
    });
    expect(specOf(kube.at(alpine) ?? {}).ephemeralContainers).toEqual([
      {
        ...{ name: 'debug-00000000', image: 'busybox:1', targetContainerName: 'main' },
        command: ['sh', '-c', 'ls "$FD_NAME"'],
        env: [{ name: 'FD_NAME', value: '$(reboot)' }],
      },
    ]);
    expect(await runAction(debug, request)).toMatchObject({ kind: 'unchanged' });
  });
});

describe('kubernetes:tcpdump', () => {
  const run = (parameters: unknown = {}): ReturnType<typeof runAction> =>
    runAction(tcpdump, { ports: kube.ports, parameters });

  test('what it writes is the file', async () => {
    startsAs({ running: {} });
    const bytes = Buffer.alloc(100, 7);
    kube.onExec = () => output(bytes);
    const outcome = await run({ duration: 3, snaplen: 64 });
    expect(outcome).toMatchObject({
      kind: 'done',
      artifact: { name: 'tcpdump.pcap', bytes },
      results: { size: 100 },
    });
    expect(kube.asked.at(-1)?.body).toMatchObject({
      container: 'tcpdump-00000000',
      command: ['sh', '-c', expect.any(String), 'capture', '64', '3'],
    });
    expect(specOf(kube.at(alpine) ?? {}).ephemeralContainers).toMatchObject([
      { securityContext: { capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } } },
    ]);
  });

  test('nothing captured is told with what the tool said', async () => {
    startsAs({ running: {} });
    kube.onExec = () => output(Buffer.of());
    expect(await run()).toMatchObject({
      kind: 'refused',
      reason: 'nothing was captured: tool: said something',
    });
  });

  test('a container that ends at once is told of', async () => {
    startsAs({ terminated: { reason: 'StartError', message: 'no such program' } });
    expect(await run()).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('no such program'),
    });
  });

  test('a pod that goes meanwhile is gone', async () => {
    kube.onChange = (verb) => {
      if (verb.startsWith('patch')) kube.drop(alpine);
    };
    expect(await run()).toMatchObject({ kind: 'unchanged', reason: 'pod default/alpine is gone' });
  });
});

describe('kubernetes:sysdig', () => {
  const run = (parameters: unknown = {}, environment = {}): ReturnType<typeof runAction> =>
    runAction(sysdig, { ports: { ...kube.ports, environment }, parameters });
  const job = { kind: jobs, namespace: 'tools', name: 'peregrine-sysdig-000000000000' };

  beforeEach(() => {
    kube.change(alpine, {
      status: {
        containerStatuses: [{ containerID: `containerd://${'ab'.repeat(32)}` }, { containerID: '' }],
      },
    });
    kube.onChange = (verb, place) => {
      if (verb === 'create' && place.kind === jobs)
        kube.put(pods, podOf('runner', { namespace: place.namespace, labels: { 'job-name': place.name } }));
    };
  });

  test('a job on the node captures the pod, and is removed', async () => {
    const bytes = Buffer.alloc(50, 1);
    kube.onExec = () => output(bytes);
    expect(await run({ namespace: 'tools' })).toMatchObject({
      kind: 'done',
      artifact: { name: 'sysdig.scap.gz', bytes },
    });
    const created = kube.asked.find(({ verb }) => verb === 'create');
    expect(created?.body).toMatchObject({
      spec: {
        template: { spec: { nodeName: 'worker-1', containers: [{ securityContext: { privileged: true } }] } },
      },
    });
    const asked = kube.asked.find(({ verb }) => verb === 'exec');
    expect(asked?.body).toMatchObject({
      command: ['sh', '-c', expect.any(String), 'capture', '5', '2048', 'container.id in (abababababab)'],
    });
    expect(kube.at(job)).toBeUndefined();
  });

  test('all of the node, in the namespace of the hub', async () => {
    kube.onExec = () => output(Buffer.alloc(50, 1));
    await run({ scope: 'node', duration: '30s' }, { NAMESPACE: 'tools' });
    expect(kube.asked.find(({ verb }) => verb === 'exec')?.body).toMatchObject({
      namespace: 'tools',
      command: ['sh', '-c', expect.any(String), 'capture', '30', '2048', ''],
    });
  });

  test('where it fails, the job is removed, too', async () => {
    kube.onExec = () => output(Buffer.of(), 1);
    expect(await run({ namespace: 'tools' })).toMatchObject({ kind: 'refused' });
    expect(kube.at(job)).toBeUndefined();
  });

  test('nothing says where the job is to run', async () => {
    expect(await run()).toMatchObject({ kind: 'refused', reason: expect.stringContaining('`namespace`') });
  });

  test('a pod without a running container', async () => {
    kube.change(alpine, { status: { containerStatuses: [{ containerID: 'evil) or (1=1' }] } });
    expect(await run({ namespace: 'tools' })).toMatchObject({ kind: 'refused' });
  });
});
