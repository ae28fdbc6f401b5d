/** Answers about one alert's deliveries, and sending it once more. What a hub remembers is its own alone. */

import { ApiError, type ApiHandlers } from '@peregrine/api';
import type { Delivery } from '@peregrine/api/contract';
import { findDeadLetters, passesPriority, readDeadLetter } from '@peregrine/outputs/hub';
import type { AlertStore, KeptAlert } from '@peregrine/store';
import type { Fate } from '../../hub/delivery-history.ts';
import type { Intake } from '../../hub/intake.ts';
import { REPLAYED } from '../../hub/replay-orders.ts';
import { alertNamed } from '../alert-named.ts';
import { letterShape, type OutputsPort } from './output-handlers.ts';

export interface DeliveryHandlerOptions {
  readonly store: Pick<AlertStore, 'get'>;
  readonly outputs: OutputsPort;
  readonly intake: Pick<Intake, 'submit'>;
  readonly nowMs: () => number;
}

type PortOutput = OutputsPort['outputs'][number];

/** Dead letters that are looked through for one alert, the latest of each output. */
const MOST_LETTERS = 2_000;

const states: Readonly<Record<Fate['kind'], Delivery['state']>> = {
  delivered: 'delivered',
  failing: 'failing',
  refused: 'refused',
  skipped: 'skipped',
  ordered: 'waiting',
};

export function createDeliveryHandlers(
  options: DeliveryHandlerOptions,
): Pick<ApiHandlers, 'listDeliveries' | 'deliverAgain'> {
  const { store, outputs: port, intake } = options;

  return {
    listDeliveries: async ({ params }) => {
      const kept = await alertNamed(store, params.id ?? '');
      const refusals = await refusalsOf(kept.alert.uuid, port);
      return {
        deliveries: port.outputs.map((output) => ({
          output: output.runner.id,
          title: output.sink.title,
          ...deliveryTo(output, kept, refusals.get(output.runner.id), options.nowMs()),
        })),
      };
    },
    deliverAgain: async ({ params }) => {
      const { alert } = await alertNamed(store, params.id ?? '');
      const output = port.outputs.find(({ runner }) => runner.id === params.output);
      if (output === undefined) throw new ApiError(404, 'no-output', 'there is no such output');
      const { minimumpriority } = output.settings.common;
      if (!passesPriority(alert, minimumpriority))
        throw new ApiError(409, 'not-urgent', `the output takes alerts from ${minimumpriority} on`, {
          hint: 'lower its `minimumpriority` in the configuration of the hub',
        });
      // Before it is on its way: what comes of it may be known before this goes on.
      output.history?.order(alert.uuid);
      const appended = await intake.submit([alert], { to: [output.runner.id], mark: REPLAYED });
      if (appended.kind === 'refused')
        throw new ApiError(503, 'not-kept', `the alert cannot be kept now: ${appended.reason}`);
      return { ok: true };
    },
  };
}

type Told = Pick<Delivery, 'state' | 'time' | 'attempts' | 'reason'>;

const unheardOf = { time: null, attempts: null, reason: null };

function deliveryTo(
  { runner, settings, history, lastFailure }: PortOutput,
  { alert, mark }: KeptAlert,
  refusal: Told | undefined,
  nowMs: number,
): Told {
  const fate = history?.of(alert.uuid);
  if (fate !== undefined)
    return {
      state: states[fate.kind],
      time: new Date(fate.timeMs).toISOString(),
      attempts: fate.attempts,
      reason: fate.reason === '' ? null : fate.reason,
    };
  if (refusal !== undefined) return refusal;
  if (mark !== undefined) return { ...unheardOf, state: 'skipped', reason: mark };
  const { minimumpriority } = settings.common;
  if (!passesPriority(alert, minimumpriority))
    return { ...unheardOf, state: 'skipped', reason: `it is less urgent than ${minimumpriority}` };
  // Those that wait came in after the oldest of them.
  const isYounger = nowMs - Number(alert.timeNs / 1_000_000n) <= runner.oldestMs;
  if (runner.lagCount > 0 && isYounger)
    return { ...unheardOf, state: 'waiting', reason: lastFailure()?.reason ?? null };
  return { ...unheardOf, state: 'unknown' };
}

/** By output: those of which a dead letter has the alert. */
async function refusalsOf(uuid: string, port: OutputsPort): Promise<ReadonlyMap<string, Told>> {
  const found = new Map<string, Told>();
  const looked = new Map<string, number>();
  const isKnown = new Set(
    port.outputs.filter(({ history }) => history?.of(uuid) !== undefined).map(({ runner }) => runner.id),
  );
  for (const place of await findDeadLetters(port.letterFolder)) {
    const count = (looked.get(place.output) ?? 0) + 1;
    looked.set(place.output, count);
    if (isKnown.has(place.output) || found.has(place.output) || count > MOST_LETTERS) continue;
    const letter = await readDeadLetter(place);
    if (letter === undefined || !letter.text.includes(uuid)) continue;
    const { time, attempts, reason } = letterShape(place, letter.text);
    found.set(place.output, { state: 'refused', time: time === '' ? null : time, attempts, reason });
  }
  return found;
}
