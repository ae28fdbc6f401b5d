/** What tells the API server where to send audit events: a kubeconfig file. */

export interface WebhookTarget {
  /** `http://10.0.0.5:9765/k8s-audit`. */
  readonly address: string;
  /** Path, on the API server's host, of the authorities that signed the server's certificate. */
  readonly authority: string | undefined;
  /** Whether requests carry a bearer token; it is not written here. */
  readonly hasToken: boolean;
}

export function webhookKubeconfig({ address, authority, hasToken }: WebhookTarget): string {
  const cluster = [
    `      server: ${address}`,
    ...(authority === undefined ? [] : [`      certificate-authority: ${authority}`]),
  ];
  const user = hasToken ? ['    user:', '      token: REPLACE_WITH_THE_TOKEN'] : ['    user: {}'];
  return [
    '# Where the API server sends its audit log, for Peregrine.',
    'apiVersion: v1',
    'kind: Config',
    'clusters:',
    '  - name: peregrine',
    '    cluster:',
    ...cluster,
    'users:',
    '  - name: api-server',
    ...user,
    'contexts:',
    '  - name: default',
    '    context: {cluster: peregrine, user: api-server}',
    'current-context: default',
    'preferences: {}',
    '',
  ].join('\n');
}
