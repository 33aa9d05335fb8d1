export interface PublishedPackage {
  readonly directory: string;
  readonly name: string;
  readonly version: string;
}

export const root: string;
export const CORE: string;
export function publishedPackages(): PublishedPackage[];
export function coreRange(version: string): string;
