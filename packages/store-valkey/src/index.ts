export type { ValkeyArgument, ValkeyClient, ValkeyEndpoint } from '@cloudiful-scheduler/valkey-connection';
export {
  ResilientValkeyStateStore,
  type ResilientValkeyStateStoreOptions,
} from './resilient-valkey-state-store.js';
export { ValkeyStateStore, type ValkeyStateStoreOptions } from './valkey-state-store.js';
