/** What is sent to whoever is called: the alert, and what is known of it beside. */

import { createHash } from 'node:crypto';
import { encodeJson, type HubAlert } from '@peregrine/alert';
import { fitAlert } from '@peregrine/outputs/remote';

/**
 * JSON of the alert, numbers to the last digit, with `trace_id` and `context` as keys of their own. At most `mostBytes`,
 * unless the context alone is more: long texts of the alert are cut then, and say so. COMPAT: Talon's names of both keys.
 */
export function payloadOf(
  { alert, context }: { readonly alert: HubAlert; readonly context: Readonly<Record<string, string>> },
  mostBytes: number,
): string {
  const added = encodeJson({ trace_id: traceIdOf(alert), context });
  const { json } = fitAlert(alert, mostBytes - Buffer.byteLength(added));
  return `${json.slice(0, -1)},${added.slice(1)}`;
}

/** 32 hexadecimal digits, the same for the same alert. */
export function traceIdOf({ uuid }: Pick<HubAlert, 'uuid'>): string {
  const digits = uuid.replaceAll('-', '').toLowerCase();
  return /^[0-9a-f]{32}$/.test(digits)
    ? digits
    : createHash('sha256').update(uuid).digest('hex').slice(0, 32);
}
