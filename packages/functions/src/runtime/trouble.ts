/** Why a function cannot be started, and what may help. */

import type { FunctionSpec } from '../function-spec.ts';

export interface Trouble {
  readonly reason: string;
  readonly hint: string | undefined;
}

/** Debian's names of packages that functions are likely to want. */
const debianPackages: Readonly<Record<string, string>> = {
  kubernetes: 'python3-kubernetes',
  requests: 'python3-requests',
  yaml: 'python3-yaml',
  boto3: 'python3-boto3',
};

export function troubleOf(
  spec: FunctionSpec,
  { reason, missing }: { readonly reason: string; readonly missing: string | undefined },
  pythons: readonly string[],
): Trouble {
  if (missing === undefined) return { reason, hint: undefined };
  if (spec.language !== 'python')
    return {
      reason: `\`${missing}\` is not installed`,
      hint: 'put it into `spec.deps` as a package.json, and let `--install-deps` install it',
    };
  const debian = debianPackages[missing];
  const apt = debian === undefined ? '' : `\`apt-get install ${debian}\`, or `;
  return {
    reason: `the Python module \`${missing}\` is not installed for ${pythons.join(', ')}`,
    hint: `install it: ${apt}name it in \`spec.deps\` and let \`--install-deps\` run pip`,
  };
}
