/** Keys of outputs that may send many alerts in one request. */

import { duration, flag, type Infer, integer, schema } from '@peregrine/base';
import type { Batching } from '../../sink.ts';

/** Answers name each alert; more of them than this would not be read to their end. */
const MOST_ALERTS = 2_000;

export function batchingKeys(defaultBytes: number) {
  return schema({
    enabled: flag({ default: false, doc: 'Send alerts together instead of one by one.' }),
    batchsize: integer({ default: defaultBytes, min: 1, doc: 'Most bytes of alerts in one request.' }),
    flushinterval: duration({ default: '1s', min: 1, doc: 'How long the first alert waits for others.' }),
  });
}
export type BatchingKeys = Infer<ReturnType<typeof batchingKeys>>;

export function batchLimits({ enabled, batchsize, flushinterval }: BatchingKeys): Batching | undefined {
  return enabled ? { mostAlerts: MOST_ALERTS, mostBytes: batchsize, waitMs: flushinterval } : undefined;
}
