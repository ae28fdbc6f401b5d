/** Errors after which it is certain that a server saw nothing of a request. */

import { codeOf } from './write-all.ts';

/** Of looking a name up and of connecting. */
const beforeConnected = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  // A check of the server's certificate.
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** By its code, of whatever library it is; false where nobody knows. */
export function isUnsent(error: unknown): boolean {
  const code = codeOf(error) ?? '';
  return beforeConnected.has(code) || code.startsWith('CERT_');
}
