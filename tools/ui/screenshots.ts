/**
 * Takes the screenshots of the documentation anew, once the pages and the bundle are built: `node tools/ui/screenshots.ts`, or
 * only those of some pages: `node tools/ui/screenshots.ts alerts outputs`.
 */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openBrowser, type sizes, Tab } from '../../e2e/browser.ts';
import { noiseAlerts, SHELL_RULE, sensorReports, shellAlert } from '../../e2e/ui-alerts-fixture.ts';
import { historyAlerts } from '../../e2e/ui-history-fixture.ts';
import { HubWithUi } from '../../e2e/ui-program.ts';
import { writtenRules } from '../../e2e/ui-rules-fixture.ts';
import { WebClient } from '../../e2e/web-client.ts';
import { openHttpReceiver } from '../../packages/outputs/testing/http-receiver.ts';

const folder = join(import.meta.dirname, '..', '..', 'docs', 'screenshots');
const wanted = process.argv.slice(2);
const hub = new HubWithUi();

interface Listed {
  readonly alerts: readonly { readonly id: string; readonly uuid: string }[];
  readonly incidents: readonly { readonly id: string }[];
}

async function addresses(): Promise<readonly (readonly [string, string])[]> {
  const { alerts } = (await hub.get('/alerts?limit=1')) as Listed; // As documented.
  const { incidents } = (await hub.get('/incidents?order=count')) as Listed; // The same.
  const incident = incidents[0]?.id ?? '';
  return [
    ['alerts', '/alerts'],
    ['alert', `/alerts/${alerts[0]?.uuid}`],
    ['incidents', '/incidents'],
    ['incident', `/incidents/${incident}`],
    ['tune', `/tune?incident=${incident}`],
    ['rules', '/rules'],
    ['rule', `/rules/${encodeURIComponent(SHELL_RULE)}`],
    ['rules-editor', '/rules-files/web-rules.yaml?line=14'],
    ['rules-versions', '/rules-files/web-rules.yaml/versions'],
    ['outputs', '/outputs'],
    ['sensors', '/sensors'],
    ['sources', '/sources'],
    ['users', '/users'],
  ];
}

/** One output takes everything, another refuses what it gets. */
const receiver = await openHttpReceiver();
receiver.answer(({ path }) =>
  path.startsWith('/refuses') ? { status: 400, body: 'unknown channel' } : { status: 200 },
);
await hub.start(
  `mattermost: { webhookurl: "${receiver.origin}/takes" }\nwebhook: { address: "${receiver.origin}/refuses", minimumpriority: warning }\n`,
  'changerules: anyone',
);
const browser = await openBrowser();
try {
  mkdirSync(folder, { recursive: true });
  const lines = [...sensorReports(3_600_000), ...noiseAlerts, shellAlert];
  for (const line of lines) await hub.post(line, 'application/json');
  await hub.kept(lines.length);
  for (const [text, comment] of writtenRules) await hub.saveRules(text, comment);
  const web = new WebClient(hub.uiUrl);
  for (const [name, role] of [
    ['ann', 'admin'],
    ['bob', 'responder'],
    ['wall', 'viewer'],
  ])
    await web.send('POST', '/users', { name, role, password: crypto.randomUUID() });
  await take(await addresses());
  // Days of alerts would bury what the other pages are about.
  const history = historyAlerts(9, Date.now());
  for (let i = 0; i < history.length; i += 500) await hub.post(history.slice(i, i + 500).join('\n'));
  await hub.kept(lines.length + history.length);
  await take([['overview', '/']]);
} finally {
  await browser.close();
  await hub.end();
  await receiver.close();
}

async function take(pages: readonly (readonly [name: string, address: string])[]): Promise<void> {
  for (const size of ['phone', 'laptop', 'wall'] satisfies (keyof typeof sizes)[]) {
    const tab = await Tab.open(browser, hub.uiUrl, size);
    for (const [name, address] of pages) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      await tab.page.goto(address, { waitUntil: 'networkidle' });
      await tab.page.locator('h1').waitFor();
      const colorScheme = size === 'wall' ? 'dark' : 'light';
      await tab.page.emulateMedia({ colorScheme });
      await tab.page.screenshot({ path: join(folder, `${name}-${size}.png`), animations: 'disabled' });
    }
    await tab.close();
  }
}
