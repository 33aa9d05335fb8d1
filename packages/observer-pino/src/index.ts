export type { EventLevel, EventLevels, EventOfType, EventType } from './levels.js';
export type { PinoLogger } from './pino-logger.js';
export { pinoObserver, type PinoObserverOptions } from './pino-observer.js';
