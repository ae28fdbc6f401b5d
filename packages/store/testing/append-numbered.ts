/**
 * A process that appends alerts to the store at the path it is given, until it is killed: batch after batch, numbered from
 * where its journal's place is. After each that is safe it writes the number of the alert that comes next.
 */

import { openSqliteStore } from '../src/sqlite/sqlite-store.ts';
import { numberedAlert } from './sample.ts';

const [path = '', rows = '', size = '', incidents = ''] = process.argv.slice(2);
const store = await openSqliteStore({
  path,
  segmentRows: Number(rows),
  recentIncidents: Number(incidents),
});
let next = (await store.placeIn('numbers')) ?? 0;
process.stdout.write(`${next}\n`);
for (;;) {
  const batch = Array.from({ length: Number(size) }, (_, i) => ({ alert: numberedAlert(next + i) }));
  await store.append(batch, { feed: 'numbers', seq: next + batch.length });
  next += batch.length;
  process.stdout.write(`${next}\n`);
}
