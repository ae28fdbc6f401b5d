/** What the kernel does for the alert's pod, captured by `sysdig` on its node. */

import { choice, integer, schema, text } from '@peregrine/base';
import { type ActionOutcome, defineAction } from '../action.ts';
import { isNamespaceName } from '../targets/names.ts';
import { podTarget, podText } from '../targets/pod.ts';
import { capturedOutcome } from './captured.ts';
import type { KubePort } from './kube-port.ts';
import { podNode } from './object-view.ts';
import { orOutcome } from './outcome-of.ts';
import { podForRun } from './run-in-containers.ts';
import { secondsKey } from './seconds.ts';
import { captureFilter, endJob, jobPlace, jobPod, sysdigJob } from './sysdig-job.ts';

/** Seconds: until the job's pod runs; for what comes after the capture. */
const PATIENCE_S = 60;
const MARGIN_S = 60;
const MOST_BYTES = 256 * 1024 * 1024;

/** Numbers, and a filter of container ids, come as arguments. */
const CAPTURE =
  'sysdig --modern-bpf -M "$1" -s "$2" -z -w /tmp/capture.scap.gz "$3" >&2; cat /tmp/capture.scap.gz';

export const sysdig = defineAction({
  name: 'kubernetes:sysdig',
  platform: 'kubernetes',
  doc: 'Captures what the kernel does for the pod that the alert came from, or on all of its node, by `sysdig` in a privileged job on that node. The job is removed afterwards, and ends by itself in any case. Where our own sensor runs on the node, `host:capture` needs none of that.',
  parameters: schema({
    duration: secondsKey({ default: '5', min: 1, max: 30, doc: 'How long to capture.' }),
    buffer_size: integer({
      default: 2048,
      min: 128,
      max: 65_535,
      doc: 'Bytes that are kept of each buffer that is read or written.',
    }),
    scope: choice(['pod', 'node'], {
      default: 'pod',
      doc: 'Whether only the pod is captured, or all of its node.',
    }),
    image: text({ default: 'issif/sysdig:latest', doc: 'Image with `sysdig` and `sh`.' }),
    namespace: text({
      default: '',
      doc: 'Namespace of the job, which must allow privileged pods; empty, that of the hub: the environment variable `NAMESPACE`.',
      example: 'peregrine',
    }),
  }),
  refuses: ({ namespace }) =>
    namespace === '' || isNamespaceName(namespace)
      ? []
      : [{ key: 'namespace', why: 'is no name of a namespace' }],
  target: podTarget,
  continues: false,
  artifact: 'required',
  permissions: () => [
    { group: '', resource: 'pods', verbs: ['get', 'list'] },
    { group: '', resource: 'pods/exec', verbs: ['get', 'create'] },
    { group: 'batch', resource: 'jobs', verbs: ['create', 'delete'] },
  ],
  isRepeatable: false,
  timeoutMs: ({ duration }) => (PATIENCE_S + duration + MARGIN_S) * 1000,
  examples: [
    { doc: 'The pod, for five seconds.', parameters: {} },
    {
      doc: 'The whole node.',
      parameters: { scope: 'node', duration: 15, buffer_size: 512, namespace: 'peregrine' },
    },
  ],
  run: ({ runId, target, targetUid, parameters, ports, signal }) =>
    orOutcome(podText(target), async () => {
      const { duration, buffer_size, scope, image } = parameters;
      const namespace = parameters.namespace || (ports.environment.NAMESPACE ?? '');
      if (!isNamespaceName(namespace))
        return {
          kind: 'refused',
          reason: 'nothing says in which namespace the job is to run: set `namespace`',
        };
      const kube = await ports.kube();
      const found = await podForRun(kube, { target, targetUid, container: '' }, signal);
      if (found.kind !== 'pod') return found;
      const node = podNode(found.pod);
      const filter = scope === 'node' ? '' : captureFilter(found.pod);
      if (node === '' || filter === undefined)
        return { kind: 'refused', reason: `${podText(target)} has no container that runs` };
      const place = jobPlace(namespace, runId);
      const lifeS = PATIENCE_S + duration + MARGIN_S;
      await kube.create(place, sysdigJob(place, { image, node, lifeS }), signal);
      const subject = scope === 'pod' ? podText(target) : `node ${node}`;
      if (kube.isDryRun) return { kind: 'done', summary: `would capture ${duration} s of ${subject}` };
      try {
        return await captureIn(kube, { place, filter, duration, bufferBytes: buffer_size, subject }, signal);
      } finally {
        await endJob(kube, place);
      }
    }),
});

async function captureIn(
  kube: KubePort,
  request: {
    readonly place: ReturnType<typeof jobPlace>;
    readonly filter: string;
    readonly duration: number;
    readonly bufferBytes: number;
    readonly subject: string;
  },
  signal: AbortSignal,
): Promise<ActionOutcome> {
  const { place, filter, duration, bufferBytes, subject } = request;
  const started = await jobPod(kube, place, PATIENCE_S * 1000, signal);
  if (started.kind === 'refused') return started;
  const numbers = [String(Math.ceil(duration)), String(bufferBytes)];
  const result = await kube.exec(
    {
      ...{ namespace: place.namespace, pod: started.pod, container: 'sysdig' },
      command: ['sh', '-c', CAPTURE, 'capture', ...numbers, filter],
      mostBytes: MOST_BYTES,
    },
    signal,
  );
  return capturedOutcome(result, {
    ...{ name: 'sysdig.scap.gz', contentType: 'application/gzip', mostBytes: MOST_BYTES },
    what: `${duration} s of ${subject}`,
    isWhole: result.exitCode === 0 && result.stdout.length > 0,
  });
}
