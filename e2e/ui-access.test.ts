/** Viewers, responders and administrators at a hub as it is started, and what none of them can reach through it. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openHttpReceiver } from '../packages/outputs/testing/http-receiver.ts';
import { alertLine, HubWithUi, LIMIT_MS } from './ui-program.ts';

const PASSWORD = 'correct horse battery';
const people = ['vic:viewer', 'vera:viewer', 'rita:responder', 'ada:admin'];

let hub: HubWithUi;
let destination: Awaited<ReturnType<typeof openHttpReceiver>>;
let elsewhere: Awaited<ReturnType<typeof openHttpReceiver>>;
const headers = new Map<string, Readonly<Record<string, string>>>();

beforeAll(async () => {
  elsewhere = await openHttpReceiver();
  destination = await openHttpReceiver();
  destination.answer({ status: 302, headers: { location: `${elsewhere.origin}/moved` } });
  hub = new HubWithUi();
  const users = people.map((entry) => `"${entry.replace(':', `:${PASSWORD}:`)}"`).join(', ');
  await hub.start(`webhook: { address: "${destination.origin}/hook" }`, `users: [ ${users} ]`);
  for (const name of people.map((entry) => entry.split(':')[0] ?? '')) {
    const response = await fetch(`${hub.uiUrl}/api/v2/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, password: PASSWORD }),
    });
    const session = (await response.json()) as { readonly csrfToken: string }; // As documented.
    headers.set(name, {
      cookie: response.headers.get('set-cookie')?.split(';')[0] ?? '',
      'x-csrf-token': session.csrfToken,
      'content-type': 'application/json',
    });
  }
}, LIMIT_MS);
afterAll(async () => {
  await hub.end();
  await destination.close();
  await elsewhere.close();
});

async function ask(
  name: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly json: Record<string, unknown> }> {
  const response = await fetch(`${hub.uiUrl}/api/v2${path}`, {
    method,
    headers: headers.get(name) ?? {},
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, json: (await response.json()) as Record<string, unknown> }; // As documented.
}
const statusOf = async (...parts: Parameters<typeof ask>): Promise<number> => (await ask(...parts)).status;

test('each may do what the one before may, and more', async () => {
  await hub.post(alertLine(1));
  const everybody = ['nobody', 'vic', 'rita', 'ada'];
  const statuses = (...parts: [string, string, unknown?]) =>
    Promise.all(everybody.map((name) => statusOf(name, ...parts)));
  expect(await statuses('GET', '/alerts')).toEqual([401, 200, 200, 200]);
  const all = { filter: {}, state: 'investigating' };
  expect(await statuses('POST', '/triage', all)).toEqual([401, 403, 200, 200]);
  expect(await statuses('GET', '/users')).toEqual([401, 403, 403, 200]);
  expect(await statuses('GET', '/audit-log')).toEqual([401, 403, 403, 200]);
});

test('views of others cannot be seen, changed or removed, not even by their ids', async () => {
  const saved = await ask('vic', 'POST', '/views', { name: 'mine', query: 'q=a', isShared: false });
  const { id } = saved.json;
  const shared = await ask('vic', 'POST', '/views', { name: 'for all', query: 'q=b', isShared: true });
  const idsOf = async (name: string) =>
    ((await ask(name, 'GET', '/views')).json.views as { readonly id: string }[]).map((view) => view.id);
  expect(new Set(await idsOf('vic'))).toEqual(new Set([id, shared.json.id]));
  expect(await idsOf('vera')).toEqual([shared.json.id]);
  // One of the same name is one's own.
  const other = await ask('vera', 'POST', '/views', { name: 'mine', query: 'q=c', isShared: false });
  expect(other.json.id).not.toBe(id);
  expect(await statusOf('vera', 'DELETE', `/views/${id}`)).toBe(404);
  expect(await statusOf('ada', 'DELETE', `/views/${id}`)).toBe(404);
  expect(await statusOf('vera', 'DELETE', `/views/${shared.json.id}`)).toBe(403);
  expect(await statusOf('vic', 'DELETE', `/views/${id}`)).toBe(200);
});

describe('a test of an output', () => {
  test('goes where the configuration says, whatever the request says, and follows nobody elsewhere', async () => {
    const outputs = (await ask('ada', 'GET', '/outputs')).json.outputs as { readonly id: string }[];
    expect(outputs.map(({ id }) => id)).toEqual(['webhook']);
    const target = `${elsewhere.origin}/chosen`;
    const before = destination.requests.length;
    const { status, json } = await ask(
      'ada',
      'POST',
      `/outputs/webhook/test?address=${encodeURIComponent(target)}`,
      {
        address: target,
        url: target,
        settings: { address: target },
      },
    );
    expect([status, json.isDelivered]).toEqual([200, false]);
    expect(destination.requests.slice(before).map(({ path }) => path)).toEqual(['/hook']);
    expect(elsewhere.requests).toEqual([]);
  });

  test('is for outputs that are on, by their ids, and for administrators', async () => {
    for (const id of [
      'slack',
      elsewhere.origin,
      'file:///etc/passwd',
      '../webhook',
      '169.254.169.254',
      '__proto__',
    ])
      expect(await statusOf('ada', 'POST', `/outputs/${encodeURIComponent(id)}/test`)).toBe(404);
    expect(await statusOf('rita', 'POST', '/outputs/webhook/test')).toBe(403);
    expect(elsewhere.requests).toEqual([]);
  });
});

test('no name of rules, versions, recordings or dead letters is a path', async () => {
  for (const name of ['../../etc/passwd', '/etc/passwd', '..', 'x\u0000.yaml', 'C:\\x']) {
    const part = encodeURIComponent(name);
    const statuses = await Promise.all([
      statusOf('ada', 'PUT', `/rules-files/${part}`, { text: '[]', comment: '', version: null }),
      statusOf('ada', 'GET', `/rules-files/${part}/versions/1`),
      statusOf('ada', 'GET', `/rules/${part}`),
      statusOf('ada', 'POST', '/captures/try', { name: 'x', text: '', capture: name }),
    ]);
    for (const status of statuses) expect([400, 403, 404]).toContain(status);
  }
  const { json } = await ask('ada', 'POST', '/dead-letters/remove', {
    ids: ['../../hub.yaml', '..', '/etc/passwd'],
  });
  expect(json).toEqual({ count: 0 });
});
