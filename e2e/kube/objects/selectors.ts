/** Label and field selectors, as requests and objects have them. */

import { documentAt, documentsAt, type JsonDocument, textAt, textsAt } from '../document.ts';
import { badRequest } from '../status.ts';

export type Selects = (object: JsonDocument) => boolean;

type Labels = Readonly<Record<string, unknown>>;

/** `app=shop,tier in (a, b),!old`. Throws a 400 for what is none. Empty: everything. */
export function parseLabelSelector(text: string): Selects {
  const tests = splitTerms(text).map(parseLabelTerm);
  return (object) => {
    const labels: Labels = documentAt(object, 'metadata', 'labels');
    return tests.every((test) => test(labels));
  };
}

/** At commas outside of parentheses. */
function splitTerms(text: string): readonly string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== '');
}

const keyPattern = '[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?';
const setTerm = new RegExp(`^(${keyPattern})\\s+(in|notin)\\s+\\(([^)]*)\\)$`);
const equalTerm = new RegExp(`^(${keyPattern})\\s*(==|=|!=)\\s*([-A-Za-z0-9_.]*)$`);
const presentTerm = new RegExp(`^(!?)\\s*(${keyPattern})$`);

function parseLabelTerm(term: string): (labels: Labels) => boolean {
  const set = setTerm.exec(term);
  if (set !== null) {
    const [, key = '', , operator, values = ''] = set;
    const wanted = values.split(',').map((value) => value.trim());
    return (labels) => wanted.includes(String(labels[key] ?? '\0')) === (operator === 'in');
  }
  const equal = equalTerm.exec(term);
  if (equal !== null) {
    const [, key = '', , operator, value] = equal;
    return (labels) => (labels[key] === value) === (operator !== '!=');
  }
  const present = presentTerm.exec(term);
  if (present === null) throw badRequest(`unable to parse requirement: ${term}`);
  const [, not, key = ''] = present;
  return (labels) => key in labels === (not === '');
}

/** A `metav1.LabelSelector` over labels. Without anything in it, it selects everything. */
export function selectsLabels(selector: JsonDocument, labels: JsonDocument): boolean {
  const matched = Object.entries(documentAt(selector, 'matchLabels'));
  if (!matched.every(([key, value]) => labels[key] === value)) return false;
  return documentsAt(selector, 'matchExpressions').every((expression) => {
    const key = textAt(expression, 'key');
    const isThere = key in labels;
    const isAmong = textsAt(expression, 'values').includes(textAt(labels, key));
    switch (textAt(expression, 'operator')) {
      case 'In':
        return isThere && isAmong;
      case 'NotIn':
        return !isThere || !isAmong;
      case 'Exists':
        return isThere;
      default:
        return !isThere;
    }
  });
}

/** Fields that may be asked for beside name and namespace, by resource. */
const fields: Readonly<Record<string, readonly string[]>> = {
  pods: ['spec.nodeName', 'spec.restartPolicy', 'spec.serviceAccountName', 'status.phase', 'status.podIP'],
  events: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'source',
    'type',
  ],
  nodes: ['spec.unschedulable'],
  secrets: ['type'],
  namespaces: ['status.phase'],
};

/** `metadata.name=x,status.phase!=Running`. Throws a 400 for fields that the resource does not offer. */
export function parseFieldSelector(text: string, resource: string): Selects {
  const known = ['metadata.name', 'metadata.namespace', ...(fields[resource] ?? [])];
  const tests = splitTerms(text).map((term) => {
    const [, field = '', operator, value = ''] = /^([^=!]+)(==|=|!=)(.*)$/.exec(term) ?? [];
    if (operator === undefined) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    if (!known.includes(field)) throw badRequest(`field label not supported: ${field}`);
    return (object: JsonDocument) => (fieldOf(object, field) === value) === (operator !== '!=');
  });
  return (object) => tests.every((test) => test(object));
}

function fieldOf(object: JsonDocument, field: string): string {
  if (field === 'source') return textAt(object, 'source', 'component');
  const found = textAt(object, ...field.split('.'));
  return field === 'spec.unschedulable' && found === '' ? 'false' : found;
}
