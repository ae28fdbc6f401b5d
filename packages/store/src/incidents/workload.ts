/** What an alert is about, for grouping and for people: not the process, but what the process belongs to. */

import { type HubAlert, textOfValue } from '@peregrine/alert';

/** `Deployment web in shop`, `nginx on node-7`, `/usr/bin/curl on node-7`. */
export function workloadOf(alert: HubAlert): string {
  const field = (...names: readonly string[]): string => {
    for (const name of names) {
      const value = alert.fields[name];
      const text = value === undefined || value === null ? '' : textOfValue(value);
      if (text !== '' && text !== '<NA>') return text.slice(0, MOST_CHARS);
    }
    return '';
  };
  const where = alert.hostname === '' ? '' : ` on ${alert.hostname}`;
  const namespace = field('k8s.ns.name', 'ka.target.namespace');
  const deployment = field('k8s.deployment.name');
  if (deployment !== '') return `Deployment ${deployment} in ${namespace}`;
  const pod = field('k8s.pod.name', 'ka.target.pod.name');
  if (pod !== '') return `${podOwner(pod)} in ${namespace}`;
  const target = field('ka.target.name');
  if (target !== '')
    return `${field('ka.target.resource')} ${target}${namespace === '' ? '' : ` in ${namespace}`}`.trim();
  if (namespace !== '') return `namespace ${namespace}`;
  const container = field('container.image.repository', 'container.image', 'container.name');
  if (container !== '' && container !== 'host') return `${container}${where}`;
  const program = field('proc.exepath', 'proc.name');
  if (program !== '') return `${program}${where}`;
  return alert.hostname === '' ? alert.source : alert.hostname;
}

const MOST_CHARS = 512;

/** Names of pods without what sets them apart from their siblings: `web-5d4f8c7b9-x2x4z` is `web`, `db-0` is `db`. */
function podOwner(pod: string): string {
  const ofDeployment = /^(.+)-[a-z0-9]{6,10}-[a-z0-9]{5}$/.exec(pod)?.[1];
  const ofSet = /^(.+)-(?:[a-z0-9]{5}|\d{1,5})$/.exec(pod)?.[1];
  return ofDeployment ?? ofSet ?? pod;
}

/** Alerts that are equal in this are of one incident, unless they lie too far apart. */
export function incidentKeyOf(alert: HubAlert, workload: string): string {
  return `${alert.source}\n${alert.rule}\n${workload}`;
}
