/** A container runtime that speaks Docker's or Podman's API: an HTTP server on a local socket. */

import { rmSync } from 'node:fs';
import { createServer } from 'node:http';

export type StopServer = () => Promise<void>;

export interface DockerServerOptions {
  readonly socket: string;
  /** Answers by path; text is sent as it is, the rest as JSON. Anything else is not found. */
  readonly answers?: Readonly<Record<string, unknown>>;
  readonly manner?: 'answers' | 'hangs' | 'breaks off';
  /** Told of each question. */
  readonly onQuestion?: (path: string) => void;
}

export async function startDockerServer(options: DockerServerOptions): Promise<StopServer> {
  const { socket, answers = {}, manner = 'answers', onQuestion = () => {} } = options;
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    onQuestion(path);
    if (manner === 'hangs') return;
    if (manner === 'breaks off') {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"Id":');
      setImmediate(() => response.destroy());
      return;
    }
    const answer = answers[path];
    response.statusCode = answer === undefined ? 404 : 200;
    response.setHeader('content-type', 'application/json');
    response.end(
      typeof answer === 'string' ? answer : JSON.stringify(answer ?? { message: 'no such container' }),
    );
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.on('error', reject).listen(socket, resolve);
  await promise;
  return async () => {
    const { promise: closed, resolve: done } = Promise.withResolvers<void>();
    server.close(() => done());
    server.closeAllConnections();
    await closed;
    rmSync(socket, { force: true });
  };
}
