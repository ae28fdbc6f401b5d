/** The responder of a hub, with everything that it reaches. */

import { readFileSync } from 'node:fs';
import { type KubePort, platformsOf, postEvent, readContext } from '@peregrine/actions';
import type { HandsConnection } from '@peregrine/actions/hands';
import type { LocalSensor } from '../ui/rules/sensor-port.ts';
import { createActionPorts } from './action-ports.ts';
import { inheritedHands, startHands } from './hands/start-hands.ts';
import { wantedHands } from './hands/wanted-hands.ts';
import { openLeadership } from './leadership.ts';
import type { ResponseSetup } from './load-response.ts';
import { recordWith } from './record-with.ts';
import { openResponseFunctions } from './response-functions.ts';
import { ResponseService, type ResponseServiceOptions } from './response-service.ts';

export interface OpenResponseOptions
  extends Omit<
    ResponseServiceOptions,
    | 'plan'
    | 'ports'
    | 'dryPorts'
    | 'closePorts'
    | 'storeSettings'
    | 'leadership'
    | 'transport'
    | 'contextOf'
    | 'postEvent'
    | 'kubernetesTrouble'
    | 'hostTrouble'
  > {
  readonly setup: ResponseSetup;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The sensor in this process, as soon as it watches. */
  readonly sensor: () => LocalSensor | undefined;
}

const WHY_NO_HANDS = 'no rule acted on this machine when Peregrine was started: start it again';

/** Rejects with a `Fault` where the ledger, the key of approvals or functions cannot be used. */
export async function openResponse(options: OpenResponseOptions): Promise<ResponseService> {
  const { config, environment, log, setup } = options;
  const { sectionSettings: settings } = setup;
  const hands = openHands(options);
  const runtime = await openResponseFunctions(config.settings, environment, log);
  const { ports, dryPorts, close, kubernetesTrouble } = createActionPorts({
    kubeconfig: config.settings.response.kubeconfig,
    ...{ environment, settings },
    hands: hands?.port,
    whyNoHands: WHY_NO_HANDS,
    record: recordWith(options.sensor),
    callFunction: runtime && (await import('../functions/index.ts')).functionCaller(runtime),
  });
  const kube = (): Promise<KubePort> => ports.kube();
  // So that the first action does not wait for it, and it is known before whether it can be reached.
  if (platformsOf(setup.plan).has('kubernetes'))
    kube().catch((error: unknown) =>
      log('warning', `Response - ${error instanceof Error ? error.message : String(error)}`),
    );
  const { tlsserver, tlsclient } = config.settings;
  return new ResponseService({
    ...options,
    plan: setup.plan,
    leadership: await openLeadership(config.settings, kube, log),
    transport: {
      isTls: tlsserver.deploy,
      authorities: tlsclient.cacertfile === '' ? [] : [readFileSync(tlsclient.cacertfile, 'utf8')],
    },
    ...{ ports, dryPorts, storeSettings: settings, kubernetesTrouble },
    hostTrouble: () => (hands === undefined ? WHY_NO_HANDS : undefined),
    closePorts: async () => {
      await close();
      hands?.close();
      await runtime?.close();
    },
    contextOf: (context, alert, signal) => readContext(context, { alert, kube, environment, signal }),
    postEvent: async (run, signal) => postEvent(await kube(), run, signal),
  });
}

/** What acts on this machine: started before privileges were given up, or now. */
function openHands({ setup, config, environment }: OpenResponseOptions): HandsConnection | undefined {
  const wanted = wantedHands(setup.plan, config.settings, environment);
  return wanted === undefined ? undefined : (inheritedHands(wanted.hostname) ?? startHands(wanted).connect());
}
