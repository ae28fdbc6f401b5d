import { listIn, objectIn } from '@peregrine/base';
import { expect, test } from 'vitest';
import { hugeAlert, sampleAlert } from '../../testing/sample-alerts.ts';
import { bodyOf, requestsOf, settingsOf } from '../../testing/sink-contract.ts';
import { grafana } from './grafana.ts';

function tagsOf(written: Parameters<typeof settingsOf>[1], alert = sampleAlert('whole')): readonly unknown[] {
  return listIn(objectIn(bodyOf(settingsOf(grafana, written), alert))?.tags);
}

test('a dashboard and a panel', () => {
  const body = bodyOf(settingsOf(grafana, { dashboardid: '7', panelid: '3' }), sampleAlert('whole'));
  expect(body).toMatchObject({
    dashboardId: 7,
    panelId: 3,
    time: 1_709_288_405_408,
    timeEnd: 1_709_288_405_408,
  });
});

test('values of all fields are tags where that is wanted, each once', () => {
  expect(tagsOf({})).toEqual(['falco', 'Error', 'Write below etc', 'syscall', 'node-7']);
  expect(tagsOf({ allfieldsastags: 'true' })).toEqual([
    'falco',
    'Error',
    'Write below etc',
    'syscall',
    'node-7',
    'SUCCESS',
    '1709288405408091526',
    '["/etc/passwd","/etc/group"]',
    '/etc/passwd',
    'shop',
    'web-0',
    'false',
    '4711',
    'daemon',
    'T1543',
    'filesystem',
    'mitre_persistence',
  ]);
});

test.each([
  ['500', 500],
  ['2000', 2_000],
])('tags are as long as Grafana takes them: %s', (tagslength, most) => {
  const written = { allfieldsastags: 'true', tagslength };
  const alert = {
    ...hugeAlert(0, 10),
    fields: Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`f${i}`, `値 ${i}`])),
  };
  const tags = tagsOf(written, alert);
  expect(Buffer.byteLength(JSON.stringify(tags))).toBeLessThanOrEqual(most);
  expect(tags.length).toBeGreaterThan(40);
  expect(tagsOf(written, hugeAlert(3, 5_000)).every((tag) => String(tag).length <= 100)).toBe(true);
});

test('a token is wanted', () => {
  expect(() => settingsOf(grafana, { apikey: '' })).toThrow('`grafana.apikey` is not set');
  expect(requestsOf(settingsOf(grafana, { apikey: 'abc' }), sampleAlert('test'))[0]?.headers).toMatchObject({
    authorization: 'Bearer abc',
  });
});
