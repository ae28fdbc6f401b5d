/** Fields of bindings, roles, services and config maps that a request would create or change. */

import type { JsonNode } from '@peregrine/events';
import type { At, JsonEvent, Shown } from '../json/json-event.ts';
import { indexed, type JsonField, keyed, list, part } from '../json/json-field.ts';

const requestedList = (part: string) => (at: At) => at.items('requestObject', part);
const subjects = requestedList('subjects');

function subjectsOfKind(kind: string, show: (subject: JsonNode) => JsonNode | string | undefined) {
  return (at: At) => {
    const all = subjects(at);
    return (event: JsonEvent): readonly Shown[] | undefined =>
      all(event)?.flatMap((subject) => (subject.textAt('kind') === kind ? (show(subject) ?? []) : []));
  };
}

const nameOf = (subject: JsonNode) => subject.member('name');

function ruleLists(part: string, doc: string): JsonField {
  return indexed({
    doc,
    over: requestedList('rules'),
    values: () => (rule) => {
      const values = rule.member(part);
      return values?.items();
    },
  });
}

export const objectFields: Readonly<Record<string, JsonField>> = {
  'ka.req.binding.subjects': list({ doc: 'Subjects of the binding, each as JSON.', values: subjects }),
  'ka.req.binding.subjects.user_names': list({
    doc: 'Users among the subjects of the binding.',
    values: subjectsOfKind('User', nameOf),
  }),
  'ka.req.binding.subjects.serviceaccount_names': list({
    doc: 'Service accounts among the subjects of the binding.',
    values: subjectsOfKind('ServiceAccount', nameOf),
  }),
  'ka.req.binding.subjects.serviceaccount_ns_names': list({
    doc: 'Service accounts among the subjects of the binding, as `namespace:name`.',
    values: subjectsOfKind('ServiceAccount', (subject) => {
      const isNamed = nameOf(subject)?.kind === 'text';
      return isNamed ? `${subject.textAt('namespace')}:${subject.textAt('name')}` : undefined;
    }),
  }),
  'ka.req.binding.subjects.group_names': list({
    doc: 'Groups among the subjects of the binding.',
    values: subjectsOfKind('Group', nameOf),
  }),
  'ka.req.binding.role': part({
    doc: 'Role that the binding grants.',
    examples: ['cluster-admin'],
    path: ['requestObject', 'roleRef', 'name'],
  }),
  'ka.req.binding.subject.has_name': keyed({
    doc: 'Always `true`; kept for rules of old. Use `ka.req.binding.subjects` with `intersects`.',
    value: () => () => 'true',
  }),
  'ka.req.configmap.name': part({
    doc: 'Name of the config map asked for.',
    path: ['objectRef', 'name'],
  }),
  'ka.req.configmap.obj': part({
    doc: 'All data of the config map, as JSON.',
    path: ['requestObject', 'data'],
  }),
  'ka.req.role.rules': list({
    doc: 'Rules of the role, each as JSON.',
    values: requestedList('rules'),
  }),
  'ka.req.role.rules.apiGroups': ruleLists('apiGroups', "API groups of the role's rules."),
  'ka.req.role.rules.nonResourceURLs': ruleLists(
    'nonResourceURLs',
    "Non-resource paths of the role's rules.",
  ),
  'ka.req.role.rules.verbs': ruleLists('verbs', "Verbs of the role's rules."),
  'ka.req.role.rules.resources': ruleLists('resources', "Resources of the role's rules."),
  'ka.req.service.type': part({
    doc: 'Kind of the service.',
    examples: ['NodePort'],
    path: ['requestObject', 'spec', 'type'],
  }),
  'ka.req.service.ports': portsField(),
};

/** COMPAT: one text for all ports, whatever the index. */
function portsField(): JsonField {
  const { bind, ...rest } = part({
    doc: 'Ports of the service: one JSON array, whatever the index.',
    path: ['requestObject', 'spec', 'ports'],
  });
  return {
    ...rest,
    isList: true,
    argument: 'index',
    bind: (reader) => {
      const read = bind(reader, undefined);
      return (event) => {
        const ports = read(event);
        return typeof ports === 'string' ? [ports] : undefined;
      };
    },
  };
}
