/** Answers about responses to alerts, and orders to them. What may be done when is the responder's affair. */

import { type RunState, runStates } from '@peregrine/actions/run-record';
import { ApiError, type ApiHandlers } from '@peregrine/api';
import type { Run } from '@peregrine/api/contract';
import { unreachable } from '@peregrine/base';
import type { AlertStore } from '@peregrine/store';
import { alertNamed } from '../../ui/alert-named.ts';
import type { OrderAnswer, ResponsePort } from '../response-port.ts';
import { explanationShape, runShape, statusShape, withoutResponse } from './response-shapes.ts';
import { runsReply } from './stream-runs.ts';

export interface ResponseHandlerOptions {
  /** `undefined`: this hub has no response rules. */
  readonly response: ResponsePort | undefined;
  readonly store: Pick<AlertStore, 'get'>;
}

type Names =
  | 'getResponse'
  | 'listResponseRuns'
  | 'getResponseRun'
  | 'approveRun'
  | 'denyRun'
  | 'undoRun'
  | 'explainResponse'
  | 'streamResponse';

const DEFAULT_LIMIT = 100;
const states = Object.keys(runStates) as readonly RunState[]; // Its keys, and no others.

export function createResponseHandlers({
  response,
  store,
}: ResponseHandlerOptions): Pick<ApiHandlers, Names> {
  return {
    getResponse: async () =>
      response === undefined ? withoutResponse : statusShape(response.status(), states),
    listResponseRuns: async ({ query }) => {
      if (response === undefined) return { isConfigured: false, runs: [], next: null };
      const { state, rule, alert, text, limit = DEFAULT_LIMIT, cursor } = query;
      const page = response.runs({
        ...{ states: state, rule, alertUuid: alert, text, limit, after: cursor },
      });
      return { isConfigured: true, runs: page.runs.map(runShape), next: page.next ?? null };
    },
    getResponseRun: async ({ params }) => {
      const run = known().run(params.id ?? '');
      if (run === undefined) throw noRun();
      return runShape(run);
    },
    approveRun: async ({ params, caller }) => taken(await known().approve(params.id ?? '', caller.name)),
    denyRun: async ({ params, caller }) => taken(await known().deny(params.id ?? '', caller.name)),
    undoRun: async ({ params, caller }) => taken(await known().undo(params.id ?? '', caller.name)),
    explainResponse: async ({ body }) => {
      const port = known();
      const { alert } = await alertNamed(store, body.alert);
      const explained = port.explain(alert.json);
      if ('problem' in explained) throw new ApiError(422, 'not-explained', explained.problem);
      return explanationShape(explained);
    },
    streamResponse: async ({ signal }) => runsReply(known(), signal),
  };

  function known(): ResponsePort {
    if (response !== undefined) return response;
    throw new ApiError(404, 'no-response', 'this hub has no response rules', {
      hint: 'name a file of rules as `response` in the configuration of the hub',
    });
  }
}

const noRun = (): ApiError => new ApiError(404, 'no-run', 'there is no such run, or no longer');

function taken(answer: OrderAnswer): Run {
  switch (answer.kind) {
    case 'taken':
      return runShape(answer.run);
    case 'unknown-run':
      throw noRun();
    case 'too-late':
      throw new ApiError(409, 'too-late', answer.reason);
    default:
      return unreachable(answer);
  }
}
