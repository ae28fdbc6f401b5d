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
import { PodServer, responseRules, shellIn } from '../../e2e/ui-response-fixture.ts';
import { writtenRules } from '../../e2e/ui-rules-fixture.ts';
import { WebClient } from '../../e2e/web-client.ts';
import { openHttpReceiver } from '../../packages/outputs/testing/http-receiver.ts';

const folder = join(import.meta.dirname, '..', '..', 'docs', 'screenshots');
const wanted = process.argv.slice(2);
const hub = new HubWithUi();

/** Shells that responses are about, of the last hours. */
const shells = ['api-7c9d', 'cart-0', 'mail-66f4', 'search-1', 'web-9b2c'].map((pod, i) =>
  shellIn(pod, {
    output: `10:00:00.000000000: Notice A shell was spawned in a container (shell=bash pod=${pod})`,
    priority: i % 2 === 0 ? 'Notice' : 'Error',
    time: new Date(Date.now() - (40 - i) * 60_000).toISOString(),
    output_fields: {
      'k8s.ns.name': i === 1 ? 'kube-system' : 'shop',
      'k8s.pod.name': pod,
      'proc.name': 'bash',
    },
  }),
);

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
    ['response', '/response'],
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
const pods = new PodServer();
const kubeconfig = await pods.open();
const responses = hub.scratch.write('response.yaml', responseRules);
await hub.start(
  `mattermost: { webhookurl: "${receiver.origin}/takes" }\nwebhook: { address: "${receiver.origin}/refuses", minimumpriority: warning }\nresponse: { rulesfiles: ["${responses}"], kubeconfig: "${kubeconfig}" }\n`,
  'changerules: anyone',
);
const browser = await openBrowser();
try {
  mkdirSync(folder, { recursive: true });
  const lines = [...sensorReports(3_600_000), ...shells, ...noiseAlerts, shellAlert];
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
  await pods.close();
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
