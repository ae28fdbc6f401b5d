/** What `open_params` may be for plugins that take events from anywhere. */

export const addressForms = [
  { form: 'http://HOST:PORT/PATH', doc: 'A web server for POST requests; without a host, on all addresses.' },
  { form: 'https://HOST:PORT/PATH', doc: 'The same with TLS.' },
  { form: 'file:///PATH', doc: 'What is added to a file from now on, through rotations.' },
  { form: 'unix:///PATH', doc: 'JSON lines that are written to a Unix socket.' },
  { form: 'stdin', doc: 'JSON lines from standard input.' },
  {
    form: 'PATH',
    doc: 'A file, or the files of a folder, to the end: JSON lines or whole documents, compressed or not.',
  },
] as const;

/** And where they may be besides, for those that read services which keep messages. */
export const queueForms = [
  {
    form: 'nats://HOST:PORT/SUBJECT',
    doc: 'Messages of NATS, one document each; of JetStream where `stream` is set. `nats+tls://` with TLS; several servers with commas between.',
  },
  {
    form: 'kafka://HOST:PORT/TOPIC',
    doc: 'Messages of a topic of Kafka, or of what speaks its protocol, one document each. `kafka+tls://` with TLS; several servers with commas between.',
  },
] as const;
