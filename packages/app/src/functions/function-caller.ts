/** Functions of the hub's own runtime, as actions call them. */

import type { ActionOutcome, ActionPorts } from '@peregrine/actions';
import { doneWith } from '@peregrine/actions/results';
import { unreachable } from '@peregrine/base';
import { type CallResult, type FunctionRuntime, reasonOf } from '@peregrine/functions';

/**
 * COMPAT: functions get the headers that Falcosidekick sends, but `event-id` is the run's, so that a function can tell that
 * it is called again.
 */
export function functionCaller(
  runtime: Pick<FunctionRuntime, 'invoke' | 'resolve'>,
): NonNullable<ActionPorts['callFunction']> {
  return async ({ name, runId, body }, signal) => {
    const fullName = runtime.resolve(name) ?? name;
    const result = await runtime.invoke(name, {
      headers: {
        'content-type': 'application/json',
        'user-agent': 'peregrine',
        'event-id': runId,
        'event-type': 'falco',
        'event-namespace': fullName.split('/')[0] ?? '',
      },
      body: Buffer.from(body, 'utf8'),
      signal,
    });
    return outcomeOfCall(result, `function ${fullName}`);
  };
}

/** A function that was begun may have done what it does, however it ended. */
function outcomeOfCall(result: CallResult, what: string): ActionOutcome {
  const reason = `${what}: ${reasonOf(result)}`;
  switch (result.kind) {
    case 'answered': {
      if (result.status >= 500) return { kind: 'unknown', reason };
      if (result.status >= 300) return { kind: 'refused', reason };
      const text = Buffer.from(result.body).toString('utf8');
      return doneWith(`called ${what}`, text, { http_status: result.status });
    }
    case 'failed':
    case 'timed_out':
    case 'given_up':
      return { kind: 'unknown', reason };
    case 'busy':
    case 'unavailable':
      return { kind: 'retry', reason, afterMs: result.afterMs };
    case 'bad_json':
    case 'unknown':
      return { kind: 'refused', reason };
    default:
      return unreachable(result);
  }
}
