/**
 * The connections of a server, so many at most. When there are as many and another one comes, the one goes that has kept
 * the server waiting for longest: who sends slowly, or nothing at all, can keep nobody else out.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export class Connections {
  readonly #most: number;
  readonly #onCrowded: (socket: Socket) => void;
  /** Whose next request has not come whole, in the order in which the wait began. */
  readonly #awaited = new Set<Socket>();
  /** Requests whose bodies have not come whole. */
  readonly #coming = new WeakMap<Socket, IncomingMessage>();
  #count = 0;

  /** `onCrowded`: told of a connection that has to go. */
  constructor(most: number, onCrowded: (socket: Socket) => void) {
    this.#most = most;
    this.#onCrowded = onCrowded;
  }

  opened(socket: Socket): void {
    this.#count++;
    socket.once('close', () => {
      this.#count--;
      this.#awaited.delete(socket);
    });
    if (this.#count > this.#most) {
      // All that are there may be waiting for us: then it is the new one that goes.
      const [slowest = socket] = this.#awaited;
      this.#onCrowded(slowest);
      slowest.destroy();
      if (slowest === socket) return;
    }
    this.#awaited.add(socket);
  }

  asked(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    this.#coming.set(socket, request);
    request.once('end', () => {
      this.#awaited.delete(socket);
      this.#coming.delete(socket);
    });
    response.once('finish', () => {
      if (socket.destroyed) return;
      this.#awaited.delete(socket);
      this.#awaited.add(socket);
    });
  }

  /** Whether a request of the connection is known whose body has not come whole. */
  isComing(socket: Socket): boolean {
    return this.#coming.has(socket);
  }
}
