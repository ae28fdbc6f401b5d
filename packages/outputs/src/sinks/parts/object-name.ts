/** Names of objects in buckets, one for each alert. */

import type { HubAlert } from '@peregrine/alert';

/**
 * COMPAT: falcosidekick's names, with the alert's time in place of the clock's, and the id of the delivery behind it: an
 * alert that is sent again has the name that it had, and no two have the same.
 */
export function objectName(prefix: string, { timeNs }: HubAlert, deliveryId: string): string {
  const seconds = new Date(Number(timeNs / 1_000_000n)).toISOString().slice(0, 19);
  const fraction = String(timeNs % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '');
  const time = `${seconds}${fraction === '' ? '' : `.${fraction}`}Z`;
  const folder = prefix.replace(/\/+$/, '');
  return `${folder === '' ? '' : `${folder}/`}${time.slice(0, 10)}/${time}-${deliveryId}.json`;
}
