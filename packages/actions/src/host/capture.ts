/** Records what the kernel tells, from some seconds before the alert on. */

import { Fault, integer, schema } from '@peregrine/base';
import { defineAction } from '../action.ts';
import { noTarget } from '../targets/none.ts';

const PATIENCE_MS = 40_000;

export const capture = defineAction({
  name: 'host:capture',
  platform: 'host',
  doc: 'Records the events of this machine into a `.scap` file, from `capture.before_ms` before the alert on, by the sensor in the same process (`peregrine up`, with `capture.enabled` in its configuration). One recording at a time: a second one prolongs the first, and both get the same file.',
  parameters: schema({
    duration: integer({ default: 5, min: 1, max: 300, doc: 'Seconds to record.' }),
  }),
  target: noTarget,
  continues: true,
  artifact: 'required',
  permissions: () => [],
  isRepeatable: true,
  timeoutMs: ({ duration }) => duration * 1000 + PATIENCE_MS,
  examples: [{ doc: 'Ten seconds', parameters: { duration: 10 } }],
  run: async ({ ports, parameters, signal, isDryRun }) => {
    const { record } = ports;
    if (record === undefined) return { kind: 'refused', reason: 'there is no sensor in this process' };
    if (isDryRun) return { kind: 'done', summary: `would record ${parameters.duration} s` };
    try {
      const artifact = await record({ seconds: parameters.duration }, signal);
      const summary = `recorded ${parameters.duration} s: ${artifact.bytes.length} bytes`;
      return { kind: 'done', summary, artifact };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return error.code === 'sensor-silent'
        ? { kind: 'unknown', reason: error.message }
        : { kind: 'refused', reason: error.message };
    }
  },
});
