/** The responder of a hub, with everything that it reaches. */

import { type KubePort, postEvent, readContext } from '@peregrine/actions';
import { createActionPorts } from './action-ports.ts';
import { ResponseService, type ResponseServiceOptions } from './response-service.ts';

export interface OpenResponseOptions
  extends Omit<ResponseServiceOptions, 'ports' | 'dryPorts' | 'closePorts' | 'contextOf' | 'postEvent'> {
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Throws a `Fault` where the ledger or the key of approvals cannot be used. */
export function openResponse(options: OpenResponseOptions): ResponseService {
  const { config, environment } = options;
  const { ports, dryPorts, close } = createActionPorts({
    kubeconfig: config.settings.response.kubeconfig,
    environment,
    hands: undefined,
    whyNoHands: 'nothing acts on this machine',
    callFunction: undefined,
    record: undefined,
  });
  const kube = (): Promise<KubePort> => ports.kube();
  return new ResponseService({
    ...options,
    ...{ ports, dryPorts, closePorts: close },
    contextOf: (context, alert, signal) => readContext(context, { alert, kube, environment, signal }),
    postEvent: async (run, signal) => postEvent(await kube(), run, signal),
  });
}
