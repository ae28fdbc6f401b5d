/** What sensors tell around alerts, beside them. What changes it is to be called in a transaction. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type AlertStory, MOST_STORY_EVENTS } from '@peregrine/alert';
import { packBlob, unpackBlob } from './blob.ts';

export class StoryTable {
  readonly #insert: StatementSync;
  readonly #bySeq: StatementSync;
  readonly #byKey: StatementSync;
  readonly #update: StatementSync;
  readonly #remove: StatementSync;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare('INSERT OR IGNORE INTO stories VALUES (?, ?, ?)');
    this.#bySeq = database.prepare('SELECT key, data FROM stories WHERE seq = ?');
    this.#byKey = database.prepare('SELECT key, data FROM stories WHERE key = ?');
    this.#update = database.prepare('UPDATE stories SET data = ? WHERE key = ?');
    this.#remove = database.prepare('DELETE FROM stories WHERE seq < ?');
  }

  add(story: AlertStory, seq: number): void {
    this.#insert.run(story.key, seq, pack(story.key, story));
  }

  of(seq: number): AlertStory | undefined {
    return storyIn(this.#bySeq.get(seq));
  }

  /** Events that it has already are left out; so is what is too much. */
  extend(key: string, after: AlertStory['after']): void {
    const story = storyIn(this.#byKey.get(key));
    if (story === undefined) return;
    const known = new Set(story.after.map((event) => JSON.stringify(event)));
    const added = after.filter((event) => !known.has(JSON.stringify(event)));
    const whole = [...story.after, ...added].slice(0, MOST_STORY_EVENTS);
    this.#update.run(pack(key, { ...story, after: whole }), key);
  }

  removeBefore(seq: number): void {
    this.#remove.run(seq);
  }
}

const pack = (key: string, story: AlertStory): Buffer =>
  packBlob(`story ${key}`, Buffer.from(JSON.stringify(story)));

/** Throws a `DamagedBlob`. */
function storyIn(row: Readonly<Record<string, unknown>> | undefined): AlertStory | undefined {
  if (row === undefined) return undefined;
  const text = unpackBlob(`story ${String(row.key)}`, row.data).toString('utf8');
  return JSON.parse(text) as AlertStory; // As `pack` made it.
}
