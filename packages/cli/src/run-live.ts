/** Runs live detection until a signal ends it. Signals and changed files make it load everything again. */

import type { Log, Statistics } from '@peregrine/app/live';
import type { RuleFile, RulesReport } from '@peregrine/app/rules';
import type { ReadSetup, Setup, SetupRequest } from '@peregrine/app/setup';
import { hostPlace } from './setup-options.ts';

export interface RunLiveOptions {
  readonly request: SetupRequest;
  readonly read: ReadSetup;
  readonly setup: Setup;
  readonly hostname: string;
  readonly programName: string;
  readonly scope: string | undefined;
  readonly log: Log;
  readonly onRules: (report: RulesReport, files: readonly RuleFile[]) => void;
  readonly onFindings: (read: ReadSetup) => Promise<void>;
  /** Stop after as many seconds. */
  readonly seconds?: number;
  /** Called when events are watched. */
  readonly onStarted?: () => void;
}

/** Resolves with the counts of the run. Throws a `Fault` when detection cannot start or go on. */
export async function runLive(options: RunLiveOptions): Promise<Statistics> {
  const { request, setup, hostname, programName, scope, log } = options;
  const [{ LiveDetection }, { readSetup }, { watchPaths }] = await Promise.all([
    import('@peregrine/app/live'),
    import('@peregrine/app/setup'),
    import('@peregrine/app/watch-paths'),
  ]);
  let files = setup.ruleFiles;
  let watching = { close: (): void => {} };

  async function reload(why: string): Promise<void> {
    log('info', `${why}: loading configuration and rules again`);
    const read = await readSetup(request);
    await options.onFindings(read);
    if (read.setup !== undefined) files = read.setup.ruleFiles;
    const isInUse = await live.reload(read);
    if (isInUse) log('info', 'the new configuration and rules are in use');
    watch(read);
  }

  function watch(read: ReadSetup): void {
    watching.close();
    if (read.setup?.config.watch_config_files === false) return;
    const onChange = (path: string): void => {
      reload(`\`${path}\` has changed`).catch(tell);
    };
    watching = watchPaths(read.paths, onChange, (message) => log('warning', message));
  }

  const tell = (error: unknown): void => log('error', error instanceof Error ? error.message : String(error));
  let isStopWanted = false;
  const stop = (): void => {
    isStopWanted = true;
    started?.requestStop();
  };
  let started: Awaited<ReturnType<typeof LiveDetection.start>> | undefined;
  // Before the start, which takes a while: a signal must not be lost.
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const live = await LiveDetection.start({
    setup,
    hostname,
    programName,
    scope,
    ...hostPlace(),
    log,
    paths: options.read.paths,
    onRules: (report) => options.onRules(report, files),
  });
  started = live;
  if (isStopWanted) stop();
  process.on('SIGHUP', () => void reload('SIGHUP').catch(tell));
  process.on('SIGUSR1', () => void live.reopenOutputs().catch(tell));
  watch(options.read);
  options.onStarted?.();
  const timer = options.seconds === undefined ? undefined : setTimeout(stop, options.seconds * 1000);
  try {
    return await live.ended();
  } finally {
    clearTimeout(timer);
    watching.close();
  }
}
