/** The segment that alerts are added to: complete in memory, and made into bytes when it is full. */

import { encodeJson, type HubAlert, textOfValue } from '@peregrine/alert';
import { type Column, ColumnBuilder, MOST_ROWS } from './column.ts';
import type { RowSet } from './row-set.ts';
import { fieldColumn, isSearched, MOST_SPAN_NS, type Segment, uuidHead, withoutPrefix } from './segment.ts';
import { foldText, WordIndexBuilder } from './word-index.ts';

/** Fields that can be asked for; an alert that alone has more is found by the others, and by its text. */
const MOST_COLUMNS = 2_048;
const MOST_BYTES = 64 * 1024 * 1024;

/** What a segment holds, or would hold with more alerts. */
export interface SegmentLoad {
  readonly rowCount: number;
  readonly sizeBytes: number;
  readonly minNs: bigint;
  readonly maxNs: bigint;
}

export class SegmentBuilder implements Segment {
  readonly id: number;
  readonly firstSeq: number;
  readonly baseNs: bigint;
  minNs: bigint;
  maxNs: bigint;
  rowCount = 0;
  /** JSON of its alerts. */
  sizeBytes = 0;
  #offsets = new Float64Array(1_024);
  #uuidHeads = new Uint32Array(1_024);
  readonly #columns = new Map<string, ColumnBuilder>();
  readonly #words = new WordIndexBuilder();

  readonly #mostRows: number;

  constructor(id: number, firstSeq: number, firstNs: bigint, mostRows = MOST_ROWS) {
    this.#mostRows = Math.min(mostRows, MOST_ROWS);
    this.id = id;
    this.firstSeq = firstSeq;
    this.baseNs = firstNs;
    this.minNs = firstNs;
    this.maxNs = firstNs;
  }

  add(alert: HubAlert, incidentId: string, mark: string | undefined): void {
    const row = this.rowCount++;
    if (row >= this.#offsets.length) this.#grow();
    const { timeNs } = alert;
    this.#offsets[row] = Number(timeNs - this.baseNs);
    if (timeNs < this.minNs) this.minNs = timeNs;
    if (timeNs > this.maxNs) this.maxNs = timeNs;
    this.#uuidHeads[row] = uuidHead(alert.uuid);
    this.sizeBytes += alert.json.length;
    this.#set(row, 'rule', alert.rule);
    this.#set(row, 'priority', alert.priority);
    this.#set(row, 'source', alert.source);
    const output = withoutPrefix(alert.output);
    this.#set(row, 'output', output);
    this.#set(row, 'incident', incidentId);
    if (alert.hostname !== '') this.#set(row, 'hostname', alert.hostname);
    if (alert.tags.length > 0) this.#column('tags').set(row, JSON.stringify(alert.tags));
    if (mark !== undefined) this.#set(row, 'mark', mark);
    const texts = [alert.rule, alert.priority, alert.source, alert.hostname, ...alert.tags, output];
    for (const name in alert.fields) {
      const value = alert.fields[name];
      if (value === undefined || value === null) continue;
      const column = fieldColumn(name);
      if (this.#columns.has(column) || this.#columns.size < MOST_COLUMNS)
        this.#column(column).set(row, encodeJson(value));
      if (isSearched(name)) texts.push(textOfValue(value));
    }
    this.#words.add(foldText(texts.join('\n')));
  }

  /** Whether it may come to hold so much. */
  hasRoomFor(load: SegmentLoad): boolean {
    return (
      load.rowCount <= this.#mostRows &&
      load.sizeBytes <= MOST_BYTES &&
      load.maxNs - load.minNs <= MOST_SPAN_NS &&
      this.#columns.size < MOST_COLUMNS
    );
  }

  get offsets(): Float64Array {
    return this.#offsets;
  }

  get uuidHeads(): Uint32Array {
    return this.#uuidHeads;
  }

  column(name: string): Column | undefined {
    return this.#columns.get(name);
  }

  rowsWithPart(part: string): RowSet {
    return this.#words.rowsWith(part, this.rowCount);
  }

  columnNames(): readonly string[] {
    return [...this.#columns.keys()];
  }

  /** Alerts that have it. */
  presentIn(name: string): number {
    const { codes } = this.#columns.get(name) ?? { codes: new Uint16Array() };
    let count = 0;
    for (let row = 0; row < this.rowCount && row < codes.length; row++) if (codes[row] !== 0) count++;
    return count;
  }

  encodeColumn(name: string): Buffer {
    const column = this.#columns.get(name);
    if (column === undefined) throw new Error(`there is no column ${name}`);
    return column.encode(this.rowCount);
  }

  encodeWords(): ReturnType<WordIndexBuilder['encode']> {
    return this.#words.encode();
  }

  #set(row: number, name: string, text: string): void {
    this.#column(name).set(row, JSON.stringify(text));
  }

  #column(name: string): ColumnBuilder {
    const known = this.#columns.get(name);
    if (known !== undefined) return known;
    const column = new ColumnBuilder();
    this.#columns.set(name, column);
    return column;
  }

  #grow(): void {
    const offsets = new Float64Array(this.#offsets.length * 2);
    offsets.set(this.#offsets);
    this.#offsets = offsets;
    const heads = new Uint32Array(this.#uuidHeads.length * 2);
    heads.set(this.#uuidHeads);
    this.#uuidHeads = heads;
  }
}
