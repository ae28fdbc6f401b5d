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
