/** `peregrine sources k8s-audit setup`. */

import { auditPolicy, platformRoster, webhookKubeconfig } from '@peregrine/app/audit-setup';
import { nearestName } from '@peregrine/base';
import { type Command, exit } from '../command.ts';

const FOLDER = '/etc/kubernetes/audit';
const parts = ['policy', 'webhook', 'steps'];

export const sourcesAuditSetup: Command = {
  name: 'sources k8s-audit setup',
  usage: '[options]',
  doc: `Prints what an API server needs to send its audit log here: the audit policy, the webhook's kubeconfig, and what to do with them on a platform: ${platformRoster.map(({ name }) => name).join(', ')}.`,
  options: [
    {
      name: 'address',
      value: 'URL',
      doc: 'Where events are taken, as the API server reaches it: an IP address, since it does not ask the DNS of the cluster.',
    },
    { name: 'platform', value: 'NAME', doc: 'Platform; kubeadm unless named.' },
    { name: 'print', value: 'PART', doc: 'Only one part, to be put into a file: policy, webhook or steps.' },
    {
      name: 'folder',
      value: 'PATH',
      doc: `Folder of the two files on the control plane; ${FOLDER} unless named.`,
    },
    {
      name: 'authority',
      value: 'PATH',
      doc: 'For https: file, in that folder, with the authorities of the certificate.',
    },
    { name: 'token', doc: 'Leave a place for a bearer token.' },
  ],
  examples: [
    {
      line: 'sources k8s-audit setup --address http://10.0.0.5:9765/k8s-audit',
      doc: 'All that a cluster of kubeadm needs.',
    },
    { line: 'sources k8s-audit setup --print policy > policy.yaml', doc: 'The audit policy alone.' },
    { line: 'sources k8s-audit setup --platform eks', doc: 'What to do on EKS.' },
  ],
  operands: 'none',
  run: async (given, terminal) => {
    const name = given.valueOf('platform') ?? 'kubeadm';
    const platform = platformRoster.find((candidate) => candidate.name === name);
    if (platform === undefined) {
      const names = platformRoster.map((candidate) => candidate.name);
      const nearest = nearestName(name, names);
      terminal.fail(
        `there is no platform \`${name}\``,
        nearest === undefined ? `there is: ${names.join(', ')}` : `did you mean \`${nearest}\`?`,
      );
      return exit.usage;
    }
    const part = given.valueOf('print');
    if (part !== undefined && !parts.includes(part)) {
      terminal.fail(`there is no part \`${part}\``, `there is: ${parts.join(', ')}`);
      return exit.usage;
    }
    const address = given.valueOf('address') ?? 'http://IP_ADDRESS:9765/k8s-audit';
    const folder = given.valueOf('folder') ?? FOLDER;
    const texts: Readonly<Record<string, string>> = {
      policy: auditPolicy,
      webhook: webhookKubeconfig({
        address,
        authority: given.valueOf('authority'),
        hasToken: given.has('token'),
      }),
      steps: `${platform.steps(folder).join('\n')}\n`,
    };
    if (part !== undefined) terminal.out(texts[part] ?? '');
    else if (name === 'eks') terminal.out(texts.steps ?? '');
    else
      terminal.out(
        `# policy.yaml\n${texts.policy}\n# webhook.yaml\n${texts.webhook}\n# ${platform.name}\n${texts.steps}`,
      );
    return exit.ok;
  },
};
