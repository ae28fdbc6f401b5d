/** Outputs in a browser: how they are, a test of one, and dead letters that are sent again. */

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type HttpReceiver, openHttpReceiver } from '../packages/outputs/testing/http-receiver.ts';
import { describePages, useTab } from './places.ts';
import { hostileAlert } from './ui-alerts-fixture.ts';
import { alertLine, HubWithUi, LIMIT_MS } from './ui-program.ts';

vi.setConfig({ testTimeout: LIMIT_MS });

const hub = new HubWithUi();

describePages('the outputs', () => {
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
    for (const line of [alertLine(1), alertLine(2), hostileAlert])
      expect(await hub.post(line, 'application/json')).toBe(200);
    await hub.kept(3);
  });
  const panel = (name: string) => web.tab.page.getByRole('region', { name, exact: true });

  test('tell what was delivered and what was refused, and why', async () => {
    const { page } = web.tab;
    await page.goto('/outputs');
    await panel('Webhook').getByText('no <b>such</b> thing').first().waitFor();
    await panel('Mattermost').getByText('delivering').waitFor();
    await panel('Webhook').getByText('has dead letters').waitFor();
    await page.getByRole('list', { name: 'Dead letters' }).getByText('for webhook').nth(2).waitFor();
    expect(await page.locator('.letter script, .letter img').count()).toBe(0);
    expect(await web.tab.problemsInBothThemes()).toEqual([]);
    for (const width of [360, 900, 2560]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await web.tab.overflowPx()).toBe(0);
    }
  });

  test('are tested, with what was sent and answered', async () => {
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

  test('send dead letters again, or have them thrown away', async () => {
    const { page } = web.tab;
    await page.goto('/outputs?output=webhook');
    const letters = page.getByRole('list', { name: 'Dead letters' }).getByRole('listitem');
    await letters.nth(2).waitFor();
    await letters.first().getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Throw away' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Throw away' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Throw away' }).click();
    await page.getByText('1 thrown away').waitFor();
    receiver.answer({ status: 200 });
    await page.getByRole('button', { name: 'Send all of Webhook again' }).click();
    await page.getByText('2 will be sent again').waitFor();
    await page.getByText('whatever could be delivered has been').waitFor();
    await expect
      .poll(() => receiver.requests.filter(({ path }) => path === '/refuses').length, { timeout: 20_000 })
      .toBeGreaterThanOrEqual(6);
  });
});
