/** The editor of rules in a browser: completion, explanations, findings, trying, saving with conflicts, versions and the way back. */

import type { Page } from 'playwright-core';
import { expect, test, vi } from 'vitest';
import { describePages, useTab } from './places.ts';
import { hostileAlert, noiseAlerts, shellAlert } from './ui-alerts-fixture.ts';
import { HubWithUi, LIMIT_MS } from './ui-program.ts';
import { PACKAGE_RULE, rulesText } from './ui-rules-fixture.ts';

const WAIT = { timeout: 30_000 };
const MANAGED = '/rules-files/web-rules.yaml';

vi.setConfig({ testTimeout: 2 * LIMIT_MS });

const hub = new HubWithUi();
let rulesPath = '';

const MINE = `- rule: Mine
  desc: A package manager that cron runs.
  condition: package_manager_runs and proc.pname = cron
  output: told %proc.name
  priority: NOTICE
`;

describePages('the editor of rules', () => {
  const web = useTab(hub, async () => {
    rulesPath = hub.scratch.write('rules.yaml', rulesText());
    await hub.start('', `changerules: anyone, rules: [${rulesPath}]`);
    for (const line of [...noiseAlerts, shellAlert, hostileAlert])
      expect(await hub.post(line, 'application/json')).toBe(200);
    await hub.kept(42);
  });

  const status = (page: Page): Promise<string> =>
    page.getByRole('region', { name: 'Findings' }).first().getByRole('status').innerText();

  /** In place of what is there, as somebody pastes it. */
  async function replaceText(page: Page, text: string): Promise<void> {
    const editor = page.locator('.cm-content');
    await editor.press('Control+a');
    await editor.press('Delete');
    if (text === '') return;
    // As text: what runs in the page does not have the types of this side.
    await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
    await editor.press('Control+v');
    await expect.poll(() => editor.innerText(), WAIT).not.toBe('\n');
  }

  /** Opens the file, with this text in place of its own. */
  async function write(text: string): Promise<Page> {
    const { page } = web.tab;
    await page.goto(MANAGED);
    await page.locator('.cm-content').waitFor();
    await expect.poll(() => status(page), WAIT).not.toBe('Checking…');
    await replaceText(page, text);
    return page;
  }

  async function save(page: Page, comment: string): Promise<void> {
    await page.locator('.cm-content').press('Control+s');
    const dialog = page.getByRole('dialog', { name: 'Save these rules?' });
    await dialog.getByLabel('Why (others will ask)').fill(comment);
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  }

  /** The editor has images without a source of its own, around signs for what cannot be seen. */
  const foreignCount = (page: Page): Promise<number> =>
    page.locator('main img:not(.cm-widgetBuffer), main img[src], main script').count();

  test('shows a file that is not changed here with the reason, at the line that is asked for', async () => {
    const { page } = web.tab;
    await page.goto(`/rules-files/${encodeURIComponent(rulesPath)}?line=12`);
    await page.getByText('This file is not changed from here.').waitFor();
    await expect
      .poll(() => page.locator('.cm-activeLine').innerText(), WAIT)
      .toContain('package_manager_runs');
    expect(await page.locator('.cm-content').getAttribute('aria-readonly')).toBe('true');
    await page.keyboard.type('nothing');
    expect(await page.locator('.cm-content').innerText()).not.toContain('nothing');
    await page.locator('.cm-condition-name', { hasText: 'package_manager_runs' }).first().waitFor();
    expect(await page.getByRole('button', { name: /^Save/ }).count()).toBe(0);
    expect(await web.tab.problemsInBothThemes()).toEqual([]);
    for (const width of [360, 2560]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await web.tab.overflowPx()).toBe(0);
    }
    await page.goto('/rules-files');
    await page.getByRole('link', { name: 'web-rules.yaml' }).first().click();
    await page.waitForURL(`**${MANAGED}`);
  });

  test('completes keys, fields, macros and lists, and explains them', async () => {
    const page = await write('- rule: Mine\n  desc: x\n  ');
    const editor = page.locator('.cm-content');
    await editor.press('Control+End');
    const take = async (typed: string, option: string): Promise<void> => {
      await page.keyboard.type(typed);
      const found = page
        .locator('.cm-tooltip-autocomplete li', { hasText: new RegExp(`^${option}`) })
        .first();
      await found.waitFor();
      await found.click();
    };
    await take('cond', 'condition');
    await take('package_manager_r', 'package_manager_runs');
    await take(' and proc.pn', 'proc.pname');
    await take(' in (package_man', 'package_managers');
    await page.keyboard.type(')');
    expect(await editor.innerText()).toContain(
      'condition: package_manager_runs and proc.pname in (package_managers)',
    );
    await page.locator('.cm-condition-field', { hasText: 'proc.pname' }).hover();
    await page.locator('.cm-explanation', { hasText: 'proc.pname' }).waitFor();
    await page.locator('.cm-condition-name', { hasText: 'package_manager_runs' }).hover();
    await page.locator('.cm-explanation', { hasText: 'spawned and proc.name in' }).waitFor();
    await replaceText(page, '');
  });

  test('tells what is wrong while one writes, with a way to the place, and saves nothing that is not good', async () => {
    const page = await write(MINE.replace('proc.pname', 'proc.nonsense'));
    await expect.poll(() => status(page), WAIT).toBe('1 error, 0 warnings');
    await page.locator('.finding', { hasText: 'proc.nonsense' }).waitFor();
    await page.locator('.cm-lintRange-error', { hasText: 'proc.nonsense' }).waitFor();
    await page.locator('.finding').getByRole('button', { name: 'line 3' }).click();
    await expect.poll(() => page.locator('.cm-activeLine').innerText(), WAIT).toContain('proc.nonsense');
    await page.locator('.cm-content').press('Control+s');
    const dialog = page.getByRole('dialog', { name: 'Save these rules?' });
    await dialog.getByText('they cannot be used').waitFor();
    expect(await dialog.getByRole('button', { name: 'Save', exact: true }).isDisabled()).toBe(true);
    expect(await web.tab.problemsInBothThemes()).toEqual([]);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await replaceText(page, '');
  });

  test('tries a rule on stored alerts and on a recording', async () => {
    const page = await write(MINE);
    await expect.poll(() => page.getByLabel('Rule, as it is in the editor').inputValue(), WAIT).toBe('Mine');
    await page.getByRole('button', { name: 'Try on stored alerts' }).click();
    await page.getByText('10 of 42 alerts match').waitFor();
    expect(await page.getByLabel('The latest that match').getByRole('link').count()).toBe(10);
    await replaceText(page, MINE.replace('proc.pname = cron', 'proc.tty = 7'));
    await expect.poll(() => status(page), WAIT).toBe('Nothing is wrong.');
    await page.getByRole('button', { name: 'Try on stored alerts' }).click();
    await page.getByText('Why it cannot be told of some').click();
    await page.getByRole('region', { name: 'Try a rule' }).getByText('proc.tty', { exact: true }).waitFor();
    await replaceText(page, MINE.replace('package_manager_runs and proc.pname = cron', 'evt.type = execve'));
    await page.getByLabel('Recording').selectOption('container/container.scap.gz');
    await page.getByRole('button', { name: 'Try on the recording' }).click();
    await page.getByText(/of [\d,]+ events match/).waitFor();
    await page.getByLabel('The first that match').getByText('told').first().waitFor();
    expect(await web.tab.problemsInBothThemes()).toEqual([]);
    await replaceText(page, '');
  });

  test('saves with a comment, asks before what is not saved is lost, and goes back to an earlier version', async () => {
    const page = await write(MINE);
    await page.getByRole('link', { name: 'Versions' }).click();
    const question = page.getByRole('dialog', { name: 'Leave without saving' });
    await question.getByRole('button', { name: 'Cancel' }).click();
    expect(new URL(page.url()).pathname).toBe(MANAGED);
    await save(page, 'packages by cron');
    await page.getByText(/saved as version \d+/).waitFor();
    await replaceText(page, MINE.replace('NOTICE', 'WARNING'));
    await page.locator('.cm-content').press('Control+s');
    await page.getByText('What is changed').click();
    await page.locator('dialog .cm-changedLine', { hasText: 'WARNING' }).waitFor();
    expect(await web.tab.problemsInBothThemes()).toEqual([]);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await save(page, 'more urgent');
    await page.locator('.notice', { hasText: 'saved as version 2' }).waitFor();
    await page.getByRole('link', { name: 'Versions' }).click();
    await page.getByText('more urgent').waitFor();
    await page.getByRole('heading', { name: 'From version 1 to version 2' }).waitFor();
    await page.locator('.cm-merge-b .cm-changedLine', { hasText: 'WARNING' }).waitFor();
    expect(await web.tab.problemsInBothThemes()).toEqual([]);
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await web.tab.overflowPx()).toBe(0);
    await page.setViewportSize({ width: 1366, height: 820 });
    await page.getByRole('button', { name: 'Go back to it…' }).click();
    await page.getByRole('button', { name: 'Go back to version 1' }).click();
    await page.getByText('version 3 is what version 1 was').waitFor();
    await page.getByRole('heading', { name: 'From version 2 to version 3' }).waitFor();
    await page.getByLabel('Compare from version 1').check();
    await page.getByText('They are the same.').waitFor();
    await page.goto('/rules/Mine');
    await page.locator('.badge', { hasText: 'Notice' }).waitFor();
  });

  test('shows what somebody else saved meanwhile, and loses neither text', async () => {
    const page = await write(`${MINE}# mine\n`);
    const version = await hub.saveRules(`${MINE}# theirs\n`, 'by somebody else');
    await save(page, 'mine');
    const dialog = page.getByRole('dialog', { name: 'The file was changed meanwhile' });
    await dialog.getByText('by somebody else').waitFor();
    await dialog.locator('.cm-content', { hasText: '# theirs' }).waitFor();
    expect(await web.tab.problemsInBothThemes()).toEqual([]);
    await dialog.getByRole('button', { name: 'Go on with mine, on top of theirs' }).click();
    expect(await page.locator('.cm-content').innerText()).toContain('# mine');
    await save(page, 'mine, on top');
    await page.locator('.notice', { hasText: `saved as version ${version + 1}` }).waitFor();
  });

  test('an exception that was made leads to the versions', async () => {
    const { page } = web.tab;
    const { alerts } = (await hub.get('/alerts?limit=100')) as {
      readonly alerts: readonly { readonly id: string; readonly rule: string }[];
    }; // As documented.
    await page.goto(`/tune?alert=${alerts.find(({ rule }) => rule === PACKAGE_RULE)?.id}`);
    await page.getByRole('button', { name: 'Use this exception…' }).click();
    await page.getByRole('button', { name: 'Use it', exact: true }).click();
    await page.getByRole('link', { name: 'earlier versions of the rules' }).click();
    await page.waitForURL(`**${MANAGED}/versions`);
    await page.getByText('the file now').waitFor();
  });

  test('changes a rule of another file by an entry of its own, and finds it again', async () => {
    const { page } = web.tab;
    await page.goto('/rules/Sleeping%20rule');
    await page.getByRole('link', { name: 'Change it…' }).click();
    await page.waitForURL(`**${MANAGED}`);
    const editor = page.locator('.cm-content');
    await expect.poll(() => editor.innerText(), WAIT).toContain('spawned and proc.name = sleep');
    expect(await editor.innerText()).toContain('condition: replace');
    await expect.poll(() => status(page), WAIT).toBe('Nothing is wrong.');
    await save(page, 'to be looked at');
    await page.locator('.notice', { hasText: 'saved as version' }).waitFor();
    await page.goto('/rules/Sleeping%20rule');
    await page.getByRole('link', { name: 'Change it…' }).click();
    await expect.poll(() => page.locator('.cm-activeLine').innerText(), WAIT).toBe('- rule: Sleeping rule');
    expect((await editor.innerText()).match(/- rule: Sleeping rule/g)?.length).toBe(1);
  });

  test('takes hostile texts as texts: in the editor, in findings, in what can be tried, and in differences', async () => {
    const html = '<img src=x onerror=alert(1)><script>alert(2)</script>';
    const hostile = `- macro: "${html}"\n  condition: evt.type = open\n- rule: "${html} \u202egnp.exe 日本語"\n  desc: x\n  condition: evt.type = open and "${html}" = 1 and proc.nosuch<b>x = 1\n  output: "${html} %nosuch.field"\n  priority: "${html}"\n`;
    const page = await write(hostile);
    await expect.poll(() => status(page), WAIT).toContain('error');
    await page.locator('.finding').first().waitFor();
    await page.locator('.cm-content').press('Control+s');
    await page.getByRole('dialog', { name: 'Save these rules?' }).getByText('they cannot be used').waitFor();
    expect(await foreignCount(page)).toBe(0);
    await page.getByRole('button', { name: 'Cancel' }).click();
    const good = `- rule: ${JSON.stringify(`${html} \u202e`)}\n  desc: x\n  condition: evt.type = open\n  output: "${html}"\n  priority: NOTICE\n`;
    await replaceText(page, good);
    await expect.poll(() => status(page), WAIT).toBe('Nothing is wrong.');
    await page.getByRole('button', { name: 'Try on stored alerts' }).click();
    await page.getByText(/of \d+ alerts match/).waitFor();
    await save(page, html);
    await page.locator('.notice', { hasText: 'saved as version' }).waitFor();
    await page.getByRole('link', { name: 'Versions' }).click();
    await page.getByText(html).first().waitFor();
    await page.locator('.cm-content').first().waitFor();
    expect(await foreignCount(page)).toBe(0);
    expect(await web.tab.problemsInBothThemes()).toEqual([]);
  });

  test('keeps what is not saved when the page is loaded again', async () => {
    const page = await write(`${MINE}# not saved\n`);
    await page.getByText('with changes that are not saved').waitFor();
    // The browser would ask before the page is loaded again, which is for another tab to try.
    const other = await web.tab.context.newPage();
    const kept = await page.evaluate<string>('JSON.stringify(Object.entries(sessionStorage))');
    await other.addInitScript(`for (const [key, value] of ${kept}) sessionStorage.setItem(key, value);`);
    await other.goto(MANAGED);
    await other.getByText('You wrote something here that was not saved.').waitFor();
    await other.getByRole('button', { name: 'Take it up again' }).click();
    await expect.poll(() => other.locator('.cm-content').innerText(), WAIT).toContain('# not saved');
    await other.getByText('with changes that are not saved').waitFor();
    await other.close();
  });

  test('asks before one goes back in the browser, too', async () => {
    const { page } = web.tab;
    await page.goto('/rules-files');
    await page.getByRole('link', { name: 'web-rules.yaml' }).first().click();
    await page.waitForURL(`**${MANAGED}`);
    await page.locator('.cm-content').press('Control+End');
    await page.keyboard.type('# mine');
    await page.getByText('with changes that are not saved').waitFor();
    const question = page.getByRole('dialog', { name: 'Leave without saving' });
    await page.goBack();
    await question.getByRole('button', { name: 'Cancel' }).click();
    await page.waitForURL(`**${MANAGED}`);
    expect(await page.locator('.cm-content').innerText()).toContain('# mine');
    await page.goBack();
    await question.getByRole('button', { name: 'Leave without saving' }).click();
    await page.waitForURL('**/rules-files');
    await page.getByRole('link', { name: 'web-rules.yaml' }).first().click();
    await page.locator('.cm-content').waitFor();
    expect(await page.locator('.cm-content').innerText()).not.toContain('# mine');
    expect(await page.getByText('You wrote something here').count()).toBe(0);
  });
});
