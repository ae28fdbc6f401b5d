/** Whether rules act on this machine, and what that takes. */

import { readFileSync } from 'node:fs';
import { hostname as machineName } from 'node:os';
import type { ResponsePlan } from '@peregrine/actions';
import { orderText } from '@peregrine/actions/hands';
import { listIn, textIn } from '@peregrine/base';
import type { Config } from '../../config/config.ts';
import type { Environment } from '../../hub/config/environment.ts';
import type { HubSettings } from '../../hub/config/keys.ts';
import { loadHubConfig } from '../../hub/load-hub-config.ts';
import { readResponseFiles } from '../read-response.ts';
import { type StartHandsOptions, startHands } from './start-hands.ts';

type PlannedStep = ResponsePlan['rules'][number]['steps'][number];

/** The action that runs programs. */
const RUN = 'host:run';

/** `undefined`: no rule acts on this machine. */
export function wantedHands(
  plan: ResponsePlan,
  { response }: HubSettings,
  environment: Environment,
): StartHandsOptions | undefined {
  const steps = plan.rules.flatMap((rule) => rule.steps);
  const capabilities = new Set(steps.flatMap(({ action, parameters }) => action.capabilities(parameters)));
  if (capabilities.size === 0) return undefined;
  const { pids, programs, paths, users, addresses } = response.protected;
  return {
    capabilities: [...capabilities],
    protections: { pids, programs, paths, users, addresses, commands: ordersOf(steps) },
    hostname: hostnameOf(environment),
  };
}

/** Programs that rules have run: no others are, whoever asks. */
function ordersOf(steps: readonly PlannedStep[]): readonly string[] {
  return steps
    .filter(({ action }) => action.name === RUN)
    .map(({ parameters: { command, user, folder } }) =>
      orderText({ command: listIn(command).map(textIn), user: textIn(user), folder: textIn(folder) }),
    );
}

/** As alerts of this machine have it. */
export function hostnameOf({ FALCO_HOSTNAME = '' }: Environment): string {
  return FALCO_HOSTNAME === '' ? machineName() : FALCO_HOSTNAME;
}

/**
 * For a sensor with a hub in it, before it gives up privileges: the descriptor of the connection. `undefined`: nothing of
 * the kind is wanted. Whoever reads the configuration next tells what is wrong with it.
 */
export async function startWantedHands(
  { hub }: Config,
  environment: Environment,
): Promise<number | undefined> {
  if (hub.config === '') return undefined;
  const read = (path: string): string => readFileSync(path, 'utf8');
  const { readable } = await loadHubConfig({ file: hub.config, environment, read });
  const files = readable?.settings.response.rulesfiles ?? [];
  if (readable === undefined || files.length === 0) return undefined;
  const { plan } = readResponseFiles(files);
  const wanted = plan === undefined ? undefined : wantedHands(plan, readable.settings, environment);
  return wanted === undefined ? undefined : startHands(wanted).fd;
}
