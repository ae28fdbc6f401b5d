/** Answers about exceptions: which there could be, what one would have hidden, and adding it to the rules. */

import { ApiError, type ApiHandlers } from '@peregrine/api';
import type { Exception, Finding } from '@peregrine/api/contract';
import { flatDiagnostic } from '@peregrine/lang';
import type { AlertFilter, AlertStore, KeptAlert, WhereClause } from '@peregrine/store';
import { filterFrom, withFilterErrors } from '../filter-query.ts';
import { isSame, withException } from '../rules/managed-file.ts';
import { type BookState, diagnosticsOf, MANAGED_NAME, type RuleBook } from '../rules/rule-book.ts';
import type { RuleChanges } from '../rules/rule-changes.ts';
import { edited } from '../rules/rule-handlers.ts';
import { alertShape } from '../shapes.ts';
import { alertCondition, checkException, conditionOf, ruleException } from './exception-text.ts';
import { isChosen, isCommandLine, isPassing } from './field-roles.ts';
import { proposeExceptions } from './propose.ts';

export interface TuneHandlerOptions {
  readonly store: AlertStore;
  readonly book: RuleBook;
  readonly changes: RuleChanges;
  readonly nowMs: () => number;
}

type Names = 'proposeException' | 'previewException' | 'applyException';

const DEFAULT_SINCE = '30d';
/** Alerts of an incident that are looked at. */
const MOST_LOOKED_AT = 500;
const MOST_SAMPLES = 10;
const MOST_DAYS = 92;
const DAY_NS = 86_400_000_000_000n;
/** Incidents that one exception marks. */
const MOST_INCIDENTS = 10_000;

export function createTuneHandlers(options: TuneHandlerOptions): Pick<ApiHandlers, Names> {
  const { store, book, changes, nowMs } = options;

  const alertsOf = (rule: string, since: string | undefined): AlertFilter => ({
    ...filterFrom({ since: since ?? DEFAULT_SINCE }, nowMs()),
    where: [clause('rule', rule)],
  });

  async function expected(body: {
    readonly alertId?: string | undefined;
    readonly incidentId?: string | undefined;
  }): Promise<readonly KeptAlert[]> {
    const { alertId, incidentId } = body;
    if ((alertId === undefined) === (incidentId === undefined))
      throw new ApiError(400, 'bad-target', 'exactly one of `alertId` and `incidentId` is wanted');
    if (alertId !== undefined) {
      const kept = await store.get(alertId);
      if (kept === undefined) throw new ApiError(404, 'no-alert', 'there is no such alert, or no longer');
      return [kept];
    }
    const where = [clause('incident', incidentId ?? '')];
    const { alerts } = await store.search({ where }, { limit: MOST_LOOKED_AT });
    if (alerts.length === 0)
      throw new ApiError(404, 'no-incident', 'there is no such incident, or no longer');
    return alerts;
  }

  /** Whether rules of the source can compare the field; of a source that is not known here, whether any can. */
  function fieldsOf(source: string): (name: string) => boolean {
    const all = book.catalogue.sources;
    const own = all.filter(({ name }) => name === source);
    return (text) => {
      const [, name = text, argument] = /^([^[]+)(?:\[(.*)\])?$/s.exec(text) ?? [];
      return (own.length === 0 ? all : own).some((one) => {
        const resolution = one.resolve(name, argument);
        return resolution.kind === 'field' && !resolution.field.info.isPrintOnly;
      });
    };
  }

  return {
    proposeException: async ({ body, signal }) => {
      const alerts = await expected(body);
      const { rule = '', source = '' } = alerts[0]?.alert ?? {};
      return proposeExceptions({
        ...{ store, rule, alerts, signal },
        filter: alertsOf(rule, body.since),
        isField: fieldsOf(source),
      });
    },
    previewException: async ({ body, signal }) => {
      const { rule, exception } = body;
      checkException(exception);
      const filter = alertsOf(rule, body.since);
      const condition = alertCondition(exception);
      const hiddenFilter = { ...filter, condition };
      const keptFilter = { ...filter, condition: `not ${condition}` };
      const page = { limit: MOST_SAMPLES };
      const [hiddenCount, total, hidden, kept] = await withFilterErrors(
        Promise.all([
          store.count(hiddenFilter, signal),
          store.count(filter, signal),
          store.search(hiddenFilter, page, signal),
          store.search(keptFilter, page, signal),
        ]),
      );
      const { yaml, findings } = inRules(book, rule, exception);
      return {
        ...{ hiddenCount, total, yaml, findings },
        hidden: hidden.alerts.map(alertShape),
        kept: kept.alerts.map(alertShape),
        byDay: await byDay(filter, hiddenFilter, signal),
        warnings: [
          ...warningsOn(exception),
          ...(await lackingFields(filter, exception, total, signal)),
          ...(total > 0 && hiddenCount === total
            ? ['It hides every alert that the rule has made: turning the rule off would say so more clearly.']
            : []),
          ...(book.state.rules.has(rule)
            ? []
            : [`The rules that are known here have no \`${rule}\`: the text is for whoever has it.`]),
        ],
      };
    },
    applyException: async ({ body, caller }) => {
      const { rule, exception, comment = '' } = body;
      checkException(exception);
      const refusal = changes.refusalFor(caller);
      if (refusal !== undefined)
        throw new ApiError(403, 'rules-locked', refusal.message, { hint: refusal.hint });
      if (!book.state.rules.has(rule))
        throw new ApiError(404, 'no-rule', `the rules that are known here have no \`${rule}\``);
      const added = inRules(book, rule, exception);
      const saved = await changes.change({
        caller,
        comment: comment === '' ? `Expected: ${rule}, ${exception.name}` : comment,
        edit: (text) => added.into(text),
        accept: (state) => checkAsWritten(state, rule, exception),
      });
      return {
        ...saved,
        yaml: added.yaml,
        triaged: body.triage === true ? await triage(rule, exception) : 0,
      };
    },
  };

  /** Alerts of each day, UTC, oldest first; days without any are left out. */
  async function byDay(all: AlertFilter, hidden: AlertFilter, signal: AbortSignal) {
    const toNs = ((BigInt(nowMs()) * 1_000_000n) / DAY_NS) * DAY_NS + DAY_NS;
    const earliest = toNs - BigInt(MOST_DAYS) * DAY_NS;
    const askedNs = ((all.fromNs ?? earliest) / DAY_NS) * DAY_NS;
    const fromNs = askedNs > earliest ? askedNs : earliest;
    const request = { fromNs, toNs, bucketCount: Number((toNs - fromNs) / DAY_NS) };
    const [total, part] = await withFilterErrors(
      Promise.all([store.timeline(all, request, signal), store.timeline(hidden, request, signal)]),
    );
    const hiddenCounts = part.series[0]?.counts ?? [];
    return (total.series[0]?.counts ?? []).flatMap((count, i) => {
      const hiddenCount = hiddenCounts[i] ?? 0;
      const day = new Date(Number((fromNs + BigInt(i) * total.bucketNs) / 1_000_000n)).toISOString();
      return count === 0 ? [] : [{ day: day.slice(0, 10), hidden: hiddenCount, kept: count - hiddenCount }];
    });
  }

  /** What cannot be told from stored alerts. */
  async function lackingFields(
    filter: AlertFilter,
    { fields }: Exception,
    total: number,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const texts: string[] = [];
    for (const field of fields) {
      const where = [...(filter.where ?? []), clause(field, '')];
      const count = await store.count({ ...filter, where }, signal);
      if (count > 0)
        texts.push(
          `${count} of ${total} stored alerts do not tell \`${field}\`: the exception may hide some of these, too.`,
        );
    }
    return texts;
  }

  /** Incidents of which the exception hides every alert. */
  async function triage(rule: string, exception: Exception): Promise<number> {
    const all: AlertFilter = { where: [clause('rule', rule)] };
    const [hidden, whole] = await Promise.all([
      store.countBy({ ...all, condition: alertCondition(exception) }, 'incident', MOST_INCIDENTS),
      store.countBy(all, 'incident', MOST_INCIDENTS),
    ]);
    const counts = new Map(whole.values.map(({ value, count }) => [value, count]));
    const ids = hidden.values.flatMap(({ value, count }) => (counts.get(value) === count ? [value] : []));
    return ids.length === 0 ? 0 : store.triage({ kind: 'incidents', ids }, { state: 'expected' });
  }
}

function clause(field: string, value: string): WhereClause {
  return { field, values: [value], isNegated: false };
}

/** The exception as part of the rules: alone, for whoever wants to put it elsewhere, and in the file of changes. */
function inRules(
  book: RuleBook,
  rule: string,
  exception: Exception,
): { readonly yaml: string; readonly findings: Finding[]; readonly into: (text: string) => string } {
  const { files, lists } = book.state;
  const others = book.stateOf(files.filter(({ name }) => name !== MANAGED_NAME));
  const known = others.rules.get(rule)?.definition.exceptions.find(({ name }) => name === exception.name);
  const written = ruleException(exception, lists);
  if (
    known !== undefined &&
    !(isSame(known.fields, written.fields) && isSame(known.operators, written.comps))
  )
    throw new ApiError(409, 'exception-name', `the rule has another exception \`${exception.name}\``, {
      hint: 'choose another name',
    });
  const into = edited((text) => withException(text, rule, written, known !== undefined));
  const alone = into('').replace(/^(?:#.*\n)+\n/, '');
  const state = book.stateWith(MANAGED_NAME, into(book.managedText()));
  return { yaml: alone, findings: diagnosticsOf(state).map(flatDiagnostic), into };
}

/** That the rule now says what was meant: lists are put into texts, and could change them. */
function checkAsWritten(state: BookState, rule: string, exception: Exception): void {
  const text = state.rules.get(rule)?.checked?.conditionText ?? '';
  const { fields, comps, name, rows } = ruleException(exception, state.lists);
  for (const row of rows) {
    // The row among others of the same exception.
    const whole = conditionOf({ name, fields, comps, rows: [row] });
    if (text.includes(whole.slice(1, -1))) continue;
    throw new ApiError(422, 'exception-changed', 'a list of the rules changes what the exception says', {
      hint: 'a value has the name of a list in it: choose another comparison',
    });
  }
}

function warningsOn({ fields, comps, values }: Exception): readonly string[] {
  const texts: string[] = [];
  const lasting = fields.filter((field) => !isPassing(field));
  for (const field of fields)
    if (isPassing(field))
      texts.push(`\`${field}\` has another value each time: what comes later will not be hidden by it.`);
  const chosen = lasting.filter(isChosen);
  if (chosen.length > 0 && chosen.length === lasting.length)
    texts.push(
      `Whoever can run programs there chooses ${chosen.map((field) => `\`${field}\``).join(', ')}: an intruder can hide behind this exception. Add an image, a namespace, a user or a path that they cannot write to.`,
    );
  for (const field of fields)
    if (isCommandLine(field))
      texts.push(
        `\`${field}\` is a command line: anything can be written in it, and small changes make it another.`,
      );
  for (const [i, comp] of comps.entries()) {
    const short = values.some((row) => (row[i] ?? '').replaceAll(/[/*?]/g, '').length < 3);
    if (short && /^(?:i?contains|startswith|endswith|i?glob|pmatch)$/.test(comp))
      texts.push(`\`${fields[i]} ${comp}\` has a very short value, which fits nearly everything.`);
    if (comp === '!=' || comp === 'exists')
      texts.push(`\`${fields[i]} ${comp}\` hides everything but what it names.`);
  }
  return texts;
}
