/**
 * What a deed declares: the data that it takes and the capabilities that it needs. Deeds run in the process that acts on
 * this machine, and trust nothing that they are asked.
 */

import type { Keys, ObjectOf, ObjectSchema } from '@peregrine/base';
import type { ActionOutcome } from '../action.ts';
import type { HandsSettings } from './hands-settings.ts';
import type { LinuxCalls } from './linux/calls.ts';

/** Where deeds act. */
export interface DeedWorld {
  readonly settings: HandsSettings;
  readonly calls: LinuxCalls;
  /** This process, those that it works for, and whatever else keeps watch. */
  readonly ownPids: readonly number[];
  /** Folder that is taken for `/` where accounts are; `''` for the real one. */
  readonly accountsRoot: string;
  /** Aborted when nobody listens any more. */
  readonly signal: AbortSignal;
}

export interface DeedCall<P> extends DeedWorld {
  readonly data: P;
  /** Look, and say what would be done. */
  readonly isDryRun: boolean;
}

export interface DeedDeclaration<K extends Keys> {
  /** `kill`. */
  readonly name: string;
  readonly doc: string;
  readonly data: ObjectSchema<K>;
  /** Names, `CAP_KILL`. */
  readonly capabilities: (data: ObjectOf<K>) => readonly string[];
  readonly run: (call: DeedCall<ObjectOf<K>>) => Promise<ActionOutcome> | ActionOutcome;
}

/** A deed whatever its data. */
export interface Deed extends Omit<DeedDeclaration<Keys>, 'capabilities' | 'run'> {
  readonly capabilities: (data: unknown) => readonly string[];
  readonly run: (call: DeedCall<unknown>) => Promise<ActionOutcome> | ActionOutcome;
}

export function defineDeed<K extends Keys>(declaration: DeedDeclaration<K>): Deed {
  // Its data comes from `declaration.data`, and from nowhere else.
  return Object.freeze(declaration) as unknown as Deed;
}

export const refused = (reason: string): ActionOutcome => ({ kind: 'refused', reason });
export const unchanged = (reason: string): ActionOutcome => ({ kind: 'unchanged', reason });
