/** Clients for requests that need a token or a signature, made anew for each of them. */

import type { SinkContext } from '../../sink.ts';
import { createHttpClient, type HttpClient } from '../../transport/http-client.ts';
import type { PreparedRequest } from '../../transport/prepare-request.ts';
import { beforeAbort } from './linked-destination.ts';

/** What `sign` gives goes onto the request. Where it fails, there is no request, and alerts wait. */
export function signedClient(
  context: Pick<SinkContext, 'tls' | 'timeoutMs'>,
  sign: (request: PreparedRequest) => Promise<Readonly<Record<string, string>>>,
): HttpClient {
  const client = createHttpClient(context);
  return {
    send: async (request, signal) => {
      let added: Readonly<Record<string, string>>;
      try {
        const { timeoutMs } = context;
        const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
        added = await beforeAbort(sign(request), limit, () =>
          signal.aborted ? new Error('given up') : new Error(`none within ${timeoutMs} ms`),
        );
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        return { trouble: `no credential: ${why.replace(/\s+/g, ' ')}`, isUnsent: true };
      }
      return client.send({ ...request, headers: { ...request.headers, ...added } }, signal);
    },
    close: () => client.close(),
  };
}
