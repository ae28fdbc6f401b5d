/** A responder on a ledger in memory or in a file, with one kind of action whose outcomes the test decides. */

import { flag, type JsonObject, schema, text } from '@peregrine/base';
import { type Action, type ActionOutcome, defineAction } from '../src/action.ts';
import type { ResponsePlan } from '../src/rules/plan.ts';
import { readResponseRules } from '../src/rules/read-response-rules.ts';
import { Responder } from '../src/run/responder.ts';
import type { RunRecord } from '../src/run/run-record.ts';
import type { ResponderSettings } from '../src/run/settings.ts';
import { openSqliteLedger } from '../src/run/sqlite-ledger.ts';
import type { Inspected, TargetKind } from '../src/targets/target.ts';
import { noPorts } from './no-ports.ts';
import { nodeOf } from './node-of.ts';

export interface Did {
  readonly name: string;
  readonly target: string;
  readonly isDryRun: boolean;
}

/** Pods by namespace and name, whether they are there or not. */
interface Pod {
  readonly namespace: string;
  readonly name: string;
}

/** What the world outside does, and what was done to it. */
export class World {
  readonly did: Did[] = [];
  /** Of `did`, what changed something, or may have. */
  readonly effects: string[] = [];
  readonly undone: JsonObject[] = [];
  readonly told: { readonly run: RunRecord; readonly names: readonly string[] }[] = [];
  /** What comes of the next attempts; none: `done`. */
  readonly outcomes: ActionOutcome[] = [];
  inspected: (pod: Pod) => Inspected = () => ({
    kind: 'there',
    facts: { uid: 'u1', node: 'n1', labels: {} },
  });
  /** Attempts wait for it. */
  gate: Promise<void> = Promise.resolve();
  /** Turns of the event loop that an attempt takes. */
  turns = 0;
  #life = 0;
  nowMs = 1_000_000;
  settings: ResponderSettings = {
    isDryRun: false,
    dedupWindowMs: 5_000,
    cooldownMs: 10_000,
    mostRunning: 16,
    mostWaiting: 10_000,
    limits: [],
    protections: { namespaces: [], labels: [], nodes: [], pids: [] },
    approvalMs: 60_000,
    mostAgeMs: 600_000,
    mostAttempts: 3,
    firstRetryMs: 1,
    mostRetryMs: 2,
    defaultNotifiers: [],
  };

  readonly actions: readonly Action[] = [this.#action('test:safe', true), this.#action('test:hurts', false)];

  /** From now on, responders that were opened before do nothing, as if the program had been killed. */
  kill(): void {
    this.#life++;
  }

  plan(rules: unknown): ResponsePlan {
    const { plan, diagnostics } = readResponseRules([nodeOf(rules)], { actions: this.actions, stores: [] });
    if (plan === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
    return plan;
  }

  /** A start of the program. */
  open(rules: unknown, path = ':memory:'): Responder {
    return new Responder(this.plan(rules), {
      settings: this.settings,
      ledger: openSqliteLedger({ path, mostRuns: 10_000 }),
      ports: { ...noPorts, environment: { LIFE: String(this.#life) } },
      dryPorts: { ...noPorts, environment: { LIFE: String(this.#life) } },
      contextOf: async () => ({}),
      storeSettings: () => ({}),
      notify: (run, names) => this.told.push({ run, names }),
      log: (level, message) => {
        throw new Error(`${level}: ${message}`);
      },
      actionNamed: (name) => this.actions.find((action) => action.name === name),
      nowMs: () => this.nowMs,
      monotonicMs: () => this.nowMs,
      newId: () => crypto.randomUUID(),
      random: () => 0,
    });
  }

  #action(name: string, isRepeatable: boolean): Action {
    return defineAction({
      name,
      isRepeatable,
      platform: 'remote',
      doc: 'Of a test.',
      parameters: schema({
        note: text({ default: '', doc: 'Any text.' }),
        undoable: flag({ default: false, doc: 'Whether it can be taken back.' }),
      }),
      target: podTarget((pod) => this.inspected(pod)),
      continues: true,
      artifact: 'none',
      permissions: () => [],
      timeoutMs: () => 30_000,
      examples: [],
      run: async ({ target, parameters, isDryRun, signal, ports }) => {
        const aborted = new Promise<never>((_, reject) => signal.addEventListener('abort', reject));
        // Mostly nobody waits for it any more.
        aborted.catch(() => {});
        if (Number(ports.environment.LIFE) !== this.#life) return aborted;
        const at = `${target.namespace}/${target.name}`;
        this.did.push({ name, target: at, isDryRun });
        const effect = `${name} ${at} ${parameters.note}`;
        const outcome = this.outcomes.shift();
        if (outcome === undefined || outcome.kind === 'done' || outcome.kind === 'unknown')
          this.effects.push(effect);
        for (let i = 0; i < this.turns; i++) await new Promise((resolve) => setImmediate(resolve));
        await Promise.race([this.gate, aborted]);
        if (outcome !== undefined) return outcome;
        return parameters.undoable
          ? { kind: 'done', summary: `did ${at}`, undo: { at }, results: { exit_code: 0 } }
          : { kind: 'done', summary: `did ${at}`, results: { exit_code: 0 } };
      },
      undo: async (data) => {
        this.undone.push(data);
        return { kind: 'done', summary: 'as before' };
      },
    });
  }
}

function podTarget(inspect: (pod: Pod) => Inspected): TargetKind<Pod> {
  return {
    name: 'pod',
    doc: 'A pod of a test.',
    fields: ['k8s.ns.name', 'k8s.pod.name'],
    find: ({ fields }) => {
      const { 'k8s.ns.name': namespace, 'k8s.pod.name': name } = fields;
      return typeof namespace === 'string' && typeof name === 'string'
        ? { kind: 'found', target: { namespace, name } }
        : { kind: 'missing', reason: 'the alert has no `k8s.pod.name`' };
    },
    keyOf: ({ namespace, name }) => `pod ${namespace}/${name}`,
    factsOf: ({ namespace }) => ({ namespace }),
    inspect: async (pod) => inspect(pod),
  };
}
