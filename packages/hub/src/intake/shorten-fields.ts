/** COMPAT: of an alert that is long, long fields are shortened, in the text of the output, too. */

import type { HubValue } from '@peregrine/alert';

/** Alerts below this stay as they are, bytes of JSON. */
export const MOST_ALERT_BYTES = 4_096;
const MOST_FIELD_BYTES = 512;
const MARK = '[...]';

export interface Shortened {
  readonly output: string;
  readonly fields: Readonly<Record<string, HubValue>>;
}

export function shortenFields(output: string, fields: Readonly<Record<string, HubValue>>): Shortened {
  const shortened: Record<string, HubValue> = { ...fields };
  let text = output;
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value !== 'string' || value.length * 3 <= MOST_FIELD_BYTES) continue;
    const bytes = Buffer.from(value, 'utf8');
    if (bytes.length <= MOST_FIELD_BYTES) continue;
    const short = `${wholeText(bytes.subarray(0, MOST_FIELD_BYTES - MARK.length))}${MARK}`;
    shortened[name] = short;
    text = text.replace(value, () => short);
  }
  return { output: text, fields: shortened };
}

/** Without the part of a character that the cut may have left. */
function wholeText(bytes: Buffer): string {
  let end = bytes.length;
  while (end > 0 && end > bytes.length - 4 && ((bytes[end - 1] ?? 0) & 0xc0) === 0x80) end--;
  const lead = bytes[end - 1] ?? 0;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return bytes.subarray(0, end - 1 + length <= bytes.length ? end - 1 + length : end - 1).toString('utf8');
}
