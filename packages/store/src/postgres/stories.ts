/** What sensors tell around alerts, beside them. */

import { type AlertStory, MOST_STORY_EVENTS } from '@peregrine/alert';
import type { Pool } from 'pg';
import { ask, inTransaction } from './ask.ts';
import { toSearched } from './stored-alert-row.ts';

export async function readStory(pool: Pool, seq: number): Promise<AlertStory | undefined> {
  return storyFrom(await ask(pool, 'SELECT body FROM stories WHERE seq = $1', [seq]));
}

/** Events that it has already are left out; so is what is too much. */
export function extendStory(pool: Pool, key: string, after: AlertStory['after']): Promise<void> {
  return inTransaction(pool, async (client) => {
    const name = toSearched(key);
    const story = storyFrom(await ask(client, 'SELECT body FROM stories WHERE key = $1 FOR UPDATE', [name]));
    if (story === undefined) return;
    const body = JSON.stringify(extendedStory(story, after)).toWellFormed();
    await ask(client, 'UPDATE stories SET body = $2 WHERE key = $1', [name, body]);
  });
}

function extendedStory(story: AlertStory, after: AlertStory['after']): AlertStory {
  const known = new Set(story.after.map((event) => JSON.stringify(event)));
  const added = after.filter((event) => !known.has(JSON.stringify(event)));
  return { ...story, after: [...story.after, ...added].slice(0, MOST_STORY_EVENTS) };
}

function storyFrom({ rows }: Awaited<ReturnType<typeof ask>>): AlertStory | undefined {
  const [row] = rows;
  return row && (JSON.parse(String(row.body)) as AlertStory); // As it was written.
}
