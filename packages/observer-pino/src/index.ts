export type { EventLevel, EventLevels, EventOfType, EventType } from './levels.js';
export { pinoObserver, type PinoObserverOptions } from './pino-observer.js';
