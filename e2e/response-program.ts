/** Hubs that act on a cluster, driven as their users do: rules in files, alerts by HTTP, orders over the API. */

import { existsSync } from 'node:fs';
import type { RunRecord } from '../packages/actions/src/run/run-record.ts';
import type { AskedRequest, Cluster, JsonDocument } from './kube/cluster.ts';
import { type Running, Scratch, start, until } from './program.ts';
import { WebClient } from './web-client.ts';

/** On a machine that is busy with other tests. */
export const LIMIT_MS = 90_000;

/** A pod that runs on the first node. */
export function podNamed(
  name: string,
  namespace = 'default',
  labels: Readonly<Record<string, string>> = {},
): JsonDocument {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { app: name, ...labels } },
    spec: { nodeName: 'node-1', containers: [{ name: 'main', image: 'alpine' }] },
  };
}

let count = 0;
/** An alert of a shell in a pod, each with a text of its own. */
export function shellIn(
  pod: string,
  namespace = 'default',
  more: Readonly<Record<string, unknown>> = {},
): string {
  return JSON.stringify({
    output: `23:39:44.834631763: Notice A shell (${count++})`,
    priority: 'Notice',
    rule: 'Terminal shell in container',
    time: new Date().toISOString(),
    source: 'syscall',
    output_fields: { 'k8s.ns.name': namespace, 'k8s.pod.name': pod, ...more },
  });
}

export class RespondingHub {
  readonly scratch = new Scratch();
  running: Running | undefined;
  url = '';
  #web: WebClient | undefined;

  /** `response` are further keys of that section, as YAML in one line. */
  async start(rules: string, kubeconfig: string, response = '', port = 0): Promise<void> {
    const file = this.scratch.write('response.yaml', rules);
    const config = this.scratch.write(
      'hub.yaml',
      `listenaddress: 127.0.0.1
listenport: ${port}
journal: { path: ${this.scratch.path('state')} }
ui: { enabled: true, listenport: 0 }
response: { rulesfiles: [${file}], kubeconfig: ${kubeconfig}${response === '' ? '' : `, ${response}`} }
`,
    );
    const running = start('peregrine', ['hub', '-c', config]);
    this.running = running;
    const isOver = (): boolean => running.child.exitCode !== null;
    await until('the hub listens', () => isOver() || running.err().includes('web interface: http'), LIMIT_MS);
    if (isOver()) throw new Error(running.err());
    this.url = `http://127.0.0.1:${/listening on 127\.0\.0\.1:(\d+)/.exec(running.err())?.[1]}`;
    this.#web = new WebClient(/web interface: (http:\S+)/.exec(running.err())?.[1] ?? '');
  }

  get web(): WebClient {
    if (this.#web === undefined) throw new Error('it was not started');
    return this.#web;
  }

  async post(body: string): Promise<void> {
    const answer = await fetch(this.url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    if (answer.status !== 200) throw new Error(`the hub answers ${answer.status}`);
  }

  /** Newest first. */
  async runs(): Promise<readonly RunRecord[]> {
    const { body } = await this.web.get('/response/runs?limit=200');
    return body.runs as readonly RunRecord[]; // As the contract has it.
  }

  /** Waits until as many runs are in that state. */
  async untilRuns(state: RunRecord['state'], wantedCount = 1): Promise<readonly RunRecord[]> {
    const endMs = Date.now() + LIMIT_MS;
    for (;;) {
      const found = (await this.runs()).filter((run) => run.state === state);
      if (found.length >= wantedCount) return found;
      if (Date.now() > endMs)
        throw new Error(`no ${wantedCount} runs are ${state}: ${JSON.stringify(await this.runs())}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** As a kill of the machine's memory manager would; what is on the disk stays. */
  async kill(): Promise<void> {
    this.running?.child.kill('SIGKILL');
    await this.running?.ended;
    this.running = undefined;
  }

  async close(): Promise<void> {
    await this.kill();
    if (existsSync(this.scratch.folder)) this.scratch.remove();
  }
}

/** What was asked of the API server to change something. */
export function changesAt({ requests }: Cluster): readonly AskedRequest[] {
  return requests.filter(({ verb }) => !['get', 'list', 'watch'].includes(verb));
}

/** `delete default/alpine`. */
export function textsOf(requests: readonly AskedRequest[]): readonly string[] {
  return requests.map(({ verb, namespace, name, subresource }) =>
    [verb, `${namespace}/${name}`, subresource].filter((part) => part !== '').join(' '),
  );
}
