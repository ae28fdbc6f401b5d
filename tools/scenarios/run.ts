/** Runs scenarios through the tables, the fields and the rules, exactly as events from a kernel would be. */

import type { Alert } from '@peregrine/alert';
import { Engine, type Ruleset } from '@peregrine/engine';
import { type EventContext, StateEngine } from '@peregrine/state';
import type { Scenario } from './scenario.ts';
import { eventsOf } from './steps.ts';
import { describeWorld } from './world.ts';

/** All alerts that the scenario's events give. A bug met on the way is thrown. */
export function alertsOf(scenario: Scenario, ruleset: Ruleset<EventContext>): readonly Alert[] {
  const alerts: Alert[] = [];
  const state = new StateEngine();
  const engine = new Engine({
    state,
    ruleset,
    hostname: 'host',
    onAlert: (alert) => alerts.push(alert),
    onBug: (error) => {
      throw error;
    },
  });
  const { actors, views } = eventsOf(scenario);
  describeWorld(actors, state.sink);
  for (const view of views) engine.process(view);
  return alerts;
}
