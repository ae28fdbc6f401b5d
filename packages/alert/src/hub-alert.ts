/**
 * An alert as the hub takes, keeps and passes on: what a sensor, Falco or anything else posted, completed. Its values
 * are those of the JSON that came, numbers to the last digit.
 */

import type { Priority } from './alert.ts';
import type { ExactNumber } from './json/exact-number.ts';

export type HubValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | ExactNumber
  | readonly HubValue[]
  | { readonly [key: string]: HubValue };

export interface HubAlert {
  /** Made when the alert came in; the same for every output and every attempt. */
  readonly uuid: string;
  readonly output: string;
  readonly priority: Priority;
  readonly rule: string;
  /** RFC 3339 without needless zeros, as the outgoing JSON has it. */
  readonly time: string;
  /** The same, nanoseconds since the epoch. */
  readonly timeNs: bigint;
  readonly source: string;
  /** Sorted; may be empty. */
  readonly tags: readonly string[];
  /** May be empty. */
  readonly hostname: string;
  /** `output_fields`, keys sorted; with custom and templated fields. */
  readonly fields: Readonly<Record<string, HubValue>>;
  /** The outgoing JSON without a newline: what most outputs send as it is. */
  readonly json: string;
}

/** The rule whose alerts go to every output, whatever their minimum priority: `POST /test` makes one. */
export const TEST_RULE = 'Test rule';
