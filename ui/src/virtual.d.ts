declare module 'virtual:operations' {
  /** Method and path by the name of the operation. */
  export const operationPaths: Readonly<Record<string, readonly [string, string]>>;
}
