/** How actions reach the world from the hub: each way is opened when it is first asked for, and again after it failed. */

import { type ActionPorts, type HandsPort, type OpenedKube, openKube } from '@peregrine/actions';
import { Fault } from '@peregrine/base';

export interface ActionPortsOptions {
  /** File; empty, as a pod does. */
  readonly kubeconfig: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `undefined`: nothing acts on this machine; `why` says so. */
  readonly hands: HandsPort | undefined;
  readonly whyNoHands: string;
  /** Values of a section of the hub's configuration, by its name. */
  readonly settings: (section: string) => Readonly<Record<string, unknown>>;
  readonly callFunction: ActionPorts['callFunction'];
  readonly record: ActionPorts['record'];
}

export interface OpenActionPorts {
  readonly ports: ActionPorts;
  /** These change nothing. */
  readonly dryPorts: ActionPorts;
  /** Why Kubernetes could not be reached when that was last tried; `undefined`: it could, or nobody tried. */
  kubernetesTrouble(): string | undefined;
  close(): Promise<void>;
}

export function createActionPorts(options: ActionPortsOptions): OpenActionPorts {
  const { kubeconfig, environment, hands, whyNoHands, ...rest } = options;
  let opening: Promise<OpenedKube> | undefined;
  let trouble: string | undefined;
  const kube = (): Promise<OpenedKube> => {
    opening ??= openKube({ kubeconfig, environment }).then(
      (opened) => {
        trouble = undefined;
        return opened;
      },
      (error: unknown) => {
        opening = undefined;
        trouble = error instanceof Error ? error.message : String(error);
        throw error;
      },
    );
    return opening;
  };
  const openHands = async (): Promise<HandsPort> => {
    if (hands === undefined) throw new Fault('no-hands', whyNoHands);
    return hands;
  };
  return {
    ports: {
      ...{ ...rest, environment, hands: openHands },
      kube: async () => (await kube()).port,
    },
    dryPorts: {
      ...{ ...rest, environment },
      hands: async () => dryHands(await openHands()),
      kube: async () => (await kube()).dryPort,
    },
    kubernetesTrouble: () => trouble,
    close: async () => {
      const opened = await opening?.catch(() => undefined);
      opened?.close();
    },
  };
}

function dryHands(hands: HandsPort): HandsPort {
  return {
    hostname: hands.hostname,
    ask: (request, signal) => hands.ask({ ...request, isDryRun: true }, signal),
  };
}
