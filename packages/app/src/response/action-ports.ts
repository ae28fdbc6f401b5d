/** How actions reach the world from the hub: each way is opened when it is first asked for, and again after it failed. */

import { type ActionPorts, type HandsPort, type KubePort, openKube } from '@peregrine/actions';
import { Fault } from '@peregrine/base';

export interface ActionPortsOptions {
  /** File; empty, as a pod does. */
  readonly kubeconfig: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `undefined`: nothing acts on this machine; `why` says so. */
  readonly hands: HandsPort | undefined;
  readonly whyNoHands: string;
  readonly callFunction: ActionPorts['callFunction'];
  readonly record: ActionPorts['record'];
}

/** Those that act, and those that change nothing. */
export function createActionPorts(options: ActionPortsOptions): {
  readonly ports: ActionPorts;
  readonly dryPorts: ActionPorts;
} {
  const portsFor = (isDryRun: boolean): ActionPorts => ({
    kube: opened(() =>
      openKube({ kubeconfig: options.kubeconfig, environment: options.environment, isDryRun }),
    ),
    hands: async () => {
      if (options.hands !== undefined) return isDryRun ? dryHands(options.hands) : options.hands;
      throw new Fault('no-hands', options.whyNoHands);
    },
    environment: options.environment,
    callFunction: options.callFunction,
    record: options.record,
  });
  return { ports: portsFor(false), dryPorts: portsFor(true) };
}

/** Opened once; after a failure, at the next call. */
function opened(open: () => Promise<KubePort>): () => Promise<KubePort> {
  let opening: Promise<KubePort> | undefined;
  return () => {
    opening ??= open().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
}

function dryHands(hands: HandsPort): HandsPort {
  return {
    hostname: hands.hostname,
    ask: (request, signal) => hands.ask({ ...request, isDryRun: true }, signal),
  };
}
