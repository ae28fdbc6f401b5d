/** Where a Kubernetes API is and who we are there, whatever said so. */

import type { TlsTrust } from '../../../transport/tls-trust.ts';

export interface KubeIdentity {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** PEM; `undefined` where a certificate is not how we say who we are. */
  readonly certificate: { readonly cert: string; readonly key: string } | undefined;
}

export interface KubeAccess {
  /** Without a slash at its end; may have a path. */
  readonly server: string;
  /** Whom to trust; who we are is in `identity`. */
  readonly tls: TlsTrust;
  /** Namespace that things without one go to; `undefined` where nothing says it. */
  readonly namespace: string | undefined;
  /** For the next request. `isRefused`: the last one did not do. Rejects with a `Fault` that says why there is none. */
  readonly identity: (isRefused: boolean) => Promise<KubeIdentity>;
}
