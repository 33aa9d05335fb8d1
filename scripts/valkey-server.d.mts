export declare const SERVER_NAMES: readonly string[];
export declare function findServer(
  name: string,
): { path: string; env: Record<string, string>; missing?: undefined } | { missing: string; path?: undefined };
