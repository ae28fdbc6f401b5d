/** Outputs in a browser: how they are, a test of one, dead letters that are sent again; sensors and sources. */

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type HttpReceiver, openHttpReceiver } from '../packages/outputs/testing/http-receiver.ts';
import { describePages, useTab } from './places.ts';
import { hostileAlert, sensorReports } from './ui-alerts-fixture.ts';
import { alertLine, HubWithUi, LIMIT_MS } from './ui-program.ts';

vi.setConfig({ testTimeout: LIMIT_MS });

const hub = new HubWithUi();

describePages('outputs, sensors and sources', () => {
  let receiver: HttpReceiver;
  beforeAll(async () => {
    receiver = await openHttpReceiver();
    receiver.answer(({ path }) =>
      path === '/refuses' ? { status: 400, body: 'no <b>such</b> thing' } : { status: 200 },
    );
  });
  afterAll(() => receiver.close());
  const web = useTab(hub, async () => {
    await hub.start(
      `webhook: { address: "${receiver.origin}/refuses" }\nmattermost: { webhookurl: "${receiver.origin}/takes" }\n`,
    );
    for (const line of [alertLine(1), alertLine(2), hostileAlert, ...sensorReports(0)])
      expect(await hub.post(line, 'application/json')).toBe(200);
    await hub.kept(6);
  });
  const panel = (name: string) => web.tab.page.getByRole('region', { name, exact: true });

  const fitsEverybody = async (): Promise<void> => {
    expect(await web.tab.problemsInBothThemes()).toEqual([]);
    for (const width of [360, 900, 2560]) {
      await web.tab.page.setViewportSize({ width, height: 800 });
      expect(await web.tab.overflowPx()).toBe(0);
    }
  };

  test('outputs tell what was delivered and what was refused, and why', async () => {
    const { page } = web.tab;
    await page.goto('/outputs');
    await panel('Webhook').getByText('no <b>such</b> thing').first().waitFor();
    await panel('Mattermost').getByText('delivering').waitFor();
    await panel('Webhook').getByText('has dead letters').waitFor();
    await page.getByRole('list', { name: 'Dead letters' }).getByText('for webhook').nth(5).waitFor();
    expect(await page.locator('.letter script, .letter img').count()).toBe(0);
    await fitsEverybody();
  });

  test('outputs are tested, with what was sent and answered', async () => {
    const { page } = web.tab;
    await page.goto('/outputs');
    await page.getByRole('button', { name: 'Send a test alert to Mattermost' }).click();
    await panel('Mattermost').getByText('The test alert was taken.').waitFor();
    await panel('Mattermost').getByText('What was sent and answered').click();
    await panel('Mattermost').getByText('POST').waitFor();
    await page.getByRole('button', { name: 'Send a test alert to Webhook' }).click();
    await panel('Webhook')
      .getByText(/Not delivered: .*400/)
      .waitFor();
  });

  test('an alert tells what became of it at each of them, and is sent once more', async () => {
    const { page } = web.tab;
    const { alerts } = (await hub.get('/alerts?where=rule%3DRule+1')) as {
      readonly alerts: readonly { readonly id: string }[];
    }; // As documented.
    await page.goto(`/alerts/${alerts[0]?.id}`);
    const deliveries = panel('Deliveries').getByRole('listitem');
    await deliveries.filter({ hasText: 'Mattermost' }).getByText('delivered').waitFor();
    await deliveries.filter({ hasText: 'Webhook' }).getByText('no <b>such</b> thing').waitFor();
    const sent = () =>
      receiver.requests.filter(({ path, body }) => path === '/takes' && body.includes('Rule 1')).length;
    const before = sent();
    await page.getByRole('button', { name: 'Send again to Mattermost' }).click();
    await page.getByText('it is sent to Mattermost once more').waitFor();
    await expect.poll(sent, { timeout: 20_000 }).toBe(before + 1);
    await deliveries.filter({ hasText: 'Mattermost' }).getByText('delivered').waitFor();
    expect(await hub.count('?where=rule%3DRule+1')).toBe(1);
  });

  test('outputs send dead letters again, or have them thrown away', async () => {
    const { page } = web.tab;
    await page.goto('/outputs?output=webhook');
    const letters = page.getByRole('list', { name: 'Dead letters' }).getByRole('listitem');
    await letters.nth(5).waitFor();
    await letters.first().getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Throw away' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Throw away' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Throw away' }).click();
    await page.getByText('1 thrown away').waitFor();
    receiver.answer({ status: 200 });
    await page.getByRole('button', { name: 'Send all of Webhook again' }).click();
    await page.getByText('5 will be sent again').waitFor();
    await page.getByText('whatever could be delivered has been').waitFor();
    await expect
      .poll(() => receiver.requests.filter(({ path }) => path === '/refuses').length, { timeout: 20_000 })
      .toBeGreaterThanOrEqual(11);
  });

  test('sensors tell how they are, and when they were blind', async () => {
    const { page } = web.tab;
    expect(await hub.post(alertLine(3, { hostname: '' }), 'application/json')).toBe(200);
    await hub.kept(7);
    await page.goto('/sensors');
    await panel('no name').getByRole('link', { name: 'no name' }).waitFor();
    const falco = panel('falco-1');
    await falco.getByText('Falco 0.43.0').waitFor();
    for (const text of ['1,000,000', '1.5 %', '67 MB', '2 h', 'system calls were dropped'])
      await falco.getByText(text).waitFor();
    const ours = panel('node-1');
    await ours.getByText(/lost .* within the hour/).waitFor();
    await ours.getByText('/kubepods/<b>noisy</b>, container batch').waitFor();
    await ours.getByText('5,200 lost').waitFor();
    await fitsEverybody();
    await falco.getByRole('link', { name: 'falco-1' }).click();
    await page.waitForURL('**/alerts?where=hostname%3Dfalco-1');
    await page.locator('.alert-row').nth(1).waitFor();
  });

  test('sources tell which rules and machines belong to them', async () => {
    const { page } = web.tab;
    await page.goto('/sources');
    await panel('syscall').getByText('Rules that are on').waitFor();
    await panel('syscall').getByRole('link', { name: 'Rules for it' }).click();
    await page.waitForURL('**/rules?source=syscall');
    await page.goBack();
    await panel('internal').getByRole('link', { name: 'falco-1' }).waitFor();
    await fitsEverybody();
    await panel('internal').getByRole('link', { name: 'falco-1' }).click();
    await page.waitForURL('**where=source%3Dinternal&where=hostname%3Dfalco-1');
    await page.locator('.alert-row').nth(1).waitFor();
  });
});
