/** What the state of a run is called, and what is said of it. */

import type { Run } from '@peregrine/api/contract';
import { durationText } from '../format.ts';

export type RunState = Run['state'];

export interface StateWords {
  readonly sign: string;
  readonly text: string;
  /** Ends in the class of its badge. */
  readonly tone: 'good' | 'bad' | 'warn' | 'plain';
  /** A sentence for whoever does not know the word. */
  readonly doc: string;
}

/** In the order of the filter: what somebody may have to look at comes first. */
export const stateWords: Readonly<Record<RunState, StateWords>> = {
  waiting: { sign: '‖', text: 'waits for approval', tone: 'warn', doc: 'Somebody has to approve it.' },
  queued: { sign: '…', text: 'queued', tone: 'plain', doc: 'It waits for its turn.' },
  begun: { sign: '▸', text: 'running', tone: 'plain', doc: 'It is under way.' },
  done: { sign: '✓', text: 'done', tone: 'good', doc: 'It was done.' },
  unchanged: { sign: '=', text: 'nothing to do', tone: 'plain', doc: 'All was as it should be.' },
  'dry-run': { sign: '○', text: 'would have run', tone: 'plain', doc: 'A dry run: nothing was changed.' },
  held: {
    sign: '⊘',
    text: 'held',
    tone: 'warn',
    doc: 'A limit, a protection or a cool-down kept it from running.',
  },
  skipped: {
    sign: '–',
    text: 'skipped',
    tone: 'plain',
    doc: 'An earlier step or a condition kept it from running.',
  },
  refused: { sign: '✕', text: 'refused', tone: 'bad', doc: 'It cannot be done.' },
  failed: {
    sign: '✕',
    text: 'failed',
    tone: 'bad',
    doc: 'It was tried as often as it may be, and not done.',
  },
  unknown: {
    sign: '?',
    text: 'not known',
    tone: 'bad',
    doc: 'It was begun, and nobody knows whether it was done.',
  },
  denied: { sign: '✕', text: 'denied', tone: 'plain', doc: 'Somebody said no.' },
  expired: { sign: '!', text: 'expired', tone: 'warn', doc: 'Nobody approved it in time.' },
  undone: { sign: '↶', text: 'undone', tone: 'plain', doc: 'It was done, and taken back.' },
};

export const runStates = Object.keys(stateWords) as readonly RunState[]; // Its keys, and no others.

/** `in 12 min`, `now`: until a time that is still to come. */
export function untilText(time: string, nowMs: number): string {
  const ms = Date.parse(time) - nowMs;
  return Number.isNaN(ms) || ms <= 0 ? 'now' : `in ${durationText(ms)}`;
}

/** What is done to what, in one line. */
export function orderText({ action, target }: Pick<Run, 'action' | 'target'>): string {
  return target === '' ? action : `${action}: ${target}`;
}

/** Who approved or denied it, or until when somebody may; `undefined`: nobody is asked. */
export function approvalText({ approval, state }: Pick<Run, 'approval' | 'state'>): string | undefined {
  if (approval === null) return undefined;
  if (approval.by === null) return state === 'waiting' ? 'nobody yet' : 'nobody';
  return `${state === 'denied' ? 'denied' : 'approved'} by ${approval.by}`;
}
