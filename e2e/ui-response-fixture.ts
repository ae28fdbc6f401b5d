/** What responses in the tests of their pages act on: some pods behind an API server, and rules for the alerts about them. */

import { type Reply, type Seen, TestApiServer } from '../packages/actions/testing/api-server.ts';
import { mergePatch } from '../packages/actions/testing/fake-patch.ts';
import { type JsonObject, objectIn, parseObject } from '../packages/base/src/index.ts';

export const HOSTILE = '<img src=x onerror=alert(1)> \u202egnihton <script>alert(2)</script>';

export const responseRules = `
- rule: Mark pods
  description: whoever opens a shell is looked at
  match: { rules: [Terminal shell in container] }
  actions:
    - { action: Mark the pod, actionner: "kubernetes:label", parameters: { labels: { suspicious: "true" } } }
- rule: End pods
  match: { rules: [Terminal shell in container], output_fields: ["k8s.ns.name!=staging"] }
  actions:
    - { action: End the pod, actionner: "kubernetes:terminate", approval: true }
- rule: Would mark pods
  dry_run: true
  match: { rules: [Terminal shell in container], priority: ">=Error" }
  actions:
    - { action: Mark it as urgent, actionner: "kubernetes:label", parameters: { labels: { urgent: "true" } } }
`;

/** Pods of the namespaces `default` and `staging`, each there when it is first asked for. */
export class PodServer {
  readonly #server = new TestApiServer();
  readonly #pods = new Map<string, JsonObject>();

  /** What was asked and changed something: `DELETE /api/v1/namespaces/default/pods/a`. */
  get changes(): readonly string[] {
    return this.#server.seen
      .filter(({ method, url }) => method !== 'GET' && !url.includes('dryRun'))
      .map(({ method, url }) => `${method} ${url}`);
  }

  /** Path of the kubeconfig file. */
  async open(): Promise<string> {
    this.#server.reply = (seen) => this.#answer(seen);
    return await this.#server.open();
  }

  labelsOf(path: string): unknown {
    return objectIn(objectIn(this.#pods.get(path)?.metadata)?.labels);
  }

  async close(): Promise<void> {
    await this.#server.close();
  }

  #answer({ method, url, body }: Seen): Reply {
    const [path = '', query = ''] = url.split('?');
    const [, namespace, name] = /^\/api\/v1\/namespaces\/([\w-]+)\/pods\/([\w.-]+)$/.exec(path) ?? [];
    if (namespace === undefined || name === undefined)
      return { status: 404, body: { kind: 'Status', code: 404 } };
    const metadata = { namespace, name, uid: `uid of ${name}`, resourceVersion: '1', labels: { app: name } };
    const pod = this.#pods.get(path) ?? {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec: { nodeName: 'node-1' },
    };
    const changed = method === 'PATCH' ? mergePatch(pod, parseObject(body) ?? {}) : pod;
    if (!query.includes('dryRun')) this.#pods.set(path, changed);
    return { body: changed };
  }
}

export function shellIn(pod: string, over: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    output: `10:00:00.000000000: Notice A shell was spawned in ${pod} ${HOSTILE}`,
    ...{ priority: 'Notice', rule: 'Terminal shell in container', source: 'syscall', hostname: 'node-1' },
    time: new Date().toISOString(),
    output_fields: { 'k8s.ns.name': 'default', 'k8s.pod.name': pod, 'proc.name': HOSTILE },
    ...over,
  });
}
