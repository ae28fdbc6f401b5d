/** Sends requests to a Kubernetes API as the one that its kubeconfig or service account says we are. */

import type { HttpAnswer } from '../../../transport/http-answer.ts';
import { createHttpClient, type HttpClient } from '../../../transport/http-client.ts';
import type { PreparedRequest } from '../../../transport/prepare-request.ts';
import { beforeAbort } from '../linked-destination.ts';
import type { KubeAccess, KubeIdentity } from './kube-access.ts';

/** Where requests go before a client knows the address: the API's name within a cluster. */
export const KUBE_ORIGIN = 'https://kubernetes.default.svc';

/** Reports of policies may be as large as the API takes objects. */
const MOST_ANSWER_BYTES = 4 * 1024 * 1024;

/** Requests are made for `KUBE_ORIGIN`. */
export function createKubeClient(access: KubeAccess, timeoutMs: number): HttpClient {
  let client: HttpClient | undefined;
  let certificate: KubeIdentity['certificate'];

  /** Another certificate needs other connections. */
  function clientFor(identity: KubeIdentity): HttpClient {
    const isSame =
      certificate?.cert === identity.certificate?.cert && certificate?.key === identity.certificate?.key;
    if (client !== undefined && isSame) return client;
    client?.close();
    certificate = identity.certificate;
    client = createHttpClient({
      tls: { ...access.tls, identity: certificate },
      timeoutMs,
      mostAnswerBytes: MOST_ANSWER_BYTES,
    });
    return client;
  }

  async function attempt(
    request: PreparedRequest,
    isRefused: boolean,
    signal: AbortSignal,
  ): ReturnType<HttpClient['send']> {
    const identity = await beforeAbort(access.identity(isRefused), signal, () => new Error('given up'));
    const headers = { ...request.headers };
    for (const [name, value] of Object.entries(identity.headers)) headers[name] = value;
    const url = new URL(`${access.server}${request.url.pathname}${request.url.search}`);
    return clientFor(identity).send({ ...request, url, headers }, signal);
  }

  return {
    send: async (request, signal): Promise<HttpAnswer | { readonly trouble: string }> => {
      try {
        const answer = await attempt(request, false, signal);
        const isRefused = !('trouble' in answer) && answer.status === 401;
        return isRefused ? await attempt(request, true, signal) : answer;
      } catch (error) {
        return { trouble: error instanceof Error ? error.message : String(error) };
      }
    },
    close: () => client?.close(),
  };
}
