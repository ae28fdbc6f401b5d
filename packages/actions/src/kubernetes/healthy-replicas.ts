/** `min_healthy_replicas`: how many of a workload's pods must be ready before one of them is taken away. */

import { type JsonObject, parsedText, type ValueSchema } from '@peregrine/base';
import { specOf, statusOf } from './object-view.ts';

export type MinHealthy =
  | { readonly kind: 'none' }
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'percent'; readonly percent: number };

export function minHealthyKey(): ValueSchema<MinHealthy> {
  return parsedText<MinHealthy>(
    {
      type: 'number or percentage',
      default: '',
      doc: 'Leave the pod alone unless so many pods of its ReplicaSet, StatefulSet or ReplicationController are ready: a number, or a percentage of those wanted; empty, however many.',
      example: '33%',
    },
    (text) => {
      if (text.trim() === '') return { value: { kind: 'none' } };
      const [, digits, sign] = /^\s*(\d{1,6})\s*(%?)\s*$/.exec(text) ?? [];
      if (digits === undefined)
        return { why: 'a number such as `2` or a percentage such as `33%` is wanted' };
      if (sign !== '%') return { value: { kind: 'count', count: Number(digits) } };
      return Number(digits) > 100
        ? { why: 'it is more than 100%' }
        : { value: { kind: 'percent', percent: Number(digits) } };
    },
  );
}

/** Why a pod of the workload is left alone; `undefined`: enough are ready. */
export function tooFewReady(workload: JsonObject, least: MinHealthy): string | undefined {
  const ready = numberIn(statusOf(workload).readyReplicas, 0);
  const wanted = numberIn(specOf(workload).replicas, 1);
  switch (least.kind) {
    case 'none':
      return undefined;
    case 'count':
      return ready >= least.count ? undefined : `only ${ready} of its workload are ready, not ${least.count}`;
    case 'percent':
      return ready * 100 >= wanted * least.percent
        ? undefined
        : `only ${ready} of ${wanted} of its workload are ready, not ${least.percent}%`;
  }
}

function numberIn(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
