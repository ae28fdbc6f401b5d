/** Keys of the hub's configuration about responses. */

import { protectedFolders, protectedPrograms } from '@peregrine/actions/protected';
import { choice, duration, flag, integer, list, schema, text } from '@peregrine/base';

const texts = (of: string, doc: string, byDefault: readonly string[] = []) =>
  list(text({ doc: of }), { default: byDefault, doc });

export const responseKeys = schema(
  {
    rulesfiles: list(text({ doc: 'A file.' }), {
      default: [],
      doc: 'Files with response rules, as of Falco Talon, later ones added to earlier ones; none, there are no responses.',
      example: '/etc/peregrine/response.yaml',
    }),
    watchrules: flag({ default: true, doc: 'Read them again when they change.' }),
    dryrun: flag({ default: false, doc: 'Change nothing, and tell what would have been done.' }),
    kubeconfig: text({
      default: '',
      doc: 'File that says how to reach the Kubernetes API; empty, as a pod does.',
      example: '/etc/peregrine/kubeconfig',
    }),
    defaultnotifiers: texts(
      'An output of the hub, or `k8sevents`.',
      'Who is told of everything that was done: outputs, or `k8sevents` for events at the objects in Kubernetes.',
    ),
    dedupwindow: duration({ default: '5s', doc: 'Alerts with the same text within this time are one.' }),
    cooldown: duration({
      default: '10s',
      doc: 'Time in which the same is not done to the same target again, unless the rule has its own.',
    }),
    maxage: duration({
      default: '10m',
      min: 1_000,
      doc: 'Alerts that came in longer ago lead to nothing: the hub was off.',
    }),
    maxrunning: integer({ default: 32, min: 1, max: 1_000, doc: 'Responses under way at once.' }),
    maxwaiting: integer({
      default: 10_000,
      min: 1,
      doc: 'Responses that wait for their turn; what comes on top is not done, and told.',
    }),
    attempts: integer({ default: 5, min: 1, max: 100, doc: 'How often something is tried.' }),
    keep: integer({ default: 100_000, min: 100, doc: 'Decisions that are kept for people to look at.' }),
    functions: schema(
      {
        manifests: list(text({ doc: 'A file or folder.' }), {
          default: [],
          doc: 'Manifests of functions that the action `function:call` calls; none, there are none.',
          example: '/etc/peregrine/functions',
        }),
        user: text({ default: '', doc: 'As root: user that they run as; empty, `nobody`.' }),
        installdeps: flag({ default: false, doc: 'Install what `deps` of manifests asks for.' }),
      },
      {
        doc: 'Functions in processes of the hub, as `peregrine functions run` has them. Not in `peregrine up`.',
      },
    ),
    approval: schema(
      {
        timeout: duration({
          default: '1h',
          min: 1_000,
          doc: 'How long somebody may take to approve what wants approval.',
        }),
      },
      { doc: 'Approval by people.' },
    ),
    leaderelection: schema(
      {
        enabled: flag({
          default: false,
          doc: 'Of several hubs, one acts; the others hand over to it the alerts that match rules.',
        }),
        lease: text({ default: 'falco-talon', doc: 'Name of the Lease in Kubernetes that says which one.' }),
        namespace: text({ default: '', doc: 'Its namespace; empty, that of the pod, or `falco`.' }),
        address: text({
          default: '',
          doc: 'Where the others reach this hub; empty, its IPv4 address and `listenport`.',
          example: '10.0.3.7:2801',
        }),
        secretfile: text({
          default: '',
          doc: 'File with a secret that all of these hubs have, of at least 16 characters.',
          example: '/etc/peregrine/response-secret',
        }),
      },
      { doc: 'Several hubs.' },
    ),
    limits: list(
      schema({
        actions: texts('Such as `kubernetes:terminate`.', 'What it is about; empty, everything.'),
        per: choice(['namespace', 'node', 'everywhere'], {
          default: 'everywhere',
          doc: 'What it is counted for.',
        }),
        most: integer({ min: 0, doc: 'How often that may be done within the time.' }),
        window: duration({ default: '1m', min: 1_000, doc: 'The time.' }),
      }),
      {
        default: [
          { actions: [], per: 'namespace', most: 20, window: 60_000 },
          { actions: [], per: 'node', most: 20, window: 60_000 },
          { actions: [], per: 'everywhere', most: 100, window: 60_000 },
        ],
        doc: 'How often something may be done: 20 times a minute in each namespace and on each node, 100 in all, unless set.',
      },
    ),
    protected: schema(
      {
        namespaces: texts('A namespace.', 'Namespaces in which nothing is done.', [
          'kube-system',
          'kube-public',
          'kube-node-lease',
        ]),
        labels: texts(
          '`NAME=VALUE`, or `NAME` for any value.',
          'Labels of objects to which nothing is done.',
          ['app.kubernetes.io/name=peregrine', 'app.kubernetes.io/name=falco', 'app=falco'],
        ),
        nodes: texts('A node.', 'Nodes on which nothing is done.'),
        pids: list(integer({ min: 1, doc: 'A process id.' }), {
          default: [1],
          doc: 'Processes to which nothing is done. The hub itself is always one.',
        }),
        programs: texts(
          'Name of a process.',
          'Control groups with such a process of root in them are not frozen or ended on this machine.',
          protectedPrograms,
        ),
        paths: texts(
          'A file or folder.',
          'Files, and all that is in folders, that are left where they are on this machine.',
          protectedFolders,
        ),
        users: texts('Name of a user.', 'Users of this machine whose accounts stay open, besides root.'),
        addresses: texts(
          'An address, or a network: `10.0.0.0/8`.',
          'Addresses that are not blocked on this machine, besides its own and those of its gateways.',
        ),
      },
      { doc: 'What is left alone, whatever rules say.' },
    ),
  },
  { doc: 'What is done about alerts, by rules as of Falco Talon.' },
);
