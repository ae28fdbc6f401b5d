/** The official client of a cluster, and what tests do with it again and again. */

import { ApiException, CoreV1Api, KubeConfig, type V1Pod, type V1Status } from '@kubernetes/client-node';
import { until } from '../program.ts';
import type { Cluster } from './cluster.ts';
import { textAt } from './document.ts';

/** Where it is and who asks. */
export function clientConfig(cluster: Cluster, user = 'admin'): KubeConfig {
  const config = new KubeConfig();
  config.loadFromString(cluster.kubeconfigFor(user).text);
  return config;
}

export function coreClient(cluster: Cluster, user = 'admin'): CoreV1Api {
  return clientConfig(cluster, user).makeApiClient(CoreV1Api);
}

/** With one container, `main`. */
export function podNamed(name: string): V1Pod {
  const spec = { containers: [{ name: 'main', image: 'alpine', env: [{ name: 'A', value: '1' }] }] };
  return { metadata: { name, labels: { app: 'shop' } }, spec };
}

/** Resolves when it runs. */
export async function runPod(cluster: Cluster, name: string): Promise<void> {
  await coreClient(cluster).createNamespacedPod({ namespace: 'default', body: podNamed(name) });
  const phase = (): string => textAt(cluster.get('pods', 'default', name), 'status', 'phase');
  await until('the pod runs', () => phase() === 'Running');
}

/** What the server answered to a call that it refused; rejects when it did not refuse. */
export async function failureOf(
  call: Promise<unknown>,
): Promise<{ readonly code: number; readonly status: V1Status }> {
  const failure = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(failure instanceof ApiException)) throw new Error(`the call did not fail: ${failure}`);
  return { code: failure.code, status: JSON.parse(failure.body) };
}
