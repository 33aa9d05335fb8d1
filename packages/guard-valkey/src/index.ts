export type { ValkeyArgument, ValkeyClient, ValkeyEndpoint } from '@cloudiful-scheduler/valkey-connection';
export { ValkeyExecutionGuard, type ValkeyExecutionGuardOptions } from './valkey-execution-guard.js';
