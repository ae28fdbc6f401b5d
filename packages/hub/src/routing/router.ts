/**
 * Where each alert goes: silences first, then routes, then noise. What goes nowhere is kept all the same, with a word that
 * says why.
 *
 * Alerts of the rule of tests go everywhere.
 */

import { type HubAlert, TEST_RULE } from '@peregrine/alert';
import type { Conditions } from '@peregrine/query';
import { noiseMark } from './held-tally.ts';
import { Noise, type NoiseSettings, type RollUp } from './noise.ts';
import type { Schedule } from './schedule.ts';

export interface RouteSettings {
  readonly name: string;
  readonly outputs: readonly string[];
  /** Only at these times. */
  readonly schedule: Schedule | undefined;
  /** Whether later routes are looked at, too. */
  readonly continues: boolean;
}

export interface SilenceSettings {
  readonly name: string;
  /** Milliseconds since the epoch; `undefined`: open on that side. */
  readonly fromMs: number | undefined;
  readonly untilMs: number | undefined;
  readonly schedule: Schedule | undefined;
}

export interface RouterSettings {
  readonly silences: readonly SilenceSettings[];
  readonly routes: readonly RouteSettings[];
  readonly noise: readonly NoiseSettings[];
  /** Of silences, routes and noise, in this order. */
  readonly conditions: Conditions;
  readonly newUuid: () => string;
}

export interface Decision {
  /** Names of outputs; `undefined`: all. */
  readonly to: readonly string[] | undefined;
  /** Why it goes nowhere: `silence NAME`, `noise NAME`. */
  readonly mark: string | undefined;
}

const everywhere: Decision = Object.freeze({ to: undefined, mark: undefined });

export class Router {
  readonly #settings: RouterSettings;
  readonly #noise: readonly Noise[];

  /** Alerts that a silence kept, by its name. */
  readonly silencedCounts = new Map<string, number>();

  constructor(settings: RouterSettings) {
    this.#settings = settings;
    this.#noise = settings.noise.map((own) => new Noise(own, settings.newUuid));
  }

  get noise(): readonly Noise[] {
    return this.#noise;
  }

  /** `nowMs` is the time of day; `monotonicMs` never goes backwards. */
  decide(alert: HubAlert, nowMs: number, monotonicMs: number): Decision {
    if (alert.rule === TEST_RULE) return everywhere;
    const { silences, routes, conditions } = this.#settings;
    const holding = conditions.holding(alert);
    const silence = silences.find((own, i) => holding.has(i) && isInForce(own, nowMs));
    if (silence !== undefined) {
      this.silencedCounts.set(silence.name, (this.silencedCounts.get(silence.name) ?? 0) + 1);
      return { to: [], mark: `silence ${silence.name}` };
    }
    const to = this.#routeOf(holding, silences.length, nowMs);
    const noise = this.#noise.find(
      (own, i) => holding.has(silences.length + routes.length + i) && !own.passes(alert, to, monotonicMs),
    );
    return noise === undefined ? { to, mark: undefined } : { to: [], mark: noiseMark(noise.settings.name) };
  }

  /** What tells of the windows that are over. */
  collect(monotonicMs: number): readonly RollUp[] {
    return this.#noise.flatMap((noise) => noise.collect(monotonicMs));
  }

  /** Where the alert goes, silences and noise apart. `nowMs` is the time of day. */
  routeOf(alert: HubAlert, nowMs: number): readonly string[] | undefined {
    const { silences, conditions } = this.#settings;
    return this.#routeOf(conditions.holding(alert), silences.length, nowMs);
  }

  /** The first route that fits, and later ones where it says so; all outputs where none does. */
  #routeOf(holding: ReadonlySet<number>, start: number, nowMs: number): readonly string[] | undefined {
    let to: readonly string[] | undefined;
    for (const [i, { outputs, schedule, continues }] of this.#settings.routes.entries()) {
      if (!holding.has(start + i) || schedule?.isOn(nowMs) === false) continue;
      to = to === undefined ? outputs : [...new Set([...to, ...outputs])];
      if (!continues) break;
    }
    return to;
  }
}

function isInForce({ fromMs, untilMs, schedule }: SilenceSettings, nowMs: number): boolean {
  return (
    (fromMs === undefined || nowMs >= fromMs) &&
    (untilMs === undefined || nowMs < untilMs) &&
    (schedule === undefined || schedule.isOn(nowMs))
  );
}
