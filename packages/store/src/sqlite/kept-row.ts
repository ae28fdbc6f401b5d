/** One alert as it crosses threads. */

import type { AlertStory } from '@peregrine/alert';
import type { TriageState } from '../alert-store.ts';
import { idOf } from '../places.ts';
import type { KeptBody } from './block-store.ts';
import type { TriageBook } from './triage-book.ts';

export interface ArrivingBody {
  readonly json: string;
  readonly mark: string | undefined;
  readonly story: AlertStory | undefined;
}

/** What the store knows of an alert beside its JSON. */
export interface KeptFacts {
  readonly id: string;
  readonly state: TriageState;
  readonly assignee: string | undefined;
  readonly incidentId: string;
}

export interface KeptRow extends KeptFacts {
  readonly json: string;
  readonly mark: string | undefined;
}

export function keptRowOf(seq: number, { json, mark, incidentId }: KeptBody, triage: TriageBook): KeptRow {
  const { state, assignee } = triage.of(seq, incidentId);
  return { id: idOf(seq), json, mark, state, assignee, incidentId };
}
