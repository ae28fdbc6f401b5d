/** What is told of a run: an alert of its own, for the outputs of the hub. */

import type { RunRecord, RunState } from '@peregrine/actions';
import { encodeAlert, type HubAlert, type HubValue, type Priority, parseAlertTime } from '@peregrine/alert';

/** Source of such alerts, which lead to no response. */
export const RESPONSE_SOURCE = 'response';

const urgencies: Partial<Readonly<Record<RunState, Priority>>> = {
  waiting: 'Warning',
  failed: 'Error',
  refused: 'Warning',
  unknown: 'Error',
  held: 'Warning',
};

/** `link` leads to where a waiting run is approved. */
export function runAlert(run: RunRecord, link: string | undefined, nowMs: number, uuid: string): HubAlert {
  const written = new Date(nowMs).toISOString();
  const time = parseAlertTime(written);
  const fields: Record<string, HubValue> = {
    'k8s.ns.name': run.namespace ?? null,
    'response.action': run.action,
    'response.actionner': run.actionner,
    'response.alert': run.alertUuid,
    'response.alert.rule': run.alertRule,
    'response.id': run.id,
    'response.rule': run.rule,
    'response.state': run.state,
    'response.summary': run.summary,
    'response.target': run.target,
    ...(link === undefined ? {} : { 'response.link': link }),
  };
  const alert = {
    uuid,
    output: textOf(run, link),
    priority: urgencies[run.state] ?? 'Notice',
    rule: `Response: ${run.rule}`,
    time: time?.text ?? written,
    timeNs: time?.ns ?? 0n,
    source: RESPONSE_SOURCE,
    tags: ['response'],
    hostname: run.hostname,
    fields: Object.fromEntries(
      Object.entries(fields)
        .filter(([, value]) => value !== null)
        .sort(),
    ),
  };
  return { ...alert, json: encodeAlert(alert) };
}

function textOf(
  { state, actionner, target, summary, alertRule }: RunRecord,
  link: string | undefined,
): string {
  const what = `${actionner}${target === '' ? '' : ` on ${target}`}`;
  const about = `because of "${alertRule}"`;
  if (state !== 'waiting') return `${what}, ${about}: ${state}: ${summary}`;
  return `${what}, ${about}, waits for approval${link === undefined ? '' : `: ${link}`}`;
}
