/** Responses in a browser: what waits is approved and denied, what was done is undone, and nothing is done by looking. */

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type HttpReceiver, openHttpReceiver } from '../packages/outputs/testing/http-receiver.ts';
import { describePages, useTab } from './places.ts';
import { HubWithUi, LIMIT_MS } from './ui-program.ts';
import { HOSTILE, PodServer, responseRules, shellIn } from './ui-response-fixture.ts';

vi.setConfig({ testTimeout: LIMIT_MS });

const PASSWORD = 'correct horse battery';

describePages('responses', () => {
  const hub = new HubWithUi();
  const pods = new PodServer();
  afterAll(() => pods.close());
  const web = useTab(hub, async () => {
    const kubeconfig = await pods.open();
    const rules = hub.scratch.write('response.yaml', responseRules);
    await hub.start(
      `response: { rulesfiles: ["${rules}"], kubeconfig: "${kubeconfig}", cooldown: 0s, dedupwindow: 0s }\n`,
    );
  });
  const panel = (name: string) => web.tab.page.getByRole('region', { name, exact: true });
  const waiting = () => panel('Waiting for approval').getByRole('list').getByRole('listitem');
  const runs = () => web.tab.page.getByRole('table', { name: 'Runs' });
  const rowOf = (...texts: readonly string[]) =>
    texts.reduce((rows, hasText) => rows.filter({ hasText }), runs().locator('[data-id]'));
  const dialog = (name: string) => web.tab.page.getByRole('dialog', { name });
  const podPath = (name: string, namespace = 'default') => `/api/v1/namespaces/${namespace}/pods/${name}`;
  const deleted = (name: string): boolean =>
    pods.changes.some((change) => change.startsWith(`DELETE ${podPath(name)}`));

  const fitsEverybody = async (): Promise<void> => {
    expect(await web.tab.problemsInBothThemes()).toEqual([]);
    for (const width of [360, 900, 2560]) {
      await web.tab.page.setViewportSize({ width, height: 800 });
      expect(await web.tab.overflowPx()).toBe(0);
    }
  };

  test('rules, limits and protections are told before anything happens', async () => {
    const { page } = web.tab;
    await page.goto('/response');
    await page.getByText('Live: actions are carried out').waitFor();
    await page.getByText('This hub acts').waitFor();
    await page.getByText('Nothing waits.').waitFor();
    const rules = page.getByRole('list', { name: 'Response rules' });
    await rules.getByText('whoever opens a shell is looked at').waitFor();
    await rules.getByText('needs approval').waitFor();
    await rules.getByText('dry run').waitFor();
    await page
      .getByRole('list', { name: 'Limits' })
      .getByText('0 of 20 within 1 min, each namespace')
      .waitFor();
    await page
      .getByRole('list', { name: 'Protected', exact: true })
      .getByText('namespace kube-system')
      .waitFor();
    await page.getByText('Nothing was decided yet.').waitFor();
    await fitsEverybody();
  });

  test('what is decided comes by itself, and moves nothing', async () => {
    const { page } = web.tab;
    await page.goto('/response');
    await page.getByText('Nothing was decided yet.').waitFor();
    await page.evaluate(
      "globalThis.shifts = 0; new PerformanceObserver((list) => { for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) globalThis.shifts += value; }).observe({ type: 'layout-shift' });",
    );
    expect(await hub.post(shellIn('live', { priority: 'Error' }), 'application/json')).toBe(200);
    await rowOf('Mark the pod', 'pod default/live').getByText('done').waitFor();
    await rowOf('Mark it as urgent', 'pod default/live').getByText('would have run').waitFor();
    await waiting().filter({ hasText: 'pod default/live' }).waitFor();
    expect(await page.evaluate<number>('globalThis.shifts')).toBeLessThan(0.01);
    expect(pods.labelsOf(podPath('live'))).toEqual({ app: 'live', suspicious: 'true' });
    expect(deleted('live')).toBe(false);
    await page.goto('/');
    await page.getByRole('link', { name: /^\d+ to approve$/ }).click();
    await page.waitForURL('**/response');
  });

  test('it is approved with keys alone, after a question that says what it is', async () => {
    const { page } = web.tab;
    await hub.post(shellIn('keys'), 'application/json');
    await page.goto('/response');
    await page.getByRole('button', { name: 'Approve: End the pod, pod default/keys' }).focus();
    await page.keyboard.press('Enter');
    const question = dialog('Approve this?');
    for (const text of [
      'End the pod (kubernetes:terminate)',
      'pod default/keys',
      'End pods',
      'Notice: Terminal shell',
    ])
      await question.getByText(text).first().waitFor();
    await question.getByText('<img src=x onerror=alert(1)>').waitFor();
    expect(await web.tab.problemsInBothThemes()).toEqual([]);
    // A second Enter by accident is a no.
    await page.keyboard.press('Enter');
    await question.waitFor({ state: 'detached' });
    expect(deleted('keys')).toBe(false);
    await page.keyboard.press('Enter');
    await question.waitFor();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await rowOf('End the pod', 'pod default/keys').getByText('done').waitFor();
    await expect.poll(() => deleted('keys')).toBe(true);
    await waiting().filter({ hasText: 'pod default/keys' }).waitFor({ state: 'detached' });
    await rowOf('End the pod', 'pod default/keys').getByRole('link').click();
    await dialog('Run').getByText('approved by local').waitFor();
  });

  test('it is denied, and then nobody can approve it', async () => {
    const { page } = web.tab;
    await hub.post(shellIn('denied'), 'application/json');
    await page.goto('/response');
    const other = await page.context().newPage();
    await other.goto('/response');
    await other.getByRole('button', { name: 'Approve: End the pod, pod default/denied' }).click();
    await page.getByRole('button', { name: 'Deny: End the pod, pod default/denied' }).click();
    await dialog('Deny this?').getByRole('button', { name: 'Deny', exact: true }).click();
    await rowOf('End the pod', 'pod default/denied').locator('.run-state').getByText('denied').waitFor();
    await other.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }).click();
    await other.getByRole('dialog').getByRole('alert').waitFor();
    expect(
      await other.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }).isDisabled(),
    ).toBe(true);
    await other.close();
    expect(deleted('denied')).toBe(false);
  });

  test('what was done is shown with what it changed, and taken back', async () => {
    const { page } = web.tab;
    await hub.post(shellIn('undo'), 'application/json');
    await page.goto('/response?text=default/undo&state=done');
    await rowOf('Mark the pod').getByRole('link').click();
    const run = dialog('Run');
    for (const text of [
      'label suspicious',
      'before',
      'after',
      'pod default/undo',
      'kubernetes:label',
      'default',
    ])
      await run.getByText(text, { exact: true }).first().waitFor();
    expect(await run.locator('img, script').count()).toBe(0);
    await run.getByText(HOSTILE.slice(0, 28)).first().waitFor();
    expect(await web.tab.problemsInBothThemes()).toEqual([]);
    await run.getByRole('button', { name: /^Undo: Mark the pod/ }).click();
    await dialog('Take this back?').getByRole('button', { name: 'Undo', exact: true }).click();
    await run.locator('.badge', { hasText: 'undone' }).waitFor();
    await run.getByText('Undone by').waitFor();
    expect(pods.labelsOf(podPath('undo'))).toEqual({ app: 'undo' });
    expect(await run.getByRole('button', { name: /^Undo/ }).count()).toBe(0);
    await run.getByRole('link', { name: 'Terminal shell in container' }).click();
    await page.waitForURL('**/alerts/*');
  });

  test('runs are found by state, rule and text', async () => {
    const { page } = web.tab;
    await hub.post(
      shellIn('found', { output_fields: { 'k8s.ns.name': 'staging', 'k8s.pod.name': 'found' } }),
      'application/json',
    );
    await page.goto('/response');
    await page.getByLabel('Words in rule, action, target or summary').fill('STAGING/found');
    await page.waitForURL('**text=STAGING*');
    await rowOf('pod staging/found').waitFor();
    await expect.poll(() => runs().locator('[data-id]').count()).toBe(1);
    await page.getByLabel('State').selectOption('undone');
    await page.getByText('No run is like that.').waitFor();
    await page.goto('/response');
    await page
      .getByRole('region', { name: 'End pods', exact: true })
      .getByRole('link', { name: 'its runs' })
      .click();
    await page.waitForURL('**rule=End+pods');
    await expect.poll(() => rowOf('Mark the pod').count()).toBe(0);
    await rowOf('End the pod').first().waitFor();
    await fitsEverybody();
  });

  test('an alert tells what was done, what waits, and what would be done and why not', async () => {
    const { page } = web.tab;
    await hub.post(shellIn('alert'), 'application/json');
    await page.goto('/response?text=default/alert');
    await rowOf('Mark the pod').getByText('done').waitFor();
    await rowOf('Mark the pod').getByRole('link').click();
    await dialog('Run').getByRole('link', { name: 'Terminal shell in container' }).click();
    await page.waitForURL('**/alerts/*');
    const responses = page.getByRole('list', { name: 'Responses' }).getByRole('listitem');
    await responses.filter({ hasText: 'Mark the pod' }).getByText('done').waitFor();
    await page.getByRole('button', { name: 'What would be done?' }).click();
    await panel('Response').getByText('Would mark pods').click();
    await panel('Response').getByText('priority >= Error').waitFor();
    await panel('Response').getByText('the alert has').first().waitFor();
    await fitsEverybody();
    await page.setViewportSize({ width: 1366, height: 820 });
    await page.getByRole('button', { name: 'Approve: End the pod, pod default/alert' }).click();
    await dialog('Approve this?').getByRole('button', { name: 'Approve', exact: true }).click();
    await expect.poll(() => deleted('alert')).toBe(true);
    await responses.filter({ hasText: 'End the pod' }).getByText('done').waitFor();
  });

  test('who reads further down is not disturbed by what comes', async () => {
    const { page } = web.tab;
    const lines = Array.from({ length: 20 }, (_, i) => shellIn(`many-${i}`));
    expect(await hub.post(lines.join('\n'))).toBe(200);
    await page.goto('/response?text=many');
    const shown = async (): Promise<string> =>
      await page.evaluate<string>(
        "document.querySelector('.run-rows [role=row].is-placed')?.textContent ?? ''",
      );
    await expect.poll(async () => await runs().getAttribute('aria-rowcount')).toBe('41');
    await page.evaluate("document.querySelector('.run-rows').scrollTop = 900");
    await expect
      .poll(async () => await page.evaluate<number>("document.querySelector('.run-rows').scrollTop"))
      .toBe(900);
    await rowOf('many-0').first().waitFor();
    const before = await shown();
    await hub.post(shellIn('many-more'), 'application/json');
    const button = page.getByRole('button', { name: 'show 2 new' });
    await button.waitFor();
    expect(await shown()).toBe(before);
    await button.click();
    await rowOf('many-more').first().waitFor();
    await page.getByRole('button', { name: 'up to date' }).waitFor();
  });
});

describePages('responses, for those who have less to say', () => {
  const hub = new HubWithUi();
  const pods = new PodServer();
  let receiver: HttpReceiver;
  beforeAll(async () => {
    receiver = await openHttpReceiver();
  });
  afterAll(async () => {
    await receiver.close();
    await pods.close();
  });
  const web = useTab(hub, async () => {
    const kubeconfig = await pods.open();
    const rules = hub.scratch.write('response.yaml', responseRules);
    await hub.start(
      `webhook: { address: "${receiver.origin}/told" }\nresponse: { rulesfiles: ["${rules}"], kubeconfig: "${kubeconfig}", defaultnotifiers: [webhook] }\n`,
      `users: [ "wall:${PASSWORD}:viewer" ]`,
    );
  });
  /** Path and query of the link that was sent for a pod. */
  const linkFor = async (pod: string): Promise<string> => {
    let link = '';
    await expect
      .poll(
        () => {
          const told = receiver.requests.find(
            ({ body }) => body.includes('/response/approve?token=') && body.includes(`default/${pod}`),
          );
          link = /\/response\/approve\?token=[\w.-]+/.exec(told?.body ?? '')?.[0] ?? '';
          return link;
        },
        { timeout: LIMIT_MS / 2 },
      )
      .not.toBe('');
    return link;
  };

  test('viewers see what waits, and cannot decide', async () => {
    const { page } = web.tab;
    await hub.post(shellIn('viewed'), 'application/json');
    await linkFor('viewed');
    await page.goto('/response');
    await page.getByLabel('Name').fill('wall');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Responders can approve and deny.').waitFor();
    await page.getByRole('list', { name: 'Waiting for approval' }).getByText('pod default/viewed').waitFor();
    expect(await page.getByRole('button', { name: /^(?:Approve|Deny|Undo)/ }).count()).toBe(0);
  });

  test('a link decides once, without signing in, and not by being looked at', async () => {
    const { page } = web.tab;
    await hub.post(shellIn('linked'), 'application/json');
    const link = await linkFor('linked');
    for (let i = 0; i < 3; i++) await page.goto(link);
    await page.getByRole('heading', { name: 'Approve this?' }).waitFor();
    await page.getByText('pod default/linked').waitFor();
    await page.getByText('<img src=x onerror=alert(1)>').waitFor();
    expect(await page.locator('img, script').count()).toBe(0);
    expect(await web.tab.problemsInBothThemes()).toEqual([]);
    for (const width of [360, 900, 2560]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await web.tab.overflowPx()).toBe(0);
    }
    expect(pods.changes.filter((change) => change.includes('linked') && change.startsWith('DELETE'))).toEqual(
      [],
    );
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('heading', { name: 'Approved' }).waitFor();
    await expect.poll(() => pods.changes.some((change) => /^DELETE .*linked/.test(change))).toBe(true);
    await page.goto(link);
    await page.getByRole('heading', { name: 'This was decided already' }).waitFor();
    await page.goto(link.replace(/.$/, (last) => (last === 'A' ? 'E' : 'A')));
    await page.getByRole('heading', { name: 'This link is not valid' }).waitFor();
  });

  test('a link denies, too', async () => {
    const { page } = web.tab;
    await hub.post(shellIn('kept'), 'application/json');
    await page.goto(await linkFor('kept'));
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.getByRole('heading', { name: 'Denied' }).waitFor();
    expect(pods.changes.some((change) => /^DELETE .*kept/.test(change))).toBe(false);
  });
});

describePages('a hub without response rules', () => {
  const hub = new HubWithUi();
  const web = useTab(hub, () => hub.start());

  test('says how to begin', async () => {
    const { page } = web.tab;
    await page.goto('/response');
    await page.getByRole('heading', { name: 'This hub does nothing about alerts yet' }).waitFor();
    await page.getByText('do: kubernetes:terminate').waitFor();
    expect(await web.tab.problemsInBothThemes()).toEqual([]);
    for (const width of [360, 900, 2560]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await web.tab.overflowPx()).toBe(0);
    }
  });
});
