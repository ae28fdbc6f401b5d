declare module 'virtual:operations' {
  /** Method and path by the name of the operation. */
  export const operationPaths: Readonly<Record<string, readonly [string, string]>>;
  /** Why a provider's sign-in failed, for people, by the code in the address. */
  export const oidcFailures: Readonly<Record<string, string>>;
}
