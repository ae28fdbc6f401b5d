/** Calls a function of the hub's own runtime. */

import { schema, text } from '@peregrine/base';
import { defineAction } from '../action.ts';
import { noTarget } from '../targets/none.ts';
import { payloadOf } from './payload.ts';

const MOST_BYTES = 4_000_000;

export const functionCall = defineAction({
  name: 'function:call',
  platform: 'remote',
  doc: "Calls a function of the hub's own runtime, one of those in `response.functions`, with the alert, `trace_id` and `context` as `event.data`. What it answers, up to 64 KiB of JSON, is for `when` of later actions. In a dry run, it is not called.",
  parameters: schema({
    function: text({
      doc: 'Name of the function, or `namespace/name`.',
      example: 'delete-pod',
    }),
  }),
  refuses: ({ function: name }) =>
    /^(?:[a-z0-9](?:[-a-z0-9]*[a-z0-9])?\/)?[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(name)
      ? []
      : [{ key: 'function', why: 'is no name of a function: small letters, digits and hyphens are' }],
  target: noTarget,
  continues: true,
  artifact: 'none',
  permissions: () => [],
  isRepeatable: false,
  // COMPAT: as long as functions of Kubeless may run.
  timeoutMs: () => 180_000,
  examples: [{ doc: 'By its name', parameters: { function: 'delete-pod' } }],
  run: async (call) => {
    const { function: name } = call.parameters;
    const { callFunction } = call.ports;
    if (callFunction === undefined)
      return { kind: 'refused', reason: 'the hub has no functions: `response.functions` names none' };
    if (call.isDryRun) return { kind: 'done', summary: `would call function ${name}` };
    return callFunction({ name, runId: call.runId, body: payloadOf(call, MOST_BYTES) }, call.signal);
  },
});
