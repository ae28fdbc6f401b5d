/**
 * The rule language turns texts into bytes and back with what Node calls `Buffer`. This is as much of it as the language asks
 * for, for the thread that checks rules in a browser. To be imported before the language.
 */

type Encoding = 'utf8' | 'latin1' | 'hex' | 'base64';

class Bytes {
  readonly #latin1: string;

  constructor(latin1: string) {
    this.#latin1 = latin1;
  }

  toString(encoding: Encoding = 'utf8'): string {
    switch (encoding) {
      case 'latin1':
        return this.#latin1;
      case 'base64':
        return btoa(this.#latin1);
      case 'utf8':
        return new TextDecoder().decode(Uint8Array.from(this.#latin1, (char) => char.charCodeAt(0)));
      case 'hex':
        return Array.from(this.#latin1, (char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('');
    }
  }
}

function latin1Of(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function read(text: string, encoding: Encoding): string {
  switch (encoding) {
    case 'latin1':
      return text;
    case 'utf8':
      return latin1Of(new TextEncoder().encode(text));
    case 'base64':
      return atob(text.replace(/[^\w+/]/g, ''));
    case 'hex':
      return (/^(?:[0-9a-f]{2})*/i.exec(text)?.[0] ?? '').replace(/../g, (pair) =>
        String.fromCharCode(Number.parseInt(pair, 16)),
      );
  }
}

export const bufferParts = {
  from: (source: string | ArrayBufferLike, second: Encoding | number = 'utf8', sizeBytes?: number): Bytes =>
    typeof source === 'string'
      ? new Bytes(read(source, typeof second === 'string' ? second : 'utf8'))
      : new Bytes(latin1Of(new Uint8Array(source, typeof second === 'number' ? second : 0, sizeBytes))),
};

if (!('Buffer' in globalThis)) Object.assign(globalThis, { Buffer: bufferParts });
