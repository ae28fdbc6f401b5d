/** Certificates and keys from disk: whom outputs trust, who we are, and what the server shows. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { ServerTls } from '@peregrine/api';
import { type Diagnostic, Fault } from '@peregrine/base';
import type { SinkSettings, TlsTrust } from '@peregrine/outputs/hub';
import { isPostgresAddress, parsePostgresAddress } from '@peregrine/store/address';
import { badFile } from './config/diagnostics.ts';
import type { HubSettings } from './config/keys.ts';
import type { HubConfig } from './config/read-hub-config.ts';

/** Throws a `Fault` that names the key and the file when one cannot be read. */
export function trustOf({ common, id }: SinkSettings, settings: HubSettings): TlsTrust {
  const { mutualtlsclient: client, tlsclient, mutualtlsfilespath: folder } = settings;
  const extra = tlsclient.cacertfile === '' ? [] : [readPem(tlsclient.cacertfile, '`tlsclient.cacertfile`')];
  if (!common.mutualtls) return { isChecked: common.checkcert, authorities: extra, identity: undefined };
  const why = `\`${id}.mutualtls\``;
  const authority = client.cacertfile || join(folder, 'ca.crt');
  return {
    // COMPAT: with a certificate of our own, the destination's is checked, whatever `checkcert` says.
    isChecked: true,
    authorities: [
      ...extra,
      ...(client.cacertfile !== '' || existsSync(authority) ? [readPem(authority, why)] : []),
    ],
    identity: {
      cert: readPem(client.certfile || join(folder, 'client.crt'), why),
      key: readPem(client.keyfile || join(folder, 'client.key'), why),
    },
  };
}

/** `undefined`: without TLS. */
export function serverTlsOf({ tlsserver }: HubSettings): ServerTls | undefined {
  if (!tlsserver.deploy) return undefined;
  return {
    cert: readPem(tlsserver.certfile, '`tlsserver.certfile`'),
    key: readPem(tlsserver.keyfile, '`tlsserver.keyfile`'),
    clientAuthority: tlsserver.mutualtls
      ? readPem(tlsserver.cacertfile, '`tlsserver.cacertfile`')
      : undefined,
  };
}

/** Of the web interface. Throws a `Fault` for files that cannot be read, or that are no pair. */
export function uiTlsOf({ ui: { certfile, keyfile } }: HubSettings): ServerTls | undefined {
  if (certfile === '') return undefined;
  const cert = readPem(certfile, '`ui.certfile`');
  const key = keyfile === '' ? cert : readPem(keyfile, '`ui.keyfile`');
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const files =
      keyfile === '' ? `\`${certfile}\`, without \`ui.keyfile\`,` : `\`${certfile}\` and \`${keyfile}\``;
    throw new Fault('certificate-unusable', `${files} cannot serve the web interface: ${why}`, { cause });
  }
  return { cert, key, clientAuthority: undefined };
}

/** Those that the address of the store names. Throws a `Fault`. */
function readStoreFiles({ ui: { store } }: HubSettings): void {
  const read = isPostgresAddress(store) ? parsePostgresAddress(store) : undefined;
  if (read === undefined || 'problem' in read) return;
  const { rootCertificate, certificate, key } = read.address;
  for (const path of [rootCertificate, certificate, key]) if (path !== '') readPem(path, '`ui.store`');
}

/** Everything that is wrong with the files that the configuration names. */
export function checkFiles({ settings, outputs, placeOf }: HubConfig): readonly Diagnostic[] {
  const reads = [() => serverTlsOf(settings), ...outputs.map((output) => () => trustOf(output, settings))];
  const messages = reads.flatMap((read) => problemOf(read) ?? []);
  const ofUi = (key: string, read: () => unknown): readonly Diagnostic[] => {
    const message = settings.ui.enabled ? problemOf(read) : undefined;
    const span = placeOf('ui', key);
    return message === undefined ? [] : [badFile.at(span === undefined ? {} : { span }, message)];
  };
  return [
    ...[...new Set(messages)].map((message) => badFile.at({}, message)),
    ...ofUi('certfile', () => uiTlsOf(settings)),
    ...ofUi('store', () => readStoreFiles(settings)),
  ];
}

function problemOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
}

/** Throws a `Fault` that says what needs the file. */
export function readPem(path: string, why: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Fault('certificate-unreadable', `cannot read \`${path}\`, which ${why} needs: ${reason}`, {
      cause,
    });
  }
}
