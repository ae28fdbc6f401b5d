/** What goes over the network of the alert's pod. */

import { integer, schema, text } from '@peregrine/base';
import { defineAction } from '../action.ts';
import { podTarget, podText } from '../targets/pod.ts';
import { capturedOutcome } from './captured.ts';
import { addEphemeral, ephemeralName, ephemeralRuns, hasEphemeral } from './ephemeral-container.ts';
import { execPermissions } from './exec.ts';
import { orOutcome } from './outcome-of.ts';
import { podForRun } from './run-in-containers.ts';
import { secondsKey } from './seconds.ts';

/** COMPAT: as long as Talon's waits, and lives beside its capture, seconds. */
const PATIENCE_S = 20;
const LIFE_S = 60;
const MARGIN_S = 40;
const MOST_BYTES = 128 * 1024 * 1024;
const PCAP_HEADER_BYTES = 24;

/** Numbers come as arguments, and nothing else does. Shells keep SIGINT from what runs in the background. */
const CAPTURE =
  'tcpdump -n -i any -s "$1" -U -w - & own=$!; sleep "$2"; kill -TERM "$own"; wait "$own"; exit 0';

export const tcpdump = defineAction({
  name: 'kubernetes:tcpdump',
  platform: 'kubernetes',
  doc: 'Captures packets of the pod that the alert came from, by `tcpdump` in an ephemeral container. Unlike with Falco Talon, that container has the capabilities for it instead of being privileged, and `snaplen` is 4096 unless set. At most 128 MiB.',
  parameters: schema({
    duration: secondsKey({ default: '5', min: 1, max: 600, doc: 'How long to capture.' }),
    snaplen: integer({
      default: 4096,
      min: 0,
      max: 262_144,
      doc: 'Bytes that are kept of each packet; 0, all.',
    }),
    image: text({ default: 'issif/tcpdump:latest', doc: 'Image with `tcpdump` and `sh`.' }),
  }),
  target: podTarget,
  continues: false,
  artifact: 'required',
  permissions: () => [
    ...execPermissions,
    { group: '', resource: 'pods/ephemeralcontainers', verbs: ['patch'] },
  ],
  isRepeatable: false,
  timeoutMs: ({ duration }) => (PATIENCE_S + duration + MARGIN_S) * 1000,
  examples: [
    { doc: 'Five seconds.', parameters: {} },
    {
      doc: 'Longer, with whole packets, and an image of one’s own.',
      parameters: { duration: '1m', snaplen: 0, image: 'registry.example.org/tcpdump:4.99' },
    },
  ],
  run: ({ runId, target, targetUid, parameters: { duration, snaplen, image }, ports, signal }) =>
    orOutcome(podText(target), async () => {
      const kube = await ports.kube();
      const found = await podForRun(kube, { target, targetUid, container: '' }, signal);
      if (found.kind !== 'pod') return found;
      const container = ephemeralName('tcpdump', runId);
      const lifeS = PATIENCE_S + duration + LIFE_S;
      if (!hasEphemeral(found.pod, container))
        await addEphemeral(kube, target, containerOf(container, image, lifeS), signal);
      if (kube.isDryRun)
        return { kind: 'done', summary: `would capture ${duration} s of ${podText(target)}` };
      const started = await ephemeralRuns(
        kube,
        { target, name: container, patienceMs: PATIENCE_S * 1000 },
        signal,
      );
      if (started.kind !== 'running') return started;
      const command = ['sh', '-c', CAPTURE, 'capture', String(snaplen), String(Math.ceil(duration))];
      const exec = {
        namespace: target.namespace,
        pod: target.name,
        container,
        command,
        mostBytes: MOST_BYTES,
      };
      const result = await kube.exec(exec, signal);
      return capturedOutcome(result, {
        ...{ name: 'tcpdump.pcap', contentType: 'application/vnd.tcpdump.pcap', mostBytes: MOST_BYTES },
        what: `${duration} s of ${podText(target)}`,
        isWhole: result.stdout.length >= PCAP_HEADER_BYTES,
      });
    }),
});

function containerOf(name: string, image: string, lifeS: number): Record<string, unknown> {
  return {
    ...{ name, image, command: ['sleep', String(Math.ceil(lifeS))] },
    securityContext: { runAsUser: 0, runAsNonRoot: false, capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } },
  };
}
