/** What is served under a path. Routes only read: whatever asks, nothing changes. */

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface Route {
  /** Whole path, from the slash on. */
  readonly path: string;
  readonly answer: () => Promise<Answer>;
}

export function jsonAnswer(value: unknown, status = 200): Answer {
  return { status, contentType: 'application/json', body: JSON.stringify(value) };
}

export function textAnswer(body: string, status = 200, contentType = 'text/plain; charset=utf-8'): Answer {
  return { status, contentType, body };
}
