/** Functions that responses call, in processes of the hub. */

import { Fault } from '@peregrine/base';
import type { FunctionRuntime } from '@peregrine/functions';
import type { HubSettings } from '../hub/config/keys.ts';
import type { HubLog } from '../hub/hub-log.ts';

/** Where functions would be served; responses call them without. */
const PORT = 8_080;

/** `undefined`: none are named. Rejects with a `Fault` where they cannot be used or do not start. */
export async function openResponseFunctions(
  { response: { functions, kubeconfig } }: HubSettings,
  environment: Readonly<Record<string, string | undefined>>,
  log: HubLog,
): Promise<FunctionRuntime | undefined> {
  if (functions.manifests.length === 0) return undefined;
  const { defaultRuntimeLimits, openFunctions, readSetFunctions } = await import('../functions/index.ts');
  const setup = {
    request: { paths: functions.manifests, namespace: 'default', handler: undefined, environment: {} },
    user: functions.user === '' ? undefined : functions.user,
    ...{ firstUser: undefined, python: undefined },
    kubeconfig: kubeconfig === '' ? undefined : kubeconfig,
    installsPackages: functions.installdeps,
    ...{ packagesFolder: undefined, timeoutMs: undefined, memoryBytes: undefined },
    limits: defaultRuntimeLimits,
    environment,
    port: PORT,
    log: (level: string, message: string): void =>
      log(level === 'error' || level === 'warning' || level === 'debug' ? level : 'info', message),
  };
  const read = readSetFunctions(setup);
  if (read.isUsable) return openFunctions(read.functions, setup);
  const [{ message, span } = { message: 'they cannot be read', span: undefined }] = read.diagnostics;
  const place = span === undefined ? '' : `${span.file}:${span.start.line}: `;
  throw new Fault(
    'response-functions',
    `the functions of \`response.functions\` cannot be used: ${place}${message}`,
    {
      hint: `\`peregrine functions list ${functions.manifests.join(' ')}\` says all that is wrong`,
    },
  );
}
