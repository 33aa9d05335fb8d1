/** The bytes in use after a full collection; needs `--expose-gc`. */
export declare function heapUsed(): number;
