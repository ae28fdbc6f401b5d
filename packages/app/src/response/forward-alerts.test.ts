import { encodeAlert, type HubAlert } from '@peregrine/alert';
import { type HubServer, openHubServer } from '@peregrine/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FORWARD_PATH, forwardAlerts, takeForwarded } from './forward-alerts.ts';

const SECRET = 'a secret that both have';
let server: HubServer;
let kept: HubAlert[];
let hasRoom: boolean;
beforeEach(async () => {
  kept = [];
  hasRoom = true;
  const nothing = async () => ({ status: 500 });
  server = await openHubServer({
    ...{ address: '127.0.0.1', port: 0, tls: undefined, paths: ['/'], mostBodyBytes: 100_000 },
    routes: {
      ...{ ingest: nothing, test: nothing, metrics: nothing },
      openStream: () => ({ take: async () => ({ kind: 'taken' }), end: nothing }),
      ofHubs: new Map([
        [
          FORWARD_PATH,
          (body, authorization) =>
            takeForwarded(body, authorization, SECRET, async (alerts) => {
              if (hasRoom) kept.push(...alerts);
              return hasRoom;
            }),
        ],
      ]),
    },
    onTrouble: (text) => expect(text).toBe(''),
  });
});
afterEach(() => server.close());

function alertOf(rule: string): HubAlert {
  const alert = {
    ...{ uuid: crypto.randomUUID(), output: 'Zeile\nmit 日本', priority: 'Notice' as const, rule },
    ...{ time: '2026-01-31T23:39:44Z', timeNs: 1_769_902_784_000_000_000n, source: 'syscall' },
    ...{ tags: [], hostname: 'n', fields: { 'evt.time': 1_610_667_584_834_631_763n } },
  };
  return { ...alert, json: encodeAlert(alert) };
}

function send(alerts: readonly HubAlert[], secret = SECRET): Promise<void> {
  const leader = `127.0.0.1:${server.port}`;
  return forwardAlerts(
    alerts,
    { leader, secret, isTls: false, authorities: [] },
    AbortSignal.timeout(10_000),
  );
}

test('what is handed over is what was there, to the last digit', async () => {
  const alerts = [alertOf('A'), alertOf('B')];
  await send(alerts);
  expect(kept).toEqual(alerts);
});

test('who does not know the secret, and what is no alert, is refused', async () => {
  await expect(send([alertOf('A')], 'another secret')).rejects.toThrow('answers 401');
  const url = `http://127.0.0.1:${server.port}${FORWARD_PATH}`;
  const answer = await fetch(url, {
    method: 'POST',
    body: 'x',
    headers: { authorization: `Bearer ${SECRET}` },
  });
  expect(answer.status).toBe(400);
  expect(kept).toEqual([]);
});

test('what is not kept is not taken', async () => {
  hasRoom = false;
  await expect(send([alertOf('A')])).rejects.toThrow('answers 503');
});
