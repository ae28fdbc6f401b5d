/** What is missing on a control plane node so that audit events are sent: looked for in the API server's own flags. */

import { listIn, objectIn, textIn } from '@peregrine/base';
import { parse } from 'yaml';

export interface Finding {
  readonly isGood: boolean;
  readonly text: string;
  readonly hint?: string;
}

export interface NodeFiles {
  /** `undefined`: it is not there. Throws when it cannot be read. */
  read(path: string): string | undefined;
}

export const apiServerManifest = '/etc/kubernetes/manifests/kube-apiserver.yaml';

/** Empty when there is no API server here. `address`: where events should come, as the configuration says. */
export function checkApiServer(files: NodeFiles, address: string): readonly Finding[] {
  const text = files.read(apiServerManifest);
  if (text === undefined) return [];
  const flags = flagsOf(parse(text));
  const policy = flags.get('audit-policy-file');
  const webhook = flags.get('audit-webhook-config-file');
  const setUp = '`peregrine sources k8s-audit setup` prints what it needs';
  return [
    policy === undefined
      ? { isGood: false, text: 'the API server has no `--audit-policy-file`: it logs nothing', hint: setUp }
      : checkPolicy(files, policy),
    webhook === undefined
      ? {
          isGood: false,
          text: 'the API server has no `--audit-webhook-config-file`: it sends nothing',
          hint: setUp,
        }
      : checkWebhook(files, webhook, address),
  ];
}

function flagsOf(manifest: unknown): ReadonlyMap<string, string> {
  const [container] = listIn(objectIn(objectIn(manifest)?.spec)?.containers);
  const words = [...listIn(objectIn(container)?.command), ...listIn(objectIn(container)?.args)].map(textIn);
  return new Map(
    words.flatMap((word): [string, string][] => {
      const [, name = '', value = ''] = /^--([a-z-]+)=(.*)$/s.exec(word) ?? [];
      return name === '' ? [] : [[name, value]];
    }),
  );
}

function checkPolicy(files: NodeFiles, path: string): Finding {
  const policy = objectIn(parsed(files, path));
  if (policy?.kind !== 'Policy')
    return { isGood: false, text: `\`${path}\` is no audit policy, or is not there` };
  const rules = listIn(policy.rules).map(objectIn);
  const omitted = listIn(policy.omitStages);
  if (omitted.includes('ResponseStarted'))
    return {
      isGood: false,
      text: `\`${path}\` leaves out the stage ResponseStarted, by which commands in pods are seen as they begin`,
    };
  const hasBodies = rules.some((rule) => rule?.level === 'RequestResponse' || rule?.level === 'Request');
  return hasBodies
    ? { isGood: true, text: `audit policy ${path}: ${rules.length} rules` }
    : {
        isGood: false,
        text: `\`${path}\` has no rule of level Request or RequestResponse: what pods and roles are made of is not logged`,
      };
}

function checkWebhook(files: NodeFiles, path: string, address: string): Finding {
  const clusters = listIn(objectIn(parsed(files, path))?.clusters);
  const server = textIn(objectIn(objectIn(clusters[0])?.cluster)?.server);
  if (!URL.canParse(server)) return { isGood: false, text: `\`${path}\` names no server, or is not there` };
  const [given, wanted] = [new URL(server), endOf(address)];
  const spelling = (text: string): string => text.replaceAll('_', '-');
  if (given.port !== wanted.port || spelling(given.pathname) !== spelling(wanted.path))
    return {
      isGood: false,
      text: `\`${path}\` sends to ${server}, and events are taken at port ${wanted.port}, path ${wanted.path}`,
    };
  return { isGood: true, text: `audit webhook ${path}: ${server}` };
}

/** Port and path of an address that may have no host. */
function endOf(address: string): { readonly port: string; readonly path: string } {
  const [, port = '9765', path = '/k8s-audit'] = /^https?:\/\/[^/]*?(?::(\d+))?(\/.*)?$/.exec(address) ?? [];
  return { port, path };
}

function parsed(files: NodeFiles, path: string): unknown {
  try {
    return parse(files.read(path) ?? '');
  } catch {
    return undefined;
  }
}
