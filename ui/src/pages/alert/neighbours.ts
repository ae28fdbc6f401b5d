/** The alerts before and after one, among those that the page's filter finds. */

import type { Alert } from '@peregrine/api/contract';
import { call } from '../../api.ts';
import { filterOfPlace } from '../../filter.ts';

/** A list that is read from its newest end knows nothing of what comes next but by reading up to it. */
const MOST_READ = 1_000;

function filterOf(): Omit<ReturnType<typeof filterOfPlace>, 'since' | 'from' | 'to'> {
  const { since: _since, from: _from, to: _to, ...rest } = filterOfPlace();
  return rest;
}

export async function olderThan(alert: Alert): Promise<string | undefined> {
  // `to` is exclusive, and alerts of the same moment come after in the list.
  const { alerts } = await call('listAlerts', { query: { ...filterOf(), to: alert.time, limit: 1 } });
  return alerts[0]?.id;
}

export async function newerThan(alert: Alert): Promise<string | undefined> {
  const { alerts } = await call('listAlerts', {
    query: { ...filterOf(), from: alert.time, limit: MOST_READ },
  });
  const at = alerts.findIndex(({ id }) => id === alert.id);
  return at > 0 ? alerts[at - 1]?.id : at === -1 ? alerts.at(-1)?.id : undefined;
}
