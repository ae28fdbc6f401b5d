/** What is counted of one function, and how it is shown: the names are those of Kubeless' runtimes, and a few of ours. */

import type { MetricFamily, MetricSample } from '@peregrine/api';

/** Upper ends, seconds. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] as const;
/** Others are counted under this name, so that nobody makes up labels. */
const methods: readonly string[] = ['GET', 'POST', 'PATCH', 'DELETE'];

export const refusals = ['busy', 'unavailable', 'given_up'] as const;
export type Refusal = (typeof refusals)[number];

interface MethodCounters {
  calls: number;
  failures: number;
  seconds: number;
  /** Calls for each bound, and those beyond the last. */
  readonly buckets: number[];
}

export class CallCounters {
  readonly #byMethod = new Map<string, MethodCounters>();
  readonly refused: Record<Refusal, number> = { busy: 0, unavailable: 0, given_up: 0 };
  timedOut = 0;
  starts = 0;
  /** Of processes that have ended. */
  droppedLines = 0;

  count(method: string, seconds: number, isFailure: boolean): void {
    const name = methods.includes(method) ? method : 'other';
    let counters = this.#byMethod.get(name);
    if (counters === undefined) {
      counters = { calls: 0, failures: 0, seconds: 0, buckets: new Array(bounds.length + 1).fill(0) };
      this.#byMethod.set(name, counters);
    }
    counters.calls++;
    if (isFailure) counters.failures++;
    counters.seconds += seconds;
    const found = bounds.findIndex((bound) => seconds <= bound);
    const index = found < 0 ? bounds.length : found;
    counters.buckets[index] = (counters.buckets[index] ?? 0) + 1;
  }

  get byMethod(): ReadonlyMap<string, Readonly<MethodCounters>> {
    return this.#byMethod;
  }
}

/** One function's counters with how things are now. */
export interface Measured {
  readonly name: string;
  readonly namespace: string;
  readonly counters: CallCounters;
  readonly running: number;
  readonly waiting: number;
  readonly droppedLines: number;
  readonly isFit: boolean;
}

type Labels = Readonly<Record<string, string>>;

export function familiesOf(functions: readonly Measured[]): readonly MetricFamily[] {
  const each = (
    samples: (measured: Measured, labels: Labels) => readonly MetricSample[],
  ): readonly MetricSample[] =>
    functions.flatMap((measured) =>
      samples(measured, { function: measured.name, namespace: measured.namespace }),
    );
  const byMethod = (
    samples: (counters: Readonly<MethodCounters>, labels: Labels) => readonly MetricSample[],
  ): readonly MetricSample[] =>
    each(({ counters }, labels) =>
      [...counters.byMethod].flatMap(([method, found]) => samples(found, { ...labels, method })),
    );
  return [
    {
      name: 'function_duration_seconds',
      type: 'histogram',
      doc: 'How long calls of functions took.',
      samples: byMethod(histogram),
    },
    {
      name: 'function_calls_total',
      type: 'counter',
      doc: 'Calls of functions.',
      samples: byMethod(({ calls }, labels) => [{ labels, value: calls }]),
    },
    {
      name: 'function_failures_total',
      type: 'counter',
      doc: 'Calls of functions that threw, ended without an answer, or took too long.',
      samples: byMethod(({ failures }, labels) => [{ labels, value: failures }]),
    },
    {
      name: 'peregrine_function_refused_total',
      type: 'counter',
      doc: 'Calls that never ran: too many waited, the function could not be started, or the caller gave up.',
      samples: each(({ counters }, labels) =>
        refusals.map((reason) => ({ labels: { ...labels, reason }, value: counters.refused[reason] })),
      ),
    },
    {
      name: 'peregrine_function_timeouts_total',
      type: 'counter',
      doc: 'Calls that were ended because they took too long.',
      samples: each(({ counters }, labels) => [{ labels, value: counters.timedOut }]),
    },
    {
      name: 'peregrine_function_starts_total',
      type: 'counter',
      doc: 'Processes that were started for functions.',
      samples: each(({ counters }, labels) => [{ labels, value: counters.starts }]),
    },
    {
      name: 'peregrine_function_lines_dropped_total',
      type: 'counter',
      doc: 'Lines that functions wrote and that were too many for the log.',
      samples: each(({ droppedLines }, labels) => [{ labels, value: droppedLines }]),
    },
    {
      name: 'peregrine_function_running',
      type: 'gauge',
      doc: 'Calls that run now.',
      samples: each(({ running }, labels) => [{ labels, value: running }]),
    },
    {
      name: 'peregrine_function_waiting',
      type: 'gauge',
      doc: 'Calls that wait for others to end.',
      samples: each(({ waiting }, labels) => [{ labels, value: waiting }]),
    },
    {
      name: 'peregrine_function_up',
      type: 'gauge',
      doc: 'Whether the process of the function can be started.',
      samples: each(({ isFit }, labels) => [{ labels, value: isFit ? 1 : 0 }]),
    },
  ];
}

function histogram(
  { calls, seconds, buckets }: Readonly<MethodCounters>,
  labels: Labels,
): readonly MetricSample[] {
  let sum = 0;
  return [
    ...buckets.map((count, i): MetricSample => {
      sum += count;
      return { suffix: '_bucket', labels: { ...labels, le: String(bounds[i] ?? '+Inf') }, value: sum };
    }),
    { suffix: '_sum', labels, value: seconds },
    { suffix: '_count', labels, value: calls },
  ];
}
