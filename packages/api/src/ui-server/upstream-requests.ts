/** Requests in the manner of Falcosidekick-UI: who asks, and what is answered without a question. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError } from './handlers.ts';
import { checkOrigin } from './request-checks.ts';
import { jsonTextIn } from './request-parts.ts';
import { sendText } from './responses.ts';
import type { SignIn } from './sign-in.ts';
import { answerUpstream, type UpstreamPorts } from './upstream.ts';

export class UpstreamRequests {
  readonly #signIn: SignIn;
  readonly #ports: UpstreamPorts;
  readonly #publicHost: string | undefined;

  constructor(signIn: SignIn, ports: UpstreamPorts, publicHost: string | undefined) {
    this.#publicHost = publicHost;
    this.#signIn = signIn;
    this.#ports = ports;
  }

  /** `parts`: of the path, behind `/api/v1/`. */
  async answer(
    request: IncomingMessage,
    response: ServerResponse,
    parts: readonly string[],
    query: URLSearchParams,
  ): Promise<void> {
    const path = parts.filter((part, i) => part !== '' || i < parts.length - 1);
    const name = path.join('/');
    if (name === 'healthz') return sendText(request, response, 200, '{"status":"ok"}');
    if (request.method === 'POST') {
      if (name === '' || name === 'events/add') return this.addEvent(request, response);
      if (name === 'auth' || name === 'authenticate') {
        const isKnown = (await this.#signIn.identify(request)) !== undefined;
        return sendText(request, response, isKnown ? 200 : 401, isKnown ? '"authorized"' : '"unauthorized"');
      }
    }
    if (request.method !== 'GET' && request.method !== 'HEAD')
      throw new ApiError(405, 'wrong-method', 'only GET is answered here');
    if ((await this.#signIn.identify(request)) === undefined) {
      response.setHeader('www-authenticate', 'Basic realm="Peregrine"');
      return sendText(request, response, 401, '"unauthorized"');
    }
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const answer = await answerUpstream(path, query, this.#ports, gone.signal);
    if (answer === undefined) throw new ApiError(404, 'not-found', 'there is nothing here');
    sendText(request, response, answer.status, answer.json);
  }

  /** COMPAT: sidekicks post without signing in; what they can do is add events. */
  async addEvent(request: IncomingMessage, response: ServerResponse): Promise<void> {
    checkOrigin(request, this.#publicHost);
    await this.#ports.addEvent(await jsonTextIn(request));
    sendText(request, response, 200, '"{}"');
  }
}
