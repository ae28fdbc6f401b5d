/** Calls of functions in a cluster: through the cluster's network, or through its API where we are outside. */

import { duration, type Outcome, parseObject, text } from '@peregrine/base';
import type { Refusal, SinkContext } from '../../sink.ts';
import { type HttpAnswer, reasonOf } from '../../transport/http-answer.ts';
import type { HttpClient } from '../../transport/http-client.ts';
import { cutText } from './fit-alert.ts';
import { createKubeClient, KUBE_ORIGIN } from './kube/kube-client.ts';
import { loadKubeconfig } from './kube/kubeconfig.ts';

/** Longest answer of a function that is logged, UTF-16 units. */
const MOST_LOGGED = 4_096;

export function kubeconfigKey() {
  return text({
    default: '',
    doc: "File that says how to reach the cluster, where the hub runs outside of it; calls go through the cluster's API then, which wants the right to `create` `services/proxy`.",
  });
}

/** As long as Kubeless lets functions run: a call that is given up is made again. */
export function callTimeoutKey() {
  return duration({ default: '180s', min: 1, doc: 'How long the function may take over one call.' });
}

export interface ServiceAddress {
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
}

/** Address of a service behind the cluster's API, which sends on what is below it. */
export function proxied({ namespace, service, port }: ServiceAddress, path: string): string {
  return `${KUBE_ORIGIN}/api/v1/namespaces/${namespace}/services/${service}:${port}/proxy${path}`;
}

/** With a kubeconfig file, the client that it asks for. */
export async function functionClient(
  kubeconfig: string,
  context: SinkContext,
): Promise<HttpClient | undefined> {
  if (kubeconfig === '') return undefined;
  return createKubeClient(await loadKubeconfig(kubeconfig, context.environment), context.timeoutMs);
}

/** Names of services, functions and namespaces become parts of host names. */
export function badNames(
  config: Readonly<Record<string, unknown>>,
  keys: readonly string[],
): readonly Refusal[] {
  return keys
    .filter((key) => !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/i.test(String(config[key])))
    .map((key) => ({ key, why: 'is no name of anything in Kubernetes: letters, digits and hyphens are' }));
}

/**
 * 500 is what a function's own error comes out as, and 408 that it took too long: the same alert would fail again, and all
 * others would wait for it. The cluster's own trouble is told apart by its form.
 */
export function classifyCall(answer: HttpAnswer): Outcome | undefined {
  if (answer.status !== 500 && answer.status !== 408) return undefined;
  if (parseObject(answer.body)?.kind === 'Status') return undefined;
  return { kind: 'rejected', reason: `the function failed: ${reasonOf(answer)}` };
}

/** COMPAT: what falcosidekick logs of a call, which people look for. */
export function callLines(answer: HttpAnswer, name: string): readonly string[] {
  return [`Function Response : ${loggable(answer)}`, `Call Function "${name}" OK`];
}

/** On one line: JSON without spaces, control characters of other texts escaped. */
function loggable({ headers, body }: HttpAnswer): string {
  const isJson = headers['content-type'] === 'application/json' && isParsable(body);
  const line = isJson
    ? body.replace(/("(?:\\.|[^"\\])*")|\s+/g, (_match, quoted: string | undefined) => quoted ?? '')
    : body.trimEnd();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a function must not write log lines of its own.
  return cutText(line, MOST_LOGGED).replace(/[\x00-\x1f\x7f]/g, (char) => JSON.stringify(char).slice(1, -1));
}

function isParsable(body: string): boolean {
  try {
    JSON.parse(body);
    return true;
  } catch {
    return false;
  }
}
