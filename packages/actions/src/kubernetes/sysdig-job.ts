/** The privileged job in which `sysdig` runs. */

import { type JsonObject, listIn, objectIn, textIn } from '@peregrine/base';
import { pause } from '../run/retry.ts';
import { jobs, pods } from './kinds.ts';
import type { KubePort, ObjectPlace } from './kube-port.ts';
import { objectMeta, statusOf } from './object-view.ts';

const ROUND_MS = 500;
const END_MS = 10_000;
/** Of ids of containers: as rules know them, and as long as they are told apart. */
const ID_LENGTH = 12;

/** The same in every attempt of a run. */
export function jobPlace(namespace: string, runId: string): ObjectPlace {
  return { kind: jobs, namespace, name: `peregrine-sysdig-${runId.replace(/[^0-9a-f]/g, '').slice(0, 12)}` };
}

/** `undefined`: none of its containers has run. */
export function captureFilter(pod: JsonObject): string | undefined {
  const ids = listIn(statusOf(pod).containerStatuses)
    .map((status) => /:\/\/([0-9a-f]{12,64})$/.exec(textIn(objectIn(status)?.containerID))?.[1] ?? '')
    .filter((id) => id !== '')
    .map((id) => id.slice(0, ID_LENGTH));
  return ids.length === 0 ? undefined : `container.id in (${ids.join(', ')})`;
}

export function sysdigJob(
  { namespace, name }: ObjectPlace,
  { image, node, lifeS }: { readonly image: string; readonly node: string; readonly lifeS: number },
): JsonObject {
  const labels = { 'app.kubernetes.io/managed-by': 'peregrine' };
  return {
    apiVersion: jobs.apiVersion,
    kind: jobs.kind,
    metadata: { namespace, name, labels },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: lifeS,
      ttlSecondsAfterFinished: 60,
      template: {
        metadata: { labels },
        spec: {
          // Not for the scheduler to decide: a cordoned node is looked into, too.
          nodeName: node,
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: 0,
          tolerations: [{ operator: 'Exists' }],
          hostPID: true,
          containers: [
            {
              ...{ name: 'sysdig', image, command: ['sleep', String(Math.ceil(lifeS))] },
              env: [{ name: 'HOST_ROOT', value: '/host' }],
              securityContext: { privileged: true },
              volumeMounts: [{ name: 'host', mountPath: '/host', readOnly: true }],
            },
          ],
          volumes: [{ name: 'host', hostPath: { path: '/' } }],
        },
      },
    },
  };
}

/** Name of the job's pod, when it runs. Rejects with a `KubeFailure`. */
export async function jobPod(
  kube: KubePort,
  { namespace, name }: ObjectPlace,
  patienceMs: number,
  signal: AbortSignal,
): Promise<
  { readonly kind: 'pod'; readonly pod: string } | { readonly kind: 'refused'; readonly reason: string }
> {
  const endMs = performance.now() + patienceMs;
  for (;;) {
    const [pod] = await kube.list({ kind: pods, namespace, labelSelector: `job-name=${name}` }, signal);
    const phase = pod === undefined ? '' : textIn(statusOf(pod).phase);
    if (pod !== undefined && phase === 'Running') return { kind: 'pod', pod: objectMeta(pod).name };
    if (phase === 'Failed' || performance.now() >= endMs)
      return { kind: 'refused', reason: `the job \`${name}\` did not start: ${phase || 'it has no pod'}` };
    await pause(ROUND_MS, signal);
    signal.throwIfAborted();
  }
}

/** Also when the action's time is over. What cannot be removed ends by itself. */
export async function endJob(kube: KubePort, place: ObjectPlace): Promise<void> {
  await kube.delete(place, {}, AbortSignal.timeout(END_MS)).catch(() => {});
}
