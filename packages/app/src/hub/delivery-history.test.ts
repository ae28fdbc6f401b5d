import { expect, test } from 'vitest';
import { alertOf } from '../../testing/rules-interface.ts';
import { DeliveryHistory } from './delivery-history.ts';
import { REPLAYED } from './replay-orders.ts';

const alert = (uuid: string) => ({ ...alertOf({}), uuid });

test('knows what became of an alert, and after how many tries', () => {
  const history = new DeliveryHistory(() => 7);
  history.note({ kind: 'failed', alerts: [alert('a')], reason: 'status 503', attempt: 2, pauseMs: 1 });
  expect(history.of('a')).toEqual({ kind: 'failing', timeMs: 7, attempts: 2, reason: 'status 503' });
  history.note({ kind: 'delivered', alerts: [alert('a'), alert('b')], notes: [] });
  expect(history.of('a')).toMatchObject({ kind: 'delivered', attempts: 3 });
  expect(history.of('b')).toMatchObject({ kind: 'delivered', attempts: 1 });
  history.note({ kind: 'given-up', alert: alert('c'), reason: 'status 400', attempts: 1, why: 'rejected' });
  history.note({ kind: 'skipped', alert: alert('d'), mark: undefined, reason: 'routes' });
  history.note({ kind: 'skipped', alert: alert('c'), mark: REPLAYED, reason: 'routes' });
  history.note({ kind: 'trouble', reason: 'disk' });
  expect(history.of('c')).toMatchObject({ kind: 'refused', reason: 'status 400' });
  expect(history.of('d')).toMatchObject({ kind: 'skipped', reason: 'routes' });
  history.order('c');
  expect(history.of('c')).toMatchObject({ kind: 'ordered' });
  expect(history.of('e')).toBeUndefined();
});

test('forgets the alert of which nothing was heard for longest', () => {
  const history = new DeliveryHistory(() => 0, 2);
  history.order('a');
  history.order('b');
  history.order('a');
  history.order('c');
  expect(['a', 'b', 'c'].map((uuid) => history.of(uuid)?.kind)).toEqual(['ordered', undefined, 'ordered']);
});
