export type { Commands } from './call.js';
export { checkEndpoint, checkMilliseconds, checkOptionNames, checkString } from './checks.js';
export type { ValkeyArgument, ValkeyClient, ValkeyEndpoint } from './client.js';
export { type Failure, type FailureKind, toFailure } from './failure.js';
export { keyBytes } from './key-bytes.js';
export { Script } from './script.js';
export { ValkeyConnection, type ValkeyConnectionSettings } from './valkey-connection.js';
