/**
 * Alerts that were held and that nobody was told of, since the hub was killed before their windows ended: counted from
 * what the journal has, alert by alert in its order.
 */

import type { HubAlert } from '@peregrine/alert';
import { groupKeyOf, HELD_FIELD, NOISE_FIELD, type NoiseSettings, type RollUp, rollUpOf } from './noise.ts';

interface Count {
  readonly settings: NoiseSettings;
  /** The first of those that were held. */
  first: HubAlert | undefined;
  heldCount: number;
  lastTime: string;
}

/** As `Decision.mark` has it. */
export function noiseMark(name: string): string {
  return `noise ${name}`;
}

export class HeldTally {
  readonly #byMark: ReadonlyMap<string, NoiseSettings>;
  readonly #byName: ReadonlyMap<string, NoiseSettings>;
  readonly #counts = new Map<string, Count>();

  constructor(noise: readonly NoiseSettings[]) {
    const told = noise.filter(({ hasRollUp }) => hasRollUp);
    this.#byMark = new Map(told.map((own) => [noiseMark(own.name), own]));
    this.#byName = new Map(told.map((own) => [own.name, own]));
  }

  /** `mark` is why the alert went nowhere. */
  note(alert: HubAlert, mark: string | undefined): void {
    const held = mark === undefined ? undefined : this.#byMark.get(mark);
    if (held !== undefined) {
      const count = this.#countOf(alert, held);
      count.first ??= alert;
      count.heldCount++;
      count.lastTime = alert.time;
      return;
    }
    const name = alert.fields[NOISE_FIELD];
    const told = typeof name === 'string' ? this.#byName.get(name) : undefined;
    if (told === undefined) return;
    // It may tell of some that were held before what is read begins.
    const count = this.#countOf(alert, told);
    count.heldCount = Math.max(0, count.heldCount - Number(alert.fields[HELD_FIELD] ?? 0));
    if (count.heldCount === 0) count.first = undefined;
  }

  /** `routeOf` says where an alert would have gone. */
  rollUps(
    routeOf: (alert: HubAlert) => readonly string[] | undefined,
    newUuid: () => string,
  ): readonly RollUp[] {
    return [...this.#counts.values()].flatMap(({ first, heldCount, lastTime, settings }) =>
      first === undefined || heldCount === 0
        ? []
        : [rollUpOf({ first, heldCount, lastTime, to: routeOf(first) }, settings, newUuid())],
    );
  }

  #countOf(alert: HubAlert, settings: NoiseSettings): Count {
    const key = `${settings.name}\0${groupKeyOf(alert, settings)}`;
    const known = this.#counts.get(key);
    if (known !== undefined) return known;
    const count: Count = { settings, first: undefined, heldCount: 0, lastTime: alert.time };
    this.#counts.set(key, count);
    return count;
  }
}
