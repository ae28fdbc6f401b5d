/** Runs a sensor of its own and shows what it measures, until somebody has seen enough. */

import { LiveDetection, type LiveOptions, type Log } from '@peregrine/app/live';
import type { RulesReport } from '@peregrine/app/rules';
import type { Setup } from '@peregrine/app/setup';
import { compareSamples, type TopFrame, type TopSample } from '@peregrine/app/top';
import { hostPlace } from '../setup-options.ts';
import type { Terminal } from '../terminal.ts';
import { printable, renderFrame } from './render-frame.ts';
import { openScreen } from './screen.ts';

export interface RunTopOptions {
  readonly setup: Setup;
  readonly paths: readonly string[];
  readonly hostname: string;
  readonly scope: string | undefined;
  readonly intervalMs: number;
  readonly isOnce: boolean;
  readonly isJson: boolean;
  readonly terminal: Terminal;
  readonly confinement: LiveOptions['confinement'];
  readonly onRules: (report: RulesReport) => void;
}

export async function runTop(options: RunTopOptions): Promise<void> {
  const { terminal, intervalMs, isOnce, isJson } = options;
  const notes: string[] = [];
  const log: Log = (level, message) => {
    if (level === 'info' || level === 'notice' || level === 'debug') return;
    if (notes.push(message) > 1) notes.shift();
  };
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const { setup, paths, hostname, scope, onRules } = options;
  const live = await LiveDetection.start({
    ...{ setup, paths, hostname, scope, log, onRules },
    ...hostPlace(),
    programName: terminal.name,
    confinement: options.confinement,
    isProfiled: true,
  });
  const ended = live.ended();
  // Whether it broke down is seen below, at the end.
  ended.catch(() => stop.abort());
  const screen = isJson || isOnce ? undefined : openScreen(terminal, () => stop.abort());
  const show = (frame: TopFrame): void => {
    if (isJson) terminal.out(`${JSON.stringify(frame)}\n`);
    else if (screen !== undefined)
      screen.show([...renderFrame(frame, screen.size()), ...notes.map(printable)]);
    else terminal.out(`${renderFrame(frame, plainScreen).join('\n')}\n`);
  };
  try {
    let before = await sampleOf(live);
    while (!stop.signal.aborted) {
      await pause(intervalMs, stop.signal);
      if (stop.signal.aborted) break;
      const after = await sampleOf(live);
      show(compareSamples(before, after));
      before = after;
      if (isOnce) break;
    }
  } finally {
    screen?.close();
    live.requestStop();
  }
  await ended;
}

/** Where there is no terminal: as wide and long as what is shown. */
const plainScreen = { columns: 120, rows: 60, isColourful: false };

async function sampleOf(live: LiveDetection): Promise<TopSample> {
  const measurement = await live.measure();
  const { user, system } = process.cpuUsage();
  return { measurement, usage: { cpuSeconds: (user + system) / 1e6, rssBytes: process.memoryUsage.rss() } };
}

/** Resolves after the time, or when the signal comes. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const end = (): void => {
    clearTimeout(timer);
    resolve();
  };
  signal.addEventListener('abort', end, { once: true });
  return promise.finally(() => signal.removeEventListener('abort', end));
}
