/** Keys of the hub itself, falcosidekick's first; those of outputs are with the outputs. */

import {
  choice,
  duration,
  flag,
  type Infer,
  integer,
  list,
  optional,
  parsedText,
  Secret,
  schema,
  secret,
  text,
  textMap,
  type ValueSchema,
} from '@peregrine/base';
import { weekDays } from '@peregrine/hub';
import { statsdConfig } from '@peregrine/outputs/hub';

import { responseKeys } from '../../response/keys.ts';

const MIB = 1024 * 1024;

/** Milliseconds since the epoch. */
function moment(doc: string): ValueSchema<number | undefined> {
  return optional(
    parsedText<number | undefined>(
      { doc, type: 'time as in RFC 3339', example: '2026-12-01T06:00:00Z' },
      (written) => {
        const ms = /^\d{4}-\d\d-\d\dT.*(?:Z|[-+]\d\d:\d\d)$/i.test(written)
          ? Date.parse(written)
          : Number.NaN;
        return Number.isNaN(ms) ? { why: 'this is no time such as `2026-12-01T06:00:00Z`' } : { value: ms };
      },
    ),
  );
}

export interface UserEntry {
  readonly name: string;
  readonly password: string;
  readonly role: 'viewer' | 'responder' | 'admin';
}

/** Split at the first colon, so that passwords may have some; a role is what follows the last one, if it is one. */
const userEntry = parsedText<UserEntry>(
  { doc: 'A user.', type: '`NAME:PASSWORD`', isSecret: true, example: 'ann:correct horse battery staple' },
  (written) => {
    const at = written.indexOf(':');
    const name = written.slice(0, at).trim();
    const rest = written.slice(at + 1);
    if (at <= 0 || name === '' || rest === '') return { why: 'a name, a colon and a password are wanted' };
    const [, password = rest, role = 'admin'] = /^(.+):(viewer|responder|admin)$/s.exec(rest) ?? [];
    return { value: { name, password, role: role as UserEntry['role'] } }; // One of these, as it was found.
  },
);

const nameKey = (of: string) =>
  text({ default: '', doc: `Name of the ${of}, for logs and metrics; its number unless set.` });
const conditionKey = (doc: string) =>
  text({ default: '', doc, example: 'k8s.ns.name = prod and priority >= error' });
const scheduleKey = (doc: string) => text({ default: '', doc });

export const routingKeys = {
  schedules: list(
    schema({
      name: text({ doc: 'Name of the schedule.' }),
      timezone: text({ default: 'UTC', doc: 'Time zone of its hours.', example: 'Europe/Vienna' }),
      days: list(choice(weekDays, { doc: 'A day.' }), {
        default: weekDays,
        doc: 'Days of the week: `mon`, `tue`...',
      }),
      from: text({ default: '00:00', doc: 'When it begins on each of these days.' }),
      to: text({ default: '24:00', doc: 'When it ends; if that is earlier, on the day after.' }),
    }),
    { default: [], doc: 'Hours of the week that routes and silences name.' },
  ),
  silences: list(
    schema({
      name: nameKey('silence'),
      condition: conditionKey('Alerts that are not sent; empty, all.'),
      from: moment('When it begins; absent, it is in force.'),
      until: moment('When it ends; absent, never.'),
      schedule: scheduleKey('Only in these hours.'),
      comment: text({ default: '', doc: 'Why, for people.' }),
    }),
    {
      default: [],
      doc: 'Alerts that go to no output, for a time. They are kept in the journal like others.',
    },
  ),
  routes: list(
    schema({
      name: nameKey('route'),
      condition: conditionKey('Alerts that it is for; empty, all.'),
      outputs: list(text({ doc: 'Name of an output.' }), {
        doc: 'Where they go; none, nowhere.',
        example: 'slack,pagerduty',
      }),
      schedule: scheduleKey('Only in these hours; at other times, the next route that fits is taken.'),
      continue: flag({ default: false, doc: 'Look at later routes, too; their outputs are added.' }),
    }),
    {
      default: [],
      doc: 'Which alerts go to which outputs. The first that fits is taken; where none fits, all outputs are.',
    },
  ),
  noise: list(
    schema({
      name: nameKey('entry'),
      condition: conditionKey('Alerts that it is about; empty, all.'),
      groupby: list(text({ doc: 'A field.' }), {
        default: ['rule', 'hostname', 'k8s.ns.name', 'k8s.pod.name'],
        doc: 'What alerts of a group have in common: `rule`, `priority`, `source`, `hostname`, `tags`, or output fields.',
      }),
      window: duration({ default: '5m', min: 1_000, doc: 'How long a window of a group lasts.' }),
      most: integer({ default: 1, min: 1, doc: 'Alerts of a group that are sent in each window.' }),
      rollup: flag({
        default: true,
        doc: 'When the window ends, send one alert that says how many were not sent.',
      }),
    }),
    { default: [], doc: 'Alerts that are alike, of which only some are sent.' },
  ),
};

export const hubKeys = {
  listenaddress: text({ default: '', doc: 'IP address to listen on; empty, all of them.' }),
  listenport: integer({
    default: 2801,
    min: 0,
    max: 65_535,
    doc: 'Port that takes alerts; 0 is any that is free.',
  }),
  debug: flag({ default: false, doc: 'Log every alert that comes in and every request that goes out.' }),
  customfields: textMap({
    default: {},
    doc: 'Fields to add to each alert; a value `%NAME` is that of the environment variable.',
    example: 'cluster:prod',
  }),
  templatedfields: textMap({
    default: {},
    doc: "Fields to add to each alert, as templates over the alert's fields.",
    example: 'team:{{ or (index . "k8s.ns.labels.team") "nobody" }}',
  }),
  customtags: list(text({ doc: 'A tag.' }), { default: [], doc: 'Tags to add to each alert.' }),
  bracketreplacer: text({
    default: '',
    doc: 'What stands for `[` in names of fields, `]` being left out; empty, names stay.',
    example: '_',
  }),
  outputfieldformat: text({
    default: '',
    doc: 'Arrangement of the text of alerts, of `<timestamp>`, `<priority>`, `<output>`, `<custom_fields>`, `<templated_fields>` and `<tags>`; empty, texts stay.',
  }),
  mutualtlsfilespath: text({
    default: '/etc/certs',
    doc: 'Folder with `client.crt`, `client.key` and `ca.crt`, where `mutualtlsclient` names none.',
  }),
  mutualtlsclient: schema(
    {
      certfile: text({ default: '', doc: 'File with our certificate, for outputs with `mutualtls`.' }),
      keyfile: text({ default: '', doc: "File with our certificate's key." }),
      cacertfile: text({ default: '', doc: 'File with the authority of the destinations.' }),
    },
    { doc: 'Who we are to destinations that want to know.' },
  ),
  tlsclient: schema(
    { cacertfile: text({ default: '', doc: 'File with authorities to trust beside those of the system.' }) },
    { doc: 'Whom all outputs trust.' },
  ),
  tlsserver: schema(
    {
      deploy: flag({ default: false, doc: 'Take alerts over HTTPS.' }),
      certfile: text({ default: '/etc/certs/server/server.crt', doc: 'File with the certificate.' }),
      keyfile: text({ default: '/etc/certs/server/server.key', doc: "File with the certificate's key." }),
      mutualtls: flag({
        default: false,
        doc: 'Only take alerts from those with a certificate of the authority.',
      }),
      cacertfile: text({
        default: '/etc/certs/server/ca.crt',
        doc: 'File with the authority of the senders.',
      }),
      notlsport: integer({ default: 2810, min: 1, max: 65_535, doc: 'Port of `notlspaths`.' }),
      notlspaths: list(text({ doc: 'A path.' }), {
        default: [],
        doc: 'Paths that are served without TLS, on a port of their own: `/`, `/ping`, `/healthz`, `/test`, `/metrics`.',
        example: '/metrics,/healthz',
      }),
    },
    { doc: 'How senders reach the hub.' },
  ),
  prometheus: schema(
    {
      extralabels: list(text({ doc: 'Name of a field.' }), {
        default: [],
        doc: 'Fields of alerts that are labels of `falcosecurity_falcosidekick_falco_events_total`.',
      }),
      maxseries: integer({
        default: 10_000,
        min: 1,
        doc: 'Combinations of labels that are counted apart; those that come later are counted together.',
      }),
    },
    { doc: 'Metrics of the hub.' },
  ),
  statsd: statsdConfig,
  dogstatsd: statsdConfig,
  intake: schema(
    {
      maxbodybytes: integer({ default: 16 * MIB, min: 1_024, doc: 'Longest body of a request.' }),
      maxalertbytes: integer({
        default: MIB,
        min: 1_024,
        doc: 'Largest alert, as JSON, when it is complete.',
      }),
    },
    { doc: 'What the hub takes.' },
  ),
  journal: schema(
    {
      path: text({
        default: '',
        doc: 'Folder of the journal and of the dead letters; empty, the first of these that can be written: `/var/lib/peregrine/hub`, `peregrine/hub` in the state folder of the user, `peregrine-hub-UID` in the folder of temporary files.',
      }),
      maxbytes: integer({
        default: 4096 * MIB,
        min: MIB,
        doc: 'Space for alerts that some output has not taken yet.',
      }),
      whenfull: choice(['drop_oldest', 'refuse'], {
        default: 'drop_oldest',
        doc: 'What gives way when that is full: the oldest alerts, for those outputs that have not taken them, or new ones, which senders then keep (status 503).',
      }),
      sync: choice(['always', 'interval'], {
        default: 'always',
        doc: 'When an alert is acknowledged: on the disk, which survives a stop of the machine, or written, which survives a stop of the hub.',
      }),
      syncinterval: duration({ default: '1s', min: 1, doc: 'Time between two syncs with `sync: interval`.' }),
    },
    { doc: 'Where alerts are kept until they are delivered.' },
  ),
  ui: schema(
    {
      enabled: flag({ default: false, doc: 'Keep alerts in a store, and show them in a browser.' }),
      listenaddress: text({
        default: '127.0.0.1',
        doc: 'IP address of the web interface. Empty, or one that other machines reach, needs `ui.users` or `ui.oidc`.',
      }),
      listenport: integer({
        default: 2802,
        min: 0,
        max: 65_535,
        doc: 'Port of the web interface; 0 is any that is free.',
      }),
      publicurl: text({
        default: '',
        doc: 'Address that people open, if it is another one: behind a proxy.',
        example: 'https://alerts.example.org',
      }),
      users: list(userEntry, {
        default: [],
        doc: 'Who may sign in: `NAME:PASSWORD`, or `NAME:PASSWORD:ROLE` with `viewer`, `responder` or `admin`, which is what others are.',
      }),
      allowdefaultpassword: flag({
        default: false,
        doc: 'Let users have passwords that everybody knows, such as `admin:admin`. Whoever reaches the port is in.',
      }),
      onetimelink: flag({
        default: false,
        doc: 'Without users, have whoever opens the interface use a link first, which is in the log.',
      }),
      certfile: text({ default: '', doc: 'File with the certificate: HTTPS instead of HTTP.' }),
      keyfile: text({ default: '', doc: "File with the certificate's key." }),
      oidc: schema(
        {
          issuer: text({
            default: '',
            doc: 'Address of the OpenID provider that people sign in at; empty, there is none.',
            example: 'https://login.example.org/realms/ops',
          }),
          clientid: text({ default: '', doc: 'Name that the provider knows us by.', example: 'peregrine' }),
          clientsecret: secret({
            default: new Secret(''),
            doc: 'Secret that goes with it; empty, we are a public client.',
          }),
          title: text({ default: 'Single sign-on', doc: 'What the button says.' }),
          scopes: list(text({ doc: 'A scope.' }), {
            default: ['openid', 'profile', 'email'],
            doc: 'What is asked for.',
            example: 'openid,profile,groups',
          }),
          rolesclaim: text({
            default: 'groups',
            doc: 'Claim with roles or groups; dots lead into objects (`realm_access.roles`).',
          }),
          roles: textMap({
            default: {},
            doc: 'Roles by what the claim says; of several, the highest.',
            example: 'sec-admins:admin,on-call:responder',
          }),
          defaultrole: choice(['none', 'viewer', 'responder', 'admin'], {
            default: 'none',
            doc: 'Role of everybody else whom the provider knows; `none`, they are not let in.',
          }),
        },
        {
          doc: 'Signing in at an OpenID provider. It sends people back to `/sign-in/oidc/callback` under `ui.publicurl`, or under the address that the interface listens on.',
        },
      ),
      changerules: choice(['signedin', 'anyone', 'nobody'], {
        default: 'signedin',
        doc: 'Which administrators may change rules: those who have signed in, or whoever reaches the interface where nobody is asked.',
      }),
      rules: list(text({ doc: 'A file or folder.' }), {
        default: [],
        doc: 'Rules files to show, where the hub runs without a sensor; none, those that come along.',
        example: '/etc/falco/falco_rules.yaml',
      }),
      captures: text({
        default: '',
        doc: 'Folder with recordings (`.scap`, `.scap.gz`) that rules can be tried on.',
        example: '/var/lib/peregrine/captures',
      }),
      store: text({
        default: '',
        doc: 'File of the store; empty, `alerts.db` beside the journal. Or a database of PostgreSQL, which several hubs share: `postgres://USER@HOST:PORT/DATABASE`, with `?sslmode=`, `sslrootcert`, `sslcert`, `sslkey` or `host` behind it as PostgreSQL has them.',
        example: 'postgres://peregrine@db.example.org/alerts?sslmode=verify-full',
      }),
      storepassword: secret({
        default: new Secret(''),
        doc: 'Password at PostgreSQL; empty, what `ui.storepasswordfile`, `PGPASSWORD` or `~/.pgpass` says.',
      }),
      storepasswordfile: text({
        default: '',
        doc: 'File with the password at PostgreSQL, which is read whenever the store is opened.',
        example: '/run/secrets/peregrine-store',
      }),
      maxage: duration({ default: '90d', min: 0, doc: 'Alerts that are older are removed; `0s`, none.' }),
      maxcount: integer({ default: 0, min: 0, doc: 'Alerts that are kept; 0, any number.' }),
      maxbytes: integer({
        default: 16_384 * MIB,
        min: 0,
        doc: 'Space for the store; 0, as much as there is. The oldest alerts go first.',
      }),
    },
    { doc: 'The web interface and its store.' },
  ),
  delivery: schema(
    {
      retryfirst: duration({ default: '500ms', min: 1, doc: 'Longest pause after the first failure.' }),
      retrymax: duration({ default: '1m', min: 1, doc: 'Longest pause after many failures.' }),
      draintimeout: duration({
        default: '20s',
        min: 0,
        doc: 'How long the hub goes on delivering when it is told to stop; what is left is delivered after the next start.',
      }),
      deadletters: integer({ default: 10_000, min: 1, doc: 'Dead letters that are kept for each output.' }),
    },
    { doc: 'How outputs go about failures.' },
  ),
  response: responseKeys,
};

export const hubSchema = schema({ ...hubKeys, ...routingKeys });
export type HubSettings = Infer<typeof hubSchema>;
