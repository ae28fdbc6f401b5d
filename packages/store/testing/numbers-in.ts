/** The numbers of all alerts of a store that `numberedAlert` made, in the order in which they came. */

import type { AlertStore } from '../src/alert-store.ts';

export async function numbersIn(store: AlertStore): Promise<readonly number[]> {
  const numbers: number[] = [];
  let id: string | undefined;
  for (;;) {
    const part = await store.since(id, 1_000);
    if (part.length === 0) return numbers;
    numbers.push(...part.map(({ alert }) => Number(alert.fields.number)));
    id = part.at(-1)?.id;
  }
}
