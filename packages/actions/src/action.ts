/**
 * What a response action declares: its parameters, what it acts on, what it needs, how it runs and how it is undone. When
 * it runs, how often, within which limits, who approves and what is written down is the responder's affair, and the same
 * for all.
 *
 * An action acts through ports only. In a dry run it is handed ports that change nothing, and does not know.
 */

import type { HubAlert, HubValue } from '@peregrine/alert';
import type { Json, JsonObject, Keys, ObjectOf, ObjectSchema } from '@peregrine/base';
import type { HandsPort } from './host/hands-port.ts';
import type { HubSection } from './hub-section.ts';
import type { KubePort } from './kubernetes/kube-port.ts';
import type { TargetKind } from './targets/target.ts';

/** Where an action acts. `remote`: whatever answers there. */
export type Platform = 'kubernetes' | 'host' | 'remote';

/** What RBAC must allow, at the least. */
export interface Permission {
  /** `''` for the core group. */
  readonly group: string;
  /** With subresource: `pods/exec`. */
  readonly resource: string;
  readonly verbs: readonly string[];
}

/** How actions reach the world. Each is opened when it is first asked for. A promise rejects with a `Fault`. */
export interface ActionPorts {
  readonly kube: () => Promise<KubePort>;
  readonly hands: () => Promise<HandsPort>;
  /** Of the hub, for client libraries that read them. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What the hub's configuration has in a section that an action declares; absent, nothing is set there. */
  readonly settings?: (section: string) => Readonly<Record<string, unknown>>;
  /** Calls a function of the hub's own runtime; never rejects. `undefined`: there is no such runtime. */
  readonly callFunction:
    | ((request: FunctionRequest, signal: AbortSignal) => Promise<ActionOutcome>)
    | undefined;
  /** A recording of the sensor in this process, rejects with a `Fault` where it makes none; `undefined`: it has no sensor. */
  readonly record: ((request: RecordRequest, signal: AbortSignal) => Promise<Artifact>) | undefined;
}

export interface FunctionRequest {
  /** `name`, or `namespace/name`. */
  readonly name: string;
  /** A UUID, the same in every attempt. */
  readonly runId: string;
  /** JSON of the alert and what is known of it. */
  readonly body: string;
}

export interface RecordRequest {
  readonly seconds: number;
}

/** One attempt. */
export interface ActionCall<P, T> {
  /** A UUID, the same in every attempt. */
  readonly runId: string;
  readonly alert: HubAlert;
  readonly target: T;
  /** Of what was there when the target was looked at, where it has one: another of the same name is not it. */
  readonly targetUid: string | undefined;
  /** Name of the node that was seen then, where the target has one. */
  readonly targetNode: string | undefined;
  readonly parameters: P;
  readonly ports: ActionPorts;
  /** Aborted when the action's time is over. */
  readonly signal: AbortSignal;
  /** Values that `${NAME}` may stand for: fields of the alert and the contexts of the rule, by names of variables. */
  readonly variables: Readonly<Record<string, string>>;
  /** What `additional_contexts` found out; empty without. */
  readonly context: Readonly<Record<string, string>>;
  /** True only for the wording of summaries; ports see to it that nothing changes. */
  readonly isDryRun: boolean;
}

/** A file that an action gives, for the store that the rule names. */
export interface Artifact {
  /** Last part of its name there: `etc_passwd`, `capture.pcap`. */
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** One thing that is not as it was. */
export interface Change {
  /** `pod default/alpine`, `cgroup /kubepods/...`, `file /tmp/x`. */
  readonly object: string;
  /** What of it: `label suspicious`; absent for all of it. */
  readonly part?: string;
  readonly before?: string;
  readonly after?: string;
}

/** What came of an attempt. Texts are for people, without a final stop. */
export type ActionOutcome =
  | {
      readonly kind: 'done';
      readonly summary: string;
      readonly changes?: readonly Change[];
      /** What `undo` needs; absent where there is nothing to undo. */
      readonly undo?: JsonObject;
      readonly artifact?: Artifact;
      /** For conditions of later steps, as `steps.NAME.KEY`. */
      readonly results?: Readonly<Record<string, HubValue>>;
    }
  /** It is as it should be, or the target is left out by the parameters; nothing was changed. */
  | { readonly kind: 'unchanged'; readonly reason: string }
  /** It cannot work, now or later; nothing was changed. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Nothing was changed, and it is worth trying again. */
  | { readonly kind: 'retry'; readonly reason: string; readonly afterMs: number | undefined }
  /** Nobody knows whether it was done: the connection broke. Tried again only where that is safe. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** Settings that cannot work: the parameter, and why. */
export interface ParameterRefusal {
  readonly key: string;
  /** `is not a number of seconds`: follows the key. */
  readonly why: string;
}

/** A declared example, for documentation and tests. */
export interface ActionExample {
  readonly doc: string;
  /** As in a rules file. */
  readonly parameters: Readonly<Record<string, Json>>;
}

export interface ActionDeclaration<K extends Keys, T> {
  /** `category:name`, as `actionner` has it. Talon's name, where it has one. */
  readonly name: string;
  readonly platform: Platform;
  readonly doc: string;
  readonly parameters: ObjectSchema<K>;
  /** Keys of the hub's configuration that it reads; for credentials, which are no affair of rules. */
  readonly settings?: HubSection;
  /** Why the parameters cannot work together; all reasons at once. */
  readonly refuses?: (parameters: ObjectOf<K>) => readonly ParameterRefusal[];
  readonly target: TargetKind<T>;
  /** Whether later actions of the rule run after it, where neither rule nor action says so. COMPAT: Talon's defaults. */
  readonly continues: boolean;
  /** Whether it gives a file, for `output` in the rule. */
  readonly artifact: 'none' | 'optional' | 'required';
  /** What Kubernetes must allow; empty elsewhere. */
  readonly permissions: (parameters: ObjectOf<K>) => readonly Permission[];
  /** What the host must allow, as capabilities: `CAP_KILL`; empty elsewhere. */
  readonly capabilities?: (parameters: ObjectOf<K>) => readonly string[];
  /** Whether it may run twice where nobody knows whether it ran: it ends in the same state. */
  readonly isRepeatable: boolean;
  /** How long one attempt may take unless the rule says otherwise, milliseconds. */
  readonly timeoutMs: (parameters: ObjectOf<K>) => number;
  readonly examples: readonly ActionExample[];
  /** Resolves to an outcome whatever happens outside; a rejection is a bug, and counts as `refused`. */
  readonly run: (call: ActionCall<ObjectOf<K>, T>) => Promise<ActionOutcome>;
  /** Takes back what `run` did, from what it gave as `undo`. Safe to run twice. */
  readonly undo?: (data: JsonObject, ports: ActionPorts, signal: AbortSignal) => Promise<ActionOutcome>;
}

/** An action whose parameters and target were made one type: what rosters hold and the responder runs. */
export interface Action
  extends Omit<
    ActionDeclaration<Keys, unknown>,
    'refuses' | 'permissions' | 'capabilities' | 'timeoutMs' | 'run'
  > {
  readonly refuses: (parameters: Readonly<Record<string, unknown>>) => readonly ParameterRefusal[];
  readonly permissions: (parameters: Readonly<Record<string, unknown>>) => readonly Permission[];
  readonly capabilities: (parameters: Readonly<Record<string, unknown>>) => readonly string[];
  readonly timeoutMs: (parameters: Readonly<Record<string, unknown>>) => number;
  readonly run: (call: ActionCall<Readonly<Record<string, unknown>>, unknown>) => Promise<ActionOutcome>;
}

/** Declares an action. */
export function defineAction<K extends Keys, T>(declaration: ActionDeclaration<K, T>): Action {
  // The parameters come from `declaration.parameters` and the target from `declaration.target`, and from nowhere else.
  return Object.freeze({ refuses: () => [], capabilities: () => [], ...declaration }) as unknown as Action;
}
