/** containerd as those see it who use it directly. */

import type { StopServer } from './docker-server.ts';
import { type GrpcServerOptions, type Plain, startGrpcServer } from './grpc-server.ts';

export interface ContainerdServerOptions extends Omit<GrpcServerOptions, 'services'> {
  /** Containers by namespace, then by id: a `Container` without id, its specification as an object or text. */
  readonly namespaces: Readonly<Record<string, Readonly<Record<string, Plain>>>>;
  /** Digests of images by name. */
  readonly digests?: Readonly<Record<string, string>>;
}

export function startContainerdServer(options: ContainerdServerOptions): Promise<StopServer> {
  const { namespaces, digests = {} } = options;
  return startGrpcServer({
    ...options,
    services: [
      {
        file: 'containerd-namespaces.proto',
        name: 'containerd.services.namespaces.v1.Namespaces',
        answers: { List: () => ({ namespaces: Object.keys(namespaces).map((name) => ({ name })) }) },
      },
      {
        file: 'containerd-containers.proto',
        name: 'containerd.services.containers.v1.Containers',
        answers: {
          Get: ({ id }, header) => {
            const found = namespaces[header('containerd-namespace') ?? '']?.[String(id)];
            if (found === undefined) return undefined;
            const spec = typeof found.spec === 'string' ? found.spec : JSON.stringify(found.spec);
            return { container: { ...found, id, spec: { type_url: 'types', value: Buffer.from(spec) } } };
          },
        },
      },
      {
        file: 'containerd-images.proto',
        name: 'containerd.services.images.v1.Images',
        answers: {
          Get: ({ name }, header) => {
            const digest = digests[String(name)];
            if (digest === undefined || header('containerd-namespace') === undefined) return undefined;
            return { image: { name, target: { digest, size: 7 } } };
          },
        },
      },
    ],
  });
}
