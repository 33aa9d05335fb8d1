export interface ManifestSurroundings {
  readonly folder: string;
  readonly root: object;
  readonly version: string;
}

export function manifestProblems(manifest: object, surroundings: ManifestSurroundings): string[];
