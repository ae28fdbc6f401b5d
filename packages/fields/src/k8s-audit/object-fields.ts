/** Fields of bindings, roles, services and config maps that a request would create or change. */

import type { Json } from '@peregrine/base';
import { at, elements, type JsonEvent, member } from '../json/json-event.ts';
import { indexed, type JsonField, keyed, list, text } from '../json/json-field.ts';

const requested = (part: string) => (event: JsonEvent) => at(event.object, 'requestObject', part);

function subjects(event: JsonEvent): readonly Json[] | undefined {
  const value = requested('subjects')(event);
  return Array.isArray(value) ? value : undefined;
}

function subjectsOfKind(kind: string, show: (subject: Json) => Json | undefined) {
  return (event: JsonEvent): readonly Json[] | undefined =>
    subjects(event)?.flatMap((subject) => (member(subject, 'kind') === kind ? (show(subject) ?? []) : []));
}

const nameOf = (subject: Json) => member(subject, 'name');

function ruleLists(part: string, doc: string): JsonField {
  return indexed({
    doc,
    over: (event) => {
      const rules = requested('rules')(event);
      return Array.isArray(rules) ? rules : undefined;
    },
    values: (rule) => {
      const values = member(rule, part);
      return values === undefined ? undefined : elements(values);
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
      const namespace = member(subject, 'namespace');
      const name = nameOf(subject);
      return typeof name === 'string'
        ? `${typeof namespace === 'string' ? namespace : ''}:${name}`
        : undefined;
    }),
  }),
  'ka.req.binding.subjects.group_names': list({
    doc: 'Groups among the subjects of the binding.',
    values: subjectsOfKind('Group', nameOf),
  }),
  'ka.req.binding.role': text({
    doc: 'Role that the binding grants.',
    examples: ['cluster-admin'],
    value: (event) => at(event.object, 'requestObject', 'roleRef', 'name'),
  }),
  'ka.req.binding.subject.has_name': keyed({
    doc: 'Always `true`; kept for rules of old. Use `ka.req.binding.subjects` with `intersects`.',
    value: () => 'true',
  }),
  'ka.req.configmap.name': text({
    doc: 'Name of the config map asked for.',
    value: (event) => at(event.object, 'objectRef', 'name'),
  }),
  'ka.req.configmap.obj': text({
    doc: 'All data of the config map, as JSON.',
    value: (event) => at(event.object, 'requestObject', 'data'),
  }),
  'ka.req.role.rules': list({
    doc: 'Rules of the role, each as JSON.',
    values: (event) => {
      const rules = requested('rules')(event);
      return Array.isArray(rules) ? rules : undefined;
    },
  }),
  'ka.req.role.rules.apiGroups': ruleLists('apiGroups', "API groups of the role's rules."),
  'ka.req.role.rules.nonResourceURLs': ruleLists(
    'nonResourceURLs',
    "Non-resource paths of the role's rules.",
  ),
  'ka.req.role.rules.verbs': ruleLists('verbs', "Verbs of the role's rules."),
  'ka.req.role.rules.resources': ruleLists('resources', "Resources of the role's rules."),
  'ka.req.service.type': text({
    doc: 'Kind of the service.',
    examples: ['NodePort'],
    value: (event) => at(event.object, 'requestObject', 'spec', 'type'),
  }),
  'ka.req.service.ports': indexed({
    doc: 'Ports of the service: one JSON array, whatever the index.',
    isIndexIgnored: true,
    over: (event) => {
      const ports = at(event.object, 'requestObject', 'spec', 'ports');
      return ports === undefined ? undefined : [ports];
    },
    values: (ports) => [ports],
  }),
};
