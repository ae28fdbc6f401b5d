/** Blocks of alerts that came one after the other, with what is in them. To be used in the transaction that appends. */

import { decodeAlert, type HubAlert } from '@peregrine/alert';
import { textsIn } from '../match-alert.ts';
import { foldText } from '../segments/fold-text.ts';
import { textsOf } from '../segments/match-rows.ts';
import { type Asked, ask } from './ask.ts';
import { isPaired } from './block-wishes.ts';
import { addGrams, pairGram } from './grams.ts';

/** A block with more in it than that is as one that has everything. */
const MOST_GRAMS = 20_000;
const MOST_PART_CHARS = 200_000;

export interface Numbered {
  readonly seq: number;
  readonly alert: HubAlert;
  readonly incident: string;
}

/** Rows of `blocks`, and the number of the last alert in them; `undefined`: too few alerts for one. */
export interface PlannedBlocks {
  readonly rows: readonly unknown[];
  readonly indexedSeq: number;
}

/** Of all alerts but the last ones that are too few. `waiting`: those that are in no block, with those that come now. */
export function planBlocks(waiting: readonly Numbered[], blockRows: number): PlannedBlocks | undefined {
  const rows: unknown[] = [];
  let at = 0;
  for (; at + blockRows <= waiting.length; at += blockRows)
    rows.push(blockOf(waiting.slice(at, at + blockRows)));
  const last = waiting[at - 1];
  return last && { rows, indexedSeq: last.seq };
}

export async function insertBlocks(client: Asked, { rows, indexedSeq }: PlannedBlocks): Promise<void> {
  await ask(
    client,
    `INSERT INTO blocks SELECT first_seq, last_seq, min_ns, max_ns, grams FROM json_to_recordset($1)
       AS r(first_seq bigint, last_seq bigint, min_ns bigint, max_ns bigint, grams smallint[])`,
    [JSON.stringify(rows)],
  );
  await ask(client, 'UPDATE store_state SET indexed_seq = $1', [indexedSeq]);
}

/** Alerts between two that are in no block yet. */
export async function readUnblocked(
  client: Asked,
  afterSeq: number,
  beforeSeq: number,
): Promise<readonly Numbered[]> {
  const { rows } = await ask(
    client,
    `SELECT a.seq, a.incident, b.body FROM alerts a JOIN bodies b ON b.seq = a.seq
     WHERE a.seq > $1 AND a.seq < $2 AND b.seq > $1 AND b.seq < $2 ORDER BY a.seq`,
    [afterSeq, beforeSeq],
  );
  return rows.flatMap((row) => {
    const alert = decodeAlert(String(row.body));
    return alert === undefined ? [] : [{ seq: Number(row.seq), incident: String(row.incident), alert }];
  });
}

function blockOf(alerts: readonly Numbered[]) {
  const grams = new Set<number>();
  const texts = new Set<string>();
  let minNs = alerts[0]?.alert.timeNs ?? 0n;
  let maxNs = minNs;
  let chars = 0;
  for (const { alert, incident } of alerts) {
    if (alert.timeNs < minNs) minNs = alert.timeNs;
    if (alert.timeNs > maxNs) maxNs = alert.timeNs;
    const pair = (name: string, text: string): void => {
      if (isPaired(name)) grams.add(pairGram(name, text));
    };
    pair('rule', alert.rule);
    pair('hostname', alert.hostname);
    pair('incident', incident);
    for (const tag of alert.tags) pair('tags', tag);
    for (const [name, value] of Object.entries(alert.fields))
      for (const text of textsOf(value)) pair(`.${name}`, text);
    for (const text of textsIn(alert)) {
      // Many alerts have the same texts.
      if (texts.has(text)) continue;
      texts.add(text);
      chars += text.length;
      if (chars < MOST_PART_CHARS) addGrams(foldText(text), grams);
    }
  }
  const hasEverything = chars >= MOST_PART_CHARS || grams.size > MOST_GRAMS;
  return {
    ...{ first_seq: alerts[0]?.seq, last_seq: alerts.at(-1)?.seq },
    ...{ min_ns: String(minNs), max_ns: String(maxNs) },
    grams: hasEverything ? null : [...grams],
  };
}
