/** What became of one alert at each output, as the page of the alert asks for it; after a restart, too. */

import { expect, test, vi } from 'vitest';
import { useHubBench } from './places.ts';
import { alertLine, HubWithUi, LIMIT_MS } from './ui-program.ts';
import { WebClient } from './web-client.ts';

vi.setConfig({ testTimeout: 2 * LIMIT_MS });
const WAIT = { timeout: LIMIT_MS };
const bench = useHubBench();

test('delivered, refused, tried again, not for it; and sent once more', async () => {
  bench.receiver.answer(({ path }) => ({ status: path === '/refuses' ? 400 : path === '/away' ? 503 : 200 }));
  const hub = new HubWithUi();
  const { origin } = bench.receiver;
  const outputs = `webhook: { address: "${origin}/refuses" }
mattermost: { webhookurl: "${origin}/takes" }
teams: { webhookurl: "${origin}/away" }
slack: { webhookurl: "${origin}/slack", minimumpriority: critical }
`;
  try {
    await hub.start(outputs);
    let web = new WebClient(hub.uiUrl);
    await hub.post(alertLine(1, { rule: 'Any' }), 'application/json');
    await hub.kept(1);
    const { body: list } = await web.get('/alerts');
    const [{ id }] = list.alerts as [{ readonly id: string }]; // As documented.
    const states = async (): Promise<Record<string, string>> => {
      const { body } = await web.get(`/alerts/${id}/deliveries`);
      const deliveries = body.deliveries as readonly { readonly output: string; readonly state: string }[]; // The same.
      return Object.fromEntries(deliveries.map(({ output, state }) => [output, state]));
    };
    const known = { webhook: 'refused', mattermost: 'delivered', teams: 'failing', slack: 'skipped' };
    await expect.poll(states, WAIT).toEqual(known);
    const again = (output: string) => web.send('POST', `/alerts/${id}/deliveries/${output}`);
    expect(await again('slack')).toMatchObject({ status: 409, body: { code: 'not-urgent' } });
    expect(await again('none')).toMatchObject({ status: 404, body: { code: 'no-output' } });
    expect(await web.send('POST', '/alerts/none/deliveries/slack')).toMatchObject({ status: 404 });
    expect(await again('mattermost')).toMatchObject({ status: 200 });
    const taken = (): number => bench.receiver.requests.filter(({ path }) => path === '/takes').length;
    await expect.poll(taken, WAIT).toBe(2);
    await expect.poll(states, WAIT).toEqual(known);

    await hub.kill('SIGKILL');
    await hub.start(outputs);
    web = new WebClient(hub.uiUrl);
    // Of what was delivered nothing is remembered; of what was refused, the dead letter is there.
    await expect.poll(states, WAIT).toMatchObject({ webhook: 'refused', teams: 'failing', slack: 'skipped' });
    expect(['unknown', 'delivered']).toContain((await states()).mattermost);
  } finally {
    await hub.end();
  }
});
