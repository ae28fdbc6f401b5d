/** How files are called that actions give. COMPAT: as Talon calls them, but in UTC, which their `Z` says. */

import { type HubAlert, textOfValue } from '@peregrine/alert';
import type { RunRecord } from '../run/run-record.ts';

const MOST_PART = 100;

/** `2026-01-31T09-08-07Z_default_alpine_etc_passwd`: the same for the same run; nothing in it is a folder. */
export function artifactName(
  file: string,
  { decidedMs }: Pick<RunRecord, 'decidedMs'>,
  alert: HubAlert,
): string {
  const time = new Date(decidedMs)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-');
  const parts = placesOf(alert);
  return [time, ...parts, file]
    .map(safe)
    .filter((part) => part !== '')
    .join('_');
}

/** Namespace and pod; or the machine. */
function placesOf({ fields, hostname }: HubAlert): readonly string[] {
  const texts = ['k8s.ns.name', 'k8s.pod.name'].map((name) => textOfValue(fields[name] ?? null));
  const found = texts.filter((text) => text !== '' && text !== '<NA>');
  return found.length > 0 ? found : [hostname];
}

function safe(text: string): string {
  return text
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^[._]+/, '')
    .slice(0, MOST_PART);
}
