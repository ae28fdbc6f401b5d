/** Asks the API of a web interface as its pages do. */

export class WebClient {
  readonly #url: string;
  #csrfToken = '';

  constructor(url: string) {
    this.#url = url.replace(/\/$/, '');
  }

  async get(path: string): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
    return this.#ask('GET', path);
  }

  async send(
    method: 'POST' | 'PUT',
    path: string,
    body?: unknown,
  ): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
    if (this.#csrfToken === '') {
      const { body: session } = await this.#ask('GET', '/session');
      this.#csrfToken = String(session.csrfToken ?? '');
    }
    return this.#ask(method, path, body);
  }

  async #ask(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
    const response = await fetch(`${this.#url}/api/v2${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'x-csrf-token': this.#csrfToken, origin: this.#url },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }; // Of the API, always an object.
  }
}

/** The address that the log tells of; `undefined`: not yet. */
export function webAddressIn(log: string): string | undefined {
  return /web interface: (http:\S+)/.exec(log)?.[1];
}
