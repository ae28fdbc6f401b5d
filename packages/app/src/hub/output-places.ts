/** The places of outputs in the journal, and what is told of the journal. */

import type { Journal, JournalReport } from '@peregrine/journal';
import type { SinkSettings } from '@peregrine/outputs/hub';
import type { HubLog } from './hub-log.ts';

/** Before the ids of outputs; other places have names of their own. */
const CONSUMER = 'output:';
/** The same trouble with the disk is told at most this often, milliseconds. */
const TROUBLE_PAUSE_MS = 10_000;

export const placeNameOf = ({ id }: SinkSettings): string => `${CONSUMER}${id}`;

/** Nothing is kept for outputs that are not there any more. */
export function forgetOthers(journal: Journal, outputs: readonly SinkSettings[], log: HubLog): void {
  const wanted = new Set(outputs.map(placeNameOf));
  for (const { name, lagCount } of journal.consumers) {
    if (!name.startsWith(CONSUMER) || wanted.has(name)) continue;
    journal.forget(name);
    if (lagCount > 0) {
      const id = name.slice(CONSUMER.length);
      log('warning', `\`${id}\` is off: the ${lagCount} alerts that it had not taken are given up`);
    }
  }
}

export function journalReporter(log: HubLog): (report: JournalReport) => void {
  const lastTold = new Map<string, number>();
  return (report) => {
    const message = wordingOf(report);
    const now = performance.now();
    if (
      report.kind === 'disk' &&
      now - (lastTold.get(message) ?? Number.NEGATIVE_INFINITY) < TROUBLE_PAUSE_MS
    )
      return;
    if (lastTold.size > 100) lastTold.clear();
    lastTold.set(message, now);
    log(report.kind === 'torn' ? 'warning' : 'error', message);
  };
}

function wordingOf(report: JournalReport): string {
  switch (report.kind) {
    case 'torn':
      return `the journal ends in the middle of an alert that was never acknowledged: ${report.bytes} bytes are cut off`;
    case 'damaged':
      return `the journal is damaged: ${report.bytes} bytes of ${report.segment}`;
    case 'lost':
      return `${report.count} alerts are lost to \`${report.consumer.replace(CONSUMER, '')}\``;
    case 'dropped':
      return report.why === 'full'
        ? `the journal is full: the oldest alerts are dropped (${report.segment}); \`journal.maxbytes\` sets its size`
        : `the oldest alerts are dropped, since they are too old (${report.segment})`;
    case 'disk':
      return `the disk of the journal refuses (${report.what}): ${report.reason}`;
  }
}
