/** Alerts for tests. */

import { encodeAlert, type HubAlert, type HubValue, type Priority, parseAlertTime } from '@peregrine/alert';

export interface SampleParts {
  readonly rule?: string;
  readonly priority?: Priority;
  readonly source?: string;
  readonly hostname?: string;
  readonly tags?: readonly string[];
  readonly output?: string;
  readonly timeNs?: bigint;
  readonly fields?: Readonly<Record<string, HubValue>>;
  readonly uuid?: string;
}

export const BASE_NS = 1_790_000_000_000_000_000n;

export function sampleAlert(parts: SampleParts = {}): HubAlert {
  const timeNs = parts.timeNs ?? BASE_NS;
  const seconds = new Date(Number(timeNs / 1_000_000n)).toISOString().slice(0, 19);
  const fraction = String(timeNs % 1_000_000_000n).padStart(9, '0');
  const alert = {
    uuid: parts.uuid ?? crypto.randomUUID(),
    output: parts.output ?? 'something happened',
    priority: parts.priority ?? 'Notice',
    rule: parts.rule ?? 'Sample',
    time: parseAlertTime(`${seconds}.${fraction}Z`)?.text ?? '',
    source: parts.source ?? 'syscall',
    tags: parts.tags ?? [],
    hostname: parts.hostname ?? 'node-1',
    fields: parts.fields ?? { 'proc.name': 'sh' },
  };
  return { ...alert, timeNs, json: encodeAlert(alert) };
}

/** Alerts that follow each other, of seven rules on three hosts; the number is in a field. */
export function numberedAlert(number: number): HubAlert {
  return sampleAlert({
    uuid: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    rule: `Rule ${number % 7}`,
    hostname: `node-${number % 3}`,
    timeNs: BASE_NS + BigInt(number) * 1_000_000n,
    output: `number ${number} was seen`,
    fields: { number, 'proc.name': ['sh', 'curl', 'cat'][number % 3] ?? 'sh' },
  });
}
