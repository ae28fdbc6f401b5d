/** Incidents in a browser: the list, triage of several at once, and the page of one. */

import { expect, test, vi } from 'vitest';
import { describePages, useTab } from './places.ts';
import { hostileAlert, noiseAlerts, shellAlert } from './ui-alerts-fixture.ts';
import { HubWithUi, LIMIT_MS } from './ui-program.ts';

const WAIT = { timeout: 20_000 };

vi.setConfig({ testTimeout: LIMIT_MS });

const hub = new HubWithUi();

describePages('the pages of incidents', () => {
  const web = useTab(hub, async () => {
    await hub.start();
    for (const line of [...noiseAlerts, shellAlert, hostileAlert])
      expect(await hub.post(line, 'application/json')).toBe(200);
    await hub.kept(42);
  });

  const rules = (): Promise<readonly string[]> => web.tab.page.locator('.incident-rule').allInnerTexts();

  test('are listed by urgency, or by how many alerts they have', async () => {
    const { page } = web.tab;
    await page.goto('/incidents');
    await page.locator('.incident').nth(3).waitFor();
    expect((await rules())[0]).toBe('Terminal shell in container');
    await page.getByLabel('Order').selectOption('count');
    await page.waitForURL('**order=count*');
    await page.locator('.incident').first().getByText('30 alerts').waitFor();
    expect((await rules())[0]).toBe('Launch package management in container');
    await page.locator('.spark path').first().waitFor({ state: 'attached' });
    await page.getByLabel('Rule or workload').fill('sensitive');
    await page.keyboard.press('Enter');
    await page.waitForURL('**text=sensitive*');
    await expect.poll(rules, WAIT).toEqual(['Read sensitive file untrusted']);
  });

  test('can be used by everybody, in both themes and on a phone, whatever they say', async () => {
    const { page } = web.tab;
    await page.goto('/incidents?state=all');
    await page.locator('.incident').nth(3).waitFor();
    expect(await web.tab.problemsInBothThemes()).toEqual([]);
    expect(await page.locator('main img, main script').count()).toBe(0);
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await web.tab.overflowPx()).toBe(0);
    await page.getByRole('link', { name: '<img' }).first().click();
    await page.waitForURL('**/incidents/*');
    await page.locator('.incident-alerts li').first().waitFor();
    expect(await web.tab.overflowPx()).toBe(0);
    await page.setViewportSize({ width: 1366, height: 820 });
    expect(await web.tab.problemsInBothThemes()).toEqual([]);
    expect(await page.locator('main img, main script').count()).toBe(0);
  });

  test('one is opened, noted and told of from the keyboard', async () => {
    const { page } = web.tab;
    await page.goto('/incidents?order=count');
    await page.locator('.incident').nth(3).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/incidents/*');
    await page.locator('.incident-alerts li').nth(29).waitFor();
    await expect.poll(() => page.locator('.bars rect').count(), WAIT).toBe(60);
    expect(await page.locator('.sentence').innerText()).toContain('30 alerts of builder in ci');
    await page.keyboard.press('m');
    await page.keyboard.type('nightly builds');
    await page.keyboard.press('Control+Enter');
    await page.locator('.note-text', { hasText: 'nightly builds' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('t');
    await page.waitForURL('**/tune?incident=*');
  });

  test('several are closed at once, and come back when asked for', async () => {
    const { page } = web.tab;
    await page.goto('/incidents?order=count');
    await page.locator('.incident').nth(3).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.getByText('2 chosen').waitFor();
    await page.keyboard.press('c');
    await expect.poll(() => page.locator('.incident').count(), WAIT).toBe(2);
    await page.getByLabel('States').getByText('Closed').click();
    await expect.poll(() => page.locator('.incident .state-closed').count(), WAIT).toBe(2);
  });
});
