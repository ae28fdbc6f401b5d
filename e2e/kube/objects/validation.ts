/** What is wrong with an object that somebody sent: the checks whose failure users and programs meet. */

import {
  documentAt,
  documentsAt,
  isSame,
  type JsonDocument,
  listAt,
  textAt,
  textsAt,
  withAt,
} from '../document.ts';
import type { Flaw } from '../status.ts';
import type { ResourceType } from './resource-types.ts';
import { selectsLabels } from './selectors.ts';

const label = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const labelValue = new RegExp(`^(${label})?$`);
const qualified = new RegExp(`^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?${label}$`);
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const pathSegment = /^[^/%]+$/;

const labelAdvice =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const nameAdvice =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const subdomainAdvice =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

/** Empty: nothing. `before` is absent for what is new. */
export function flawsOf(
  type: ResourceType,
  object: JsonDocument,
  before: JsonDocument | undefined,
): readonly Flaw[] {
  return [...metadataFlaws(type, object), ...kindFlaws(type, object, before)];
}

function metadataFlaws({ group }: ResourceType, object: JsonDocument): readonly Flaw[] {
  const metadata = documentAt(object, 'metadata');
  const name = textAt(metadata, 'name');
  const flaws: Flaw[] = [];
  if (name === '') {
    flaws.push({ field: 'metadata.name', kind: 'Required', detail: 'name or generateName is required' });
  } else if (
    !(group === 'rbac.authorization.k8s.io' ? pathSegment : subdomain).test(name) ||
    name.length > 253
  ) {
    flaws.push({ field: 'metadata.name', kind: 'Invalid', value: name, detail: subdomainAdvice });
  }
  for (const [key, value] of Object.entries(documentAt(metadata, 'labels'))) {
    if (!isQualified(key)) {
      flaws.push({ field: 'metadata.labels', kind: 'Invalid', value: key, detail: nameAdvice });
    }
    if (typeof value === 'string' && value.length > 63) {
      const detail = 'must be no more than 63 bytes';
      flaws.push({ field: 'metadata.labels', kind: 'Invalid', value, detail });
    } else if (!labelValue.test(String(value))) {
      flaws.push({ field: 'metadata.labels', kind: 'Invalid', value, detail: labelAdvice });
    }
  }
  for (const key of Object.keys(documentAt(metadata, 'annotations'))) {
    if (isQualified(key.toLowerCase())) continue;
    flaws.push({ field: 'metadata.annotations', kind: 'Invalid', value: key, detail: nameAdvice });
  }
  return flaws;
}

function isQualified(key: string): boolean {
  return qualified.test(key) && (key.split('/').at(-1) ?? '').length <= 63;
}

function kindFlaws(
  type: ResourceType,
  object: JsonDocument,
  before: JsonDocument | undefined,
): readonly Flaw[] {
  switch (`${type.group}/${type.resource}`) {
    case '/pods':
      return [...containerFlaws(documentAt(object, 'spec'), 'spec'), ...podUpdateFlaws(object, before)];
    case '/events':
      return eventFlaws(object);
    case 'apps/deployments':
    case 'apps/replicasets':
    case 'apps/statefulsets':
    case 'apps/daemonsets':
      return workloadFlaws(object, before);
    case 'networking.k8s.io/networkpolicies':
      return policyFlaws(object);
    default:
      return [];
  }
}

function containerFlaws(spec: JsonDocument, path: string): readonly Flaw[] {
  const containers = documentsAt(spec, 'containers');
  if (containers.length === 0) return [{ field: `${path}.containers`, kind: 'Required', detail: '' }];
  return containers.flatMap((container, index): readonly Flaw[] => {
    const field = `${path}.containers[${index}]`;
    if (textAt(container, 'name') === '') return [{ field: `${field}.name`, kind: 'Required', detail: '' }];
    if (textAt(container, 'image') === '') return [{ field: `${field}.image`, kind: 'Required', detail: '' }];
    return [];
  });
}

const mayChange =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

function podUpdateFlaws(object: JsonDocument, before: JsonDocument | undefined): readonly Flaw[] {
  if (before === undefined) {
    if (listAt(object, 'spec', 'ephemeralContainers').length === 0) return [];
    const detail = 'cannot be set on create';
    return [{ field: 'spec.ephemeralContainers', kind: 'Forbidden', detail }];
  }
  const [now, then] = [settled(documentAt(object, 'spec')), settled(documentAt(before, 'spec'))];
  return isSame(now, then) ? [] : [{ field: 'spec', kind: 'Forbidden', detail: mayChange }];
}

/** A pod's specification without what may change while it is there. */
function settled(spec: JsonDocument): JsonDocument {
  const without = (key: string) =>
    documentsAt(spec, key).map((container) => withAt(container, ['image'], undefined));
  const { activeDeadlineSeconds: _, tolerations: __, nodeName: ___, ...rest } = spec;
  return { ...rest, containers: without('containers'), initContainers: without('initContainers') };
}

function eventFlaws(object: JsonDocument): readonly Flaw[] {
  const namespace = textAt(object, 'involvedObject', 'namespace');
  const own = textAt(object, 'metadata', 'namespace');
  // Events on what has no namespace are in `default`, or in that of system components.
  if (namespace === own || (namespace === '' && ['default', 'kube-system'].includes(own))) return [];
  const detail = 'does not match event.namespace';
  return [{ field: 'involvedObject.namespace', kind: 'Invalid', value: namespace, detail }];
}

function workloadFlaws(object: JsonDocument, before: JsonDocument | undefined): readonly Flaw[] {
  const selector = documentAt(object, 'spec', 'selector');
  const labels = documentAt(object, 'spec', 'template', 'metadata', 'labels');
  if (Object.keys(selector).length === 0) return [{ field: 'spec.selector', kind: 'Required', detail: '' }];
  if (!selectsLabels(selector, labels)) {
    const detail = '`selector` does not match template `labels`';
    return [{ field: 'spec.template.metadata.labels', kind: 'Invalid', value: labels, detail }];
  }
  if (before !== undefined && !isSame(selector, documentAt(before, 'spec', 'selector'))) {
    return [{ field: 'spec.selector', kind: 'Invalid', value: selector, detail: 'field is immutable' }];
  }
  return containerFlaws(documentAt(object, 'spec', 'template', 'spec'), 'spec.template.spec');
}

function policyFlaws(object: JsonDocument): readonly Flaw[] {
  const known = ['Ingress', 'Egress'];
  const flaws: Flaw[] = textsAt(object, 'spec', 'policyTypes')
    .filter((name) => !known.includes(name))
    .map((value) => ({
      field: 'spec.policyTypes[0]',
      kind: 'Unsupported',
      value,
      detail: 'supported values: "Egress", "Ingress"',
    }));
  for (const key of ['ingress', 'egress']) {
    for (const [index, rule] of documentsAt(object, 'spec', key).entries()) {
      for (const [place, peer] of [...documentsAt(rule, 'to'), ...documentsAt(rule, 'from')].entries()) {
        const field = `spec.${key}[${index}].${key === 'egress' ? 'to' : 'from'}[${place}]`;
        if (Object.keys(peer).length === 0) {
          flaws.push({ field, kind: 'Required', detail: 'must specify a peer' });
        } else if (
          peer.ipBlock !== undefined &&
          !/^[\da-f.:]+\/\d+$/i.test(textAt(peer, 'ipBlock', 'cidr'))
        ) {
          const value = textAt(peer, 'ipBlock', 'cidr');
          const detail = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
          flaws.push({ field: `${field}.ipBlock.cidr`, kind: 'Invalid', value, detail });
        }
      }
    }
  }
  return flaws;
}
