/** What records must do on every database: run by the tests of each. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Accounts, type StoredUser } from '../src/records/accounts.ts';
import { Notes } from '../src/records/notes.ts';
import { prepareRecords, recordMigrations } from '../src/records/prepare-records.ts';
import { Views } from '../src/records/views.ts';
import type { SqlDatabase } from '../src/sql/sql-database.ts';

const ann: StoredUser = {
  name: 'ann',
  role: 'admin',
  source: 'password',
  passwordHash: 'scrypt$a$b',
  createdMs: 1_790_000_000_123,
  lastSeenMs: undefined,
  isDisabled: false,
};
const session = (tokenHash: string, user: string, lastSeenMs = 1) =>
  ({ tokenHash, user, via: 'password', csrfToken: 'c', createdMs: 1, lastSeenMs, expiresMs: 100 }) as const;

/** `open` gives an empty database. */
export function describeRecords(
  open: () => Promise<{ readonly database: SqlDatabase; close(): Promise<void> }>,
): void {
  async function withRecords(work: (database: SqlDatabase) => Promise<void>): Promise<void> {
    const { database, close } = await open();
    try {
      await prepareRecords(database);
      await work(database);
    } finally {
      await close();
    }
  }

  test('schemas go up and down, and one of the future is refused', () =>
    withRecords(async (database) => {
      await new Accounts(database).addUser(ann);
      await prepareRecords(database, 0);
      await expect(database.all('SELECT * FROM users')).rejects.toThrow();
      await prepareRecords(database);
      expect(await new Accounts(database).users()).toEqual([]);
      await database.run('INSERT INTO records_schema VALUES ($1)', [recordMigrations.length + 1]);
      await expect(prepareRecords(database)).rejects.toThrow(/newer version/);
    }));

  test('users', () =>
    withRecords(async (database) => {
      const accounts = new Accounts(database);
      expect(await accounts.addUser(ann)).toBe(true);
      expect(await accounts.addUser({ ...ann, role: 'viewer' })).toBe(false);
      expect(await accounts.user('ann')).toEqual(ann);
      expect(await accounts.user('Ann')).toBe(undefined);
      expect(await accounts.changeUser('ann', { role: 'responder', isDisabled: true, lastSeenMs: 7 })).toBe(
        true,
      );
      expect(await accounts.users()).toEqual([
        { ...ann, role: 'responder', isDisabled: true, lastSeenMs: 7 },
      ]);
      expect(await accounts.changeUser('bob', { role: 'admin' })).toBe(false);
      expect(await accounts.removeUser('ann')).toBe(true);
      expect(await accounts.removeUser('ann')).toBe(false);
    }));

  test('sessions end with their users, their time, and when there are too many', () =>
    withRecords(async (database) => {
      const accounts = new Accounts(database);
      await accounts.addUser(ann);
      for (let i = 0; i < 105; i++) await accounts.addSession(session(`t${i}`, 'ann', i));
      expect(await accounts.session('t0')).toBe(undefined);
      expect(await accounts.session('t104')).toEqual(session('t104', 'ann', 104));
      expect((await accounts.sessionsOf('ann')).length).toBe(100);
      expect((await accounts.sessionsOf('ann'))[0]).toEqual(session('t104', 'ann', 104));
      expect(await accounts.sessionsOf('Ann')).toEqual([]);
      await accounts.touchSession('t104', 9_000_000_000_000);
      expect((await accounts.session('t104'))?.lastSeenMs).toBe(9_000_000_000_000);
      await accounts.removeSessionsOf('ann', 't104');
      expect([await accounts.session('t103'), (await accounts.session('t104'))?.user]).toEqual([
        undefined,
        'ann',
      ]);
      await accounts.removeExpiredSessions(100);
      expect(await accounts.session('t104')).toBe(undefined);
      await accounts.addSession(session('last', 'ann'));
      await accounts.removeUser('ann');
      expect(await accounts.session('last')).toBe(undefined);
    }));

  test('the audit log is read page by page, newest first', () =>
    withRecords(async (database) => {
      const accounts = new Accounts(database);
      for (let i = 0; i < 5; i++)
        await accounts.addAudit({
          timeMs: i,
          user: i % 2 === 0 ? 'ann' : 'bob',
          address: '::1',
          action: 'triage',
          target: `${i}`,
          detail: '',
        });
      const request = { limit: 2, cursor: undefined, user: undefined, action: undefined };
      const first = await accounts.audit(request);
      expect(first.entries.map(({ target }) => target)).toEqual(['4', '3']);
      const second = await accounts.audit({ ...request, cursor: first.next });
      const third = await accounts.audit({ ...request, cursor: second.next });
      expect([...second.entries, ...third.entries].map(({ target }) => target)).toEqual(['2', '1', '0']);
      expect(third.next).toBe(undefined);
      const ofBob = await accounts.audit({ ...request, limit: 9, user: 'bob', action: 'triage' });
      expect(ofBob.entries.map(({ timeMs }) => timeMs)).toEqual([3, 1]);
      expect((await accounts.audit({ ...request, action: "' OR 1=1 --" })).entries).toEqual([]);
    }));

  test('notes and views', () =>
    withRecords(async (database) => {
      const notes = new Notes(database);
      await notes.add('i1', { id: 'a', timeMs: 1, user: 'ann', text: 'seen' });
      await notes.add('i1', { id: 'b', timeMs: 2, user: 'bob', text: 'mended' });
      expect((await notes.of('i1')).map(({ text }) => text)).toEqual(['seen', 'mended']);
      expect(await notes.of('i2')).toEqual([]);
      const views = new Views(database);
      const view = { id: '1', owner: 'ann', name: 'mine', query: 'q=1', isShared: false };
      expect(await views.save(view)).toEqual(view);
      expect(await views.save({ ...view, id: '2', query: 'q=2' })).toEqual({ ...view, query: 'q=2' });
      await views.save({ ...view, id: '3', owner: 'bob', isShared: true });
      expect((await views.of('ann')).map(({ id }) => id).sort()).toEqual(['1', '3']);
      expect((await views.of('bob')).map(({ id }) => id)).toEqual(['3']);
      await views.remove('1');
      expect(await views.get('1')).toBe(undefined);
    }));

  test('any text comes back as it was', () =>
    withRecords(async (database) => {
      const notes = new Notes(database);
      let count = 0;
      const hostile = fc.constantFrom(
        "'; DROP TABLE notes; --",
        '\u0000',
        '\ufffd0',
        '\ufffd',
        '"',
        '漢字',
        '\u202e',
        '$1',
        '\\',
      );
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.oneof(hostile, fc.string({ unit: 'binary' })), { maxLength: 4 }),
          async (parts) => {
            const incident = `i${count++}`;
            const text = parts.join('');
            await notes.add(incident, { id: incident, timeMs: 1, user: text, text });
            expect(await notes.of(incident)).toEqual([{ id: incident, timeMs: 1, user: text, text }]);
          },
        ),
        { numRuns: 40 },
      );
    }));
}
