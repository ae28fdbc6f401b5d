/** What the responder counts. COMPAT: the first families have Talon's names. */

import type { Responder, RunState } from '@peregrine/actions';
import type { MetricFamily, MetricSample } from '@peregrine/api';

export interface ResponseCounts {
  readonly responder: Responder;
  /** By notifier and whether it was told: `slack success`. */
  readonly toldCount: ReadonlyMap<string, number>;
  readonly lagCount: number;
}

const statuses: Partial<Readonly<Record<RunState, string>>> = {
  done: 'success',
  undone: 'success',
  unchanged: 'ignored',
};

export function responseFamilies({
  responder,
  toldCount,
  lagCount,
}: ResponseCounts): readonly MetricFamily[] {
  const { progress } = responder;
  const ended = [...progress.endedCount.values()];
  const samples = responder.plan.rules.map(
    ({ name }): MetricSample => ({
      labels: { rule: name },
      value: responder.countsOf(name).matchCount,
    }),
  );
  return [
    counter('falcosecurity_falco_talon_events_total', 'Alerts that were looked at.', [
      { labels: {}, value: responder.alertCount },
    ]),
    counter('falcosecurity_falco_talon_matches_total', 'Alerts that matched a rule.', samples),
    counter(
      'falcosecurity_falco_talon_actions_total',
      'Actions that are over.',
      ended.map(({ actionner, state, count }) => ({
        labels: {
          actionner,
          category: actionner.split(':')[0] ?? actionner,
          status: statuses[state] ?? (state === 'dry-run' ? 'dry-run' : 'failure'),
          state,
        },
        value: count,
      })),
    ),
    counter(
      'falcosecurity_falco_talon_outputs_total',
      'Files of actions that were put where rules say, or lost.',
      [...responder.keptCount].flatMap(([target, { kept, lost }]) => [
        { labels: { target, category: target.split(':')[0] ?? target, status: 'success' }, value: kept },
        { labels: { target, category: target.split(':')[0] ?? target, status: 'failure' }, value: lost },
      ]),
    ),
    counter(
      'falcosecurity_falco_talon_notifications_total',
      'Times that somebody was told of an action.',
      [...toldCount].map(([key, value]) => {
        const [notifier = '', status = ''] = key.split(' ');
        return { labels: { notifier, status }, value };
      }),
    ),
    counter(
      'peregrine_response_held_total',
      'Decisions that a limit held.',
      responder.limits.map(({ what, scope, heldCount }) => ({ labels: { what, scope }, value: heldCount })),
    ),
    gauge('peregrine_response_running', 'Responses under way.', progress.runningCount),
    gauge('peregrine_response_waiting', 'Responses that wait for their turn.', progress.waitingCount),
    gauge('peregrine_response_queue_alerts', 'Alerts in the journal that were not looked at yet.', lagCount),
  ];
}

function counter(name: string, doc: string, samples: readonly MetricSample[]): MetricFamily {
  return { name, type: 'counter', doc, samples };
}

function gauge(name: string, doc: string, value: number): MetricFamily {
  return { name, type: 'gauge', doc, samples: [{ labels: {}, value }] };
}
