/** Results in reports of policies, which are objects of Kubernetes. */

import { type HubAlert, TEST_RULE } from '@peregrine/alert';
import {
  delivered,
  flag,
  type Infer,
  integer,
  type JsonObject,
  type Outcome,
  parseObject,
  schema,
  text,
} from '@peregrine/base';
import { type Delivery, type Destination, defineClientSink, type SinkContext } from '../sink.ts';
import { classifyAnswer, type HttpAnswer, reasonOf } from '../transport/http-answer.ts';
import type { HttpClient } from '../transport/http-client.ts';
import { prepareRequest } from '../transport/prepare-request.ts';
import { inClusterAccess } from './parts/kube/in-cluster.ts';
import { createKubeClient, KUBE_ORIGIN } from './parts/kube/kube-client.ts';
import { loadKubeconfig } from './parts/kube/kubeconfig.ts';
import { namespaceOf, type Result, reportWith, resultOf } from './parts/policy-report.ts';

/** COMPAT: other sources are not about what a cluster's policies are about. */
const sources = new Set(['syscall', 'syscalls', 'k8saudit', 'k8s_audit']);
/** Others may write the same report. */
const MOST_TRIES = 5;

const config = schema({
  enabled: flag({
    default: false,
    doc: 'Write reports; wants the rights to `get`, `create` and `update` `policyreports` and `clusterpolicyreports` of `wgpolicyk8s.io`.',
    example: 'true',
  }),
  kubeconfig: text({
    default: '',
    doc: 'File that says how to reach the cluster; empty, it is the one that the hub runs in.',
  }),
  falconamespace: text({
    default: '',
    doc: "Namespace of the report on namespaces that are gone; empty, the hub's own, or `default`.",
  }),
  maxevents: integer({ default: 1_000, min: 1, doc: 'Most results in a report; the oldest go first.' }),
  prunebypriority: flag({
    default: false,
    doc: 'The least urgent results go first, the oldest of them before others.',
  }),
});
type Config = Infer<typeof config>;

export const policyreport = defineClientSink({
  name: 'policyreport',
  title: 'PolicyReport',
  category: 'other',
  doc: 'Adds each alert as a result to the policy report of its namespace, or of the cluster.',
  config,
  enabledBy: ['enabled'],
  batching: () => ({ mostAlerts: 100, mostBytes: 1_000_000, waitMs: 500 }),
  open: async (settings, context) => {
    const { kubeconfig } = settings;
    const access =
      kubeconfig === ''
        ? await inClusterAccess(context.environment)
        : await loadKubeconfig(kubeconfig, context.environment);
    const client = createKubeClient(access, context.timeoutMs);
    const fallback = settings.falconamespace || access.namespace || 'default';
    return createReporter(client, settings, { ...context, fallback });
  },
});

interface Surroundings extends SinkContext {
  /** Namespace of reports on namespaces that are gone. */
  readonly fallback: string;
}

function createReporter(
  client: HttpClient,
  settings: Config,
  { fallback, debug }: Surroundings,
): Destination {
  async function ask(
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    signal: AbortSignal,
    report?: JsonObject,
  ): Promise<HttpAnswer | { readonly trouble: string }> {
    const prepared = prepareRequest(
      {
        method,
        url: `${KUBE_ORIGIN}${path}`,
        headers: {
          accept: 'application/json',
          ...(report === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(report === undefined ? {} : { body: JSON.stringify(report) }),
      },
      {},
      { deliveryId: path },
    );
    return client.send(prepared, signal);
  }

  /** Reads, adds, writes; again where somebody else wrote meanwhile. */
  async function add(
    namespace: string | undefined,
    results: readonly Result[],
    signal: AbortSignal,
  ): Promise<Outcome> {
    const { collection, name } = pathOf(namespace);
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const found = await ask('GET', `${collection}/${name}`, signal);
      if ('trouble' in found) return retry(found.trouble);
      if (found.status !== 200 && found.status !== 404) return outcomeOf(found);
      const before = found.status === 200 ? parseObject(found.body) : undefined;
      if (found.status === 200 && before === undefined)
        return retry('the report that is there cannot be read');
      const report = reportWith(before, namespace, results, settings);
      const written =
        before === undefined
          ? await ask('POST', collection, signal, report)
          : await ask('PUT', `${collection}/${name}`, signal, report);
      if ('trouble' in written) return retry(written.trouble);
      if (written.status === 409) continue;
      if (
        written.status === 404 &&
        before === undefined &&
        namespace !== undefined &&
        namespace !== fallback
      ) {
        debug(`there is no namespace ${namespace}: its results go to that of ${fallback}`);
        return add(fallback, results, signal);
      }
      return outcomeOf(written);
    }
    return retry('others write the same report all the time');
  }

  return {
    send: async (deliveries, signal) => {
      const outcomes: Outcome[] = deliveries.map(() => delivered);
      for (const [namespace, places] of byNamespace(deliveries)) {
        const results = places.map(({ alert }) => resultOf(alert));
        const outcome = await add(namespace, results, signal);
        for (const { place } of places) outcomes[place] = outcome;
      }
      return outcomes;
    },
    close: async () => client.close(),
  };
}

interface Placed {
  readonly place: number;
  readonly alert: HubAlert;
}

/** The alerts that a report is written for, by its namespace. */
function byNamespace(deliveries: readonly Delivery[]): ReadonlyMap<string | undefined, readonly Placed[]> {
  const found = new Map<string | undefined, Placed[]>();
  for (const [place, { alert }] of deliveries.entries()) {
    if (!isReported(alert)) continue;
    const namespace = namespaceOf(alert);
    const known = found.get(namespace);
    if (known === undefined) found.set(namespace, [{ place, alert }]);
    else known.push({ place, alert });
  }
  return found;
}

function isReported({ source, rule }: HubAlert): boolean {
  return sources.has(source) || rule === TEST_RULE;
}

function pathOf(namespace: string | undefined): { readonly collection: string; readonly name: string } {
  const group = '/apis/wgpolicyk8s.io/v1alpha2';
  return namespace === undefined
    ? { collection: `${group}/clusterpolicyreports`, name: 'falco-cluster-policy-report' }
    : {
        collection: `${group}/namespaces/${encodeURIComponent(namespace)}/policyreports`,
        name: 'falco-policy-report',
      };
}

/** 400 and 422 are about what we wrote; all else is about the cluster. */
function outcomeOf(answer: HttpAnswer): Outcome {
  return answer.status === 404
    ? retry(`no reports of policies in this cluster: ${reasonOf(answer)}`)
    : classifyAnswer(answer, Date.now());
}

function retry(reason: string): Outcome {
  return { kind: 'retry', reason, afterMs: undefined };
}
