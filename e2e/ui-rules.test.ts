/** The list of rules in a browser, and the page of one rule. */

import { expect, test, vi } from 'vitest';
import { describePages, useTab } from './places.ts';
import { hostileAlert, noiseAlerts, shellAlert } from './ui-alerts-fixture.ts';
import { HubWithUi, LIMIT_MS } from './ui-program.ts';
import { HOSTILE_RULE, LONG_RULE, PACKAGE_RULE, rulesText } from './ui-rules-fixture.ts';

const WAIT = { timeout: 30_000 };
const MANY = 1_000;

vi.setConfig({ testTimeout: LIMIT_MS });

const hub = new HubWithUi();
/** Without those that are numbered. */
const FEW = 6;

describePages('the list of rules', () => {
  const web = useTab(hub, async () => {
    const rules = hub.scratch.write('rules.yaml', rulesText(MANY));
    await hub.start('', `changerules: anyone, rules: [${rules}]`);
    for (const line of [...noiseAlerts, shellAlert, hostileAlert])
      expect(await hub.post(line, 'application/json')).toBe(200);
    await hub.kept(42);
  });

  const open = async (address = '/rules'): Promise<void> => {
    await web.tab.page.goto(address);
    await web.tab.page.locator('.rule-row.is-placed').first().waitFor();
  };
  const rowCount = async (): Promise<string | null> =>
    web.tab.page.getByRole('table', { name: 'Rules' }).getAttribute('aria-rowcount');
  const first = (): Promise<string> =>
    web.tab.page.locator('.rule-row.is-placed .rule-name a').first().innerText();

  test('shows a thousand, those that fired most first, and only draws what is in sight', async () => {
    const { page } = web.tab;
    await open();
    expect(await rowCount()).toBe(String(MANY + FEW + 1));
    expect(await first()).toBe(PACKAGE_RULE);
    expect(await page.locator('.rule-row.is-placed').count()).toBeLessThan(60);
    const row = page.locator('.rule-row', { hasText: PACKAGE_RULE });
    expect(await row.locator('[data-what="hits"]').innerText()).toBe('30');
    expect(await row.locator('[data-what="cost"]').innerText()).toBe('not measured');
    expect(await row.locator('[data-what="last fired"]').innerText()).toContain('min');
    await row.getByRole('link', { name: '30' }).click();
    await page.waitForURL('**/alerts?since=7d&where=rule%3DLaunch*');
  });

  test('is sorted, and filtered by words, tag, source and state, all of which the address holds', async () => {
    const { page } = web.tab;
    await open();
    await page.keyboard.press('/');
    await page.keyboard.type('numbered 0042');
    await expect.poll(rowCount, WAIT).toBe('2');
    await page.waitForURL('**text=numbered+0042*');
    await page.getByRole('searchbox').fill('');
    await expect.poll(rowCount, WAIT).toBe(String(MANY + FEW + 1));
    await page.getByLabel('Tag', { exact: true }).selectOption('set3');
    await expect.poll(rowCount, WAIT).toBe('144');
    await page.getByRole('button', { name: 'Remove the tag set3' }).click();
    await page.getByLabel('Source').selectOption('k8s_audit');
    await expect.poll(rowCount, WAIT).toBe('2');
    await page.getByLabel('Source').selectOption('');
    await page.getByRole('button', { name: 'Off', exact: true }).click();
    await expect.poll(first, WAIT).toBe('Sleeping rule');
    await page.getByRole('button', { name: 'Never fired' }).click();
    await expect.poll(rowCount, WAIT).toBe(String(MANY + FEW - 2 + 1));
    await page.getByRole('button', { name: 'All', exact: true }).click();
    await page.getByRole('link', { name: 'Rule', exact: true }).click();
    await page.waitForURL('**order=name*');
    await expect.poll(first, WAIT).toContain('<img');
    await page.goBack();
    await expect.poll(first, WAIT).toBe(PACKAGE_RULE);
    await page.goto('/rules?text=nothing-is-like-this');
    await page.getByText('No rule is like that.').waitFor();
  });

  test('tells noise, the share that was expected', async () => {
    const { alerts } = (await hub.get('/alerts?where=proc.name%3Dapt-get&limit=100')) as {
      readonly alerts: readonly { readonly id: string }[];
    }; // As documented.
    const { page } = web.tab;
    await page.goto(`/alerts/${alerts[0]?.id}`);
    await page.getByRole('button', { name: /^Expected/ }).click();
    await page.getByText('1 changed to expected').waitFor();
    await open('/rules?order=noise');
    expect(await first()).toBe(PACKAGE_RULE);
    expect(await page.locator('[data-what="noise"]').first().innerText()).toContain('%');
  });

  test('turns rules off and on, and takes it back', async () => {
    const { page } = web.tab;
    await open('/rules?text=sleeping');
    const sleeping = page.getByRole('switch', { name: 'Sleeping rule is on' });
    const isOn = (): Promise<string | null> => sleeping.getAttribute('aria-checked');
    expect(await isOn()).toBe('false');
    await sleeping.click();
    await page.getByText('Sleeping rule is on').waitFor();
    await expect.poll(isOn, WAIT).toBe('true');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(isOn, WAIT).toBe('false');
  });

  test('is gone through by keys, also to a rule with a hostile name', async () => {
    const { page } = web.tab;
    await open('/rules?text=gnp.exe');
    await page.locator('h1').click();
    await page.keyboard.press('j');
    await page.locator('.rule-row.is-current').waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.pathname === `/rules/${encodeURIComponent(HOSTILE_RULE)}`);
  });

  test('shows hostile names as texts, and can be read by everybody, in any width', async () => {
    const { page } = web.tab;
    await open('/rules?order=name');
    expect(await page.locator('main img, main script').count()).toBe(0);
    expect(await web.tab.problemsInBothThemes()).toEqual([]);
    for (const width of [360, 800, 2560]) {
      await page.setViewportSize({ width, height: 800 });
      await page.locator('.rule-row.is-placed').first().waitFor();
      expect(await web.tab.overflowPx()).toBe(0);
    }
    await open(`/rules?text=${encodeURIComponent('Long name')}`);
    expect((await first()).length).toBeLessThan(LONG_RULE.length);
  });

  test('one rule tells what it found, what it stands on and what it leaves out', async () => {
    const { page } = web.tab;
    await page.goto(`/rules/${encodeURIComponent(PACKAGE_RULE)}`);
    await page.locator('h1', { hasText: PACKAGE_RULE }).waitFor();
    expect(await page.getByLabel('Condition of the rule').innerText()).toBe(
      'package_manager_runs and container.id != host',
    );
    await page.getByRole('button', { name: 'package_manager_runs' }).first().click();
    const macro = page.getByRole('region', { name: 'macro package_manager_runs' });
    await macro.waitFor();
    await macro.getByRole('button', { name: 'package_managers' }).click();
    await page.getByText('apt-get, dnf').waitFor();
    await page.getByText('container.image.repository = registry.example/base/builder').waitFor();
    expect(await page.getByRole('link', { name: 'T1059.004' }).first().getAttribute('href')).toBe(
      'https://attack.mitre.org/techniques/T1059/004/',
    );
    await page.getByLabel('30 alerts over time').waitFor();
    expect(await page.locator('.rule-recent li').count()).toBe(12);
    await page.getByLabel('Period', { exact: true }).selectOption('24h');
    await page.waitForURL('**since=24h');
    await page.keyboard.press('e');
    await page.waitForURL(/\/rules-files\/.*rules\.yaml\?line=10$/);
  });

  test('a rule whose name is hostile has a page that can be loaded, read and sent', async () => {
    const { page } = web.tab;
    for (const name of [HOSTILE_RULE, LONG_RULE]) {
      await page.goto(`/rules/${encodeURIComponent(name)}`);
      await page.getByLabel('Condition of the rule').waitFor();
      expect(await page.locator('main img, main script').count()).toBe(0);
      expect(await web.tab.problemsInBothThemes()).toEqual([]);
      await page.setViewportSize({ width: 360, height: 740 });
      expect(await web.tab.overflowPx()).toBe(0);
      await page.setViewportSize({ width: 1366, height: 820 });
    }
    await page.goto('/rules/of.another.sender');
    await page.getByText('there is no rule').waitFor();
  });

  test('nothing jumps while pages about rules load', async () => {
    const { page } = web.tab;
    // As text: what runs in the page does not have the types of this side.
    await page.addInitScript(
      "shift = 0; new PerformanceObserver((list) => { for (const { value } of list.getEntries()) shift += value; }).observe({ type: 'layout-shift', buffered: true })",
    );
    for (const address of ['/rules', '/rules-files', `/rules/${encodeURIComponent(PACKAGE_RULE)}`]) {
      for (const width of [360, 1366]) {
        await page.setViewportSize({ width, height: 800 });
        await page.goto(address, { waitUntil: 'networkidle' });
        await page.locator('h1').waitFor();
        // A page is good up to 0.1.
        expect(await page.evaluate<number>('shift'), `${address} at ${width}`).toBeLessThan(0.05);
      }
    }
  });
});
