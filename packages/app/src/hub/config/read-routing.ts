/** Routes, silences, noise and schedules of the configuration, compiled. */

import { type ConfigNode, type Diagnostic, nearestName } from '@peregrine/base';
import { createSchedule, type RouterSettings, type Schedule } from '@peregrine/hub';
import { sinkRoster } from '@peregrine/outputs/hub';
import { type Conditions, compileConditions } from '@peregrine/query';
import { badCondition, badSchedule, noSuchOutput, noSuchSchedule, overSilence } from './diagnostics.ts';
import type { HubSettings } from './keys.ts';

export type Routing = Omit<RouterSettings, 'newUuid'>;

export interface RoutingPlaces {
  /** Whether alerts may be sent there; also where something else is wrong with it, which is told elsewhere. */
  readonly isOutput: (name: string) => boolean;
  /** Whether the schedules could be read. */
  readonly hasSchedules: boolean;
  readonly report: (diagnostic: Diagnostic) => void;
}

/** `undefined` when nothing is configured, so that nothing is asked of any alert; or when it cannot be used. */
export function readRouting(
  settings: HubSettings,
  node: ConfigNode,
  { isOutput, hasSchedules, report }: RoutingPlaces,
): Routing | undefined {
  const { silences, routes, noise } = settings;
  const schedules = schedulesOf(settings, node, report);
  const scheduleOf = (path: string, name: string, span: Diagnostic['span']): Schedule | undefined => {
    const found = schedules.get(name);
    const isNone = !settings.schedules.some((own) => own.name === name);
    if (name !== '' && isNone && hasSchedules) report(noSuchSchedule.at({ span }, `${path}.schedule`, name));
    return found;
  };
  const conditions = conditionsOf(settings, node, report);
  const routing = {
    silences: silences.map((own, i) => {
      const path = `silences[${i}]`;
      const span = itemAt(node, 'silences', i);
      if (own.until !== undefined && own.until < Date.now()) report(overSilence.at({ span }, path));
      return {
        name: own.name || String(i + 1),
        fromMs: own.from,
        untilMs: own.until,
        schedule: scheduleOf(path, own.schedule, span),
      };
    }),
    routes: routes.map((own, i) => {
      const path = `routes[${i}]`;
      const span = itemAt(node, 'routes', i);
      for (const name of own.outputs) checkOutput(`${path}.outputs`, name, isOutput, span, report);
      return {
        name: own.name || String(i + 1),
        outputs: own.outputs,
        schedule: scheduleOf(path, own.schedule, span),
        continues: own.continue,
      };
    }),
    noise: noise.map((own, i) => ({
      name: own.name || String(i + 1),
      groupBy: own.groupby,
      windowMs: own.window,
      most: own.most,
      hasRollUp: own.rollup,
    })),
  };
  const isEmpty = silences.length + routes.length + noise.length === 0;
  return isEmpty || conditions === undefined ? undefined : { ...routing, conditions };
}

function schedulesOf(
  { schedules }: HubSettings,
  node: ConfigNode,
  report: (diagnostic: Diagnostic) => void,
): ReadonlyMap<string, Schedule> {
  const found = new Map<string, Schedule>();
  for (const [i, own] of schedules.entries()) {
    const schedule = createSchedule(own);
    if ('isOn' in schedule) found.set(own.name, schedule);
    else {
      for (const { key, why } of schedule.problems) {
        const span = itemAt(node, 'schedules', i, key);
        report(badSchedule.at({ span }, `schedules[${i}].${key}`, why));
      }
    }
  }
  return found;
}

/** Of silences, routes and noise, in this order. */
function conditionsOf(
  { silences, routes, noise }: HubSettings,
  node: ConfigNode,
  report: (diagnostic: Diagnostic) => void,
): Conditions | undefined {
  const places = [
    ...silences.map((own, i) => ({ key: 'silences', i, condition: own.condition })),
    ...routes.map((own, i) => ({ key: 'routes', i, condition: own.condition })),
    ...noise.map((own, i) => ({ key: 'noise', i, condition: own.condition })),
  ];
  const compiled = compileConditions(places.map(({ condition }) => condition));
  if (!('problems' in compiled)) return compiled;
  for (const { index, message } of compiled.problems) {
    const place = places[index];
    if (place === undefined) continue;
    const span = itemAt(node, place.key, place.i, 'condition');
    report(badCondition.at({ span }, `${place.key}[${place.i}].condition`, message));
  }
  return undefined;
}

/** Names of outputs, or of one destination of several. */
function checkOutput(
  path: string,
  name: string,
  isOutput: (name: string) => boolean,
  span: Diagnostic['span'],
  report: (diagnostic: Diagnostic) => void,
): void {
  const [first = ''] = name.split(' ');
  if (isOutput(first)) return;
  const names = sinkRoster.map((sink) => sink.name);
  report(noSuchOutput.at({ span }, path, name, names.includes(name), nearestName(name, names)));
}

function itemAt(node: ConfigNode, key: string, index: number, below?: string): Diagnostic['span'] {
  const list = node.kind === 'map' ? node.entries.get(key) : undefined;
  const item = list?.kind === 'list' ? list.items[index] : undefined;
  const child = below !== undefined && item?.kind === 'map' ? item.entries.get(below) : undefined;
  return child?.span ?? item?.span ?? list?.span ?? node.span;
}
