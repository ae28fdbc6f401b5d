/** How the API server is told, on each platform that people run. */

export interface Platform {
  readonly name: string;
  readonly doc: string;
  /** What to do, with the folder of the two files. */
  readonly steps: (folder: string) => readonly string[];
}

export const webhookFlags: readonly string[] = [
  '--audit-policy-file=FOLDER/policy.yaml',
  '--audit-webhook-config-file=FOLDER/webhook.yaml',
  '--audit-webhook-batch-max-wait=1s',
];

const flagsIn = (folder: string): readonly string[] =>
  webhookFlags.map((flag) => flag.replace('FOLDER', folder));

export const platformRoster: readonly Platform[] = [
  {
    name: 'kubeadm',
    doc: 'Clusters made with kubeadm, and others whose API server is a static pod.',
    steps: (folder) => [
      `On each control plane node, put policy.yaml and webhook.yaml into ${folder}.`,
      'Add to the command in /etc/kubernetes/manifests/kube-apiserver.yaml:',
      ...flagsIn(folder).map((flag) => `    - ${flag}`),
      'and to its volumeMounts and volumes:',
      `    - {name: audit, mountPath: ${folder}, readOnly: true}`,
      `    - {name: audit, hostPath: {path: ${folder}, type: Directory}}`,
      'The kubelet starts the API server anew by itself.',
    ],
  },
  {
    name: 'kops',
    doc: 'Clusters made with kops.',
    steps: (folder) => [
      'kops edit cluster, and add to the spec, with the contents of both files:',
      '    fileAssets:',
      `      - {name: audit-policy, path: ${folder}/policy.yaml, roles: [ControlPlane], content: "..."}`,
      `      - {name: audit-webhook, path: ${folder}/webhook.yaml, roles: [ControlPlane], content: "..."}`,
      '    kubeAPIServer:',
      `      auditPolicyFile: ${folder}/policy.yaml`,
      `      auditWebhookConfigFile: ${folder}/webhook.yaml`,
      '      auditWebhookBatchMaxWait: 1s',
      'kops update cluster --yes && kops rolling-update cluster --yes',
    ],
  },
  {
    name: 'minikube',
    doc: 'A cluster of minikube.',
    steps: () => [
      'mkdir -p ~/.minikube/files/etc/ssl/certs && cp policy.yaml webhook.yaml ~/.minikube/files/etc/ssl/certs/',
      `minikube start ${flagsIn('/etc/ssl/certs')
        .map((flag) => `--extra-config=apiserver.${flag.slice(2)}`)
        .join(' ')}`,
      'The address in webhook.yaml must be one that the API server reaches: host.minikube.internal for this machine.',
    ],
  },
  {
    name: 'k3s',
    doc: 'k3s and RKE2.',
    steps: (folder) => [
      `On each server, put policy.yaml and webhook.yaml into ${folder}, and into /etc/rancher/k3s/config.yaml:`,
      '    kube-apiserver-arg:',
      ...flagsIn(folder).map((flag) => `      - ${flag.slice(2)}`),
      'systemctl restart k3s',
    ],
  },
  {
    name: 'eks',
    doc: 'EKS, where the API server cannot be told: its log is read from CloudWatch.',
    steps: () => [
      'aws eks update-cluster-config --name CLUSTER --logging \'{"clusterLogging":[{"types":["audit"],"enabled":true}]}\'',
      'In falco.yaml:',
      '    plugins: [{name: k8saudit-eks, open_params: CLUSTER, init_config: {region: REGION}}]',
      'The identity that Peregrine runs as needs logs:FilterLogEvents on /aws/eks/CLUSTER/cluster.',
      'Neither policy.yaml nor webhook.yaml is needed: the control plane of EKS has a policy of its own.',
    ],
  },
];
