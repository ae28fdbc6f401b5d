/** Alerts by mail. */

import {
  choice,
  delivered,
  flag,
  type Outcome,
  optional,
  parsedText,
  schema,
  secret,
  text,
} from '@peregrine/base';
import type { SentMessageInfo, Transporter } from 'nodemailer';
import { type Delivery, defineClientSink, type SinkConfig, type SinkContext } from '../sink.ts';
import { nodeTlsOptions } from '../transport/tls-trust.ts';
import { causeOf, linkedDestination } from './parts/linked-destination.ts';
import { htmlBody, subjectOf, textBody } from './parts/mail.ts';
import { serverAddress } from './parts/server-address.ts';

/** Where TLS comes before the first word. */
const TLS_PORT = 465;
const MAIL_TOO_LARGE = 552;

const config = schema({
  hostport: serverAddress({
    doc: 'Host and port of the mail server.',
    example: 'smtp.example.org:587',
    ports: { '': undefined },
  }),
  tls: flag({
    default: true,
    doc: 'Go over to TLS (STARTTLS) before anything else is said, or say nothing; on port 465 TLS comes first.',
  }),
  from: mailAddresses({ doc: 'Sender of the mails.', example: 'falco@example.org' }),
  to: mailAddresses({
    doc: 'Recipients, separated by commas.',
    example: 'soc@example.org, oncall@example.org',
  }),
  outputformat: choice(['html', 'text'], {
    default: 'html',
    doc: 'HTML beside plain text, or plain text alone.',
  }),
  authmechanism: choice(['plain', 'oauthbearer', 'external', 'anonymous', 'none'], {
    default: 'plain',
    doc: 'How the hub proves who it is; with `plain` and no user, it does not.',
  }),
  user: text({ default: '', doc: 'User for `plain` and `oauthbearer`.' }),
  password: optional(secret({ doc: 'Password for `plain`.' })),
  token: optional(secret({ doc: 'Token for `oauthbearer`.' })),
  identity: text({
    default: '',
    doc: 'Identity for `plain` and `external`, where it is not that of the user.',
  }),
  trace: text({ default: '', doc: 'What `anonymous` says of itself.' }),
});
type Config = SinkConfig<typeof config.keys, Record<never, never>>;

export const smtp = defineClientSink({
  name: 'smtp',
  title: 'SMTP',
  category: 'email',
  doc: 'Sends each alert as a mail.',
  config,
  enabledBy: ['hostport', 'from', 'to'],
  hasTls: true,
  refuses: ({ authmechanism, token }) =>
    authmechanism === 'oauthbearer' && token === undefined
      ? [{ key: 'token', why: 'is not set, and `oauthbearer` needs it' }]
      : [],
  open: async (settings, context) => {
    const { createTransport } = await import('nodemailer');
    return linkedDestination<Transporter<SentMessageInfo>>({
      context,
      secrets: [settings.password?.reveal() ?? '', settings.token?.reveal() ?? ''],
      // It connects when it sends, and keeps the connection for the next mail.
      open: async () => createTransport(transportOptions(settings, context)),
      close: (transport) => transport.close(),
      deliver: async (transport, deliveries) => {
        for (const delivery of deliveries) {
          const { rejected = [] } = await transport.sendMail(mailOf(delivery, settings));
          // The others have it: sent again, they would have it twice.
          if (rejected.length > 0) context.debug(`the server takes no mail for ${rejected.join(', ')}`);
        }
        return delivered;
      },
      outcomeOf: rejectionOf,
    });
  },
});

function mailAddresses(options: { readonly doc: string; readonly example: string }) {
  return parsedText<string>({ ...options, type: 'mail addresses' }, (text) => {
    const addresses = text.split(',').map((part) => part.trim());
    const wrong = addresses.find(
      (address) => !/^(?:[^<>\r\n]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/.test(address),
    );
    return wrong === undefined ? { value: addresses.join(', ') } : { why: `\`${wrong}\` is no mail address` };
  });
}

function mailOf({ alert, call }: Delivery, { from, to, outputformat }: Config) {
  return {
    ...{ from, to },
    // The same in every attempt, so that mailboxes can tell repeats.
    messageId: `<${call.deliveryId}@${domainOf(from)}>`,
    subject: subjectOf(alert),
    date: new Date(Number(alert.timeNs / 1_000_000n)),
    text: textBody(alert),
    ...(outputformat === 'html' ? { html: htmlBody(alert) } : {}),
    baseBoundary: call.deliveryId,
    headers: { 'Auto-Submitted': 'auto-generated' },
    xMailer: false,
    // What an alert says is never a place to read from.
    ...{ disableFileAccess: true, disableUrlAccess: true },
  } as const;
}

function domainOf(address: string): string {
  return /@([^\s<>@,]+)/.exec(address)?.[1] ?? 'localhost';
}

function transportOptions(settings: Config, { tls, timeoutMs }: SinkContext) {
  const { hostport, tls: wantsTls } = settings;
  const isImplicit = wantsTls && hostport.port === TLS_PORT;
  return {
    ...{ pool: true as const, maxConnections: 1, maxMessages: Number.POSITIVE_INFINITY },
    host: hostport.host,
    port: hostport.port,
    secure: isImplicit,
    requireTLS: wantsTls && !isImplicit,
    ignoreTLS: !wantsTls,
    tls: nodeTlsOptions(tls),
    ...{ connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, dnsTimeout: timeoutMs },
    ...authOf(settings),
  };
}

type Command = (command: string) => Promise<{ readonly status: number; readonly text: string }>;

/** The mechanisms word by word, since not all of them are the client library's. */
function authOf(settings: Config) {
  const { authmechanism, user, identity, trace, hostport } = settings;
  const password = settings.password?.reveal() ?? '';
  if (authmechanism === 'none' || (authmechanism === 'plain' && user === '')) return {};
  const method = authmechanism.toUpperCase();
  const words = {
    plain: `${identity}\0${user}\0${password}`,
    oauthbearer: `n,a=${user},\x01host=${hostport.host}\x01port=${hostport.port}\x01auth=Bearer ${settings.token?.reveal() ?? ''}\x01\x01`,
    external: identity,
    anonymous: trace,
  };
  const word = words[authmechanism] === '' ? '=' : Buffer.from(words[authmechanism]).toString('base64');
  const prove = async ({ sendCommand }: { readonly sendCommand: Command }): Promise<void> => {
    const answer = await sendCommand(`AUTH ${method} ${word}`);
    // A server that says no to a token first says why, and wants that acknowledged.
    const last = answer.status === 334 ? await sendCommand('AQ==') : answer;
    if (last.status < 200 || last.status >= 300) throw new Error(`not let in: ${last.status} ${last.text}`);
  };
  // Without a user the client library would leave it out; the server is told what `prove` says and nothing else.
  return { auth: { type: 'custom' as const, method, user: user || method }, customAuth: { [method]: prove } };
}

/** A mail that the server has seen and does not want; whatever it says before that is not about the alert. */
function rejectionOf(error: unknown): Outcome | undefined {
  if (!(error instanceof Error) || !('responseCode' in error)) return undefined;
  const code = Number(error.responseCode);
  const isAboutMail = 'code' in error && error.code === 'EMESSAGE' && code >= 500;
  return isAboutMail || code === MAIL_TOO_LARGE ? { kind: 'rejected', reason: causeOf(error) } : undefined;
}
