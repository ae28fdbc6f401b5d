/** What can be wrong with the hub's configuration, beside what schemas and outputs say. */

import { defineDiagnostic } from '@peregrine/base';

export const badTemplate = defineDiagnostic({
  code: 'bad-template',
  doc: 'A template of a field cannot be read.',
  message: (path: string, why: string, character: number) => `\`${path}\`: ${why}, at character ${character}`,
});

export const repeatedKey = defineDiagnostic({
  code: 'repeated-key',
  doc: 'A key stands twice in the same section of the configuration, so that one of them would do nothing.',
  message: (name: string) => `\`${name}\` is here for a second time`,
  hint: () => 'put what belongs together into one section',
});

export const badFile = defineDiagnostic({
  code: 'unreadable-certificate',
  doc: 'A certificate or a key that the configuration names cannot be read.',
  message: (why: string) => why,
});

export const noVariable = defineDiagnostic({
  code: 'no-variable',
  severity: 'warning',
  doc: 'A custom field takes its value from an environment variable that is not set, and is left out.',
  message: (path: string, name: string) =>
    `\`${path}\` is left out: there is no environment variable \`${name}\``,
});

export const notAnAddress = defineDiagnostic({
  code: 'not-an-address',
  doc: 'The address to listen on is no IP address.',
  message: (path: string, found: string) => `\`${path}\` is \`${found}\`, and must be an IP address`,
});

export const notAPublicUrl = defineDiagnostic({
  code: 'not-a-public-url',
  doc: 'The address that people open the web interface at cannot be used.',
  message: (found: string) =>
    `\`ui.publicurl\` is \`${found}\`, and must be an http or https address without a path`,
});

export const keyWithoutCertificate = defineDiagnostic({
  code: 'key-without-certificate',
  doc: 'The web interface has a key, and no certificate to go with it, so that it would not be served over HTTPS.',
  message: () => '`ui.keyfile` is set, and `ui.certfile` is not',
});

export const weakPassword = defineDiagnostic({
  code: 'weak-password',
  doc: 'A user of the web interface, which other machines reach, has a password that can be guessed.',
  message: (name: string, why: string) =>
    `\`ui.users\` has a password for \`${name}\` that will not do: ${why}`,
  hint: () => 'choose another; `ui.allowdefaultpassword` lets everybody in who reaches the port',
});

export const repeatedUser = defineDiagnostic({
  code: 'repeated-user',
  doc: 'A user of the web interface is there twice, so that one of the passwords would do nothing.',
  message: (name: string) => `\`ui.users\` has \`${name}\` for a second time`,
});

export const badOidc = defineDiagnostic({
  code: 'bad-oidc',
  doc: 'Nobody could sign in at the OpenID provider with these settings.',
  message: (path: string, why: string) => `\`${path}\` ${why}`,
});

export const badStore = defineDiagnostic({
  code: 'bad-store',
  doc: 'The store of alerts cannot be where the configuration says.',
  message: (why: string) => `\`ui.store\` ${why}`,
});

export const passwordWithoutServer = defineDiagnostic({
  code: 'password-without-server',
  severity: 'warning',
  doc: 'There is a password for a store that is a file, and needs none.',
  message: (path: string) => `\`${path}\` does nothing unless \`ui.store\` is at PostgreSQL`,
});

export const noTls = defineDiagnostic({
  code: 'no-tls',
  severity: 'warning',
  doc: 'A key of the server is set that does nothing without TLS.',
  message: (path: string) => `\`${path}\` does nothing unless \`tlsserver.deploy\` is on`,
});

export const notAServedPath = defineDiagnostic({
  code: 'not-a-served-path',
  doc: 'A path is to be served without TLS that is not served at all.',
  message: (path: string) => `\`tlsserver.notlspaths\` has \`${path}\``,
  hint: () => 'there are `/`, `/ping`, `/healthz`, `/test` and `/metrics`',
});

export const samePort = defineDiagnostic({
  code: 'same-port',
  doc: 'The ports with and without TLS are the same.',
  message: (port: number) => `\`listenport\` and \`tlsserver.notlsport\` are both ${port}`,
});

export const notALabel = defineDiagnostic({
  code: 'not-a-label',
  severity: 'warning',
  doc: 'A field cannot be a label of a metric, and is left out there.',
  message: (path: string, name: string) => `\`${path}\` has \`${name}\`, which cannot be the name of a label`,
});

export const serviceLink = defineDiagnostic({
  code: 'service-link',
  severity: 'warning',
  doc: 'An environment variable that Kubernetes sets for a service has the name of a key, and is not taken for it.',
  message: (variable: string) =>
    `the environment variable \`${variable}\` is about a service, and is not taken for a setting`,
});

export const badCondition = defineDiagnostic({
  code: 'bad-condition',
  doc: 'A condition of a route, a silence or an entry of noise cannot be used.',
  message: (path: string, why: string) => `\`${path}\`: ${why}`,
});

export const noSuchOutput = defineDiagnostic({
  code: 'no-such-output',
  doc: 'A route names an output that is off, or that there is not.',
  message: (path: string, name: string, _isKnown: boolean, _nearest: string | undefined) =>
    `\`${path}\` names \`${name}\`, which is no output that is on`,
  hint: (_path, name, isKnown, nearest) =>
    isKnown
      ? `\`peregrine outputs show ${name}\` says how to turn it on`
      : nearest && `did you mean \`${nearest}\`?`,
});

export const noSuchSchedule = defineDiagnostic({
  code: 'no-such-schedule',
  doc: 'A route or a silence names a schedule that is not defined.',
  message: (path: string, name: string) => `\`${path}\` is \`${name}\`, and there is no such schedule`,
});

export const badSchedule = defineDiagnostic({
  code: 'bad-schedule',
  doc: 'The hours or the time zone of a schedule cannot be read.',
  message: (path: string, why: string) => `\`${path}\` ${why}`,
});

export const overSilence = defineDiagnostic({
  code: 'silence-over',
  severity: 'warning',
  doc: 'A silence has ended already, and does nothing.',
  message: (path: string) => `\`${path}\` has ended`,
});

export const hubDiagnostics = [
  badFile,
  repeatedKey,
  badTemplate,
  noVariable,
  notAnAddress,
  notAPublicUrl,
  keyWithoutCertificate,
  weakPassword,
  repeatedUser,
  badOidc,
  noTls,
  notAServedPath,
  samePort,
  notALabel,
  serviceLink,
  badCondition,
  noSuchOutput,
  noSuchSchedule,
  badSchedule,
  overSilence,
] as const;
