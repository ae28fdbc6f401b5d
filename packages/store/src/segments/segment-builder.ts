/** The segment that alerts are added to: complete in memory, and made into bytes when it is full. */

import { encodeJson, type HubAlert, type HubValue, textOfValue } from '@peregrine/alert';
import { type Column, ColumnBuilder, MOST_ROWS } from './column.ts';
import type { RowSet } from './row-set.ts';
import { fieldColumn, isSearched, MOST_SPAN_NS, type Segment, uuidHead, withoutPrefix } from './segment.ts';
import { WordIndexBuilder } from './word-index.ts';

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

interface GrowingColumn {
  readonly values: ColumnBuilder;
  /** Whether its words are found. */
  readonly isSearched: boolean;
  /** For numbers of values: the numbers of their words. */
  readonly words: (readonly number[] | undefined)[];
}

/** HOT: `add`. */
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
  readonly #columns = new Map<string, GrowingColumn>();
  /** Those of fields by the fields' names, which need not be made into names of columns for each alert. */
  readonly #ofFields = new Map<string, GrowingColumn>();
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
    const output = withoutPrefix(alert.output);
    this.#words.startRow();
    this.#set(row, this.#column('rule'), alert.rule);
    this.#set(row, this.#column('priority'), alert.priority);
    this.#set(row, this.#column('source'), alert.source);
    this.#set(row, this.#column('output'), output);
    this.#set(row, this.#column('incident', false), incidentId);
    if (alert.hostname !== '') this.#set(row, this.#column('hostname'), alert.hostname);
    if (alert.tags.length > 0) this.#setTags(row, alert.tags);
    if (mark !== undefined) this.#set(row, this.#column('mark', false), mark);
    for (const name in alert.fields) {
      const value = alert.fields[name];
      if (value !== undefined && value !== null) this.#setField(row, name, value);
    }
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
    return this.#columns.get(name)?.values;
  }

  rowsWithPart(part: string): RowSet {
    return this.#words.rowsWith(part, this.rowCount);
  }

  columnNames(): readonly string[] {
    return [...this.#columns.keys()];
  }

  /** Alerts that have it. */
  presentIn(name: string): number {
    const { codes } = this.#columns.get(name)?.values ?? { codes: new Uint16Array() };
    let count = 0;
    for (let row = 0; row < this.rowCount && row < codes.length; row++) if (codes[row] !== 0) count++;
    return count;
  }

  encodeColumn(name: string): Buffer {
    const column = this.#columns.get(name)?.values;
    if (column === undefined) throw new Error(`there is no column ${name}`);
    return column.encode(this.rowCount);
  }

  encodeWords(): ReturnType<WordIndexBuilder['encode']> {
    return this.#words.encode();
  }

  #set(row: number, column: GrowingColumn, text: string): void {
    const code = column.values.setText(row, text);
    if (column.isSearched) this.#addWords(column, code, text);
  }

  #setTags(row: number, tags: readonly string[]): void {
    const column = this.#column('tags');
    const code = column.values.setJson(row, JSON.stringify(tags));
    this.#addWords(column, code, tags);
  }

  #setField(row: number, name: string, value: HubValue): void {
    const column = this.#ofFields.get(name) ?? this.#beginField(name);
    if (column === undefined) {
      if (isSearched(name)) this.#words.add(textOfValue(value));
      return;
    }
    if (typeof value === 'string') {
      this.#set(row, column, value);
      return;
    }
    const json = encodeJson(value);
    const code = column.values.setJson(row, json);
    if (column.isSearched) this.#addWords(column, code, json);
  }

  /** `undefined`: there are too many. */
  #beginField(name: string): GrowingColumn | undefined {
    if (this.#columns.size >= MOST_COLUMNS) return undefined;
    const column = this.#column(fieldColumn(name), isSearched(name));
    this.#ofFields.set(name, column);
    return column;
  }

  /** Of texts that come again, words are looked up once. */
  #addWords({ values, words }: GrowingColumn, code: number, text: string | readonly string[]): void {
    const known = words[code];
    if (known !== undefined) {
      this.#words.addAll(known);
      return;
    }
    const whole = typeof text === 'string' ? text : text.join('\n');
    if (values.isMostlyUnique) {
      this.#words.add(whole);
      return;
    }
    const numbers = this.#words.numbersOf(whole);
    words[code] = numbers;
    this.#words.addAll(numbers);
  }

  #column(name: string, isSearchedFor = true): GrowingColumn {
    const known = this.#columns.get(name);
    if (known !== undefined) return known;
    const column = { values: new ColumnBuilder(), isSearched: isSearchedFor, words: [] };
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
