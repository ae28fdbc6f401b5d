/** What is wrong with who may reach and use the web interface, as far as the configuration alone can tell. */

import { isIP } from 'node:net';
import { isLoopback, weaknessOf } from '@peregrine/api';
import { type Role, roles } from '@peregrine/api/contract';
import type { Diagnostic, Span } from '@peregrine/base';
import { isPostgresAddress, parsePostgresAddress } from '@peregrine/store/address';
import {
  badOidc,
  badStore,
  keyWithoutCertificate,
  notAnAddress,
  notAPublicUrl,
  passwordWithoutServer,
  repeatedUser,
  weakPassword,
} from './diagnostics.ts';
import type { HubSettings } from './keys.ts';

export function checkUi(
  { ui }: HubSettings,
  spanAt: (...path: readonly string[]) => Span | undefined,
  report: (diagnostic: Diagnostic) => void,
): void {
  if (!ui.enabled) return;
  const { listenaddress, publicurl, certfile, keyfile, users } = ui;
  const isLocal = isLoopback(listenaddress);
  if (listenaddress !== '' && listenaddress !== 'localhost' && isIP(listenaddress) === 0)
    report(notAnAddress.at(placeOf(spanAt('ui', 'listenaddress')), 'ui.listenaddress', listenaddress));
  if (publicurl !== '' && !isPublicUrl(publicurl))
    report(notAPublicUrl.at(placeOf(spanAt('ui', 'publicurl')), publicurl));
  if (keyfile !== '' && certfile === '') report(keyWithoutCertificate.at(placeOf(spanAt('ui', 'keyfile'))));
  const names = new Set<string>();
  for (const [i, { name, password }] of users.entries()) {
    const place = placeOf(spanAt('ui', 'users', String(i)));
    if (names.has(name)) report(repeatedUser.at(place, name));
    names.add(name);
    const why = weaknessOf(name, password);
    if (why !== undefined && !isLocal && !ui.allowdefaultpassword) report(weakPassword.at(place, name, why));
  }
  checkStore(ui, (key) => placeOf(spanAt('ui', key)), report);
  if (ui.oidc.issuer === '') return;
  const wrong = (key: string, why: string): void =>
    report(badOidc.at(placeOf(spanAt('ui', 'oidc', key)), `ui.oidc.${key}`, why));
  if (!isIssuer(ui.oidc.issuer)) wrong('issuer', 'must be an https address, or an http one on this machine');
  if (ui.oidc.clientid === '') wrong('clientid', 'must be set: the name that the provider knows us by');
  if (!ui.oidc.scopes.includes('openid')) wrong('scopes', 'must have `openid`');
  for (const [group, role] of Object.entries(ui.oidc.roles))
    if (!isRole(role))
      wrong('roles', `gives \`${group}\` the role \`${role}\`; there are ${roles.join(', ')}`);
  if (Object.keys(ui.oidc.roles).length === 0 && ui.oidc.defaultrole === 'none')
    wrong('roles', 'gives nobody a role, and neither does `ui.oidc.defaultrole`: nobody could sign in');
  if (publicurl === '' && !isLocal)
    wrong('issuer', 'needs `ui.publicurl`, the address that the provider sends people back to');
}

function checkStore(
  { store, storepassword, storepasswordfile }: HubSettings['ui'],
  placeAt: (key: string) => { readonly span?: Span },
  report: (diagnostic: Diagnostic) => void,
): void {
  if (isPostgresAddress(store)) {
    const read = parsePostgresAddress(store);
    if ('problem' in read) report(badStore.at(placeAt('store'), read.problem));
    return;
  }
  if (/^[a-z]+:\/\//i.test(store))
    report(badStore.at(placeAt('store'), 'must be a file, or begin with `postgres://`'));
  if (storepassword.reveal() !== '')
    report(passwordWithoutServer.at(placeAt('storepassword'), 'ui.storepassword'));
  if (storepasswordfile !== '')
    report(passwordWithoutServer.at(placeAt('storepasswordfile'), 'ui.storepasswordfile'));
}

const placeOf = (span: Span | undefined): { readonly span?: Span } => (span === undefined ? {} : { span });

export const isRole = (text: string): text is Role => roles.some((role) => role === text);

function isPublicUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, pathname, search, username } = new URL(text);
  return ['http:', 'https:'].includes(protocol) && pathname === '/' && search === '' && username === '';
}

function isIssuer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname.replace(/^\[|\]$/g, '')));
}
