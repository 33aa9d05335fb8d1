export { type Fault, FaultyProxy } from './faulty-proxy.js';
export { describeOnEachServer, type Flavour, isSkipped, ownServer } from './flavours.js';
export { TestCluster } from './test-cluster.js';
export { TestSentinel } from './test-sentinel.js';
export { freePort, TestServer, type TestServerOptions } from './test-server.js';
