/**
 * Groups of alerts that are alike: so many of each pass in a window, the others are counted, and when the window ends one
 * alert says how many there were.
 */

import { encodeAlert, type HubAlert, parseAlertTime, textOfValue } from '@peregrine/alert';

export interface NoiseSettings {
  readonly name: string;
  /** Fields that are equal within a group: `rule`, `hostname`, names of output fields. */
  readonly groupBy: readonly string[];
  readonly windowMs: number;
  /** Alerts of a group that pass in each window. */
  readonly most: number;
  /** Whether one alert tells of those that did not pass. */
  readonly hasRollUp: boolean;
}

/** An alert that stands for others, with where it goes. */
export interface RollUp {
  readonly alert: HubAlert;
  readonly to: readonly string[] | undefined;
}

interface Held {
  readonly first: HubAlert;
  readonly to: readonly string[] | undefined;
  heldCount: number;
  lastTime: string;
}

interface Group extends Held {
  readonly endMs: number;
  passedCount: number;
}

/** Fields of an alert that stands for others: how many, and which settings held them. */
export const HELD_FIELD = 'hub.held';
export const NOISE_FIELD = 'hub.noise';

/** Groups that are kept; alerts of others pass. */
const MOST_GROUPS = 10_000;

export class Noise {
  readonly settings: NoiseSettings;
  readonly #newUuid: () => string;
  /** In the order in which windows end. */
  readonly #groups = new Map<string, Group>();
  readonly #ended: RollUp[] = [];

  /** Alerts that did not pass. */
  heldCount = 0;

  constructor(settings: NoiseSettings, newUuid: () => string) {
    this.settings = settings;
    this.#newUuid = newUuid;
  }

  /** Whether the alert passes. `nowMs` never goes backwards. `to` is where it would go. */
  passes(alert: HubAlert, to: readonly string[] | undefined, nowMs: number): boolean {
    const key = groupKeyOf(alert, this.settings);
    const group = this.#groups.get(key);
    if (group === undefined || group.endMs <= nowMs) {
      if (group !== undefined) this.#end(key, group);
      if (this.#groups.size >= MOST_GROUPS) return true;
      const endMs = nowMs + this.settings.windowMs;
      this.#groups.set(key, { first: alert, to, endMs, passedCount: 1, heldCount: 0, lastTime: alert.time });
      return true;
    }
    if (group.passedCount < this.settings.most) {
      group.passedCount++;
      return true;
    }
    group.heldCount++;
    group.lastTime = alert.time;
    this.heldCount++;
    return false;
  }

  /** Alerts for the windows that are over; `Infinity` ends all. */
  collect(nowMs: number): readonly RollUp[] {
    for (const [key, group] of this.#groups) {
      if (group.endMs > nowMs) break;
      this.#end(key, group);
    }
    return this.#ended.splice(0);
  }

  /** Groups whose window is open. */
  get groupCount(): number {
    return this.#groups.size;
  }

  #end(key: string, group: Group): void {
    this.#groups.delete(key);
    if (this.settings.hasRollUp && group.heldCount > 0)
      this.#ended.push(rollUpOf(group, this.settings, this.#newUuid()));
  }
}

/** Alerts are alike when this is equal. */
export function groupKeyOf(alert: HubAlert, { groupBy }: NoiseSettings): string {
  return groupBy.map((name) => valueOfName(alert, name)).join('\0');
}

/** The alert that stands for those that were held. */
export function rollUpOf(
  { first, to, heldCount, lastTime }: Held,
  settings: NoiseSettings,
  uuid: string,
): RollUp {
  const window = windowText(settings.windowMs);
  const alert = {
    ...first,
    uuid,
    time: lastTime,
    timeNs: parseAlertTime(lastTime)?.ns ?? first.timeNs,
    output: `${heldCount} more ${heldCount === 1 ? 'alert' : 'alerts'} like this within ${window}: ${first.output}`,
    fields: sortedWith(first.fields, {
      'hub.first_time': first.time,
      [HELD_FIELD]: heldCount,
      [NOISE_FIELD]: settings.name,
    }),
  };
  return { alert: { ...alert, json: encodeAlert(alert) }, to };
}

/** What an alert has under the name of a key or of an output field. */
export function valueOfName(alert: HubAlert, name: string): string {
  switch (name) {
    case 'rule':
    case 'priority':
    case 'source':
    case 'hostname':
    case 'output':
      return alert[name];
    case 'tags':
      return alert.tags.join(',');
    default:
      return textOfValue(alert.fields[name.replace(/^output_fields\./, '')] ?? null);
  }
}

function sortedWith(fields: HubAlert['fields'], more: HubAlert['fields']): HubAlert['fields'] {
  const all = { ...fields, ...more };
  return Object.fromEntries(
    Object.keys(all)
      .sort()
      .map((name) => [name, all[name] ?? null]),
  );
}

function windowText(windowMs: number): string {
  if (windowMs % 3_600_000 === 0) return `${windowMs / 3_600_000} h`;
  if (windowMs % 60_000 === 0) return `${windowMs / 60_000} min`;
  return `${windowMs / 1_000} s`;
}
