/** Whether the sources of a configuration can be read: an event is sent through, files are looked at, services asked. */

import { existsSync, readFileSync, statSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { type WantedFeed, wantedFeeds } from '../plugins/loaded-plugins.ts';
import { checkApiServer, type Finding } from './check-api-server.ts';
import { sendCanary } from './send-canary.ts';

export type { Finding } from './check-api-server.ts';

export interface CheckedSource {
  readonly source: string;
  readonly plugin: string;
  readonly findings: readonly Finding[];
}

const LIMIT_MS = 10_000;
/** An audit log that nothing was added to for so long is not that of a cluster that is used. */
const STALE_MS = 3_600_000;

export async function checkSources(config: Config): Promise<readonly CheckedSource[]> {
  return Promise.all(
    wantedFeeds(config).map(async (feed) => ({
      source: feed.plugin.source,
      plugin: feed.plugin.name,
      findings: [...(await checkFeed(feed)), ...checkNode(feed)],
    })),
  );
}

async function checkFeed(feed: WantedFeed): Promise<readonly Finding[]> {
  const { openParams } = feed;
  if (/^https?:/.test(openParams)) return [await sendCanary(feed)];
  const [, path = openParams] = /^(?:file|unix):\/\/(.*)$/.exec(openParams) ?? [];
  if (path.startsWith('/') || existsSync(path)) return [checkFile(path)];
  return [await ask(feed)];
}

function checkNode({ plugin, openParams }: WantedFeed): readonly Finding[] {
  if (plugin.name !== 'k8saudit' || !/^https?:/.test(openParams)) return [];
  return checkApiServer(
    { read: (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined) },
    openParams,
  );
}

function checkFile(path: string): Finding {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined)
    return {
      isGood: false,
      text: `there is nothing at \`${path}\``,
      hint: 'the API server writes it with `--audit-log-path`',
    };
  const ageMs = Date.now() - stat.mtimeMs;
  return ageMs > STALE_MS
    ? { isGood: false, text: `nothing was added to \`${path}\` for ${Math.round(ageMs / 3_600_000)} hours` }
    : { isGood: true, text: `${path} is there, ${stat.size} bytes` };
}

/** Opens it and waits for an event, or for a complaint. */
async function ask({ plugin, initConfig, openParams }: WantedFeed): Promise<Finding> {
  const told: string[] = [];
  const complained = new AbortController();
  try {
    const feed = await plugin.open(initConfig, {
      openParams,
      tell: (_, text) => {
        told.push(text);
        complained.abort();
      },
      environment: process.env,
    });
    const batch = await feed.next(AbortSignal.any([complained.signal, AbortSignal.timeout(LIMIT_MS)]));
    // It is not acknowledged: whoever reads it for good gets it again.
    await feed.close();
    const { title } = feed;
    if (told[0] !== undefined) return { isGood: false, text: told[0] };
    const what = batch === undefined ? 'it has nothing new' : `it gave ${batch.events.length} events`;
    return { isGood: true, text: `${title}: ${what}` };
  } catch (error) {
    return { isGood: false, text: error instanceof Error ? error.message : String(error) };
  }
}
