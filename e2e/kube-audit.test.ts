/** The audit log that the stand-in posts to a webhook. */

import { PassThrough } from 'node:stream';
import { CoreV1Api, Exec, type V1Status } from '@kubernetes/client-node';
import { describe, expect, test } from 'vitest';
import { openHttpReceiver } from '../packages/outputs/testing/http-receiver.ts';
import { clusterObstacle, openCluster } from './kube/cluster.ts';
import { textAt } from './kube/document.ts';
import { clientConfig } from './kube/official-client.ts';
import { until } from './program.ts';

const obstacle = clusterObstacle();
const title = obstacle === undefined ? 'the audit log' : `the audit log (skipped: ${obstacle})`;

describe.skipIf(obstacle !== undefined)(title, () => {
  test('each request is told in stages to a webhook, and a command when it begins', async () => {
    const receiver = await openHttpReceiver();
    const audit = { webhookUrl: `${receiver.origin}/k8s-audit`, level: 'RequestResponse' } as const;
    const cluster = await openCluster({ audit, exec: () => 0 });
    const config = clientConfig(cluster);
    const spec = { containers: [{ name: 'main', image: 'alpine' }] };
    await config.makeApiClient(CoreV1Api).createNamespacedPod({
      namespace: 'default',
      body: { metadata: { name: 'web' }, spec },
    });
    await until(
      'it runs',
      () => textAt(cluster.get('pods', 'default', 'web'), 'status', 'phase') === 'Running',
    );
    const { promise, resolve } = Promise.withResolvers<V1Status>();
    const out = new PassThrough();
    await new Exec(config).exec('default', 'web', 'main', ['sh', '-c', 'x'], out, null, null, false, resolve);
    await promise;
    await cluster.close();
    const events = receiver.requests.flatMap(({ body }) => JSON.parse(body).items);
    const told = events.map(({ stage, verb, objectRef, responseStatus }) =>
      [stage, verb, objectRef.resource, objectRef.subresource ?? '', responseStatus?.code ?? ''].join(' '),
    );
    expect(told).toEqual([
      'RequestReceived create pods  ',
      'ResponseComplete create pods  201',
      'RequestReceived get pods exec ',
      'ResponseStarted get pods exec 101',
      'ResponseComplete get pods exec 101',
    ]);
    expect(events[1]).toMatchObject({
      level: 'RequestResponse',
      auditID: events[0].auditID,
      user: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
      objectRef: { resource: 'pods', namespace: 'default', name: 'web', apiVersion: 'v1' },
      requestObject: { spec },
      responseObject: { kind: 'Pod', status: { phase: 'Pending' } },
    });
    expect(events[3].requestURI).toContain('command=sh&command=-c&command=x');
    await receiver.close();
  });
});
