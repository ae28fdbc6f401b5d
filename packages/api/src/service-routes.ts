/** Health, versions and metrics, under the paths and in the forms of the reference. */

import type { MetricFamily } from './prometheus.ts';
import { renderPrometheus } from './prometheus.ts';
import { jsonAnswer, type Route, textAnswer } from './route.ts';

/** What the routes need to know; whoever opens the server supplies it. */
export interface ServiceFacts {
  /** Path that tells of health: `/healthz`. */
  readonly healthPath: string;
  /** What is wrong, or `undefined` when all is well. */
  readonly trouble: () => Promise<string | undefined>;
  readonly versions: () => Readonly<Record<string, unknown>>;
  /** Absent: metrics are not served. */
  readonly metrics?: (() => Promise<readonly MetricFamily[]>) | undefined;
}

const PROMETHEUS_TYPE = 'text/plain; version=0.0.4';

export function serviceRoutes(facts: ServiceFacts): readonly Route[] {
  const { healthPath, trouble, versions, metrics } = facts;
  return [
    {
      path: healthPath,
      answer: async () => {
        const what = await trouble();
        return what === undefined
          ? jsonAnswer({ status: 'ok' })
          : jsonAnswer({ status: 'failing', reason: what }, 503);
      },
    },
    { path: '/versions', answer: async () => jsonAnswer(versions()) },
    ...(metrics === undefined
      ? []
      : [
          {
            path: '/metrics',
            answer: async () => textAnswer(renderPrometheus(await metrics()), 200, PROMETHEUS_TYPE),
          },
        ]),
  ];
}
