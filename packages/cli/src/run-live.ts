/** Runs live detection until a signal ends it. Signals and changed files make it load everything again. */

import type { EmbeddedHub, LocalSensor } from '@peregrine/app/embedded-hub';
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
  /** Whether to serve the web interface where the configuration has no hub. */
  readonly isUiWanted?: boolean;
  /** Stop after as many seconds. */
  readonly seconds?: number;
  /** Called when events are watched. */
  readonly onStarted?: () => void;
}

/** Resolves with the counts of the run. Throws a `Fault` when detection cannot start or go on. */
export async function runLive(options: RunLiveOptions): Promise<Statistics> {
  const { hostname, programName, scope, log } = options;
  const [{ LiveDetection }, { readSetup }, { Reloader }] = await Promise.all([
    import('@peregrine/app/live'),
    import('@peregrine/app/setup'),
    import('@peregrine/app/reload'),
  ]);
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
  const hub = await openHub(options.setup, options.isUiWanted ?? false, log);
  const { request, read, setup } = await withChanges(options, hub);
  let files = setup.ruleFiles;
  let inUse: Setup = setup;
  const live = await LiveDetection.start({
    ...(hub === undefined ? {} : { moreOutputs: [hub.output] }),
    ...(hub?.keepsStories === true ? { onStories: hub.continueStories } : {}),
    setup,
    hostname,
    programName,
    scope,
    ...hostPlace(),
    log,
    confinement: options.confinement,
    paths: read.paths,
    onRules: (report) => options.onRules(report, files),
  }).catch(async (error: unknown) => {
    await hub?.stop();
    throw error;
  });
  started = live;
  if (isStopWanted) stop();
  process.on('SIGUSR1', () => void live.reopenOutputs().catch(tell));
  const reloader = new Reloader({
    first: read,
    read: () => readSetup(request),
    use: async (read) => {
      await options.onFindings(read);
      if (read.setup !== undefined) files = read.setup.ruleFiles;
      const isInUse = await live.reload(read);
      if (isInUse && read.setup !== undefined) inUse = read.setup;
      return isInUse;
    },
    log,
  });
  reload = () => reloader.request('SIGHUP');
  if (isReloadWanted) reload();
  reloader.start();
  options.onStarted?.();
  const port: LocalSensor['port'] = {
    ruleFiles: () => inUse.ruleFiles,
    config: () => inUse.config,
    reload: async (why) => {
      reloader.request(why);
      await reloader.rested();
    },
    measure: () => live.measure(),
    record: (durationMs) => live.record(durationMs),
  };
  await hub?.openWebInterface({ port, hostname }).catch((error: unknown) => {
    log('warning', `there is no web interface: ${error instanceof Error ? error.message : String(error)}`);
  });
  const timer = options.seconds === undefined ? undefined : setTimeout(stop, options.seconds * 1000);
  try {
    return await live.ended();
  } finally {
    clearTimeout(timer);
    reloader.close();
    await hub?.stop();
  }
}

/**
 * What to start with: with the fields that responses look at, and with the changes to rules that were made in the web
 * interface, as long as they fit the other rules. Rules that nobody can use would leave the machine unwatched.
 */
async function withChanges(
  { request, read, setup, log }: RunLiveOptions,
  hub: EmbeddedHub | undefined,
): Promise<{ readonly request: SetupRequest; readonly read: ReadSetup; readonly setup: Setup }> {
  const { wantedFields: extraFields = [], managedRules: path } = hub ?? {};
  if (extraFields.length === 0 && path === undefined) return { request, read, setup };
  const { readSetup } = await import('@peregrine/app/setup');
  const plain = { ...request, extraFields };
  const changed = path === undefined ? plain : { ...plain, lastRuleFiles: [path] };
  const again = await readSetup(changed);
  const isThere = again.setup?.ruleFiles.some(({ name }) => name === path) ?? false;
  if (again.setup !== undefined && !isThere) return { request: changed, read: again, setup: again.setup };
  if (again.setup !== undefined) {
    const { validateRules } = await import('@peregrine/app/validate');
    if (validateRules(again.setup).isUsable || !validateRules(setup).isUsable)
      return { request: changed, read: again, setup: again.setup };
    log(
      'error',
      `\`${path}\`, with changes from the web interface, does not fit the rules: they hold without it`,
    );
  }
  if (extraFields.length === 0) return { request: changed, read, setup };
  const without = await readSetup(plain);
  return { request: changed, read: without, setup: without.setup ?? setup };
}

/** `undefined`: there is none, as the configuration has it or, without one, since it could not start. */
async function openHub({ config }: Setup, isUiWanted: boolean, log: Log): Promise<EmbeddedHub | undefined> {
  const { config: file } = config.hub;
  if (file === '' && !isUiWanted) return undefined;
  const { startEmbeddedHub } = await import('@peregrine/app/embedded-hub');
  const write = (text: string): void => {
    process.stderr.write(text);
  };
  const opening = startEmbeddedHub({
    file: file === '' ? undefined : file,
    environment: file === '' ? uiEnvironment(process.env) : process.env,
    write: file === '' ? onlyTrouble(write) : write,
    patienceMs: config.output_timeout,
    onDiagnostics: async (diagnostics) => {
      if (diagnostics.length === 0) return;
      const { renderFindings } = await import('@peregrine/app/findings');
      write(renderFindings(diagnostics, [], { isColourful: false }));
    },
  });
  if (file !== '') return opening;
  // Nobody asked for it by name: detection goes on without.
  return opening.catch((error: unknown) => {
    log('warning', `there is no web interface: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  });
}

/** A hub that is there for the web interface alone takes nothing else from the environment. */
function uiEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = Object.entries(environment).filter(([name]) =>
    /^(?:UI_|JOURNAL_|HOME$|XDG_STATE_HOME$)/.test(name),
  );
  return { ...Object.fromEntries(own), UI_ENABLED: 'true' };
}

/** Of the hub's log: where the interface is, and what is wrong. */
function onlyTrouble(write: (text: string) => void): (text: string) => void {
  return (line) => {
    if (!/\[INFO\]/.test(line) || line.includes('web interface: ')) write(line);
  };
}
