/** Answers about incidents, and what people do about alerts: triage, notes, saved views. */

import { ApiError, type ApiHandlers } from '@peregrine/api';
import type { Note, View } from '@peregrine/api/contract';
import { parseDuration } from '@peregrine/base';
import {
  type AlertStore,
  MOST_VIEWS,
  type Notes,
  type StoredNote,
  type StoredView,
  type TriageTarget,
  type Views,
} from '@peregrine/store';
import { filterFrom, withFilterErrors } from '../filter-query.ts';
import { incidentShape } from '../shapes.ts';

export interface IncidentHandlerOptions {
  readonly store: AlertStore;
  readonly notes: Notes;
  readonly views: Views;
  readonly nowMs: () => number;
}

type Names =
  | 'addAlertNote'
  | 'listIncidents'
  | 'getIncident'
  | 'triage'
  | 'listViews'
  | 'saveView'
  | 'removeView';

/** Incidents that get the same note at once. */
const MOST_NOTED = 100;

export function noteShape({ id, timeMs, user, text }: StoredNote): Note {
  return { id, time: new Date(timeMs).toISOString(), user, text };
}

const viewShape = ({ id, name, query, owner, isShared }: StoredView): View => ({
  id,
  name,
  query,
  owner,
  isShared,
});

export function createIncidentHandlers(options: IncidentHandlerOptions): Pick<ApiHandlers, Names> {
  const { store, notes, views, nowMs } = options;
  const newNote = (user: string, text: string): StoredNote => ({
    id: crypto.randomUUID(),
    timeMs: nowMs(),
    user,
    text,
  });

  return {
    addAlertNote: async ({ params, body, caller }) => {
      const kept = await store.get(params.id ?? '');
      if (kept === undefined) throw new ApiError(404, 'no-alert', 'there is no such alert, or no longer');
      const note = newNote(caller.name, body.text);
      await notes.add(kept.incidentId, note);
      return noteShape(note);
    },
    listIncidents: async ({ query }) => {
      const {
        state,
        assignee,
        isUnassigned,
        rule,
        minimumPriority,
        priority,
        since,
        text,
        order,
        limit = 100,
        cursor,
      } = query;
      const sinceMs = since === undefined ? undefined : parseDuration(since);
      if (since !== undefined && sinceMs === undefined)
        throw new ApiError(
          400,
          'bad-since',
          `\`since\` is \`${since}\`, which is no length of time such as 24h`,
        );
      const fromNs = sinceMs === undefined ? undefined : BigInt(Math.floor(nowMs() - sinceMs)) * 1_000_000n;
      const filter = {
        ...{ states: state, rule, minimumPriority, priority, fromNs, text, order },
        assignee: isUnassigned === undefined ? assignee : '',
      };
      const found = await store.incidents(filter, { limit, cursor });
      return { incidents: found.incidents.map(incidentShape), next: found.next ?? null };
    },
    getIncident: async ({ params }) => {
      const incident = await store.incident(params.id ?? '');
      if (incident === undefined)
        throw new ApiError(404, 'no-incident', 'there is no such incident, or no longer');
      return { incident: incidentShape(incident), notes: (await notes.of(incident.id)).map(noteShape) };
    },
    triage: async ({ body, caller }) => {
      const { alerts, incidents, filter, state, assignee, note } = body;
      const given = [alerts, incidents, filter].filter((part) => part !== undefined);
      if (given.length !== 1)
        throw new ApiError(400, 'bad-target', 'exactly one of `alerts`, `incidents` and `filter` is wanted');
      if (state === undefined && assignee === undefined && note === undefined)
        throw new ApiError(400, 'no-change', '`state`, `assignee` or `note` is wanted');
      const target: TriageTarget =
        alerts !== undefined
          ? { kind: 'alerts', ids: alerts }
          : incidents !== undefined
            ? { kind: 'incidents', ids: incidents }
            : { kind: 'filter', filter: filterFrom(filter ?? {}, nowMs()) };
      const changed =
        state === undefined && assignee === undefined
          ? (incidents ?? alerts ?? []).length
          : await withFilterErrors(store.triage(target, { state, assignee }));
      if (note !== undefined) {
        const ids = incidents ?? (await incidentsOf(alerts ?? []));
        for (const id of new Set(ids.slice(0, MOST_NOTED))) await notes.add(id, newNote(caller.name, note));
      }
      return { changed };
    },
    listViews: async ({ caller }) => ({ views: (await views.of(caller.name)).map(viewShape) }),
    saveView: async ({ body, caller }) => {
      const saved = await views.save({ id: crypto.randomUUID(), owner: caller.name, ...body });
      if (saved === undefined)
        throw new ApiError(409, 'too-many-views', `${MOST_VIEWS} views are saved`, { hint: 'remove some' });
      return viewShape(saved);
    },
    removeView: async ({ params, caller }) => {
      const view = await views.get(params.id ?? '');
      // Of others, only what they share is known at all.
      if (view === undefined || (view.owner !== caller.name && !view.isShared))
        throw new ApiError(404, 'no-view', 'there is no such view');
      if (view.owner !== caller.name && caller.role !== 'admin')
        throw new ApiError(403, 'not-yours', `this view is ${view.owner}'s`);
      await views.remove(view.id);
      return { ok: true };
    },
  };

  async function incidentsOf(ids: readonly string[]): Promise<readonly string[]> {
    const kept = await Promise.all(ids.slice(0, MOST_NOTED).map((id) => store.get(id)));
    return kept.flatMap((alert) => (alert === undefined ? [] : [alert.incidentId]));
  }
}
