/** Values of fields as texts of people: what chats, mails and labels show. */

import type { HubValue } from './hub-alert.ts';
import { encodeJson } from './json/encode-json.ts';
import { ExactNumber } from './json/exact-number.ts';

/** Text as it is, numbers to the last digit, lists and objects as JSON; `null` is empty. */
export function textOfValue(value: HubValue): string {
  if (typeof value === 'string') return value;
  return value === null ? '' : encodeJson(value);
}

/** Whether the value is a number of any kind. */
export function isNumeric(value: HubValue): boolean {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof ExactNumber;
}
