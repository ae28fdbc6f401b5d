/** What the API shows of alerts, incidents and stories. */

import { type AlertStory, ExactNumber, type HubValue } from '@peregrine/alert';
import type { Alert, FieldValue, Incident, Story, StoryProcess } from '@peregrine/api/contract';
import { type KeptAlert, type Incident as KeptIncident, withoutPrefix } from '@peregrine/store';

/** RFC 3339 with nanoseconds. */
export function timeText(ns: bigint): string {
  const ms = Number(ns / 1_000_000n);
  return `${new Date(ms).toISOString().slice(0, 19)}.${String(((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n).padStart(9, '0')}Z`;
}

export function alertShape({ id, alert, mark, state, assignee, incidentId }: KeptAlert): Alert {
  return {
    id,
    uuid: alert.uuid,
    time: alert.time,
    priority: alert.priority,
    rule: alert.rule,
    source: alert.source,
    hostname: alert.hostname,
    tags: [...alert.tags],
    output: withoutPrefix(alert.output),
    fields: Object.fromEntries(
      Object.entries(alert.fields).map(([name, value]) => [name, fieldShape(value)]),
    ),
    state,
    assignee: assignee ?? null,
    incidentId,
    mark: mark ?? null,
  };
}

/** JavaScript's numbers as they are; others as their digits. */
export function fieldShape(value: HubValue): FieldValue {
  if (typeof value === 'bigint') return { $number: String(value) };
  if (value instanceof ExactNumber) return { $number: value.text };
  if (Array.isArray(value)) return value.map(fieldShape);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, fieldShape(child)]));
  return value;
}

export function incidentShape(incident: KeptIncident): Incident {
  const { id, rule, source, workload, hostname, priority, firstNs, lastNs, count, state, assignee, output } =
    incident;
  return {
    ...{ id, rule, source, workload, hostname, priority, count, state, output },
    firstTime: timeText(firstNs),
    lastTime: timeText(lastNs),
    assignee: assignee ?? null,
  };
}

const processShape = ({ startNs, ...rest }: AlertStory['ancestors'][number]): StoryProcess => ({
  ...rest,
  ...(startNs === undefined ? {} : { startTime: timeText(BigInt(startNs)) }),
});

export function storyShape({
  key: _,
  process,
  ancestors,
  siblings,
  children,
  before,
  after,
  ...rest
}: AlertStory): Story {
  const event = ({ timeNs, ...of }: AlertStory['before'][number]) => ({
    ...of,
    time: timeText(BigInt(timeNs)),
  });
  return {
    ...(process === undefined ? {} : { process: processShape(process) }),
    ancestors: ancestors.map(processShape),
    siblings: siblings.map(processShape),
    children: children.map(processShape),
    before: before.map(event),
    after: after.map(event),
    // Lists of terms are not changed by whoever shows them.
    ...(rest.condition === undefined ? {} : { condition: rest.condition as NonNullable<Story['condition']> }),
    ...(rest.note === undefined ? {} : { note: rest.note }),
  };
}
