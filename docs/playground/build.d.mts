/** Writes the playground into a folder, ready for any file server or for none. */
export function buildPlayground(target: string): Promise<void>;
