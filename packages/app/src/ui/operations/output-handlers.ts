/** Answers about outputs: their queues, a test, and what they refused. Destinations come from the configuration alone. */

import { ApiError, type ApiHandlers } from '@peregrine/api';
import type { DeadLetter, Output } from '@peregrine/api/contract';
import {
  findDeadLetters,
  type LetterPlace,
  orderReplay,
  readDeadLetter,
  removeLetter,
  type SinkSettings,
} from '@peregrine/outputs/hub';
import type { DeliveryHistory } from '../../hub/delivery-history.ts';
import type { RunningOutput } from '../../hub/hub-metrics.ts';

/** What is asked of the hub. */
export interface OutputsPort {
  readonly outputs: readonly (RunningOutput & {
    readonly settings: SinkSettings;
    readonly lastFailure: () => { readonly timeMs: number; readonly reason: string } | undefined;
    /** `undefined`: nobody keeps it. */
    readonly history: DeliveryHistory | undefined;
  })[];
  /** Of the dead letters. */
  readonly letterFolder: string;
  readonly journal: { readonly sizeBytes: number; readonly mostBytes: number };
  /** Sends the test alert to that destination, once; the exchange has no secrets in it. */
  test(
    settings: SinkSettings,
    show: (line: string) => void,
    signal: AbortSignal,
  ): Promise<{ readonly isDelivered: boolean; readonly reason: string | undefined }>;
}

type Names = 'listOutputs' | 'testOutput' | 'listDeadLetters' | 'replayDeadLetters' | 'removeDeadLetters';

const TEST_LIMIT_MS = 30_000;
const MOST_EXCHANGE = 64_000;
const DEFAULT_LIMIT = 100;
const states = { closed: 'delivering', 'half-open': 'failing', open: 'waiting' } as const;

export function createOutputHandlers(port: OutputsPort): Pick<ApiHandlers, Names> {
  const { letterFolder } = port;
  /** Outputs of which a test is under way. */
  const testing = new Set<string>();

  function known(id: string): OutputsPort['outputs'][number] {
    const output = port.outputs.find(({ runner }) => runner.id === id);
    if (output === undefined) throw new ApiError(404, 'no-output', 'there is no such output');
    return output;
  }

  return {
    listOutputs: async () => {
      const letters = new Map<string, number>();
      for (const { output } of await findDeadLetters(letterFolder))
        letters.set(output, (letters.get(output) ?? 0) + 1);
      const { sizeBytes, mostBytes: limitBytes } = port.journal;
      return {
        outputs: port.outputs.map((output) => outputShape(output, letters.get(output.runner.id) ?? 0)),
        journal: { sizeBytes, limitBytes },
      };
    },
    testOutput: async ({ params, signal }) => {
      const id = params.id ?? '';
      const { settings } = known(id);
      if (testing.has(id))
        throw new ApiError(429, 'test-runs', 'a test of this output is under way', { retryAfterSeconds: 5 });
      testing.add(id);
      const lines: string[] = [];
      try {
        const limit = AbortSignal.any([signal, AbortSignal.timeout(TEST_LIMIT_MS)]);
        const { isDelivered, reason } = await port.test(settings, (line) => lines.push(line), limit);
        return { isDelivered, reason: reason ?? null, exchange: lines.join('\n').slice(0, MOST_EXCHANGE) };
      } finally {
        testing.delete(id);
      }
    },
    listDeadLetters: async ({ query }) => {
      const { limit = DEFAULT_LIMIT, cursor, output } = query;
      const places = (await findDeadLetters(letterFolder)).filter(
        (place) =>
          (output === undefined || place.output === output) &&
          (cursor === undefined || keyOf(place) < cursor),
      );
      const letters: DeadLetter[] = [];
      const page = places.slice(0, limit);
      for (const place of page) {
        const letter = await readDeadLetter(place);
        if (letter !== undefined) letters.push(letterShape(place, letter.text));
      }
      const last = page.at(-1);
      return { letters, next: last !== undefined && places.length > page.length ? keyOf(last) : null };
    },
    replayDeadLetters: async ({ body }) => {
      const { ids, output } = body;
      if ((ids === undefined) === (output === undefined))
        throw new ApiError(400, 'bad-target', 'exactly one of `ids` and `output` is wanted');
      const wanted = await lettersAmong(letterFolder, (place) =>
        ids === undefined ? place.output === output : ids.includes(place.id),
      );
      return { count: await each(wanted, (place) => orderReplay(letterFolder, place)) };
    },
    removeDeadLetters: async ({ body }) => {
      const wanted = await lettersAmong(letterFolder, ({ id }) => body.ids.includes(id));
      return { count: await each(wanted, removeLetter) };
    },
  };
}

/** In the order of lists: newest first, and no two alike. */
const keyOf = ({ id, output }: LetterPlace): string => `${id} ${output}`;

/** Ids are looked for among what there is; none becomes a path. */
async function lettersAmong(
  folder: string,
  isWanted: (place: LetterPlace) => boolean,
): Promise<readonly LetterPlace[]> {
  return (await findDeadLetters(folder)).filter(isWanted);
}

/** Gives how many were there. */
async function each(
  places: readonly LetterPlace[],
  act: (place: LetterPlace) => Promise<void>,
): Promise<number> {
  let count = 0;
  for (const place of places) {
    try {
      await act(place);
      count++;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  }
  return count;
}

function outputShape(
  { runner, sink, settings, lastFailure }: OutputsPort['outputs'][number],
  deadLetterCount: number,
): Output {
  const { deliveredCount, failedCount, rejectedCount, expiredCount, skippedCount } = runner.counters;
  const failure = lastFailure();
  return {
    ...{ deliveredCount, failedCount, rejectedCount, expiredCount, skippedCount, deadLetterCount },
    id: runner.id,
    title: sink.title,
    state: states[runner.breakerState],
    waitingCount: runner.lagCount,
    oldestMs: runner.oldestMs,
    minimumPriority: settings.common.minimumpriority ?? '',
    lastFailure:
      failure === undefined ? null : { time: new Date(failure.timeMs).toISOString(), reason: failure.reason },
  };
}

/** A letter that an editor broke shows that. */
export function letterShape({ id, output }: LetterPlace, text: string): DeadLetter {
  const of = { id, output };
  try {
    const letter: { at?: unknown; attempts?: unknown; reason?: unknown; alert?: { rule?: unknown } } =
      JSON.parse(text);
    return {
      ...of,
      time: typeof letter.at === 'string' ? letter.at : '',
      attempts: typeof letter.attempts === 'number' ? letter.attempts : 0,
      reason: String(letter.reason ?? ''),
      rule: String(letter.alert?.rule ?? ''),
      // As it is in the file: its numbers keep their digits.
      alertJson: /\n {2}"alert": (.*)\n\}\s*$/s.exec(text)?.[1] ?? JSON.stringify(letter.alert ?? null),
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ...of, time: '', attempts: 0, reason: `not valid JSON: ${why}`, rule: '', alertJson: text };
  }
}
