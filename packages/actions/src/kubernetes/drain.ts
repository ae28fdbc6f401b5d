/** Takes all pods from the node of the alert's pod. */

import { flag, list, schema, text } from '@peregrine/base';
import { type ActionOutcome, defineAction } from '../action.ts';
import { podText } from '../targets/pod.ts';
import { podNodeTarget } from '../targets/pod-node.ts';
import { placeText } from './api-path.ts';
import { cordonNode, uncordonNode, uncordonOurs } from './cordon-node.ts';
import { type Drained, drainNode } from './drain-node.ts';
import { KubeFailure, type KubePort, type ObjectPlace } from './kube-port.ts';
import { nodeForRun, nodePermissions } from './node-for-run.ts';
import { orOutcome } from './outcome-of.ts';
import { guardKeys, guardPermissions } from './pod-guards.ts';
import { secondsKey } from './seconds.ts';

/** Beside the time that the rule gives. */
const MARGIN_MS = 60_000;
/** Of what is left, so many are named. */
const MOST_NAMED = 5;

const parameters = schema({
  ...guardKeys,
  ignore_errors: flag({ default: false, doc: 'Count it as done also where some pods could not be evicted.' }),
  max_wait_period: secondsKey({
    ...{ default: '0', min: 0, max: 86_400 },
    doc: 'How long to try again where disruption budgets forbid an eviction, and to wait until the pods are gone; 0, not at all.',
  }),
  wait_period_excluded_namespaces: list(text({ doc: 'A namespace.' }), {
    default: [],
    doc: 'Namespaces whose pods are not waited for.',
    example: '[kube-system]',
  }),
  excluded_namespaces: list(text({ doc: 'A namespace.' }), {
    default: [],
    doc: 'Namespaces whose pods stay.',
    example: '[kube-system]',
  }),
});

export const drain = defineAction({
  name: 'kubernetes:drain',
  platform: 'kubernetes',
  doc: 'Lets the node take no new pods on which the pod runs that the alert came from, and evicts its pods within their disruption budgets; those that the kubelet runs by itself stay. Unlike with Falco Talon, the node is cordoned first, `wait_period_excluded_namespaces` is heeded, and a percentage in `min_healthy_replicas` is one of the pods that are wanted. Where pods are left, it is tried again, and the node stays cordoned. Taken back, it takes pods again; those that were evicted do not come back by themselves.',
  parameters,
  target: podNodeTarget,
  continues: true,
  artifact: 'none',
  permissions: (own) => [
    ...nodePermissions,
    { group: '', resource: 'pods', verbs: ['list'] },
    { group: '', resource: 'pods/eviction', verbs: ['create'] },
    ...guardPermissions(own),
  ],
  isRepeatable: true,
  timeoutMs: ({ max_wait_period }) => max_wait_period * 1000 + MARGIN_MS,
  examples: [
    { doc: 'Everything, without waiting.', parameters: {} },
    {
      doc: 'What would come back elsewhere, for two minutes at most.',
      parameters: {
        ...{ ignore_daemonsets: true, ignore_standalone_pods: true, max_wait_period: '2m' },
        ...{ wait_period_excluded_namespaces: ['kube-system'], excluded_namespaces: ['falco'] },
      },
    },
  ],
  run: ({ runId, target, targetUid, targetNode, parameters: own, ports, signal }) =>
    orOutcome(`node of ${podText(target)}`, async () => {
      const kube = await ports.kube();
      const found = nodeForRun({ targetNode, targetUid });
      if (found.kind !== 'node') return found;
      const { place, uid } = found;
      const cordoned = await cordonNode(kube, { place, uid, runId }, signal);
      if (cordoned.kind !== 'done' && cordoned.kind !== 'unchanged') return cordoned;
      try {
        const drained = await drainNode(kube, { place, ...optionsOf(own) }, signal);
        return outcomeWith(drained, { place, cordoned, ignoresErrors: own.ignore_errors });
      } catch (error) {
        if (error instanceof KubeFailure && error.status === 403 && cordoned.kind === 'done')
          await giveBack(kube, { place, uid, runId }, signal);
        throw error;
      }
    }),
  undo: uncordonOurs,
});

function optionsOf(own: NonNullable<typeof parameters.fallback>['value']): {
  readonly guards: typeof own;
  readonly waitMs: number;
  readonly excluded: ReadonlySet<string>;
  readonly notWaitedFor: ReadonlySet<string>;
} {
  return {
    guards: own,
    waitMs: own.max_wait_period * 1000,
    excluded: new Set(own.excluded_namespaces),
    notWaitedFor: new Set(own.wait_period_excluded_namespaces),
  };
}

/** What cannot be drained, ever, must not stay cordoned for that. Whether this works or not, the other failure is told. */
async function giveBack(
  kube: KubePort,
  request: { readonly place: ObjectPlace; readonly uid: string | undefined; readonly runId: string },
  signal: AbortSignal,
): Promise<void> {
  await uncordonNode(kube, request, signal).catch(() => {});
}

function outcomeWith(
  { evicted, left, ignored }: Drained,
  {
    place,
    cordoned,
    ignoresErrors,
  }: { readonly place: ObjectPlace; readonly cordoned: ActionOutcome; readonly ignoresErrors: boolean },
): ActionOutcome {
  const node = placeText(place);
  const named = left.slice(0, MOST_NAMED).map(({ pod, why }) => `${pod} (${why})`);
  const more = left.length > MOST_NAMED ? `, and ${left.length - MOST_NAMED} more` : '';
  const rest = left.length === 0 ? '' : `; left: ${named.join(', ')}${more}`;
  const skipped = ignored === 0 ? '' : `, and left ${ignored} alone`;
  const summary = `evicted ${evicted.length} pods of ${node}${skipped}${rest}`;
  if (left.length > 0 && !ignoresErrors)
    return { kind: 'retry', reason: `${summary}; the node stays cordoned`, afterMs: undefined };
  const own = cordoned.kind === 'done' ? cordoned : undefined;
  return {
    kind: 'done',
    summary,
    changes: [
      ...(own?.changes ?? []),
      ...evicted.map((pod) => ({ object: pod, before: 'there', after: 'evicted' })),
    ],
    ...(own?.undo === undefined ? {} : { undo: own.undo }),
    results: { evicted: evicted.length, left: left.length, ignored },
  };
}
