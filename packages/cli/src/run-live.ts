/** Runs live detection until a signal ends it. Signals and changed files make it load everything again. */

import type { EmbeddedHub } from '@peregrine/app/embedded-hub';
import type { LiveOptions, Log, Statistics } from '@peregrine/app/live';
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
  readonly confinement: LiveOptions['confinement'];
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
  const [{ LiveDetection }, { readSetup }, { Reloader }] = await Promise.all([
    import('@peregrine/app/live'),
    import('@peregrine/app/setup'),
    import('@peregrine/app/reload'),
  ]);
  let files = setup.ruleFiles;

  const tell = (error: unknown): void => log('error', error instanceof Error ? error.message : String(error));
  let isStopWanted = false;
  const stop = (): void => {
    isStopWanted = true;
    started?.requestStop();
  };
  let started: Awaited<ReturnType<typeof LiveDetection.start>> | undefined;
  let isReloadWanted = false;
  let reload = (): void => {
    isReloadWanted = true;
  };
  // Before the start, which takes a while: a signal must not be lost.
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('SIGHUP', () => reload());
  const hub = await openHub(setup);
  const live = await LiveDetection.start({
    ...(hub === undefined ? {} : { moreOutputs: [hub.output] }),
    setup,
    hostname,
    programName,
    scope,
    ...hostPlace(),
    log,
    confinement: options.confinement,
    paths: options.read.paths,
    onRules: (report) => options.onRules(report, files),
  }).catch(async (error: unknown) => {
    await hub?.stop();
    throw error;
  });
  started = live;
  if (isStopWanted) stop();
  process.on('SIGUSR1', () => void live.reopenOutputs().catch(tell));
  const reloader = new Reloader({
    first: options.read,
    read: () => readSetup(request),
    use: async (read) => {
      await options.onFindings(read);
      if (read.setup !== undefined) files = read.setup.ruleFiles;
      return live.reload(read);
    },
    log,
  });
  reload = () => reloader.request('SIGHUP');
  if (isReloadWanted) reload();
  reloader.start();
  options.onStarted?.();
  const timer = options.seconds === undefined ? undefined : setTimeout(stop, options.seconds * 1000);
  try {
    return await live.ended();
  } finally {
    clearTimeout(timer);
    reloader.close();
    await hub?.stop();
  }
}

/** `undefined` when the configuration asks for none. */
async function openHub({ config }: Setup): Promise<EmbeddedHub | undefined> {
  if (config.hub.config === '') return undefined;
  const { startEmbeddedHub } = await import('@peregrine/app/embedded-hub');
  const write = (text: string): void => {
    process.stderr.write(text);
  };
  return startEmbeddedHub({
    file: config.hub.config,
    environment: process.env,
    write,
    patienceMs: config.output_timeout,
    onDiagnostics: async (diagnostics) => {
      if (diagnostics.length === 0) return;
      const { renderFindings } = await import('@peregrine/app/findings');
      write(renderFindings(diagnostics, [], { isColourful: false }));
    },
  });
}
