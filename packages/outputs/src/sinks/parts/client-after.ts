/** A client for destinations that something must be made at before the first alert: a template, an index. */

import type { HttpRequest, SinkContext } from '../../sink.ts';
import { type HttpAnswer, reasonOf } from '../../transport/http-answer.ts';
import { createHttpClient, type HttpClient } from '../../transport/http-client.ts';
import { type PreparedRequest, prepareRequest } from '../../transport/prepare-request.ts';

export interface Preparation {
  /** `the index template`: for messages. */
  readonly what: string;
  /** Answered with one of `absentStatuses` where it is not there. */
  readonly isThere: HttpRequest;
  /** Whether a good answer to that means that it is there; it does unless stated. */
  readonly finds?: (answer: HttpAnswer) => boolean;
  readonly create: HttpRequest;
  /** 404 unless stated. */
  readonly absentStatuses?: readonly number[];
}

type Trouble = { readonly trouble: string };

/** Asked for until it worked once, with the headers of the alerts' requests; alerts wait until then. */
export function clientAfter(context: SinkContext, preparation: Preparation): HttpClient {
  const { what, isThere, finds = () => true, create, absentStatuses = [404] } = preparation;
  const client = createHttpClient(context);
  let isDone = false;

  async function prepare(
    headers: PreparedRequest['headers'],
    signal: AbortSignal,
  ): Promise<Trouble | undefined> {
    const exchange = (request: HttpRequest): Promise<HttpAnswer | Trouble> =>
      client.send(prepareRequest(request, headers, { deliveryId: what }), signal);
    const found = await exchange(isThere);
    if ('trouble' in found) return found;
    if (isGood(found) && finds(found)) return undefined;
    if (!isGood(found) && !absentStatuses.includes(found.status))
      return { trouble: `cannot look for ${what}: ${reasonOf(found)}` };
    const made = await exchange(create);
    if ('trouble' in made) return made;
    if (!isGood(made)) return { trouble: `cannot make ${what}: ${reasonOf(made)}` };
    context.debug(`${what} is made`);
    return undefined;
  }

  return {
    send: async (request, signal) => {
      if (!isDone) {
        const trouble = await prepare(ofEveryRequest(request.headers), signal);
        if (trouble !== undefined) return trouble;
        isDone = true;
      }
      return client.send(request, signal);
    },
    close: () => client.close(),
  };
}

function isGood({ status }: HttpAnswer): boolean {
  return status >= 200 && status < 300;
}

/** Who we are, and what the user adds: not what one body needs. */
function ofEveryRequest(headers: PreparedRequest['headers']): PreparedRequest['headers'] {
  const ofBody = new Set(['content-type', 'content-encoding', 'idempotency-key']);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !ofBody.has(name.toLowerCase())));
}
