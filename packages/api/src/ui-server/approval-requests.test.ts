import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type OpenUi, openUi } from '../../testing/open-ui.ts';
import type { Run } from '../contract/index.ts';
import type { ApprovalView } from './approval-page.ts';
import type { ApprovalLinks } from './approval-requests.ts';

const PATH = '/response/approve';
const run: Run = {
  ...{ id: 'run-1', alertUuid: 'uuid', alertRule: 'Shell <b>in</b> container', alertPriority: 'Notice' },
  ...{
    alertTime: '2026-11-26T10:00:00Z',
    hostname: 'node-1"><script>x()</script>',
    rule: 'End pods',
    step: 0,
  },
  ...{ alertOutput: '</dd><img src=x onerror=alert(1)> \u202egnihton\u0007', action: 'End the pod' },
  ...{ actionner: 'kubernetes:terminate', target: 'pod default/alpine', namespace: null, node: null },
  ...{ state: 'waiting', summary: 'it waits', changes: [], canBeUndone: false, undoTime: null },
  ...{
    decidedTime: '2026-11-26T10:00:00Z',
    begunTime: null,
    endedTime: null,
    attemptCount: 0,
    repeatCount: 0,
    artifact: null,
  },
  ...{ approval: { expiresTime: '2026-11-26T10:15:00Z', by: null, decidedTime: null }, undoneBy: null },
  results: {},
};

let ui: OpenUi;
let views: Map<string, ApprovalView>;
let decided: unknown[];
const links: ApprovalLinks = {
  look: (token) => views.get(token) ?? { kind: 'invalid' },
  decide: async (token, decision, by) => {
    const view = links.look(token);
    if (view.kind !== 'waiting') return view;
    decided.push([token, decision, by]);
    views.set(token, { kind: 'over', run });
    return { kind: decision === 'approve' ? 'approved' : 'denied', run };
  },
};
beforeEach(async () => {
  views = new Map([['good', { kind: 'waiting', run }]]);
  decided = [];
  ui = await openUi({ approvals: links });
});
afterEach(() => ui.close());

const form = { 'content-type': 'application/x-www-form-urlencoded', origin: 'null' };
const audit = async () =>
  (await ui.accounts.audit({ limit: 10, cursor: undefined, user: undefined, action: undefined })).entries;

test('looking shows what will be done, and does nothing', async () => {
  for (const method of ['GET', 'HEAD', 'GET']) {
    const reply = await ui.send(method, `${PATH}?token=good`);
    expect([reply.status, reply.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(reply.headers['content-security-policy']).toContain("default-src 'none'");
    expect([reply.headers['cache-control'], reply.headers['referrer-policy']]).toEqual([
      ...['no-store', 'no-referrer'],
    ]);
    if (method === 'HEAD') expect(reply.text).toBe('');
    else
      for (const part of ['End the pod', 'kubernetes:terminate', 'pod default/alpine', 'End pods'])
        expect(reply.text).toContain(part);
  }
  expect([decided, await audit()]).toEqual([[], []]);
});

test('texts of attackers are texts', async () => {
  const { text } = await ui.send('GET', `${PATH}?token=good`);
  for (const part of ['<script', '<img', '<b>', '\u202e', '\u0007']) expect(text).not.toContain(part);
  expect(text).toContain('&lt;img src=x onerror=alert(1)&gt; ⟨U+202E⟩gnihton⟨U+0007⟩');
  expect(text).toContain('node-1&quot;&gt;&lt;script&gt;');
});

test.each([
  ['without a word', '', 'approve', 'approveRun'],
  ['with the first button', 'decision=approve', 'approve', 'approveRun'],
  ['with the second button', 'decision=deny', 'deny', 'denyRun'],
])('it is decided by sending, %s', async (_, body, decision, action) => {
  const reply = await ui.send('POST', `${PATH}?token=good`, { headers: form, body });
  expect([reply.status, decided]).toEqual([200, [['good', decision, 'link 127.0.0.1']]]);
  expect(await audit()).toMatchObject([
    { user: 'link', address: '127.0.0.1', action, target: 'run-1', detail: 'done' },
  ]);
  const again = await ui.send('POST', `${PATH}?token=good`, { headers: form, body });
  expect([again.status, decided.length]).toEqual([409, 1]);
  expect((await audit())[0]).toMatchObject({ target: 'run-1', detail: 'over' });
});

test.each([
  ['an expired token', 'old', 410],
  ['no token of ours', 'bad', 404],
  ['no token', '', 404],
])('%s decides nothing', async (_, token, status) => {
  views.set('old', { kind: 'expired' });
  for (const method of ['GET', 'POST'])
    expect((await ui.send(method, `${PATH}?token=${token}`, { headers: form })).status).toBe(status);
  expect(decided).toEqual([]);
  expect((await audit())[0]).toMatchObject({ user: 'link', action: 'approveRun', target: '' });
});

test('other decisions, bodies and methods are refused', async () => {
  const post = async (body: string) =>
    (await ui.send('POST', `${PATH}?token=good`, { headers: form, body })).status;
  expect([await post('decision=undo'), await post('x'), await post('x'.repeat(2_000))]).toEqual([
    400, 400, 413,
  ]);
  for (const method of ['PUT', 'DELETE', 'PATCH'])
    expect((await ui.send(method, `${PATH}?token=good`)).status).toBe(405);
  expect((await ui.send('POST', `${PATH}/style.css`)).status).toBe(405);
  expect((await ui.send('GET', `${PATH}/other`)).status).toBe(404);
  expect((await ui.send('GET', `${PATH}/style.css`)).headers['content-type']).toContain('text/css');
  expect(decided).toEqual([]);
});

describe('who tries tokens', () => {
  test('has to wait, and longer after each', async () => {
    const attempt = async (token: string) => await ui.send('GET', `${PATH}?token=${token}`);
    for (let i = 0; i < 5; i++) expect((await attempt(`bad${i}`)).status).toBe(404);
    const refused = await attempt('good');
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '1']);
    expect((await ui.send('POST', `${PATH}?token=good`, { headers: form })).status).toBe(429);
    expect(decided).toEqual([]);
    ui.clock.nowMs += 1_000;
    expect((await attempt('bad')).status).toBe(404);
    expect((await attempt('good')).headers['retry-after']).toBe('2');
    ui.clock.nowMs += 2_000;
    expect((await attempt('good')).status).toBe(200);
  });
});

test('a server on loopback does not answer under other names', async () => {
  const headers = { ...form, host: 'evil.example.org' };
  expect((await ui.send('POST', `${PATH}?token=good`, { headers })).status).toBe(421);
  expect(decided).toEqual([]);
});

test('without links there is nothing to decide', async () => {
  const without = await openUi();
  expect((await without.send('POST', `${PATH}?token=good`, { headers: form })).status).toBe(405);
  await without.close();
});
