/**
 * The pages in a browser (Debian's Chromium, without a screen): how soon something is seen, how a list scrolls, and what it costs
 * to follow 500 alerts a second. `STORE`: folder of a store that `bench/store.ts` filled, else there are 2,000 alerts;
 * `MINUTES` of following (1).
 */

import { join } from 'node:path';
import { buildPages, openBrowser, Tab } from '../e2e/browser.ts';
import { alertLine, HubWithUi } from '../e2e/ui-program.ts';

const MINUTES = Number(process.env.MINUTES ?? 1);
const PER_SECOND = 500;
const ROUNDS = 7;
const FRAME_MS = 1_000 / 60;
const filled = process.env.STORE;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
function quantile(values: readonly number[], share: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN).toFixed(0);
}

buildPages();
const hub = new HubWithUi();
await hub.start(
  '',
  filled === undefined ? '' : `store: ${join(filled, 'alerts.db')}, maxbytes: 0, maxage: 0s`,
);
const browser = await openBrowser();
let lastNumber = 0;
const lines = (count: number): string =>
  Array.from({ length: count }, () => alertLine(++lastNumber, { rule: `Rule ${lastNumber % 50}` })).join(
    '\n',
  );

/** What runs in the page is text: it has none of the types of this side. */
const paintMs = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN";
const watchFrames = `(() => {
  const frames = [], tasks = [];
  let last = performance.now();
  const next = (now) => { frames.push(now - last); last = now; requestAnimationFrame(next); };
  requestAnimationFrame(next);
  new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) tasks.push(duration); }).observe({ type: 'longtask' });
  window.watched = { frames, tasks };
})()`;
const watched = `(() => { const { frames, tasks } = window.watched; return { frames: frames.splice(0), tasks: tasks.splice(0) }; })()`;
interface Watched {
  readonly frames: readonly number[];
  readonly tasks: readonly number[];
}

function tell(title: string, { frames, tasks }: Watched): void {
  const late = frames.filter((ms) => ms > FRAME_MS * 1.5).length;
  const seconds = frames.reduce((sum, ms) => sum + ms, 0) / 1_000;
  console.log(
    `${title}: ${(frames.length / seconds).toFixed(1)} frames a second, ${((100 * late) / frames.length).toFixed(1)} % late, p99 ${quantile(frames, 0.99)} ms, longest ${quantile(frames, 1)} ms; tasks over 50 ms: ${tasks.length}, longest ${tasks.length === 0 ? 0 : quantile(tasks, 1)} ms`,
  );
}

/** After a collection, megabytes. */
async function heapMegabytes(tab: Tab): Promise<number> {
  const devtools = await tab.context.newCDPSession(tab.page);
  await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = (await devtools.send('Runtime.getHeapUsage')) as { readonly usedSize: number }; // As Chromium documents.
  await devtools.detach();
  return usedSize / 1e6;
}

async function followAlerts(address: string): Promise<void> {
  const tab = await Tab.open(browser, hub.uiUrl, 'laptop');
  await tab.page.goto(address);
  await tab.page.locator('h1').waitFor();
  await sleep(2_000);
  await tab.page.evaluate(watchFrames);
  const heaps = [await heapMegabytes(tab)];
  const endMs = Date.now() + MINUTES * 60_000;
  const startMs = performance.now();
  let sent = 0;
  let nextHeapMs = Date.now() + 15_000;
  while (Date.now() < endMs) {
    const due = Math.floor(((performance.now() - startMs) / 1_000) * PER_SECOND) - sent;
    if (due >= 25) {
      await hub.post(lines(due));
      sent += due;
    }
    await sleep(20);
    if (Date.now() < nextHeapMs) continue;
    heaps.push(await heapMegabytes(tab));
    nextHeapMs += 15_000;
  }
  const rate = sent / ((performance.now() - startMs) / 1_000);
  tell(
    `${address} follows ${rate.toFixed(0)} alerts a second`,
    (await tab.page.evaluate(watched)) as Watched,
  ); // As above.
  console.log(`  heap, megabytes, every 15 s: ${heaps.map((heap) => heap.toFixed(1)).join(' ')}`);
  await tab.close();
}

try {
  if (filled === undefined) {
    await hub.post(lines(2_000));
    await hub.kept(2_000);
  }
  const { count } = (await hub.get('/alerts/count?from=1970-01-01T00:00:00Z')) as { readonly count: number }; // As documented.
  console.log(`${count} alerts in the store`);
  for (const [address, shown] of [
    ['/', '.tops, .overview, h1'],
    ['/alerts?from=1970-01-01T00:00:00Z', '.alert-row'],
    ['/incidents', 'h1'],
    ['/rules', 'h1'],
  ] as const) {
    const paints: number[] = [];
    const shownAfter: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const tab = await Tab.open(browser, hub.uiUrl, 'laptop');
      const startMs = performance.now();
      await tab.page.goto(address, { waitUntil: 'commit' });
      await tab.page.locator(shown).first().waitFor();
      shownAfter.push(performance.now() - startMs);
      await sleep(200);
      paints.push(Number(await tab.page.evaluate(paintMs)));
      await tab.close();
    }
    console.log(
      `${address}: first paint ${quantile(paints, 0.5)} ms, at most ${quantile(paints, 1)}; \`${shown}\` after ${quantile(shownAfter, 0.5)} ms`,
    );
  }
  const tab = await Tab.open(browser, hub.uiUrl, 'laptop');
  await tab.page.goto('/alerts?from=1970-01-01T00:00:00Z');
  await tab.page.locator('.alert-row').first().waitFor();
  await sleep(1_000);
  await tab.page.locator('.alert-row').first().hover();
  await tab.page.evaluate(watchFrames);
  for (let i = 0; i < 300; i++) {
    await tab.page.mouse.wheel(0, 120);
    await sleep(FRAME_MS);
  }
  tell('/alerts scrolls', (await tab.page.evaluate(watched)) as Watched); // As above.
  await tab.close();
  await followAlerts('/alerts');
  await followAlerts('/');
} finally {
  await browser.close();
  await hub.end();
}
