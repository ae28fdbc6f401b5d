/** All functions: opened together, called by name, closed together. This is what callers in the same process use. */

import type { MetricFamily } from '@peregrine/api';
import { Fault } from '@peregrine/base';
import { type FunctionSpec, fullNameOf } from '../function-spec.ts';
import { installPackages } from '../process/install-packages.ts';
import { findPythons } from '../process/interpreters.ts';
import type { Account } from '../process/messages.ts';
import { type Enclosure, findEnclosure } from '../process/supervision.ts';
import { probeCommand } from '../worker/commands.ts';
import type { CallResult, FunctionCall } from './call.ts';
import { familiesOf } from './call-counters.ts';
import { FunctionPool, type PoolOptions } from './function-pool.ts';

export interface RuntimeOptions {
  readonly functions: readonly FunctionSpec[];
  /** The user that a function runs as; `undefined`: whoever we are. */
  readonly accountOf: (spec: FunctionSpec) => Account | undefined;
  /** Our own environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The only interpreter to use; absent, the machine's are tried. */
  readonly python?: string | undefined;
  /** A kubeconfig file that functions get a copy of. */
  readonly kubeconfig?: string | undefined;
  /** Where packages are installed that functions ask for; absent, nothing is installed. */
  readonly packagesFolder?: string | undefined;
  /** Told to functions as theirs. */
  readonly port?: number;
  readonly limits?: Partial<RuntimeLimits>;
  /** The best that the machine allows, unless stated. */
  readonly enclosure?: Enclosure;
  readonly log: PoolOptions['log'];
}

export interface RuntimeLimits {
  /** Of each function, at a time. */
  readonly calls: number;
  readonly waiting: number;
  /** How long a call may wait to begin. */
  readonly waitMs: number;
  readonly answerBytes: number;
  /** Threads and processes of a function. */
  readonly tasks: number;
}

export const defaultRuntimeLimits: RuntimeLimits = {
  calls: 4,
  waiting: 100,
  waitMs: 60_000,
  answerBytes: 6 * 2 ** 20,
  tasks: 64,
};

/** A function as others see it. */
export interface FunctionStatus {
  readonly name: string;
  readonly namespace: string;
  readonly runtime: string;
  readonly handler: string;
  /** What it runs on: `Python 3.11.2`. */
  readonly version: string;
  readonly running: number;
  readonly waiting: number;
  /** Why it cannot be called now. */
  readonly trouble: string | undefined;
}

export class FunctionRuntime {
  readonly #pools: ReadonlyMap<string, FunctionPool>;

  private constructor(pools: readonly FunctionPool[]) {
    this.#pools = new Map(pools.map((pool) => [fullNameOf(pool.spec), pool]));
  }

  /** Resolves when all functions are ready. Throws a `Fault` that says what is wrong with all that are not. */
  static async open(options: RuntimeOptions): Promise<FunctionRuntime> {
    const limits = { ...defaultRuntimeLimits, ...options.limits };
    const enclosures = new Map<number | undefined, Enclosure>();
    const pythons = options.python === undefined ? findPythons(options.environment.PATH) : [options.python];
    const pools: FunctionPool[] = [];
    for (const spec of options.functions) {
      const account = options.accountOf(spec);
      const enclosure =
        options.enclosure ?? enclosures.get(account?.uid) ?? (await findEnclosure(account, probeCommand()));
      enclosures.set(account?.uid, enclosure);
      const { packagesFolder, environment, kubeconfig, log } = options;
      const packages =
        packagesFolder === undefined || spec.dependencies.trim() === ''
          ? undefined
          : await installPackages({
              spec,
              account,
              enclosure,
              pythons,
              environment,
              cacheFolder: packagesFolder,
              onLine: (line) => log('info', `${spec.name}: ${line}`),
            });
      const common = { spec, account, enclosure, pythons, packages, kubeconfig, environment, log };
      pools.push(
        new FunctionPool({
          ...common,
          port: options.port ?? 0,
          mostCalls: limits.calls,
          mostWaiting: limits.waiting,
          mostWaitMs: limits.waitMs,
          mostAnswerBytes: limits.answerBytes,
          mostTasks: limits.tasks,
        }),
      );
    }
    const runtime = new FunctionRuntime(pools);
    const troubles = await Promise.all(pools.map((pool) => pool.open()));
    const faults = pools.flatMap(({ spec }, i) => {
      const trouble = troubles[i];
      return trouble === undefined ? [] : [{ spec, trouble }];
    });
    const [first] = faults;
    if (first === undefined) return runtime;
    await runtime.close();
    const reasons = faults.map(
      ({ spec, trouble }) => `\`${fullNameOf(spec)}\` cannot be started: ${trouble.reason}`,
    );
    const hints = new Set(faults.flatMap(({ trouble }) => trouble.hint ?? []));
    throw new Fault(
      'functions-unfit',
      reasons.join('\n'),
      hints.size === 0 ? {} : { hint: [...hints].join('\n  ') },
    );
  }

  /** `name` is that of the only function, or of the only one of that name, or `namespace/name`. Never rejects. */
  async invoke(name: string, call: FunctionCall): Promise<CallResult> {
    const pool = this.#find(name);
    return pool === undefined ? { kind: 'unknown' } : pool.call(call);
  }

  /** The full name of what a name stands for. */
  resolve(name: string): string | undefined {
    const pool = this.#find(name);
    return pool === undefined ? undefined : fullNameOf(pool.spec);
  }

  functions(): readonly FunctionStatus[] {
    return [...this.#pools.values()].map(({ spec, room, trouble, version }) => ({
      name: spec.name,
      namespace: spec.namespace,
      runtime: spec.runtime,
      handler: spec.handler,
      version,
      running: room.insideCount,
      waiting: room.waitingCount,
      trouble: trouble?.reason,
    }));
  }

  metrics(): readonly MetricFamily[] {
    return familiesOf(
      [...this.#pools.values()].map((pool) => ({
        name: pool.spec.name,
        namespace: pool.spec.namespace,
        counters: pool.counters,
        running: pool.room.insideCount,
        waiting: pool.room.waitingCount,
        droppedLines: pool.droppedLines(),
        isFit: pool.trouble === undefined,
      })),
    );
  }

  /** Ends all functions, those that run included. */
  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()));
  }

  #find(name: string): FunctionPool | undefined {
    const found = this.#pools.get(name);
    if (found !== undefined) return found;
    const [only, ...others] = [...this.#pools.values()].filter(({ spec }) => spec.name === name);
    return others.length === 0 ? only : undefined;
  }
}
