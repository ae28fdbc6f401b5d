/**
 * Addresses. A 32-bit address is an unsigned integer with the first octet highest; a 128-bit address is its
 * 16 bytes as byte text. The same form as the rule language's `IpAddress`.
 */
export type IpBytes = number | string;
