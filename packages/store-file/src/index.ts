export { FileStateStore, type FileStateStoreOptions } from './file-state-store.js';
