/** Some thousands of alerts that came one after the other, as what filters and counts read: fields in columns, words. */

import type { Column } from './column.ts';
import type { RowSet } from './row-set.ts';

export interface Segment {
  readonly id: number;
  /** Sequence number of its first alert; the others follow. */
  readonly firstSeq: number;
  readonly rowCount: number;
  /** Times are nanoseconds since this one; exact, since a segment spans less than 2^53 ns. */
  readonly baseNs: bigint;
  readonly minNs: bigint;
  readonly maxNs: bigint;
  /** One for each row at least. */
  readonly offsets: Float64Array;
  /** Rows whose words have the part in them. */
  rowsWithPart(part: string): RowSet;
  /** `undefined`: no alert has it. */
  column(name: string): Column | undefined;
  columnNames(): readonly string[];
  /** First 32 bits of each alert's uuid. */
  readonly uuidHeads: Uint32Array;
}

/** Longest time that a segment may span, nanoseconds. */
export const MOST_SPAN_NS = 2n ** 52n;

/** The column of an output field; those that every alert has are called as they are. */
export const fieldColumn = (field: string): string => `.${field}`;

/** The column of a dimension; `undefined` for those that are no column. */
export function columnOf(dimension: string): string | undefined {
  switch (dimension) {
    case 'rule':
    case 'priority':
    case 'source':
    case 'hostname':
    case 'tags':
    case 'output':
    case 'incident':
      return dimension;
    case 'state':
    case 'assignee':
      return undefined;
    default:
      return fieldColumn(dimension.replace(/^output_fields\./, ''));
  }
}

/** Numbers that tell the time are not searched: nobody looks for them, and each would be a word of its own. */
export const isSearched = (field: string): boolean => !/^evt\.(?:raw)?time\b/.test(field);

export function uuidHead(uuid: string): number {
  return Number.parseInt(uuid.slice(0, 8), 16) >>> 0;
}

/** COMPAT: `23:39:44.834631763: Notice ` in front of the text, which is the time and the priority once more. */
const PREFIX =
  /^\d\d:\d\d:\d\d(?:\.\d+)?: (?:Emergency|Alert|Critical|Error|Warning|Notice|Informational|Info|Debug) /;

/** The text of an alert as the store searches and shows it. */
export function withoutPrefix(output: string): string {
  return output.replace(PREFIX, '');
}
