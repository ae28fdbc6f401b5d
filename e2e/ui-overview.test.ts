/** The overview in a browser: what needs attention, the timeline and its periods, what is new, and alerts as they come. */

import { expect, test, vi } from 'vitest';
import { describePages, useTab } from './places.ts';
import { hostileAlert, sensorReports, shellAlert } from './ui-alerts-fixture.ts';
import { historyAlerts } from './ui-history-fixture.ts';
import { alertLine, HubWithUi, LIMIT_MS } from './ui-program.ts';

const WAIT = { timeout: 20_000 };
const DAYS = 4;

vi.setConfig({ testTimeout: LIMIT_MS });

const hub = new HubWithUi();
const empty = new HubWithUi();
const history = historyAlerts(DAYS, Date.now());

describePages('the overview', () => {
  const web = useTab(hub, async () => {
    // Nothing listens there: the output fails.
    await hub.start('webhook: { address: http://127.0.0.1:9/in }\n');
    for (let i = 0; i < history.length; i += 500)
      expect(await hub.post(history.slice(i, i + 500).join('\n'))).toBe(200);
    const long = alertLine(0, { rule: 'L'.repeat(5_000), hostname: 'h'.repeat(300), priority: 'Alert' });
    const others = [shellAlert, hostileAlert, long, ...sensorReports(60_000)];
    for (const line of others) expect(await hub.post(line, 'application/json')).toBe(200);
    await hub.kept(history.length + others.length);
  });

  const open = async (address = '/'): Promise<void> => {
    await web.tab.page.goto(address);
    await web.tab.page.locator('.top-row').first().waitFor();
    await web.tab.page.locator('.overview-chart canvas').waitFor();
  };
  const total = (): Promise<string> => web.tab.page.locator('.overview-total').innerText();

  test('tells what needs attention, each with the page where one acts on it', async () => {
    const { page } = web.tab;
    await open();
    const rows = page.getByRole('region', { name: 'Needs attention' }).locator('.attention-row');
    await expect
      .poll(() => rows.filter({ hasText: 'Webhook' }).innerText(), WAIT)
      .toContain('does not deliver');
    expect(await rows.first().innerText()).toMatch(/^Alert/);
    const critical = rows.filter({ hasText: 'Critical' });
    expect(await critical.innerText()).toMatch(/^Critical\s+3 open\s+3 with nobody/);
    expect(await rows.filter({ hasText: 'Webhook' }).getByRole('link').getAttribute('href')).toBe('/outputs');
    const blind = rows.filter({ hasText: 'lost 12 events within the hour' });
    expect(await blind.getByRole('link').getAttribute('href')).toBe('/sensors');
    await critical.getByRole('link', { name: '3 with nobody' }).click();
    await page.waitForURL('**/incidents?priority=Critical&unassigned=true');
    await expect.poll(() => page.locator('.incident').count(), WAIT).toBe(3);
    await page.keyboard.press('g');
    await page.keyboard.press('o');
    await page.waitForURL((url) => url.pathname === '/');
    await critical.locator('[data-row]').click();
    await page.waitForURL('**/incidents/*');
  });

  test('is dragged over to look closer, leads to the same alerts, and back', async () => {
    const { page } = web.tab;
    await open();
    const box = await page.locator('.overview-chart .u-over').boundingBox();
    if (box === null) throw new Error('there is no chart');
    await page.mouse.move(box.x + box.width * 0.5, box.y + 40);
    await page.locator('.overview-pointed', { hasText: ' to ' }).waitFor();
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.75, box.y + 60, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/\?from=.*&to=/);
    const { searchParams } = new URL(page.url());
    const [from, to] = ['from', 'to'].map((name) => Date.parse(searchParams.get(name) ?? ''));
    // A quarter of a day, in whole bars of fifteen minutes.
    expect(((to ?? 0) - (from ?? 0)) / 900_000).toBeGreaterThanOrEqual(24);
    expect(((to ?? 0) - (from ?? 0)) / 900_000).toBeLessThanOrEqual(25);
    expect((from ?? 0) % 900_000).toBe(0);
    await expect.poll(total, WAIT).toMatch(/^\d+ alerts from/);
    const shown = Number.parseInt(await total(), 10);
    await page.getByRole('link', { name: 'Show these alerts' }).click();
    await page.waitForURL(/\/alerts\?from=.*&to=/);
    await page.locator('.alert-row').first().waitFor();
    await expect.poll(() => page.locator('h1 + .quiet').innerText(), WAIT).toBe(String(shown));
    await page.goBack();
    await page.getByRole('link', { name: 'Back to 24 h' }).click();
    await expect.poll(total, WAIT).toContain('in the last 24 hours');
  });

  test('has periods on keys, beside the one before, and all numbers as a table', async () => {
    const { page } = web.tab;
    await open();
    await expect.poll(total, WAIT).toMatch(/alerts in the last 24 hours [+−×]/);
    await page.getByText('Numbers as a table').click();
    const rows = page.locator('.overview-numbers tbody tr');
    await expect.poll(() => rows.count(), WAIT).toBe(96);
    await page.keyboard.press('1');
    await page.waitForURL('**/?since=1h');
    await expect.poll(() => rows.count(), WAIT).toBe(60);
    await rows.first().getByRole('link').press('Enter');
    await page.waitForURL(/\?from=.*&to=/);
    await page.keyboard.press('4');
    await page.waitForURL('**/?since=30d');
    // Nothing is kept from the thirty days before.
    await expect.poll(total, WAIT).toMatch(/in the last 30 days$/);
  });

  test('leads from what is frequent, new or unusual to its alerts', async () => {
    const { page } = web.tab;
    await open();
    const unusual = page.getByRole('region', { name: 'New and unusual' });
    await unusual.getByText('new namespace').waitFor();
    expect(await unusual.innerText()).toMatch(/the mean of the [23] periods of 24 hours since/);
    const raised = unusual.locator('li', { hasText: 'rule above usual' });
    expect(await raised.innerText()).toMatch(/Read sensitive file untrusted \d+ alerts; usually \d+/);
    await unusual.getByRole('link', { name: 'sandbox' }).click();
    await page.waitForURL('**/alerts?since=24h&where=k8s.ns.name%3Dsandbox');
    await expect.poll(() => page.locator('.alert-row').count(), WAIT).toBe(3);
    await page.goBack();
    await page
      .getByRole('region', { name: 'Rules' })
      .getByRole('link', { name: 'Create files below dev' })
      .click();
    await page.waitForURL('**/alerts?since=24h&where=rule%3DCreate+files+below+dev');
  });

  test('follows what comes, without anything moving', async () => {
    const { page } = web.tab;
    // As text: what runs in the page does not have the types of this side.
    await page.addInitScript(
      'window.shift = 0; new PerformanceObserver((list) => { for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value; }).observe({ type: "layout-shift", buffered: true });',
    );
    await open('/?since=1h');
    await page.getByRole('region', { name: 'Sensors' }).getByText('report and lose nothing').waitFor();
    expect(await page.getByText('Came just now').count()).toBe(0);
    await hub.post(alertLine(1, { rule: 'Came just now', priority: 'Emergency' }));
    await page.locator('.attention-row', { hasText: 'Came just now' }).waitFor();
    await page.locator('.top-row', { hasText: 'Came just now' }).waitFor();
    expect(await page.evaluate<number>('window.shift')).toBeLessThan(0.1);
  });

  test('can be used by everybody, with hostile texts as texts, in any width', async () => {
    const { page } = web.tab;
    await open();
    await page.locator('.attention-row', { hasText: 'Webhook' }).waitFor();
    await page.getByText('new namespace').waitFor();
    await page.getByText('Numbers as a table').click();
    expect(await web.tab.problemsInBothThemes()).toEqual([]);
    expect(await page.locator('main img, main script').count()).toBe(0);
    for (const width of [360, 900, 2560]) {
      await page.setViewportSize({ width, height: 1000 });
      await expect.poll(() => web.tab.overflowPx(), WAIT).toBe(0);
      await expect
        .poll(async () => (await page.locator('.overview-page').boundingBox())?.width ?? 0, WAIT)
        .toBeGreaterThan(width * 0.95);
    }
    await page.keyboard.press('j');
    const first = await page.locator('[data-row]:focus').innerText();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/incidents/*');
    await page.locator('h1', { hasText: first }).waitFor();
  });
});

describePages('the overview before the first alert', () => {
  const web = useTab(empty, () => empty.start());

  test('tells how to see one, and shows it when it comes', async () => {
    const { page } = web.tab;
    await page.goto('/');
    await page.getByRole('region', { name: 'No alerts yet' }).waitFor();
    await page.getByText('Nothing needs attention.').waitFor();
    expect(await web.tab.problemsInBothThemes()).toEqual([]);
    await empty.post(alertLine(1, { rule: 'The first' }));
    await page.locator('.attention-row', { hasText: 'The first' }).waitFor();
    expect(await page.getByRole('region', { name: 'No alerts yet' }).count()).toBe(0);
  });
});
