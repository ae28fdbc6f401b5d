/** The function of a tutorial on Falco and Kubeless as it is, and the alert that it is for. */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type Served, serve } from './functions-program.ts';
import { root, type Scratch } from './program.ts';

/** What the tutorial has its readers apply. */
export const tutorialFunction = `
apiVersion: v1
kind: ServiceAccount
metadata: {name: falco-pod-delete, namespace: kubeless}
---
apiVersion: kubeless.io/v1beta1
kind: Function
metadata:
  finalizers:
    - kubeless.io/function
  generation: 1
  labels:
    created-by: kubeless
    function: delete-pod
  name: delete-pod
  namespace: kubeless
spec:
  checksum: sha256:8a9f
  deployment:
    spec:
      template:
        spec:
          serviceAccountName: falco-pod-delete
  deps: |
    kubernetes>=12.0.1
  function-content-type: text
  function: |
    from kubernetes import client,config

    config.load_incluster_config()

    def delete_pod(event, context):
        rule = event['data']['rule'] or None
        output_fields = event['data']['output_fields'] or None

        if rule and rule == "Terminal shell in container" and output_fields:
            if output_fields['k8s.ns.name'] and output_fields['k8s.pod.name']:
                pod = output_fields['k8s.pod.name']
                namespace = output_fields['k8s.ns.name']
                print (f"Deleting pod \\"{pod}\\" in namespace \\"{namespace}\\"")
                client.CoreV1Api().delete_namespaced_pod(name=pod, namespace=namespace, body=client.V1DeleteOptions())
  handler: delete-pod.delete_pod
  runtime: python3.7
`;

/** The alert of the tutorial, digit for digit. */
export const tutorialAlert =
  '{"output":"23:39:44.834631763: Notice A shell was spawned in a container with an attached terminal (user=root user_loginuid=-1 k8s.ns=default k8s.pod=alpine container=5892b41bcf46 shell=sh parent=<NA> cmdline=sh terminal=34817 container_id=5892b41bcf46 image=<NA>) k8s.ns=default k8s.pod=alpine container=5892b41bcf46","priority":"Notice","rule":"Terminal shell in container","time":"2021-01-14T23:39:44.834631763Z", "output_fields": {"container.id":"5892b41bcf46","container.image.repository":null,"evt.time":1610667584834631763,"k8s.ns.name":"default","k8s.pod.name":"alpine","proc.cmdline":"sh","proc.name":"sh","proc.pname":null,"proc.tty":34817,"user.loginuid":-1,"user.name":"root"}}';

const says = (program: string, given: readonly string[]): boolean =>
  spawnSync(program, given, { stdio: 'ignore' }).status === 0;

/** Why it cannot be run here; `undefined` when it can. */
export function tutorialObstacle(): string | undefined {
  if (!says('/usr/bin/python3', ['-c', 'import kubernetes']))
    return 'needs the Debian package python3-kubernetes';
  return says('unshare', ['--mount', 'true'])
    ? undefined
    : 'needs root, to have credentials where a pod has them';
}

/**
 * Serves it in a program that finds the files where a pod has them: `token`, `ca.crt` and `namespace`. `environment` says
 * where the API server is.
 */
export function serveInPod(
  scratch: Scratch,
  files: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Served> {
  // `/run` is empty there, for nobody but the program, and holds what Kubernetes puts there.
  const folder = '/run/secrets/kubernetes.io/serviceaccount';
  const pod = [
    'mount -t tmpfs tmpfs /run',
    `mkdir -p ${folder}`,
    `cp ${files.join(' ')} ${folder}`,
    'exec "$@"',
  ].join(' && ');
  return serve(scratch, scratch.write('delete-pod.yaml', tutorialFunction), {
    prefix: [
      ...['/usr/bin/unshare', '--mount', '--propagation', 'private', '--'],
      ...['sh', '-c', pod, 'sh', join(root, 'bin', 'peregrine')],
    ],
    environment,
  });
}
