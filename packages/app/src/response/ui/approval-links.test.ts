import { expect, test } from 'vitest';
import { ResponderFake } from '../../../testing/response-fake.ts';
import { ApprovalTokens } from '../approval-token.ts';
import { createApprovalLinks } from './approval-links.ts';

const NOW_MS = Date.parse('2026-11-26T10:00:00Z');
const EXPIRES_MS = NOW_MS + 900_000;
const tokens = new ApprovalTokens(Buffer.alloc(32, 7));

function setUp() {
  const clock = { nowMs: NOW_MS };
  const responder = new ResponderFake();
  const links = createApprovalLinks({ response: responder, tokens, nowMs: () => clock.nowMs });
  const { id } = responder.add({ state: 'waiting', approval: { expiresMs: EXPIRES_MS } });
  return { clock, responder, links, id, token: tokens.create(id, EXPIRES_MS) };
}

test('looking at a link decides nothing', () => {
  const { responder, links, id, token } = setUp();
  for (let i = 0; i < 3; i++) expect(links.look(token)).toMatchObject({ kind: 'waiting', run: { id } });
  expect(responder.run(id)).toMatchObject({ state: 'waiting', approval: { expiresMs: EXPIRES_MS } });
});

test.each([
  ['approve', 'approved', 'begun'],
  ['deny', 'denied', 'denied'],
] as const)('a link serves once to %s', async (decision, kind, state) => {
  const { responder, links, id, token } = setUp();
  expect(await links.decide(token, decision, 'link 192.0.2.1')).toMatchObject({ kind, run: { id } });
  expect(responder.run(id)).toMatchObject({ state, approval: { by: 'link 192.0.2.1' } });
  for (const again of ['approve', 'deny'] as const)
    expect(await links.decide(token, again, 'link 192.0.2.2')).toMatchObject({
      kind: 'over',
      run: { state },
    });
  expect(links.look(token)).toMatchObject({ kind: 'over', run: { state } });
  expect(responder.run(id)?.approval?.by).toBe('link 192.0.2.1');
});

test('of two at the same time one decides', async () => {
  const { links, token } = setUp();
  const views = await Promise.all([links.decide(token, 'deny', 'a'), links.decide(token, 'approve', 'b')]);
  expect(views.map(({ kind }) => kind)).toEqual(['denied', 'over']);
});

test('a link that has expired decides nothing, though the run still waits', async () => {
  const { clock, responder, links, id, token } = setUp();
  clock.nowMs = EXPIRES_MS;
  expect(links.look(token)).toEqual({ kind: 'expired' });
  expect(await links.decide(token, 'approve', 'link')).toEqual({ kind: 'expired' });
  expect(responder.run(id)?.state).toBe('waiting');
});

test('what this hub did not give out, or forgot, decides nothing', async () => {
  const { responder, links, id, token } = setUp();
  const other = responder.add({ state: 'waiting', approval: { expiresMs: EXPIRES_MS } });
  const forged = token.replace(id, other.id);
  for (const text of ['', 'x', forged, `${token}x`, tokens.create('gone', EXPIRES_MS)])
    expect(await links.decide(text, 'approve', 'link')).toEqual({ kind: 'invalid' });
  expect([responder.run(id)?.state, responder.run(other.id)?.state]).toEqual(['waiting', 'waiting']);
});
